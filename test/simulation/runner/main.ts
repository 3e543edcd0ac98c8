import { availableParallelism } from 'node:os'
import { suites } from '../suites.js'
import { parseArguments, USAGE, UsageError } from './arguments.js'
import type { RunnerOptions } from './arguments.js'
import { Progress } from './progress.js'
import { failureOf, firstLine, replayLine } from './protocol.js'
import { runRange } from './run-range.js'
import { duration, Totals } from './totals.js'

const print = (line: string): void => { process.stdout.write(`${line}\n`) }

/** Runs the range in each suite. Returns the exit code. */
async function runAll ({ suites: names, from, seeds: asked, jobs, keepGoing }: RunnerOptions): Promise<number> {
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  let failed = false
  for (const { name: suite, seeds: usual } of suites.filter(s => names.includes(s.name))) {
    if (interrupted.signal.aborted || (failed && !keepGoing)) break
    const seeds = asked ?? usual
    const totals = new Totals()
    const progress = new Progress(suite, seeds, totals)
    await runRange({ suite, from, seeds, jobs, keepGoing }, totals, interrupted.signal)
    progress.end()
    summarise(suite, from, seeds, totals)
    failed ||= totals.failures.length > 0
  }
  if (interrupted.signal.aborted) return 130
  return failed ? 1 : 0
}

function summarise (suite: string, from: number, seeds: number, totals: Totals): void {
  const { failures } = totals
  const run = totals.seeds < seeds ? `${totals.seeds} of ${seeds} seeds from ${from}` : `seeds ${from} to ${from + seeds - 1}`
  print(`${suite}: ${run}, ${failures.length} failed, ${totals.simulatedHours} simulated hours, ${totals.operations} operations, ${duration(totals.elapsedMs)}`)
  for (const failure of failures) {
    print(`\n  seed ${failure.seed}: ${failure.kind}: ${firstLine(failure.message)}`)
    print(`  ${replayLine(failure)}`)
  }
}

/** One seed in each suite, with everything that it tells when it fails. */
async function replay ({ suites: names, from: seed }: RunnerOptions): Promise<number> {
  let failed = false
  for (const suite of suites.filter(s => names.includes(s.name))) {
    try {
      const { simulatedMs, acknowledged, reads } = await suite.run(seed)
      print(`${suite.name}: seed ${seed} passed: ${(simulatedMs / 1000).toFixed(1)} simulated seconds, ${acknowledged} writes, ${reads} reads`)
    } catch (error) {
      failed = true
      const { kind, message, stack } = failureOf(suite.name, seed, error)
      print(`${suite.name}: seed ${seed} failed: ${kind}: ${message}\n\n${stack}`)
    }
  }
  return failed ? 1 : 0
}

try {
  const options = parseArguments(process.argv.slice(2), suites.map(s => s.name), availableParallelism())
  process.exitCode = options.mode === 'replay' ? await replay(options) : await runAll(options)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n\n${USAGE}\n`)
  process.exitCode = 2
}
