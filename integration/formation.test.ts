import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'
import type { NodeProcess } from '../examples/support/node.js'
import type { RemoteJoinOptions } from '../examples/support/node-api.js'

const auto: RemoteJoinOptions = { preset: 'local', bootstrap: { timeout: 3_000 } }

let mesh: Mesh
let a: NodeProcess
let b: NodeProcess
let c: NodeProcess

/** The same three processes all along; each test has a namespace of its own, which nobody has joined before. */
let namespace: string
let count = 0

beforeAll(async () => {
  mesh = await Mesh.create({ prefix: 'raftmesh-formation-' });
  [a, b, c] = await mesh.startAll(['a', 'b', 'c']) as [NodeProcess, NodeProcess, NodeProcess]
})
beforeEach(() => { namespace = `/raft/formation/${++count}` })
afterAll(async () => { await mesh?.[Symbol.asyncDispose]() })

async function join (node: NodeProcess, options: RemoteJoinOptions = auto): Promise<void> {
  await node.call('join', { namespace, options })
}

/** One group: the same cluster id and the same voters at every node, and a leader that all of them follow. */
async function expectOneGroup (...nodes: NodeProcess[]): Promise<NodeProcess> {
  await Promise.all(nodes.map(async node => await node.call('waitForMembers', { namespace, voters: nodes.length, learners: 0, timeoutMs: 30_000 })))
  const leader = await mesh.leader(namespace, { among: nodes })
  const stats = await Promise.all(nodes.map(async node => await node.call('stats', { namespace })))
  expect(new Set(stats.map(each => each.clusterId)).size).toBe(1)
  const members = await Promise.all(nodes.map(async node => (await node.call('members', { namespace })).map(member => member.peer).sort()))
  for (const each of members) expect(each).toEqual(nodes.map(node => node.peer).sort())
  return leader
}

const expectForming = async (node: NodeProcess): Promise<void> => { expect(['forming', 'joining']).toContain((await node.call('stats', { namespace })).state) }

describe('formation', () => {
  it('simultaneous start: one group of all', async () => {
    await mesh.joinAll(namespace, auto)
    await expectOneGroup(a, b, c)
  })

  it('staggered start, the entry node last: one group of all', async () => {
    await join(c)
    await join(b)
    await c.untilEvent('formation', detail => detail.namespace === namespace && detail.phase === 'discovering')
    await join(a)
    await expectOneGroup(a, b, c)
  })

  it('a late joiner finds the group, is promoted, and holds what was written before', async () => {
    await Promise.all([join(a), join(b)])
    await expectOneGroup(a, b)
    await a.call('set', { namespace, key: 'early', value: 'bird' })

    await join(c)
    await expectOneGroup(a, b, c)
    await c.call('barrier', { namespace })
    expect(await c.call('get', { namespace, key: 'early', consistency: 'stale' })).toBe('bird')
  })

  it('a single node alone forms a group of one; a second one joins it', async () => {
    await join(a, { preset: 'local', bootstrap: { timeout: 1_000 } })
    await expectOneGroup(a)
    expect((await a.call('stats', { namespace })).provisional).toBe(true)
    await a.call('set', { namespace, key: 'k', value: 'alone' })

    await join(b)
    await expectOneGroup(a, b)
    expect(await b.call('get', { namespace, key: 'k' })).toBe('alone')
  })

  it('force forms alone and at once; join never forms, and waits for a group to be there', async () => {
    await join(b, { preset: 'local', bootstrap: { mode: 'join', timeout: 500 } })
    // For longer than its whole formation phase it sees no group.
    await expect(b.call('waitForLeader', { namespace, timeoutMs: 1_500 })).rejects.toThrow()
    await expectForming(b)

    await join(a, { preset: 'local', bootstrap: { mode: 'force', timeout: 60_000 } })
    await expectOneGroup(a, b)
  })

  it('expect: forms as soon as all are there, not before, and without waiting for the timeout', async () => {
    const expect3: RemoteJoinOptions = { preset: 'local', bootstrap: { mode: 'expect', expect: 3, timeout: 60_000 } }
    await Promise.all([join(a, expect3), join(b, expect3)])
    await Promise.all([a, b].map(async node => await expect(node.call('waitForLeader', { namespace, timeoutMs: 1_500 })).rejects.toThrow()))
    for (const node of [a, b]) await expectForming(node)

    const joinedAt = performance.now()
    await join(c, expect3)
    await expectOneGroup(a, b, c)
    expect(performance.now() - joinedAt).toBeLessThan(30_000)
  })

  it('expect: nodes that expect different numbers are told so, loudly, and do not form', async () => {
    await join(a, { preset: 'local', bootstrap: { mode: 'expect', expect: 2 } })
    await join(b, { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } })
    const conflict = async (node: NodeProcess): Promise<string> => {
      const { detail } = await node.untilEvent('formation', event => event.namespace === namespace && event.phase === 'conflict', { signal: AbortSignal.timeout(20_000) })
      return (detail as { detail: string }).detail
    }
    expect(await Promise.any([conflict(a), conflict(b)])).toMatch(/expect:2.*expect:3|expect:3.*expect:2/)
    for (const node of [a, b]) await expectForming(node)
    for (const node of [a, b]) await node.call('leave', { namespace })
  })
})

describe('restart', () => {
  const identities = async (node: NodeProcess): Promise<string[]> => (await node.call('members', { namespace })).map(({ peer, incarnation }) => `${peer} ${incarnation}`)

  function restarted (): void {
    [a, b, c] = ['a', 'b', 'c'].map(name => mesh.node(name)) as [NodeProcess, NodeProcess, NodeProcess]
  }

  it('of one: it comes back as the same member of the same group', async () => {
    await mesh.joinAll(namespace, auto)
    const leader = await expectOneGroup(a, b, c)
    await leader.call('set', { namespace, key: 'k', value: 'before' })
    const before = await identities(leader)
    const [follower] = mesh.followers(leader) as [NodeProcess]
    await follower.stop()
    await leader.call('set', { namespace, key: 'k', value: 'meanwhile' })

    const back = await mesh.start(follower.name)
    restarted()
    expect(back.peer).toBe(follower.peer)
    await join(back)
    await back.call('barrier', { namespace })
    expect(await back.call('get', { namespace, key: 'k', consistency: 'stale' })).toBe('meanwhile')
    await expectOneGroup(a, b, c)
    expect(await identities(back)).toEqual(before)
  })

  it('of all, killed at once and started in another order on new ports: the same group, with everything in it', async () => {
    await mesh.joinAll(namespace, auto)
    const leader = await expectOneGroup(a, b, c)
    const { clusterId } = await leader.call('stats', { namespace })
    for (let i = 0; i < 20; i++) await leader.call('set', { namespace, key: `k${i}`, value: `v${i}` })
    await Promise.all(mesh.nodes.map(async node => await node.kill('SIGKILL')))

    await mesh.startAll(['c', 'a', 'b'])
    restarted()
    await mesh.joinAll(namespace, auto)
    const successor = await expectOneGroup(a, b, c)
    expect((await successor.call('stats', { namespace })).clusterId).toBe(clusterId)
    for (const node of mesh.nodes) {
      await node.call('barrier', { namespace })
      expect(await node.call('dump', { namespace, prefix: 'k' })).toHaveLength(20)
    }
  })

  it('of all, one by one while the group serves', async () => {
    await mesh.joinAll(namespace, auto)
    await expectOneGroup(a, b, c)
    for (const name of ['a', 'b', 'c']) {
      await mesh.node(name).stop()
      await mesh.nodes[0]?.call('set', { namespace, key: `without ${name}`, value: 'yes' })
      await join(await mesh.start(name))
      await mesh.node(name).call('barrier', { namespace })
    }
    restarted()
    await expectOneGroup(a, b, c)
    for (const node of mesh.nodes) expect(await node.call('keys', { namespace, prefix: 'without' })).toEqual(['without a', 'without b', 'without c'])
  })
})
