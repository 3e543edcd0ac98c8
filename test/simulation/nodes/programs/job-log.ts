import { isOver, jobKey, parseKey, progressKey, workerKey } from '../../../../src/recipes/cron/rows.js'
import { MAX_CATCH_UP, MAX_WAITING } from '../../../../src/recipes/cron/types.js'
import type { Definition, Progress } from '../../../../src/recipes/cron/job.js'
import type { RunRecord } from '../../../../src/recipes/cron/rows.js'
import type { KvChange } from '../../../../src/machine/kv-types.js'
import type { RunState } from '../../../../src/recipes/cron/types.js'
import type { LogReplay } from '../replay.js'

const SECOND = 1_000

/** What a run may become, by whoever writes it. A scheduler takes one back and hands it out again in one step. */
const NEXT: Readonly<Record<RunState, readonly RunState[]>> = {
  waiting: ['claimed'],
  claimed: ['waiting', 'claimed', 'running'],
  running: ['waiting', 'claimed', 'done', 'failed', 'lost'],
  done: [],
  failed: [],
  lost: []
}

/** The rows of one job of every second as the log has them, change by change, held against what its policies say. */
export class JobLog {
  readonly runs = new Map<number, RunRecord>()
  /** Revision at which one ended last. */
  private ended = 0

  constructor (private readonly replay: LogReplay, private readonly job: string, private readonly fail: (detail: string) => void) {
    for (const change of replay.changes) this.follow(change)
  }

  private follow ({ revision, events }: KvChange): void {
    const fresh: number[] = []
    let dropped = 0
    let touched = false
    for (const event of events) {
      const key = parseKey(event.type === 'put' ? event.row.key : event.key)
      if (key?.job !== this.job) continue
      touched = true
      if (key.type !== 'run') continue
      const was = this.runs.get(key.tick)
      const is = event.type === 'put' ? parsed<RunRecord>(event.row.value) : undefined
      if (is === undefined) {
        this.checkDropped(revision, key.tick, was)
        this.runs.delete(key.tick)
        dropped++
      } else {
        this.runs.set(key.tick, is)
        if (isOver(is)) this.ended = revision
        if (was === undefined) fresh.push(key.tick)
        this.checkStep(revision, key.tick, was, is)
      }
    }
    // Who runs a job may be there before it is.
    if (!touched || this.replay.rowAt(jobKey(this.job), revision) === undefined) return
    this.checkTurns(revision)
    this.checkDecided(revision, fresh, dropped)
  }

  /** What nobody has begun in time; there is more history than runs. */
  private checkDropped (revision: number, tick: number, was: RunRecord | undefined): void {
    const { missed, overlap } = this.definition(revision)
    if (missed === 'skip' && overlap === 'skip' && (was?.state === 'waiting' || was?.state === 'claimed') && was.failures + was.losses === 0) return
    this.fail(`at revision ${revision}, the run of ${tick} is deleted, which was ${was?.state ?? 'not there'}`)
  }

  private checkStep (revision: number, tick: number, was: RunRecord | undefined, is: RunRecord): void {
    const what = `at revision ${revision}, the run of ${tick} was ${was?.state ?? 'not there'} and is ${is.state}`
    const may = was === undefined ? ['waiting', 'claimed'] : NEXT[was.state]
    if (!may.includes(is.state)) this.fail(what)
    if (was?.state === 'running' && !isOver(is) && this.definition(revision).delivery === 'at-most-once') this.fail(`${what} again, of an at-most-once job`)
    if (was?.state === 'claimed' && is.state === 'running' && was.worker !== is.worker) this.fail(`${what}, by ${is.worker}; it was for ${was.worker}`)
    if ((is.state === 'claimed' || is.state === 'running') && this.replay.rowAt(workerKey(this.job, is.worker ?? 0), revision) === undefined) this.fail(`${what}, for the worker ${is.worker}, whose lease has ended`)
  }

  private checkTurns (revision: number): void {
    if (this.definition(revision).overlap === 'allow') return
    const underWay = [...this.runs].filter(([, { state }]) => state === 'claimed' || state === 'running').map(([tick]) => tick)
    if (underWay.length > 1) this.fail(`at revision ${revision}, the runs of ${underWay.join(' and ')} are under way at once`)
  }

  /** Each second that the schedule passes over is run, or is skipped for a reason. */
  private checkDecided (revision: number, fresh: readonly number[], dropped: number): void {
    const { replay, job } = this
    const changed = replay.changesOf(jobKey(job), revision - 1, revision).length > 0
    const { schedule, missed, overlap } = this.definition(revision)
    const was = replay.rowAt(progressKey(job), revision - 1)
    const is = replay.rowAt(progressKey(job), revision)
    if (changed || was === undefined || is === undefined || !('cron' in schedule)) return
    const [before, after] = [parsed<Progress>(was.value), parsed<Progress>(is.value)]
    if (before.restart !== undefined) {
      if (fresh.length > 0) this.fail(`at revision ${revision}, ${fresh.join(' and ')} are to be run, though it was to count from then on`)
      return
    }
    const due = secondsIn(before.cursor, after.cursor).slice(missed === 'all' ? -MAX_CATCH_UP : -1)
    const skipped = after.skipped - before.skipped - dropped
    const what = `at revision ${revision}, it was decided up to ${after.cursor} (${before.cursor} before): ${fresh.join(' and ') || 'none'} to be run, ${skipped} skipped`
    if (!fresh.every(tick => due.includes(tick))) this.fail(`${what}; not all of them are due`)
    // What came due too long ago is neither.
    if (missed === 'skip' ? fresh.length + skipped > due.length : fresh.length + skipped !== due.length) this.fail(`${what}; ${due.length} are due`)
    const open = [...this.runs].filter(([tick, run]) => !fresh.includes(tick) && !isOver(run))
    if (overlap === 'skip') {
      if (open.length > 0 && fresh.length > 0) this.fail(`${what}, while ${open[0]?.[0]} has not ended`)
      // One that has ended since the scheduler last wrote may not have done so where it looked.
      if (open.length === 0 && skipped > 0 && this.ended < was.modRevision) this.fail(`${what}, and no other is in the way`)
    } else if (skipped > 0 && open.length + fresh.length < MAX_WAITING) this.fail(`${what}, and there is room for them`)
  }

  private definition (revision: number): Definition {
    const row = this.replay.rowAt(jobKey(this.job), revision)
    if (row === undefined) throw new Error(`there is no job ${this.job} at revision ${revision}`)
    return parsed(row.value)
  }
}

function secondsIn (after: number, until: number): number[] {
  const all: number[] = []
  for (let tick = (Math.floor(after / SECOND) + 1) * SECOND; tick <= until; tick += SECOND) all.push(tick)
  return all
}

export const parsed = <T>(value: Uint8Array): T => JSON.parse(Buffer.from(value).toString()) as T
