import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'

const options = { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } } as const

describe('namespaces', () => {
  let mesh: Mesh

  beforeAll(async () => {
    mesh = await Mesh.create({ prefix: 'raftmesh-namespaces-' })
    await mesh.startAll(['a', 'b', 'c'])
  })
  afterAll(async () => { await mesh?.[Symbol.asyncDispose]() })
  afterEach(async () => {
    for (const node of mesh.nodes) await Promise.all((await node.call('namespaces', null)).map(async namespace => { await node.call('leave', { namespace }) }))
  })

  it.each([2, 20])('%i on the same three nodes: each a group of its own, with a state of its own', async count => {
    const namespaces = Array.from({ length: count }, (_, i) => `/raft/many/${count}/${i}`)
    await Promise.all(namespaces.map(async namespace => { await mesh.joinAll(namespace, options) }))
    const leaders = await Promise.all(namespaces.map(async namespace => await mesh.leader(namespace, { timeoutMs: 60_000 })))

    const ids = await Promise.all(leaders.map(async (leader, i) => (await leader.call('stats', { namespace: namespaces[i] ?? '' })).clusterId))
    expect(new Set(ids).size).toBe(count)

    // The same key everywhere; and in one namespace a key that no other may show.
    await Promise.all(namespaces.map(async (namespace, i) => await mesh.nodes[i % 3]?.call('set', { namespace, key: 'name', value: namespace })))
    await mesh.nodes[0]?.call('set', { namespace: namespaces[0] ?? '', key: 'only here', value: 'x' })
    for (const node of mesh.nodes) {
      expect((await node.call('namespaces', null)).sort()).toEqual([...namespaces].sort())
      await Promise.all(namespaces.map(async (namespace, i) => {
        await node.call('barrier', { namespace })
        expect(await node.call('dump', { namespace, prefix: '' })).toEqual([['name', namespace], ...(i === 0 ? [['only here', 'x']] : [])])
      }))
    }
  })

  it('one that is left on a node does not disturb the others there', async () => {
    const [stays, leaves] = ['/raft/stays', '/raft/leaves'] as const
    for (const namespace of [stays, leaves]) await mesh.joinAll(namespace, options)
    const leader = await mesh.leader(leaves)
    await leader.call('set', { namespace: leaves, key: 'k', value: 'v' })
    await leader.call('leave', { namespace: leaves })
    expect(await leader.call('namespaces', null)).toEqual([stays])

    const others = mesh.followers(leader)
    expect((await mesh.leader(leaves, { among: others })).name).not.toBe(leader.name)
    expect(await others[0]?.call('get', { namespace: leaves, key: 'k' })).toBe('v')
    await leader.call('set', { namespace: stays, key: 'k', value: 'untouched' })
    expect(await others[1]?.call('get', { namespace: stays, key: 'k' })).toBe('untouched')

    await leader.call('join', { namespace: leaves, options })
    await leader.call('barrier', { namespace: leaves })
    expect(await leader.call('get', { namespace: leaves, key: 'k', consistency: 'stale' })).toBe('v')
  })
})
