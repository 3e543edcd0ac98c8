import { encodeConfiguration } from '../../src/raft/configuration.js'
import type { Configuration, Entry, MemberChange, MemberId, Message, SnapshotMeta } from '../../src/raft/types.js'
import { CommittedLog } from './committed-log.js'
import { CoreNemesis } from './core-nemesis.js'
import { CoreNetwork } from './core-network.js'
import { CoreNode } from './core-node.js'
import { Oracle, Violation } from './oracle.js'
import type { NodeView, Read, WorldView } from './oracle.js'
import { oracles } from './oracles/index.js'
import { drawPlan, leaseMs, TICK_MS } from './plan.js'
import type { Plan } from './plan.js'
import { Random } from './random.js'
import type { Sabotage } from './sabotage.js'
import { Saboteur } from './sabotage.js'
import { Scheduler } from './scheduler.js'
import type { Surroundings } from './surroundings.js'
import { show } from './trace.js'

/** After everything has healed: how long, in election timeouts, nothing may get anywhere, and how long until all is settled. */
const STALL_BOUND = 20
const SETTLE_BOUND = 300

export interface RunOptions {
  /** Called with each line; formatting is skipped without it. */
  readonly trace?: (line: string) => void
  readonly sabotage?: Sabotage
  /** Only these oracles, by name; all by default. */
  readonly oracles?: readonly string[]
  readonly plan?: Partial<Plan>
}

export interface RunResult {
  readonly committed: number
  readonly events: number
  readonly terms: number
  readonly acknowledged: number
  readonly reads: number
  readonly healedIn: number
  readonly simulatedMs: number
}

/** Counts what got done. */
class Tally extends Oracle {
  readonly name = 'tally'
  writes = 0
  reads = 0

  override acknowledged (): void { this.writes++ }
  override readDone (_node: NodeView, _read: Read, index: number | undefined): void { if (index !== undefined) this.reads++ }
}

/** A group of cores, their network and disks, clients and faults, in one seeded run. */
export class CoreWorld implements Surroundings, WorldView {
  readonly plan: Plan
  readonly random: Random
  readonly sabotage: Sabotage
  readonly oracles: readonly Oracle[]
  readonly committed = new CommittedLog()
  readonly nodes: CoreNode[]
  private readonly tally = new Tally(this)
  private events = 0
  private readonly scheduler = new Scheduler()
  readonly network: CoreNetwork
  private readonly nemesis = new CoreNemesis(this)
  private readonly byId = new Map<MemberId, CoreNode>()
  private readonly saboteur: Saboteur
  healed = false
  private commands = 0
  private readonly out: ((line: string) => void) | undefined

  constructor (seed: number, options: RunOptions) {
    this.random = new Random(seed)
    this.plan = { ...drawPlan(this.random), ...options.plan }
    this.sabotage = options.sabotage ?? {}
    this.saboteur = new Saboteur(this.sabotage, this.byId)
    this.out = options.trace
    this.trace(() => JSON.stringify(this.plan))
    this.network = new CoreNetwork(this.plan, this.random, this.scheduler, message => this.deliver(message))
    this.oracles = [this.tally, ...oracles(this).filter(o => options.oracles?.includes(o.name) ?? true)]
    this.nodes = this.makeNodes()
    for (const node of this.nodes) this.byId.set(node.id, node)
  }

  get now (): number { return this.scheduler.now }
  get leaseMs (): number | undefined { return this.plan.leaseReads ? leaseMs(this.plan) : undefined }
  get floor (): number { return this.committed.last }

  after (delay: number, run: () => void): void {
    this.scheduler.after(delay, run)
  }

  trace (line: () => string): void {
    this.out?.(`${this.scheduler.now.toFixed(2)} ${line()}`)
  }

  // ---- the group

  /** Founders share a genesis entry that is committed by their agreement; spares know of nobody. */
  private makeNodes (): CoreNode[] {
    const { founders, learners, spares } = this.plan
    const ids = Array.from({ length: founders + learners + spares }, (_, i) => `n${i + 1}`)
    const configuration: Configuration = { voters: ids.slice(0, founders), outgoing: [], learners: ids.slice(founders, founders + learners), learnersNext: [] }
    const genesis: Entry = { index: 1, term: 1, kind: 'config', time: 0, data: encodeConfiguration(configuration) }
    return ids.map((id, i) => {
      const node = new CoreNode(id, this)
      if (i < founders + learners) {
        node.disk.entries.push(genesis)
        node.disk.hardState = { term: 1, commit: 1 }
      }
      return node
    })
  }

  send (message: Message): void {
    this.saboteur.sent(message)
    this.network.send(message)
  }

  private deliver (message: Message): void {
    const node = this.byId.get(message.to)
    if (node === undefined) throw new Error(`a message to ${message.to}, who does not exist`)
    node.with(raft => {
      this.trace(() => `  deliver ${show(message)}`)
      raft.step(this.saboteur.distort(message, node))
    })
  }

  sendSnapshot (from: MemberId, to: MemberId, term: number, meta: SnapshotMeta, digest: number, done: (sent: boolean) => void): void {
    const transfer = this.random.exponential(this.plan.snapshotMs) + this.network.delay()
    this.scheduler.after(transfer, () => {
      const target = this.byId.get(to)
      if (target?.up !== true || this.network.loses(from, to)) return this.scheduler.after(10 * TICK_MS, () => done(false))
      this.trace(() => `  snapshot ${meta.index} ${from}->${to} arrives`)
      target.stage(from, term, meta, digest)
      const lost = this.network.loses(to, from)
      this.scheduler.after(lost ? 10 * TICK_MS : this.network.delay(), () => done(!lost))
    })
  }

  learnCommitted (entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.index > this.committed.last) this.committed.add(entry)
  }

  // ---- a run

  run (): RunResult {
    for (const node of this.nodes) node.start()
    this.nemesis.start()
    this.startClients()
    while (this.scheduler.now < this.plan.chaosMs) this.next()
    const healedIn = this.settle()
    for (const oracle of this.oracles) oracle.finished()
    const terms = Math.max(...this.nodes.map(n => n.raft.term))
    return { committed: this.committed.last, terms, healedIn, events: this.events, acknowledged: this.tally.writes, reads: this.tally.reads, simulatedMs: this.now }
  }

  private next (): void {
    this.events++
    if (!this.scheduler.step()) throw new Error('nothing is left to happen')
  }

  /** Faults end; within a bound a new write must be done and known to every member, with no caller left waiting. Returns the ticks taken. */
  private settle (): number {
    this.heal()
    const healedAt = this.scheduler.now
    const timeout = this.plan.electionTicks * TICK_MS
    let progress = { sum: -1, at: healedAt }
    let probe = 0
    while (this.scheduler.now - progress.at < STALL_BOUND * timeout && this.scheduler.now - healedAt < SETTLE_BOUND * timeout) {
      const until = this.scheduler.now + TICK_MS
      while (this.scheduler.now < until) this.next()
      const sum = this.nodes.reduce((total, node) => total + node.applied + node.disk.lastIndex, 0)
      if (sum !== progress.sum) progress = { sum, at: this.scheduler.now }
      const leader = this.leader()
      if (leader === undefined) continue
      if (probe === 0 || !this.isCommitted(probe)) {
        if (leader.waitingClients === 0 && leader.propose([++this.commands], 4)) probe = this.commands
      } else if (this.settled(leader)) {
        return Math.ceil((this.scheduler.now - healedAt) / TICK_MS)
      }
    }
    throw new Violation('progress after healing', `no settled group ${Math.round((this.scheduler.now - healedAt) / timeout)} election timeouts after the last fault: ${this.nodes.map(n => this.summary(n)).join('; ')}`)
  }

  private heal (): void {
    this.healed = true
    this.trace(() => 'heal')
    this.network.heal()
    for (const node of this.nodes) {
      if (node.up) node.resume()
      else node.start()
    }
    for (const node of this.nodes) for (const other of this.nodes) if (node !== other) node.with(raft => raft.reachable(other.id))
  }

  private isCommitted (command: number): boolean {
    const last = this.committed.entry(this.committed.last)
    for (let index = this.committed.last; index > 0 && index > this.committed.last - 20; index--) {
      const data = this.committed.entry(index)?.data
      if (data !== undefined && data.length >= 4 && new DataView(data.buffer, data.byteOffset).getUint32(0) === command) return true
    }
    return last === undefined
  }

  private settled (leader: CoreNode): boolean {
    const { configuration, configurationPending } = leader.raft.status()
    // A leader that was removed has handed over by now.
    if (configuration.outgoing.length > 0 || configurationPending || !configuration.voters.includes(leader.id)) return false
    // Who is no member any more may know an index to read at, but never get there.
    return [...configuration.voters, ...configuration.learners].map(id => this.byId.get(id)).every(n => n?.applied === this.committed.last && n.waitingClients === 0)
  }

  leader (): CoreNode | undefined {
    const leaders = this.nodes.filter(n => n.up && !n.paused && n.raft.role === 'leader')
    return leaders.sort((a, b) => b.raft.term - a.raft.term)[0]
  }

  private summary (node: CoreNode): string {
    const s = node.raft.status()
    const progress = s.progress.map(p => `${p.member} ${p.state} ${p.match}/${p.next} inflight ${p.inflight}`).join(', ')
    return `${node.id} ${s.role} term ${s.term} leader ${s.leader ?? 'none'} log ${s.firstIndex}..${s.lastIndex} stored ${s.storedIndex} commit ${s.commit} applied ${node.applied}/${s.applied}` +
      `${s.quiesced ? ' quiesced' : ''} waiting ${node.waitingClients} configuration ${s.configurationIndex} ${JSON.stringify(s.configuration)}${progress === '' ? '' : ` [${progress}]`}`
  }

  /** Again and again while faults last, at random times. */
  every (meanMs: number, run: () => void): void {
    if (meanMs === Infinity) return
    this.scheduler.after(this.random.exponential(meanMs), () => {
      if (this.healed) return
      run()
      this.every(meanMs, run)
    })
  }

  // ---- clients

  private startClients (): void {
    const { every, leaseReads } = this.plan
    const { random } = this
    this.every(every.propose, () => {
      const ids = Array.from({ length: random.int(1, 4) }, () => ++this.commands)
      this.likelyLeader().propose(ids, this.plan.valueBytes)
    })
    this.every(every.read, () => (random.chance(0.5) ? this.likelyLeader() : random.pick(this.nodes)).read(leaseReads && random.chance(0.5)))
    this.every(every.change, () => this.changeMembers())
    this.every(every.transfer, () => this.likelyLeader().with(raft => {
      const result = raft.transfer(random.chance(0.3) ? undefined : random.pick(this.nodes).id)
      this.trace(() => `${raft.id} transfer: ${result.ok ? 'ok' : result.reason}`)
    }))
    this.every(every.campaign, () => random.pick(this.nodes).with(raft => {
      if (random.chance(0.1)) raft.stepDown()
      else raft.campaign(random.chance(0.7))
    }))
  }

  /** Clients mostly know who leads; sometimes they are wrong, and sometimes they reach a leader that has been replaced. */
  private likelyLeader (): CoreNode {
    const leaders = this.nodes.filter(n => n.up && n.raft.role === 'leader')
    return leaders.length > 0 && this.random.chance(0.9) ? this.random.pick(leaders) : this.random.pick(this.nodes)
  }

  private changeMembers (): void {
    const { random } = this
    const node = this.likelyLeader()
    // The one that leads is the most interesting to remove.
    const ids = random.chance(0.15) ? [node.id] : random.shuffle(this.nodes.map(n => n.id))
    const members = ids.slice(0, random.chance(0.6) ? 1 : random.int(1, ids.length))
    // A group that shrinks has a small majority soon, beside a large one that is still needed.
    const shrinks = random.chance(0.3)
    const ops = shrinks ? ['add-learner', 'remove'] as const : ['add-voter', 'add-voter', 'add-learner', 'remove'] as const
    const changes = members.map((member): MemberChange => ({ op: random.pick(ops), member }))
    node.with(raft => {
      const expected = random.chance(0.2) ? random.pick([raft.status().configurationIndex, 1]) : undefined
      const result = raft.changeMembers(changes, node.wallTime, expected)
      this.trace(() => `${raft.id} change ${changes.map(c => `${c.op} ${c.member}`).join(', ')}: ${result.ok ? `at ${result.index}` : result.reason}`)
      if (result.ok) this.nemesis.changing(node)
    })
  }
}
