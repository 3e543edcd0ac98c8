import { ClosedError, CompactedError } from '../errors.js'
import { isPassing } from '../recipes/waiting.js'
import { pause } from './deadlines.js'
import type { Answer, WatchPosition } from './queries.js'
import type { Clock } from '../clock.js'
import type { KvChange } from '../machine/kv-types.js'
import type { Watch, WatchEvent } from '../recipes/types.js'

const FIRST_PAUSE_MS = 20
const LAST_PAUSE_MS = 2_000

export interface WatchInit {
  readonly namespace: string
  /** The first revision to tell of. */
  readonly revision: number
  /** The changes from a position on; waits for some while where there are none. Each call may reach another member. */
  readonly poll: (position: WatchPosition, signal: AbortSignal) => Promise<Answer<'changes'>>
  readonly clock: Clock
  readonly random: () => number
  readonly log: (format: string, ...args: unknown[]) => void
  /** Of the handle, and of the caller: either ends it. */
  readonly signals: ReadonlyArray<AbortSignal | undefined>
}

/**
 * A watch, seen from the one who watches. It asks for the changes from a position on, and goes on from where the answer says: so it makes no
 * difference which member answers, or whether an answer was lost. Nothing is asked for before it is wanted; what is kept is one answer,
 * and of a revision that does not fit in one, that revision.
 */
export class KvWatch implements Watch {
  private position: WatchPosition
  /** Of whole revisions, not handed out yet. */
  private ready: WatchEvent[] = []
  /** Of the revision at `position`, whose rest is yet to be asked for. */
  private begun: WatchEvent[] = []
  private readonly ending = new AbortController()
  /** Calls take turns: two polls at once would both go on from the same place. */
  private turn: Promise<unknown> = Promise.resolve()
  private over = false
  private stopListening = (): void => {}

  constructor (private readonly init: WatchInit) {
    this.position = { revision: init.revision, skip: 0 }
    const signals = init.signals.filter(signal => signal !== undefined)
    // Not AbortSignal.any: what it makes stays tied to signals that live long, for as long as they do.
    const listeners = signals.map(signal => ({ signal, onAbort: () => { this.end(signal.reason) } }))
    for (const { signal, onAbort } of listeners) {
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
    }
    this.stopListening = () => { for (const { signal, onAbort } of listeners) signal.removeEventListener('abort', onAbort) }
    if (this.over) this.stopListening()
  }

  get revision (): number { return this.ready[0]?.revision ?? this.position.revision }

  async next (): Promise<IteratorResult<WatchEvent>> {
    return await this.inTurn(async () => {
      if (this.over && this.ending.signal.reason instanceof Returned) return { done: true, value: undefined }
      try {
        return { done: false, value: (await this.fill()).shift() as WatchEvent }
      } catch (error) {
        if (error instanceof Returned) return { done: true, value: undefined }
        throw error
      }
    })
  }

  async nextBatch (): Promise<readonly WatchEvent[]> {
    return await this.inTurn(async () => {
      const batch = await this.fill()
      this.ready = []
      return batch
    })
  }

  async return (): Promise<IteratorResult<WatchEvent>> {
    this.end(new Returned(`The watch of ${this.init.namespace} is closed: begin another at its revision`))
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator] (): this { return this }

  async [Symbol.asyncDispose] (): Promise<void> { await this.return() }

  private end (reason: unknown): void {
    if (this.over) return
    this.over = true
    this.ready = []
    this.begun = []
    this.stopListening()
    this.ending.abort(reason)
  }

  private async inTurn<T> (run: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(run)
    this.turn = mine.catch(() => { /* told to whoever called */ })
    return await mine
  }

  /** What is ready, at least one: also where all is over by the time that the caller looks. What ends it, ends it for good. */
  private async fill (): Promise<WatchEvent[]> {
    while (this.ready.length === 0) {
      this.ending.signal.throwIfAborted()
      try {
        this.take(await this.ask())
      } catch (error) {
        this.end(error)
        throw this.ending.signal.reason
      }
    }
    return this.ready
  }

  private async ask (): Promise<Answer<'changes'>> {
    const { clock, random, log, namespace, poll } = this.init
    const { signal } = this.ending
    for (let failures = 0; ; failures++) {
      try {
        return await poll(this.position, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (!isPassing(error)) throw error
        log('%s: a watch at revision %d was not served, and is tried again: %s', namespace, this.position.revision, error.message)
        await pause(clock, Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10)) * (0.5 + random() / 2), signal)
      }
    }
  }

  private take (answer: Answer<'changes'>): void {
    this.ending.signal.throwIfAborted()
    if (answer.compacted !== undefined) {
      throw new CompactedError(`History of ${this.init.namespace} up to revision ${answer.compacted} is compacted, and the watch is at ${this.position.revision}: read the state again, and watch from its revision on`, answer.compacted)
    }
    const { changes, next } = answer
    const events = changes.flatMap(eventsOf)
    this.position = next
    if (next.skip === 0) {
      this.ready = this.begun.concat(events)
      this.begun = []
      return
    }
    // Whole revisions only: the rest of the last one comes with the next answer.
    const all = this.begun.concat(events)
    const first = all.findIndex(({ revision }) => revision === next.revision)
    this.ready = first === -1 ? all : all.slice(0, first)
    this.begun = first === -1 ? [] : all.slice(first)
  }
}

/** The one who reads it has had enough: no failure. */
class Returned extends ClosedError { static override readonly name: string = 'ClosedError' }

function eventsOf ({ revision, events }: KvChange): WatchEvent[] {
  return events.map(event => event.type === 'put' ? { type: 'set', revision, key: event.row.key, row: event.row } : { type: 'delete', revision, key: event.key })
}
