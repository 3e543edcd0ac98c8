import { inMacrotask } from './nodes/drain.js'
import { runNodes } from './nodes/run.js'
import { runSeed } from './run.js'

/** What one seed got done. A violation is thrown: its message tells what broke, and the tail of the trace. */
export interface SeedResult {
  readonly simulatedMs: number
  readonly acknowledged: number
  readonly reads: number
}

export interface Suite {
  readonly name: string
  readonly run: (seed: number) => Promise<SeedResult> | SeedResult
}

/** Everything that can be run from a seed alone. */
export const suites: readonly Suite[] = [
  { name: 'core', run: seed => runSeed(seed) },
  { name: 'nodes', run: async seed => await inMacrotask(() => runNodes(seed)) }
]
