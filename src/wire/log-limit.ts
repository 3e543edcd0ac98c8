import type { Clock } from '../clock.js'

/** Lets a line through once in `everyMs` for each key, and says how many it held back: what a hostile peer repeats may not fill a disk. */
export class LogLimit {
  private readonly last = new Map<string, { at: number, held: number }>()
  constructor (private readonly clock: Clock, private readonly everyMs = 10_000, private readonly maxKeys = 1_024) {}

  /** Undefined: hold this one back. Otherwise how many were held back since the last. */
  pass (key: string): number | undefined {
    const now = this.clock.now()
    const seen = this.last.get(key)
    if (seen !== undefined && now - seen.at < this.everyMs) {
      seen.held++
      return undefined
    }
    if (seen === undefined && this.last.size >= this.maxKeys) this.last.clear()
    this.last.set(key, { at: now, held: 0 })
    return seen?.held ?? 0
  }
}
