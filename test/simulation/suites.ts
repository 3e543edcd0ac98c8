/** What one seed got done. A violation is thrown: its message tells what broke, and the tail of the trace. */
export interface SeedResult {
  readonly simulatedMs: number
  readonly acknowledged: number
  readonly reads: number
}

export interface Suite {
  readonly name: string
  /** As many as `npm test` runs. */
  readonly seeds: number
  readonly run: (seed: number) => Promise<SeedResult> | SeedResult
}

/** Everything that can be run from a seed alone. Loaded when it is asked for: a worker that runs the one does without the other's modules. */
export const suites: readonly Suite[] = [
  {
    name: 'core',
    seeds: 2_000,
    run: async seed => {
      const { runSeed } = await import('./run.js')
      return runSeed(seed)
    }
  },
  {
    name: 'nodes',
    seeds: 1_200,
    run: async seed => {
      const [{ inMacrotask }, { runNodes }] = await Promise.all([import('./nodes/drain.js'), import('./nodes/run.js')])
      return await inMacrotask(() => runNodes(seed))
    }
  }
]
