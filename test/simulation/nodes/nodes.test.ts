import { describe, expect, it } from 'vitest'
import { inMacrotask } from './drain.js'
import { NodeOracle } from './oracle.js'
import { runNodes, traceDigest } from './run.js'
import type { SimNode } from './sim-node.js'
import type { NamespaceHost } from '../../../src/service/namespace-host.js'

/** Breaks as soon as any member has applied so much. */
class AppliesNoMoreThan extends NodeOracle {
  readonly name = 'nobody applies much'
  override applied (node: SimNode, _host: NamespaceHost, _from: number, index: number): void {
    if (index > 3) this.fail(`${node.name} applied ${index}`)
  }
}

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

  it('that break a promise are made smaller, and told with the seed that replays them', async () => {
    const failing = inMacrotask(() => runNodes(1, { oracles: world => [new AppliesNoMoreThan(world)] }))
    await expect(failing).rejects.toThrow(/nobody applies much: n\d applied \d+[^]*npm run test:sim -- --suite nodes --seed 1[^]*Made smaller in \d+ runs: \d nodes, 1 groups, 1 clients, 1 keys, \d+ ms of no faults/)
  })
})
