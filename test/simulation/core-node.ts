import { Raft } from '../../src/raft/raft.js'
import type { Core, Entry, LogFetch, MemberId, Message, Ready, SnapshotMeta, StorageWrite } from '../../src/raft/types.js'
import { extend } from './committed-log.js'
import { CoreCallers } from './core-callers.js'
import type { CoreDisk } from './core-disk.js'
import { CoreStorage } from './core-storage.js'
import type { NodeView } from './oracle.js'
import { leaseMs, TICK_MS } from './plan.js'
import type { Surroundings } from './surroundings.js'
import { describe } from './trace.js'

/** One core with the engine, disk and state machine that it is driven by in real life, reduced to what matters to it. */
export class CoreNode implements NodeView {
  raft!: Core
  up = false
  ticks = 0
  applied = 0
  digest = 0
  private readonly storage: CoreStorage
  private readonly callers: CoreCallers
  private toApply: Entry[] = []
  private applying = false
  private savingSnapshot = false
  private pumping = false
  private idleTicks = 0
  /** What arrives while the process is stopped. */
  private inbox: Array<() => void> | undefined
  /** Moves on every start and crash, so that what was under way in an earlier life finds nobody. */
  private life = 0
  private readonly period: number
  /** Its wall clock is wrong by this much. */
  private readonly skew: number

  constructor (readonly id: MemberId, private readonly world: Surroundings) {
    this.period = TICK_MS * (1 + (world.random.next() * 2 - 1) * world.plan.drift)
    this.skew = world.random.int(0, 1000)
    this.callers = new CoreCallers(this, world)
    this.storage = new CoreStorage(world, (delay, run) => this.later(delay, run), write => {
      for (const oracle of this.world.oracles) oracle.stored(this, write)
    }, batch => this.written(batch))
  }

  get disk (): CoreDisk { return this.storage.disk }
  get image (): CoreDisk { return this.storage.image }
  get waitingWrites (): number { return this.callers.waitingWrites + this.storage.writes.length }
  get waitingClients (): number { return this.callers.waiting }
  get wallTime (): number { return Math.floor(this.world.now) + this.skew }
  get paused (): boolean { return this.inbox !== undefined }

  // ---- life

  start (): void {
    const { plan, random } = this.world
    this.life++
    this.up = true
    this.ticks = 0
    this.idleTicks = 0
    this.inbox = undefined
    const state = this.storage.start()
    this.applied = state.applied
    this.digest = state.digest
    const initial = this.disk.initialState(random.int(this.disk.prevIndex + 1, Math.max(this.disk.prevIndex + 1, state.applied)))
    this.raft = new Raft({
      id: this.id,
      electionTicks: plan.electionTicks,
      heartbeatTicks: plan.heartbeatTicks,
      leaseReads: plan.leaseReads,
      leaseMs: leaseMs(plan),
      ...plan.limits,
      random: random.fork().next
    }, initial)
    for (const oracle of this.world.oracles) oracle.started(this, initial)
    this.world.trace(() => `${this.id} starts: term ${initial.hardState.term} log ${initial.prevIndex + 1}..${initial.lastIndex} applied ${initial.applied}`)
    this.scheduleTick(random.next() * this.period)
    this.pump()
  }

  crash (): void {
    if (!this.up) return
    this.life++
    this.up = false
    this.inbox = undefined
    const { kept, of } = this.storage.crash()
    this.callers.clear()
    this.toApply = []
    this.applying = false
    this.savingSnapshot = false
    this.pumping = false
    for (const oracle of this.world.oracles) oracle.crashed(this)
    this.world.trace(() => `${this.id} crashes: ${kept} of ${of} writes under way survive`)
  }

  pause (): void {
    if (this.up) this.inbox ??= []
  }

  /** What arrived meanwhile is taken in before the next tick, and that is one tick, however long the pause was. */
  resume (): void {
    const inbox = this.inbox
    this.inbox = undefined
    for (const run of inbox ?? []) run()
  }

  /** In this life of the node, once it is awake. */
  private later (delay: number, run: () => void): void {
    const life = this.life
    this.world.after(delay, () => {
      if (this.life !== life) return
      if (this.inbox !== undefined) this.inbox.push(() => { if (this.life === life) run() })
      else run()
    })
  }

  private scheduleTick (delay: number): void {
    const life = this.life
    this.world.after(delay, () => {
      if (this.life !== life) return
      this.scheduleTick(this.period)
      if (this.inbox !== undefined) return
      this.ticks++
      this.raft.tick(this.world.now)
      for (const oracle of this.world.oracles) oracle.ticked(this)
      this.maybeQuiesce()
      this.pump()
    })
  }

  private maybeQuiesce (): void {
    const { plan } = this.world
    if (!plan.quiesce || this.raft.quiesced || !this.raft.canQuiesce()) {
      this.idleTicks = 0
    } else if (++this.idleTicks >= plan.quiesceTicks) {
      this.idleTicks = 0
      this.raft.quiesce()
    }
  }

  // ---- inputs

  /** Runs `input` against the core, now or when the node is awake, and sees to what comes of it. */
  with (input: (raft: Core) => void): void {
    if (!this.up) return
    const life = this.life
    const run = (): void => {
      if (this.life !== life) return
      input(this.raft)
      this.soon()
    }
    if (this.inbox !== undefined) this.inbox.push(run)
    else run()
  }

  /** Returns whether it was accepted. */
  propose (ids: readonly number[], bytes: number): boolean {
    if (!this.up || this.paused) return false
    const result = this.raft.propose(ids.map(id => command(id, bytes)), this.wallTime)
    this.world.trace(() => `${this.id} propose ${ids.join(',')}: ${result.ok ? `at ${result.index}` : result.reason}`)
    if (result.ok) this.callers.wrote(ids, result.index, result.term)
    this.soon()
    return result.ok
  }

  read (lease: boolean): void {
    if (!this.up || this.paused) return
    const { context } = this.callers.beginRead(lease)
    this.world.trace(() => `${this.id} read ${context}${lease ? ' by lease' : ''}`)
    this.raft.readIndex(context, this.world.now, lease)
    this.soon()
  }

  /** The transfer of a snapshot to this node is complete and verified. */
  stage (from: MemberId, term: number, meta: SnapshotMeta, digest: number): void {
    this.with(raft => {
      this.storage.stage(meta, digest)
      raft.step({ type: 'install-snapshot', from, to: this.id, term, meta })
    })
  }

  // ---- outputs

  /** The engine gathers inputs for a while before it asks what to do next. */
  private soon (): void {
    const { plan, random } = this.world
    if (plan.gatherMs === 0) return this.pump()
    if (this.pumping) return
    this.pumping = true
    this.later(random.next() * plan.gatherMs, () => {
      this.pumping = false
      this.pump()
    })
  }

  private pump (): void {
    while (this.up && this.raft.hasReady()) this.carryOut(this.raft.ready())
  }

  private carryOut (ready: Ready): void {
    const { world } = this
    const { write } = ready
    if (write !== undefined) this.storage.write(write)
    world.trace(() => describe(this, ready))
    for (const oracle of world.oracles) oracle.ready(this, ready)
    world.learnCommitted(ready.committed)
    if (ready.soft !== undefined) this.callers.roleChanged()
    for (const message of ready.messages) this.send(message)
    if (write !== undefined) {
      if (world.sabotage.sendBeforeDurable === true) for (const message of write.messages) this.send(message)
      this.storage.sync()
    }
    if (ready.committed.length > 0) {
      this.toApply.push(...ready.committed)
      this.apply()
    }
    this.callers.results(ready.reads)
    for (const fetch of ready.fetches) this.fetch(fetch)
    for (const member of ready.snapshots) this.sendSnapshot(member)
  }

  private send (message: Message): void {
    for (const oracle of this.world.oracles) oracle.sent(this, message)
    // To itself: delivered as any other message, but through no network.
    if (message.to === this.id) this.later(0, () => this.with(raft => raft.step(message)))
    else this.world.send(message)
  }

  /** Messages, state and acknowledgements of writes that are done. One acknowledgement may stand for several. */
  private written (batch: readonly StorageWrite[]): void {
    const { plan, sabotage } = this.world
    for (const write of batch) {
      if (sabotage.sendBeforeDurable !== true) for (const message of write.messages) this.send(message)
      if (write.snapshot !== undefined) this.installed(write.snapshot)
      const newest = this.storage.writes.at(-1)
      if (sabotage.ackNewest === true && newest !== undefined) this.raft.stored(newest.ack)
      else if (plan.disk.ackEach || write === batch.at(-1)) this.raft.stored(write.ack)
    }
    const snapshot = batch.findLast(w => w.snapshot !== undefined)?.snapshot
    if (snapshot !== undefined) this.raft.applied(snapshot.index)
    this.soon()
  }

  private fetch ({ to, from, maxBytes }: LogFetch): void {
    const { syncMs } = this.world.plan.disk
    this.later(this.storage.delay(syncMs + 1), () => {
      const entries = this.storage.read(from, maxBytes)
      this.later(this.storage.delay(syncMs + 1), () => this.with(raft => {
        this.world.trace(() => `${this.id} fetched ${entries.length} entries from ${from} for ${to}`)
        raft.fetched(to, from, entries)
      }))
    })
  }

  // ---- state machine

  private apply (): void {
    if (this.applying || this.toApply.length === 0) return
    this.applying = true
    const { plan, random } = this.world
    this.later(random.exponential(plan.disk.applyMs), () => {
      this.applying = false
      const entries = this.toApply.splice(0, random.int(1, Math.max(1, this.toApply.length)))
      for (const entry of entries) this.applyOne(entry)
      if (entries.length > 0) this.raft.applied(this.applied)
      this.callers.advance()
      if (this.applied - (this.image.snapshot?.index ?? 0) >= plan.snapshotEvery) this.takeSnapshot()
      this.apply()
      this.soon()
    })
  }

  private applyOne (entry: Entry): void {
    this.digest = extend(this.digest, entry)
    this.applied = entry.index
    this.storage.saveApplied({ applied: this.applied, digest: this.digest })
    for (const oracle of this.world.oracles) oracle.applied(this, entry)
    this.callers.applied(entry)
  }

  // ---- snapshots

  private installed (meta: SnapshotMeta): void {
    this.applied = meta.index
    this.digest = this.storage.stagedDigest(meta)
    this.toApply = this.toApply.filter(e => e.index > meta.index)
    for (const oracle of this.world.oracles) oracle.installed(this, meta)
    this.world.trace(() => `${this.id} installed snapshot ${meta.index}`)
    this.callers.installed(meta.index)
  }

  private takeSnapshot (): void {
    const { plan, random, sabotage } = this.world
    // Not while one that came from the leader is on its way to the disk: the log behind it is gone.
    if (this.savingSnapshot || this.applied <= (this.image.snapshot?.index ?? 0) || this.applied < this.raft.status().firstIndex) return
    this.savingSnapshot = true
    let meta = this.raft.snapshotMeta(this.applied)
    if (sabotage.snapshotOfUncommitted === true) {
      const { configuration, configurationIndex } = this.raft.status()
      meta = { ...meta, configuration, configurationIndex }
    }
    const digest = this.digest
    this.later(random.exponential(plan.snapshotMs), () => {
      this.savingSnapshot = false
      // One that came from the leader meanwhile is newer, even if the core has not handed it out yet.
      if (meta.index <= (this.image.snapshot?.index ?? 0) || meta.index < this.raft.status().firstIndex) return
      this.storage.saveSnapshot(meta, digest)
      const prevIndex = this.raft.compact(meta, plan.trailing)
      this.storage.cut(prevIndex)
      this.world.trace(() => `${this.id} compacts to ${prevIndex} behind snapshot ${meta.index}`)
      this.soon()
    })
  }

  private sendSnapshot (to: MemberId): void {
    const meta = this.disk.snapshot
    if (meta === undefined || meta.index < this.image.prevIndex) {
      // None yet: take one, and let the core ask again.
      this.takeSnapshot()
      this.later(TICK_MS, () => this.with(raft => raft.snapshotFailed(to)))
      return
    }
    this.world.sendSnapshot(this.id, to, this.raft.term, meta, this.storage.snapshotDigest, sent => this.with(raft => {
      this.world.trace(() => `${this.id} ${sent ? 'sent' : 'failed to send'} snapshot ${meta.index} to ${to}`)
      if (sent) raft.snapshotSent(to, meta.index)
      else raft.snapshotFailed(to)
    }))
  }
}

function command (id: number, bytes: number): Uint8Array {
  const data = new Uint8Array(Math.max(4, bytes))
  new DataView(data.buffer).setUint32(0, id)
  return data
}
