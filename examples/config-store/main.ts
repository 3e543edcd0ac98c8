/**
 * Versioned configuration: two who edit the same key, a look at its history, and a watch that tells a program of each change.
 *
 *     npm run build && node dist/examples/config-store/main.js
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode } from '../../src/index.js'

const text = (value: Uint8Array | undefined): string => value === undefined ? '(deleted)' : new TextDecoder().decode(value)

async function main (dataDir: string): Promise<void> {
  await using node = await createNode({ dataDir, listen: ['/ip4/127.0.0.1/tcp/0'] })
  const cluster = await node.raft.join('/raft/settings', { preset: 'local', bootstrap: { mode: 'force' } })
  await cluster.waitForLeader()
  const config = cluster.config('web-shop')

  const changes = await config.watch()
  await config.create('color', 'red')
  const [ann, bob] = [await config.get('color'), await config.get('color')]
  if (ann === undefined || bob === undefined) throw new Error('The key is not there')

  // Both have seen version 1. Whoever comes second has not seen what they would overwrite.
  await config.update('color', 'green', { expectedVersion: ann.version })
  const refused = await config.update('color', 'blue', { expectedVersion: bob.version }).then(() => 'nothing', (error: Error) => error.message)
  console.log(`refused: ${refused}`)

  await config.delete('color')
  const { version } = await config.create('color', 'black')
  console.log(`made anew, it is version ${version}`)
  for (const { version, value } of await config.history('color')) console.log(`  version ${version}: ${text(value)}`)

  const seen: string[] = []
  for await (const event of changes) {
    seen.push(event.type === 'set' ? text(event.value) : 'deleted')
    if (seen.length === 4) break
  }
  console.log(`the watch saw: ${seen.join(', ')}`)
  if (seen.join() !== 'red,green,deleted,black' || version !== 4 || !refused.includes('version 2')) process.exitCode = 1
}

const directory = await mkdtemp(join(tmpdir(), 'raftmesh-config-'))
try {
  await main(directory)
} finally {
  await rm(directory, { recursive: true, force: true })
}
