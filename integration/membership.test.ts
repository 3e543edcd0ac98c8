import { rm } from 'node:fs/promises'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'
import { now } from '../examples/support/rpc.js'
import type { NodeProcess } from '../examples/support/node.js'
import type { RemoteJoinOptions } from '../examples/support/node-api.js'

const NS = '/raft/membership'
const founder: RemoteJoinOptions = { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } }
const joiner: RemoteJoinOptions = { preset: 'local', bootstrap: { mode: 'join' } }

describe('membership', () => {
  let mesh: Mesh
  /** Of node c: an identity that outlives its disk, as one kept in a vault would. */
  let privateKey: Uint8Array

  beforeAll(async () => {
    mesh = await Mesh.create({ prefix: 'raftmesh-membership-' })
    privateKey = privateKeyToProtobuf(await generateKeyPair('Ed25519'))
    await mesh.startAll(['a', 'b'])
    await mesh.start('c', { privateKey })
    await mesh.joinAll(NS, founder)
  })
  afterAll(async () => { await mesh?.[Symbol.asyncDispose]() })

  /** Each test leaves the three of them as it found them: voters all, and one leads. */
  beforeEach(async () => {
    expect(mesh.nodes).toHaveLength(3)
    await Promise.all(mesh.nodes.map(async node => await node.call('waitForMembers', { namespace: NS, voters: 3, learners: 0 })))
    await mesh.leader(NS)
  })

  it('a member that is removed does not disturb the rest, and rejoins by itself', async () => {
    const leader = await mesh.leader(NS)
    const [removed, other] = mesh.followers(leader) as [NodeProcess, NodeProcess]
    await leader.call('set', { namespace: NS, key: 'k', value: 'before' })
    const { term } = await leader.call('stats', { namespace: NS })

    const removedAt = now()
    await leader.call('removeServer', { namespace: NS, peer: removed.peer })
    await leader.untilEvent('members', ({ namespace, voters, learners }) => namespace === NS && voters === 2 && learners === 0, { after: removedAt })
    await leader.call('waitForMembers', { namespace: NS, voters: 3, timeoutMs: 30_000 })
    await removed.call('waitForMembers', { namespace: NS, voters: 3, timeoutMs: 30_000 })

    await other.call('set', { namespace: NS, key: 'k', value: 'after' })
    await removed.call('barrier', { namespace: NS })
    expect(await removed.call('get', { namespace: NS, key: 'k', consistency: 'stale' })).toBe('after')
    expect((await leader.call('stats', { namespace: NS })).term).toBe(term)
  })

  it('a member that is removed while it is away rejoins when it is back', async () => {
    const leader = await mesh.leader(NS)
    const [away] = mesh.followers(leader) as [NodeProcess]
    await away.kill('SIGKILL')
    await leader.call('removeServer', { namespace: NS, peer: away.peer })
    await leader.call('waitForMembers', { namespace: NS, voters: 2 })
    await leader.call('set', { namespace: NS, key: 'k', value: 'while it was away' })

    const back = await mesh.start(away.name, { bootstrap: [leader.address], ...(away.name === 'c' ? { privateKey } : {}) })
    await back.call('join', { namespace: NS, options: founder })
    await leader.call('waitForMembers', { namespace: NS, voters: 3, timeoutMs: 30_000 })
    await back.call('barrier', { namespace: NS, timeoutMs: 20_000 })
    expect(await back.call('get', { namespace: NS, key: 'k', consistency: 'stale' })).toBe('while it was away')
  })

  it('the leader can be removed: another leads, and it comes back', async () => {
    const leader = await mesh.leader(NS)
    const others = mesh.followers(leader)
    await others[0]?.call('removeServer', { namespace: NS, peer: leader.peer })
    const successor = await mesh.leader(NS, { among: others })
    expect(successor.name).not.toBe(leader.name)
    await successor.call('waitForMembers', { namespace: NS, voters: 3, timeoutMs: 30_000 })
    await leader.call('barrier', { namespace: NS, timeoutMs: 20_000 })
  })

  it('a member whose disk was wiped comes back as a new incarnation, in the place of the old one', async () => {
    const wiped = mesh.node('c')
    await mesh.node('a').call('set', { namespace: NS, key: 'k', value: 'v' })
    const incarnations = async (node: NodeProcess): Promise<string[]> =>
      (await node.call('members', { namespace: NS })).filter(({ peer }) => peer === wiped.peer).map(({ incarnation }) => incarnation)
    const before = await incarnations(mesh.node('a'))
    expect(before).toHaveLength(1)
    await wiped.kill('SIGKILL')
    await rm(mesh.dataDir('c'), { recursive: true })

    const back = await mesh.start('c', { privateKey })
    expect(back.peer).toBe(wiped.peer)
    await back.call('join', { namespace: NS, options: founder })
    await back.call('waitForMembers', { namespace: NS, voters: 3, learners: 0, timeoutMs: 30_000 })
    await back.call('barrier', { namespace: NS })
    expect(await back.call('get', { namespace: NS, key: 'k', consistency: 'stale' })).toBe('v')
    const after = await incarnations(back)
    expect(after).toHaveLength(1)
    expect(after).not.toEqual(before)
  })

  it('a learner follows and reads, and never votes', async () => {
    const learner = await mesh.start('d')
    await learner.call('join', { namespace: NS, options: { ...joiner, role: 'learner' } })
    await learner.call('waitForMembers', { namespace: NS, voters: 3, learners: 1 })
    await learner.call('set', { namespace: NS, key: 'k', value: 'by the learner' })
    expect(await learner.call('get', { namespace: NS, key: 'k' })).toBe('by the learner')
    // It does not count: with two of three voters gone there is no quorum, learner or not.
    const leader = await mesh.leader(NS)
    for (const follower of mesh.nodes.filter(node => node !== leader && node !== learner)) await follower.kill('SIGKILL')
    await expect(leader.call('set', { namespace: NS, key: 'k', value: 'without a quorum', timeoutMs: 1_500 })).rejects.toThrow()
  })
})
