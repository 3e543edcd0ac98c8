import type { ConfigEvent } from './config.js'
import type { Watch, WatchEvent } from './types.js'

/** Changes of a configuration. It is over when its reader leaves, also while they wait for the next one, and if they never asked for any. */
export class ConfigWatch implements AsyncIterableIterator<ConfigEvent> {
  readonly #watch: Watch
  readonly #toEvent: (event: WatchEvent) => ConfigEvent | undefined

  constructor (watch: Watch, toEvent: (event: WatchEvent) => ConfigEvent | undefined) {
    this.#watch = watch
    this.#toEvent = toEvent
  }

  async next (): Promise<IteratorResult<ConfigEvent, undefined>> {
    for (;;) {
      const { done, value } = await this.#watch.next()
      if (done === true) return { done, value: undefined }
      const event = this.#toEvent(value)
      if (event !== undefined) return { done: false, value: event }
    }
  }

  async return (): Promise<IteratorResult<ConfigEvent, undefined>> {
    await this.#watch[Symbol.asyncDispose]()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator] (): this { return this }
}
