import { CompactedError } from '../errors.js'
import { decodeIndex, encodeIndex, eventLogKeys, indexOf } from './event-log-rows.js'
import { Following } from './following.js'
import { Listening } from './event-log-listening.js'
import { checkName, checkOptions } from './names.js'
import { numberIn, toBytes } from './queue-input.js'
import { afterWatch, persist, Tied } from './waiting.js'
import type { EventLogKeys } from './event-log-rows.js'
import type { Comparison, RecipeContext, Row, TxnOperation, Value, WriteOptions } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

export interface EventLogOptions {
  /** Events that are kept: the newest, and up to a fifth more. Default 10,000, at most 1,000,000. Whoever appends trims to what they ask for. */
  retain?: number
}

/** Something that was appended: kept, in the one order that all members agree on. `index` rises from event to event, with gaps. */
export interface LogEvent { readonly index: number, readonly value: Uint8Array }

export interface EventReadOptions extends AbortOptions {
  /** Only events behind this index; behind 0 are all that there ever were, which may be more than are kept. Default: all that are kept. */
  after?: number
  /** Default 100, at most 10,000; a page also ends at 1 MiB. */
  limit?: number
}
export interface FollowOptions extends AbortOptions { after?: number }

/** Rows that are looked at for the last event: nearly always the first of them is. */
const LAST = 10
/** Rows that one command deletes. */
const TRIM = 1_000
/** An appender in so many looks after the trimming. */
const PART = 10

/**
 * Events of two kinds. What is **appended** goes through consensus: it is kept, and everyone reads it in the same order, without a gap and
 * without a repetition. What is **emitted** is told to whoever listens at this moment, by way of the leader, and kept nowhere.
 */
export class EventLog {
  readonly name: string
  readonly #context: RecipeContext
  readonly #keys: EventLogKeys
  readonly #retain: number

  constructor (context: RecipeContext, name: string, options: EventLogOptions = {}) {
    checkOptions(options, ['retain'], 'an event log')
    this.name = checkName(name, 'The name of an event log')
    this.#context = context
    this.#keys = eventLogKeys(name)
    this.#retain = numberIn(options.retain ?? 10_000, 1, 1_000_000, 'retain')
  }

  /** Resolves when the event is committed. `index`: the revision at which it is. */
  async append (event: Value, options?: WriteOptions): Promise<{ index: number }> {
    checkOptions(options, ['signal', 'forward'], 'append')
    const { events, count } = this.#keys
    const { revision: index, results } = await this.#context.kv.txn({
      then: [{ type: 'append', prefix: events, value: toBytes(event, 'The event') }, { type: 'set', key: count, value: '' }, { type: 'get', key: count }]
    }, options)
    const counted = results[2]
    await this.#retainNewest(counted?.type === 'get' ? counted.row?.version ?? 0 : 0, index)
    return { index }
  }

  /** The oldest events that are kept behind `after`. Throws CompactedError if events behind it were trimmed. */
  async read (options: EventReadOptions = {}): Promise<LogEvent[]> {
    checkOptions(options, ['after', 'limit', 'signal'], 'read')
    const limit = numberIn(options.limit ?? 100, 1, 10_000, 'limit')
    return (await this.#page(options.after, limit, options.signal)).events
  }

  /** Of the newest event; 0: there is none. */
  async lastIndex (options?: AbortOptions): Promise<number> {
    for await (const row of this.#context.kv.rows({ prefix: this.#keys.events, reverse: true, limit: LAST, keysOnly: true, signal: options?.signal })) {
      const index = indexOf(this.#keys, row)
      if (index !== undefined) return index
    }
    return await this.#trimmedTo(options?.signal)
  }

  /**
   * All events behind `after` (default: all that are kept), those that are there and those to come, whatever becomes of members and connections
   * meanwhile. One that is so slow that events are trimmed before it has read them ends with CompactedError.
   */
  follow (options: FollowOptions = {}): AsyncIterableIterator<LogEvent> {
    return new Following(left => this.#follow(options, left))
  }

  /** Forgets events before that index. */
  async trim (before: number, options?: AbortOptions): Promise<void> {
    numberIn(before, 0, Number.MAX_SAFE_INTEGER, 'before')
    // Not beyond the last event: what is appended next would count as trimmed, and whoever has read all that there is would be told of a gap.
    await this.#trimThrough(Math.min(before - 1, await this.lastIndex(options)), options?.signal)
  }

  /** Tells whoever listens just now: at most once, and kept nowhere. Resolves with how many were told, or will be with their next request. */
  async emit (event: Value, options?: AbortOptions): Promise<number> {
    checkOptions(options, ['signal'], 'emit')
    return await this.#context.live.publish(this.#keys.topic, toBytes(event, 'The event'), options)
  }

  /** Events of both kinds, told apart: what is appended behind `after` (default: from now on), and what is emitted from now on. */
  async listen (options: FollowOptions = {}): Promise<Listening> {
    checkOptions(options, ['after', 'signal'], 'listen')
    const heard = await this.#context.live.subscribe(this.#keys.topic, { signal: options.signal })
    try {
      const after = options.after ?? await this.lastIndex(options)
      return new Listening(heard, signal => this.follow({ after, signal }), options.signal)
    } catch (error) {
      await heard[Symbol.asyncDispose]()
      throw error
    }
  }

  async * #follow (options: FollowOptions, left: AbortSignal): AsyncGenerator<LogEvent, void, undefined> {
    checkOptions(options, ['after', 'signal'], 'follow')
    let { after } = options
    using tied = new Tied([options.signal, this.#context.signal, left])
    const { signal } = tied
    for (;;) {
      const { events, revision, from } = await persist(this.#context, signal, async () => await this.#page(after, 1_000, signal))
      after = from
      for (const event of events) {
        after = event.index
        yield event
      }
      if (events.length > 0) continue
      try {
        for await (const event of this.#live(revision, signal)) {
          // Whoever begins behind an index that is yet to come is told of none before it.
          if (event.index <= after) continue
          after = event.index
          yield event
        }
      } catch (error) {
        // A watch that was too slow for history was not too slow for the log: what was appended meanwhile is read from there.
        await afterWatch(this.#context, error, signal)
      }
    }
  }

  async #page (after: number | undefined, limit: number, signal: AbortSignal | undefined): Promise<{ events: LogEvent[], revision: number, from: number }> {
    if (after !== undefined) numberIn(after, 0, Number.MAX_SAFE_INTEGER, 'after')
    for (let from = after ?? await this.#trimmedTo(signal); ;) {
      const found = await this.#eventsBehind(from, limit, signal)
      // Looked at last: what was trimmed while the page was read is noticed.
      const trimmed = await this.#trimmedTo(signal)
      if (trimmed <= from) return { ...found, from }
      if (after !== undefined) throw new CompactedError(`Events of log ${this.name} up to ${trimmed} are trimmed: there is a gap behind ${after}`, trimmed)
      from = trimmed
    }
  }

  /** The next of them: none, where there are none up to `revision`. */
  async #eventsBehind (index: number, limit: number, signal: AbortSignal | undefined): Promise<{ events: LogEvent[], revision: number }> {
    for (let after: Uint8Array | undefined = this.#keys.behind(index); ;) {
      const { rows, revision, next } = await this.#context.kv.scan({ prefix: this.#keys.events, after, limit, signal })
      const events = rows.flatMap(row => this.#eventOf(row))
      // A page may hold nothing but what no append has made.
      if (events.length > 0 || next === undefined) return { events, revision }
      after = next
    }
  }

  async * #live (revision: number, signal: AbortSignal | undefined): AsyncGenerator<LogEvent> {
    await using watch = await this.#context.kv.watch({ prefix: this.#keys.events, revision: revision + 1, signal })
    for await (const { row } of watch) if (row !== undefined) yield * this.#eventOf(row)
  }

  /**
   * After each tenth of `retain`, whoever has appended that event notes its index, and trims what is behind the note of `retain` events before. If
   * that fails, the next one does it: so a note is missing, and a tenth more is kept for a while, for each appender that fell just there.
   */
  async #retainNewest (number: number, index: number): Promise<void> {
    const step = Math.max(1, Math.floor(this.#retain / PART))
    if (number === 0 || number % step !== 0) return
    const { checkpoint } = this.#keys
    try {
      const oldest = Math.max(0, number - this.#retain)
      const { rows: [note] } = await this.#context.kv.scan({ from: checkpoint(0), to: checkpoint(oldest + 1), reverse: true, limit: 1 })
      const done: TxnOperation = { type: 'set', key: checkpoint(number), value: encodeIndex(index) }
      if (note === undefined) await this.#context.kv.txn({ then: [done] })
      else await this.#trimThrough(decodeIndex(note.value), undefined, [done, { type: 'deleteRange', from: checkpoint(0), to: checkpoint(oldest + 1), limit: TRIM }])
    } catch (error) {
      // Whatever it is: the event itself is appended, and whoever is told otherwise appends it again.
      this.#context.log('events of log %s are not trimmed yet: %s', this.name, (error as Error).message)
    }
  }

  /** First it is said that they are gone, then they go: nobody takes what is left halfway for all there is. */
  async #trimThrough (index: number, signal: AbortSignal | undefined, also: readonly TxnOperation[] = []): Promise<void> {
    const { kv } = this.#context
    const { trimmed, events, behind } = this.#keys
    const remove: TxnOperation = { type: 'deleteRange', from: events, to: behind(Math.max(0, index)), limit: TRIM }
    let more: readonly TxnOperation[] = also
    for (;;) {
      const { row } = await kv.read(trimmed, { signal })
      const further = decodeIndex(row?.value) < index
      const compare: Comparison[] = further ? [{ key: trimmed, modRevision: row?.modRevision ?? 0 }] : []
      const mark: TxnOperation[] = further ? [{ type: 'set', key: trimmed, value: encodeIndex(index) }] : []
      const { succeeded, results: [removed] } = await kv.txn({ compare, then: [remove, ...mark, ...more] }, { signal })
      if (!succeeded) continue
      if (removed?.type !== 'deleteRange' || removed.deleted < TRIM) return
      more = []
    }
  }

  async #trimmedTo (signal: AbortSignal | undefined): Promise<number> {
    return decodeIndex(await this.#context.kv.get(this.#keys.trimmed, { signal }))
  }

  #eventOf (row: Row): LogEvent[] {
    const index = indexOf(this.#keys, row)
    return index === undefined ? [] : [{ index, value: new Uint8Array(row.value) }]
  }
}
