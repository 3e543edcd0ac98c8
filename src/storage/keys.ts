import { concat, prefixRange } from './bytes.js'
import { u32, u64 } from './codec.js'
import type { ByteRange } from './bytes.js'

/**
 * The key space of a node's one database. libp2p's datastore lives in the sublevel `!libp2p!`; raftmesh writes raw keys beside it:
 *
 *   n/…                        the node's own metadata
 *   g<namespace>\0log/…        one group: packed log frames, by first index
 *   g<namespace>\0stable/…     vote, identity, where the log begins; the group's small named values
 *   g<namespace>\0data/…       the state machine's
 *   g<namespace>\0snap/…       snapshot manifests, and chunks by snapshot id
 *   g<namespace>\0epochs       what the keys of encryption at rest are derived from
 *   g<namespace>\0stage/…      the manifest of a snapshot that is being received
 *
 * A namespace has no zero byte, so `/raft/a` and `/raft/a/log` can't read each other's keys. Raw keys, not sublevels: those cost
 * several µs per operation.
 */
const text = new TextEncoder()

export const nodeKey = (name: string): Uint8Array => text.encode(`n/${name}`)

export class GroupKeys {
  readonly all: ByteRange
  readonly log: Uint8Array
  readonly data: Uint8Array
  readonly chunks: Uint8Array
  readonly manifests: Uint8Array
  readonly hardState: Uint8Array
  readonly identity: Uint8Array
  readonly logStart: Uint8Array
  readonly destroying: Uint8Array
  readonly staged: Uint8Array
  readonly epochs: Uint8Array
  /** Everything, in two parts: what is only ever written synced, and a few small records that are not. */
  readonly bulk: ByteRange
  readonly small: ByteRange
  readonly #named: Uint8Array

  constructor (namespace: string) {
    if (namespace.includes('\0')) throw new Error('a namespace has no zero byte')
    const key = (section: string): Uint8Array => text.encode(`g${namespace}\0${section}`)
    this.all = prefixRange(key(''))
    this.log = key('log/')
    this.data = key('data/')
    this.manifests = key('snap/manifest/')
    this.chunks = key('snap/chunk/')
    this.hardState = key('stable/raft/hard-state')
    this.identity = key('stable/raft/identity')
    this.logStart = key('stable/raft/log-start')
    this.destroying = key('stable/raft/destroying')
    this.#named = key('stable/named/')
    this.staged = key('stage/manifest')
    this.epochs = key('epochs')
    // By the alphabet: data, epochs, log and snap come before, stage behind.
    this.bulk = { gte: this.all.gte, lt: key('stable/') }
    this.small = { gte: key('stable/'), lt: this.all.lt }
  }

  frame (index: number): Uint8Array { return concat(this.log, u64(index)) }

  named (name: string): Uint8Array { return concat(this.#named, text.encode(name)) }

  manifest (index: number, id: string): Uint8Array { return concat(this.manifests, u64(index), text.encode(id)) }

  chunksOf (id: string): Uint8Array { return concat(this.chunks, text.encode(`${id}/`)) }

  chunk (id: string, seq: number): Uint8Array { return concat(this.chunksOf(id), u32(seq)) }
}
