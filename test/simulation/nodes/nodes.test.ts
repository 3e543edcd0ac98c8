import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConfigurationHistory } from '../../../src/raft/configuration-history.js'
import { RaftLog } from '../../../src/raft/log.js'
import { RaftState } from '../../../src/raft/state.js'
import { inMacrotask } from './drain.js'
import { NodeOracle, Violation } from './oracle.js'
import { drawPlan } from './plan.js'
import { runNodes, traceDigest } from './run.js'
import { SimDisk } from './sim-disk.js'
import { World } from './world.js'
import { Random } from '../random.js'
import type { FaultKind } from './plan.js'
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

describe('what watches whole nodes', () => {
  afterEach(() => { vi.restoreAllMocks() })

  it('sees a commit index that goes back', async () => {
    vi.spyOn(RaftLog.prototype, 'commitTo').mockImplementation(function (this: RaftLog, index) {
      if (index <= this.lastIndex) this.commit = index
    })
    expect(await isSeen('commit never regresses', {})).toBe(true)
  })

  it('sees a second change of members before the first is committed', async () => {
    vi.spyOn(RaftState.prototype, 'configurationPending', 'get').mockReturnValue(false)
    expect(await isSeen('configuration safety', { remove: 50, transfer: 100 })).toBe(true)
  })

  it('sees a member that opens as if its disk were whole', async () => {
    vi.spyOn(SimDisk.prototype, 'loseBlock').mockReturnValue({ kept: [], forgets: ['/raft/n1'], lacks: [] })
    expect(await isSeen('nobody goes on without its memory', { lostBlock: 50 })).toBe(true)
  })

  it('sees a configuration that stays in force when its entry is gone', async () => {
    vi.spyOn(ConfigurationHistory.prototype, 'truncate').mockImplementation(() => {})
    expect(await isSeen('configuration safety', { remove: 30, partition: 100 })).toBe(true)
  })
})

/** Whether that promise is broken in one of a few seeds, with these faults as often as that. A bug breaks others as well, perhaps first. */
async function isSeen (promise: string, faults: Partial<Record<FaultKind, number>>): Promise<boolean> {
  for (let seed = 1; seed <= 80; seed++) {
    const broken = await inMacrotask(() => {
      const { every } = drawPlan(new Random(seed))
      try {
        new World(seed, { plan: { every: { ...every, ...faults } } }).run()
        return undefined
      } catch (error) {
        if (error instanceof Violation) return error.oracle
        throw error
      }
    })
    if (broken === promise) return true
  }
  return false
}
