import { ClosedError } from '../errors.js'
import { asError, defer } from './deferred.js'
import { Fifo } from './fifo.js'
import type { Clock, Timer } from '../clock.js'
import type { Deferred } from './deferred.js'
import type { EngineLog } from './options.js'

export interface Buildable {
  readonly namespace: string
  readonly snapshotIntervalMs: number
  /** [0, 1) of the interval, so that groups made together don't build together. */
  readonly snapshotPhase: number
  buildSnapshot: (signal: AbortSignal) => Promise<void>
}

interface State {
  queued?: Deferred<void>
  running?: { readonly abort: AbortController, readonly ended: Promise<void> }
}

/**
 * When snapshots are built: one at a time for a group, a few at a time for the node, and a request that comes during a build gets a build
 * of its own afterwards (openraft lost such a trigger; and its caller wants the state as of now, not as of when the other began).
 */
export class SnapshotBuilder<G extends Buildable> {
  readonly #clock: Clock
  readonly #atOnce: number
  readonly #log: EngineLog
  readonly #states = new Map<G, State>()
  readonly #order = new Fifo<G>()
  /** Groups over their threshold, and when their interval is over. */
  readonly #watched = new Map<G, number>()
  #running = 0
  #timer: Timer | undefined
  #timerAt = Infinity

  constructor (clock: Clock, atOnce: number, log: EngineLog) {
    this.#clock = clock
    this.#atOnce = atOnce
    this.#log = log
  }

  /** Resolves when a snapshot that was begun after this call is durable (or there is nothing newer than the last one). */
  async request (group: G): Promise<void> {
    const state = this.#states.get(group) ?? {}
    this.#states.set(group, state)
    if (state.queued === undefined) {
      state.queued = defer()
      if (state.running === undefined) this.#order.push(group)
    }
    const { promise } = state.queued
    this.#pump()
    await promise
  }

  /** For the policy: nobody waits for the outcome. */
  requestSoon (group: G): void {
    if (this.#states.has(group)) return
    this.request(group).catch((error: Error) => {
      if (!(error instanceof ClosedError)) this.#log.error('taking a snapshot of %s failed, it is tried again at the next interval: %s', group.namespace, error.message)
    })
  }

  /** Over its threshold: due when its interval is next over. One timer for all; a group that applies nothing is not looked at. */
  watch (group: G): void {
    if (this.#watched.has(group) || this.#states.has(group)) return
    const every = group.snapshotIntervalMs
    const phase = group.snapshotPhase * every
    const due = (Math.floor((this.#clock.now() - phase) / every) + 1) * every + phase
    this.#watched.set(group, due)
    this.#arm()
  }

  /** Stop what is queued or being built for `group`; resolves when nothing of it runs any more. */
  async forget (group: G): Promise<void> {
    this.#watched.delete(group)
    const state = this.#states.get(group)
    const closed = new ClosedError(`${group.namespace} was closed before its snapshot was taken`)
    state?.queued?.reject(closed)
    if (state !== undefined) state.queued = undefined
    state?.running?.abort.abort(closed)
    await state?.running?.ended
  }

  stop (): void {
    this.#timer?.cancel()
    this.#watched.clear()
  }

  #pump (): void {
    while (this.#running < this.#atOnce) {
      const group = this.#order.shift()
      if (group === undefined) return
      const state = this.#states.get(group)
      if (state?.queued !== undefined && state.running === undefined) this.#start(group, state, state.queued)
    }
  }

  #start (group: G, state: State, waiting: Deferred<void>): void {
    const abort = new AbortController()
    const ended = defer()
    state.queued = undefined
    state.running = { abort, ended: ended.promise }
    this.#watched.delete(group)
    this.#running++
    group.buildSnapshot(abort.signal).then(waiting.resolve, thrown => { waiting.reject(asError(thrown)) }).finally(() => {
      this.#running--
      state.running = undefined
      if (state.queued !== undefined) this.#order.push(group)
      else this.#states.delete(group)
      ended.resolve()
      this.#pump()
    })
  }

  #arm (): void {
    let at = Infinity
    for (const due of this.#watched.values()) at = Math.min(at, due)
    if (at === Infinity || (this.#timer !== undefined && this.#timerAt <= at)) return
    this.#timer?.cancel()
    this.#timerAt = at
    this.#timer = this.#clock.setTimer(Math.max(at - this.#clock.now(), 0), () => {
      this.#timer = undefined
      const now = this.#clock.now()
      for (const [group, due] of [...this.#watched]) {
        if (due > now) continue
        this.#watched.delete(group)
        this.requestSoon(group)
      }
      this.#arm()
    })
  }
}
