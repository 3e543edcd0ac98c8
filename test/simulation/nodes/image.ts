import { crc32 } from 'node:zlib'
import { decodeBlock } from '../../../src/raft/block.js'
import { byteString } from '../../../src/storage/bytes.js'
import { readU64 } from '../../../src/storage/codec.js'
import { GroupKeys } from '../../../src/storage/index.js'
import { decodeHardState, decodeIdentity, decodeLogStart } from '../../../src/storage/records.js'
import type { Entry, HardState } from '../../../src/raft/types.js'
import type { GroupIdentity, StoreOp } from '../../../src/storage/index.js'

/** Format and checksum, which the block has one more of. */
const SEAL_BYTES = 5

/** Where a group's records lie in a store, as strings to compare with. */
export class GroupPlaces {
  readonly all: string
  readonly log: string
  readonly hardState: string
  readonly identity: string
  readonly logStart: string
  /** Manifests and chunks. */
  readonly snapshots: string
  readonly staged: string

  constructor (namespace: string) {
    const keys = new GroupKeys(namespace)
    this.all = byteString(keys.all.gte)
    this.log = byteString(keys.log)
    this.hardState = byteString(keys.hardState)
    this.identity = byteString(keys.identity)
    this.logStart = byteString(keys.logStart)
    this.snapshots = byteString(keys.manifests).slice(0, -'manifest/'.length)
    this.staged = byteString(keys.staged)
  }
}

export interface Stored { readonly term: number, readonly sum: number, readonly entry: Entry }

/** What a disk holds of one group, read from the batches that landed there: the log, the vote, and who this is. */
export class Image {
  identity: GroupIdentity | undefined
  hard: HardState | undefined
  /** The log begins after this index. */
  start = 0
  lastIndex = 0
  readonly entries = new Map<number, Stored>()
  /** The changes of the membership among them, in order. */
  readonly configurations = new Map<number, Entry>()
  private readonly frames = new Set<number>()

  constructor (private readonly places: GroupPlaces) {}

  /** Entries that are new in this batch. */
  apply (ops: readonly StoreOp[]): Entry[] {
    const fresh: Entry[] = []
    let started = false
    for (const op of ops) {
      const key = byteString(op.key)
      if (!key.startsWith(this.places.all)) continue
      if (key.startsWith(this.places.log)) {
        const first = readU64(op.key, this.places.log.length)
        if (op.type === 'put') fresh.push(...this.put(first, op.value))
        else this.frames.delete(first)
      } else if (key === this.places.hardState) this.hard = op.type === 'put' ? decodeHardState(op.key, op.value).hardState : undefined
      else if (key === this.places.logStart && op.type === 'put') {
        started = true
        this.begin(decodeLogStart(op.key, op.value).index)
      } else if (key === this.places.identity) {
        this.identity = op.type === 'put' ? decodeIdentity(op.key, op.value) : undefined
        if (op.type === 'del') this.clear()
      }
    }
    // A snapshot replaces the whole log; a compaction leaves at least the frame that reaches its end.
    if (started && this.frames.size === 0) {
      this.entries.clear()
      this.configurations.clear()
      this.lastIndex = this.start
    }
    return fresh
  }

  /** From all rows of a store, in order. */
  load (rows: ReadonlyArray<[Uint8Array, Uint8Array]>): void {
    this.clear()
    this.identity = undefined
    this.hard = undefined
    const start = rows.find(([key]) => byteString(key) === this.places.logStart)
    const from = start === undefined ? 1 : decodeLogStart(...start).frame
    const isLeftOver = (key: Uint8Array): boolean => byteString(key).startsWith(this.places.log) && readU64(key, this.places.log.length) < from
    this.apply(rows.filter(([key]) => !isLeftOver(key)).map(([key, value]) => ({ type: 'put', key, value })))
    this.begin(start === undefined ? 0 : decodeLogStart(...start).index)
    if (this.frames.size === 0) this.lastIndex = this.start
  }

  private put (first: number, value: Uint8Array): Entry[] {
    for (let index = first; index <= this.lastIndex; index++) this.entries.delete(index)
    for (const index of this.configurations.keys()) if (index >= first) this.configurations.delete(index)
    for (const frame of this.frames) if (frame >= first) this.frames.delete(frame)
    this.frames.add(first)
    const entries = decodeBlock(value.slice(SEAL_BYTES))
    for (const entry of entries) {
      this.entries.set(entry.index, { term: entry.term, sum: crc32(entry.data, entry.kind.length), entry })
      if (entry.kind === 'config') this.configurations.set(entry.index, entry)
    }
    this.lastIndex = first + entries.length - 1
    return entries
  }

  private begin (index: number): void {
    for (let i = this.start + 1; i <= index; i++) this.entries.delete(i)
    for (const at of this.configurations.keys()) if (at <= index) this.configurations.delete(at)
    this.start = index
    this.lastIndex = Math.max(this.lastIndex, index)
  }

  private clear (): void {
    this.entries.clear()
    this.configurations.clear()
    this.frames.clear()
    this.start = 0
    this.lastIndex = 0
  }
}
