import type { LeaseOptions, Value } from '../types.js'
import type { AbortOptions } from '@libp2p/interface'

/**
 * - A cron expression: five fields (minute, hour, day of month, month, day of week), six with seconds in front, or a name such as `@daily`.
 * - `every`: ms, counted from when the job was added. At least 1,000.
 * - `at`: once; a Date or ms since 1970.
 */
export type Schedule = string | { readonly every: number } | { readonly at: Date | number }

/**
 * - `at-most-once`: the handler is called for a tick once or never. If whoever runs it disappears in the middle, the run is `lost`: nobody knows
 *   how far it came.
 * - `at-least-once`: if it disappears, or the handler throws, the tick is run again; the handler must bear that.
 */
export type Delivery = 'at-most-once' | 'at-least-once'

/**
 * What becomes of ticks that came due while there was no scheduler or nobody to run them. `skip`: only the last, if it is no older than `grace`; with overlap
 * `skip`, one that was decided on and that nobody has begun by then is skipped too.
 * `once`: only the last, however old. `all`: each, the last {@link MAX_CATCH_UP} at most.
 */
export type Missed = 'skip' | 'once' | 'all'

/**
 * What becomes of a tick that comes due while an earlier one has not ended: it is skipped, it waits for its turn, or it is run beside.
 * {@link MAX_WAITING} ticks of a job wait at most; more are skipped.
 */
export type Overlap = 'skip' | 'queue' | 'allow'

/** How often a handler that throws is called again, and after how long: `backoff` ms, doubled each time up to `maxBackoff`. */
export interface Retries { readonly max?: number, readonly backoff?: number, readonly maxBackoff?: number }

export interface JobOptions {
  readonly schedule: Schedule
  /** IANA name, of a cron expression only. Default `UTC`. */
  readonly timeZone?: string
  readonly delivery: Delivery
  /** Default `skip`. */
  readonly missed?: Missed
  /** ms: a tick later than this was missed. Default 30,000. */
  readonly grace?: number
  /** Default `skip`. */
  readonly overlap?: Overlap
  /** Of `at-least-once` jobs. Default `{ max: 5, backoff: 1_000, maxBackoff: 60_000 }`. */
  readonly retries?: Retries
  /** What the handler is given; 65,536 bytes at most. */
  readonly data?: Value
  /** Ended runs that are kept. Default 20, at most 1,000. */
  readonly history?: number
  /** No tick comes due while it is paused, and no run that waits begins. Default false. */
  readonly paused?: boolean
  /** ms after which the handler's signal aborts. The run has failed then; the next one waits for the handler to return all the same. */
  readonly timeout?: number
}

export interface NewJob extends JobOptions { readonly name: string }

export interface Job extends Required<Omit<JobOptions, 'schedule' | 'retries' | 'data' | 'timeout'>> {
  readonly name: string
  readonly schedule: string | { readonly every: number } | { readonly at: Date }
  readonly retries: Required<Retries>
  readonly data: Uint8Array
  readonly timeout?: number
  /** Changes of the job so far; for `update` with an expected version. */
  readonly version: number
  /** All ticks up to this time are decided: run, to be run, or skipped. */
  readonly decidedUpTo: Date
  /** By the schedule and this process's clock; none while it is paused, and once there will be no more. */
  readonly next: Date | undefined
  /** Ticks that were skipped because an earlier one had not ended, or because nobody had begun them within `grace`. */
  readonly skipped: number
}

/**
 * - `waiting`: decided, for somebody to be free, or for another try.
 * - `claimed`: somebody was chosen; the handler has not been called.
 * - `running`: written before the handler is called.
 * - `done`, `failed` (it threw, and will not be tried again), `lost` (see {@link Delivery}): the end.
 */
export type RunState = 'waiting' | 'claimed' | 'running' | 'done' | 'failed' | 'lost'

export interface Run {
  readonly job: string
  readonly tick: Date
  readonly state: RunState
  /** Calls of the handler: 0 before the first. */
  readonly attempt: number
  /** The lease of whoever runs it, or did. */
  readonly worker: number | undefined
  /** By the clock of whoever wrote it. */
  readonly claimedAt: Date | undefined
  readonly startedAt: Date | undefined
  readonly endedAt: Date | undefined
  /** What the last attempt failed with. */
  readonly error: string | undefined
}

export interface RunContext {
  readonly job: string
  /** The time for which it was due. */
  readonly tick: Date
  /** From 1. */
  readonly attempt: number
  /** Fencing token: greater than that of every attempt that was handed out before. With overlap `allow`, ticks that are handed out together have the same. */
  readonly token: number
  readonly data: Uint8Array
  /** Aborts when the run is over for the group (its worker's lease is lost, its time is up, the job was removed) or the subscription is aborted. */
  readonly signal: AbortSignal
}

export type RunHandler = (run: RunContext) => unknown

export interface RunOptions extends LeaseOptions {
  /** Runs at a time. Default 1. */
  readonly concurrency?: number
}

export interface Subscription extends AsyncDisposable {
  /** Takes no more runs, and resolves when those under way have ended. */
  close: () => Promise<void>
  /** Resolves when it has ended, by `close`, the `signal` or the handle; rejects if it cannot go on. */
  readonly closed: Promise<void>
}

export interface UpdateOptions extends AbortOptions {
  /** Only if the job is at this version. Otherwise ConflictError. */
  readonly version?: number
}
export interface HistoryOptions extends AbortOptions { readonly limit?: number }

/** Jobs that are run at their times by whoever subscribes to them, and not twice. */
export interface CronApi {
  /** ConflictError if there is one of that name. */
  add: (job: NewJob, options?: AbortOptions) => Promise<Job>
  /** What is not given stays. With another schedule, ticks count from now. */
  update: (name: string, changes: Partial<JobOptions>, options?: UpdateOptions) => Promise<Job>
  /** And its runs: those under way are told by their signal. NotFoundError if there is none. */
  remove: (name: string, options?: UpdateOptions) => Promise<void>
  get: (name: string, options?: AbortOptions) => Promise<Job | undefined>
  /** One whose row makes no sense, whoever wrote it, is left out; it can be removed. */
  list: (options?: AbortOptions) => Promise<Job[]>
  /** Runs, the newest first, those that have not ended too. */
  history: (name: string, options?: HistoryOptions) => Promise<Run[]>
  pause: (name: string, options?: UpdateOptions) => Promise<Job>
  /** Ticks from now on: those that it was paused for are not made up for. */
  resume: (name: string, options?: UpdateOptions) => Promise<Job>
  /** Resolves when it is known to the group. The job may be added later. */
  run: (name: string, handler: RunHandler, options?: RunOptions) => Promise<Subscription>
}

export const MAX_CATCH_UP = 100
export const MAX_WAITING = 100
