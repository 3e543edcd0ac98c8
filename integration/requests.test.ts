import { multiaddr } from '@multiformats/multiaddr'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'
import { createNode } from '../src/index.js'
import type { NodeProcess } from '../examples/support/node.js'
import type { Client, RaftNode } from '../src/index.js'

const NS = '/raft/requests'
const text = (value: Uint8Array | undefined): string | undefined => value === undefined ? undefined : new TextDecoder().decode(value)

describe('requests', () => {
  let mesh: Mesh
  let outsider: RaftNode
  let leader: NodeProcess
  let followers: NodeProcess[]

  beforeAll(async () => {
    mesh = await Mesh.create({ prefix: 'raftmesh-requests-' })
    await mesh.startAll(['a', 'b', 'c'])
    await mesh.joinAll(NS, { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } })
    leader = await mesh.leader(NS)
    followers = mesh.followers(leader)
    outsider = await createNode({ bootstrap: [leader.address] })
  })
  afterAll(async () => {
    await outsider?.stop()
    await mesh?.[Symbol.asyncDispose]()
  })

  const clientOf = (node: NodeProcess): Client => outsider.raft.client(NS, { peers: [multiaddr(node.address)] })

  it('a follower forwards its own writes to the leader', async () => {
    for (const follower of followers) {
      const { revision } = await follower.call('set', { namespace: NS, key: `from ${follower.name}`, value: 'forwarded' })
      expect(revision).toBeGreaterThan(0)
      expect(await leader.call('get', { namespace: NS, key: `from ${follower.name}`, consistency: 'stale' })).toBe('forwarded')
    }
  })

  it('a follower that may not forward names the leader, and nothing is written', async () => {
    const [follower] = followers as [NodeProcess]
    const refused = follower.call('set', { namespace: NS, key: 'never', value: 'x', forward: false })
    await expect(refused).rejects.toMatchObject({ name: 'NotLeaderError', leader: leader.peer, outcome: 'refused' })
    expect(await follower.call('get', { namespace: NS, key: 'never' })).toBeUndefined()
  })

  it('a client that knows only a follower writes through it', async () => {
    for (const follower of followers) {
      await using client = clientOf(follower)
      await client.set(`via ${follower.name}`, 'a client')
      expect(await leader.call('get', { namespace: NS, key: `via ${follower.name}`, consistency: 'stale' })).toBe('a client')
    }
  })

  it('a get on any node sees a write acknowledged anywhere just before', async () => {
    for (let round = 0; round < 10; round++) {
      for (const writer of mesh.nodes) {
        await writer.call('set', { namespace: NS, key: 'register', value: `${writer.name} ${round}` })
        const seen = await Promise.all(mesh.nodes.map(async node => await node.call('get', { namespace: NS, key: 'register' })))
        expect(seen).toEqual(mesh.nodes.map(() => `${writer.name} ${round}`))
      }
    }
  })

  it('after a barrier, the local state of any node holds all that was acknowledged before', async () => {
    await using client = clientOf(leader)
    for (const node of mesh.nodes) {
      await client.set('barrier', node.name)
      await node.call('barrier', { namespace: NS })
      expect(await node.call('get', { namespace: NS, key: 'barrier', consistency: 'stale' })).toBe(node.name)
    }
  })

  it('a client sets, gets behind a barrier, lists, writes batches and deletes', async () => {
    await using client = clientOf(followers[0] ?? leader)
    await client.batch(['x/1', 'x/2', 'x/3'].map(key => ({ type: 'set', key, value: key.toUpperCase() })))
    expect(await client.barrier()).toBeGreaterThan(0)
    expect(text(await client.get('x/2'))).toBe('X/2')
    expect(await client.keys({ prefix: 'x/' })).toEqual(['x/1', 'x/2', 'x/3'])
    expect(await client.keys({ prefix: 'x/', after: 'x/1', limit: 1 })).toEqual(['x/2'])
    await client.batch([{ type: 'delete', key: 'x/1' }, { type: 'set', key: 'x/4', value: 'X/4' }])
    await client.delete('x/2')
    expect(await client.keys({ prefix: 'x/' })).toEqual(['x/3', 'x/4'])
    expect(await client.get('x/1')).toBeUndefined()
  })

  it('values are bytes: empty, and of all kinds', async () => {
    await using client = clientOf(leader)
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    await client.set('bytes', bytes)
    await client.set('empty', new Uint8Array())
    expect(await client.get('bytes')).toEqual(bytes)
    expect((await client.get('empty'))?.length).toBe(0)
  })

  it('a client learns the members, the leader, and how the group stands', async () => {
    await using client = clientOf(followers[0] ?? leader)
    const { members, leader: named, clusterId } = await client.members()
    expect(members.map(member => member.peer.toString()).sort()).toEqual(mesh.nodes.map(node => node.peer).sort())
    expect(named?.toString()).toBe(leader.peer)
    expect((await client.stats()).clusterId).toBe(clusterId)
    expect((await client.exchangePeers()).length).toBeGreaterThan(0)
  })

  it('many requests at once, from inside and outside: each has its own answer', async () => {
    await using client = clientOf(followers[0] ?? leader)
    await Promise.all(Array.from({ length: 500 }, async (_, i) => {
      await client.set(`many/${i}`, `value ${i}`)
      expect(text(await client.get(`many/${i}`))).toBe(`value ${i}`)
    }))
    await Promise.all(mesh.nodes.map(async node => {
      await node.call('barrier', { namespace: NS })
      expect(await node.call('dump', { namespace: NS, prefix: 'many/' })).toHaveLength(500)
    }))
  })

  it('leadership goes where it is told, and writes go on', async () => {
    const [target] = mesh.followers(await mesh.leader(NS)) as [NodeProcess]
    await using client = clientOf(target)
    const writing = Promise.all(Array.from({ length: 100 }, async (_, i) => await client.set(`transfer/${i}`, 'x')))
    await (await mesh.leader(NS)).call('transferLeadership', { namespace: NS, to: target.peer })
    await writing
    expect((await mesh.leader(NS)).name).toBe(target.name)
    expect(await client.keys({ prefix: 'transfer/' })).toHaveLength(100)
  })
})
