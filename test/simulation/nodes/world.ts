import { drain } from './drain.js'
import { GroupPlaces } from './image.js'
import { Mesh } from './mesh.js'
import { Nemesis } from './nemesis.js'
import { Violation } from './oracle.js'
import { drawPlan, drawPrograms } from './plan.js'
import { programsOf } from './programs/index.js'
import { SimNode } from './sim-node.js'
import { judge } from './verdict.js'
import { Watch } from './watch.js'
import { Workload } from './workload.js'
import { Random } from '../random.js'
import { Scheduler } from '../scheduler.js'
import type { NodeOracle, OracleWorld } from './oracle.js'
import type { Handle, Program } from './programs/program.js'
import type { NamespacePlan, Plan } from './plan.js'

export interface RunOptions {
  readonly plan?: Partial<Plan>
  readonly trace?: (line: string) => void
  /** Promises to watch besides those that always hold. */
  readonly oracles?: (world: OracleWorld) => NodeOracle[]
}

export interface RunResult {
  readonly simulatedMs: number
  readonly acknowledged: number
  readonly reads: number
  readonly unknown: number
  readonly events: number
  readonly faults: ReadonlyMap<string, number>
  /** Of the processes that lived to the end. */
  readonly installed: number
  readonly elections: number
}

/** Within this time after all has healed, every group must serve again. */
const RECOVERY_MS = 30_000
/** Until the groups have formed, where no fault gets in the way. */
const FORMATION_MS = 20_000
const CLOSE_MS = 30_000
/** Events of one moment, over which it is taken for a loop. */
const MAX_AT_ONCE = 100_000

/** Nodes, clients, network and disks under one scheduler. The same seed is the same run. */
export class World {
  readonly scheduler = new Scheduler()
  readonly random: Random
  readonly plan: Plan
  readonly mesh: Mesh
  /** Members' nodes first, then clients'. */
  readonly nodes: SimNode[] = []
  readonly watch: Watch
  readonly nemesis: Nemesis
  readonly workload: Workload
  readonly programs: readonly Program[]
  readonly tracing: boolean
  private readonly byPeer = new Map<string, SimNode>()
  private readonly provided = new Map<string, Set<SimNode>>()
  private violation: Violation | undefined
  private events = 0
  private sinceTime = 0

  constructor (readonly seed: number, private readonly options: RunOptions = {}) {
    this.random = new Random(seed)
    this.plan = { ...drawPlan(this.random), programs: drawPrograms(new Random(~seed)), ...options.plan }
    this.tracing = options.trace !== undefined
    const { nodes, clients, network, drift, namespaces } = this.plan
    this.mesh = new Mesh(this.scheduler, this.random.fork(), network, () => this.nodes)
    this.watch = new Watch(this.nodes, new Map(namespaces.map(({ name }) => [name, new GroupPlaces(name)])), (oracle, detail) => { this.fail(oracle, detail) }, () => this.scheduler.now, options.oracles)
    for (let i = 0; i < nodes + clients; i++) {
      const node = new SimNode(this, i, 1 + drift * (2 * this.random.next() - 1), i >= nodes)
      this.nodes.push(node)
      this.byPeer.set(node.peer, node)
    }
    for (const plan of namespaces) for (const i of [...plan.founders, ...plan.late]) this.nodes[i].wanted.set(plan.name, plan)
    if (this.plan.meetAfterMs !== undefined) this.mesh.apart = (a, b) => !a.isClient && !b.isClient && !namespaces.some(({ founders }) => founders.includes(a.index) && founders.includes(b.index))
    this.nemesis = new Nemesis(this)
    this.workload = new Workload(this)
    this.programs = programsOf(this, this.plan.programs)
  }

  get clients (): SimNode[] { return this.nodes.filter(node => node.isClient) }

  nodeOf (peer: string): SimNode | undefined { return this.byPeer.get(peer) }

  provide (cid: string, node: SimNode): void {
    const known = this.provided.get(cid)
    if (known === undefined) this.provided.set(cid, new Set([node]))
    else known.add(node)
  }

  providers (cid: string): SimNode[] { return [...this.provided.get(cid) ?? []].filter(node => node.up) }

  async sleep (ms: number): Promise<void> {
    await new Promise<void>(resolve => { this.scheduler.after(ms, resolve) })
  }

  trace (line: string): void {
    this.options.trace?.(`${this.scheduler.now.toFixed(2).padStart(9)} ${line}`)
  }

  /** Judged after the event: thrown here, it might be caught by what is being judged. */
  fail (oracle: string, detail: string): void {
    if (this.violation !== undefined) return
    this.trace(`VIOLATION ${oracle}: ${detail}`)
    this.violation = new Violation(oracle, detail)
  }

  run (): RunResult {
    this.trace(JSON.stringify(this.plan))
    if (this.plan.founded) this.found()
    for (const node of this.clients) node.start()
    for (const node of this.nodes.filter(node => !node.isClient)) this.scheduler.after(this.random.next() * this.plan.staggerMs, () => { node.start() })
    if (this.plan.faultsFromStart) this.nemesis.start()
    else this.until('the groups form', FORMATION_MS, () => this.formed())
    if (this.plan.meetAfterMs !== undefined) this.scheduler.after(this.plan.meetAfterMs, () => { this.meet() })
    this.workload.start()
    for (const program of this.programs) program.start()
    if (!this.plan.faultsFromStart) this.nemesis.start()
    this.pass(this.plan.chaosMs)
    this.trace('all heals')
    this.nemesis.heal()
    this.settle()
    this.workload.stop()
    this.until('every call is answered', RECOVERY_MS, () => this.workload.open === 0)
    this.endPrograms()
    judge(this)
    this.check()
    const { installed, elections } = this.count()
    this.close()
    const { acknowledged, reads, unknown } = this.workload
    return { simulatedMs: this.scheduler.now, acknowledged, reads, unknown, events: this.events, faults: this.nemesis.counts, installed, elections }
  }

  /** Runs what `task` waits for, until it is done. */
  await<T> (what: string, ms: number, task: () => Promise<T>): T {
    let outcome: { value: T } | { error: Error } | undefined
    task().then(value => { outcome = { value } }, (error: Error) => { outcome = { error } })
    this.until(what, ms, () => outcome !== undefined)
    const ended = outcome as { value: T } | { error: Error } | undefined
    if (ended === undefined || 'error' in ended) throw new Violation(what, ended === undefined ? 'it did not' : String(ended.error.stack))
    return ended.value
  }

  private found (): void {
    for (const plan of this.plan.namespaces) {
      const nodes = plan.founders.map(i => this.nodes[i])
      for (const node of nodes) {
        void node.found(plan, nodes)
        drain()
        this.watch.started(node)
      }
    }
  }

  private meet (): void {
    this.trace('the two meshes see each other')
    this.mesh.join()
  }

  private formed (): boolean {
    return this.plan.namespaces.every(({ name, founders, late }) => [...founders, ...late].every(i => {
      const host = this.nodes[i].hosts.get(name)
      return host?.leader !== undefined && (host.state === 'leader' || host.state === 'follower')
    }))
  }

  /** Nobody harms anybody any more: every group serves, all who belong to it are members, and all hold the same. */
  private settle (): void {
    this.await('every group serves again after healing', RECOVERY_MS, async () => {
      await Promise.all(this.plan.namespaces.map(async namespace => { await this.workload.proveAlive(namespace) }))
    })
    this.until('all are members again after healing', RECOVERY_MS, () => this.formed())
  }

  private endPrograms (): void {
    const { programs, plan, clients } = this
    const inEach = (what: string, ask: (program: Program, kv: Handle, namespace: NamespacePlan) => Promise<void>): void => {
      for (const namespace of plan.namespaces) {
        for (const program of programs) {
          this.await(`${program.name}: ${what}`, RECOVERY_MS, async () => {
            await using client = clients[0].client(namespace, { timeouts: { request: RECOVERY_MS } })
            await ask(program, client, namespace)
          })
        }
      }
    }
    inEach('its last wishes are heard', async (program, kv, namespace) => { await program.lastWish(kv, namespace) })
    for (const program of programs) program.stop()
    for (const program of programs) this.until(`${program.name}: all come to an end`, RECOVERY_MS, () => program.open === 0)
    inEach('all is possible again', async (program, kv, namespace) => { await program.prove(kv, namespace) })
  }

  private count (): { installed: number, elections: number } {
    const stats = this.nodes.flatMap(node => [...node.hosts.values()].flatMap(({ group }) => group === undefined ? [] : [group.stats()]))
    return { installed: stats.reduce((sum, { snapshotsInstalled }) => sum + snapshotsInstalled, 0), elections: stats.reduce((sum, { elections }) => sum + elections, 0) }
  }

  private close (): void {
    this.await('all stop', CLOSE_MS, async () => { await Promise.all(this.nodes.map(async node => { await node.stop() })) })
  }

  private pass (ms: number): void {
    const end = this.scheduler.now + ms
    let over = false
    this.scheduler.after(ms, () => { over = true })
    while (!over && this.scheduler.now <= end) this.step()
  }

  private until (what: string, ms: number, done: () => boolean): void {
    const end = this.scheduler.now + ms
    drain()
    while (!done()) {
      if (this.scheduler.now > end) throw new Violation(what, `not within ${ms} ms: ${this.describe()}`)
      this.step()
    }
  }

  private step (): void {
    const before = this.scheduler.now
    if (!this.scheduler.step()) throw new Violation('something is always going on', this.describe())
    drain()
    this.events++
    this.sinceTime = this.scheduler.now > before ? 0 : this.sinceTime + 1
    if (this.sinceTime > MAX_AT_ONCE) throw new Violation('time goes on', `${MAX_AT_ONCE} events at the same moment: ${this.describe()}`)
    this.check()
  }

  private check (): void {
    if (this.violation !== undefined) throw this.violation
  }

  private describe (): string {
    return this.nodes.filter(node => !node.isClient).map(node => `${node.name} ${node.up ? '' : 'down '}${[...node.hosts.values()].map(host => {
      const status = host.group?.status()
      return `${host.namespace}: ${host.state} of ${host.leader === undefined ? 'nobody' : this.nodeOf(host.leader.toString())?.name ?? 'a stranger'}${status === undefined ? '' : ` term ${status.term} ${status.role} last ${status.lastIndex} commit ${status.commit} applied ${status.applied} voters ${status.configuration.voters.length} learners ${status.configuration.learners.length}`}`
    }).join(', ')}`).join('; ')
  }
}
