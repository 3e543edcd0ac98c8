import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { runSeed, traceDigest } from './run.js'

/** Enough for averages; `npm run test:sim` runs many more. */
const SEEDS = 100

describe('whole groups of cores under faults', () => {
  it('keep every promise, and get something done meanwhile, or they would prove nothing', async () => {
    const totals = { acknowledged: 0, reads: 0, terms: 0 }
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { acknowledged, reads, terms } = runSeed(seed)
      totals.acknowledged += acknowledged
      totals.reads += reads
      totals.terms += terms
      // A run is synchronous: let the test runner hear that this worker lives.
      await setImmediate()
    }
    expect(totals.acknowledged / SEEDS).toBeGreaterThan(50)
    expect(totals.reads / SEEDS).toBeGreaterThan(15)
    expect(totals.terms / SEEDS).toBeGreaterThan(4)
  })

  it('run the same way twice from the same seed', () => {
    for (const seed of [1, 2, 3, 4, 5]) expect(traceDigest(seed)).toBe(traceDigest(seed))
    expect(traceDigest(1)).not.toBe(traceDigest(2))
  })
})
