import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createNode, NotAuthorizedError } from '../src/index.js'
import { signJoin } from '../src/formation/index.js'
import { encode, toSet } from '../src/service/kv-operations.js'
import { encodeBatches, encodeHello } from '../src/wire/link-frames.js'
import { FramedStream } from '../src/wire/framed-stream.js'
import { encodeGroupMessages } from '../src/wire/messages.js'
import { memberId, TRANSPORT_PROTOCOL } from '../src/wire/index.js'
import type { Client, Cluster, JoinOptions, RaftNode } from '../src/index.js'
import type { Message } from '../src/raft/types.js'
import type { CommandPort } from '../src/service/requests.js'
import type { RequestBody, Response } from '../src/wire/index.js'

const text = (value: Uint8Array | undefined): string | undefined => value === undefined ? undefined : new TextDecoder().decode(value)
const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(30_000) })
const founding: JoinOptions = { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } }
const joining: JoinOptions = { preset: 'local', bootstrap: { mode: 'join' } }
const wait = { timeout: 30_000, interval: 20 }

let directory: string
/** a, b and c host all groups; d comes and goes. */
const nodes: RaftNode[] = []

async function start (name: string): Promise<RaftNode> {
  return await createNode({ dataDir: join(directory, name), listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: nodes.flatMap(node => node.addresses()) })
}

async function found (namespace: string, more: JoinOptions = {}): Promise<Cluster[]> {
  const clusters = await Promise.all(nodes.slice(0, 3).map(async node => await node.join(namespace, { ...founding, ...more })))
  await Promise.all(clusters.map(async cluster => { await cluster.waitForLeader(soon()) }))
  return clusters
}

async function leaderOf (clusters: readonly Cluster[]): Promise<Cluster> {
  return await vi.waitFor(() => {
    const leader = clusters.find(cluster => cluster.isLeader())
    if (leader === undefined) throw new Error('nobody leads')
    return leader
  }, wait)
}

function nodeOf (cluster: Cluster): RaftNode {
  const self = cluster.members().find(member => member.self)
  return nodes.find(node => self?.peer.equals(node.peerId)) as RaftNode
}

function clientOf (node: RaftNode, namespace: string, to: readonly RaftNode[] = nodes.slice(0, 3)): Client {
  return node.client(namespace, { peers: to.flatMap(other => other.addresses()), timeouts: { request: 20_000 } })
}

const memberOf = (cluster: Cluster, node: RaftNode): string => {
  const member = cluster.members().find(({ peer }) => peer.equals(node.peerId))
  return memberId(node.peerId.toString(), member?.incarnation ?? 'none')
}

/** A request as a node's service would never make it. */
async function forge (from: RaftNode, to: RaftNode, body: Partial<RequestBody> & { namespace: string }): Promise<Response> {
  const { port } = (from.raft as unknown as { running: { node: { port: CommandPort } } }).running.node
  return await port.request(to.peerId, { forwarded: false, timeoutMs: 5_000, ...body }, { timeoutMs: 10_000 })
}

/** Raft messages of a node that is no member, over a Raft link of its own. */
async function say (from: RaftNode, incarnation: string, to: Cluster, messages: ReadonlyArray<(ids: { from: string, to: string }) => Message>): Promise<void> {
  const target = nodeOf(to)
  const stream = await from.libp2p.dialProtocol(target.peerId, TRANSPORT_PROTOCOL)
  const framed = new FramedStream(stream, { onFrame: () => {}, onClose: () => {} })
  const ids = { from: memberId(from.peerId.toString(), incarnation), to: memberOf(to, target) }
  framed.send([encodeHello('control', 1, 0, new Uint8Array(32))])
  const before = to.stats().strangers
  for (const message of messages) {
    const body = encodeGroupMessages(ids.from, ids.to, [message(ids)])
    framed.send([encodeBatches([{ clusterId: Buffer.from(to.stats().clusterId, 'hex'), body }])])
  }
  await vi.waitFor(() => { expect(to.stats().strangers).toBeGreaterThanOrEqual(before + messages.length) }, wait)
  framed.abort(new Error('all is said'))
}

const vote = (term: number) => ({ from, to }: { from: string, to: string }): Message => ({ type: 'vote', from, to, term, lastIndex: 1e6, lastTerm: term - 1, transfer: true })
const heartbeat = (term: number) => ({ from, to }: { from: string, to: string }): Message => ({ type: 'heartbeat', from, to, term, commit: 0, read: 0 })
const append = (term: number) => ({ from, to }: { from: string, to: string }): Message => ({ type: 'append', from, to, term, prevIndex: 0, prevTerm: 0, entries: [], commit: 0 })

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'raftmesh-admission-'))
  for (const name of ['a', 'b', 'c', 'd']) nodes.push(await start(name))
}, 60_000)

afterAll(async () => {
  await Promise.all(nodes.map(async node => { await node.stop() }))
  await rm(directory, { recursive: true, force: true })
})

describe('who is no member', () => {
  const NS = '/raft/strangers'
  let clusters: Cluster[]
  beforeAll(async () => { clusters = await found(NS) }, 60_000)

  it('cannot depose a leader, nor move the term, with votes, heartbeats and appends of rising terms', async () => {
    const leader = await leaderOf(clusters)
    const { term } = leader.stats()
    const flood = Array.from({ length: 50 }, (_, i) => [vote, heartbeat, append].map(make => make(term + 1 + 3 * i))).flat()
    for (const cluster of clusters) await say(nodes[3], '00000000000000ff', cluster, flood)
    await leader.set('after', 'the flood')
    await Promise.all(clusters.map(async cluster => { await cluster.barrier() }))
    expect(clusters.map(cluster => cluster.stats().term)).toEqual([term, term, term])
    expect(leader.isLeader()).toBe(true)
  })

  it('cannot go on as the member that it was, nor come back by its old request', async () => {
    const leader = await leaderOf(clusters)
    const learner = await nodes[3].join(NS, { ...joining, role: 'learner' })
    await vi.waitFor(() => { expect(learner.members().some(({ self }) => self)).toBe(true) }, wait)
    const member = memberOf(learner, nodes[3])
    const incarnation = member.slice(member.indexOf('.') + 1)
    const { configurationIndex } = leader.stats()
    const { privateKey } = (nodes[3].libp2p as unknown as { components: { privateKey: Parameters<typeof signJoin>[0] } }).components
    const recorded = await signJoin(privateKey, { namespace: NS, clusterId: Buffer.from(leader.stats().clusterId, 'hex'), incarnation, voter: true, addresses: [], configurationIndex })
    await learner.close()
    await leader.removeServer(nodes[3].peerId)
    const { term } = leader.stats()
    await say(nodes[3], incarnation, leader, [vote(term + 5), append(term + 6)])
    // The recorded request, by another peer.
    await expect(forge(nodes[1], nodeOf(leader), { namespace: NS, join: recorded as NonNullable<RequestBody['join']> })).rejects.toMatchObject({ name: 'MembershipError' })
    await leader.set('after', 'its removal')
    expect(leader.stats().term).toBe(term)
    expect(leader.members()).toHaveLength(3)
  })
})

describe('clients', () => {
  const NS = '/raft/roles'
  let clusters: Cluster[]
  let leader: Cluster
  let peer: string
  beforeAll(async () => {
    clusters = await found(NS)
    leader = await leaderOf(clusters)
    peer = nodes[3].peerId.toString()
  }, 60_000)

  it('lose a right that is withdrawn with their next request, on the stream that is open', async () => {
    for (const via of [leader, ...clusters.filter(cluster => cluster !== leader)]) {
      await using client = clientOf(nodes[3], NS, [nodeOf(via)])
      await client.set('k', 'v')
      await leader.setRole(peer, 'read')
      await expect(client.set('k', 'never')).rejects.toMatchObject({ name: 'NotAuthorizedError', outcome: 'refused', message: expect.stringContaining(`setRole('${peer}', 'write')`) })
      expect(text(await client.get('k'))).toBe('v')
      await leader.setRole(peer, 'none')
      await expect(client.get('k')).rejects.toThrow(NotAuthorizedError)
      await expect(client.barrier()).rejects.toThrow(NotAuthorizedError)
      await leader.setRole(peer, 'default')
      await client.set('k', 'v')
    }
    expect(leader.stats().refused).toBeGreaterThan(0)
  })

  it('have roles by prefix: a batch needs the right to each key, and a list to all of them', async () => {
    await using client = clientOf(nodes[3], NS)
    await leader.setRole('*', 'none')
    await leader.setRole(peer, 'read', { prefix: 'app/' })
    await leader.setRole(peer, 'write', { prefix: 'app/own/' })
    await leader.setRole(peer, 'none', { prefix: 'app/secret/' })
    await Promise.all(clusters.map(async cluster => { await cluster.barrier() }))
    await client.set('app/own/k', 'v')
    expect(text(await client.get('app/own/k'))).toBe('v')
    expect(await client.get('app/other')).toBeUndefined()
    expect(await client.keys({ prefix: 'app/own/' })).toEqual(['app/own/k'])
    const refused: Array<() => Promise<unknown>> = [
      () => client.set('app/k', 'v'), () => client.get('app/secret/k'), () => client.get('k'), () => client.keys(), () => client.keys({ prefix: 'app/' }),
      () => client.batch([{ type: 'set', key: 'app/own/batch', value: 'v' }, { type: 'set', key: 'app/batch', value: 'v' }]),
      () => client.setRole(peer, 'admin'), () => client.policy()
    ]
    for (const ask of refused) await expect(ask()).rejects.toThrow(NotAuthorizedError)
    expect(await leader.get('app/own/batch')).toBeUndefined()
    // Members have every right, and an admin may give rights.
    await clusters[1].set('k', 'of a member')
    await leader.setRole(peer, 'admin')
    await Promise.all(clusters.map(async cluster => { await cluster.barrier() }))
    await client.setRole('*', 'default')
    expect((await client.policy()).roles.map(({ role }) => role)).not.toContain(undefined)
    expect(leader.policy().roles.filter(rule => rule.peer === '*')).toEqual([])
    for (const prefix of ['', 'app/', 'app/own/', 'app/secret/']) await leader.setRole(peer, 'default', { prefix })
    expect(leader.policy().roles).toEqual([])
  })

  it('gain nothing by calling a request forwarded, or another peer\'s', async () => {
    await leader.setRole(peer, 'none')
    await Promise.all(clusters.map(async cluster => { await cluster.barrier() }))
    const command = encode(toSet('forged', 'v'))
    for (const target of nodes.slice(0, 3)) {
      for (const more of [{}, { origin: nodes[0].peerId.toString() }]) {
        await expect(forge(nodes[3], target, { namespace: NS, forwarded: true, ...more, propose: { command, kv: true } })).rejects.toThrow(NotAuthorizedError)
      }
    }
    // And a member that has not heard of it is no way round: the leader judges once more.
    const follower = clusters.find(cluster => cluster !== leader) as Cluster
    await expect(forge(nodeOf(follower), nodeOf(leader), { namespace: NS, forwarded: true, origin: peer, propose: { command, kv: true } })).rejects.toThrow(NotAuthorizedError)
    expect(await leader.get('forged')).toBeUndefined()
    await leader.setRole(peer, 'default')
  })
})

describe('admission', () => {
  it('by allow-list: only who is authorized gets in, also after a restart, and who is deauthorized is out', async () => {
    const NS = '/raft/listed'
    const clusters = await found(NS, { admission: 'allow-list' })
    let leader = await leaderOf(clusters)
    const peer = nodes[3].peerId.toString()
    await vi.waitFor(() => { expect(leader.policy()).toMatchObject({ admission: 'allow-list', authorized: nodes.slice(0, 3).map(node => node.peerId.toString()).sort() }) }, wait)

    const refusals: string[] = []
    const joiner = await nodes[3].join(NS, joining)
    joiner.addEventListener('formation', ({ detail }) => { refusals.push(detail.detail) })
    await vi.waitFor(() => { expect(refusals.join()).toContain(`cluster.authorize('${peer}')`) }, wait)
    expect(joiner.state()).toBe('joining')
    await using client = clientOf(nodes[3], NS)
    await expect(client.get('k')).rejects.toThrow(NotAuthorizedError)
    await expect(leader.addLearner(peer, '00000000000000ff')).rejects.toThrow(NotAuthorizedError)

    const [follower] = clusters.filter(cluster => cluster !== leader)
    await follower.authorize(peer)
    await vi.waitFor(() => { expect(joiner.members().some(({ self }) => self)).toBe(true) }, wait)
    await client.set('k', 'v')

    // A restart: what it knows of the list is what is on its disk.
    const i = nodes.indexOf(nodeOf(follower))
    await follower.close()
    clusters[i] = await nodes[i].join(NS, founding) // Told nothing of a list.
    await clusters[i].waitForLeader(soon())
    expect(clusters[i].policy()).toMatchObject({ admission: 'allow-list', authorized: expect.arrayContaining([peer]) })

    leader = await leaderOf(clusters)
    await leader.deauthorize(peer)
    expect(leader.members().map(member => member.peer.toString())).not.toContain(peer)
    refusals.length = 0
    await vi.waitFor(() => { expect(refusals.join()).toContain('it is not on the list') }, wait)
    await expect(client.set('k', 'never')).rejects.toThrow(NotAuthorizedError)
    expect(leader.members()).toHaveLength(3)
    await joiner.close()
  })

  it('by a function, at the leader', async () => {
    const NS = '/raft/asked'
    const asked: string[] = []
    let answer: () => boolean = () => { throw new Error('cannot say') }
    const clusters = await found(NS, { admission: ({ peer }) => { asked.push(peer); return answer() } })
    const leader = await leaderOf(clusters)
    const joiner = await nodes[3].join(NS, joining)
    await vi.waitFor(() => { expect(asked.length).toBeGreaterThan(1) }, wait)
    expect(leader.members()).toHaveLength(3)
    answer = () => true
    await vi.waitFor(() => { expect(joiner.members().some(({ self }) => self)).toBe(true) }, wait)
    expect(new Set(asked)).toEqual(new Set([nodes[3].peerId.toString()]))
    await joiner.close()
  })

  it('by key needs one', async () => {
    await expect(nodes[3].join('/raft/keyless', { ...joining, admission: 'key' })).rejects.toThrow(/encryptionKey/)
  })
})
