import { messageOf, RaftMeshError } from '../../errors.js'
import { revokeSoon } from '../place.js'
import { persist, Tied } from '../waiting.js'
import { fromBase64 } from './job.js'
import { attemptsOf, encodeRecord, jobKey, runKey, seen, workerKey } from './rows.js'
import type { Definition } from './job.js'
import type { RunRecord, Seen } from './rows.js'
import type { RunHandler } from './types.js'
import type { Lease, RecipeContext, TxnOperationResult } from '../types.js'

export interface AttemptInit {
  readonly context: RecipeContext
  readonly job: string
  readonly handler: RunHandler
  readonly lease: Lease
  readonly tick: number
  readonly claim: Seen<RunRecord>
  readonly ended: () => void
}

const MAX_ERROR = 1_000

/** The run's row as it is once it says that the handler runs, and the job as of then. */
interface Begun { readonly run: Seen<RunRecord>, readonly definition: Definition }

/** One call of a handler: written down before, and what came of it after. */
export class Attempt {
  readonly ended: Promise<void>
  /** Of the run's row, as this attempt has left it. */
  revision: number
  /** The same tick, claimed for the same worker again before this attempt has heard that its end is written. */
  next: Seen<RunRecord> | undefined
  private readonly over = new AbortController()

  constructor (private readonly init: AttemptInit) {
    this.revision = init.claim.revision
    this.ended = this.go().catch(async (error: unknown) => { await this.fail(error) }).finally(init.ended)
  }

  abort (reason: unknown): void { this.over.abort(reason) }

  private async go (): Promise<void> {
    const { lease } = this.init
    const begun = await this.begin(lease.signal)
    if (begun === undefined) return
    const error = await this.call(begun)
    await this.end(begun, error, lease.signal)
  }

  /** A run that nobody ends would be in the way of all others for as long as this worker lives: it ends with the lease. */
  private async fail (error: unknown): Promise<void> {
    const { context, job, tick, lease } = this.init
    context.log('cron: nobody was told how "%s" of %s ended: %s', job, new Date(tick).toISOString(), messageOf(error))
    if (!lease.signal.aborted) await revokeSoon(context, lease)
  }

  /**
   * `running` is written only over the very claim, while the lease stands and the job is what it was (not paused since, say): after a long pause of this process somebody else may have what it was given. Written
   * before the call, so that what was not called is known not to have been.
   */
  private async begin (signal: AbortSignal): Promise<Begun | undefined> {
    const { context, job, lease, tick, claim } = this.init
    const key = runKey(job, tick)
    const record: RunRecord = { ...claim.record, state: 'running', startedAt: context.clock.wall() }
    const gets = [{ type: 'get', key }, { type: 'get', key: jobKey(job) }] as const
    const { results } = await persist(context, signal, async () => await context.kv.txn({
      compare: [{ key, modRevision: claim.revision }, { key: jobKey(job), modRevision: claim.record.job ?? 0 }, { key: workerKey(job, lease.id), exists: true }],
      then: [{ type: 'set', key, value: encodeRecord(record) }, ...gets],
      else: gets
    }, { signal }))
    const [row, definition] = results.flatMap(rowOf)
    const run = seen('run', row)
    const found = seen('job', definition)
    // It failed if an earlier try was done and its answer lost: the row then is what this attempt would write.
    if (run?.record.state !== 'running' || run.record.worker !== lease.id) return undefined
    if (found === undefined) throw new RaftMeshError(`What is kept of the job "${job}" cannot be read`)
    this.revision = run.revision
    return { run, definition: found.record }
  }

  /** What it failed with. */
  private async call ({ run, definition }: Begun): Promise<string | undefined> {
    const { context, job, handler, tick, claim, lease } = this.init
    const { timeout, data } = definition
    using limited = new Tied([this.over.signal, lease.signal])
    let late: string | undefined
    if (timeout !== undefined) {
      limited.limit(context.clock, timeout, () => {
        late = `it took more than ${timeout} ms`
        return new RaftMeshError(`The run of "${job}" ended: ${late}`)
      })
    }
    try {
      limited.signal.throwIfAborted()
      await handler({ job, tick: new Date(tick), attempt: attemptsOf(run.record), token: claim.revision, data: fromBase64(data), signal: limited.signal })
      return late
    } catch (error) {
      return late ?? messageOf(error).slice(0, MAX_ERROR)
    }
  }

  private async end ({ run, definition }: Begun, error: string | undefined, signal: AbortSignal): Promise<void> {
    const { context, job, tick } = this.init
    const key = runKey(job, tick)
    const value = encodeRecord(outcome(run.record, definition, error, context.clock.wall()))
    await persist(context, signal, async () => await context.kv.txn({ compare: [{ key, modRevision: run.revision }], then: [{ type: 'set', key, value }] }, { signal }))
  }
}

function outcome (run: RunRecord, { delivery, retries }: Definition, error: string | undefined, endedAt: number): RunRecord {
  if (error === undefined) return { ...run, state: 'done', endedAt, error: undefined }
  const failures = run.failures + 1
  if (delivery === 'at-most-once' || failures > retries.max) return { ...run, state: 'failed', failures, endedAt, error }
  return { state: 'waiting', failures, losses: run.losses, error }
}

function rowOf (result: TxnOperationResult): Array<(TxnOperationResult & { type: 'get' })['row']> {
  return result.type === 'get' ? [result.row] : []
}
