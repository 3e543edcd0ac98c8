import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createNode, ClosedError, InvalidArgumentError, InvalidNamespaceError, MembershipError, NotAuthorizedError, openNodeStore, NotLeaderError, raft, StoreIdentityError, StoreInUseError, TooLargeError, UnavailableError
} from '../src/index.js'
import { RejoinMark } from '../src/service/rejoin-mark.js'
import { openGroupStorage } from '../src/storage/index.js'
import type { Cluster, Command, JoinOptions, Member, RaftNode, StateMachine } from '../src/index.js'

const listen = ['/ip4/127.0.0.1/tcp/0']
const NS = '/raft/demo'
const founding = (n: number, more: JoinOptions = {}): JoinOptions => ({ preset: 'local', bootstrap: n === 1 ? { mode: 'force' } : { mode: 'expect', expect: n }, ...more })
const text = (value: Uint8Array | undefined): string | undefined => value === undefined ? undefined : new TextDecoder().decode(value)
const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(30_000) })

let directory: string
beforeAll(async () => { directory = await mkdtemp(join(tmpdir(), 'raftmesh-service-')) })
afterAll(async () => { await rm(directory, { recursive: true, force: true }) })

async function startNode (name: string, known: readonly RaftNode[] = []): Promise<RaftNode> {
  return await createNode({ dataDir: join(directory, name), listen, bootstrap: known.flatMap(node => node.addresses()) })
}

/** Resolves once `holds` does: looked at now and after each event of the cluster. */
async function until (cluster: Cluster, holds: () => boolean): Promise<void> {
  if (holds()) return
  await new Promise<void>((resolve, reject) => {
    const kinds = ['state', 'leader', 'members'] as const
    const { signal } = soon()
    const end = (): void => {
      for (const kind of kinds) cluster.removeEventListener(kind, look)
      signal.removeEventListener('abort', late)
    }
    const look = (): void => { if (holds()) { end(); resolve() } }
    const late = (): void => { end(); reject(new Error(`not so after 30 s: ${holds.toString()}; state ${cluster.state()}`)) }
    for (const kind of kinds) cluster.addEventListener(kind, look)
    signal.addEventListener('abort', late)
  })
}

class Sum implements StateMachine {
  total = 0
  apply (commands: readonly Command[]): Uint8Array[] {
    return commands.map(({ data }) => {
      this.total += data[0] ?? 0
      return Uint8Array.of(this.total)
    })
  }

  async * snapshot (): AsyncGenerator<Uint8Array> { yield Uint8Array.of(this.total) }
  async restore (source: AsyncIterable<Uint8Array>): Promise<void> { for await (const [total] of source) this.total = total ?? 0 }
}

describe('three nodes', () => {
  let nodes: RaftNode[]
  let clusters: Cluster[]
  let leader: Cluster
  let follower: Cluster

  beforeAll(async () => {
    const a = await startNode('a')
    nodes = [a, ...await Promise.all(['b', 'c'].map(async name => await startNode(name, [a])))]
    clusters = await Promise.all(nodes.map(async node => await node.join(NS, founding(3))))
    expect(clusters.map(cluster => cluster.state())).toEqual(['forming', 'forming', 'forming'])
    await Promise.all(clusters.map(async cluster => await cluster.waitForLeader(soon())))
    leader = clusters.find(cluster => cluster.isLeader()) as Cluster
    follower = clusters.find(cluster => !cluster.isLeader()) as Cluster
    expect([leader, follower]).not.toContain(undefined)
  }, 60_000)

  afterAll(async () => { await Promise.all(nodes.map(async node => await node.stop())) })

  it('form one group', () => {
    expect(new Set(clusters.map(cluster => cluster.clusterId)).size).toBe(1)
    expect(new Set(clusters.map(cluster => cluster.leader()?.toString())).size).toBe(1)
    for (const cluster of clusters) {
      expect(cluster.members().filter(member => member.voter)).toHaveLength(3)
      expect(cluster.members().filter(member => member.self)).toHaveLength(1)
      expect(cluster.members().filter(member => member.leader)).toHaveLength(1)
    }
  })

  it('take writes and linearizable reads at each of them', async () => {
    for (const [i, cluster] of clusters.entries()) {
      const { revision } = await cluster.set('key', `value ${i}`)
      expect(revision).toBeGreaterThan(0)
      for (const reader of clusters) expect(text(await reader.get('key'))).toBe(`value ${i}`)
    }
    await follower.delete('key')
    for (const reader of clusters) expect(await reader.get('key')).toBeUndefined()
  })

  it('apply a batch as a whole, and list keys in order', async () => {
    const { revision } = await follower.batch([...['c', 'a', 'b'].map(key => ({ type: 'set' as const, key: `list/${key}`, value: '' })), { type: 'delete', key: 'list/b' }])
    expect(await leader.keys({ prefix: 'list/' })).toEqual(['list/a', 'list/c'])
    expect(await follower.keys({ prefix: 'list/', after: 'list/a' })).toEqual(['list/c'])
    expect(await follower.keys({ prefix: 'list/', limit: 1 })).toEqual(['list/a'])
    expect(await follower.barrier()).toBeGreaterThanOrEqual(revision)
    expect(await follower.keys({ prefix: 'list/', consistency: 'stale' })).toEqual(['list/a', 'list/c'])
  })

  it('refuse a write on a follower that must not be forwarded, and name the leader', async () => {
    const error = await follower.set('key', 'value', { forward: false }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(NotLeaderError)
    expect(error).toMatchObject({ leader: leader.members().find(member => member.self)?.peer.toString(), outcome: 'refused' })
    await leader.set('key', 'value', { forward: false })
  })

  it('refuse what is over a limit, and nothing is changed', async () => {
    await expect(follower.set('k'.repeat(5_000), 'v')).rejects.toThrow(TooLargeError)
    await expect(leader.set('k', new Uint8Array((1 << 20) + 1))).rejects.toThrow(TooLargeError)
    await expect(leader.get('k'.repeat(5_000))).rejects.toThrow(TooLargeError)
    await expect(leader.batch(Array.from({ length: 10_001 }, () => ({ type: 'delete' as const, key: 'k' })))).rejects.toThrow(TooLargeError)
    await expect(leader.apply(new Uint8Array(1))).rejects.toThrow(InvalidArgumentError)
    expect(await leader.keys({ prefix: 'k', consistency: 'stale' })).not.toContain('k')
  })

  it('refuse a namespace or options that make no sense, and the same namespace twice', async () => {
    const [node] = nodes as [RaftNode]
    await expect(node.join('/other/x')).rejects.toThrow(InvalidNamespaceError)
    await expect(node.join('/raft/x', { bootstrp: {} } as never)).rejects.toThrow(/Unknown option "bootstrp"/)
    await expect(node.join(NS)).rejects.toThrow(/hosts .* already/)
    expect(() => node.client('raft')).toThrow(InvalidNamespaceError)
    expect(node.raft.namespaces()).toEqual([NS])
  })

  it('serve a client that is no member', async () => {
    await using guest = await createNode({ bootstrap: (nodes[0] as RaftNode).addresses() })
    await using client = guest.client(NS)
    await client.set('client/a', 'one')
    const { revision } = await client.batch([{ type: 'set', key: 'client/b', value: 'two' }, { type: 'set', key: 'client/c', value: '' }])
    expect(text(await client.get('client/a'))).toBe('one')
    expect(text(await client.get('client/c'))).toBe('')
    expect(await client.get('client/none')).toBeUndefined()
    expect(await client.barrier()).toBeGreaterThanOrEqual(revision)
    await client.delete('client/b')
    expect(await client.keys({ prefix: 'client/' })).toEqual(['client/a', 'client/c'])
    expect(text(await follower.get('client/a'))).toBe('one')
    const { members, leader: named, clusterId } = await client.members()
    expect(members).toHaveLength(3)
    expect(members.every(member => member.voter && member.addresses.length > 0)).toBe(true)
    expect(named?.equals(leader.leader() as NonNullable<ReturnType<Cluster['leader']>>)).toBe(true)
    expect(clusterId).toBe(leader.clusterId)
    expect((await client.stats()).namespace).toBe(NS)
    expect((await client.exchangePeers()).length).toBe(3)
    expect(client.peers().length).toBeGreaterThan(0)
    await expect(client.set('k'.repeat(5_000), 'v')).rejects.toThrow(TooLargeError)
    await expect(client.apply(new Uint8Array(1))).rejects.toThrow(InvalidArgumentError)
    await expect(client.joinVoter()).rejects.toThrow(/does not host/)
    await expect(guest.join(NS)).rejects.toThrow(/no dataDir/)
    await client.close()
    await expect(client.get('client/a')).rejects.toThrow(ClosedError)
  })

  it('tell a client of a namespace that nobody serves', async () => {
    await using client = (nodes[0] as RaftNode).client('/raft/nobody', { timeouts: { request: 700 } })
    await expect(client.get('k')).rejects.toThrow(UnavailableError)
  })

  it('let only members change the membership', async () => {
    await using guest = await createNode({ bootstrap: (nodes[0] as RaftNode).addresses() })
    await using client = guest.client(NS)
    const change = { changeMembers: { changes: [{ op: 'REMOVE', peer: leader.leader()?.toString(), incarnation: '' }] } }
    const request = (client as unknown as { request: (what: string, action: unknown, write: boolean) => Promise<unknown> }).request.bind(client)
    await expect(request('remove', change, true)).rejects.toThrow(NotAuthorizedError)
    expect(leader.members()).toHaveLength(3)
  })

  it('hand leadership to the one that is asked for', async () => {
    const to = follower.members().find(member => member.self)?.peer
    await leader.transferLeadership(to, soon())
    await Promise.all(clusters.map(async cluster => { await until(cluster, () => cluster.leader()?.toString() === to?.toString()) }))
    await until(follower, () => follower.isLeader())
    expect(leader.isLeader()).toBe(false)
    ;[leader, follower] = [follower, leader]
    await follower.set('after', 'transfer')
  })

  it('go on when the leader leaves, and it comes back to what it had', async () => {
    const was = leader.members().find(member => member.self)?.peer.toString()
    await leader.close()
    expect(leader.state()).toBe('closed')
    await expect(leader.get('after')).rejects.toThrow(ClosedError)
    const rest = clusters.filter(cluster => cluster !== leader)
    await Promise.all(rest.map(async cluster => { await until(cluster, () => cluster.leader() !== undefined && cluster.leader()?.toString() !== was) }))
    await (rest[0] as Cluster).set('while', 'away')
    const index = clusters.indexOf(leader)
    const back = await (nodes[index] as RaftNode).join(NS, { preset: 'local' })
    clusters[index] = back
    await back.waitForLeader(soon())
    expect(text(await back.get('while'))).toBe('away')
    expect(back.members()).toHaveLength(3)
  })
})

describe('one node', () => {
  it('keeps everything over a restart', async () => {
    {
      await using node = await startNode('single')
      const cluster = await node.join(NS, founding(1))
      await cluster.set('kept', 'yes')
      expect(cluster.isLeader()).toBe(true)
    }
    await using node = await startNode('single')
    // However it is told to form: storage comes first.
    const cluster = await node.join(NS, founding(1))
    expect(text(await cluster.get('kept'))).toBe('yes')
  })

  it('hosts namespaces that know nothing of each other', async () => {
    await using node = await startNode('two')
    const [one, two] = await Promise.all(['/raft/one', '/raft/two'].map(async ns => await node.join(ns, founding(1)))) as [Cluster, Cluster]
    await one.set('k', '1')
    await two.set('k', '2')
    expect([text(await one.get('k')), text(await two.get('k'))]).toEqual(['1', '2'])
    expect(one.clusterId).not.toBe(two.clusterId)
    expect(node.raft.namespaces()).toEqual(['/raft/one', '/raft/two'])
    await one.close()
    expect(node.raft.namespaces()).toEqual(['/raft/two'])
    expect(text(await two.get('k'))).toBe('2')
  })

  it('runs a state machine of the program\'s own', async () => {
    await using node = await startNode('sum')
    const cluster = await node.join('/raft/sum', founding(1, { machine: new Sum() }))
    expect((await cluster.apply(Uint8Array.of(3))).result).toEqual(Uint8Array.of(3))
    expect((await cluster.apply(Uint8Array.of(4))).result).toEqual(Uint8Array.of(7))
    await expect(cluster.set('k', 'v')).rejects.toThrow(/state machine of its own/)
    await expect(cluster.get('k')).rejects.toThrow(InvalidArgumentError)
    await using client = node.client('/raft/sum')
    expect((await client.apply(Uint8Array.of(1))).result).toEqual(Uint8Array.of(8))
    await expect(client.set('k', 'v')).rejects.toThrow(/state machine of its own/)
  })

  it('refuses a directory that is in use, or of another node', async () => {
    {
      await using node = await startNode('mine')
      await expect(startNode('mine')).rejects.toThrow(StoreInUseError)
      expect(node.peerId).toBeDefined()
    }
    const { generateKeyPair } = await import('@libp2p/crypto/keys')
    await expect(createNode({ dataDir: join(directory, 'mine'), listen, privateKey: await generateKeyPair('Ed25519') })).rejects.toThrow(StoreIdentityError)
    // It can be opened again: the refusal let go of it.
    await using node = await startNode('mine')
    expect(node.peerId).toBeDefined()
  })

  it('says which bootstrap address it cannot reach, and goes on', async () => {
    await using other = await createNode({ listen })
    const gone = (other.addresses()[0] as { toString: () => string }).toString()
    await other.stop()
    await using node = await createNode({ dataDir: join(directory, 'lonely'), listen, bootstrap: [gone] })
    const { address, error } = await new Promise<{ address: string, error?: Error }>(resolve => { node.addEventListener('bootstrap', ({ detail }) => { resolve(detail) }, { once: true }) })
    expect(address).toBe(gone)
    expect(error?.message).toContain(gone)
    expect(node.bootstrap()).toMatchObject([{ address: gone, connected: false }])
    await expect(createNode({ bootstrap: ['nonsense'] })).rejects.toThrow(/not a multiaddr/)
    const cluster = await node.join(NS, founding(1))
    await cluster.set('k', 'v')
  })

  it('is a libp2p service like any other', async () => {
    const node = await createLibp2p({
      addresses: { listen },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify(), raft: raft({ dataDir: join(directory, 'service') }) }
    })
    const { raft: service } = node.services
    const cluster = await service.join(NS, founding(1))
    await cluster.set('k', 'v')
    expect(text(await service.client(NS).get('k'))).toBe('v')
    await node.stop()
    expect(cluster.state()).toBe('closed')
    expect(() => service.client(NS)).toThrow(/not started/)
    await node.start()
    const again = await service.join(NS, founding(1))
    expect(text(await again.get('k'))).toBe('v')
    await node.stop()
  })
})

describe('a late comer', () => {
  it('joins the group that is there, as a learner, and reads', async () => {
    await using first = await startNode('first')
    const cluster = await first.join(NS, founding(1))
    await cluster.set('k', 'before')
    await using late = await startNode('late', [first])
    const learner = await late.join(NS, { preset: 'local', role: 'learner', bootstrap: { mode: 'join' } })
    // Asked before it is a member: others do the work.
    expect(text(await learner.get('k'))).toBe('before')
    await until(learner, () => learner.members().some(member => member.self && !member.voter))
    await cluster.set('k', 'after')
    expect(text(await learner.get('k'))).toBe('after')
    await learner.set('k', 'from the learner')
    expect(text(await cluster.get('k'))).toBe('from the learner')
    expect(learner.clusterId).toBe(cluster.clusterId)
  })

  it('gets a vote when a member says so, once it has caught up', async () => {
    await using first = await startNode('voter-1')
    const cluster = await first.join(NS, founding(1))
    await cluster.set('k', 'v')
    await using late = await startNode('voter-2', [first])
    const learner = await late.join(NS, { preset: 'local', role: 'learner', bootstrap: { mode: 'join' } })
    await until(learner, () => learner.members().some(member => member.self))
    const { incarnation } = learner.members().find(member => member.self) as Member
    await expect(cluster.addVoter(late.peerId, '')).rejects.toThrow(InvalidArgumentError)
    await expect(cluster.addVoter(late.peerId, incarnation, { expectedIndex: 1 })).rejects.toThrow(MembershipError)
    // Asked of a follower: it is passed on to the leader.
    await learner.addVoter(late.peerId, incarnation, soon())
    await until(cluster, () => cluster.members().filter(member => member.voter).length === 2)
    await expect(cluster.removeServer('nobody')).rejects.toThrow(InvalidArgumentError)
  })

  it('asks for its vote by a client, too', async () => {
    await using first = await startNode('ask-1')
    const cluster = await first.join(NS, founding(1))
    await using late = await startNode('ask-2', [first])
    const learner = await late.join(NS, { preset: 'local', role: 'learner', bootstrap: { mode: 'join' } })
    await until(learner, () => learner.members().some(member => member.self))
    await using client = late.client(NS)
    await client.joinVoter(soon())
    expect(cluster.members()).toHaveLength(2)
    const stranger = await createNode({ bootstrap: first.addresses() })
    await using outside = stranger.client(NS)
    await expect(outside.joinVoter({ incarnation: 'not an incarnation' })).rejects.toThrow(InvalidArgumentError)
    await stranger.stop()
  })

  it('that crashed while it was coming back goes on coming back, and forms nothing by itself', async () => {
    let clusterId: string | undefined
    {
      await using first = await startNode('crash-1')
      const cluster = await first.join(NS, founding(1))
      await cluster.waitForLeader(soon())
      clusterId = cluster.clusterId
      await using late = await startNode('crash-2', [first])
      const learner = await late.join(NS, { preset: 'local', role: 'learner', bootstrap: { mode: 'join' } })
      await until(learner, () => learner.members().some(member => member.self))
    }
    // As a crash leaves it that comes after the old storage is destroyed, and before the new one is made.
    const store = await openNodeStore(join(directory, 'crash-2'))
    await new RejoinMark(store.store, NS).write(Uint8Array.from(Buffer.from(clusterId as string, 'hex')))
    await (await openGroupStorage(store.store, NS)).destroy()
    await store.close()

    await using alone = await startNode('crash-2')
    // Told to form alone, now; but it knows better.
    const back = await alone.join(NS, { preset: 'local', role: 'learner', bootstrap: { mode: 'force' } })
    expect(back.state()).toBe('joining')
    expect(back.clusterId).toBe(clusterId)
    await using first = await createNode({ dataDir: join(directory, 'crash-1'), listen, bootstrap: alone.addresses() })
    const cluster = await first.join(NS, founding(1))
    await until(back, () => back.members().some(member => member.self))
    await cluster.set('k', 'again')
    expect(text(await back.get('k'))).toBe('again')
  })

  it('with a machine of its own that is removed stays out, and comes back with a fresh one', async () => {
    await using first = await startNode('own-1')
    const cluster = await first.join('/raft/sum', founding(1, { machine: new Sum() }))
    await cluster.apply(Uint8Array.of(5))
    await using late = await startNode('own-2', [first])
    const options = { preset: 'local', role: 'learner', bootstrap: { mode: 'join' } } as const
    const learner = await late.join('/raft/sum', { ...options, machine: new Sum() })
    await until(learner, () => learner.members().some(member => member.self))
    const was = learner.members().find(member => member.self)?.incarnation
    await cluster.removeServer(late.peerId, soon())
    await until(learner, () => learner.state() === 'removed')
    await expect(learner.apply(Uint8Array.of(1))).rejects.toThrow(/join again/)
    await learner.close()
    const fresh = new Sum()
    const back = await late.join('/raft/sum', { ...options, machine: fresh })
    await until(back, () => back.members().some(member => member.self))
    expect(back.members().find(member => member.self)?.incarnation).not.toBe(was)
    await back.barrier(soon())
    expect(fresh.total).toBe(5)
  })

  it('that is removed comes back by itself as a new member, and what waits there goes on', async () => {
    await using first = await startNode('back-1')
    const cluster = await first.join(NS, founding(1))
    await cluster.set('k', 'v')
    await using late = await startNode('back-2', [first])
    const learner = await late.join(NS, { preset: 'local', role: 'learner', bootstrap: { mode: 'join' } })
    const incarnation = (): string | undefined => learner.members().find(member => member.self)?.incarnation
    await until(learner, () => incarnation() !== undefined)
    const was = incarnation()
    await cluster.removeServer(late.peerId, soon())
    expect(text(await learner.get('k', soon()))).toBe('v')
    await until(learner, () => incarnation() !== undefined && incarnation() !== was)
    await learner.set('k', 'still here')
    expect(text(await cluster.get('k'))).toBe('still here')
  })
})
