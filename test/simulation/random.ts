/** A seeded generator (mulberry32): the same seed gives the same run, on every machine. */
export class Random {
  private state: number

  constructor (seed: number) {
    // Neighbouring seeds must not give neighbouring runs: mix the seed before use.
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0
    this.next()
    this.next()
  }

  /** [0, 1) */
  readonly next = (): number => {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** An integer in [low, high], both included. */
  int (low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance (probability: number): boolean {
    return probability > 0 && this.next() < probability
  }

  pick<T> (from: readonly T[]): T {
    if (from.length === 0) throw new Error('pick from nothing')
    return from[Math.floor(this.next() * from.length)]
  }

  /** Exponentially distributed: many short, a few long. */
  exponential (mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  shuffle<T> (items: readonly T[]): T[] {
    const out = items.slice()
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [out[i], out[j]] = [out[j], out[i]]
    }
    return out
  }

  /** A generator of its own, so that one part drawing more does not shift what another draws. */
  fork (): Random {
    return new Random(Math.floor(this.next() * 4294967296))
  }
}
