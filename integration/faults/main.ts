/**
 * Real nodes, real faults, for as long as you like, and a judgement at the end: `npm run test:faults -- --help` tells the options.
 * Exit code 0: nothing was found. 1: something was, and its history and logs were kept. 2: a bad option, or one that this machine does not allow.
 */
import { figure, ms, table } from '../../examples/support/table.js'
import { NamespacesMissing } from './namespace-network.js'
import { help, parseOptions, UsageError } from './options.js'
import { run } from './run.js'
import type { FaultOptions } from './options.js'
import type { Report } from './run.js'

const print = (line: string): void => { process.stdout.write(`${line}\n`) }

function summary (report: Report): string {
  const list = (counts: ReadonlyMap<string, number>): string => [...counts].map(([name, count]) => `${name} ${figure(count)}`).join(', ') || 'none'
  const { ok, refused, unknown } = report.operations
  return table(['', ''], [
    ['operations done', figure(ok)],
    ['refused', figure(refused)],
    ['unknown', figure(unknown)],
    ['why', list(report.errors)],
    ['faults', list(report.faults)],
    ['elections', figure(report.elections)],
    ['longest time without an acknowledged write', ms(report.longestGapMs)],
    ['longest time from peace until all serve', ms(report.longestRecoveryMs)],
    ['operations checked', figure(report.checked)]
  ].map(row => [row[0], row[1]]))
}

async function main (options: FaultOptions): Promise<void> {
  const report = await run(options, print)
  print(`\n${summary(report)}\n`)
  if (report.violations.length === 0) {
    print(`seed ${report.seed}: linearizable, and every acknowledged write is on every node`)
    return
  }
  print(`seed ${report.seed}: ${report.violations.length} violation${report.violations.length === 1 ? '' : 's'}\n\n${report.violations.join('\n\n')}\n`)
  print(`History (history.jsonl) and logs are kept in ${report.kept}`)
  print(`Again: npm run test:faults -- --minutes ${options.ms / 60_000} --seed ${options.seed} --nodes ${options.nodes} --only ${options.kinds.join(',')} --network ${options.network}`)
  process.exitCode = 1
}

// Leaving by the front door lets the exit handlers end the nodes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    print(`ended by ${signal}, without a verdict; data and logs are where the first line says`)
    process.exit(130)
  })
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === undefined) print(help)
  else await main(options)
} catch (error) {
  process.stderr.write(`${error instanceof UsageError ? `${error.message}\n\n${help}` : error instanceof NamespacesMissing ? error.message : String((error as Error).stack)}\n`)
  process.exitCode = error instanceof UsageError || error instanceof NamespacesMissing ? 2 : 1
}
