import type { Clock, Timer } from '../../../src/clock.js'

/** Time moves only when told to. */
export class ManualClock implements Clock {
  private time = 1_000
  private readonly timers = new Set<{ at: number, fire: () => void }>()

  now (): number { return this.time }
  wall (): number { return 1_700_000_000_000 + this.time }
  get pending (): number { return this.timers.size }

  setTimer (ms: number, fire: () => void): Timer {
    const timer = { at: this.time + Math.max(0, ms), fire }
    this.timers.add(timer)
    return { cancel: () => { this.timers.delete(timer) } }
  }

  setImmediate (fire: () => void): Timer { return this.setTimer(0, fire) }

  /** Moves on by `ms`, firing what comes due in order, and lets promises settle after each. */
  async advance (ms: number): Promise<void> {
    const end = this.time + ms
    await settle()
    for (;;) {
      const due = [...this.timers].filter(timer => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.timers.delete(due)
      this.time = Math.max(this.time, due.at)
      due.fire()
      await settle()
    }
    this.time = end
  }
}

/** Until every promise that can settle has. */
export async function settle (): Promise<void> {
  await new Promise<void>(resolve => { setImmediate(resolve) })
}
