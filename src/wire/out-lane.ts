import { MalformedFrameError } from '../errors.js'
import { FramedStream } from './framed-stream.js'
import { MAJOR, MINOR, encodeHello, encodePing } from './link-frames.js'
import { LaneQueue } from './lane-queue.js'
import { LinkSeal } from './link-seal.js'
import type { GroupKeys } from './group-keys.js'
import type { LinkCounters } from './link-stats.js'
import type { Lane } from './link-frames.js'
import type { Clock } from '../clock.js'
import type { MemberId, Message } from '../raft/types.js'
import type { Connection, Stream } from '@libp2p/interface'

export interface OutLaneInit {
  readonly clock: Clock
  readonly counters: LinkCounters
  readonly maxQueueBytes: number
  readonly maxFrameBytes: number
  readonly self: string
  readonly peer: string
  readonly groups: GroupKeys
  /** A new salt for each stream. */
  readonly salt: () => Uint8Array
  /** What the peer says back on the stream: its hello, or a refusal. */
  readonly onFrame: (frame: Uint8Array) => void
  readonly onUnencodable: (error: Error, messages: number) => void
  /** The stream ended, `livedMs` after it was opened. */
  readonly onClose: (livedMs: number, error?: Error) => void
}

/** A peer that has not said its salt for this long is of a version that seals nothing. */
const GREETING_MS = 10_000

export type Pushed = 'queued' | 'full' | 'unsealable'

/** My half of one lane of a link: a stream that only I write frames to, and what waits for it. */
export class OutLane {
  private readonly queue: LaneQueue
  private framed: FramedStream | undefined
  private via: Connection | undefined
  private lastSent = 0
  private salt: Uint8Array | undefined
  private seal: LinkSeal | undefined
  private attachedAt = 0

  constructor (readonly lane: Lane, private readonly init: OutLaneInit) {
    this.queue = new LaneQueue(init.maxQueueBytes, init.maxFrameBytes, init.groups, init.onUnencodable)
  }

  get attached (): boolean { return this.framed !== undefined }
  get connection (): Connection | undefined { return this.via }
  get queuedBytes (): number { return this.queue.bytes }
  get empty (): boolean { return this.queue.empty }

  attach (stream: Stream, connection: Connection): void {
    const opened = this.attachedAt = this.init.clock.now()
    this.detach(new Error('replaced by a new stream'))
    const framed: FramedStream = new FramedStream(stream, {
      maxFrameBytes: this.init.maxFrameBytes,
      onFrame: this.init.onFrame,
      onDrain: () => { this.flush() },
      onClose: error => {
        if (this.framed !== framed) return
        this.forget()
        this.init.onClose(this.init.clock.now() - opened, error)
      }
    })
    this.framed = framed
    this.via = connection
    this.salt = this.init.salt()
    this.write([encodeHello(this.lane, MAJOR, MINOR, this.salt)])
    this.flush()
  }

  /** The peer said its salt: from now on what is sealed can leave. */
  greeted (acceptorSalt: Uint8Array): void {
    const { groups, counters, self, peer } = this.init
    if (this.salt === undefined || this.seal !== undefined) throw new MalformedFrameError('a second hello on one stream')
    this.seal = new LinkSeal(groups, counters, peer, { lane: this.lane, side: 'opener', opener: self, acceptor: peer, openerSalt: this.salt, acceptorSalt })
    this.flush()
  }

  push (clusterId: Uint8Array, from: MemberId, to: MemberId, message: Message): Pushed {
    if (this.seal === undefined && this.init.groups.sealed(clusterId) !== undefined && this.ungreeted) {
      this.init.counters.droppedUnsealed += 1 + this.queue.dropSealed()
      return 'unsealable'
    }
    return this.queue.push(clusterId, from, to, message) ? 'queued' : 'full'
  }

  /** Everything that waits, in one send, unless the stream has enough already: it comes back with `drain`. */
  flush (): void {
    while (this.framed?.writable === true) {
      const frames: Uint8Array[] = []
      // A send is a frame, or a few more bytes than one: what a stream takes is copied, and waits in its buffer.
      for (let size = 0; size < this.init.maxFrameBytes;) {
        const frame = this.queue.takeFrame(this.seal)
        if (frame === undefined) break
        frames.push(frame)
        size += frame.byteLength
      }
      if (frames.length === 0) return
      this.write(frames)
    }
  }

  /** A ping, if nothing else was sent for `idleMs`. Not into a stream that is stuck: the peer would read them all at once, later. */
  pingIfIdle (idleMs: number, holding: boolean): void {
    if (this.framed?.writable === true && this.init.clock.now() - this.lastSent >= idleMs) this.write([encodePing(holding)])
  }

  /** Let go of the stream, and of what waited for it. */
  detach (error: Error): void {
    const framed = this.framed
    this.forget()
    framed?.abort(error)
  }

  async close (signal: AbortSignal): Promise<void> {
    this.flush()
    const framed = this.framed
    this.forget()
    await framed?.close(signal)
  }

  /** Drop what waits: there is no stream, or it would arrive too late to mean anything. */
  drop (): void {
    this.init.counters.droppedNoLink += this.queue.clear()
  }

  private forget (): void {
    this.framed = undefined
    this.via = undefined
    this.salt = undefined
    this.seal = undefined
    this.drop()
  }

  private get ungreeted (): boolean { return this.framed !== undefined && this.init.clock.now() - this.attachedAt > GREETING_MS }

  private write (frames: Uint8Array[]): void {
    const framed = this.framed
    if (framed === undefined) return
    if (!framed.send(frames)) return
    this.lastSent = this.init.clock.now()
    this.init.counters.sends++
    this.init.counters.framesOut += frames.length
    for (const f of frames) this.init.counters.bytesOut += f.byteLength
  }
}
