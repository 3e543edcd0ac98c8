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
    if (this.behind) await new Promise<void>(resolve => { this.waiting.push(resolve) })
  }

  pause (): void { this.stopped = true }

  /** What has waited comes one after the other, as it came: the first thing may run before the timer that should have stopped it. */
  resume (): void {
    this.stopped = false
    this.next()
  }

  /** It never runs again. */
  kill (): void {
    this.stopped = true
    this.resume = () => { throw new Error('the process is dead') }
  }

  private next (): void {
    if (this.stopped) return
    this.waiting.shift()?.()
    if (this.waiting.length > 0) this.clock.setTimer(0, () => { this.next() })
  }

  private get behind (): boolean { return this.stopped || this.waiting.length > 0 }

  private timer (set: (due: () => void) => Timer, fire: () => void): Timer {
    let cancelled = false
    const run = (): void => { if (!cancelled) fire() }
    const timer = set(() => { if (this.behind) this.waiting.push(run); else run() })
    return { cancel: () => { cancelled = true; timer.cancel() } }
  }
}
