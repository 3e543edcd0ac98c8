/**
 * The library in one page: three nodes, two namespaces, each an independent replicated KV. The nodes would be three programs on three
 * machines; here they are one program, so that you can run it:
 *
 *     npm run build && node dist/examples/kv/main.js
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode } from '../../src/index.js'

const directory = await mkdtemp(join(tmpdir(), 'raftmesh-kv-'))

async function run (): Promise<void> {
  // A node keeps everything in its data directory. The first node of a mesh knows nobody; the others know one address, any node's.
  const listen = ['/ip4/127.0.0.1/tcp/0']
  await using a = await createNode({ dataDir: join(directory, 'a'), listen })
  const bootstrap = a.addresses()
  await using b = await createNode({ dataDir: join(directory, 'b'), listen, bootstrap })
  await using c = await createNode({ dataDir: join(directory, 'c'), listen, bootstrap })

  // Whoever is seen within the bootstrap timeout is a founder; whoever comes later joins the group that is there.
  const options = { preset: 'local', bootstrap: { timeout: 2_000 } } as const
  const [inventory] = await Promise.all([a, b, c].map(async node => await node.raft.join('/raft/inventory', options)))
  const [prices, , pricesAtC] = await Promise.all([a, b, c].map(async node => await node.raft.join('/raft/prices', options)))
  if (inventory === undefined || prices === undefined || pricesAtC === undefined) throw new Error('unreachable')

  for (const cluster of [inventory, prices]) await cluster.waitForLeader({ signal: AbortSignal.timeout(30_000) })

  // Any member takes reads and writes: a follower sends writes to the leader. Resolved means committed on a majority's disks.
  await inventory.set('apples', '12')
  await prices.set('apples', '0.40')
  await prices.batch([{ type: 'set', key: 'pears', value: '0.55' }, { type: 'delete', key: 'apples' }])

  // Reads are linearizable, on every member: they see all that was acknowledged anywhere before.
  const text = (value?: Uint8Array): string => value === undefined ? 'nothing' : new TextDecoder().decode(value)
  console.log('inventory has apples:', text(await inventory.get('apples')))
  console.log('prices, read at another node, has apples:', text(await pricesAtC.get('apples')))
  console.log('prices has keys:', await prices.keys())
  console.log('members of prices:', prices.members().length, prices.leader() === undefined ? 'without a leader' : 'and a leader')
}

try {
  await run()
} finally {
  await rm(directory, { recursive: true, force: true })
}
