import { MAX_LEASE_TTL, MIN_LEASE_TTL } from '../machine/kv-types.js'
import {
  decodeCounters, decodeItem, decodeSettings, MAX_QUEUE_ATTEMPTS, MAX_QUEUE_DEDUPE, MAX_QUEUE_ID, MAX_QUEUE_ITEMS, queueKeys, sequenceOf
} from '../machine/queue-rows.js'
import { InvalidArgumentError, UnknownOutcomeError } from '../errors.js'
import { checkName, checkOptions } from './names.js'
import { consume } from './queue-consumer.js'
import { numberIn, toBytes, toId } from './queue-input.js'
import { TakenItem, Visibility } from './queue-item.js'
import { orAborted, pause, Tied, watchUntil } from './waiting.js'
import type { KvAnswer, QueueCommand } from '../machine/kv-types.js'
import type { ItemTable, QueueKeys, QueueSettings } from '../machine/queue-rows.js'
import type { ConsumeOptions } from './queue-consumer.js'
import type { QueueEntry, QueueItem, ReleaseOptions } from './queue-item.js'
import type { RecipeContext, Value, WriteOptions } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

export type { ConsumeOptions, QueueEntry, QueueItem, QueueSettings, ReleaseOptions }

export interface PushOptions extends WriteOptions {
  /** The same id pushed again, while it is remembered (`dedupe`), is the same item: it is not added a second time. At most 255 bytes. */
  id?: string
}

/** `fresh`: false, if the id was known; `sequence` is then the place that it has, or had. */
export interface Pushed { readonly sequence: number, readonly fresh: boolean }

export interface PopOptions extends AbortOptions {
  /** ms for which the items are this consumer's, unless it extends them. Default 30,000; from 100 to 24 hours. */
  visibility?: number
  /** ms to wait for an item, if there is none. Default 0; Infinity: for as long as it takes. */
  wait?: number
  /** Items at most. Default 1, at most 100; fewer, if their values are over 1 MiB together. */
  limit?: number
}

export interface PeekOptions extends AbortOptions {
  /** Default 10, at most 1,000. */
  limit?: number
  /** Only items behind this sequence. */
  after?: number
}

/** Items that wait, that somebody has, and that were given up on. */
export interface QueueLength { readonly ready: number, readonly taken: number, readonly dead: number }

/** Items that were taken `maxAttempts` times and never acked. They count towards `maxLength` until they are redriven or removed. */
export interface DeadLetters {
  list: (options?: PeekOptions) => Promise<QueueEntry[]>
  /** Back to their places in the queue, with no attempts behind them: the first `limit` of them, or all. Resolves with how many. */
  redrive: (options?: { limit?: number } & WriteOptions) => Promise<number>
  /** Resolves with how many were there. */
  remove: (sequences: readonly number[], options?: WriteOptions) => Promise<number>
}

const WRITE = ['signal', 'forward']
/** The longest pause of one who came too late again and again. */
const LATE_PAUSE_MS = 256

/**
 * A queue of items, first in, first out. Each is handed to one consumer at a time, and is gone once that says that it is done; whoever fails to
 * say so in time loses it to the next. So each is handled at least once, and never by two who both still have it.
 */
export class Queue {
  readonly name: string
  readonly deadLetters: DeadLetters
  readonly #context: RecipeContext
  readonly #keys: QueueKeys
  /** Takes that came too late, lately. */
  #losses = 0

  constructor (context: RecipeContext, name: string) {
    this.name = checkName(name, 'The name of a queue')
    this.#context = context
    this.#keys = queueKeys(name)
    this.deadLetters = {
      list: async options => await this.#list('dead', options),
      redrive: async options => await this.#redrive(options),
      remove: async (sequences, options) => await this.#discard(sequences, options)
    }
  }

  /** To the end of the queue. Throws BusyError when it is full. */
  async push (value: Value, { id, ...options }: PushOptions = {}): Promise<Pushed> {
    checkOptions(options, ['id', ...WRITE], 'push')
    const { sequence, fresh } = await this.#run('pushed', {
      type: 'queue-push',
      queue: this.name,
      ...(id === undefined ? {} : { id: toId(id, MAX_QUEUE_ID, 'The id') }),
      value: toBytes(value, 'The value')
    }, options)
    return { sequence, fresh }
  }

  /** The first items that are ready, for this consumer. None, if there are none before `wait` is over. */
  async pop (options: PopOptions = {}): Promise<QueueItem[]> {
    checkOptions(options, ['visibility', 'wait', 'limit', 'signal'], 'pop')
    const visibility = numberIn(options.visibility ?? 30_000, MIN_LEASE_TTL, MAX_LEASE_TTL, 'visibility')
    const limit = numberIn(options.limit ?? 1, 1, MAX_QUEUE_ITEMS, 'limit')
    const wait = options.wait ?? 0
    if (typeof wait !== 'number' || !(wait >= 0)) throw new InvalidArgumentError(`wait must be a number of 0 or more, got ${String(wait)}`)
    using tied = new Tied([options.signal, this.#context.signal])
    const { items, revision } = await this.#take(limit, visibility, tied.signal)
    return items.length > 0 || wait === 0 ? items : await this.#waitAndTake({ limit, visibility, wait, revision }, tied.signal)
  }

  /**
   * Handles items until `signal` aborts, `concurrency` of them at once: an item is held for as long as its handler runs, acked when that succeeds, and
   * released when it throws. Resolves when the last handler is done. What fails in passing is tried again; anything else is thrown.
   */
  async consume (handler: (item: QueueItem) => unknown, options: ConsumeOptions = {}): Promise<void> {
    await consume(this, this.#context, handler, options)
  }

  /** What is next, without taking it. */
  async peek (options?: PeekOptions): Promise<QueueEntry[]> {
    return await this.#list('ready', options)
  }

  async length (options?: AbortOptions): Promise<QueueLength> {
    checkOptions(options, ['signal'], 'length')
    const { ready, taken, dead } = decodeCounters(await this.#context.kv.get(this.#keys.counters, options))
    return { ready, taken, dead }
  }

  async settings (options?: AbortOptions): Promise<QueueSettings> {
    checkOptions(options, ['signal'], 'settings')
    return decodeSettings(await this.#context.kv.get(this.#keys.settings, options))
  }

  /** What is not given stays as it is. For the items that are there and those to come, on all members and clients. */
  async configure (settings: Partial<QueueSettings>, options?: WriteOptions): Promise<void> {
    checkOptions(settings, ['maxAttempts', 'maxLength', 'dedupe'], 'a queue')
    checkOptions(options, WRITE, 'configure')
    const given = (name: keyof QueueSettings, min: number, max: number): number | undefined => settings[name] === undefined ? undefined : numberIn(settings[name], min, max, name)
    // Not read here and written whole: of two who change different things at once, one would undo what the other did.
    await this.#run('written', {
      type: 'queue-configure',
      queue: this.name,
      maxAttempts: given('maxAttempts', 0, MAX_QUEUE_ATTEMPTS),
      maxLength: given('maxLength', 1, Number.MAX_SAFE_INTEGER),
      dedupe: given('dedupe', 0, MAX_QUEUE_DEDUPE)
    }, options)
  }

  async #waitAndTake (want: { limit: number, visibility: number, wait: number, revision: number }, signal: AbortSignal): Promise<QueueItem[]> {
    const { clock } = this.#context
    const late = new Error('no item came')
    using waiting = new Tied([signal])
    if (want.wait !== Infinity) waiting.limit(clock, want.wait, () => late)
    let { revision } = want
    try {
      for (;;) {
        revision = await this.#untilReady(revision, waiting.signal)
        const taken = await this.#take(want.limit, want.visibility, signal)
        if (taken.items.length > 0) {
          this.#losses = 0
          return taken.items
        }
        this.#losses = Math.min(this.#losses + 1, 16)
        revision = taken.revision
      }
    } catch (error) {
      if (error === late) return []
      throw error
    }
  }

  /**
   * Until there is something to take, as far as is known: the revision at which that was so. The counters are watched, and not the items, whose
   * values would go to everyone who waits. All hear of an item, and one gets it: so who came too late lately waits a moment of chance, as
   * on an Ethernet, and looks whether it is still there before writing to everyone's log.
   */
  async #untilReady (after: number, signal: AbortSignal): Promise<number> {
    const { kv, clock, random } = this.#context
    for (let seen = after; ;) {
      const heard = await watchUntil(this.#context, { key: this.#keys.counters }, seen, signal, batch => {
        const last = batch[batch.length - 1]
        seen = last.revision
        return decodeCounters(last.row?.value).ready > 0
      })
      if (!heard || this.#losses === 0) return seen
      await pause(clock, random() * Math.min(8 * 2 ** this.#losses, LATE_PAUSE_MS), signal)
      const { row, revision } = await kv.read(this.#keys.counters, { consistency: 'stale', signal })
      // Whoever is asked may be behind what was heard already.
      if (revision < seen || decodeCounters(row?.value).ready > 0) return seen
      seen = revision
    }
  }

  /** Not given the signal: of a take that is given up halfway, nobody would know what it took. */
  async #take (limit: number, visibility: number, signal: AbortSignal): Promise<{ items: TakenItem[], revision: number }> {
    signal.throwIfAborted()
    const sent = this.#context.clock.now()
    const taking = this.#run('taken', { type: 'queue-take', queue: this.name, limit, visibility }, {}).then(({ items, revision }) => {
      const held = new Visibility(this.#context, this.name, revision, visibility, sent, items)
      return { revision, items: items.map(({ sequence, id, value, attempts }) => new TakenItem(held, sequence, toText(id), value, attempts)) }
    })
    try {
      return await orAborted(taking, signal)
    } catch (error) {
      if (signal.aborted) void taking.then(({ items }) => { this.#giveBack(items) }, () => { /* nothing was taken, as far as anybody knows */ })
      throw error
    }
  }

  #giveBack (items: readonly TakenItem[]): void {
    for (const item of items) item.release({ untried: true }).catch(() => { /* it comes back when its visibility is over */ })
  }

  async #list (table: ItemTable, options: PeekOptions = {}): Promise<QueueEntry[]> {
    checkOptions(options, ['limit', 'after', 'signal'], 'a list of items')
    const { rows } = await this.#context.kv.scan({
      prefix: this.#keys.items(table),
      limit: numberIn(options.limit ?? 10, 1, 1_000, 'limit'),
      ...(options.after === undefined ? {} : { after: this.#keys.item(table, numberIn(options.after, 0, Number.MAX_SAFE_INTEGER, 'after')) }),
      signal: options.signal
    })
    return rows.map(({ key, value: stored }) => {
      const { id, value, attempts } = decodeItem(stored)
      return { sequence: sequenceOf(key) ?? 0, id: toText(id), value, attempts }
    })
  }

  async #redrive ({ limit = Infinity, ...options }: { limit?: number } & WriteOptions = {}): Promise<number> {
    checkOptions(options, ['limit', ...WRITE], 'redrive')
    if (limit !== Infinity) numberIn(limit, 1, Number.MAX_SAFE_INTEGER, 'limit')
    // Those that are dead by now: with handlers that go on failing, there is no end of those that come after.
    const wanted = Math.min(limit, (await this.length({ signal: options.signal })).dead)
    let done = 0
    while (done < wanted) {
      const { count } = await this.#run('counted', { type: 'queue-redrive', queue: this.name, limit: Math.min(MAX_QUEUE_ITEMS, wanted - done) }, options)
      // Fewer than asked for are no sign of the end: one command brings back a MiB at most.
      if (count === 0) break
      done += count
    }
    return done
  }

  async #discard (sequences: readonly number[], options: WriteOptions = {}): Promise<number> {
    checkOptions(options, WRITE, 'remove')
    let done = 0
    for (let i = 0; i < sequences.length; i += MAX_QUEUE_ITEMS) {
      const items = sequences.slice(i, i + MAX_QUEUE_ITEMS).map(sequence => numberIn(sequence, 0, Number.MAX_SAFE_INTEGER, 'A sequence'))
      done += (await this.#run('counted', { type: 'queue-discard', queue: this.name, items }, options)).count
    }
    return done
  }

  async #run<T extends KvAnswer['type']> (type: T, command: QueueCommand, options: WriteOptions | undefined): Promise<Extract<KvAnswer, { type: T }>> {
    const answer = await this.#context.run(command, options)
    if (answer.type !== type) throw new UnknownOutcomeError(`The answer to ${command.type} cannot be read: the peer may run an incompatible version`)
    return answer as Extract<KvAnswer, { type: T }>
  }
}

const toText = (id: Uint8Array | undefined): string | undefined => id === undefined ? undefined : new TextDecoder('utf-8', { ignoreBOM: true }).decode(id)
