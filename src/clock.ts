/** Time and timers, handed in everywhere so that whole nodes run under a simulated clock. */
export interface Timer { cancel: () => void }

export interface Clock {
  /** Monotonic ms with a fraction; the origin means nothing. Every timeout, tick and lease is measured with it. */
  now: () => number
  /** Wall time in ms since 1970. Only a leader stamping entries, and people, look at it. */
  wall: () => number
  /** A timer that doesn't keep the process alive. */
  setTimer: (ms: number, fire: () => void) => Timer
  /** After the I/O events of this turn of the event loop. */
  setImmediate: (fire: () => void) => Timer
}

/** What Node's timers can wait for: over it, they fire after 1 ms. */
const LONGEST_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  setTimer (ms, fire) {
    let handle: NodeJS.Timeout
    const wait = (left: number): void => {
      handle = setTimeout(() => {
        if (left > LONGEST_MS) wait(left - LONGEST_MS)
        else fire()
      }, Math.min(left, LONGEST_MS))
      handle.unref()
    }
    wait(ms)
    return { cancel: () => { clearTimeout(handle) } }
  },
  setImmediate (fire) {
    const handle = setImmediate(fire)
    return { cancel: () => { clearImmediate(handle) } }
  }
}
