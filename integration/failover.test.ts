import { multiaddr } from '@multiformats/multiaddr'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'
import { now } from '../examples/support/rpc.js'
import { WriteStream } from '../examples/support/write-stream.js'
import { createNode } from '../src/index.js'
import type { NodeProcess } from '../examples/support/node.js'
import type { Client, RaftNode } from '../src/index.js'

const NS = '/raft/failover'
const options = { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } } as const

describe('failover', () => {
  let mesh: Mesh
  let outsider: RaftNode
  let client: Client
  let count = 0

  beforeAll(async () => {
    mesh = await Mesh.create({ prefix: 'raftmesh-failover-' })
    await mesh.startAll(['a', 'b', 'c'])
    await mesh.joinAll(NS, options)
  })
  afterAll(async () => { await mesh?.[Symbol.asyncDispose]() })

  beforeEach(async () => {
    count++
    expect(mesh.nodes).toHaveLength(3)
    await mesh.leader(NS)
    outsider = await createNode({ bootstrap: mesh.nodes.map(node => node.address) })
    client = outsider.raft.client(NS)
  })
  afterEach(async () => {
    await client.close()
    await outsider.stop()
  })

  /** Under a prefix of this test's own. */
  const prefix = (): string => `stream ${count}/`
  const writeStream = (): WriteStream => new WriteStream(async (key, value) => await client.set(key, value), { prefix: prefix(), concurrency: 16 })

  async function startAgain (name: string): Promise<NodeProcess> {
    const back = await mesh.start(name)
    await back.call('join', { namespace: NS, options })
    await back.call('barrier', { namespace: NS, timeoutMs: 20_000 })
    return back
  }

  async function expectNothingLost (stream: WriteStream): Promise<void> {
    for (const node of mesh.nodes) {
      await node.call('barrier', { namespace: NS })
      expect(stream.compare(await node.call('dump', { namespace: NS, prefix: prefix() })), `state of ${node.name}`).toEqual([])
    }
  }

  it('the leader is killed in a stream of writes, twice: no acknowledged write is lost, the rest go on', async () => {
    const stream = writeStream()
    for (let round = 1; round <= 2; round++) {
      await stream.untilAcknowledged(stream.acknowledged.length + 200)
      const victim = await mesh.leader(NS)
      const killedAt = now()
      expect(await victim.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' })
      await stream.firstBegunAfter(killedAt)
      await stream.untilAcknowledged(stream.acknowledged.length + 200)
      expect((await mesh.leader(NS)).name).not.toBe(victim.name)
      await startAgain(victim.name)
    }
    await stream.stop()
    await expectNothingLost(stream)
  })

  it('the leader is restarted in good order: leadership is handed over first, and no write fails', async () => {
    const stream = writeStream()
    await stream.untilAcknowledged(200)
    const leader = await mesh.leader(NS)
    await leader.stop()
    await stream.untilAcknowledged(stream.acknowledged.length + 200)
    await startAgain(leader.name)
    await stream.stop()
    await expectNothingLost(stream)
    expect([...stream.refused.keys()]).toEqual([])
  })

  it('a follower is killed and comes back: writes go on all the time', async () => {
    const stream = writeStream()
    await stream.untilAcknowledged(200)
    const leader = await mesh.leader(NS)
    const [follower] = mesh.followers(leader) as [NodeProcess]
    await follower.kill('SIGKILL')
    await stream.untilAcknowledged(stream.acknowledged.length + 200)
    await startAgain(follower.name)
    await stream.stop()
    await expectNothingLost(stream)
    expect(await leader.call('isLeader', { namespace: NS })).toBe(true)
  })

  it('all are killed at once in a stream of writes: what was acknowledged is there when they are back', async () => {
    const stream = writeStream()
    await stream.untilAcknowledged(300)
    await Promise.all(mesh.nodes.map(async node => await node.kill('SIGKILL')))
    const back = await mesh.startAll(['b', 'c', 'a'])
    await mesh.joinAll(NS, options)
    await mesh.leader(NS)
    // The client knows the old addresses; it is told a new one, as a person would.
    await Promise.all(back.map(async node => await outsider.libp2p.dial(node.info.addresses.map(address => multiaddr(address)))))
    await stream.firstBegunAfter(now())
    await stream.stop()
    await expectNothingLost(stream)
  })

  it('without a quorum, nothing is acknowledged and reads are refused; with it, both work again', async () => {
    const leader = await mesh.leader(NS)
    await leader.call('set', { namespace: NS, key: 'k', value: 'before' })
    const names = mesh.followers(leader).map(node => node.name)
    await Promise.all(mesh.followers(leader).map(async node => await node.kill('SIGKILL')))
    await expect(leader.call('set', { namespace: NS, key: 'k', value: 'alone', timeoutMs: 1_500 })).rejects.toThrow()
    await expect(leader.call('get', { namespace: NS, key: 'k', timeoutMs: 1_500 })).rejects.toThrow()
    expect(['before', 'alone']).toContain(await leader.call('get', { namespace: NS, key: 'k', consistency: 'stale' }))

    await Promise.all(names.map(async name => {
      const back = await mesh.start(name, { bootstrap: [leader.address] })
      await back.call('join', { namespace: NS, options })
    }))
    await mesh.leader(NS)
    await mesh.nodes[1]?.call('set', { namespace: NS, key: 'k', value: 'after' })
    for (const node of mesh.nodes) expect(await node.call('get', { namespace: NS, key: 'k' })).toBe('after')
  })

  it('a leader that is stopped for longer than the election timeout finds itself replaced, and follows', async () => {
    const stream = writeStream()
    await stream.untilAcknowledged(100)
    const leader = await mesh.leader(NS)
    const stoppedAt = now()
    leader.signal('SIGSTOP')
    try {
      await Promise.any(mesh.followers(leader).map(async node =>
        await node.untilEvent('leader', detail => detail.namespace === NS && detail.leader === node.peer, { after: stoppedAt, signal: AbortSignal.timeout(20_000) })))
      await stream.firstBegunAfter(now())
    } finally {
      leader.signal('SIGCONT')
    }
    await leader.call('waitForState', { namespace: NS, states: ['follower'] })
    await stream.untilAcknowledged(stream.acknowledged.length + 100)
    await stream.stop()
    await expectNothingLost(stream)
  })
})
