/**
 * Where a job stands, under `\0cron/`; every value is JSON.
 *
 *     job/<name>                  its definition, written by whoever adds or changes it
 *     progress/<name>             how far its schedule is decided, written by the scheduler with everything that it does
 *     run/<name>\0<tick>          one tick, from when it is decided on; trimmed by the scheduler beyond the job's history
 *     worker/<name>\0<lease>      who subscribes to it, under their lease: it goes away with them
 *
 * Numbers are 16 digits, so keys are in the order of the numbers.
 */
import { isProgress, isTime, readDefinition } from './job.js'
import type { Definition, Progress } from './job.js'
import type { Run, RunState } from './types.js'
import type { Row } from '../types.js'

export interface RunRecord {
  readonly state: RunState
  /** Calls of the handler that threw, and those whose caller disappeared. */
  readonly failures: number
  readonly losses: number
  readonly worker?: number
  /** Revision of the job as of the claim: a claim for what the job was before is void. */
  readonly job?: number
  readonly claimedAt?: number
  readonly startedAt?: number
  readonly endedAt?: number
  readonly error?: string
}

export interface WorkerRecord {
  /** 0: takes no more. */
  readonly concurrency: number
}

export const ROOT = '\0cron/'
export const jobsPrefix = `${ROOT}job/`
export const progressPrefix = `${ROOT}progress/`
export const jobKey = (job: string): string => `${jobsPrefix}${job}`
export const progressKey = (job: string): string => `${progressPrefix}${job}`
export const runsPrefix = (job: string): string => `${ROOT}run/${job}\0`
export const runKey = (job: string, tick: number): string => `${runsPrefix(job)}${digits(tick)}`
export const workerKey = (job: string, lease: number): string => `${ROOT}worker/${job}\0${digits(lease)}`

export type CronKey =
  | { readonly type: 'job', readonly job: string }
  | { readonly type: 'progress', readonly job: string }
  | { readonly type: 'run', readonly job: string, readonly tick: number }
  | { readonly type: 'worker', readonly job: string, readonly lease: number }

/** What a key stands for; undefined for what is none of these, such as what a later version keeps here. */
export function parseKey (key: Uint8Array): CronKey | undefined {
  const text = Buffer.from(key).toString()
  const [, type, rest = ''] = /^\0cron\/(job|progress|run|worker)\/([^]*)$/.exec(text) ?? []
  if (type === 'job' || type === 'progress') return { type, job: rest }
  const [job = '', number, ...more] = rest.split('\0')
  if (number === undefined || !/^\d{16}$/.test(number) || more.length > 0) return undefined
  return type === 'run' ? { type, job, tick: Number(number) } : type === 'worker' ? { type, job, lease: Number(number) } : undefined
}

export type CronRecord<T extends CronKey['type']> = { job: Definition, progress: Progress, run: RunRecord, worker: WorkerRecord }[T]

export function encodeRecord (record: CronRecord<CronKey['type']>): string { return JSON.stringify(record) }

const readers: { readonly [T in CronKey['type']]: (found: object) => CronRecord<T> | undefined } = {
  job: readDefinition,
  progress: found => isProgress(found) ? found : undefined,
  run: found => isRun(found) ? found : undefined,
  worker: found => isCount((found as Partial<WorkerRecord>).concurrency) ? found as WorkerRecord : undefined
}

const STATES: readonly unknown[] = ['waiting', 'claimed', 'running', 'done', 'failed', 'lost'] satisfies RunState[]

function isRun (found: object): found is RunRecord {
  const { state, failures, losses, worker, claimedAt, startedAt, endedAt } = found as Partial<RunRecord>
  return STATES.includes(state) && [failures, losses, worker ?? 0].every(isCount) && [claimedAt, startedAt, endedAt].every(time => time === undefined || isTime(time))
}

function isCount (value: unknown): boolean { return Number.isSafeInteger(value) && (value as number) >= 0 }

/** Undefined for what makes no sense: whoever put it there, the scheduler must not fall over it. */
export function decodeRecord<T extends CronKey['type']> (type: T, value: Uint8Array): CronRecord<T> | undefined {
  try {
    const found: unknown = JSON.parse(Buffer.from(value).toString())
    return typeof found === 'object' && found !== null ? readers[type](found) : undefined
  } catch {
    return undefined
  }
}

export function viewRun (job: string, tick: number, run: RunRecord): Run {
  const date = (time: number | undefined): Date | undefined => time === undefined ? undefined : new Date(time)
  const attempt = attemptsOf(run)
  return { job, tick: new Date(tick), state: run.state, attempt, worker: run.worker, claimedAt: date(run.claimedAt), startedAt: date(run.startedAt), endedAt: date(run.endedAt), error: run.error }
}

/** Calls of the handler that have begun. */
export function attemptsOf ({ state, failures, losses }: RunRecord): number {
  return failures + losses + (state === 'running' || state === 'done' ? 1 : 0)
}

export const isOver = ({ state }: RunRecord): boolean => state === 'done' || state === 'failed' || state === 'lost'

/** A row as it was seen. */
export interface Seen<T> { readonly record: T, readonly revision: number, readonly version: number }

export function seen<T extends CronKey['type']> (type: T, row: Row | undefined): Seen<CronRecord<T>> | undefined {
  const record = row === undefined ? undefined : decodeRecord(type, row.value)
  return row === undefined || record === undefined ? undefined : { record, revision: row.modRevision, version: row.version }
}

function digits (number: number): string { return String(number).padStart(16, '0') }
