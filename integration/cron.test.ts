import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Child } from '../examples/support/child.js'
import type { CronMethods, StopAt } from '../examples/cron/node-process.js'
import type { Delivery, Run } from '../src/index.js'

const NS = '/raft/cron-faults'
const script = fileURLToPath(new URL('../dist/examples/cron/node-process.js', import.meta.url))

describe('the leader runs a job and is killed', () => {
  let directory: string
  let nodes: Array<Child<CronMethods>>

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'raftmesh-cron-faults-'))
    nodes = ['a', 'b', 'c'].map(name => new Child<CronMethods>({ name, script }))
    const bootstrap: string[] = []
    for (const node of nodes) bootstrap.push(await node.call('start', { dataDir: join(directory, node.name), bootstrap: bootstrap.slice(0, 1) }))
    await Promise.all(nodes.map(async node => { await node.call('join', { namespace: NS, expect: 3 }) }))
  })
  afterEach(async () => {
    await Promise.all(nodes.filter(({ running }) => running).map(async node => { await node.kill() }))
    await rm(directory, { recursive: true, force: true })
  })

  async function leaderOf (): Promise<Child<CronMethods>> {
    for (;;) for (const node of nodes) if (await node.call('isLeader', null)) return node
  }

  /** What became of the one run, and which of the calls of the handler were made by those who live on. */
  async function killed (delivery: Delivery, stopAt: StopAt): Promise<{ run: Run | undefined, calls: unknown[] }> {
    const leader = await leaderOf()
    await leader.call('subscribe', { job: 'j', stopAt })
    await leader.call('add', { name: 'j', schedule: { at: Date.now() + 300 }, delivery })
    await leader.until(stopAt === 'claim' ? 'stopped' : 'ran', ({ event }) => event === (stopAt === 'claim' ? 'stopped' : 'ran'))
    const others = nodes.filter(node => node !== leader)
    for (const node of others) await node.call('subscribe', { job: 'j', stopAt: 'nowhere' })
    await leader.kill('SIGKILL')
    const [witness] = others as [Child<CronMethods>]
    for (;;) {
      const [run] = await witness.call('history', { job: 'j' }).catch(() => [])
      if (run?.state === 'done' || run?.state === 'lost' || run?.state === 'failed') return { run, calls: others.flatMap(({ events }) => events.filter(({ event }) => event === 'ran').map(({ detail }) => detail)) }
    }
  }

  for (const delivery of ['at-most-once', 'at-least-once'] as const) {
    it(`between the claim and the call, ${delivery}: another node makes the first call`, async () => {
      const { run, calls } = await killed(delivery, 'claim')
      expect(run).toMatchObject({ state: 'done', attempt: 1 })
      expect(calls).toMatchObject([{ attempt: 1 }])
    })
  }

  it('in the handler, at-most-once: the run is lost, and nobody makes it again', async () => {
    const { run, calls } = await killed('at-most-once', 'handler')
    expect(run?.state).toBe('lost')
    expect(calls).toEqual([])
  })

  it('in the handler, at-least-once: another node makes it again', async () => {
    const { run, calls } = await killed('at-least-once', 'handler')
    expect(run).toMatchObject({ state: 'done', attempt: 2 })
    expect(calls).toMatchObject([{ attempt: 2 }])
  })
})
