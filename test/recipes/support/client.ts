import { ClosedError, NoLeaderError, UnavailableError, UnknownOutcomeError } from '../../../src/errors.js'
import { KvHandle } from '../../../src/service/handle.js'
import { ProcessClock } from './process-clock.js'
import type { HandleContext, Proposed } from '../../../src/service/handle.js'
import type { Answer, Query, QueryType } from '../../../src/service/queries.js'
import type { WriteOptions } from '../../../src/recipes/types.js'
import type { Clock } from '../../../src/clock.js'
import type { SimGroup } from './group.js'
import type { AbortOptions } from '@libp2p/interface'

/**
 * What becomes of a write: done and answered; refused before anything was done; lost on the way there, or on the way back (whoever waits is told
 * that nobody knows); or, which looks the same, done a good while later.
 */
export type Fate = 'done' | 'refused' | 'lost' | 'unanswered' | 'late'

export interface ClientInit {
  readonly clock: Clock
  readonly group: SimGroup
  readonly random: () => number
  /** ms that one way takes. */
  readonly delay: () => number
}

/** How much later a late write lands. */
export const LATE_MS = 700

/** A process of its own that uses the namespace from afar. */
export class SimClient extends KvHandle {
  readonly namespace = '/raft/simulated'
  readonly process: ProcessClock
  /** `what`: the operation, such as `txn`, `grant`, `revoke`. */
  fate: (what: string, command: Uint8Array) => Fate = () => 'done'
  /** Questions that fail, such as those of a type: `keepAlive`. */
  failing: (type: QueryType) => boolean = () => false
  /** Writes and questions that were sent, by name. */
  readonly sent = new Map<string, number>()
  protected override readonly context: HandleContext
  protected override readonly pollMs = 5_000
  private readonly closing = new AbortController()

  constructor (private readonly init: ClientInit) {
    super()
    this.process = new ProcessClock(init.clock)
    this.context = { clock: this.process, random: init.random, log: () => {}, signal: this.closing.signal }
  }

  override async propose (what: string, command: Uint8Array, options?: WriteOptions): Promise<Proposed> {
    this.begin(what, options)
    const copy = new Uint8Array(command)
    // What was sent is done, whether or not somebody still waits for it.
    return await this.untilAborted(this.carry(what, copy), options?.signal, () => new UnknownOutcomeError(`${what} was given up`))
  }

  override async ask<K extends QueryType> (query: Query<K>, options?: AbortOptions): Promise<Answer<K>> {
    this.begin(query.type, options)
    return await this.untilAborted(this.fetch(query, options?.signal), options?.signal, signal => signal.reason)
  }

  override async barrier (options?: AbortOptions): Promise<number> {
    this.begin('barrier', options)
    return await this.untilAborted(this.fetchRevision(), options?.signal, signal => signal.reason)
  }

  close (): void { this.closing.abort(new ClosedError('The handle is closed')) }

  private begin (what: string, options: AbortOptions | undefined): void {
    options?.signal?.throwIfAborted()
    this.closing.signal.throwIfAborted()
    this.sent.set(what, (this.sent.get(what) ?? 0) + 1)
  }

  private async carry (what: string, command: Uint8Array): Promise<Proposed> {
    const { clock, group } = this.init
    const fate = this.fate(what, command)
    await this.travel()
    if (fate === 'refused') throw await this.told(new NoLeaderError(`${what}: there is no leader`))
    if (fate === 'late') clock.setTimer(LATE_MS, () => { group.apply(command) })
    const answer = fate === 'done' || fate === 'unanswered' ? group.apply(command) : undefined
    await this.travel()
    if (fate !== 'done' || answer === undefined) throw await this.told(new UnknownOutcomeError(`${what}: the answer was lost`))
    await this.process.awake()
    return answer
  }

  private async fetch<K extends QueryType> (query: Query<K>, signal: AbortSignal | undefined): Promise<Answer<K>> {
    await this.travel()
    if (this.failing(query.type)) {
      await this.travel()
      throw await this.told(new UnavailableError(`${query.type}: no answer`))
    }
    const answer = await this.init.group.answer(query, signal)
    await this.travel()
    await this.process.awake()
    return answer
  }

  private async fetchRevision (): Promise<number> {
    await this.travel()
    const { revision } = this.init.group.kv
    await this.travel()
    await this.process.awake()
    return revision
  }

  private async told<T> (error: T): Promise<T> {
    await this.process.awake()
    return error
  }

  private async travel (): Promise<void> {
    const ms = this.init.delay()
    if (ms > 0) await new Promise<void>(resolve => { this.init.clock.setTimer(ms, resolve) })
  }

  private async untilAborted<T> (work: Promise<T>, caller: AbortSignal | undefined, error: (signal: AbortSignal) => unknown): Promise<T> {
    const signals = [caller, this.closing.signal].filter(signal => signal !== undefined)
    return await new Promise<T>((resolve, reject) => {
      const listeners = signals.map(signal => ({ signal, onAbort: () => { end(); reject(error(signal)) } }))
      const end = (): void => { for (const { signal, onAbort } of listeners) signal.removeEventListener('abort', onAbort) }
      for (const { signal, onAbort } of listeners) signal.addEventListener('abort', onAbort)
      work.then(resolve, reject).finally(end)
    })
  }
}
