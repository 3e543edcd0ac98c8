import type { SeedResult } from '../suites.js'
import type { SeedFailure } from './protocol.js'

/** What was run so far. */
export class Totals {
  seeds = 0
  operations = 0
  simulatedMs = 0
  readonly failures: SeedFailure[] = []
  readonly beganAt = performance.now()

  passed ({ simulatedMs, acknowledged, reads }: SeedResult): void {
    this.seeds++
    this.simulatedMs += simulatedMs
    this.operations += acknowledged + reads
  }

  failed (failure: SeedFailure): void {
    this.seeds++
    this.failures.push(failure)
  }

  get elapsedMs (): number { return performance.now() - this.beganAt }
  get simulatedHours (): string { return (this.simulatedMs / 3_600_000).toFixed(2) }
}

export function duration (ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
