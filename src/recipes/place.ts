import { LeaseNotFoundError, LockLostError, RaftMeshError } from '../errors.js'
import type { Comparison, Lease, RecipeContext } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

/** How long one who leaves waits for the word that they have left. They leave all the same, with the lease at the latest. */
const LEAVE_MS = 1_000

/** What is held by a place in a line whose turn it is: a lock, a permit, a leadership. */
export interface Held extends AsyncDisposable {
  readonly name: string
  /** In the state: it is there for exactly as long as this is held. */
  readonly key: Uint8Array
  /**
   * The fencing token: greater than that of everyone who held this before. A place outside that takes writes (a disk, another service) must
   * refuse a token below the highest that it has seen.
   */
  readonly token: number
  /** Aborts when this is not held any more, or may not be: with LockLostError, when it was lost or let go. */
  readonly signal: AbortSignal
  /** For a transaction in the same namespace: holds only while this very holder does, whatever its clock or its `signal` say. */
  fence: () => Comparison
}

/** A key in a line, and the lease that it goes away with. */
export class Place {
  private readonly ended = new AbortController()
  private leaving: Promise<void> | undefined
  private lost = false

  constructor (private readonly context: RecipeContext, readonly what: string, readonly lease: Lease, readonly key: Uint8Array, readonly token: number) {
    const lost = (): void => {
      this.lost = true
      this.end(new LockLostError(`${what} is lost: ${describe(lease.signal.reason)}. Somebody else may hold it`, { cause: lease.signal.reason }))
    }
    if (lease.signal.aborted) lost()
    else {
      lease.signal.addEventListener('abort', lost, { once: true })
      this.ended.signal.addEventListener('abort', () => { lease.signal.removeEventListener('abort', lost) }, { once: true })
    }
  }

  /** A lease looks at the clock when it is asked: after a pause, whoever asks may be earlier than its timer. */
  get signal (): AbortSignal {
    void this.lease.signal
    return this.ended.signal
  }

  fence (): Comparison { return { key: this.key, createRevision: this.token } }

  /** Gives the place up. Rejects if nobody could be told: then it ends with its lease, which nothing keeps alive any more. */
  async leave (options?: AbortOptions): Promise<void> {
    if (this.lost) return
    this.end(new LockLostError(`${this.what} was let go`))
    this.leaving ??= this.lease.revoke(options).catch((error: unknown) => {
      this.leaving = undefined
      throw error
    })
    await this.leaving
  }

  /** As `leave`, for one who does not care: it waits for a moment at most, and never rejects. */
  async giveUp (): Promise<void> {
    this.end(new LockLostError(`${this.what} was given up`))
    await revokeSoon(this.context, this.lease)
  }

  private end (reason: Error): void { this.ended.abort(reason) }
}

/** What somebody does who has a place and may not get what they wait for: then the place is given up. */
export async function standing<T> (place: Place, caller: AbortSignal | undefined, wait: () => Promise<T>): Promise<T> {
  try {
    return await wait()
  } catch (error) {
    const reason = reasonOf(error, caller, place.signal, place.what)
    await place.giveUp()
    throw reason
  }
}

/** The caller's own reason, where they gave up; what became of the place, where that is why it failed. */
export function reasonOf (error: unknown, caller: AbortSignal | undefined, held: AbortSignal, what: string): unknown {
  if (caller?.aborted === true) return caller.reason
  // The group may know before we do.
  if (error instanceof LeaseNotFoundError) return new LockLostError(`${what}: the place in the line is lost, its lease has ended`, { cause: error })
  if (!held.aborted) return error
  return held.reason instanceof LockLostError ? held.reason : new LockLostError(`${what}: the place in the line is lost, ${describe(held.reason)}`, { cause: held.reason })
}

/** Ends a lease, waiting for a moment at most. */
export async function revokeSoon ({ clock, log }: RecipeContext, lease: Lease): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = clock.setTimer(LEAVE_MS, resolve)
    lease.revoke().catch((error: unknown) => { log('lease %d ends by itself: %s', lease.id, describe(error)) }).finally(() => {
      timer.cancel()
      resolve()
    })
  })
}

/** A place whose turn it is, as its holder sees it. */
export class HeldPlace implements Held {
  constructor (private readonly context: RecipeContext, readonly name: string, protected readonly place: Place) {}

  get key (): Uint8Array { return this.place.key }
  get token (): number { return this.place.token }
  get signal (): AbortSignal { return this.place.signal }
  fence (): Comparison { return this.place.fence() }

  async release (options?: AbortOptions): Promise<void> { await this.place.leave(options) }

  async [Symbol.asyncDispose] (): Promise<void> {
    try {
      await this.place.leave()
    } catch (error) {
      // What cannot be told now ends with its lease. Thrown from here, it would hide what the block itself threw.
      if (!(error instanceof RaftMeshError)) throw error
      this.context.log('%s ends with its lease: %s', this.place.what, error.message)
    }
  }
}

function describe (reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
