import { setImmediate } from 'node:timers/promises'
import { suites } from '../suites.js'
import { failureOf } from './protocol.js'
import type { RangeOrder, WorkerReport } from './protocol.js'

/** Runs what it is told to, a range of seeds at a time, and tells of each. */
async function runRange ({ suite: name, from, to, stop }: RangeOrder): Promise<void> {
  const suite = suites.find(s => s.name === name)
  if (suite === undefined) throw new Error(`there is no suite '${name}'`)
  for (let seed = from; seed <= to; seed++) {
    try {
      tell({ type: 'passed', seed, result: await suite.run(seed) })
    } catch (error) {
      tell({ type: 'failed', failure: failureOf(name, seed, error) })
      if (stop) return
    }
    // A run is synchronous: let what was told leave, and a parent that is gone be noticed.
    await setImmediate()
  }
}

function tell (report: WorkerReport): void {
  process.send?.(report)
}

process.on('message', (order: RangeOrder) => {
  void runRange(order).then(() => tell({ type: 'idle' }))
})
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole group of processes: the parent still has a summary to print, and ends its workers itself.
process.on('SIGINT', () => {})
