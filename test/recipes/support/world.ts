import { SimClock } from '../../engine/support/sim-clock.js'
import { Random } from '../../simulation/random.js'
import { SimClient } from './client.js'
import { SimGroup } from './group.js'

/** ms of simulated time after which what has not come will not come. */
const PATIENCE_MS = 30 * 60_000

/**
 * Several processes that use one namespace, under one simulated clock. Nothing happens but by `run`, `until` and `advance`: promises that
 * are ready go on first, then the clock moves to the next timer.
 */
export class World {
  readonly clock = new SimClock()
  readonly group = new SimGroup(this.clock)
  readonly random: Random
  /** ms that a message takes: 1 to so many. */
  slowness = 10
  private readonly clients: SimClient[] = []

  constructor (readonly seed = 1) { this.random = new Random(seed) }

  client (): SimClient {
    const client = new SimClient({ clock: this.clock, group: this.group, random: () => this.random.next(), delay: () => 1 + Math.floor(this.random.next() * this.slowness) })
    this.clients.push(client)
    return client
  }

  /** What the promise settles with; everything else goes on meanwhile. */
  async run<T> (promise: Promise<T>): Promise<T> {
    let settled = false
    promise.then(() => { settled = true }, () => { settled = true })
    await this.until(() => settled)
    return await promise
  }

  async until (condition: () => boolean): Promise<void> {
    const end = this.clock.now() + PATIENCE_MS
    for (;;) {
      await ready()
      if (condition()) return
      if (this.clock.now() > end || !this.step()) throw new Error(`seed ${this.seed}: it never comes true: ${condition.toString()}`)
    }
  }

  async advance (ms: number): Promise<void> {
    const end = this.clock.now() + ms
    for (;;) {
      await ready()
      if (this.clock.immediates === 0 && (this.clock.nextTimer ?? Infinity) > end) break
      this.step()
    }
    this.clock.advanceTo(end)
    await ready()
  }

  /** Everything that is held is let go. */
  close (): void { for (const client of this.clients.splice(0)) client.close() }

  /** False: nothing is left to happen. */
  private step (): boolean {
    if (this.clock.immediates > 0) {
      this.clock.runImmediates()
      return true
    }
    const { nextTimer } = this.clock
    if (nextTimer === undefined) return false
    this.clock.advanceTo(nextTimer)
    return true
  }
}

/** A turn of the event loop: every reaction that is ready runs before it. */
async function ready (): Promise<void> {
  await new Promise<void>(resolve => { setImmediate(resolve) })
}
