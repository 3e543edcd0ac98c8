import { randomBytes } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'
import { MalformedFrameError, UnavailableError, errorFromWire } from '../errors.js'
import { systemClock } from '../clock.js'
import { asError } from './errors.js'
import { DEFAULT_MAX_FRAME_BYTES } from './frames.js'
import { GroupKeys } from './group-keys.js'
import { InboundStreams, mostStreams } from './inbound-streams.js'
import { Link } from './link.js'
import { TRANSPORT_PROTOCOL, decodeLinkFrame, helloOf } from './link-frames.js'
import { LinkSeal, inClear } from './link-seal.js'
import { linkCounters } from './link-stats.js'
import { LogLimit } from './log-limit.js'
import { peerOf } from './member-id.js'
import { decodeGroupMessages, MAX_FRAME_ENTRIES } from './messages.js'
import { sendSnapshot } from './snapshot-sender.js'
import { SALT_BYTES } from './stream-seal.js'
import { unhandle } from './unhandle.js'
import type { LinkHost } from './link.js'
import type { LinkComponents, LinkOptions } from './link-options.js'
import type { LinkStats } from './link-stats.js'
import type { OutLane } from './out-lane.js'
import type { Batch } from './link-frames.js'
import type { Dropped } from './link-seal.js'
import type { LinkFrame, SealedBox } from './pb/transport.js'
import type { SnapshotSealing } from './snapshot-sender.js'
import type { EntryBudget } from './messages.js'
import type { GroupFrame, Network, NetworkHandler, SnapshotOffer } from './types.js'
import type { Clock, Timer } from '../clock.js'
import type { SnapshotChunk } from '../storage/types.js'
import type { Connection, Logger, PeerId } from '@libp2p/interface'

const MEMBER_TAG = 'raftmesh-member'
// Above what the DHT and others give, so that the connection pruner takes members last. Not a keep-alive tag: redialling is ours.
const MEMBER_TAG_VALUE = 100
const CLOSE_TIMEOUT_MS = 1_000

/** {@link Network} over libp2p: one {@link Link} for each peer, shared by all groups. `start()` registers the protocol, `close()` ends it. */
export class LinkManager implements Network, AsyncDisposable {
  /** To be told of each group before the engine opens it. */
  readonly groupKeys = new GroupKeys()
  private readonly clock: Clock
  private readonly log: Logger
  private readonly self: string
  private readonly links = new Map<string, Link>()
  private readonly counters = linkCounters()
  private readonly limit: LogLimit
  private readonly host: LinkHost
  private readonly dirty = new Set<OutLane>()
  private readonly inbound: InboundStreams
  private readonly closing = new AbortController()
  private handler: NetworkHandler | undefined
  private flushTimer: Timer | undefined
  private tickTimer: Timer | undefined
  private lastTick = 0
  private started = false
  private held: ReadonlySet<string> = new Set()

  constructor (private readonly components: LinkComponents, private readonly options: LinkOptions = {}) {
    const clock = this.clock = options.clock ?? systemClock
    const livenessMs = options.livenessMs ?? 500
    const deadMs = options.deadMs ?? 4 * livenessMs
    this.log = components.logger.forComponent('raft:link')
    this.limit = new LogLimit(clock)
    this.self = components.peerId.toString()
    const random = options.randomBytes ?? randomBytes
    const salt = (): Uint8Array => random(SALT_BYTES)
    this.host = {
      clock,
      random: options.random ?? Math.random,
      timings: {
        livenessMs,
        deadMs,
        abandonMs: options.abandonMs ?? 5 * deadMs,
        dialTimeoutMs: options.dialTimeoutMs ?? 10_000,
        redialMinMs: options.redialMinMs ?? 50,
        redialMaxMs: options.redialMaxMs ?? 5_000
      },
      counters: this.counters,
      maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
      maxControlQueueBytes: options.maxControlQueueBytes ?? 4 * 1024 * 1024,
      maxLogQueueBytes: options.maxLogQueueBytes ?? 64 * 1024 * 1024,
      runOnLimitedConnection: options.runOnLimitedConnection ?? false,
      self: this.self,
      groups: this.groupKeys,
      salt,
      connections: peer => this.connections(peer),
      dial: async (peer, signal) => this.components.connectionManager.openConnection(peer, { signal }),
      schedule: lane => { this.schedule(lane) },
      onReply: (link, lane, frame) => { this.onReply(link, lane, frame) },
      onUp: peer => {
        this.log('link to %s is up', peer)
        this.handler?.onPeerUp(peer)
      },
      onDown: (peer, reason) => {
        this.log('link to %s is down: %s', peer, reason)
        this.handler?.onPeerDown(peer)
      },
      onIdle: link => { this.drop(link) },
      warn: (key, text) => { this.warn(key, text) }
    }
    this.inbound = new InboundStreams({
      clock,
      counters: this.counters,
      maxFrameBytes: this.host.maxFrameBytes,
      partial: options.partial,
      maxSnapshotStreams: options.maxSnapshotStreams ?? 4,
      self: this.self,
      groups: this.groupKeys,
      salt,
      link: peer => this.link(peer),
      existing: peer => this.links.get(peer),
      onFrame: (frame, peer, seal) => { this.onFrame(frame, peer, seal) },
      snapshots: {
        offered: async offer => this.handler?.onSnapshotOffer(offer),
        received: async offer => {
          await this.handler?.onSnapshotReceived(offer)
          this.counters.snapshotsIn++
        },
        failed: (peer, err) => { this.warn(`snapshot ${peer}`, `a snapshot from ${peer} was broken off: ${err.message}`) }
      },
      warn: this.host.warn
    })
  }

  setHandler (handler: NetworkHandler): void {
    this.handler = handler
  }

  /** Register the protocol. Only after `setHandler`: a peer may speak at once. */
  async start (): Promise<void> {
    if (this.started) return
    if (this.handler === undefined) throw new UnavailableError('the network has no handler yet: call setHandler before start')
    this.started = true
    this.components.events.addEventListener('connection:open', this.onConnectionOpen)
    this.components.events.addEventListener('connection:close', this.onConnectionClose)
    await this.components.registrar.handle(TRANSPORT_PROTOCOL, this.inbound.onStream, {
      // The bound that counts, and says so, is that of `inbound`: it is for each peer, and libp2p's for each connection.
      maxInboundStreams: 4 * mostStreams(this.options.maxSnapshotStreams ?? 4),
      maxOutboundStreams: 64,
      runOnLimitedConnection: this.host.runOnLimitedConnection
    })
    this.lastTick = this.clock.now()
    this.armTick()
    for (const peer of this.held) this.hold(peer)
  }

  send (frame: GroupFrame): void {
    const link = frame.to.includes('.') ? this.links.get(peerOf(frame.to)) : undefined
    if (link === undefined) this.counters.droppedNoLink += frame.messages.length
    else link.send(frame)
  }

  setPeers (peers: ReadonlySet<string>): void {
    const before = this.held
    this.held = new Set([...peers].filter(p => p !== this.self))
    if (!this.started) return
    for (const peer of before) if (!this.held.has(peer)) this.release(peer)
    for (const peer of this.held) if (!before.has(peer)) this.hold(peer)
  }

  isUp (peer: string): boolean {
    return this.links.get(peer)?.up === true
  }

  async sendSnapshot (offer: SnapshotOffer, chunks: (from: number) => AsyncIterable<SnapshotChunk>, options: { signal: AbortSignal }): Promise<void> {
    options.signal.throwIfAborted()
    const peer = peerOf(offer.to)
    const connection = this.connections(peerIdFromString(peer))[0]
    if (connection === undefined) throw new UnavailableError(`not connected to ${peer}: the snapshot can be sent once the link is up`)
    const signal = AbortSignal.any([options.signal, this.closing.signal])
    const stream = await connection.newStream(TRANSPORT_PROTOCOL, { signal, runOnLimitedConnection: this.host.runOnLimitedConnection })
    await sendSnapshot(stream, offer, chunks, { signal, maxFrameBytes: this.host.maxFrameBytes, sealing: this.snapshotSealing(peer, offer) })
    this.counters.snapshotsOut++
  }

  private snapshotSealing (peer: string, { clusterId }: SnapshotOffer): SnapshotSealing | undefined {
    const group = this.groupKeys.sealed(clusterId)
    if (group === undefined) return undefined
    const salt = this.host.salt()
    const ends = { lane: 'snapshot', side: 'opener', opener: this.self, acceptor: peer, openerSalt: salt } as const
    return { group, salt, greeted: acceptorSalt => new LinkSeal(this.groupKeys, this.counters, peer, { ...ends, acceptorSalt }) }
  }

  /** Send now what is queued, rather than at the end of the turn. */
  flush (): void {
    this.flushTimer?.cancel()
    this.flushTimer = undefined
    const lanes = [...this.dirty]
    this.dirty.clear()
    for (const lane of lanes) lane.flush()
  }

  stats (): LinkStats {
    let up = 0
    let queuedBytes = 0
    for (const link of this.links.values()) {
      if (link.up) up++
      queuedBytes += link.queuedBytes
    }
    return { ...this.counters, links: this.links.size, up, queuedBytes }
  }

  async close (): Promise<void> {
    if (this.closing.signal.aborted) return
    this.flush()
    this.closing.abort(new UnavailableError('the node is closing'))
    this.tickTimer?.cancel()
    this.components.events.removeEventListener('connection:open', this.onConnectionOpen)
    this.components.events.removeEventListener('connection:close', this.onConnectionClose)
    if (this.started) await unhandle(this.components.registrar, TRANSPORT_PROTOCOL, this.log)
    this.inbound.close()
    const signal = AbortSignal.timeout(CLOSE_TIMEOUT_MS)
    await Promise.all([...this.links.values()].map(async link => link.close(signal)))
    this.links.clear()
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  private link (peer: string): Link {
    let link = this.links.get(peer)
    if (link === undefined) {
      link = new Link(peer, peerIdFromString(peer), this.host)
      this.links.set(peer, link)
    }
    return link
  }

  private hold (peer: string): void {
    try {
      const link = this.link(peer)
      this.tag(link.peerId, true)
      link.hold(true)
    } catch (err) {
      // A configuration may name what is no peer id; the other members must not suffer for it.
      this.warn(`peer ${peer}`, `cannot hold a link to "${peer}": ${asError(err).message}`)
    }
  }

  private release (peer: string): void {
    const link = this.links.get(peer)
    if (link === undefined) return
    this.tag(link.peerId, false)
    link.hold(false)
  }

  private drop (link: Link): void {
    if (this.links.get(link.peer) !== link) return
    this.links.delete(link.peer)
    void link.close(AbortSignal.timeout(CLOSE_TIMEOUT_MS))
  }

  private connections (peer: PeerId): Connection[] {
    return this.components.connectionManager.getConnections(peer)
      .filter(c => c.status === 'open' && (c.limits === undefined || this.host.runOnLimitedConnection))
      .sort((a, b) => b.timeline.open - a.timeline.open)
  }

  private schedule (lane: OutLane): void {
    this.dirty.add(lane)
    this.flushTimer ??= this.clock.setImmediate(() => { this.flush() })
  }

  private armTick (): void {
    this.tickTimer = this.clock.setTimer(this.host.timings.livenessMs / 2, () => {
      const now = this.clock.now()
      const late = now - this.lastTick - this.host.timings.livenessMs / 2
      this.lastTick = now
      // After a stop of this process what peers sent still waits in the sockets: they were not silent, we were deaf.
      const lateMs = late > this.host.timings.livenessMs / 2 ? late : 0
      for (const link of [...this.links.values()]) link.tick(lateMs)
      this.armTick()
    })
  }

  private readonly onConnectionOpen = (event: CustomEvent<Connection>): void => {
    const connection = event.detail
    if (connection.limits !== undefined && !this.host.runOnLimitedConnection) return
    this.links.get(connection.remotePeer.toString())?.onConnection(connection)
  }

  private readonly onConnectionClose = (event: CustomEvent<Connection>): void => {
    const link = this.links.get(event.detail.remotePeer.toString())
    if (link === undefined) return
    if (this.connections(link.peerId).filter(c => c !== event.detail).length === 0) link.onDisconnect()
  }

  private onFrame (frame: LinkFrame, peer: string, seal: LinkSeal | undefined): void {
    const link = this.link(peer)
    link.heard()
    const budget = { entries: MAX_FRAME_ENTRIES }
    for (const batch of frame.batches) {
      const group = this.groupKeys.sealed(batch.clusterId)
      if (group === undefined) this.take(batch, peer, budget)
      else this.dropped(peer, inClear(peer, group))
    }
    if (frame.sealed !== undefined) this.onSealed(frame.sealed.boxes, peer, seal, budget)
    if (frame.ping !== undefined) link.peerHolds(frame.ping.holding)
  }

  private onSealed (boxes: readonly SealedBox[], peer: string, seal: LinkSeal | undefined, budget: EntryBudget): void {
    if (seal === undefined) throw new MalformedFrameError('a sealed box on a lane without a salt')
    for (const box of boxes) {
      const opened = seal.open(box)
      if ('frame' in opened) for (const batch of opened.frame.batches) this.take(batch, peer, budget)
      else this.dropped(peer, opened)
    }
  }

  /** Only that box: the lane is shared with groups that are none the worse. */
  private dropped (peer: string, { reason, text }: Dropped): void {
    this.counters.sealRefused++
    if (text !== undefined) this.warn(`${reason} ${peer}`, text)
  }

  private take (batch: Batch, peer: string, budget: EntryBudget): void {
    const group = decodeGroupMessages(batch.body, peer, this.self, budget)
    this.counters.messagesIn += group.messages.length
    this.counters.unknownKinds += group.unknown
    if (group.messages.length > 0) this.deliver({ clusterId: batch.clusterId.slice(), from: group.from, to: group.to, messages: group.messages })
  }

  private deliver (frame: GroupFrame): void {
    try {
      this.handler?.onFrame(frame)
    } catch (err) {
      // Not the peer's fault, whose stream it will end all the same: the only thing that this caller can be told.
      this.warn('deliver', `the engine failed to take a frame, which is a bug: ${asError(err).stack ?? asError(err).message}`)
      throw err
    }
  }

  /** Something came back on one of my own lanes. A newer version may say more than this one understands. */
  private onReply (link: Link, lane: OutLane, bytes: Uint8Array): void {
    const frame = decodeLinkFrame(bytes)
    const { refusal, hello } = frame
    const salt = hello === undefined ? undefined : helloOf(frame).salt
    if (salt !== undefined) lane.greeted(salt)
    if (refusal === undefined) return
    this.counters.refusalsIn++
    this.warn(`refused ${link.peer}`, `${link.peer} refuses the Raft link: ${errorFromWire(refusal.code, refusal.message).message}`)
  }

  private tag (peer: PeerId, member: boolean): void {
    this.components.peerStore.merge(peer, { tags: { [MEMBER_TAG]: member ? { value: MEMBER_TAG_VALUE } : undefined } }).catch(err => {
      this.warn(`tag ${peer.toString()}`, `cannot tag ${peer.toString()} as a member in the peer store: ${asError(err).message}`)
    })
  }

  private warn (key: string, text: string): void {
    const held = this.limit.pass(key)
    if (held !== undefined) this.log.error('%s%s', text, held > 0 ? ` (and ${held} more like it)` : '')
  }
}
