import { parseKey, seen } from './rows.js'
import { ticksOf } from './schedule.js'
import type { Definition, Progress } from './job.js'
import type { JobView, SeenRun } from './plan.js'
import type { RunRecord, Seen, WorkerRecord } from './rows.js'
import type { Ticks } from './schedule.js'
import type { Row } from '../types.js'

/** What a scheduler knows of one job. */
export class Entry {
  job: Seen<Definition> | undefined
  progress: Seen<Progress> | undefined
  readonly runs = new Map<number, SeenRun>()
  readonly workers = new Map<number, Seen<WorkerRecord>>()
  /** Revision of the last change that was told, and how many were. */
  told = 0
  changes = 0
  private ticks: { readonly revision: number, readonly from: number | undefined, readonly ticks: Ticks } | undefined

  constructor (readonly name: string) {}

  /** Undefined unless there is such a job: who subscribes to one that is not there yet waits for it. */
  get view (): JobView | undefined {
    const { job, progress, runs, workers } = this
    if (job === undefined || progress === undefined) return undefined
    const [{ revision, record: { schedule } }, { from }] = [job, progress.record]
    if (this.ticks?.revision !== revision || this.ticks.from !== from) this.ticks = { revision, from, ticks: ticksOf(schedule, from) }
    return { job, progress, runs, workers, ticks: this.ticks.ticks }
  }

  get isEmpty (): boolean { return this.job === undefined && this.progress === undefined && this.runs.size === 0 && this.workers.size === 0 }
}

/** All jobs, as a scheduler has been told of them. */
export class Board {
  readonly entries = new Map<string, Entry>()
  private readonly changed = new Set<Entry>()

  clear (): void {
    this.entries.clear()
    this.changed.clear()
  }

  /** False: the value makes no sense. */
  put (bytes: Uint8Array, row: Row | undefined, revision: number, now: number): boolean {
    const key = parseKey(bytes)
    if (key === undefined) return true
    const entry = this.entries.get(key.job) ?? new Entry(key.job)
    this.entries.set(key.job, entry)
    this.changed.add(entry)
    entry.told = Math.max(entry.told, revision)
    entry.changes++
    const isOld = (known: Seen<unknown> | undefined): boolean => known !== undefined && known.revision >= revision
    let found: Seen<unknown> | undefined
    if (key.type === 'job') {
      if (isOld(entry.job)) return true
      entry.job = found = seen('job', row)
    } else if (key.type === 'progress') {
      if (isOld(entry.progress)) return true
      entry.progress = found = seen('progress', row)
    } else if (key.type === 'worker') {
      if (isOld(entry.workers.get(key.lease))) return true
      const worker = found = seen('worker', row)
      set(entry.workers, key.lease, worker ?? unreadable<WorkerRecord>(row, { concurrency: 0 }))
    } else {
      if (isOld(entry.runs.get(key.tick))) return true
      const read = found = seen('run', row)
      const run = read ?? unreadable<RunRecord>(row, { state: 'failed', failures: 0, losses: 0 })
      set(entry.runs, key.tick, run === undefined ? undefined : { ...run, seenAt: now })
    }
    return row === undefined || found !== undefined
  }

  /** Jobs that have changed since the last call. */
  take (): Entry[] {
    const all = [...this.changed]
    this.changed.clear()
    for (const entry of all) if (entry.isEmpty) this.entries.delete(entry.name)
    return all
  }
}

/** It is there all the same: a step that takes it for absent would never hold. Nothing is to be done with it. */
function unreadable<T> (row: Row | undefined, record: T): Seen<T> | undefined {
  return row === undefined ? undefined : { record, revision: row.modRevision, version: row.version }
}

function set<T> (map: Map<number, T>, key: number, value: T | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}
