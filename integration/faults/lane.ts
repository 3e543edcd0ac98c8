import type { Socket } from 'node:net'

/** The way from one endpoint to another, shared by all connections between the two. `cuts`: how many faults have it cut just now. */
export interface Road { cuts: number, delayMs: number }

/** Held for a receiver that is slow or cut off. Beyond it the sender's own buffers fill, as they would on a real network. */
const MAX_HELD = 1 << 20

interface Held { readonly dueAt: number, readonly bytes: Buffer | undefined }

/**
 * One direction of a proxied connection. While its road is cut it holds back bytes, and the end of the connection too: nobody learns
 * across a partition that the other side is gone.
 */
export class Lane {
  readonly #held: Held[] = []
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  #full = false

  constructor (private readonly from: Socket, private readonly to: Socket, private readonly road: Road) {
    from.on('data', (bytes: Buffer) => { this.#hold(bytes) })
    // Also after a reset, which comes as an error and then a close.
    from.on('close', () => { this.#hold(undefined) })
    from.on('error', () => { /* 'close' follows */ })
    to.on('drain', () => { this.#full = false; this.pump() })
    to.on('close', () => { clearTimeout(this.#timer) })
  }

  /** Passes on what is due. To be called when the road has changed. */
  pump (): void {
    clearTimeout(this.#timer)
    while (this.road.cuts === 0 && !this.#full && !this.to.destroyed) {
      const head = this.#held[0]
      if (head === undefined) break
      const wait = head.dueAt - performance.now()
      if (wait > 0) {
        this.#timer = setTimeout(() => { this.pump() }, wait)
        break
      }
      this.#held.shift()
      this.#pass(head.bytes)
    }
    if (this.#bytes < MAX_HELD && this.from.isPaused()) this.from.resume()
  }

  #hold (bytes: Buffer | undefined): void {
    this.#held.push({ dueAt: performance.now() + this.road.delayMs, bytes })
    this.#bytes += bytes?.length ?? 0
    if (this.#bytes >= MAX_HELD) this.from.pause()
    this.pump()
  }

  #pass (bytes: Buffer | undefined): void {
    if (bytes === undefined) {
      this.to.end()
      return
    }
    this.#bytes -= bytes.length
    this.#full = !this.to.write(bytes)
  }
}
