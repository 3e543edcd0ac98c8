import { asError } from './errors.js'
import type { FramedStream } from './framed-stream.js'
import type { Clock, Timer } from '../clock.js'

export interface OutboxInit<T> {
  readonly clock: Clock
  readonly maxFrameBytes: number
  readonly encode: (items: T[]) => Uint8Array
  /** The items have been handed to the stream. */
  readonly onSent?: (items: readonly T[]) => void
}

/** Gathers what one turn of the event loop has to say on a stream into one send: the cost of a stream is per send. */
export class Outbox<T> {
  private items: T[] = []
  private sizes: number[] = []
  private timer: Timer | undefined
  private queued = 0
  private ended = false

  constructor (private readonly framed: () => FramedStream | undefined, private readonly init: OutboxInit<T>) {}

  /** Bytes that wait, which they do only within a turn, or while the peer reads too slowly. */
  get bytes (): number { return this.queued }

  /** `size`: bytes that it takes in a frame, at most. */
  push (item: T, size: number): void {
    if (this.ended) return
    this.items.push(item)
    this.sizes.push(size)
    this.queued += size
    this.timer ??= this.init.clock.setImmediate(() => {
      this.timer = undefined
      this.flush()
    })
  }

  /** Take back an item that has not been sent. */
  remove (item: T): void {
    const at = this.items.indexOf(item)
    if (at < 0) return
    this.items.splice(at, 1)
    this.queued -= this.sizes.splice(at, 1)[0]
  }

  flush (): void {
    const framed = this.framed()
    while (this.items.length > 0 && framed?.writable === true) {
      const sent: T[] = []
      const frames: Uint8Array[] = []
      // About a frame's worth for each send: what a stream takes, it copies and keeps until the peer has read.
      for (let total = 0; this.items.length > 0 && total < this.init.maxFrameBytes;) {
        const { items, size } = this.takeFrame()
        try {
          frames.push(this.init.encode(items))
        } catch (err) {
          // A bug in whoever made an item. Which one, this cannot tell; so all that wait on the stream learn that it is over, and why.
          framed.abort(asError(err))
          return
        }
        total += size
        for (const i of items) sent.push(i)
      }
      if (!framed.send(frames)) return
      this.init.onSent?.(sent)
    }
  }

  end (): void {
    this.ended = true
    this.timer?.cancel()
    this.timer = undefined
    this.items = []
    this.sizes = []
    this.queued = 0
  }

  private takeFrame (): { items: T[], size: number } {
    let count = 0
    let size = 0
    while (count < this.items.length && count < MAX_FRAME_ITEMS) {
      const next = this.sizes[count]
      if (count > 0 && size + next > this.init.maxFrameBytes) break
      size += next
      count++
    }
    this.queued -= size
    this.sizes.splice(0, count)
    return { items: this.items.splice(0, count), size }
  }
}

const MAX_FRAME_ITEMS = 8_192
