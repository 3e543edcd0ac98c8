/**
 * How fast, how long, at what cost: three real nodes with fsync on, load from a process of its own, beside etcd where there is one.
 * `npm run bench -- --help` tells the options.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, platform, release } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Bench, TIMEOUTS } from './bench.js'
import { help, parseOptions, UsageError } from './options.js'
import { summarise } from './profile.js'
import { failoverTable, loadTable, usageTable } from './report.js'
import type { BenchOptions } from './options.js'

const began = performance.now()
const say = (text: string): void => { console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${text}`) }

async function run (options: BenchOptions): Promise<void> {
  const results = fileURLToPath(new URL('../../bench/results', import.meta.url))
  await mkdir(results, { recursive: true })
  const startedAt = new Date().toISOString()
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, platform: `${platform()} ${release()}`, node: process.version }
  const bench = new Bench(options, results, say)
  {
    await using running = bench
    await running.run()
  }

  for (const operation of ['write', 'read'] as const) {
    if (!options.parts.includes(`${operation}s`)) continue
    console.log(`\n${operation === 'write' ? 'Writes' : 'Linearizable reads'} of ${options.valueBytes} B, median of ${options.rounds} × ${options.seconds} s, ${machine.cores} cores, fsync on\n`)
    console.log(loadTable(bench.loads, operation))
  }
  if (bench.loads.length > 0) console.log(`\nCPU (in cores) and memory of each process\n\n${usageTable(bench.loads)}`)
  if (bench.failovers.length > 0) console.log(`\nFrom SIGKILL of the leader to the next acknowledged write (heartbeat ${TIMEOUTS.heartbeat} ms, election timeout ${TIMEOUTS.election} ms)\n\n${failoverTable(bench.failovers)}`)

  const path = join(results, `${startedAt.replaceAll(':', '-')}.json`)
  await writeFile(path, JSON.stringify({ startedAt, machine, options, timeouts: TIMEOUTS, loads: bench.loads, failovers: bench.failovers }, null, 2))
  console.log(`\nAs JSON: ${relative(process.cwd(), path)}`)
  for (const { name, path } of bench.profiles) {
    console.log(`\nCPU profile of ${name} (${relative(process.cwd(), path)}, for a browser's developer tools): ${await summarise(path)}`)
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { process.exit(130) })

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === undefined) console.log(help)
  else await run(options)
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${help}` : error)
  process.exit(error instanceof UsageError ? 2 : 1)
}
