import { setMaxListeners } from 'node:events'
import { ClosedError, ConflictError, LeaseLostError, LeaseNotFoundError } from '../../errors.js'
import { revokeSoon } from '../place.js'
import { pause, persist, Tied } from '../waiting.js'
import { follow } from './follow.js'
import { Attempt } from './attempt.js'
import { encodeRecord, parseKey, runsPrefix, seen, workerKey } from './rows.js'
import type { RunRecord, Seen } from './rows.js'
import type { Lease, RecipeContext, Row } from '../types.js'
import type { RunHandler, Subscription } from './types.js'

export interface WorkerInit {
  readonly context: RecipeContext
  readonly job: string
  readonly handler: RunHandler
  readonly concurrency: number
  readonly ttl: number | undefined
  readonly signal: AbortSignal | undefined
}

const AGAIN_MS = 1_000

/**
 * One who subscribes to a job: a row under a lease says so, and what is claimed for that lease is run here. If the lease is lost, so is all that was under
 * way; once that has ended here too, the worker comes back under a new lease.
 */
export class Worker implements Subscription {
  readonly closed: Promise<void>
  private readonly leaving = new AbortController()
  private readonly tied: Tied
  private readonly attempts = new Map<number, Attempt>()
  /** Claims that have no handler yet. A job that was removed and added again knows nothing of one that is still ending here. */
  private readonly waiting = new Map<number, Seen<RunRecord>>()
  private lease: Lease

  private constructor (private readonly init: WorkerInit, lease: Lease) {
    this.lease = lease
    this.tied = new Tied([init.signal, init.context.signal])
    this.closed = this.serve().finally(() => { this.tied[Symbol.dispose]() })
    this.closed.catch((error: unknown) => { init.context.log('cron: the subscription to "%s" ended: %s', init.job, (error as Error).message) })
  }

  static async begin (init: WorkerInit): Promise<Worker> {
    init.signal?.throwIfAborted()
    return new Worker(init, await register(init, init.signal))
  }

  async close (): Promise<void> {
    this.leaving.abort()
    await this.closed
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  private async serve (): Promise<void> {
    const { context, job } = this.init
    const { signal: given } = this.tied
    for (;;) {
      try {
        await this.term()
        if (this.leaving.signal.aborted || given.aborted) return
        using until = new Tied([given, this.leaving.signal])
        this.lease = await register(this.init, until.signal)
      } catch (error) {
        if (this.leaving.signal.aborted || given.aborted || error instanceof ClosedError) return
        // Of such an end more tries would only be more of the same.
        if (!(error instanceof LeaseLostError) && !(error instanceof LeaseNotFoundError) && !(error instanceof ConflictError)) throw error
        context.log('cron: the subscription to "%s" begins anew: %s', job, error.message)
        await pause(context.clock, AGAIN_MS, given).catch(() => {})
      }
    }
  }

  /** Until its lease is lost, or it is to end. Whatever was begun has ended by then. */
  private async term (): Promise<void> {
    const { lease } = this
    const { context, job } = this.init
    this.waiting.clear()
    // Each run that is under way listens to it.
    setMaxListeners(0, lease.signal)
    using until = new Tied([lease.signal, this.tied.signal])
    using watching = new Tied([until.signal, this.leaving.signal])
    const following = new AbortController()
    const followed = this.follow(lease, following.signal)
    const failed = followed.then(() => {}, (error: unknown) => { if (!following.signal.aborted) throw error })
    try {
      await Promise.race([failed, aborted(watching.signal)])
      if (!until.signal.aborted) await this.leave(lease)
    } finally {
      // What was begun goes on to its end, and is told if the job is removed meanwhile.
      for (const attempt of this.attempts.values()) if (this.tied.signal.aborted || lease.signal.aborted) attempt.abort(until.signal.reason)
      const ending = [...this.attempts.values()].map(async attempt => { await attempt.ended })
      const abort = (): void => { for (const attempt of this.attempts.values()) attempt.abort(until.signal.reason) }
      until.signal.addEventListener('abort', abort, { once: true })
      await Promise.all(ending)
      following.abort(new ClosedError(`The subscription to "${job}" ended`))
      await failed.catch(() => {})
      if (!lease.signal.aborted && !context.signal.aborted) await revokeSoon(context, lease)
    }
  }

  /** Nothing more is claimed for it. */
  private async leave (lease: Lease): Promise<void> {
    const { context, job } = this.init
    const key = workerKey(job, lease.id)
    try {
      await context.kv.txn({ compare: [{ key, exists: true }], then: [{ type: 'set', key, value: encodeRecord({ concurrency: 0 }), lease: lease.id }] }, { signal: lease.signal })
    } catch (error) {
      // Then the end of the lease says it.
      context.log('cron: leaving "%s": %s', job, (error as Error).message)
    }
  }

  private async follow (lease: Lease, signal: AbortSignal): Promise<void> {
    await follow(this.init.context, runsPrefix(this.init.job), signal, {
      reset: () => {},
      told: (key, row, revision) => { this.told(lease, key, row, revision) },
      settled: () => {}
    })
  }

  private told (lease: Lease, bytes: Uint8Array, row: Row | undefined, revision: number): void {
    const key = parseKey(bytes)
    if (key?.type !== 'run') return
    const { tick } = key
    const run = seen('run', row)
    const attempt = this.attempts.get(tick)
    const claim = run?.record.state === 'claimed' && run.record.worker === lease.id ? run : undefined
    if (attempt === undefined) {
      if (claim !== undefined) this.waiting.set(tick, claim)
      else this.waiting.delete(tick)
      this.attemptNext(lease)
    } else if (revision > attempt.revision) {
      attempt.next = claim
      if (run?.record.worker !== lease.id) attempt.abort(new ConflictError('The run is over: its job was removed, or somebody else has it'))
    }
  }

  private attemptNext (lease: Lease): void {
    for (const [tick, claim] of this.waiting) {
      if (this.attempts.size >= this.init.concurrency) return
      this.waiting.delete(tick)
      this.attempt(lease, tick, claim)
    }
  }

  private attempt (lease: Lease, tick: number, claim: Seen<RunRecord>): void {
    if (this.leaving.signal.aborted || lease.signal.aborted || this.tied.signal.aborted) return
    const attempt: Attempt = new Attempt({
      ...this.init,
      lease,
      tick,
      claim,
      ended: () => {
        this.attempts.delete(tick)
        if (attempt.next !== undefined) this.waiting.set(tick, attempt.next)
        this.attemptNext(lease)
      }
    })
    this.attempts.set(tick, attempt)
  }
}

/** A lease, and the row under it that says who is there. */
async function register ({ context, job, concurrency, ttl }: WorkerInit, signal: AbortSignal | undefined): Promise<Lease> {
  using until = new Tied([signal, context.signal])
  const lease = await persist(context, until.signal, async () => await context.kv.lease({ ttl, signal: until.signal }))
  try {
    const key = workerKey(job, lease.id)
    await persist(context, until.signal, async () => await context.kv.set(key, encodeRecord({ concurrency }), { lease: lease.id, signal: until.signal }))
    return lease
  } catch (error) {
    await revokeSoon(context, lease)
    throw error
  }
}

async function aborted (signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>(resolve => { signal.addEventListener('abort', () => { resolve() }, { once: true }) })
}
