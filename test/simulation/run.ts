import { CoreWorld } from './core-world.js'
import { digestOf, SimulationError, tailOf } from './replay.js'
import type { RunOptions, RunResult } from './core-world.js'

const TAIL = 60

/** One seeded run of a group. A failure is run again, to the same end, with its trace on: the error carries the tail. */
export function runSeed (seed: number, options: RunOptions = {}): RunResult {
  try {
    return new CoreWorld(seed, options).run()
  } catch (error) {
    throw new SimulationError(`${(error as Error).message}\n\n${tail(seed, options)}`, { cause: error })
  }
}

function tail (seed: number, options: RunOptions): string {
  const lines: string[] = []
  try {
    new CoreWorld(seed, { ...options, trace: line => lines.push(line) }).run()
    lines.push('(the second run of this seed did not fail: the simulation is not deterministic)')
  } catch {
    // The same failure, now with its trace.
  }
  return tailOf(lines, TAIL)
}

/** The whole trace of a run as one number. */
export function traceDigest (seed: number, options: RunOptions = {}): number {
  return digestOf(trace => { new CoreWorld(seed, { ...options, trace }).run() })
}
