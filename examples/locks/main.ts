/**
 * Three workers share an account that takes no two hands at a time. One of them falls asleep with the lock in its hand (here: its timers and its
 * messages stop), wakes up after another has it, and writes on, as a paused process would. The token stops it.
 *
 *     npm run build && node dist/examples/locks/main.js
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode, LockLostError } from '../../src/index.js'
import type { Cluster } from '../../src/index.js'

/** A storage that knows nothing of locks, but remembers the highest token that it has seen. */
class Storage {
  content = 'empty'
  private highest = 0
  write (content: string, token: number): boolean {
    if (token < this.highest) return false
    this.highest = token
    this.content = content
    return true
  }
}

const check = (holds: boolean, what: string): void => { if (!holds) throw new Error(`it did not hold: ${what}`) }

async function takingTurns (members: readonly Cluster[]): Promise<void> {
  const order: number[] = []
  let inside = 0
  await Promise.all(members.map(async (cluster, worker) => {
    for (let round = 0; round < 2; round++) {
      // Released at the end of the block, whatever happens in it.
      await using lock = await cluster.lock('account', { ttl: 5_000 })
      check(++inside === 1, 'one at a time')
      console.log(`worker ${worker} has the lock, token ${lock.token}`)
      order.push(lock.token)
      await cluster.set('balance', String(Number(new TextDecoder().decode(await cluster.get('balance'))) + 1))
      inside--
    }
  }))
  check(order.every((token, i) => i === 0 || token > (order[i - 1] ?? 0)), 'tokens rise')
  const balance = new TextDecoder().decode(await members[0]?.get('balance'))
  check(balance === '6', `six payments make 6, not ${balance}`)
  console.log(`six payments, one at a time: balance ${balance}`)
}

async function fallingAsleep ([sleepy, awake]: readonly Cluster[]): Promise<void> {
  if (sleepy === undefined || awake === undefined) throw new Error('two are needed')
  const storage = new Storage()
  const old = await sleepy.lock('report', { ttl: 1_000 })
  console.log(`one worker has the lock, token ${old.token}; another waits for it`)
  const next = awake.lock('report', { ttl: 1_000 })

  // Asleep: nothing keeps its lease alive any more. A revoked lease is what the others see of that in the end, and it comes quicker here.
  await awake.leases.revoke((await awake.scan({ prefix: old.key })).rows[0]?.lease ?? 0)
  await using lock = await next
  console.log(`the other has it now, token ${lock.token}, and writes`)
  check(storage.write('by the new holder', lock.token), 'the holder writes')

  // Awake again, in the middle of what it did: it has not looked at its signal yet.
  check(!storage.write('by the old one', old.token), 'an old token is refused')
  console.log(`the first writes with token ${old.token}: refused by the storage, which still holds "${storage.content}"`)

  // In the namespace itself the fence does the same, with no need for anyone to remember tokens.
  const write = async (cluster: Cluster, fence: ReturnType<typeof old.fence>, value: string): Promise<boolean> =>
    (await cluster.txn({ compare: [fence], then: [{ type: 'set', key: 'report', value }] })).succeeded
  check(await write(awake, lock.fence(), 'new'), 'the fence of the holder holds')
  check(!await write(sleepy, old.fence(), 'old'), 'the fence of the old one does not')
  console.log('in the namespace: the old fence does not hold, and nothing is written')

  if (!old.signal.aborted) await new Promise(resolve => { old.signal.addEventListener('abort', resolve) })
  check(old.signal.reason instanceof LockLostError, 'it is told')
  console.log(`and it is told: ${(old.signal.reason as Error).name}`)
}

const directory = await mkdtemp(join(tmpdir(), 'raftmesh-locks-'))

async function run (): Promise<void> {
  const listen = ['/ip4/127.0.0.1/tcp/0']
  await using a = await createNode({ dataDir: join(directory, 'a'), listen })
  const bootstrap = a.addresses()
  await using b = await createNode({ dataDir: join(directory, 'b'), listen, bootstrap })
  await using c = await createNode({ dataDir: join(directory, 'c'), listen, bootstrap })
  const members = await Promise.all([a, b, c].map(async node => await node.join('/raft/locks', { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } })))
  for (const cluster of members) await cluster.waitForLeader({ signal: AbortSignal.timeout(30_000) })
  await members[0]?.set('balance', '0')
  await takingTurns(members)
  await fallingAsleep(members)
}

try {
  await run()
} finally {
  await rm(directory, { recursive: true, force: true })
}
