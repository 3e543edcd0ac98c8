import { describe, expect, it } from 'vitest'
import { inMacrotask } from './drain.js'
import { runNodes, traceDigest } from './run.js'

describe('whole nodes under faults', () => {
  it('run the same way twice from the same seed', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) expect(await inMacrotask(() => traceDigest(seed))).toBe(await inMacrotask(() => traceDigest(seed)))
    expect(await inMacrotask(() => traceDigest(1))).not.toBe(await inMacrotask(() => traceDigest(2)))
  })

  it('get something done meanwhile, or they would prove nothing', async () => {
    const runs = 20
    const totals = { acknowledged: 0, reads: 0, faults: 0 }
    for (let seed = 1; seed <= runs; seed++) {
      const { acknowledged, reads, faults } = await inMacrotask(() => runNodes(seed))
      totals.acknowledged += acknowledged
      totals.reads += reads
      for (const count of faults.values()) totals.faults += count
    }
    expect(totals.acknowledged / runs).toBeGreaterThan(30)
    expect(totals.reads / runs).toBeGreaterThan(20)
    expect(totals.faults / runs).toBeGreaterThan(3)
  })
})
