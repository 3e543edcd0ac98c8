import { InvalidArgumentError, TooLargeError } from '../../errors.js'
import { checkCount, checkName, checkOptions } from '../names.js'
import { checkCron, isTimeZone, MIN_EVERY_MS, ticksOf } from './schedule.js'
import type { StoredSchedule } from './schedule.js'
import type { Delivery, Job, JobOptions, Missed, NewJob, Overlap, Retries, Schedule } from './types.js'

/** A job as it stands in its row. */
export interface Definition {
  readonly schedule: StoredSchedule
  readonly delivery: Delivery
  readonly missed: Missed
  readonly grace: number
  readonly overlap: Overlap
  readonly retries: Required<Retries>
  /** base64 */
  readonly data: string
  readonly history: number
  readonly paused: boolean
  readonly timeout?: number
}

/** How far a job is. Written by the scheduler with all that it does, so that of two schedulers one fails. */
export interface Progress {
  /** Ticks up to here are decided. */
  readonly cursor: number
  readonly skipped: number
  /** Of an interval: where it begins to count. */
  readonly from?: number
  /** Ticks are to count from now on, with another schedule or behind a pause. When that is, the scheduler says: whoever asked for it may have another clock. */
  readonly restart?: 'schedule' | 'pause'
}

/** What a new job has behind it. */
export const BEGINNING: Progress = { cursor: 0, skipped: 0, restart: 'schedule' }

const OPTIONS = ['schedule', 'timeZone', 'delivery', 'missed', 'grace', 'overlap', 'retries', 'data', 'history', 'paused', 'timeout']
const MAX_DATA = 65_536
const MAX_HISTORY = 1_000
const MAX_RETRIES = 1_000_000
/** What a Date can hold. */
const MAX_TIME = 8.64e15
const MAX_MS = 365 * 24 * 3_600_000

export function newDefinition (job: NewJob, now: number): Definition {
  checkOptions(job, ['name', ...OPTIONS], 'a job')
  checkName(job.name, 'The name of a job')
  if (job.delivery === undefined) throw new InvalidArgumentError('A job needs a delivery: "at-most-once" or "at-least-once". There is no default, for there is no third way')
  return complete(job, toSchedule(job.schedule, job.timeZone, now))
}

export function changedDefinition (old: Definition, changes: Partial<JobOptions>, now: number): Definition {
  checkOptions(changes, OPTIONS, 'the changes of a job')
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Partial<JobOptions>
  const { schedule: was } = old
  const timeZone = given.timeZone ?? ('cron' in was && (given.schedule === undefined || typeof given.schedule === 'string') ? was.timeZone : undefined)
  const schedule = given.schedule === undefined && given.timeZone === undefined ? was : toSchedule(given.schedule ?? plainSchedule(was), timeZone, now)
  return complete({ ...old, data: fromBase64(old.data), ...given, retries: { ...old.retries, ...given.retries } }, schedule)
}

export function sameSchedule (a: StoredSchedule, b: StoredSchedule): boolean {
  if ('every' in a && 'every' in b) return a.every === b.every
  if ('cron' in a && 'cron' in b) return a.cron === b.cron && a.timeZone === b.timeZone
  return 'at' in a && 'at' in b && a.at === b.at
}

export function viewJob (name: string, definition: Definition, version: number, progress: Progress, now: number): Job {
  const { schedule, data, ...rest } = definition
  const { cursor, skipped, from } = restarted(definition, progress, now)
  const ticks = ticksOf(schedule, from)
  const next = definition.paused ? undefined : ticks.next(cursor)
  return {
    name,
    ...rest,
    schedule: plainSchedule(schedule),
    timeZone: 'cron' in schedule ? schedule.timeZone : 'UTC',
    data: fromBase64(data),
    version,
    decidedUpTo: new Date(cursor),
    // What is due and undecided waits for somebody to run it: then "next" would lie in the past.
    next: next === undefined ? undefined : new Date(Math.max(next, ticks.next(now) ?? next)),
    skipped
  }
}

/** Anybody who may write the row may write anything; and a later version may know schedules that this one does not. What is left out has its default. */
export function readDefinition (found: object): Definition | undefined {
  const { schedule, data, ...options } = found as Definition
  const definition = complete({ ...options, data: fromBase64(data) }, schedule)
  ticksOf(schedule)
  // Without a zone, each node would go by its own.
  const isWhole = 'cron' in schedule ? typeof schedule.timeZone === 'string' && isTimeZone(schedule.timeZone) : isTime('at' in schedule ? schedule.at : schedule.every)
  return isWhole ? definition : undefined
}

export function isProgress (found: object): found is Progress {
  const { cursor, skipped, from = 0, restart } = found as Partial<Progress>
  return isTime(cursor) && Number.isFinite(skipped) && isTime(from) && [undefined, 'schedule', 'pause'].includes(restart)
}

/** Whose ticks count from now on, if they are to. */
export function restarted ({ schedule }: Definition, progress: Progress, now: number): Progress {
  const { cursor, skipped, from, restart } = progress
  if (restart === undefined) return progress
  // What was to be done once, a moment ago, is still to be done.
  if (restart === 'schedule' && 'at' in schedule) return { cursor: Math.min(now, schedule.at - 1), skipped }
  return { cursor: Math.max(cursor, now), skipped, ...('every' in schedule ? { from: restart === 'schedule' ? now : from } : {}) }
}

function complete (options: Omit<JobOptions, 'schedule' | 'timeZone'>, schedule: StoredSchedule): Definition {
  const { max = 5, backoff = 1_000, maxBackoff = 60_000, ...unknown } = options.retries ?? {}
  checkOptions(unknown, [], 'retries')
  const bytes = toBytes(options.data ?? '')
  if (bytes.byteLength > MAX_DATA) throw new TooLargeError(`The data of a job has ${bytes.byteLength} bytes, at most ${MAX_DATA} are allowed`)
  return {
    schedule,
    delivery: oneOf('delivery', options.delivery, ['at-most-once', 'at-least-once']),
    missed: oneOf('missed', options.missed ?? 'skip', ['skip', 'once', 'all']),
    grace: inRange('grace', options.grace ?? 30_000, 1, MAX_MS),
    overlap: oneOf('overlap', options.overlap ?? 'skip', ['skip', 'queue', 'allow']),
    retries: { max: inRange('retries.max', max, 0, MAX_RETRIES), backoff: inRange('retries.backoff', backoff, 1, MAX_MS), maxBackoff: inRange('retries.maxBackoff', maxBackoff, 1, MAX_MS) },
    data: Buffer.from(bytes).toString('base64'),
    history: inRange('history', options.history ?? 20, 0, MAX_HISTORY),
    paused: oneOf('paused', options.paused ?? false, [true, false]),
    ...(options.timeout === undefined ? {} : { timeout: inRange('timeout', options.timeout, 1, MAX_MS) })
  }
}

function toSchedule (schedule: Schedule, timeZone: string | undefined, now: number): StoredSchedule {
  if (typeof schedule === 'string') return toCron(schedule, timeZone ?? 'UTC', now)
  if (timeZone !== undefined) throw new InvalidArgumentError('A timeZone is that of a cron expression: an interval and a single time have none')
  if (typeof schedule !== 'object' || schedule === null || Object.keys(schedule).length !== 1) throw new InvalidArgumentError('A schedule is a cron expression, { every: ms } or { at: time }')
  if ('every' in schedule) return { every: checkEvery(schedule.every) }
  const at = schedule.at instanceof Date ? schedule.at.getTime() : schedule.at
  return { at: inRange('at', at, 0, MAX_TIME) }
}

function toCron (cron: string, timeZone: string, now: number): StoredSchedule {
  if (typeof timeZone !== 'string') throw new InvalidArgumentError('timeZone must be the name of a time zone')
  checkCron(cron, timeZone)
  const schedule = { cron, timeZone }
  if (ticksOf(schedule).next(now) === undefined) throw new InvalidArgumentError(`"${cron}" never comes due`)
  return schedule
}

function checkEvery (every: number): number {
  checkCount(every, MAX_MS, 'every (ms)')
  if (every < MIN_EVERY_MS) throw new InvalidArgumentError(`every must be at least ${MIN_EVERY_MS} ms, got ${every}`)
  return every
}

function plainSchedule (schedule: StoredSchedule): Job['schedule'] {
  if ('cron' in schedule) return schedule.cron
  return 'every' in schedule ? { every: schedule.every } : { at: new Date(schedule.at) }
}

function oneOf<T> (what: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) throw new InvalidArgumentError(`${what} must be one of ${allowed.map(String).join(', ')}, got ${String(value)}`)
  return value
}

export function isTime (value: unknown): boolean { return Number.isInteger(value) && Math.abs(value as number) <= MAX_TIME }

function inRange (what: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) throw new InvalidArgumentError(`${what} must be an integer from ${min} to ${max}, got ${String(value)}`)
  return value
}

function toBytes (data: unknown): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  if (data instanceof Uint8Array) return data
  throw new InvalidArgumentError('data must be a string or a Uint8Array')
}

/** Not a Buffer, whose `slice` is a view. */
export function fromBase64 (text: string): Uint8Array { return new Uint8Array(Buffer.from(text, 'base64')) }
