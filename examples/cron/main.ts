/**
 * A job that three nodes know and one runs at a time. Whoever leads decides which tick is run, and by whom; each decision is written down before
 * anything is run. Here a run fails, and is made again.
 *
 *     npm run build && node dist/examples/cron/main.js
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode } from '../../src/index.js'

const NS = '/raft/cron-example'
const directory = await mkdtemp(join(tmpdir(), 'raftmesh-cron-'))

async function run (): Promise<void> {
  const listen = ['/ip4/127.0.0.1/tcp/0']
  const options = { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } } as const
  await using a = await createNode({ dataDir: join(directory, 'a'), listen })
  await using b = await createNode({ dataDir: join(directory, 'b'), listen, bootstrap: a.addresses() })
  await using c = await createNode({ dataDir: join(directory, 'c'), listen, bootstrap: a.addresses() })
  const clusters = await Promise.all([a, b, c].map(async node => await node.raft.join(NS, options)))
  await Promise.all(clusters.map(async cluster => { await cluster.waitForLeader({ signal: AbortSignal.timeout(30_000) }) }))
  const [first] = clusters
  if (first === undefined) throw new Error('unreachable')

  const seen: Array<{ tick: number, attempt: number, token: number }> = []
  let enough = (): void => {}
  const four = new Promise<void>(resolve => { enough = resolve })
  for (const [i, cluster] of clusters.entries()) {
    await cluster.cron.run('report', async ({ tick, attempt, token, data }) => {
      seen.push({ tick: tick.getTime(), attempt, token })
      console.log(`${'abc'[i]} runs ${Buffer.from(data).toString()} of ${tick.toISOString()}, attempt ${attempt}`)
      if (seen.length === 2) throw new Error('the printer is out of paper')
      if (new Set(seen.map(({ tick }) => tick)).size === 4) enough()
    }, { ttl: 2_000 })
  }

  // Each second. If the handler throws, the same tick is run again; while it is not done, the next ones wait for their turn.
  const job = await first.cron.add({ name: 'report', schedule: '* * * * * *', delivery: 'at-least-once', overlap: 'queue', retries: { max: 3, backoff: 200 }, data: 'the report' })
  console.log('added, first due at', job.next?.toISOString())
  await four
  await first.cron.pause('report')

  const runs = (await first.cron.history('report')).reverse()
  for (const { tick, state, attempt, error } of runs) console.log(tick.toISOString(), state, `after ${attempt} attempt${attempt === 1 ? '' : 's'}${error === undefined ? '' : `, ${error}`}`)

  const tokens = seen.map(({ token }) => token)
  if (tokens.some((token, i) => i > 0 && token <= (tokens[i - 1] ?? 0))) throw new Error('tokens do not rise')
  if (!seen.some(({ attempt }) => attempt === 2)) throw new Error('what failed was not tried again')
  if (new Set(seen.map(({ tick, attempt }) => `${tick}/${attempt}`)).size !== seen.length) throw new Error('something was run twice')
  console.log('every tick once, in order, and again only what failed')
}

try {
  await run()
} finally {
  await rm(directory, { recursive: true, force: true })
}
