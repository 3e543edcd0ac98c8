import { describe, expect, it } from 'vitest'
import { run } from './run.js'
import type { FaultOptions } from './options.js'
import type { Report } from './run.js'

/** On a quiet machine half a minute; a busy one needs longer to start processes, and that is no fault. */
const LIMIT_MS = 240_000

/** What the run said while it went is the first thing to read when it fails. */
async function judged (options: FaultOptions): Promise<Report> {
  const lines: string[] = []
  const report = await run(options, line => { lines.push(line) })
  expect(report.violations, `kept in ${report.kept}\n${lines.join('\n')}`).toEqual([])
  return report
}

describe('real processes and real faults; `npm run test:faults` for longer', () => {
  it('three nodes, killed, stopped and cut off', async () => {
    const report = await judged({ ms: 10_000, seed: 1, nodes: 3, kinds: ['kill', 'pause', 'partition'], network: 'proxy' })
    expect(report.operations.ok).toBeGreaterThan(50)
    expect(report.checked).toBeGreaterThan(report.operations.ok)
    expect([...report.faults.values()].reduce((a, b) => a + b, 0)).toBeGreaterThan(1)
  }, LIMIT_MS)

  it('five nodes, for a moment', async () => {
    const report = await judged({ ms: 3_000, seed: 2, nodes: 5, kinds: ['kill', 'pause', 'partition'], network: 'proxy' })
    expect(report.operations.ok).toBeGreaterThan(10)
  }, LIMIT_MS)
})
