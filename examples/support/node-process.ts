/**
 * One raftmesh node in a process of its own, driven by the process that started it. What an application would do with the library in
 * its own process, this does on request.
 */
import { setImmediate } from 'node:timers/promises'
import v8 from 'node:v8'
import vm from 'node:vm'
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import { createNode } from '../../src/index.js'
import { profilerMethods } from './profiler.js'
import { emit, release, serve } from './rpc.js'
import type { NodeEvents, NodeMethods, RemoteMember } from './node-api.js'
import type { Cluster } from '../../src/index.js'

type RunningNode = Awaited<ReturnType<typeof createNode>>

let running: RunningNode | undefined
const clusters = new Map<string, Cluster>()

function node (): RunningNode {
  if (running === undefined) throw new Error('The node has not been started')
  return running
}

function cluster (namespace: string): Cluster {
  const found = clusters.get(namespace)
  if (found === undefined) throw new Error(`This node has not joined ${namespace}`)
  return found
}

function tell<K extends keyof NodeEvents> (event: K, detail: NodeEvents[K]): void { emit(event, detail) }

const within = (timeoutMs: number | undefined): { signal?: AbortSignal } => timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) }

function watch (joined: Cluster): void {
  const { namespace } = joined
  joined.addEventListener('formation', ({ detail }) => { tell('formation', { namespace, ...detail }) })
  joined.addEventListener('leader', ({ detail }) => { tell('leader', { namespace, leader: detail.leader?.toString(), term: detail.term }) })
  joined.addEventListener('state', ({ detail }) => { tell('state', { namespace, ...detail }) })
  joined.addEventListener('failed', ({ detail }) => { tell('failed', { namespace, message: detail.message }) })
  joined.addEventListener('members', ({ detail }) => {
    const voters = detail.members.filter(member => member.voter).length
    tell('members', { namespace, voters, learners: detail.members.length - voters, index: detail.index })
  })
}

function membersOf (joined: Cluster): RemoteMember[] {
  return joined.members().map(({ peer, incarnation, voter, leader, self }) => ({ peer: peer.toString(), incarnation, voter, leader, self }))
}

/** Looks now and after each event of the given kinds. */
async function until<T> (joined: Cluster, kinds: ReadonlyArray<'members' | 'state' | 'leader'>, look: () => T | undefined, what: string, timeoutMs = 30_000): Promise<T> {
  const first = look()
  if (first !== undefined) return first
  return await new Promise((resolve, reject) => {
    const check = (): void => {
      const found = look()
      if (found !== undefined) { finish(); resolve(found) }
    }
    const timer = setTimeout(() => { finish(); reject(new Error(`${what} was not seen within ${timeoutMs} ms; state ${joined.state()}, members ${JSON.stringify(membersOf(joined))}`)) }, timeoutMs)
    const finish = (): void => {
      clearTimeout(timer)
      for (const kind of kinds) joined.removeEventListener(kind, check)
    }
    for (const kind of kinds) joined.addEventListener(kind, check)
  })
}

v8.setFlagsFromString('--expose-gc')
const collectGarbage = vm.runInNewContext('gc') as () => void

const decoder = new TextDecoder()
const text = (value: Uint8Array | undefined): string | undefined => value === undefined ? undefined : decoder.decode(value)

const methods: NodeMethods = {
  ...profilerMethods,
  start: async config => {
    const privateKey = config.privateKey === undefined ? undefined : privateKeyFromProtobuf(config.privateKey)
    running = await createNode({ dataDir: config.dataDir, listen: [...config.listen], bootstrap: [...config.bootstrap], privateKey, limits: config.limits })
    const { libp2p } = running
    libp2p.addEventListener('peer:connect', ({ detail }) => { tell('peer:connect', { peer: detail.toString() }) })
    libp2p.addEventListener('peer:disconnect', ({ detail }) => { tell('peer:disconnect', { peer: detail.toString() }) })
    return { peer: libp2p.peerId.toString(), addresses: libp2p.getMultiaddrs().map(address => address.toString()) }
  },
  join: async ({ namespace, options }) => {
    const joined = await node().raft.join(namespace, options)
    clusters.set(namespace, joined)
    watch(joined)
  },
  leave: async ({ namespace }) => {
    await cluster(namespace).close()
    clusters.delete(namespace)
  },
  connectedPeers: async () => node().libp2p.getPeers().map(peer => peer.toString()),
  namespaces: async () => node().raft.namespaces(),

  set: async ({ namespace, key, value, forward, timeoutMs }) => await cluster(namespace).set(key, value, { forward, ...within(timeoutMs) }),
  get: async ({ namespace, key, consistency, timeoutMs }) => text(await cluster(namespace).get(key, { consistency, ...within(timeoutMs) })),
  delete: async ({ namespace, key }) => await cluster(namespace).delete(key),
  keys: async ({ namespace, ...options }) => await cluster(namespace).keys(options),
  batch: async ({ namespace, operations }) => await cluster(namespace).batch(operations),
  barrier: async ({ namespace, timeoutMs }) => await cluster(namespace).barrier(within(timeoutMs)),
  dump: async ({ namespace, prefix }) => {
    const joined = cluster(namespace)
    const keys = await joined.keys({ prefix, consistency: 'stale' })
    const values = await Promise.all(keys.map(async key => text(await joined.get(key, { consistency: 'stale' })) ?? ''))
    return keys.map((key, i) => [key, values[i] ?? ''])
  },

  waitForLeader: async ({ namespace, timeoutMs }) => (await cluster(namespace).waitForLeader(within(timeoutMs))).toString(),
  waitForMembers: async ({ namespace, voters, learners, timeoutMs }) => {
    const joined = cluster(namespace)
    const look = (): RemoteMember[] | undefined => {
      const members = membersOf(joined)
      const seen = members.filter(member => member.voter).length
      return seen === voters && (learners === undefined || members.length - seen === learners) ? members : undefined
    }
    return await until(joined, ['members', 'state', 'leader'], look, `${voters} voters${learners === undefined ? '' : ` and ${learners} learners`} in ${namespace}`, timeoutMs)
  },
  waitForState: async ({ namespace, states, timeoutMs }) => {
    const joined = cluster(namespace)
    return await until(joined, ['state', 'leader'], () => states.find(state => state === joined.state()), `state ${states.join(' or ')} in ${namespace}`, timeoutMs)
  },
  isLeader: async ({ namespace }) => cluster(namespace).isLeader(),
  members: async ({ namespace }) => membersOf(cluster(namespace)),
  stats: async ({ namespace }) => cluster(namespace).stats(),
  nodeStats: async () => node().raft.stats(),
  memory: async () => {
    // Buffers of native code are let go of a turn after their owners were collected.
    for (let i = 0; i < 3; i++) {
      collectGarbage()
      await setImmediate()
    }
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  },
  removeServer: async ({ namespace, peer }) => { await cluster(namespace).removeServer(peer) },
  addLearner: async ({ namespace, peer, incarnation }) => { await cluster(namespace).addLearner(peer, incarnation) },
  addVoter: async ({ namespace, peer, incarnation }) => { await cluster(namespace).addVoter(peer, incarnation) },
  setRole: async ({ namespace, peer, role, prefix }) => { await cluster(namespace).setRole(peer, role, { prefix }) },
  transferLeadership: async ({ namespace, to }) => { await cluster(namespace).transferLeadership(to) },

  close: async () => {
    await running?.[Symbol.asyncDispose]()
    running = undefined
    release()
  }
}

serve({ ...methods })
