/** What is told as it comes. Its reader may leave at any time, also while they wait for what comes next: a generator would hear of it only with that. */
export class Following<T> implements AsyncIterableIterator<T> {
  readonly #left = new AbortController()
  readonly #told: AsyncGenerator<T, void, undefined>

  /** @param follow - tells, until the signal that it gets aborts */
  constructor (follow: (left: AbortSignal) => AsyncGenerator<T, void, undefined>) { this.#told = follow(this.#left.signal) }

  async next (): Promise<IteratorResult<T, void>> {
    try {
      return await this.#told.next()
    } catch (error) {
      if (this.#left.signal.aborted) return { done: true, value: undefined }
      throw error
    }
  }

  async return (): Promise<IteratorResult<T, void>> {
    this.#left.abort()
    return await this.#told.return()
  }

  [Symbol.asyncIterator] (): this { return this }
}
