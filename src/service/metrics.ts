import type { ClusterStats, NodeStats } from './api.js'
import type { Metrics } from '@libp2p/interface'

/** What is told of each namespace, by its Prometheus name; all are numbers of {@link ClusterStats}. */
const ofNamespace = {
  raft_term: 'term',
  raft_commit_index: 'commitIndex',
  raft_applied_index: 'appliedIndex',
  raft_last_index: 'lastIndex',
  raft_log_size_bytes: 'logBytes',
  raft_elections_total: 'elections',
  raft_leadership_changes_total: 'leaderChanges',
  raft_snapshots_taken_total: 'snapshotsTaken',
  raft_snapshots_installed_total: 'snapshotsInstalled'
} as const

/** Since these only rise, they are counters; the rest are gauges. */
const isCounter = (name: string): boolean => name.endsWith('_total')

export interface MetricSource {
  readonly node: () => NodeStats
  readonly namespaces: () => ClusterStats[]
}

/**
 * Registers everything with libp2p's metrics (for instance `@libp2p/prometheus-metrics`): figures are read when they are collected, and
 * cost nothing otherwise.
 */
export function registerMetrics (metrics: Metrics, source: MetricSource): void {
  metrics.registerMetricGroup('raft_commands', { label: 'what', help: 'The command service: streams and requests of peers now, and what was refused since the start', calculate: () => numbers(source.node().commands) })
  metrics.registerMetricGroup('raft_links', { label: 'what', help: 'The links between nodes: links, queued bytes, sends, frames and what was dropped or refused', calculate: () => numbers(source.node().links) })
  metrics.registerMetricGroup('raft_limits', { label: 'limit', help: 'How much of each bound of the node is in use', calculate: () => numbers(source.node().used) })
  for (const [name, field] of Object.entries(ofNamespace)) {
    const options = { label: 'namespace', help: `${field} of each namespace on this node`, calculate: () => Object.fromEntries(source.namespaces().map(stats => [stats.namespace, stats[field]])) }
    if (isCounter(name)) metrics.registerCounterGroup(name, options)
    else metrics.registerMetricGroup(name, options)
  }
}

function numbers (stats: object): Record<string, number> {
  return Object.fromEntries(Object.entries(stats).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
}
