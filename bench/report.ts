import { figure, table } from '../examples/support/table.js'
import type { FailoverResult, LoadResult, SystemName } from './bench.js'

const MIB = 1 << 20
const systemsOf = (results: ReadonlyArray<{ system: SystemName }>): SystemName[] => [...new Set(results.map(result => result.system))]

/** Requests a second and latency by concurrency, a column group for each system, and raftmesh's ratio to each of the others. */
export function loadTable (results: readonly LoadResult[], operation: 'write' | 'read'): string {
  const mine = results.filter(result => result.operation === operation)
  const systems = systemsOf(mine)
  const others = systems.filter(system => system !== 'raftmesh')
  const header = ['at a time', ...systems.flatMap(system => [`${system} /s`, 'p50 ms', 'p99 ms']), ...others.map(system => `raftmesh ÷ ${system}`)]
  const rows = [...new Set(mine.map(result => result.concurrency))].map(concurrency => {
    const of = (system: SystemName): LoadResult | undefined => mine.find(result => result.system === system && result.concurrency === concurrency)
    const cells = systems.flatMap(system => [of(system)?.perSecond, of(system)?.p50, of(system)?.p99].map(value => value === undefined ? '' : figure(value)))
    const ratios = others.map(system => ((of('raftmesh')?.perSecond ?? NaN) / (of(system)?.perSecond ?? NaN)).toFixed(2))
    return [figure(concurrency), ...cells, ...ratios]
  })
  return table(header, rows)
}

/** CPU in cores and memory of each process, for each measurement. */
export function usageTable (results: readonly LoadResult[]): string {
  const rows = results.map(({ system, operation, concurrency, leader, usage, perSecond }) => {
    const { load, [leader]: leading, ...following } = usage
    const followers = Object.values(following)
    const cpu = Object.values(usage).reduce((sum, each) => sum + each.cpu, 0)
    return [
      // The cost of a request to the whole machine depends less on what else it does than the rate.
      `${system} ${operation}s`, figure(concurrency), figure(cpu / perSecond * 1e6),
      leading?.cpu.toFixed(2) ?? 'n/a', followers.map(follower => follower.cpu.toFixed(2)).join(' + '), load?.cpu.toFixed(2) ?? 'n/a',
      figure((leading?.rss ?? NaN) / MIB), followers.map(follower => figure(follower.rss / MIB)).join(' + '), figure((load?.rss ?? NaN) / MIB)
    ]
  })
  return table(['', 'at a time', 'CPU µs / request', 'leader CPU', 'followers CPU', 'load CPU', 'leader MiB', 'followers MiB', 'load MiB'], rows)
}

export function failoverTable (results: readonly FailoverResult[]): string {
  return table(['', 'kills', 'shortest ms', 'median ms', 'longest ms'], results.map(({ system, outages }) => {
    const sorted = [...outages].sort((a, b) => a - b)
    return [system, String(sorted.length), figure(sorted[0] ?? NaN), figure(sorted[Math.floor(sorted.length / 2)] ?? NaN), figure(sorted.at(-1) ?? NaN)]
  }))
}
