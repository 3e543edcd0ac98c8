import type { Clock, Timer } from '../../../src/clock.js'

interface Due { readonly at: number, readonly order: number, readonly fire: () => void, cancelled: boolean }

/** Time that moves only when told to. */
export class SimClock implements Clock {
  #now = 1_000
  #order = 0
  /** Ascending by time, then by when they were set. */
  readonly #timers: Due[] = []
  #immediates: Due[] = []
  /** ms that each look at the clock takes: for tests of time budgets. */
  costPerLook = 0

  now (): number {
    this.#now += this.costPerLook
    return this.#now
  }

  wall (): number { return 1_700_000_000_000 + Math.floor(this.#now) }

  setTimer (ms: number, fire: () => void): Timer {
    const due = { at: this.#now + ms, order: this.#order++, fire, cancelled: false }
    let place = this.#timers.length
    while (place > 0 && this.#timers[place - 1].at > due.at) place--
    this.#timers.splice(place, 0, due)
    return { cancel: () => { due.cancelled = true } }
  }

  setImmediate (fire: () => void): Timer {
    const due = { at: this.#now, order: this.#order++, fire, cancelled: false }
    this.#immediates.push(due)
    return { cancel: () => { due.cancelled = true } }
  }

  get immediates (): number { return this.#immediates.filter(due => !due.cancelled).length }

  get nextTimer (): number | undefined {
    while (this.#timers[0]?.cancelled === true) this.#timers.shift()
    return this.#timers[0]?.at
  }

  runImmediates (): void {
    const immediates = this.#immediates
    this.#immediates = []
    for (const due of immediates) if (!due.cancelled) due.fire()
  }

  /** Move to `at` and fire what is due by then. */
  advanceTo (at: number): void {
    this.#now = Math.max(this.#now, at)
    let due = 0
    while (due < this.#timers.length && this.#timers[due].at <= this.#now) due++
    for (const timer of this.#timers.splice(0, due)) if (!timer.cancelled) timer.fire()
  }

  /** The process stood still for `ms`: nothing fired meanwhile. */
  stall (ms: number): void { this.#now += ms }
}
