/**
 * A state machine of one's own in place of the KV: a ledger (see ledger.ts) that three nodes keep alike, through snapshots and a
 * restart.
 *
 *     npm run build && node dist/examples/custom-state-machine/main.js
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode, ExactlyOnce, once } from '../../src/index.js'
import { Ledger, decodeResult, encodeCommand } from './ledger.js'
import type { LedgerCommand, LedgerResult } from './ledger.js'
import type { Cluster, Once, RaftNode } from '../../src/index.js'

const directory = await mkdtemp(join(tmpdir(), 'raftmesh-ledger-'))
const NAMESPACE = '/raft/ledger'

interface Bank extends AsyncDisposable { node: RaftNode, cluster: Cluster, ledger: Ledger, session: () => Promise<Once> }

async function openBank (name: string, bootstrap: readonly string[]): Promise<Bank> {
  const node = await createNode({ dataDir: join(directory, name), listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: [...bootstrap] })
  const ledger = new Ledger()
  const cluster = await node.raft.join(NAMESPACE, {
    // A deposit must not be made twice because an answer was lost: each command is run once, however often it is sent.
    machine: new ExactlyOnce(ledger),
    preset: 'local',
    bootstrap: { mode: 'expect', expect: 3 },
    // Small, to see snapshots at work in a short example.
    snapshots: { interval: 50, threshold: 20, trailing: 10 }
  })
  let session: Promise<Once> | undefined
  return { node, cluster, ledger, session: async () => await (session ??= once(cluster)), [Symbol.asyncDispose]: async () => { await node.stop() } }
}

/** Resolves with what `apply` said once the command is committed, and applied by the member that led it. */
async function execute (bank: Bank, command: LedgerCommand): Promise<LedgerResult> {
  const session = await bank.session()
  return decodeResult(await session.apply(encodeCommand(command)))
}

async function run (): Promise<void> {
  await using north = await openBank('north', [])
  const bootstrap = north.node.addresses().map(String)
  await using south = await openBank('south', bootstrap)
  {
    await using east = await openBank('east', bootstrap)
    await Promise.all([north, south, east].map(async bank => await bank.cluster.waitForLeader({ signal: AbortSignal.timeout(30_000) })))
    console.log('deposit at north:', await execute(north, { type: 'deposit', account: 'ada', amount: 100 }))
    console.log('transfer at south:', await execute(south, { type: 'transfer', from: 'ada', to: 'grace', amount: 30 }))
    console.log('too much, at east:', await execute(east, { type: 'transfer', from: 'grace', to: 'ada', amount: 31 }))
    for (let i = 0; i < 50; i++) await execute(east, { type: 'transfer', from: 'ada', to: 'grace', amount: 1 })
  }

  // east was closed, and comes back with an empty ledger: its own snapshot and log, then what it missed, fill it.
  await execute(north, { type: 'deposit', account: 'edsger', amount: 7 })
  await using east = await openBank('east', bootstrap)
  for (const [name, bank] of Object.entries({ north, south, east })) {
    // After a barrier this member has applied all that was committed before: its own ledger may be read.
    await bank.cluster.barrier()
    console.log(`${name}: ada ${bank.ledger.balance('ada')}, grace ${bank.ledger.balance('grace')}, total ${bank.ledger.total()}`)
  }
}

try {
  await run()
} finally {
  await rm(directory, { recursive: true, force: true })
}
