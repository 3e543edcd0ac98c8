import { FramedStream } from './framed-stream.js'
import { encodeHello, encodePing } from './link-frames.js'
import { LaneQueue } from './lane-queue.js'
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
  /** What the peer says back on the stream: a refusal. */
  readonly onFrame: (frame: Uint8Array) => void
  readonly onUnencodable: (error: Error, messages: number) => void
  /** The stream ended, `livedMs` after it was opened. */
  readonly onClose: (livedMs: number, error?: Error) => void
}

/** My half of one lane of a link: a stream that only I write frames to, and what waits for it. */
export class OutLane {
  private readonly queue: LaneQueue
  private framed: FramedStream | undefined
  private via: Connection | undefined
  private lastSent = 0

  constructor (readonly lane: Lane, private readonly init: OutLaneInit) {
    this.queue = new LaneQueue(init.maxQueueBytes, init.maxFrameBytes, init.onUnencodable)
  }

  get attached (): boolean { return this.framed !== undefined }
  get connection (): Connection | undefined { return this.via }
  get queuedBytes (): number { return this.queue.bytes }
  get empty (): boolean { return this.queue.empty }

  attach (stream: Stream, connection: Connection): void {
    const opened = this.init.clock.now()
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
    this.write([encodeHello(this.lane)])
    this.flush()
  }

  push (clusterId: Uint8Array, from: MemberId, to: MemberId, message: Message): boolean {
    return this.queue.push(clusterId, from, to, message)
  }

  /** Everything that waits, in one send, unless the stream has enough already: it comes back with `drain`. */
  flush (): void {
    while (this.framed?.writable === true) {
      const frames: Uint8Array[] = []
      // A send is a frame, or a few more bytes than one: what a stream takes is copied, and waits in its buffer.
      for (let size = 0; size < this.init.maxFrameBytes;) {
        const frame = this.queue.takeFrame()
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
    this.drop()
  }

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
