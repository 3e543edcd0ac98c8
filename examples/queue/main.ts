/**
 * A queue: two workers share the work, one of them leaves an item unfinished, and it comes back to the other.
 *
 *     npm run build && node dist/examples/queue/main.js
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode } from '../../src/index.js'

const text = (value: Uint8Array): string => new TextDecoder().decode(value)

async function main (dataDir: string): Promise<void> {
  await using server = await createNode({ dataDir, listen: ['/ip4/127.0.0.1/tcp/0'] })
  const cluster = await server.raft.join('/raft/shop', { preset: 'local', bootstrap: { mode: 'force' } })
  await cluster.waitForLeader()
  await using visitor = await createNode({ bootstrap: server.addresses() })
  await using client = visitor.raft.client('/raft/shop')

  const orders = cluster.queue('orders')
  for (const order of ['apples', 'pears', 'plums']) await orders.push(order, { id: `order-${order}` })
  const again = await orders.push('pears', { id: 'order-pears' })
  console.log(`pushed again: item ${again.sequence}, ${again.fresh ? 'a new one' : 'the one that was there'}`)

  // This one takes the first item for 300 ms, and then says nothing more, as if it had died.
  const [lost] = await client.queue('orders').pop({ visibility: 300 })
  if (lost === undefined) throw new Error('There is nothing to take')
  console.log(`taken and forgotten: ${text(lost.value)}`)

  // This one works for as long as there is something to do.
  const stop = new AbortController()
  const done: string[] = []
  await orders.consume(item => {
    console.log(`done: ${text(item.value)}, attempt ${item.attempts}`)
    if (done.push(text(item.value)) === 3) stop.abort()
  }, { signal: stop.signal })

  const late = await lost.ack().then(() => 'taken', (error: Error) => `refused (${error.name})`)
  console.log(`an ack that comes too late is ${late}`)
  const { ready, taken, dead } = await orders.length()
  console.log(`left: ${ready} ready, ${taken} taken, ${dead} dead`)
  if (done.join() !== 'pears,plums,apples' || !late.startsWith('refused') || ready + taken + dead > 0) process.exitCode = 1
}

const directory = await mkdtemp(join(tmpdir(), 'raftmesh-queue-'))
try {
  await main(directory)
} finally {
  await rm(directory, { recursive: true, force: true })
}
