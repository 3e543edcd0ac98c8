import { ClosedError, EncryptionKeyError, GroupFailedError, InvalidArgumentError, NotAuthorizedError, RaftMeshError, StorePoisonedError } from '../errors.js'
import { pause } from './deadlines.js'
import type { Heard, TopicPosition } from './live.js'
import type { Clock } from '../clock.js'
import type { LiveEvent, LiveSubscription } from '../recipes/types.js'

const FIRST_PAUSE_MS = 20
const LAST_PAUSE_MS = 1_000
const FROM_NOW_ON: TopicPosition = { epoch: 0, position: 0 }

export interface SubscriptionInit {
  readonly namespace: string
  readonly topic: string
  /** One request, answered by whoever leads; a first one at once, a later one when something was said, or nothing for some while. */
  readonly poll: (from: TopicPosition, signal: AbortSignal) => Promise<Heard>
  readonly clock: Clock
  readonly random: () => number
  /** Of the handle, and of the caller: either ends it. */
  readonly signals: ReadonlyArray<AbortSignal | undefined>
}

/** Resolves once the leader has said from where on it listens. */
export async function subscribe (init: SubscriptionInit): Promise<LiveSubscription> {
  const subscription = new Subscription(init)
  try {
    await subscription.begin()
  } catch (error) {
    await subscription.return()
    throw error
  }
  return subscription
}

/** Asks the leader only when it is asked: what is kept here is one answer. A listener that asks too rarely misses what the leader has forgotten. */
class Subscription implements LiveSubscription {
  missed = 0
  private from = FROM_NOW_ON
  private heard: LiveEvent[] = []
  private readonly ending = new AbortController()
  /** Calls take turns: two at once would hear the same. */
  private turn: Promise<unknown> = Promise.resolve()
  private readonly stopListening: () => void

  constructor (private readonly init: SubscriptionInit) {
    const listeners = init.signals.filter(signal => signal !== undefined).map(signal => ({ signal, onAbort: () => { this.end(signal.reason) } }))
    this.stopListening = () => { for (const { signal, onAbort } of listeners) signal.removeEventListener('abort', onAbort) }
    for (const { signal, onAbort } of listeners) {
      if (signal.aborted) this.ending.abort(signal.reason)
      else signal.addEventListener('abort', onAbort, { once: true })
    }
  }

  async begin (): Promise<void> {
    this.ending.signal.throwIfAborted()
    this.take(await this.init.poll(this.from, this.ending.signal))
  }

  async next (): Promise<IteratorResult<LiveEvent>> {
    const mine = this.turn.then(async () => await this.nextInTurn())
    this.turn = mine.catch(() => { /* told to whoever called */ })
    return await mine
  }

  async return (): Promise<IteratorResult<LiveEvent>> {
    this.end(new Returned(`The subscription to ${this.init.topic} is closed: subscribe again`))
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator] (): this { return this }

  async [Symbol.asyncDispose] (): Promise<void> { await this.return() }

  private async nextInTurn (): Promise<IteratorResult<LiveEvent>> {
    const { signal } = this.ending
    try {
      while (this.heard.length === 0) {
        signal.throwIfAborted()
        this.take(await this.ask())
      }
    } catch (error) {
      if (error instanceof Returned) return { done: true, value: undefined }
      throw error
    }
    return { done: false, value: this.heard.shift() as LiveEvent }
  }

  private async ask (): Promise<Heard> {
    const { clock, random, poll } = this.init
    const { signal } = this.ending
    for (let failures = 0; ; failures++) {
      try {
        return await poll(this.from, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (isLasting(error)) throw error
        await pause(clock, Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10)) * (0.5 + random() / 2), signal)
      }
    }
  }

  private take ({ sayings, position, missed }: Heard): void {
    this.ending.signal.throwIfAborted()
    if (missed) this.missed++
    this.from = position
    this.heard = sayings.map(({ data, publisher }) => ({ topic: this.init.topic, data, publisher }))
  }

  private end (reason: unknown): void {
    if (this.ending.signal.aborted) return
    this.heard = []
    this.stopListening()
    this.ending.abort(reason)
  }
}

/** The one who listens has had enough: no failure. */
class Returned extends ClosedError { static override readonly name: string = 'ClosedError' }

/** Another leader, or the same one later, may do better; not if this very member has failed. That the keys differ was said by several peers before it comes here. */
function isLasting (error: unknown): boolean {
  return !(error instanceof RaftMeshError) || [InvalidArgumentError, NotAuthorizedError, ClosedError, EncryptionKeyError, GroupFailedError, StorePoisonedError].some(lasting => error instanceof lasting)
}
