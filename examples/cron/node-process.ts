/** A node that subscribes to jobs, in a process of its own, for the tests: it can stop for good at a given point of a run. */
import { createNode } from '../../src/index.js'
import { Cron } from '../../src/recipes/cron/cron.js'
import { systemClock } from '../../src/clock.js'
import { emit, release, serve } from '../support/rpc.js'
import type { Cluster, KeyValue, RaftNode, Txn } from '../../src/index.js'
import type { NewJob, Run } from '../../src/recipes/cron/types.js'

/** Where it stops: when it has seen a claim for it and before it says that it begins, or in the handler. */
export type StopAt = 'claim' | 'handler' | 'nowhere'

export interface CronMethods {
  start: (args: { dataDir: string, bootstrap: readonly string[] }) => Promise<string>
  join: (args: { namespace: string, expect: number }) => Promise<void>
  isLeader: (args: null) => Promise<boolean>
  add: (args: NewJob) => Promise<void>
  subscribe: (args: { job: string, stopAt: StopAt }) => Promise<void>
  history: (args: { job: string }) => Promise<readonly Run[]>
  close: (args: null) => Promise<void>
}

let node: RaftNode | undefined
let joined: Cluster | undefined

function cluster (): Cluster {
  if (joined === undefined) throw new Error('no namespace was joined')
  return joined
}

const never = async (): Promise<never> => await new Promise<never>(() => {})
const begins = ({ then = [] }: Txn): boolean => then.some(operation => operation.type === 'set' && String(operation.value).includes('"state":"running"'))

/** Everything but the word that a run begins. */
function stopsAtClaim (kv: KeyValue): KeyValue {
  return new Proxy(kv, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return async (...args: unknown[]): Promise<unknown> => {
        if (name === 'txn' && begins(args[0] as Txn)) {
          emit('stopped', null)
          return await never()
        }
        return await (value as (...args: unknown[]) => Promise<unknown>).apply(target, args)
      }
    }
  })
}

const methods: CronMethods = {
  start: async ({ dataDir, bootstrap }) => {
    node = await createNode({ dataDir, listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: [...bootstrap] })
    return String(node.addresses()[0])
  },
  join: async ({ namespace, expect }) => {
    joined = await node?.join(namespace, { preset: 'local', bootstrap: { mode: 'expect', expect } })
    await joined?.waitForLeader()
  },
  isLeader: async () => cluster().isLeader(),
  add: async job => { await cluster().cron.add(job) },
  subscribe: async ({ job, stopAt }) => {
    const cron = stopAt !== 'claim' ? cluster().cron : new Cron({
      kv: stopsAtClaim(cluster()), live: cluster(), clock: systemClock, random: Math.random, log: () => {}, signal: new AbortController().signal, run: async () => { throw new Error('not for cron') }
    })
    await cron.run(job, async ({ tick, attempt, token }) => {
      emit('ran', { tick: tick.getTime(), attempt, token })
      if (stopAt === 'handler') await never()
    }, { ttl: 2_000 })
  },
  history: async ({ job }) => await cluster().cron.history(job),
  close: async () => {
    await node?.stop()
    release()
  }
}

serve(methods as never)
