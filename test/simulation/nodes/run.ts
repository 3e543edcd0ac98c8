import { assertDrains } from './drain.js'
import { faultKinds } from './plan.js'
import { shrink } from './shrink.js'
import { World } from './world.js'
import { digestOf, SimulationError, tailOf } from '../replay.js'
import type { RunOptions, RunResult } from './world.js'

const TAIL = 80

/**
 * One seeded run of whole nodes, from a macrotask. A failure is made as small as it gets: the error carries the trace of that, and how to
 * replay the seed.
 */
export function runNodes (seed: number, options: RunOptions = {}): RunResult {
  assertDrains()
  const { stackTraceLimit } = Error
  try {
    // Errors are made all the time (refusals, lost answers), and a stack costs more than all else about them.
    Error.stackTraceLimit = 0
    return new World(seed, options).run()
  } catch (error) {
    Error.stackTraceLimit = stackTraceLimit
    throw new SimulationError(`${(error as Error).message}\n\nseed ${seed}; to replay: npm run test:sim -- --suite nodes --seed ${seed}\n\n${explain(seed, options, error)}`, { cause: error })
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function explain (seed: number, options: RunOptions, error: unknown): string {
  const { plan, runs, trace } = shrink(seed, options, error)
  const faults = faultKinds.filter(kind => plan.every[kind] !== Infinity)
  const { nodes, namespaces, clients, programs, keys, chaosMs } = plan
  const what = `${nodes} nodes, ${namespaces.length} groups, ${clients} clients, ${programs.length > 0 ? `${programs.join(' and ')}, ` : ''}${keys} keys, ${chaosMs} ms of ${faults.length > 0 ? faults.join(', ') : 'no faults'}`
  return `Made smaller in ${runs} runs: ${what}. Its trace:\n${tailOf(trace, TAIL)}`
}

/** The whole trace of a run as one number. */
export function traceDigest (seed: number, options: RunOptions = {}): number {
  return digestOf(trace => { new World(seed, { ...options, trace }).run() })
}
