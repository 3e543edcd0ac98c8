import { LeaseLostError, LeaseNotFoundError, RaftMeshError } from '../errors.js'
import { MAX_LEASE_TTL, MIN_LEASE_TTL } from '../machine/kv-types.js'
import { pause } from './deadlines.js'
import { checkKeys, checkNumber } from './validate.js'
import type { Clock, Timer } from '../clock.js'
import type { Lease, LeaseOperations, LeaseOptions } from '../recipes/types.js'
import type { AbortOptions } from '@libp2p/interface'

const DEFAULT_TTL_MS = 10_000
/** Keep-alives in one ttl, each of which may take as long as it is until the next; and times that what was lost is asked for. */
const TRIES = 3
const TRY_AGAIN_MS = 250

/** With a time limit for each call: what is given up by it teaches a client to ask elsewhere next, as an abort does not. */
export interface KeptLeases extends LeaseOperations { keepAlive: (id: number, options?: AbortOptions & { timeoutMs?: number }) => Promise<{ ttl: number }> }

export interface LeaseContext {
  readonly namespace: string
  readonly leases: KeptLeases
  readonly clock: Clock
  readonly random: () => number
  /** Of the handle: aborts when it is closed. */
  readonly signal: AbortSignal
  readonly log: (format: string, ...args: unknown[]) => void
}

export function resolveTtl (ttl: unknown): number {
  return checkNumber(ttl, DEFAULT_TTL_MS, 'ttl', { min: MIN_LEASE_TTL, max: MAX_LEASE_TTL, integer: true })
}

/** Grants a lease, and keeps it alive from then on. One that was granted without our hearing of it holds nothing, and expires. */
export async function holdLease (context: LeaseContext, options: LeaseOptions = {}): Promise<HeldLease> {
  checkKeys(options, ['ttl', 'signal'], 'the options of lease')
  const wanted = resolveTtl(options.ttl)
  return await harmless(options.signal, async () => {
    const sentAt = context.clock.now()
    const { id, ttl } = await context.leases.grant({ signal: options.signal, ttl: wanted })
    return new HeldLease(context, { id, ttl, sentAt })
  })
}

/** Done twice is as good as once: so an answer that was lost is asked for again. */
async function harmless<T> (signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await run()
    } catch (error) {
      if (tries === TRIES || !(error instanceof RaftMeshError) || error.outcome !== 'unknown' || signal?.aborted === true) throw error
    }
  }
}

/**
 * A lease that is kept alive from here: see {@link LeaseKeeper} for why it is given up before it is taken. By the clock of this process, which
 * stands still while the machine sleeps: who writes to what a lease protects should name the lease's revision with it (fencing).
 * It keeps no process alive.
 */
export class HeldLease implements Lease {
  readonly id: number
  readonly ttl: number
  private readonly lost = new AbortController()
  private readonly ending = new AbortController()
  private until: number
  private timer: Timer | undefined
  private revoking: Promise<void> | undefined

  constructor (private readonly context: LeaseContext, { id, ttl, sentAt }: { id: number, ttl: number, sentAt: number }) {
    this.id = id
    this.ttl = ttl
    this.until = sentAt + ttl
    if (context.signal.aborted) this.onClosed()
    else context.signal.addEventListener('abort', this.onClosed, { once: true })
    this.watch()
    void this.keep(sentAt)
  }

  /** Looks at the clock first: after a pause, whoever asks may be earlier than the timer. */
  get signal (): AbortSignal {
    this.check()
    return this.lost.signal
  }

  remaining (): number {
    this.check()
    return this.lost.signal.aborted ? 0 : this.until - this.context.clock.now()
  }

  async revoke (options?: AbortOptions): Promise<void> {
    this.lose(`Lease ${this.id} was revoked by its holder`)
    this.revoking ??= this.revokeOnce(options)
    const revoking = this.revoking
    try {
      await revoking
    } catch (error) {
      // It may be tried again.
      if (this.revoking === revoking) this.revoking = undefined
      throw error
    }
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    try {
      await this.revoke()
    } catch (error) {
      this.context.log('%s: lease %d was not revoked, and ends by itself: %s', this.context.namespace, this.id, (error as Error).message)
    }
  }

  private async revokeOnce (options: AbortOptions | undefined): Promise<void> {
    try {
      await harmless(options?.signal, async () => { await this.context.leases.revoke(this.id, options) })
    } catch (error) {
      if (!(error instanceof LeaseNotFoundError)) throw error
    }
  }

  private async keep (sentAt: number): Promise<void> {
    const { clock, random, leases, log, namespace } = this.context
    const { signal } = this.ending
    const interval = this.ttl / TRIES
    // Not all leases of a program at once.
    const spread = (): number => interval * (0.8 + 0.2 * random())
    try {
      for (let next = sentAt + spread(); ;) {
        await pause(clock, Math.max(0, next - clock.now()), signal)
        const startedAt = clock.now()
        try {
          await this.attempt(signal, async signal => { await leases.keepAlive(this.id, { signal, timeoutMs: this.ttl / TRIES * 0.75 }) })
          this.until = Math.max(this.until, startedAt + this.ttl)
          next = startedAt + spread()
        } catch (error) {
          if (error instanceof LeaseNotFoundError) throw error
          signal.throwIfAborted()
          log('%s: lease %d was not kept alive, and is tried again: %s', namespace, this.id, (error as Error).message)
          next = clock.now() + Math.min(TRY_AGAIN_MS, interval / 4)
        }
      }
    } catch (error) {
      this.lose(error instanceof LeaseNotFoundError ? error.message : `Lease ${this.id} could not be kept alive: ${(error as Error).message}`, error)
    }
  }

  /** A try must not use up the time of the next: the member that it hangs at may be the one that is gone. */
  private async attempt (ending: AbortSignal, run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const limit = new AbortController()
    const stop = (): void => { limit.abort(ending.reason) }
    ending.addEventListener('abort', stop)
    const timer = this.context.clock.setTimer(this.ttl / TRIES, () => { limit.abort(new RaftMeshError('no answer in time')) })
    try {
      await run(limit.signal)
    } finally {
      timer.cancel()
      ending.removeEventListener('abort', stop)
    }
  }

  private readonly onClosed = (): void => { this.lose(`The handle of ${this.context.namespace} is closed: nobody keeps lease ${this.id} alive any more`) }

  private watch (): void {
    this.timer?.cancel()
    if (this.lost.signal.aborted) return
    this.timer = this.context.clock.setTimer(Math.max(0, this.until - this.context.clock.now()), () => {
      this.check()
      this.watch()
    })
  }

  private check (): void {
    if (this.context.clock.now() < this.until) return
    this.lose(`Lease ${this.id} was not kept alive for ${this.ttl} ms: it may have expired, and what it held may be another's`)
  }

  private lose (message: string, cause?: unknown): void {
    if (this.lost.signal.aborted) return
    this.timer?.cancel()
    this.context.signal.removeEventListener('abort', this.onClosed)
    this.lost.abort(new LeaseLostError(message, { cause }))
    this.ending.abort(this.lost.signal.reason)
  }
}
