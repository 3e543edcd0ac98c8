import { BusyError } from '../errors.js'

/** A stream that holds the beginning of a frame. */
export interface Holder { abort: (error: Error) => void }

/**
 * What all streams of a node hold of frames that are not complete. One stream holds a frame at most; but a peer has many streams, and a
 * node many peers, each of which may send all of a frame but its end. Over the bound, the stream ends whose frame has been incomplete
 * for longest: an honest one's is complete in a moment, so it pays for nobody else's.
 */
export class PartialFrames {
  /** In the order in which their frames began. */
  readonly #held = new Map<Holder, number>()
  #bytes = 0
  #evicted = 0

  constructor (private readonly mostBytes: number) {}

  get bytes (): number { return this.#bytes }
  /** Streams that were ended to make room. */
  get evicted (): number { return this.#evicted }

  /** `began`: what it holds now is of another frame than what it held before. */
  hold (holder: Holder, bytes: number, began: boolean): void {
    const before = this.#held.get(holder) ?? 0
    if (before === bytes) return
    if (bytes === 0 || began) this.#held.delete(holder)
    if (bytes > 0) this.#held.set(holder, bytes)
    this.#bytes += bytes - before
    while (this.#bytes > this.mostBytes) this.#evict()
  }

  #evict (): void {
    const [[holder, bytes]] = this.#held
    this.#held.delete(holder)
    this.#bytes -= bytes
    this.#evicted++
    holder.abort(new BusyError(`streams hold ${this.#bytes + bytes} bytes of frames that are not complete, and this one's has been so for longest`))
  }
}
