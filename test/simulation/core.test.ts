import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { runSeed, traceDigest } from './run.js'

const { SIM_SEED, SIM_SEEDS, SIM_FROM } = process.env
const first = Number(SIM_SEED ?? SIM_FROM ?? 1)
const count = SIM_SEED !== undefined ? 1 : Number(SIM_SEEDS ?? 2000)
const CHUNK = 200

describe(`whole groups of cores under faults, from seed ${first}`, () => {
  const totals = { runs: 0, acknowledged: 0, reads: 0, terms: 0 }

  for (let from = first; from < first + count; from += CHUNK) {
    const to = Math.min(from + CHUNK, first + count) - 1
    it(`keep every promise in the runs of seeds ${from} to ${to}`, async () => {
      for (let seed = from; seed <= to; seed++) {
        const { acknowledged, reads, terms } = runSeed(seed)
        totals.runs++
        totals.acknowledged += acknowledged
        totals.reads += reads
        totals.terms += terms
        // A run is synchronous: let the test runner hear that this worker lives.
        await setImmediate()
      }
    })
  }

  it.skipIf(count < CHUNK)('get something done meanwhile, or they would prove nothing', () => {
    expect(totals.acknowledged / totals.runs).toBeGreaterThan(50)
    expect(totals.reads / totals.runs).toBeGreaterThan(15)
    expect(totals.terms / totals.runs).toBeGreaterThan(4)
  })

  it('run the same way twice from the same seed', () => {
    for (const seed of [1, 2, 3, 4, 5]) expect(traceDigest(seed)).toBe(traceDigest(seed))
    expect(traceDigest(1)).not.toBe(traceDigest(2))
  })
})
