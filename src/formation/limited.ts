import type { Clock } from '../clock.js'

/** One peer's answer, awaited for `ms` at most, and no longer than `signal` lets. */
export async function limited<T> (clock: Clock, ms: number, signal: AbortSignal, task: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController()
  const timer = clock.setTimer(ms, () => { limit.abort(new Error(`no answer within ${ms} ms`)) })
  const stop = (): void => { limit.abort(signal.reason) }
  signal.addEventListener('abort', stop)
  try {
    return await task(limit.signal)
  } finally {
    timer.cancel()
    signal.removeEventListener('abort', stop)
  }
}
