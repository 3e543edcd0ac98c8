import { restarted } from './job.js'
import { attemptsOf, isOver } from './rows.js'
import { lastTicks } from './schedule.js'
import { MAX_CATCH_UP, MAX_WAITING } from './types.js'
import type { Definition, Progress } from './job.js'
import type { RunRecord, Seen, WorkerRecord } from './rows.js'
import type { Ticks } from './schedule.js'

export interface SeenRun extends Seen<RunRecord> {
  /** By this scheduler's monotonic clock. A pause between tries counts from here: no other clock is to be trusted, and a new leader counts it anew. */
  readonly seenAt: number
}

/** All that is known of one job. */
export interface JobView {
  readonly job: Seen<Definition>
  readonly ticks: Ticks
  readonly progress: Seen<Progress>
  readonly runs: ReadonlyMap<number, SeenRun>
  readonly workers: ReadonlyMap<number, Seen<WorkerRecord>>
}

export interface Moment {
  readonly wall: number
  /** Monotonic ms. */
  readonly now: number
  /** [0, 1). */
  readonly random: () => number
}

/** What to write, in one step that fails if anything of what it was made from has changed. */
export interface Plan {
  readonly progress: Progress
  /** By tick; undefined: deleted. */
  readonly runs: ReadonlyMap<number, RunRecord | undefined>
  /** Who is given something, and whose disappearance was taken note of. */
  readonly chosen: ReadonlySet<number>
  readonly gone: ReadonlySet<number>
  /** ms until there is something to do, if nothing changes before. */
  readonly delay: number | undefined
}

/** What a scheduler does about a job: it lets go of those that are gone, decides on ticks that have come due, hands out work, and trims the history. */
export function plan (view: JobView, moment: Moment): Plan {
  const draft = new Draft(view, moment)
  draft.letGo()
  // The rest is another step's: this one may change what the ticks are.
  if (view.progress.record.restart !== undefined) draft.restart()
  else if (!view.job.record.paused) {
    draft.dropLate()
    draft.decide()
    draft.handOut()
  }
  draft.trim()
  return draft.plan()
}

class Draft {
  private readonly changed = new Map<number, RunRecord | undefined>()
  private readonly chosen = new Set<number>()
  private readonly gone = new Set<number>()
  private progress: Progress
  private delay: number | undefined

  constructor (private readonly view: JobView, private readonly moment: Moment) {
    this.progress = view.progress.record
  }

  private get definition (): Definition { return this.view.job.record }
  private get workers (): ReadonlyMap<number, Seen<WorkerRecord>> { return this.view.workers }

  /** In the order of their ticks. */
  private get runs (): Array<readonly [number, RunRecord]> {
    const all = new Map<number, RunRecord | undefined>([...this.view.runs].map(([tick, { record }]) => [tick, record]))
    for (const [tick, record] of this.changed) all.set(tick, record)
    return [...all].flatMap(([tick, record]) => record === undefined ? [] : [[tick, record] as const]).sort(([a], [b]) => a - b)
  }

  /** Those whose lease has ended are gone, and with them what they were given. Who is leaving ends what runs, and begins nothing more; nor does who was given something before the job was changed. */
  letGo (): void {
    for (const [tick, run] of this.runs) {
      if ((run.state !== 'claimed' && run.state !== 'running') || run.worker === undefined) continue
      const worker = this.workers.get(run.worker)
      if (worker === undefined) this.gone.add(run.worker)
      else if (run.state === 'running' || (worker.record.concurrency > 0 && run.job === this.view.job.revision)) continue
      this.changed.set(tick, this.without(run))
    }
  }

  private without (run: RunRecord): RunRecord {
    const { worker, startedAt, claimedAt, ...rest } = { ...run, job: undefined }
    // The handler is called only once that is written: so this one was never called, and somebody else may.
    if (run.state === 'claimed') return { ...rest, state: 'waiting' }
    const losses = run.losses + 1
    const error = 'whoever ran it disappeared'
    if (this.definition.delivery === 'at-least-once') return { ...rest, state: 'waiting', losses, error }
    return { ...rest, worker, startedAt, claimedAt, state: 'lost', losses, error, endedAt: this.moment.wall }
  }

  restart (): void { this.progress = restarted(this.definition, this.progress, this.moment.wall) }

  /** What nobody has begun in time was missed after all: whoever it was for has left, say. What is to wait for its turn is not late. */
  dropLate (): void {
    const { missed, grace, overlap } = this.definition
    if (missed !== 'skip' || overlap !== 'skip') return
    for (const [tick, run] of this.runs) {
      if (run.state !== 'waiting' || attemptsOf(run) > 0 || tick >= this.moment.wall - grace) continue
      this.changed.set(tick, undefined)
      this.progress = { ...this.progress, skipped: this.progress.skipped + 1 }
    }
  }

  decide (): void {
    const { missed, grace, overlap } = this.definition
    const { ticks } = this.view
    const { wall } = this.moment
    // Without anybody to run them ticks are not decided: once somebody is there, the policy for missed ones is.
    if (![...this.workers.values()].some(({ record }) => record.concurrency > 0)) return
    const due = lastTicks(ticks, this.progress.cursor, wall, missed === 'all' ? MAX_CATCH_UP : 1)
    const newest = due.at(-1)
    if (newest !== undefined) {
      const wanted = due.filter(tick => !this.view.runs.has(tick) && (missed !== 'skip' || tick >= wall - grace))
      const open = this.runs.filter(([, run]) => !isOver(run))
      const waiting = open.filter(([, run]) => run.state === 'waiting').length
      const room = overlap === 'skip' && open.length > 0 ? 0 : Math.max(0, MAX_WAITING - waiting)
      for (const tick of wanted.slice(0, room)) this.changed.set(tick, { state: 'waiting', failures: 0, losses: 0 })
      // Up to the newest tick, not to what the clock says: a clock that is ahead for a moment decides nothing that is yet to come.
      this.progress = { ...this.progress, cursor: newest, skipped: this.progress.skipped + Math.max(0, wanted.length - room) }
    }
    const next = ticks.next(this.progress.cursor)
    if (next !== undefined) this.wakeIn(next - wall)
  }

  handOut (): void {
    const serial = this.definition.overlap !== 'allow'
    const all = this.runs
    if (serial && all.some(([, { state }]) => state === 'claimed' || state === 'running')) return
    for (const [tick, run] of all) {
      if (run.state !== 'waiting') continue
      const pause = this.pauseLeft(tick, run)
      if (pause > 0) this.wakeIn(pause)
      else {
        const worker = this.freest()
        if (worker === undefined) return
        this.chosen.add(worker)
        this.changed.set(tick, { ...run, state: 'claimed', worker, job: this.view.job.revision, claimedAt: this.moment.wall })
      }
      // The next one waits for this one, also while it waits for another try.
      if (serial) return
    }
  }

  /** The first try after a disappearance is at once: that is most likely not the job's fault. A second one may be. */
  private pauseLeft (tick: number, { failures, losses }: RunRecord): number {
    const { backoff, maxBackoff } = this.definition.retries
    const before = failures + Math.max(0, losses - 1)
    if (before === 0) return 0
    const seenAt = this.changed.has(tick) ? this.moment.now : this.view.runs.get(tick)?.seenAt ?? this.moment.now
    return seenAt + Math.min(maxBackoff, backoff * 2 ** Math.min(before - 1, 30)) - this.moment.now
  }

  private freest (): number | undefined {
    const busy = new Map<number, number>()
    for (const [, { state, worker }] of this.runs) {
      if (worker !== undefined && (state === 'claimed' || state === 'running')) busy.set(worker, (busy.get(worker) ?? 0) + 1)
    }
    const free = [...this.workers].map(([lease, { record }]) => ({ lease, slots: record.concurrency - (busy.get(lease) ?? 0) }))
    const most = Math.max(0, ...free.map(({ slots }) => slots))
    const best = most === 0 ? [] : free.filter(({ slots }) => slots === most).sort((a, b) => a.lease - b.lease)
    return best[Math.floor(this.moment.random() * best.length)]?.lease
  }

  /** Along with other things only: a write of its own for each run would double what a job costs. */
  trim (): void {
    if (this.changed.size === 0) return
    const over = this.runs.filter(([, run]) => isOver(run))
    for (const [tick] of over.slice(0, Math.max(0, over.length - this.definition.history))) this.changed.set(tick, undefined)
  }

  plan (): Plan {
    return { progress: this.progress, runs: this.changed, chosen: this.chosen, gone: this.gone, delay: this.delay }
  }

  private wakeIn (ms: number): void { this.delay = Math.min(this.delay ?? Infinity, ms) }
}

/** There is nothing to write. */
export function isIdle ({ progress, runs }: Plan, view: JobView): boolean {
  return runs.size === 0 && progress === view.progress.record
}
