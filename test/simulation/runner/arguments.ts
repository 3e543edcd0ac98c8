import { parseArgs } from 'node:util'

/** The command line makes no sense. Nothing was run. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface RunnerOptions {
  /** One seed is replayed in this process, a range of them is run in workers. */
  readonly mode: 'range' | 'replay'
  readonly suites: readonly string[]
  readonly from: number
  /** Undefined: as many as each suite says. */
  readonly seeds: number | undefined
  readonly jobs: number
  readonly keepGoing: boolean
}

export const USAGE = `npm run test:sim -- [options]
  --seeds N     how many seeds of each suite (what npm test runs of it)
  --from S      the first of them (1)
  --suite NAME  only this suite; may be given again
  --jobs J      worker processes (2), at most one for each core
  --keep-going  go on after a failure
  --seed S      run one seed again, here, and print the end of its trace`

export function parseArguments (args: readonly string[], known: readonly string[], cores: number): RunnerOptions {
  const { seeds, from, suite, jobs, seed, 'keep-going': keepGoing } = parse(args)
  const chosen = suite ?? known
  const unknown = chosen.find(name => !known.includes(name))
  if (unknown !== undefined) throw new UsageError(`there is no suite '${unknown}': choose from ${known.join(', ')}`)
  if (seed !== undefined && (seeds !== undefined || from !== undefined)) throw new UsageError('--seed runs one seed: it goes with neither --seeds nor --from')
  return {
    mode: seed !== undefined ? 'replay' : 'range',
    suites: known.filter(name => chosen.includes(name)),
    from: count('--from', seed ?? from, 1, 0),
    seeds: seed !== undefined ? 1 : seeds === undefined ? undefined : count('--seeds', seeds, 1, 1),
    jobs: Math.min(count('--jobs', jobs, 2, 1), cores),
    keepGoing: keepGoing === true
  }
}

function parse (args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      options: { seeds: text, from: text, suite: { type: 'string', multiple: true }, jobs: text, seed: text, 'keep-going': { type: 'boolean' } }
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

export function count (option: string, given: string | undefined, otherwise: number, least: number): number {
  if (given === undefined) return otherwise
  const value = Number(given)
  // Seeds are 32 bits wide: beyond that they would begin again.
  if (!/^\d+$/.test(given) || value < least || value > 0xffffffff) throw new UsageError(`${option} is '${given}': a whole number from ${least} to ${0xffffffff} is needed`)
  return value
}
