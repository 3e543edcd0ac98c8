import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { count, UsageError } from '../../simulation/runner/arguments.js'
import { duration } from '../../simulation/runner/totals.js'
import { mutants } from '../index.js'
import { PatchError } from '../mutant.js'
import type { Mutant } from '../mutant.js'
import { Baseline, hunt } from './hunt.js'
import type { Outcome } from './hunt.js'
import { MutatedTree } from './mutated-tree.js'
import { withTable } from './table.js'

const USAGE = `npm run test:mutants -- [options]
  --only NAME  only this bug; may be given again
  --jobs J     at a time (2), at most one for each core
  --write      write the table in docs/testing.md anew`

/** From dist/sim/test/mutants/gate. */
const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url))
const BASELINE = join(ROOT, 'dist/sim/test/simulation/runner/worker.js')

const print = (line: string): void => { process.stdout.write(`${line}\n`) }

interface Options { readonly chosen: readonly Mutant[], readonly jobs: number, readonly write: boolean }

function parseOptions (args: readonly string[]): Options {
  let values
  try {
    values = parseArgs({ args: [...args], options: { only: { type: 'string', multiple: true }, jobs: { type: 'string' }, write: { type: 'boolean' } } }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
  const { only, jobs, write } = values
  const unknown = only?.find(name => !mutants.some(m => m.name === name))
  if (unknown !== undefined) throw new UsageError(`there is no mutant '${unknown}': choose from\n  ${mutants.map(m => m.name).join('\n  ')}`)
  if (only !== undefined && write === true) throw new UsageError('--write needs all mutants: it does not go with --only')
  return { chosen: mutants.filter(m => only?.includes(m.name) ?? true), jobs: Math.min(count('--jobs', jobs, 2, 1), availableParallelism()), write: write === true }
}

/** Returns the exit code. */
async function run ({ chosen, jobs, write }: Options): Promise<number> {
  const beganAt = performance.now()
  const outcomes = new Map<Mutant, Outcome>()
  const left = [...chosen]
  await Promise.all(Array.from({ length: jobs }, async (_, slot) => {
    const tree = await MutatedTree.create(ROOT, slot)
    const baseline = new Baseline(BASELINE)
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) outcomes.set(mutant, await judge(mutant, tree, baseline))
    baseline.end()
  }))
  const failed = chosen.filter(mutant => outcomes.get(mutant)?.result !== 'caught')
  print(`\n${chosen.length - failed.length} of ${chosen.length} bugs caught, ${duration(performance.now() - beganAt)}`)
  for (const { name, bug } of failed) print(`  not caught: ${name}: ${bug}`)
  if (failed.length > 0) return 1
  if (write) await writeTable(outcomes)
  return 0
}

async function judge (mutant: Mutant, tree: MutatedTree, baseline: Baseline): Promise<Outcome> {
  const beganAt = performance.now()
  const outcome = await hunt(mutant, tree, ROOT, baseline).catch((error: unknown): Outcome => {
    if (!(error instanceof PatchError)) throw error
    return { result: 'invalid', detail: error.message }
  })
  const seconds = `${((performance.now() - beganAt) / 1000).toFixed(1)} s`
  if (outcome.result !== 'caught') print(`${outcome.result.toUpperCase()} ${mutant.name}: ${outcome.detail}, ${seconds}`)
  else print(`caught ${mutant.name}: by ${outcome.by}${outcome.seeds !== undefined ? `, seed ${outcome.seeds}` : ''}, ${seconds}`)
  return outcome
}

async function writeTable (outcomes: ReadonlyMap<Mutant, Outcome>): Promise<void> {
  const file = join(ROOT, 'docs/testing.md')
  await writeFile(file, withTable(await readFile(file, 'utf8'), outcomes))
  print(`the table in ${file} is new`)
}

try {
  process.exitCode = await run(parseOptions(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n\n${USAGE}\n`)
  process.exitCode = 2
}
