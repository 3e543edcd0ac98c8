import { setMaxListeners } from 'node:events'
import { ClosedError } from '../../errors.js'
import { pause, Tied } from '../waiting.js'
import { Board } from './board.js'
import { follow } from './follow.js'
import { isIdle, plan } from './plan.js'
import { encodeRecord, jobKey, progressKey, ROOT, runKey, workerKey } from './rows.js'
import type { Entry } from './board.js'
import type { JobView, Plan } from './plan.js'
import type { Timer } from '../../clock.js'
import type { Comparison, RecipeContext, Txn, TxnOperation } from '../types.js'

/** The wall clock is looked at again after this long at most: it may be set. */
const LOOK_MS = 10_000
const AGAIN_MS = 200
const RESTART_MS = 1_000
/** Jobs that are looked at in one turn. */
const TURN = 50

const NOTHING = { revision: 0, changes: 0 }

/** How it stands with one job's step. */
interface Standing {
  /** A step is under way. */
  busy: boolean
  /** What is known lacks something that is written: nothing is done until a change of this revision is told, and so many are. */
  awaits: { readonly revision: number, readonly changes: number }
  timer?: Timer
}

/**
 * Decides which ticks of all jobs are run, and by whom. The leader's node runs one, but nothing depends on there being only one: each step is a transaction that writes the job's
 * progress and holds only if nothing that it was made from has changed. So of two schedulers, an old leader's and a new one's, one fails and looks again.
 */
export class CronScheduler {
  private readonly board = new Board()
  private readonly standings = new WeakMap<Entry, Standing>()
  private running: AbortController | undefined
  private ended: Promise<void> = Promise.resolve()

  constructor (private readonly context: RecipeContext) {}

  start (): void {
    if (this.running !== undefined) return
    const stop = this.running = new AbortController()
    // After the run before, which may be in the middle of a look: it would tell the same board, and clear it at its end.
    this.ended = this.ended.then(async () => { await this.run(stop.signal) })
  }

  /** Resolves when it has let go. A step that is on its way may still be done. */
  async stop (): Promise<void> {
    const { running } = this
    this.running = undefined
    running?.abort(new ClosedError('The scheduler was stopped'))
    await this.ended
  }

  private async run (stopped: AbortSignal): Promise<void> {
    const { context, board } = this
    using tied = new Tied([stopped, context.signal])
    const { signal } = tied
    // One step a job may be under way.
    setMaxListeners(0, signal)
    while (!signal.aborted) {
      try {
        await follow(context, ROOT, signal, {
          reset: () => { this.forget() },
          told: (key, row, revision) => {
            if (!board.put(key, row, revision, context.clock.now())) context.log('cron: the row %s makes no sense, and is passed over', Buffer.from(key).toString())
          },
          settled: () => { void this.lookAt(board.take(), signal) }
        })
      } catch (error) {
        if (signal.aborted || error instanceof ClosedError) break
        context.log('cron: the scheduler begins anew after %s', (error as Error).message)
        await pause(context.clock, RESTART_MS, signal).catch(() => {})
      }
    }
    this.forget()
  }

  private forget (): void {
    for (const entry of this.board.entries.values()) this.standings.get(entry)?.timer?.cancel()
    this.board.clear()
  }

  /** When it begins, these are all jobs there are: the rest of this node has its turns in between. */
  private async lookAt (entries: readonly Entry[], signal: AbortSignal): Promise<void> {
    for (const [i, entry] of entries.entries()) {
      if (i > 0 && i % TURN === 0) await new Promise<void>(resolve => { this.context.clock.setImmediate(resolve) })
      this.look(entry, signal)
    }
  }

  /** One step for one job, if there is one to be made now. */
  private look (entry: Entry, signal: AbortSignal): void {
    const { clock, random, log } = this.context
    const standing = this.standings.get(entry) ?? { busy: false, awaits: NOTHING }
    this.standings.set(entry, standing)
    standing.timer?.cancel()
    if (signal.aborted || this.board.entries.get(entry.name) !== entry || standing.busy || entry.told < standing.awaits.revision || entry.changes < standing.awaits.changes) return
    try {
      const { view } = entry
      if (view === undefined) return
      const next = plan(view, { wall: clock.wall(), now: clock.now(), random })
      if (!isIdle(next, view)) void this.write(entry, view, next, standing, signal)
      else if (next.delay !== undefined) this.lookIn(Math.max(1, Math.min(next.delay, LOOK_MS)), entry, standing, signal)
    } catch (error) {
      // A job that nobody can make sense of must not take the others with it.
      log('cron: the job "%s" is passed over: %s', entry.name, (error as Error).message)
    }
  }

  private async write (entry: Entry, view: JobView, next: Plan, standing: Standing, signal: AbortSignal): Promise<void> {
    const { changes } = entry
    standing.busy = true
    let wait = 0
    try {
      const { succeeded, revision } = await this.context.kv.txn(stepOf(entry.name, view, next), { signal, forward: false })
      // What made it fail was there before: it may have been told meanwhile, or is yet to be. Nothing is known of its revision: pages of a scan are of several.
      standing.awaits = succeeded ? { revision, changes: 0 } : { revision: 0, changes: changes + 1 }
    } catch (error) {
      if (signal.aborted) return
      // Whether or not it was done: what is planned next holds only if it fits what there is.
      this.context.log('cron: a step for "%s" is tried again after %s', entry.name, (error as Error).message)
      wait = AGAIN_MS
    } finally {
      standing.busy = false
    }
    if (wait === 0) this.look(entry, signal)
    else this.lookIn(wait, entry, standing, signal)
  }

  private lookIn (ms: number, entry: Entry, standing: Standing, signal: AbortSignal): void {
    if (signal.aborted) return
    standing.timer = this.context.clock.setTimer(ms, () => { this.look(entry, signal) })
  }
}

/** A plan as a transaction. */
function stepOf (name: string, { job, progress, runs, workers }: JobView, next: Plan): Txn {
  const compare: Comparison[] = [{ key: jobKey(name), modRevision: job.revision }, { key: progressKey(name), modRevision: progress.revision }]
  const then: TxnOperation[] = [{ type: 'set', key: progressKey(name), value: encodeRecord(next.progress) }]
  for (const lease of next.chosen) compare.push({ key: workerKey(name, lease), modRevision: workers.get(lease)?.revision ?? 0 })
  for (const lease of next.gone) compare.push({ key: workerKey(name, lease), exists: false })
  for (const [tick, record] of next.runs) {
    const key = runKey(name, tick)
    compare.push({ key, modRevision: runs.get(tick)?.revision ?? 0 })
    then.push(record === undefined ? { type: 'delete', key } : { type: 'set', key, value: encodeRecord(record) })
  }
  return { compare, then }
}
