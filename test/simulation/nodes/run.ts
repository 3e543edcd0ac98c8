import { assertDrains } from './drain.js'
import { World } from './world.js'
import type { RunOptions, RunResult } from './world.js'

const TAIL = 80

export class SimulationError extends Error {
  override readonly name = 'SimulationError'
}

/**
 * One seeded run of whole nodes, from a macrotask. A failure is run again, to the same end, with its trace on: the error carries the tail and
 * how to replay it.
 */
export function runNodes (seed: number, options: RunOptions = {}): RunResult {
  assertDrains()
  try {
    return new World(seed, options).run()
  } catch (error) {
    throw new SimulationError(`${(error as Error).message}\n\nseed ${seed}; to replay: npm run test:sim -- --suite nodes --seed ${seed}\n\n${tail(seed, options)}`, { cause: error })
  }
}

function tail (seed: number, options: RunOptions): string {
  const lines: string[] = []
  try {
    new World(seed, { ...options, trace: line => { lines.push(line) } }).run()
    lines.push('(the second run of this seed did not fail: the simulation is not deterministic)')
  } catch {
    // The same failure, now with its trace.
  }
  return lines.slice(-TAIL).map(line => line.length > 2_000 ? `${line.slice(0, 2_000)}…` : line).join('\n')
}

/** The whole trace of a run as one number. */
export function traceDigest (seed: number, options: RunOptions = {}): number {
  let hash = 0
  new World(seed, {
    ...options,
    trace: line => { for (let i = 0; i < line.length; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193) }
  }).run()
  return hash >>> 0
}
