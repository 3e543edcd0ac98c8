import { setMaxListeners } from 'node:events'
import { LeaseNotFoundError, LockLostError, RaftMeshError, UnknownOutcomeError } from '../errors.js'
import { checkOptions } from './names.js'
import { isPassing, orAborted, pause } from './waiting.js'
import type { Timer } from '../clock.js'
import type { QueueItem as StoredItem } from '../machine/kv-types.js'
import type { RecipeContext } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

export interface ReleaseOptions extends AbortOptions {
  /** It was not tried: this attempt does not count. */
  untried?: boolean
}

const ACK_AGAIN_MS = 100

/** What was pushed. `sequence`: its place in the queue, which never changes. `attempts`: how often it has been taken. */
export interface QueueEntry {
  readonly sequence: number
  readonly id: string | undefined
  readonly value: Uint8Array
  readonly attempts: number
}

/** An item that this consumer has, until it is acked or released, or its visibility is over. */
export interface QueueItem extends QueueEntry {
  /** The fencing token: greater than that of everyone who had this item before. Items that were taken together share it. */
  readonly token: number
  /** Aborts, with LockLostError, when the visibility may be over: somebody else may have the item. */
  readonly signal: AbortSignal
  /**
   * It is done, and gone from the queue. A lost answer is asked for again for as long as the item is surely held; whoever gives up waiting takes
   * nothing back. Throws LockLostError if the item is not held any more: then it will be, or has been, handled again.
   */
  ack: (options?: AbortOptions) => Promise<void>
  /** Holds it, and what was taken with it, for another `visibility` ms from now. */
  extend: (options?: AbortOptions) => Promise<void>
  /** It is not done: back to its place, for the next taker. Once it is lost anyway, this does nothing. */
  release: (options?: ReleaseOptions) => Promise<void>
}

/** The lease that items were taken under, as their taker sees it: it gives up before the leader, who began to count later, ends it. */
export class Visibility {
  readonly #lost = new AbortController()
  readonly #open = new Set<number>()
  #deadline: number
  #timer: Timer | undefined
  #extending: Promise<void> | undefined

  constructor (readonly context: RecipeContext, readonly queue: string, readonly lease: number, readonly ttl: number, sent: number, items: readonly StoredItem[]) {
    for (const { sequence } of items) this.#open.add(sequence)
    this.#deadline = sent + ttl
    // One for each item, at least.
    setMaxListeners(0, this.#lost.signal)
    this.#arm()
  }

  /** Looks at the clock first: after a pause of the process, whoever asks may be earlier than the timer. */
  get signal (): AbortSignal {
    if (this.#open.size > 0 && this.context.clock.now() >= this.#deadline) this.lose()
    return this.#lost.signal
  }

  /** Its holder is sure of it, by its own clock. */
  get holds (): boolean { return !this.#lost.signal.aborted && this.context.clock.now() < this.#deadline }

  isOpen (sequence: number): boolean { return this.#open.has(sequence) }

  /** Done with an item: of the last, there is nothing to lose any more. */
  settle (sequence: number): void {
    this.#open.delete(sequence)
    if (this.#open.size === 0) this.#timer?.cancel()
  }

  /** One keep-alive serves all who ask for it while it is on its way: what was taken together is extended together. */
  async extend (options?: AbortOptions): Promise<void> {
    this.signal.throwIfAborted()
    this.#extending ??= this.#extendOnce().finally(() => { this.#extending = undefined })
    await orAborted(this.#extending, options?.signal)
  }

  lose (cause?: unknown): void {
    this.#timer?.cancel()
    this.#lost.abort(new LockLostError(`The visibility of what was taken from queue ${this.queue} is over, or may be: somebody else may have it`, { cause }))
  }

  async #extendOnce (): Promise<void> {
    const sent = this.context.clock.now()
    try {
      await this.context.kv.leases.keepAlive(this.lease, { signal: this.context.signal })
    } catch (error) {
      if (error instanceof LeaseNotFoundError) this.lose(error)
      this.signal.throwIfAborted()
      throw error
    }
    this.signal.throwIfAborted()
    this.#deadline = Math.max(this.#deadline, sent + this.ttl)
    this.#arm()
  }

  #arm (): void {
    this.#timer?.cancel()
    if (this.#open.size === 0) return
    this.#timer = this.context.clock.setTimer(Math.max(0, this.#deadline - this.context.clock.now()), () => { this.lose() })
  }
}

export class TakenItem implements QueueItem {
  readonly #context: RecipeContext
  readonly #visibility: Visibility
  /** How it was given up. */
  #end: 'acked' | 'released' | undefined
  #acking: Promise<void> | undefined
  /** An ack was sent of which nobody knows what became. */
  #unheard = false

  constructor (visibility: Visibility, readonly sequence: number, readonly id: string | undefined, readonly value: Uint8Array, readonly attempts: number) {
    this.#context = visibility.context
    this.#visibility = visibility
  }

  get token (): number { return this.#visibility.lease }
  get signal (): AbortSignal { return this.#visibility.signal }

  async ack (options?: AbortOptions): Promise<void> {
    checkOptions(options, ['signal'], 'ack')
    options?.signal?.throwIfAborted()
    if (this.#end === 'acked') return
    this.#checkNotEnded()
    // One for all who ask: a second would find the item gone, and take what the first did for the doing of somebody else.
    this.#acking ??= this.#ackOnce(this.#context.signal).finally(() => { this.#acking = undefined })
    await orAborted(this.#acking, options?.signal)
  }

  async extend (options?: AbortOptions): Promise<void> {
    checkOptions(options, ['signal'], 'extend')
    this.#checkNotEnded()
    await this.#visibility.extend(options)
  }

  async release (options: ReleaseOptions = {}): Promise<void> {
    checkOptions(options, ['untried', 'signal'], 'release')
    // One that is on its way may be done, whatever comes of its answer.
    if (this.#acking !== undefined) await orAborted(this.#acking.catch(() => { /* it is told of there */ }), options.signal)
    if (this.#end !== undefined) return
    try {
      await this.#give({ type: 'queue-release', untried: options.untried }, options.signal)
    } catch (error) {
      if (!(error instanceof LockLostError)) throw error
    }
    this.#finish('released')
  }

  async #ackOnce (signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#give({ type: 'queue-ack' }, signal)
        this.#finish('acked')
        return
      } catch (error) {
        const holds = this.#visibility.holds
        // Nobody takes an item from who surely holds it: it was this very ack that was done, and its answer that was lost.
        if (error instanceof LockLostError && this.#unheard && holds) {
          this.#finish('acked')
          return
        }
        this.#unheard ||= error instanceof RaftMeshError && error.outcome === 'unknown'
        if (this.#unheard && !holds) throw new UnknownOutcomeError(`Item ${this.sequence} of queue ${this.#visibility.queue} is done, or will be handled again: no answer came while it was held`, { cause: error })
        if (!isPassing(error) || !holds) throw error
        await pause(this.#context.clock, ACK_AGAIN_MS * (0.5 + this.#context.random()), signal)
      }
    }
  }

  async #give (how: { type: 'queue-ack' } | { type: 'queue-release', untried: boolean | undefined }, signal: AbortSignal | undefined): Promise<void> {
    await this.#context.run({ ...how, queue: this.#visibility.queue, lease: this.token, items: [this.sequence] }, { signal })
  }

  #checkNotEnded (): void {
    if (this.#end !== undefined) throw new LockLostError(`Item ${this.sequence} of queue ${this.#visibility.queue} was ${this.#end} already`)
  }

  #finish (end: 'acked' | 'released'): void {
    this.#end = end
    this.#visibility.settle(this.sequence)
  }
}
