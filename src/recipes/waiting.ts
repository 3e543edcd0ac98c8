import { BusyError, CompactedError, GroupFailedError, NoLeaderError, NotLeaderError, RaftMeshError, StorePoisonedError, UnavailableError, UnknownNamespaceError } from '../errors.js'
import type { Clock } from '../clock.js'
import type { KeyRange, RecipeContext, WatchEvent } from './types.js'

const FIRST_PAUSE_MS = 20
const LAST_PAUSE_MS = 1_000
/** Before a look in place of a watch that ended early. */
const LOOK_AGAIN_MS = 100

/** A signal that aborts with the first of several. `end` unties it: AbortSignal.any would stay tied to a signal that lives long, for as long as that does. */
export class Tied implements Disposable {
  private readonly controller = new AbortController()
  private readonly untie: Array<() => void> = []

  constructor (signals: ReadonlyArray<AbortSignal | undefined>) {
    for (const signal of signals) {
      if (signal === undefined) continue
      if (signal.aborted) {
        this.controller.abort(signal.reason)
        continue
      }
      const abort = (): void => { this.controller.abort(signal.reason) }
      signal.addEventListener('abort', abort, { once: true })
      this.untie.push(() => { signal.removeEventListener('abort', abort) })
    }
  }

  get signal (): AbortSignal { return this.controller.signal }

  /** Aborts with what `late` makes if this is not over in so many ms. */
  limit (clock: Clock, ms: number, late: () => Error): void {
    const timer = clock.setTimer(ms, () => { this.controller.abort(late()) })
    this.untie.push(() => { timer.cancel() })
  }

  [Symbol.dispose] (): void {
    for (const untie of this.untie.splice(0)) untie()
  }
}

/** Rejects with the signal's reason if that aborts first. */
export async function pause (clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const end = (): void => {
      timer.cancel()
      signal.removeEventListener('abort', onAbort)
    }
    const onAbort = (): void => {
      end()
      reject(signal.reason)
    }
    const timer = clock.setTimer(ms, () => {
      end()
      resolve()
    })
    signal.addEventListener('abort', onAbort)
  })
}

/** Rejects as soon as the signal aborts, whatever becomes of the promise. */
export async function orAborted<T> (promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise
  return await new Promise((resolve, reject) => {
    const onAbort = (): void => { reject(signal.reason) }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
    promise.then(resolve, reject).finally(() => { signal.removeEventListener('abort', onAbort) })
  })
}

/** What a group that is without a leader for a while, a member that has just left it, or a lost answer comes out as. Trying again may help. */
export function isPassing (error: unknown): error is RaftMeshError {
  // Their outcome is unknown, too; but the member that failed so is this very one, and only a restart mends it.
  if (error instanceof GroupFailedError || error instanceof StorePoisonedError) return false
  return [UnavailableError, NoLeaderError, NotLeaderError, BusyError, UnknownNamespaceError].some(passing => error instanceof passing) ||
    // Of a request that never left, the outcome is known.
    (error instanceof RaftMeshError && (error.outcome === 'unknown' || error.name === 'RequestLostError'))
}

/** Does again what failed in passing, until `signal` aborts. Only for what does no harm when it is done twice. */
export async function persist<T> ({ clock, random, log }: RecipeContext, signal: AbortSignal, step: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted()
    try {
      return await step()
    } catch (error) {
      signal.throwIfAborted()
      if (!isPassing(error)) throw error
      log('tries again after %s', error.message)
      await pause(clock, Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10)) * (0.5 + random() / 2), signal)
    }
  }
}

/**
 * Runs a watch from the revision behind a look until `enough` of a batch says so. False: it ended early, and only another look tells how things
 * stand.
 */
export async function watchUntil (context: RecipeContext, range: KeyRange, seen: number, signal: AbortSignal, enough: (batch: readonly WatchEvent[]) => boolean): Promise<boolean> {
  try {
    await using watch = await context.kv.watch({ ...range, revision: seen + 1, signal })
    while (!enough(await watch.nextBatch()));
    return true
  } catch (error) {
    await afterWatch(context, error, signal)
    return false
  }
}

/** Rethrows what another look would not mend, and pauses before that look. */
export async function afterWatch ({ clock }: RecipeContext, error: unknown, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (!(error instanceof CompactedError) && !isPassing(error)) throw error
  await pause(clock, LOOK_AGAIN_MS, signal)
}
