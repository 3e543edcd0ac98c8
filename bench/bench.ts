import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from '../examples/support/child.js'
import { EtcdSystem, etcdVersion } from './etcd-system.js'
import { RaftmeshSystem } from './raftmesh-system.js'
import { watchUsage } from './usage.js'
import type { BenchOptions } from './options.js'
import type { LoadMethods } from './load-api.js'
import type { Measurement } from './measure.js'
import type { System } from './system.js'
import type { Usage } from './usage.js'
import type { RpcEvent } from '../examples/support/rpc.js'

export type SystemName = System['name']
type Operation = 'write' | 'read'

export interface LoadResult extends Measurement {
  readonly system: SystemName
  readonly operation: Operation
  readonly concurrency: number
  /** Requests a second of each round, in their order; the rest is of the round in the middle. */
  readonly rounds: readonly number[]
  readonly leader: string
  /** By process; `load` is the load process. */
  readonly usage: Record<string, Usage>
}

export interface FailoverResult {
  readonly system: SystemName
  /** From SIGKILL to the acknowledgement of a write that began after it: one for each kill. ms */
  readonly outages: readonly number[]
}

/** Alike for all systems; those of raftmesh's preset `local`. */
export const TIMEOUTS = { heartbeat: 50, election: 500 }
const PROBE_MS = 10
const WARMUP_CONCURRENCY = 64
/** From one number at a time to the next. */
const SETTLE_MS = 500

type Round = Omit<LoadResult, 'rounds'>
interface Contestant { readonly system: System, readonly load: Child<LoadMethods> }

/** The systems, side by side, measured by turns: what else the machine does then falls on all alike. */
export class Bench implements AsyncDisposable {
  readonly loads: LoadResult[] = []
  readonly failovers: FailoverResult[] = []
  readonly profiles: Array<{ name: string, path: string }> = []
  readonly #contestants: Contestant[] = []

  constructor (readonly options: BenchOptions, readonly results: string, readonly say: (text: string) => void) {}

  async run (): Promise<void> {
    await this.#start()
    for (const operation of ['write', 'read'] as const) {
      if (!this.options.parts.includes(`${operation}s`)) continue
      for (const { load } of this.#contestants) await load.call('fill', { keys: this.options.keys, valueBytes: this.options.valueBytes })
      for (const contestant of this.#contestants) await this.#warmUp(contestant, operation)
      for (const concurrency of this.options.concurrency) await this.#level(operation, concurrency)
    }
    if (this.options.parts.includes('failover')) {
      for (const contestant of this.#contestants) await this.#failOver(contestant)
    }
  }

  async #start (): Promise<void> {
    this.say('starting three raftmesh nodes')
    await this.#enter(await RaftmeshSystem.start(TIMEOUTS))
    if (this.options.peers === 'none') return
    const version = etcdVersion()
    if (version === undefined) {
      this.say('etcd is not on the PATH: measured without it (Debian: apt-get install etcd-server)')
    } else {
      this.say(`starting three etcd members, version ${version}`)
      await this.#enter(await EtcdSystem.start(TIMEOUTS))
    }
  }

  async #enter (system: System): Promise<void> {
    const load = new Child<LoadMethods>({ name: `load of ${system.name}`, script: fileURLToPath(new URL('./load-process.js', import.meta.url)) })
    this.#contestants.push({ system, load })
    await load.call('open', await system.target())
  }

  /** What a server that has been up for a minute does is asked, not what its compiler does in the first seconds. */
  async #warmUp ({ system, load }: Contestant, operation: Operation): Promise<void> {
    const { warmupSeconds, keys, valueBytes } = this.options
    this.say(`warming up ${system.name} with ${operation}s for ${warmupSeconds} s`)
    await load.call('measure', { operation, concurrency: WARMUP_CONCURRENCY, warmupMs: 0, measureMs: warmupSeconds * 1_000, keys, valueBytes })
  }

  /** By turns, several times, since what else runs on the machine comes and goes; what counts is the round in the middle. */
  async #level (operation: Operation, concurrency: number): Promise<void> {
    const rounds = new Map<Contestant, Round[]>(this.#contestants.map(contestant => [contestant, []]))
    for (let round = 0; round < this.options.rounds; round++) {
      for (const [contestant, results] of rounds) results.push(await this.#measure(contestant, operation, concurrency))
    }
    for (const results of rounds.values()) {
      const bySpeed = [...results].sort((a, b) => a.perSecond - b.perSecond)
      const middle = bySpeed[Math.floor(bySpeed.length / 2)] as Round
      this.loads.push({ ...middle, rounds: results.map(({ perSecond }) => perSecond) })
    }
  }

  async #measure ({ system, load }: Contestant, operation: Operation, concurrency: number): Promise<Round> {
    const { seconds, keys, valueBytes } = this.options
    const leader = await system.leaderName()
    const endUsage = await watchUsage([...system.processes(), { name: 'load', pid: load.pid }])
    const endProfile = this.options.profile && system instanceof RaftmeshSystem ? await this.#profile(system, load, `${operation}s-${concurrency}`) : undefined
    const measurement = await load.call('measure', { operation, concurrency, warmupMs: SETTLE_MS, measureMs: seconds * 1_000, keys, valueBytes })
    const result: Round = { system: system.name, operation, concurrency, leader, usage: await endUsage(), ...measurement }
    await endProfile?.()
    const failed = Object.entries(result.errors).map(([error, count]) => `, ${count} × ${error}`).join('')
    this.say(`${operation}s, ${concurrency} at a time, ${system.name}: ${Math.round(result.perSecond)}/s${failed}`)
    return result
  }

  /** Of the leader, a follower and the load process; the two followers do the same work. */
  async #profile (system: RaftmeshSystem, load: Child<LoadMethods>, what: string): Promise<() => Promise<void>> {
    const leader = await system.leader()
    const [follower] = system.mesh.followers(leader)
    const profiled = [{ role: 'leader', process: leader }, { role: 'follower', process: follower }, { role: 'load', process: load }]
    for (const { process } of profiled) await process?.call('startProfile', null)
    return async () => {
      for (const { role, process } of profiled) {
        const path = join(this.results, `${what}-${role}.cpuprofile`)
        await process?.call('endProfile', { path })
        this.profiles.push({ name: `${role}, ${what}`, path })
      }
    }
  }

  async #failOver ({ system, load }: Contestant): Promise<void> {
    const outages: number[] = []
    for (let round = 0; round < this.options.failovers; round++) {
      await load.call('open', await system.target())
      const from = performance.timeOrigin + performance.now()
      await load.call('probe', { everyMs: PROBE_MS, valueBytes: this.options.valueBytes })
      const acknowledgedAfter = (time: number) => ({ event, detail }: RpcEvent): boolean => event === 'acknowledged' && (detail as { began: number }).began > time
      const deadline = AbortSignal.timeout(30_000)
      await load.until('a write before the kill', acknowledgedAfter(from + 500), { after: from, signal: deadline })
      const killedAt = await system.killLeader()
      const next = await load.until('a write after the kill', acknowledgedAfter(killedAt), { after: killedAt, signal: deadline })
      await load.call('endProbe', null)
      const outage = (next.detail as { at: number }).at - killedAt
      outages.push(outage)
      this.say(`failover ${round + 1} of ${this.options.failovers}, ${system.name}: a write is acknowledged ${Math.round(outage)} ms after SIGKILL of the leader`)
      await system.heal()
    }
    this.failovers.push({ system: system.name, outages })
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    for (const { load, system } of this.#contestants) {
      if (load.running) {
        // In good order, for its profile is written at the end.
        await load.call('close', null)
        await load.exited
      }
      await system[Symbol.asyncDispose]()
    }
  }
}
