import { Backoff } from './backoff.js'
import { asError } from './errors.js'
import { TRANSPORT_PROTOCOL } from './link-frames.js'
import { OutLane } from './out-lane.js'
import type { FramedStream } from './framed-stream.js'
import type { GroupKeys } from './group-keys.js'
import type { Lane } from './link-frames.js'
import type { LinkCounters } from './link-stats.js'
import type { GroupFrame } from './types.js'
import type { Clock, Timer } from '../clock.js'
import type { Connection, PeerId } from '@libp2p/interface'

export interface LinkTimings {
  readonly livenessMs: number
  readonly deadMs: number
  readonly abandonMs: number
  readonly dialTimeoutMs: number
  readonly redialMinMs: number
  readonly redialMaxMs: number
}

/** What a link needs of the manager. */
export interface LinkHost {
  readonly clock: Clock
  readonly random: () => number
  readonly timings: LinkTimings
  readonly counters: LinkCounters
  readonly maxFrameBytes: number
  readonly maxControlQueueBytes: number
  readonly maxLogQueueBytes: number
  readonly runOnLimitedConnection: boolean
  /** This node's peer id. */
  readonly self: string
  readonly groups: GroupKeys
  readonly salt: () => Uint8Array
  /** Open connections to the peer that a lane may use, the newest first. */
  connections: (peer: PeerId) => Connection[]
  dial: (peer: PeerId, signal: AbortSignal) => Promise<Connection>
  /** Flush this lane at the end of the turn. */
  schedule: (lane: OutLane) => void
  /** A frame that came back on one of my lanes. */
  onReply: (link: Link, lane: OutLane, frame: Uint8Array) => void
  onUp: (peer: string) => void
  onDown: (peer: string, reason: string) => void
  /** Neither side holds the link any more. */
  onIdle: (link: Link) => void
  /** Rate-limited. */
  warn: (key: string, text: string) => void
}

// A lane that died younger than this was not working: try again with back-off, not at once.
const STABLE_MS = 1_000

/**
 * The link to one peer's node: my two lanes out, the peer's lanes in, and whether the peer is up.
 *
 * Each side opens its own lanes, on whatever connection it likes, so that two nodes that dial each other at the same moment have
 * nothing to settle. A link is **held** when this node wants it (the peer is a member of a group here), and is otherwise open only as
 * long as the peer holds it: a learner that knows no member yet must be able to answer its leader.
 */
export class Link {
  readonly control: OutLane
  readonly log: OutLane
  private readonly inbound = new Map<Lane, { framed: FramedStream, connection: Connection }>()
  private readonly backoff: Backoff
  private held = false
  private closed = false
  private isUp = false
  /** When something was last heard; undefined since the peer was declared down. */
  private heardAt: number | undefined
  /** Silence is counted from the later of this and `heardAt`. */
  private attachedAt = 0
  private attempt: AbortController | undefined
  private seen: ((connection: Connection) => void) | undefined
  private retry: Timer | undefined

  constructor (readonly peer: string, readonly peerId: PeerId, private readonly host: LinkHost) {
    this.backoff = new Backoff({ minMs: host.timings.redialMinMs, maxMs: host.timings.redialMaxMs }, host.random)
    this.control = this.lane('control', host.maxControlQueueBytes)
    this.log = this.lane('log', host.maxLogQueueBytes)
  }

  get up (): boolean { return this.isUp }
  get queuedBytes (): number { return this.control.queuedBytes + this.log.queuedBytes }

  /** Want the link (dial until it is there), or keep it only for the peer's sake. */
  hold (held: boolean): void {
    this.held = held
    if (held) this.connect()
    else if (this.inbound.size === 0) this.host.onIdle(this)
  }

  send (frame: GroupFrame): void {
    for (const message of frame.messages) {
      const lane = message.type === 'append' ? this.log : this.control
      if (!lane.attached && this.attempt === undefined) {
        this.host.counters.droppedNoLink++
        continue
      }
      const pushed = lane.push(frame.clusterId, frame.from, frame.to, message)
      if (pushed === 'queued') {
        this.host.counters.messagesOut++
        this.host.schedule(lane)
      } else if (pushed === 'full') {
        this.host.counters.droppedFull++
        this.host.warn(`full ${this.peer}`, `the ${lane.lane} queue to ${this.peer} is full (${lane.queuedBytes} bytes): dropping messages`)
      } else {
        this.host.warn(`unsealable ${this.peer}`, `${this.peer} runs a version that seals nothing: dropping what sealed namespaces say to it; upgrade it`)
      }
    }
  }

  /** The peer opened a lane, which replaces its last one of that kind. */
  accept (lane: Lane, framed: FramedStream, connection: Connection): void {
    const last = this.inbound.get(lane)
    this.inbound.set(lane, { framed, connection })
    if (last !== undefined) {
      last.framed.abort(new Error(`replaced by a new ${lane} lane`))
      // The peer has moved, most likely because the old connection is dead and only we have not noticed: our lanes follow. Only then,
      // or two nodes that dialled each other would chase each other's lanes for ever.
      if (last.connection !== connection) this.moveTo(connection)
    }
    this.heard()
    this.connect()
  }

  /** An inbound lane ended. */
  lost (lane: Lane, framed: FramedStream): void {
    if (this.inbound.get(lane)?.framed !== framed) return
    this.inbound.delete(lane)
    if (!this.held && this.inbound.size === 0) this.host.onIdle(this)
  }

  heard (): void {
    this.heardAt = this.host.clock.now()
    if (!this.isUp) this.settle()
  }

  /** The peer says whether it holds the link. */
  peerHolds (holding: boolean): void {
    if (!holding && !this.held) this.host.onIdle(this)
  }

  /** A connection to the peer opened, whoever dialled: use it at once. */
  onConnection (connection: Connection): void {
    if (this.closed || this.complete) return
    this.backoff.reset()
    this.retry?.cancel()
    this.retry = undefined
    if (this.seen !== undefined) this.seen(connection)
    else if (this.held || this.inbound.size > 0) this.connect()
  }

  /** The last connection to the peer is gone. */
  onDisconnect (): void {
    if (this.closed) return
    const gone = new Error('the connection closed')
    this.control.detach(gone)
    this.log.detach(gone)
    this.down('the connection closed')
    if (this.held) this.connect()
  }

  /** `lateMs`: this process was away for that long, so a peer's silence in that time means nothing. */
  tick (lateMs: number): void {
    const { clock, timings, counters } = this.host
    if (lateMs > 0) {
      if (this.heardAt !== undefined) this.heardAt += lateMs
      this.attachedAt += lateMs
    }
    this.control.pingIfIdle(timings.livenessMs, this.held)
    const now = clock.now()
    if (this.isUp && now - (this.heardAt ?? 0) > timings.deadMs) {
      counters.silences++
      const heard = this.heardAt
      this.down(`nothing heard for ${Math.round(now - (this.heardAt ?? 0))} ms`)
      this.attachedAt = Math.max(this.attachedAt, heard ?? 0)
    }
    if (!this.isUp && this.control.attached && now - Math.max(this.attachedAt, this.heardAt ?? 0) > timings.abandonMs) this.abandon()
  }

  async close (signal: AbortSignal): Promise<void> {
    if (this.closed) return
    this.closed = true
    this.retry?.cancel()
    this.attempt?.abort(new Error('the link is closing'))
    this.down('the link is closed')
    const inbound = [...this.inbound.values()]
    this.inbound.clear()
    await Promise.all([this.control.close(signal), this.log.close(signal), ...inbound.map(async i => i.framed.close(signal))])
  }

  /** A connection that is half open (a pulled cable, a partition) stays so for as long as TCP retries, which is minutes. */
  private abandon (): void {
    this.host.counters.abandoned++
    this.host.warn(`abandon ${this.peer}`, `nothing heard from ${this.peer} for ${this.host.timings.abandonMs} ms: closing the connection to dial anew`)
    // All that a lane is on: mine and the peer's may be on two, if both dialled. A newer one has its time yet.
    const silent = new Set([this.control.connection, this.log.connection, ...[...this.inbound.values()].map(i => i.connection)])
    for (const connection of silent) connection?.abort(new Error('the peer is silent'))
  }

  private lane (lane: Lane, maxQueueBytes: number): OutLane {
    const out: OutLane = new OutLane(lane, {
      clock: this.host.clock,
      counters: this.host.counters,
      maxQueueBytes,
      maxFrameBytes: this.host.maxFrameBytes,
      self: this.host.self,
      peer: this.peer,
      groups: this.host.groups,
      salt: this.host.salt,
      onFrame: frame => { this.host.onReply(this, out, frame) },
      onUnencodable: (error, messages) => {
        this.host.counters.unencodable += messages
        this.host.warn(`encode ${this.peer}`, `cannot encode ${messages} messages to ${this.peer}, which is a bug: ${error.stack ?? error.message}`)
      },
      onClose: livedMs => { this.onLaneLost(livedMs) }
    })
    return out
  }

  private get complete (): boolean { return this.control.attached && this.log.attached }

  /** The one place where a peer comes up: both my lanes are open, and the peer has been heard. */
  private settle (): void {
    if (this.closed || this.isUp || this.heardAt === undefined || !this.complete) return
    this.isUp = true
    this.backoff.reset()
    this.host.onUp(this.peer)
  }

  private down (reason: string): void {
    this.heardAt = undefined
    if (!this.isUp) return
    this.isUp = false
    this.host.onDown(this.peer, reason)
  }

  private moveTo (connection: Connection): void {
    const moved = new Error('moving to the connection that the peer uses')
    for (const lane of [this.control, this.log]) {
      if (lane.attached && lane.connection !== connection) lane.detach(moved)
    }
  }

  private onLaneLost (livedMs: number): void {
    this.host.counters.lanesLost++
    if (this.closed) return
    if (this.host.connections(this.peerId).length === 0) this.down('the connection closed')
    if (livedMs < STABLE_MS) this.retryLater()
    else this.connect()
  }

  private retryLater (): void {
    if (this.closed || this.retry !== undefined || this.attempt !== undefined) return
    if (!this.held && this.inbound.size === 0) return
    this.retry = this.host.clock.setTimer(this.backoff.next(), () => {
      this.retry = undefined
      this.connect()
    })
  }

  /** Open the lanes that are missing, dialling if need be. One attempt at a time. */
  private connect (): void {
    if (this.closed || this.complete || this.attempt !== undefined || this.retry !== undefined) return
    const attempt = this.attempt = new AbortController()
    const limit = this.host.clock.setTimer(this.host.timings.dialTimeoutMs, () => {
      attempt.abort(new Error(`no link to ${this.peer} within ${this.host.timings.dialTimeoutMs} ms`))
    })
    void this.openLanes(attempt.signal)
      .catch(err => {
        if (this.closed) return
        this.host.counters.dialFailures++
        this.host.warn(`connect ${this.peer}`, `cannot link to ${this.peer}, will try again: ${asError(err).message}`)
        for (const lane of [this.control, this.log]) if (!lane.attached) lane.drop()
        this.down('its lanes cannot be opened')
      })
      .finally(() => {
        limit.cancel()
        this.attempt = undefined
        if (!this.complete) this.retryLater()
      })
  }

  private async openLanes (signal: AbortSignal): Promise<void> {
    const open = this.host.connections(this.peerId)
    const theirs = this.inbound.get('control')?.connection
    const connection = open.find(c => c === theirs) ?? open[0] ?? await this.dial(signal)
    const opened = await Promise.allSettled([this.control, this.log].filter(lane => !lane.attached).map(async lane => {
      const stream = await connection.newStream(TRANSPORT_PROTOCOL, { signal, runOnLimitedConnection: this.host.runOnLimitedConnection })
      if (this.closed) {
        stream.abort(new Error('the link is closed'))
        return
      }
      lane.attach(stream, connection)
      // With the lane, not once both are open: a tick in between would count the silence of a peer that has had no lane to hear.
      this.attachedAt = this.host.clock.now()
      this.host.counters.lanesOpened++
    }))
    const failed = opened.find(o => o.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    this.settle()
  }

  /** Dial, unless the peer's own dial arrives first: then there is no reason to wait for an address that may be stale. */
  private async dial (signal: AbortSignal): Promise<Connection> {
    if (!this.held) throw new Error('not connected, and only the peer holds this link')
    this.host.counters.dials++
    const arrived = new Promise<Connection>(resolve => { this.seen = resolve })
    try {
      return await Promise.race([arrived, this.host.dial(this.peerId, signal)])
    } finally {
      this.seen = undefined
    }
  }
}
