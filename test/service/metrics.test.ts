import { describe, expect, it } from 'vitest'
import { registerMetrics } from '../../src/service/metrics.js'
import type { ClusterStats, NodeStats } from '../../src/service/api.js'
import type { Metrics } from '@libp2p/interface'

interface Registered { label: string, help: string, calculate: () => Record<string, number> }

describe('metrics', () => {
  it('are registered with libp2p, and read when they are collected', () => {
    const registered = new Map<string, Registered & { counter: boolean }>()
    const register = (counter: boolean) => (name: string, options: Registered): void => { registered.set(name, { ...options, counter }) }
    const metrics = { registerMetricGroup: register(false), registerCounterGroup: register(true) } as unknown as Metrics
    let term = 3
    registerMetrics(metrics, {
      node: () => ({ commands: { streams: 2 }, links: { up: 1, name: 'x' }, used: { streams: 2 } }) as unknown as NodeStats,
      namespaces: () => [{ namespace: '/raft/a', term, elections: 7 }, { namespace: '/raft/b', term: 9, elections: 0 }] as unknown as ClusterStats[]
    })
    for (const [name, { help }] of registered) {
      expect(name).toMatch(/^raft_[a-z_]+$/)
      expect(help).not.toBe('')
    }
    expect(registered.get('raft_commands')?.calculate()).toEqual({ streams: 2 })
    expect(registered.get('raft_links')?.calculate()).toEqual({ up: 1 })
    expect(registered.get('raft_term')?.calculate()).toEqual({ '/raft/a': 3, '/raft/b': 9 })
    term = 4
    expect(registered.get('raft_term')?.calculate()).toEqual({ '/raft/a': 4, '/raft/b': 9 })
    expect(registered.get('raft_elections_total')).toMatchObject({ counter: true })
    expect(registered.get('raft_term')).toMatchObject({ counter: false })
  })
})
