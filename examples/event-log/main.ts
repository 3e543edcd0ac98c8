/**
 * An event log: what is appended is kept, and followed from wherever a reader stopped; what is emitted is only told to who listens.
 *
 *     npm run build && node dist/examples/event-log/main.js
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode } from '../../src/index.js'

const text = (value: Uint8Array): string => new TextDecoder().decode(value)

async function main (dataDir: string): Promise<void> {
  await using node = await createNode({ dataDir, listen: ['/ip4/127.0.0.1/tcp/0'] })
  const cluster = await node.raft.join('/raft/payments', { preset: 'local', bootstrap: { mode: 'force' } })
  await cluster.waitForLeader()
  const log = cluster.eventLog('payments', { retain: 1_000 })

  const { index } = await log.append('opened')
  await log.append('paid 10')
  await log.append('paid 20')
  const after: string[] = []
  for await (const event of log.follow({ after: index })) if (after.push(text(event.value)) === 2) break
  console.log(`after the first one: ${after.join(', ')}`)

  const messages = await log.listen()
  const heard: string[] = []
  const listening = (async () => {
    for await (const message of messages) if (heard.push(`${message.kind}: ${text(message.value)}`) === 2) break
  })()
  await log.emit('somebody looks at the account')
  await log.append('closed')
  await listening
  for (const line of heard.sort()) console.log(line)

  const kept = (await log.read()).map(event => text(event.value))
  console.log(`kept: ${kept.join(', ')}`)
  if (after.join() !== 'paid 10,paid 20' || heard.length !== 2 || kept.join() !== 'opened,paid 10,paid 20,closed') process.exitCode = 1
}

const directory = await mkdtemp(join(tmpdir(), 'raftmesh-events-'))
try {
  await main(directory)
} finally {
  await rm(directory, { recursive: true, force: true })
}
