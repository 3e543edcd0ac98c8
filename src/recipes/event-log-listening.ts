import type { LogEvent } from './event-log.js'
import type { LiveSubscription } from './types.js'

export type LogMessage =
  | { readonly kind: 'appended' } & LogEvent
  /** `publisher`: the peer that said it. */
  | { readonly kind: 'emitted', readonly value: Uint8Array, readonly publisher: string }

interface Offer { readonly message: LogMessage, readonly take: () => void }

/** What is appended and what is emitted, as each comes. Of either kind one message at most waits here to be read. */
export class Listening implements AsyncIterableIterator<LogMessage> {
  readonly #heard: LiveSubscription
  readonly #messages: AsyncGenerator<LogMessage, void, undefined>
  readonly #left = new AbortController()

  /** @param follow - what is appended, until the signal that it gets aborts */
  constructor (heard: LiveSubscription, follow: (signal: AbortSignal) => AsyncIterable<LogEvent>, signal: AbortSignal | undefined) {
    this.#heard = heard
    this.#messages = both(heard, follow, signal, this.#left.signal)
  }

  /** Times that something emitted may have been missed. */
  get missed (): number { return this.#heard.missed }

  async next (): Promise<IteratorResult<LogMessage, void>> { return await this.#messages.next() }

  async return (): Promise<IteratorResult<LogMessage, void>> {
    // One who waits for the next message must hear of it: until then the generator does not.
    this.#left.abort()
    // A generator that never began has nothing that would end what it reads from.
    await this.#heard[Symbol.asyncDispose]()
    return await this.#messages.return()
  }

  [Symbol.asyncIterator] (): this { return this }
}

async function * both (heard: LiveSubscription, follow: (signal: AbortSignal) => AsyncIterable<LogEvent>, caller: AbortSignal | undefined, left: AbortSignal): AsyncGenerator<LogMessage, void, undefined> {
  const ending = new AbortController()
  const end = (): void => { ending.abort(caller?.reason) }
  if (caller?.aborted === true) end()
  else caller?.addEventListener('abort', end, { once: true })
  const offers: Offer[] = []
  let told: Offer | undefined
  let failure: { error: unknown } | undefined
  let over = false
  let wake = (): void => {}
  const pump = async <T>(source: AsyncIterable<T>, toMessage: (item: T) => LogMessage): Promise<void> => {
    for await (const item of source) {
      await new Promise<void>(take => {
        offers.push({ message: toMessage(item), take })
        wake()
      })
      if (over) break
    }
  }
  const pumps = [
    pump(heard, ({ data, publisher }): LogMessage => ({ kind: 'emitted', value: data, publisher })),
    pump(follow(ending.signal), (event): LogMessage => ({ kind: 'appended', ...event }))
  ]
  left.addEventListener('abort', () => { wake() }, { once: true })
  for (const running of pumps) running.catch((error: unknown) => { failure ??= { error } }).finally(() => { wake() })
  try {
    while (!left.aborted) {
      told = offers.shift()
      if (told !== undefined) {
        yield told.message
        told.take()
      } else if (failure !== undefined) throw failure.error
      else await new Promise<void>(resolve => { wake = resolve })
    }
  } finally {
    caller?.removeEventListener('abort', end)
    end()
    // Who has offered something waits for it to be taken, and leaves what it reads from only then.
    over = true
    for (const { take } of told === undefined ? offers : [told, ...offers]) take()
    await heard[Symbol.asyncDispose]()
  }
}
