import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'
import { WriteStream } from '../examples/support/write-stream.js'
import type { NodeProcess } from '../examples/support/node.js'

/** So small that a hundred writes are more than the log keeps. */
const options = { preset: 'local', bootstrap: { mode: 'expect', expect: 3 }, snapshots: { interval: 50, threshold: 50, trailing: 20, retain: 2 } } as const

describe('snapshots', () => {
  let mesh: Mesh

  /** The same three processes all along, a namespace of its own for each test. */
  let namespace: string
  let count = 0

  beforeAll(async () => {
    mesh = await Mesh.create({ prefix: 'raftmesh-snapshots-' })
    await mesh.startAll(['a', 'b', 'c'])
  })
  afterAll(async () => { await mesh?.[Symbol.asyncDispose]() })
  beforeEach(async () => {
    namespace = `/raft/snapshots/${++count}`
    await mesh.joinAll(namespace, options)
  })

  /** Writes until the node's log no longer reaches back to the index. */
  async function writeUntilCompacted (node: NodeProcess, index: number, prefix: string): Promise<WriteStream> {
    const stream = new WriteStream(async (key, value) => await node.call('set', { namespace, key, value }), { prefix, concurrency: 8, value: n => `${n} `.repeat(200) })
    for (let target = 200; (await node.call('stats', { namespace })).firstIndex <= index; target += 100) await stream.untilAcknowledged(target)
    await stream.stop()
    return stream
  }

  it('a node that was away for longer than the log reaches back gets a snapshot, and holds everything', async () => {
    const leader = await mesh.leader(namespace)
    const [away] = mesh.followers(leader) as [NodeProcess]
    await leader.call('set', { namespace, key: 'deleted meanwhile', value: 'x' })
    await away.call('barrier', { namespace })
    const { lastIndex } = await away.call('stats', { namespace })
    await away.kill('SIGKILL')
    await leader.call('delete', { namespace, key: 'deleted meanwhile' })
    const stream = await writeUntilCompacted(leader, lastIndex + 1, 'stream/')

    const back = await mesh.start(away.name, { bootstrap: [leader.address] })
    await back.call('join', { namespace, options })
    await back.call('barrier', { namespace, timeoutMs: 30_000 })
    expect((await back.call('stats', { namespace })).snapshotsInstalled).toBeGreaterThanOrEqual(1)
    expect(stream.compare(await back.call('dump', { namespace, prefix: 'stream/' }))).toEqual([])
    expect(await back.call('get', { namespace, key: 'deleted meanwhile', consistency: 'stale' })).toBeUndefined()

    // It is a full member again: with the third one gone, the two of them are the quorum.
    const third = mesh.nodes.find(node => node !== leader && node !== back)
    await third?.kill('SIGKILL')
    await leader.call('set', { namespace, key: 'quorum', value: 'of two' })
    expect(await back.call('get', { namespace, key: 'quorum' })).toBe('of two')
    await mesh.start(third?.name ?? '')
  })

  it('a late joiner gets a snapshot where the log no longer begins at its start', async () => {
    const leader = await mesh.leader(namespace)
    const stream = await writeUntilCompacted(leader, 1, 'stream/')
    const joiner = await mesh.start('d', { bootstrap: [leader.address] })
    await joiner.call('join', { namespace, options: { ...options, bootstrap: { mode: 'join' } } })
    await joiner.call('waitForMembers', { namespace, voters: 3, learners: 1 })
    await joiner.call('barrier', { namespace, timeoutMs: 30_000 })
    expect((await joiner.call('stats', { namespace })).snapshotsInstalled).toBeGreaterThanOrEqual(1)
    expect(stream.compare(await joiner.call('dump', { namespace, prefix: 'stream/' }))).toEqual([])
    await joiner.stop()
  })

  it('all restart from their snapshots and the logs behind them', async () => {
    const leader = await mesh.leader(namespace)
    const stream = await writeUntilCompacted(leader, 1, 'stream/')
    await Promise.all(mesh.nodes.map(async node => await node.kill('SIGKILL')))
    await mesh.startAll(['c', 'b', 'a'])
    await mesh.joinAll(namespace, options)
    await mesh.leader(namespace)
    for (const node of mesh.nodes) {
      await node.call('barrier', { namespace })
      expect(stream.compare(await node.call('dump', { namespace, prefix: 'stream/' })), node.name).toEqual([])
    }
  })
})
