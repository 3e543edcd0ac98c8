import type { Clock, Timer } from '../../src/clock.js'

/** A clock that moves only when told. Between two timers, all promises and I/O callbacks that are due run. */
export class ManualClock implements Clock {
  #now = 0
  #order = 0
  #timers: Array<{ at: number, order: number, fire: () => void }> = []

  now (): number { return this.#now }
  wall (): number { return 1_700_000_000_000 + this.#now }

  setTimer (ms: number, fire: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fire }
    this.#timers.push(timer)
    return { cancel: () => { this.#timers = this.#timers.filter(other => other !== timer) } }
  }

  setImmediate (fire: () => void): Timer { return this.setTimer(0, fire) }

  get pending (): number { return this.#timers.length }

  /** Runs timers until the time, or until `done`. */
  async advance (ms: number, done: () => boolean = () => false): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      await quiet()
      if (done()) return
      const next = this.#timers.sort((a, b) => a.at - b.at || a.order - b.order)[0]
      if (next === undefined || next.at > until) break
      this.#timers.shift()
      this.#now = Math.max(this.#now, next.at)
      next.fire()
    }
    this.#now = until
  }
}

/** Lets every promise that can settle do so. */
export async function quiet (): Promise<void> {
  await new Promise(resolve => { setImmediate(resolve) })
}
