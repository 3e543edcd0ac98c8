/** One node under test. What sets it apart from an ordinary one is that it reaches the others only through the proxy. */
import { tcp } from '@libp2p/tcp'
import { createNode } from '../../src/index.js'
import { emit, release, serve } from '../../examples/support/rpc.js'
import { CLOSING_FAILED } from './node-api.js'
import type { NodeEvents } from '../../examples/support/node-api.js'
import type { FaultNodeMethods } from './node-api.js'
import type { Cluster } from '../../src/index.js'

type RunningNode = Awaited<ReturnType<typeof createNode>>

let node: RunningNode | undefined
let joined: Cluster | undefined

function cluster (namespace: string): Cluster {
  if (joined?.namespace !== namespace) throw new Error(`This node has not joined ${namespace}`)
  return joined
}

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
  start: async ({ dataDir, socket, announce, localAddress, bootstrap }) => {
    const dialOpts = { noDelay: true, localAddress }
    node = await createNode({ dataDir, listen: [`/unix/${encodeURIComponent(socket)}`], announce: [announce], bootstrap: [...bootstrap], libp2p: { transports: [tcp({ dialOpts })] } })
    return { peer: node.peerId.toString() }
  },
  join: async ({ namespace, options }) => {
    if (node === undefined) throw new Error('The node has not been started')
    joined = await node.join(namespace, options)
    watch(joined)
  },
  set: async ({ namespace, key, value, timeoutMs }) => await cluster(namespace).set(key, value, within(timeoutMs)),
  get: async ({ namespace, key, consistency, timeoutMs }) => text(await cluster(namespace).get(key, { consistency, ...within(timeoutMs) })),
  delete: async ({ namespace, key }) => await cluster(namespace).delete(key),
  batch: async ({ namespace, operations }) => await cluster(namespace).batch(operations),
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
