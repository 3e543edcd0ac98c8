import type { SeedResult } from '../suites.js'

/** Seeds `from` to `to`, both included. `stop`: at the first failure. */
export interface RangeOrder { readonly suite: string, readonly from: number, readonly to: number, readonly stop: boolean }

export interface SeedFailure {
  readonly suite: string
  readonly seed: number
  /** Class of the error, or of what caused it. */
  readonly kind: string
  /** The first line says what broke; the end of the trace may follow. */
  readonly message: string
  readonly stack: string
}

/** What a worker tells: one message for each seed, and one when it has finished its order. */
export type WorkerReport =
  | { readonly type: 'passed', readonly seed: number, readonly result: SeedResult }
  | { readonly type: 'failed', readonly failure: SeedFailure }
  | { readonly type: 'idle' }

export function failureOf (suite: string, seed: number, thrown: unknown): SeedFailure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const origin = error.cause instanceof Error ? error.cause : error
  return { suite, seed, kind: origin.name, message: error.message, stack: origin.stack ?? '' }
}

export function firstLine (text: string): string {
  return text.split('\n', 1)[0]
}

/** The one line that runs it again, with the end of its trace. */
export function replayLine ({ suite, seed }: { readonly suite: string, readonly seed: number }): string {
  return `npm run test:sim -- --suite ${suite} --seed ${seed}`
}
