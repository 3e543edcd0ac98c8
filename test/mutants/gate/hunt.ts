import { firstLine } from '../../simulation/runner/protocol.js'
import type { SeedFailure } from '../../simulation/runner/protocol.js'
import { WorkerProcess } from '../../simulation/runner/worker-process.js'
import type { Mutant } from '../mutant.js'
import { runTest } from './named-test.js'
import type { MutatedTree } from './mutated-tree.js'

export type Outcome =
  /** `by`: an oracle, an assertion of the core, or the name of a test. */
  | { readonly result: 'caught', readonly by: string, readonly seeds: number | undefined, readonly detail: string }
  | { readonly result: 'survived', readonly detail: string }
  /** It fell over in another way, or the sources without the bug fail as well: that proves nothing. */
  | { readonly result: 'invalid', readonly detail: string }

/** A single seed takes far less; one that never ends is a bug that stops the process, not one that an oracle saw. */
const HANG_MS = 30_000

export async function hunt (mutant: Mutant, tree: MutatedTree, root: string, baseline: Baseline): Promise<Outcome> {
  if (mutant.caughtBy.endsWith('.test.ts')) return await runTest(mutant, await tree.writeSource(mutant), root)
  if (mutant.seeds === undefined) return { result: 'invalid', detail: 'it has no budget of seeds' }
  await tree.apply(mutant)
  const worker = new WorkerProcess(tree.worker, HANG_MS)
  const failure = await firstFailure(worker, mutant.caughtBy, 1, mutant.seeds)
  worker.end()
  if (failure === undefined) return { result: 'survived', detail: `${mutant.seeds} seeds` }
  const by = catcher(failure)
  if (by === undefined) return { result: 'invalid', detail: `seed ${failure.seed} fails, but by no oracle and no assertion: ${failure.kind}: ${firstLine(failure.message)}\n${failure.stack}` }
  const without = await baseline.failure(mutant.caughtBy, failure.seed)
  if (without !== undefined) return { result: 'invalid', detail: `seed ${failure.seed} fails without the bug too: ${firstLine(without.message)}` }
  return { result: 'caught', by, seeds: failure.seed, detail: firstLine(failure.message) }
}

/** The sources as they are: a seed that shows a bug must pass without it. */
export class Baseline {
  private worker: WorkerProcess | undefined

  constructor (private readonly script: string) {}

  async failure (suite: string, seed: number): Promise<SeedFailure | undefined> {
    if (this.worker?.alive !== true) this.worker = new WorkerProcess(this.script, HANG_MS)
    return await firstFailure(this.worker, suite, seed, seed)
  }

  end (): void { this.worker?.end() }
}

async function firstFailure (worker: WorkerProcess, suite: string, from: number, to: number): Promise<SeedFailure | undefined> {
  let first: SeedFailure | undefined
  await worker.run({ suite, from, to, stop: true }, { passed: () => {}, failed: failure => { first ??= failure } })
  return first
}

function catcher ({ kind, message }: SeedFailure): string | undefined {
  if (kind === 'Violation') return message.slice(0, message.indexOf(':'))
  return kind === 'InvariantError' ? 'an assertion' : undefined
}
