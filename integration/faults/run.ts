import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { History } from '../../test/linearizability/history.js'
import { Random } from '../../test/simulation/random.js'
import { diskFaultsMissing } from './disk.js'
import { Load } from './load.js'
import { Nemesis } from './nemesis.js'
import { episodes } from './plan.js'
import { partitionsMissing } from './proxy-network.js'
import { verify } from './verify.js'
import { World } from './world.js'
import type { FaultOptions } from './options.js'
import type { Kind } from './plan.js'

const PROGRESS_MS = 5_000
const CLIENTS = 2

export interface Report {
  readonly seed: number
  readonly violations: readonly string[]
  /** Where history and logs are, if something was found. */
  readonly kept: string | undefined
  readonly checked: number
  readonly operations: Readonly<Record<'ok' | 'refused' | 'unknown', number>>
  readonly errors: ReadonlyMap<string, number>
  readonly faults: ReadonlyMap<string, number>
  readonly elections: number
  readonly longestGapMs: number
  readonly longestRecoveryMs: number
}

/** One run: a group forms, is loaded and tormented, heals, and is judged. */
export async function run (options: FaultOptions, print: (line: string) => void): Promise<Report> {
  const world = await World.create({ network: options.network, nodes: options.nodes, clients: CLIENTS, print })
  const history = new History(() => performance.now())
  const random = new Random(options.seed)
  const kinds = await possibleKinds(options.kinds, world, text => { world.journal.say(text) })
  const nemesis = new Nemesis(world, episodes(random.fork(), { nodes: options.nodes, kinds, shapes: world.network.shapes }))
  const load = new Load(world, history, random.fork())
  let checked = 0
  {
    await using torn = world
    torn.journal.say(`seed ${options.seed}: ${options.nodes} nodes, ${CLIENTS} clients, network: ${world.network.name}, faults: ${kinds.join(', ')}; data and logs in ${world.directory}`)
    const progress = setInterval(() => { world.journal.say(`${load.counts.ok} done, ${load.counts.refused} refused, ${load.counts.unknown} unknown; ${world.elections} elections`) }, PROGRESS_MS)
    try {
      await nemesis.run(world.journal.elapsedMs + options.ms)
      if (world.violations.length === 0) await nemesis.recovered()
      await load.stop()
      if (world.violations.length === 0) ({ checked } = await verify(world, history))
    } catch (error) {
      world.violation((error as Error).message)
    } finally {
      clearInterval(progress)
      await load.stop()
    }
    if (world.violations.length > 0) await writeHistory(join(world.directory, 'history.jsonl'), history)
  }
  if (world.violations.length === 0) await world.removeFiles()
  const { counts, errors, longestGapMs } = load
  return {
    seed: options.seed,
    violations: world.violations,
    kept: world.violations.length === 0 ? undefined : world.directory,
    checked,
    operations: counts,
    errors,
    faults: nemesis.counts,
    elections: world.elections,
    longestGapMs,
    longestRecoveryMs: nemesis.longestRecoveryMs
  }
}

/** What this machine cannot do is left out, and said. */
async function possibleKinds (wanted: readonly Kind[], { network }: World, say: (text: string) => void): Promise<Kind[]> {
  const missing = new Map<Kind, string>()
  for (const [kind, why] of [['partition', network.shapes.length === 0 ? partitionsMissing : undefined], ['disk', await diskFaultsMissing()]] as const) {
    if (why !== undefined && wanted.includes(kind)) missing.set(kind, why)
  }
  for (const why of missing.values()) say(`SKIPPED: ${why}`)
  const kinds = wanted.filter(kind => !missing.has(kind))
  if (kinds.length === 0) throw new Error(`None of the faults asked for can be made here: ${[...missing.values()].join('; ')}`)
  return kinds
}

/** One operation a line; a return of null: not known. */
async function writeHistory (path: string, history: History): Promise<void> {
  const file = createWriteStream(path)
  for (const operation of history.operations()) file.write(`${JSON.stringify({ ...operation, return: operation.return === Infinity ? null : operation.return })}\n`)
  file.end()
  await once(file, 'close')
}
