import './zlib-at-once.js'
import { setFlagsFromString } from 'node:v8'

/**
 * Runs every promise reaction that is ready, at once. The layers above the core are written with promises; a simulation that had to return
 * to Node's event loop after each event, to let them go on, would be a hundred times slower and share that loop with whoever else uses it. V8
 * can do it on request (its own tests use this), as long as it is not doing it already: a run must begin in a macrotask.
 */
export const drain = makeDrain()

function makeDrain (): () => void {
  setFlagsFromString('--allow-natives-syntax')
  try {
    return new Function('%PerformMicrotaskCheckpoint()') as () => void
  } finally {
    setFlagsFromString('--no-allow-natives-syntax')
  }
}

/** Throws where draining does nothing: inside of a promise reaction. */
export function assertDrains (): void {
  let ran = false
  void Promise.resolve().then(() => { ran = true })
  drain()
  if (!ran) throw new Error('a simulation must be started from a macrotask (a callback of setImmediate), not after an await')
}

/** Runs it where draining works. */
export async function inMacrotask<T> (run: () => T): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(run())
      } catch (error) {
        reject(error as Error)
      }
    })
  })
}
