import {
  ClosedError, EncryptionKeyError, InvalidArgumentError, MembershipError, NoLeaderError, NotAuthorizedError, NotLeaderError, RaftMeshError, UnavailableError, UnknownOutcomeError
} from '../errors.js'
import { RequestLostError } from '../wire/index.js'
import { pause } from './deadlines.js'
import type { Clock } from '../clock.js'

const FIRST_PAUSE_MS = 5
const LAST_PAUSE_MS = 250
const KEY_TRIES = 3

export interface RetryOptions {
  readonly clock: Clock
  readonly random: () => number
  /** What is being done, for the error when time runs out: `set in /raft/cron`. */
  readonly what: string
  /** A write is never tried again once its outcome is unknown: it might then happen twice. */
  readonly write: boolean
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** One try, with the ms that are left for it. */
export type Attempt<T> = (remainingMs: number) => Promise<T>

/**
 * Tries until it works, time is up, or trying again is not safe. `first` is the try that has been made already: the common case of a
 * request that works at once pays for none of this.
 */
export async function retry<T> (failed: unknown, attempt: Attempt<T>, startedAt: number, options: RetryOptions): Promise<T> {
  const { clock, random, signal, timeoutMs } = options
  let error = checkAgain(failed, options)
  let keyless = error instanceof EncryptionKeyError ? 1 : 0
  for (let tries = 0; ; tries++) {
    // A hint of who leads is worth following at once, but only so often: two members may each believe in the other for a while.
    if (tries >= 2 || !(error instanceof NotLeaderError && error.leader !== undefined)) {
      const backOff = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) * (0.5 + random() / 2)
      const left = startedAt + timeoutMs - clock.now()
      if (left <= 0) throw outOfTime(error, options)
      await pause(clock, Math.min(backOff, left), signal)
    }
    const left = startedAt + timeoutMs - clock.now()
    if (left <= 0) throw outOfTime(error, options)
    try {
      return await attempt(left)
    } catch (err) {
      const again = checkAgain(err, options)
      // One peer may be the one with the wrong key; if all have another, no wait will change that.
      if (again instanceof EncryptionKeyError && ++keyless === KEY_TRIES) throw again
      // That nobody was left to ask, since all had failed, says less than how the last of them failed.
      if (!(again instanceof NobodyToAsk)) error = again
    }
  }
}

/** The error, if trying again is safe and of use; throws what the caller shall see if not. */
function checkAgain (error: unknown, { write, signal, what }: RetryOptions): RaftMeshError {
  if (!(error instanceof RaftMeshError)) throw error
  if (error instanceof RequestLostError && error.sent && write) {
    throw new UnknownOutcomeError(`The answer to ${what} was lost: it may have happened or may still happen; read to find out, or make it again if that does no harm`, { cause: error })
  }
  // Whoever gave up gets their own reason back, except for a write that is under way (above).
  if (signal?.aborted === true) throw write && error.outcome === 'unknown' ? error : signal.reason
  if (write && error.outcome === 'unknown') throw error
  if (error instanceof InvalidArgumentError || error instanceof NotAuthorizedError || error instanceof MembershipError) throw error
  if (error instanceof ClosedHere) throw error
  return error
}

/** No peer is known that may serve the namespace, or all of them rest after a failure. */
export class NobodyToAsk extends UnavailableError { static override readonly name: string = 'UnavailableError' }

/** This very handle is closed, as against a peer that says that it is closing. */
export class ClosedHere extends ClosedError { static override readonly name: string = 'ClosedError' }

function outOfTime (last: RaftMeshError, { what, timeoutMs, write }: RetryOptions): RaftMeshError {
  const message = `${what} gave up after ${Math.round(timeoutMs)} ms${write ? ', nothing was written' : ''}: ${last.message}`
  if (last instanceof EncryptionKeyError) return new EncryptionKeyError(message, { cause: last })
  if (last instanceof NotLeaderError || last instanceof NoLeaderError) return new NoLeaderError(message, { cause: last })
  // The class that says what the last try met, such as Busy; a lost request is not one that a caller should have to know.
  if (write && !(last instanceof RequestLostError)) return Object.assign(last, { message })
  return new UnavailableError(message, { cause: last })
}
