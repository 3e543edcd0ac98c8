import type { LogEvent } from './event-log.js'

/** Events that are followed. Its reader may leave at any time, also while they wait for the next event: a generator would hear of it only with that. */
export class Following implements AsyncIterableIterator<LogEvent> {
  readonly #left = new AbortController()
  readonly #events: AsyncGenerator<LogEvent, void, undefined>

  /** @param follow - the events, until the signal that it gets aborts */
  constructor (follow: (left: AbortSignal) => AsyncGenerator<LogEvent, void, undefined>) { this.#events = follow(this.#left.signal) }

  async next (): Promise<IteratorResult<LogEvent, void>> {
    try {
      return await this.#events.next()
    } catch (error) {
      if (this.#left.signal.aborted) return { done: true, value: undefined }
      throw error
    }
  }

  async return (): Promise<IteratorResult<LogEvent, void>> {
    this.#left.abort()
    return await this.#events.return()
  }

  [Symbol.asyncIterator] (): this { return this }
}
