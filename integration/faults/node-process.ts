/** One node under test, or a client. What sets it apart from an ordinary one is that it listens and dials only where it is told. */
import { tcp } from '@libp2p/tcp'
import { createNode } from '../../src/index.js'
import { emit, release, serve } from '../../examples/support/rpc.js'
import { CLOSING_FAILED } from './node-api.js'
import type { NodeEvents } from '../../examples/support/node-api.js'
import type { FaultNodeMethods } from './node-api.js'
import type { Cluster, KeyValue } from '../../src/index.js'

type RunningNode = Awaited<ReturnType<typeof createNode>>

let node: RunningNode | undefined
let joined: Cluster | undefined
let visited: (KeyValue & { readonly namespace: string }) | undefined

function cluster (namespace: string): Cluster {
  if (joined?.namespace !== namespace) throw new Error(`This node has not joined ${namespace}`)
  return joined
}

function keyValue (namespace: string): KeyValue { return visited?.namespace === namespace ? visited : cluster(namespace) }

function tell<K extends keyof NodeEvents> (event: K, detail: NodeEvents[K]): void { emit(event, detail) }

function watch (cluster: Cluster): void {
  const { namespace } = cluster
  cluster.addEventListener('leader', ({ detail }) => { tell('leader', { namespace, leader: detail.leader?.toString(), term: detail.term }) })
  cluster.addEventListener('state', ({ detail }) => { tell('state', { namespace, ...detail }) })
  cluster.addEventListener('formation', ({ detail }) => { tell('formation', { namespace, ...detail }) })
  cluster.addEventListener('failed', ({ detail }) => { tell('failed', { namespace, message: `${detail.name}: ${detail.message}` }) })
}

const within = (timeoutMs: number | undefined): { signal?: AbortSignal } => timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) }
const text = (bytes: Uint8Array | undefined): string | undefined => bytes === undefined ? undefined : new TextDecoder().decode(bytes)

const methods: FaultNodeMethods = {
  start: async ({ dataDir, listen, announce, localAddress, bootstrap }) => {
    const some = (address: string | undefined): string[] => address === undefined ? [] : [address]
    const dialOpts = { noDelay: true, localAddress }
    node = await createNode({ dataDir, listen: some(listen), announce: some(announce), bootstrap: [...bootstrap], libp2p: { transports: [tcp({ dialOpts })] } })
    return { peer: node.peerId.toString() }
  },
  join: async ({ namespace, options }) => {
    if (node === undefined) throw new Error('The node has not been started')
    joined = await node.join(namespace, options)
    watch(joined)
  },
  visit: async ({ namespace, options }) => {
    if (node === undefined) throw new Error('The node has not been started')
    visited = node.client(namespace, options)
  },
  set: async ({ namespace, key, value, timeoutMs }) => await keyValue(namespace).set(key, value, within(timeoutMs)),
  get: async ({ namespace, key, consistency, timeoutMs }) => text(await keyValue(namespace).get(key, { consistency, ...within(timeoutMs) })),
  delete: async ({ namespace, key }) => await keyValue(namespace).delete(key),
  batch: async ({ namespace, operations }) => await keyValue(namespace).batch(operations),
  barrier: async ({ namespace, timeoutMs }) => await cluster(namespace).barrier(within(timeoutMs)),
  stats: async ({ namespace }) => cluster(namespace).stats(),
  state: async ({ namespace }) => {
    const applied = cluster(namespace).stats().appliedIndex
    const keys = await cluster(namespace).keys({ consistency: 'stale' })
    const values = await Promise.all(keys.map(async key => text(await cluster(namespace).get(key, { consistency: 'stale' })) ?? ''))
    return cluster(namespace).stats().appliedIndex === applied ? { applied, rows: keys.map((key, i) => [key, values[i]] as const) } : undefined
  }
}

async function closeInGoodOrder (): Promise<void> {
  await node?.stop()
  release()
}

process.once('SIGTERM', () => {
  closeInGoodOrder().catch((error: unknown) => {
    console.error('could not close:', error)
    process.exit(CLOSING_FAILED)
  })
})

serve({ ...methods })
