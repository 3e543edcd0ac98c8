import type { Clock, Timer } from '../../../src/clock.js'
import type { Scheduler } from '../scheduler.js'

const GRAIN_MS = 0.001
const EPOCH = 1_800_000_000_000

/**
 * One run of a process, from start to crash. Nothing reaches it from outside (a timer, a frame, a finished write) but through `deliver`, so
 * that a paused process misses nothing and a dead one gets nothing: what its promises still do has no way out.
 */
export class Life {
  alive = true
  readonly clock: LifeClock
  private pausedSince: number | undefined
  private held: Array<() => void> = []
  private readonly mourners = new Set<() => void>()

  constructor (private readonly scheduler: Scheduler, rate: number, private readonly wallOffset: () => number) {
    this.clock = new LifeClock(scheduler, this, rate, () => this.wallOffset())
  }

  get paused (): boolean { return this.pausedSince !== undefined }

  deliver (run: () => void): void {
    if (!this.alive) return
    if (this.pausedSince !== undefined) this.held.push(run)
    else run()
  }

  /** After so many simulated ms, if it still lives then. */
  after (ms: number, run: () => void): void {
    this.scheduler.after(ms, () => { this.deliver(run) })
  }

  async sleep (ms: number): Promise<void> {
    await new Promise<void>(resolve => { this.after(ms, resolve) })
  }

  pause (): void { this.pausedSince ??= this.scheduler.now }

  /** `stoodStill`: its clock did not run meanwhile either, as in a suspended virtual machine. */
  resume (stoodStill: boolean): void {
    if (this.pausedSince === undefined) return
    if (stoodStill) this.clock.lose(this.scheduler.now - this.pausedSince)
    this.pausedSince = undefined
    const held = this.held
    this.held = []
    // One event each, as a process finds them in its sockets: they must not all run before anything that the first one starts.
    for (const run of held) this.after(0, run)
  }

  die (): void {
    this.alive = false
    this.held = []
    for (const mourner of [...this.mourners]) mourner()
    this.mourners.clear()
  }

  /** Calls when it dies; returns how to stop that. */
  onDeath (mourner: () => void): () => void {
    this.mourners.add(mourner)
    return () => { this.mourners.delete(mourner) }
  }
}

/** A clock with a rate of its own. */
export class LifeClock implements Clock {
  private lost = 0
  private readonly origin: number

  constructor (private readonly scheduler: Scheduler, private readonly life: Life, private readonly rate: number, private readonly wallOffset: () => number) {
    this.origin = scheduler.now
  }

  now (): number { return 1_000 + (this.scheduler.now - this.origin - this.lost) * this.rate }

  wall (): number { return Math.floor(EPOCH + this.scheduler.now + this.wallOffset()) }

  get stoodStill (): boolean { return this.lost > 0 }

  lose (ms: number): void { this.lost += ms }

  setTimer (ms: number, fire: () => void): Timer {
    let cancelled = false
    const due = this.now() + Math.max(0, ms)
    const wait = (): void => {
      // A grain on top: a sum of fractions that ends a hair before its time would be waited for again, for ever, in no time at all.
      this.life.after(Math.max(0, due - this.now()) / this.rate + GRAIN_MS, () => {
        if (cancelled) return
        // The clock stood still meanwhile: never early.
        if (due > this.now()) wait()
        else fire()
      })
    }
    wait()
    return { cancel: () => { cancelled = true } }
  }

  setImmediate (fire: () => void): Timer {
    let cancelled = false
    this.life.after(0, () => { if (!cancelled) fire() })
    return { cancel: () => { cancelled = true } }
  }
}
