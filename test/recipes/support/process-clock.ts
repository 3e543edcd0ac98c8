import type { Clock, Timer } from '../../../src/clock.js'

/** The clock as one process sees it: while the process stands still (SIGSTOP, a long collection of garbage), time goes on, and nothing of it runs. */
export class ProcessClock implements Clock {
  private stopped = false
  private waiting: Array<() => void> = []

  constructor (private readonly clock: Clock) {}

  now (): number { return this.clock.now() }
  wall (): number { return this.clock.wall() }

  setTimer (ms: number, fire: () => void): Timer { return this.timer(due => this.clock.setTimer(ms, due), fire) }
  setImmediate (fire: () => void): Timer { return this.timer(due => this.clock.setImmediate(due), fire) }

  /** What comes from outside reaches the process once it runs. */
  async awake (): Promise<void> {
    if (this.stopped) await new Promise<void>(resolve => { this.waiting.push(resolve) })
  }

  pause (): void { this.stopped = true }

  resume (): void {
    this.stopped = false
    for (const run of this.waiting.splice(0)) run()
  }

  /** It never runs again. */
  kill (): void {
    this.stopped = true
    this.resume = () => { throw new Error('the process is dead') }
  }

  private timer (set: (due: () => void) => Timer, fire: () => void): Timer {
    let cancelled = false
    const run = (): void => { if (!cancelled) fire() }
    const timer = set(() => { if (this.stopped) this.waiting.push(run); else run() })
    return { cancel: () => { cancelled = true; timer.cancel() } }
  }
}
