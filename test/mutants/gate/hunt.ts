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

export async function hunt (mutant: Mutant, tree: MutatedTree, root: string, baseline: string): Promise<Outcome> {
  if (mutant.caughtBy.endsWith('.test.ts')) return await runTest(mutant, await tree.writeSource(mutant), root)
  if (mutant.seeds === undefined) return { result: 'invalid', detail: 'it has no budget of seeds' }
  await tree.apply(mutant)
  const failure = await firstFailure(tree.worker, mutant.caughtBy, 1, mutant.seeds)
  if (failure === undefined) return { result: 'survived', detail: `${mutant.seeds} seeds` }
  const by = catcher(failure)
  if (by === undefined) return { result: 'invalid', detail: `seed ${failure.seed} fails, but by no oracle and no assertion: ${failure.kind}: ${firstLine(failure.message)}\n${failure.stack}` }
  const without = await firstFailure(baseline, mutant.caughtBy, failure.seed, failure.seed)
  if (without !== undefined) return { result: 'invalid', detail: `seed ${failure.seed} fails without the bug too: ${firstLine(without.message)}` }
  return { result: 'caught', by, seeds: failure.seed, detail: firstLine(failure.message) }
}

async function firstFailure (script: string, suite: string, from: number, to: number): Promise<SeedFailure | undefined> {
  const worker = new WorkerProcess(script, HANG_MS)
  let first: SeedFailure | undefined
  await worker.run({ suite, from, to, stop: true }, { passed: () => {}, failed: failure => { first ??= failure } })
  worker.end()
  return first
}

function catcher ({ kind, message }: SeedFailure): string | undefined {
  if (kind === 'Violation') return message.slice(0, message.indexOf(':'))
  return kind === 'InvariantError' ? 'an assertion' : undefined
}
