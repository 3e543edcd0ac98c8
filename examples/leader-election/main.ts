/**
 * Several instances of a service, of which one at a time does the work; the others, and whoever likes, watch who that is. (This is the program's own
 * leader, for a job of its own; the group's Raft leader is another matter, and may be another member.)
 *
 *     npm run build && node dist/examples/leader-election/main.js
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode } from '../../src/index.js'
import type { Cluster, RaftNode } from '../../src/index.js'

const text = (value: Uint8Array): string => new TextDecoder().decode(value)
const told: string[] = []

type Observer = ReturnType<ReturnType<Cluster['election']>['observe']>

/** Until nobody leads any more. */
async function observe (observer: Observer): Promise<void> {
  for await (const leader of observer) {
    told.push(leader === undefined ? 'nobody' : text(leader.value))
    console.log(leader === undefined ? 'observer: nobody leads' : `observer: ${text(leader.value)} leads, token ${leader.token}`)
    if (leader === undefined) return
  }
}

async function instance (name: string, cluster: Cluster, work: () => Promise<void>): Promise<void> {
  await using leadership = await cluster.election('printer').campaign(name, { ttl: 5_000 })
  // What it does as a leader ends when `leadership.signal` aborts; what it writes goes with its fence.
  await cluster.txn({ compare: [leadership.fence()], then: [{ type: 'set', key: 'last-leader', value: name }] })
  await work()
  await leadership.proclaim(`${name}, about to resign`)
}

const directory = await mkdtemp(join(tmpdir(), 'raftmesh-election-'))

async function run (): Promise<void> {
  const listen = ['/ip4/127.0.0.1/tcp/0']
  await using a = await createNode({ dataDir: join(directory, 'a'), listen })
  const bootstrap = a.addresses()
  await using b = await createNode({ dataDir: join(directory, 'b'), listen, bootstrap })
  await using c = await createNode({ dataDir: join(directory, 'c'), listen, bootstrap })
  const join_ = async (node: RaftNode): Promise<Cluster> => await node.join('/raft/service', { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } })
  const [one, two, three] = await Promise.all([join_(a), join_(b), join_(c)])
  for (const cluster of [one, two, three]) await cluster.waitForLeader({ signal: AbortSignal.timeout(30_000) })

  const observer = three.election('printer').observe({ signal: AbortSignal.timeout(30_000) })
  const now = await observer.next()
  if (now.value !== undefined) throw new Error('somebody leads already')
  const observed = observe(observer)
  let second: Promise<void> | undefined
  await instance('first', one, async () => {
    second = instance('second', two, async () => {})
    // In line behind the first, before that resigns.
    while ((await three.scan({ prefix: '\0election/printer\0' })).rows.length < 2);
  })
  await second
  await observed

  const expected = ['first', 'first, about to resign', 'second', 'second, about to resign', 'nobody']
  if (told.join() !== expected.join()) throw new Error(`the observer was told ${told.join(' → ')}`)
  console.log(`told in order: ${told.join(' → ')}`)
}

try {
  await run()
} finally {
  await rm(directory, { recursive: true, force: true })
}
