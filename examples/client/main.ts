/**
 * A client is anyone in the mesh: it is no member, keeps no data, and votes on nothing. It needs the address of any one node.
 *
 *     npm run build && node dist/examples/client/main.js                       makes a mesh of its own to talk to
 *     npm run build && node dist/examples/client/main.js /ip4/…/p2p/… /raft/x  talks to yours
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode } from '../../src/index.js'

async function client (address: string, namespace: string): Promise<void> {
  // Without a data directory a node keeps nothing, and has a new identity each time: right for a client.
  await using node = await createNode({ bootstrap: [address] })
  await using kv = node.raft.client(namespace)

  const { revision } = await kv.set('motto', 'any node will do')
  console.log('written at revision', revision)

  // After a barrier, even a local ("stale") read of the member that is asked sees everything committed before it.
  console.log('barrier at index', await kv.barrier())
  console.log('motto:', new TextDecoder().decode(await kv.get('motto')))

  // Three outcomes: done (it resolved), refused (safe to try again), unknown (it may have happened).
  try {
    await kv.set('k'.repeat(5_000), 'a key over the limit', { signal: AbortSignal.timeout(5_000) })
  } catch (error) {
    const { name, outcome } = error as Error & { outcome: string }
    console.log(`${name}, ${outcome}`)
  }

  const { members, leader } = await kv.members()
  for (const { peer, voter } of members) console.log(leader?.equals(peer) === true ? 'leader  ' : voter ? 'voter   ' : 'learner ', peer.toString())
}

async function ownMesh (): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'raftmesh-client-'))
  try {
    await using server = await createNode({ dataDir: directory, listen: ['/ip4/127.0.0.1/tcp/0'] })
    // `force`: found the group alone and at once, without waiting for others.
    await server.raft.join('/raft/example', { preset: 'local', bootstrap: { mode: 'force' } })
    await client(String(server.addresses()[0]), '/raft/example')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const [address, namespace] = process.argv.slice(2)
if (address === undefined) await ownMesh()
else await client(address, namespace ?? '/raft/demo')
