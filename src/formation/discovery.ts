import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { Repeater } from './repeater.js'
import type { CandidateSource } from './types.js'
import type { Clock } from '../clock.js'
import type { KeyRing } from '../keys/index.js'
import type { ComponentLogger, ContentRouting, Libp2pEvents, Logger, PeerId, PeerStore, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'

const NO_SALT = new Uint8Array(0)
const RAW = 0x55
const SHA2_256 = 0x12

/** Provider records live for two days, but the addresses that go with them only half an hour to an hour. */
const ANNOUNCE_MS = 20 * 60_000
/** A node without routing peers hangs in provide and findProviders until its signal ends them. */
const ANNOUNCE_LIMIT_MS = 10_000
const SEARCH_LIMIT_MS = 5_000
const SEARCH_MIN_MS = 200
const SEARCH_MAX_MS = 5_000
const SEARCH_SETTLED_MS = 60_000
/** A new peer may be the first to hear an announcement: but twenty that turn up together are one occasion. */
const IDENTIFY_PAUSE_MS = 250
/** Candidates kept. They are hints, and most of what is over it is dead. */
const MAX_CANDIDATES = 1_024

export interface DiscoveryComponents {
  readonly peerId: PeerId
  readonly contentRouting: Pick<ContentRouting, 'provide' | 'findProviders'>
  readonly connectionManager: Pick<ConnectionManager, 'getConnections'>
  readonly registrar: Pick<Registrar, 'register' | 'unregister'>
  readonly peerStore: Pick<PeerStore, 'get'>
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly logger: ComponentLogger
}

export interface DiscoveryOptions {
  readonly namespace: string
  readonly clock: Clock
  readonly random: () => number
  /** Protocols whose speakers may serve the namespace. */
  readonly protocols: readonly string[]
  /** Announce this node at the rendezvous: it serves the namespace. Default true; a mere client sets false. */
  readonly announce?: boolean
  /** The namespace's: the rendezvous is keyed. */
  readonly keys?: KeyRing
}

/**
 * Where the nodes of a namespace meet in the DHT. With keys, in places that only their holders can name, or everybody could list who
 * serves the namespace: one for each key, so that a ring that has the next one already and a ring that has the last one still meet.
 */
export function rendezvousCids (namespace: string, keys?: KeyRing): CID[] {
  if (keys === undefined) return [cidOf(createHash('sha256').update(`raftmesh rendezvous v1${namespace}`).digest())]
  return keys.keys.map(key => cidOf(key.derive('rendezvous', NO_SALT, [namespace])))
}

function cidOf (hash: Uint8Array): CID { return CID.createV1(RAW, Digest.create(SHA2_256, new Uint8Array(hash))) }

/**
 * Finds peers that may serve a namespace: by DHT rendezvous, among connected peers, and from whoever calls `add`. Candidates only:
 * provider records are unsigned hints, and name this node and the dead, too.
 */
export class Discovery implements CandidateSource, AsyncDisposable {
  readonly #log: Logger
  readonly #found = new Set<string>()
  readonly #listeners = new Set<(peer: string) => void>()
  readonly #announcer: Repeater
  readonly #searcher: Repeater
  readonly #topologies: string[] = []
  readonly #stopping = new AbortController()
  #stopWatching: (() => void) | undefined
  #searchPause = SEARCH_MIN_MS
  #announcePause = SEARCH_MIN_MS
  #settled = false
  #search: AbortController | undefined
  #identified: { cancel: () => void } | undefined

  constructor (private readonly components: DiscoveryComponents, private readonly options: DiscoveryOptions) {
    this.#log = components.logger.forComponent(`raft:discovery:${options.namespace}`)
    const { clock } = options
    this.#announcer = new Repeater(clock, async ({ signal }) => await this.#announce(signal), error => { this.#log('announcing failed - %e', error) })
    this.#searcher = new Repeater(clock, async ({ signal }) => await this.#find(signal), error => { this.#log('search failed - %e', error) })
  }

  /** Only once libp2p has started: services start in parallel, and the DHT may not be up before. */
  async start (): Promise<void> {
    for (const protocol of this.options.protocols) {
      this.#topologies.push(await this.components.registrar.register(protocol, { onConnect: peer => { this.add(peer.toString()) } }))
    }
    this.components.events.addEventListener('peer:identify', this.#onIdentify)
    // A topology tells of connections to come only.
    for (const connection of this.components.connectionManager.getConnections()) await this.#addIfServing(connection.remotePeer)
    if (this.#stopping.signal.aborted) return
    this.#stopWatching = this.options.keys?.onChange(() => { this.#onKeys() })
    if (this.options.announce !== false) this.#announcer.kick()
    this.#searcher.kick()
  }

  candidates (): string[] { return [...this.#found] }

  onCandidate (listener: (peer: string) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /** A peer heard of elsewhere: a static address, another node's peer list. */
  add (peer: string): void {
    if (peer === this.components.peerId.toString() || this.#stopping.signal.aborted) return
    if (!this.#found.has(peer)) {
      if (this.#found.size >= MAX_CANDIDATES) this.#found.delete(this.#found.values().next().value as string)
      this.#found.add(peer)
    }
    for (const listener of this.#listeners) listener(peer)
  }

  /** Search seldom (the group is formed) or eagerly again. */
  setSettled (settled: boolean): void {
    if (this.#settled === settled) return
    this.#settled = settled
    if (!settled) {
      this.#searchPause = SEARCH_MIN_MS
      this.#searcher.kick()
    }
  }

  async close (): Promise<void> {
    this.#stopping.abort(new Error('discovery was closed'))
    this.#identified?.cancel()
    this.#stopWatching?.()
    this.components.events.removeEventListener('peer:identify', this.#onIdentify)
    for (const id of this.#topologies.splice(0)) this.components.registrar.unregister(id)
    await Promise.all([this.#announcer.stop(), this.#searcher.stop()])
    this.#listeners.clear()
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  async #addIfServing (peer: PeerId): Promise<void> {
    try {
      const { protocols } = await this.components.peerStore.get(peer, { signal: this.#stopping.signal })
      if (protocols.some(protocol => this.options.protocols.includes(protocol))) this.add(peer.toString())
    } catch (error) {
      // Not identified yet: its topology will tell.
      this.#log('no protocols known of %p - %e', peer, error)
    }
  }

  /** All of it is over when this is. */
  async #everywhere (visit: (cid: CID) => Promise<void>): Promise<void> {
    const visits = await Promise.allSettled(rendezvousCids(this.options.namespace, this.options.keys).map(visit))
    for (const visited of visits) if (visited.status === 'rejected') throw visited.reason
  }

  /** Others may have rotated before us: be found, and look, at the new places as well. */
  #onKeys (): void {
    if (this.options.announce !== false) this.#announcer.kick()
    this.#searchPause = SEARCH_MIN_MS
    this.#searcher.kick()
  }

  readonly #onIdentify = (): void => {
    if (this.#identified !== undefined || this.#stopping.signal.aborted) return
    this.#identified = this.options.clock.setTimer(this.#settled ? 40 * IDENTIFY_PAUSE_MS : IDENTIFY_PAUSE_MS, () => {
      this.#identified = undefined
      if (this.options.announce !== false) this.#announcer.kick()
      if (this.#settled) return
      // A search that began without routing peers hangs: begin it anew with the one that is here now.
      this.#searchPause = SEARCH_MIN_MS
      this.#search?.abort()
      this.#searcher.kick()
    })
  }

  async #announce (signal: AbortSignal): Promise<number> {
    try {
      await this.#limited(ANNOUNCE_LIMIT_MS, signal, async limit => {
        await this.#everywhere(async cid => { await this.components.contentRouting.provide(cid, { signal: limit.signal }) })
      })
      this.#announcePause = SEARCH_MIN_MS
      return ANNOUNCE_MS * (0.75 + this.options.random() / 4)
    } catch (error) {
      if (signal.aborted) throw error
      this.#log('announced to nobody - %e', error)
      this.#announcePause = Math.min(SEARCH_SETTLED_MS, this.#announcePause * 2)
      return this.#announcePause
    }
  }

  async #find (signal: AbortSignal): Promise<number> {
    try {
      await this.#limited(SEARCH_LIMIT_MS, signal, async limit => {
        this.#search = limit
        await this.#everywhere(async cid => {
          for await (const provider of this.components.contentRouting.findProviders(cid, { signal: limit.signal })) this.add(provider.id.toString())
        })
      })
    } catch (error) {
      if (signal.aborted) throw error
      this.#log('search ended early - %e', error)
    } finally {
      this.#search = undefined
    }
    const pause = this.#searchPause
    this.#searchPause = Math.min(this.#settled ? SEARCH_SETTLED_MS : SEARCH_MAX_MS, pause * 1.5)
    return pause * (0.75 + this.options.random() / 4)
  }

  async #limited (ms: number, signal: AbortSignal, task: (limit: AbortController) => Promise<void>): Promise<void> {
    const limit = new AbortController()
    const timer = this.options.clock.setTimer(ms, () => { limit.abort(new Error(`not done within ${ms} ms`)) })
    const stop = (): void => { limit.abort(signal.reason) }
    signal.addEventListener('abort', stop)
    try {
      signal.throwIfAborted()
      await task(limit)
    } finally {
      timer.cancel()
      signal.removeEventListener('abort', stop)
    }
  }
}
