import { GroupFailedError, StorePoisonedError } from '../errors.js'
import { ApplyQueue } from './apply-queue.js'
import { asError } from './deferred.js'
import { GroupMembers } from './group-members.js'
import { GroupSnapshots } from './group-snapshots.js'
import { Inbox } from './inbox.js'
import { Outbox } from './outbox.js'
import { PendingWrites } from './pending-writes.js'
import { endedError, Proposals } from './proposals.js'
import { Reads } from './reads.js'
import { GroupEventQueue } from './group-events.js'
import { Transfers } from './transfers.js'
import type { HostedMachine } from '../machine/types.js'
import type { Core, Entry, LogFetch, MemberId, Message, Ready, SoftState } from '../raft/types.js'
import type { GroupStorage } from '../storage/types.js'
import type { GroupFrame } from '../wire/types.js'
import type { GroupHost, GroupParts } from './group-host.js'
import type { GroupInit, GroupLimits, TickPlan } from './options.js'
import type { LandedWrite } from './pending-writes.js'

/** A group that has been idle for so many election timeouts goes quiet. */
const QUIET_AFTER = 2
/** Election timeouts that a read or a transfer may wait for a leader. */
const PATIENCE = 5

/**
 * One group on this node: the core, and all that carries out what the core asks for. The way of a write through it:
 * `proposals` → `core.propose` → `ready()`: messages leave by `outbox`, the entry goes to `writes` → durable: `landed` → committed:
 * `applies` → `applied` answers the waiter in `proposals`.
 *
 * Any throw from the core or the machine ends this group, loudly, before it can answer; the others go on.
 */
export class Group {
  readonly namespace: string
  readonly clusterId: Uint8Array
  readonly self: MemberId
  readonly core: Core
  readonly storage: GroupStorage
  readonly machine: HostedMachine
  readonly init: GroupInit
  readonly limits: GroupLimits
  readonly writes: PendingWrites
  readonly proposals: Proposals
  readonly reads: Reads
  readonly transfers: Transfers
  readonly applies: ApplyQueue
  readonly snapshots: GroupSnapshots
  readonly events = new GroupEventQueue()
  readonly counters = { strangers: 0, proposals: 0, applied: 0, reads: 0, elections: 0, leaderChanges: 0 }
  /** Milliseconds after which a read, or a transfer, that found no leader is given up. */
  readonly patienceMs: number
  failure: Error | undefined
  /** In the engine's queue of groups with work. */
  marked = false
  readonly #host: GroupHost
  readonly #plan: TickPlan
  readonly #phase: number
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #members: GroupMembers
  #soft: SoftState
  /** Term in which this member won and has not said so yet: it has applied nothing of that term. */
  #unannounced: number | undefined
  #tickIsDue = false
  #tickWaited = false
  #quietTicks = 0
  #ticking = false
  #retired = false
  #ended = false

  constructor (host: GroupHost, { init, clusterId, core, plan, limits }: GroupParts) {
    this.#host = host
    this.#plan = plan
    this.#phase = host.random()
    this.init = init
    this.limits = limits
    this.core = core
    this.namespace = init.namespace
    this.clusterId = clusterId
    this.self = core.id
    this.storage = init.storage
    this.machine = init.machine
    this.patienceMs = PATIENCE * init.timings.electionMs
    this.writes = new PendingWrites(init.storage)
    this.proposals = new Proposals(init.namespace, limits.maxQueuedProposals, limits.maxUncommittedBytes)
    this.reads = new Reads(init.namespace, this.patienceMs)
    this.transfers = new Transfers(init.namespace)
    this.applies = new ApplyQueue(init.machine, init.machine.appliedIndex, {
      applied: (entries, results) => { this.#applied(entries, results) },
      failed: error => { this.fail(error) },
      more: () => { host.mark(this) }
    })
    this.snapshots = new GroupSnapshots(this, host)
    this.#inbox = new Inbox(limits.maxInbox)
    this.#outbox = new Outbox({ network: host.network, clock: host.clock, clusterId, self: core.id, commitDelayMs: init.timings.heartbeatMs / 10 })
    this.#members = new GroupMembers(core.id, core.status().configuration, core.possibleMembers())
    this.#soft = { role: core.role, term: core.term, leader: core.leader }
    host.peers.set(this, this.#members.peers)
    this.#keepTicking()
  }

  /** Failed or closed: nothing enters, nothing leaves. */
  get ended (): boolean { return this.#ended }
  get leader (): MemberId | undefined { return this.core.leader }
  get dropped (): number { return this.#inbox.dropped }

  // What comes in: kept for the turn.

  accept (frame: GroupFrame): boolean {
    if (this.#ended || frame.to !== this.self || frame.from === this.self) return false
    if (!this.takesFrom(frame.from)) return false
    for (const message of frame.messages) {
      // Only this node's own engine says that a snapshot is complete here.
      const valid = message.type !== 'install-snapshot' && message.from === frame.from && message.to === this.self
      if (valid) this.#inbox.push(message)
    }
    this.#host.mark(this)
    return true
  }

  /** A stranger's word is dropped, whatever it says: somebody must vouch for it first. */
  takesFrom (member: MemberId): boolean {
    if (this.#members.accepts(member)) return true
    this.counters.strangers++
    // A leader that a majority answers knows all members there are.
    if (this.core.role === 'leader' && !this.core.quiesced) return false
    if (!this.#members.metStranger(member)) return false
    this.events.push('stranger', member)
    this.#host.mark(this)
    return false
  }

  accepts (member: MemberId): boolean { return this.#members.accepts(member) }

  get trustedPeers (): ReadonlySet<string> { return this.#members.trusted }

  vouch (members: Iterable<MemberId>, index: number): void {
    if (this.#ended || !this.#members.vouch(members, index)) return
    this.#host.peers.set(this, this.#members.peers)
    this.#host.mark(this)
  }

  tickDue (): void {
    this.#tickIsDue = true
    this.#host.mark(this)
  }

  membersAt (peer: string): MemberId[] { return this.#members.at(peer) }

  peerUp (member: MemberId): void { this.run(core => { core.reachable(member) }) }

  peerDown (member: MemberId): void { this.run(core => { core.unreachable(member) }) }

  /** Do something to the core between two turns; what it leads to happens in the next. */
  run<T> (work: (core: Core) => T): T | undefined {
    if (this.#ended) return undefined
    try {
      return work(this.core)
    } catch (thrown) {
      this.fail(asError(thrown))
      return undefined
    } finally {
      this.#host.mark(this)
    }
  }

  // A turn, in the engine's order: step, tick, collect; the engine then writes; then apply.

  work (now: number): void {
    if (this.#ended) return
    try {
      this.#step()
      if (this.proposals.queued > 0) this.counters.proposals += this.proposals.submit(this.core, this.#host.clock.wall())
      this.reads.issue(this.core, now)
      this.#tick(now)
      this.#collect()
      this.#installIfPrepared()
      this.#outbox.flush()
      this.#keepTicking()
    } catch (thrown) {
      this.fail(asError(thrown))
    }
    this.#members.forgetStrangers()
    if (!this.#ended && (this.#inbox.length > 0 || (this.#tickIsDue && !this.#retired) || this.reads.issuable)) this.#host.mark(this)
    this.events.flush()
  }

  apply (done: () => boolean): void {
    if (this.#ended) return
    try {
      this.applies.run(done)
      if (this.core.hasReady()) this.#host.mark(this)
    } catch (thrown) {
      this.fail(asError(thrown))
    }
    this.events.flush()
  }

  /** These writes are durable: whatever waited for that happens now, and not a moment earlier. */
  landed (writes: readonly LandedWrite[]): void {
    if (this.#ended) return
    try {
      for (const { messages, acks, install } of writes) {
        this.#say(messages)
        for (const ack of acks) this.core.stored(ack)
        if (install !== undefined) void this.#commitInstall()
      }
      this.#outbox.flush()
    } catch (thrown) {
      this.fail(asError(thrown))
    }
    this.#host.mark(this)
  }

  #step (): void {
    for (let stepped = 0; stepped < this.#host.options.messagesPerTurn; stepped++) {
      const message = this.#inbox.shift()
      if (message === undefined) return
      this.core.step(message)
    }
  }

  #tick (now: number): void {
    if (!this.#tickIsDue || this.#retired) return
    // What has arrived is stepped before time moves on: it may well be the leader's heartbeat. But not for ever: an overload
    // must not stop the clock.
    if (this.#inbox.length > 0 && !this.#tickWaited) {
      this.#tickWaited = true
      return
    }
    this.#tickIsDue = this.#tickWaited = false
    this.reads.retry()
    this.reads.expire(now)
    this.transfers.tick(this.core, now)
    this.#host.writes.nudge(this)
    if (this.#host.writes.stalledFor(now) > this.init.timings.electionMs) {
      // A leader whose disk stands still would keep its followers from electing one that can write.
      if (this.core.role !== 'follower') this.core.stepDown()
      return
    }
    this.core.tick(now)
    this.#quiesceIfIdle()
  }

  #quiesceIfIdle (): void {
    const idle = this.core.role === 'leader' && !this.reads.pending && this.proposals.waiting === 0 && this.core.canQuiesce()
    this.#quietTicks = idle ? this.#quietTicks + 1 : 0
    if (this.#quietTicks <= QUIET_AFTER * this.#plan.electionTicks) return
    this.#quietTicks = 0
    this.core.quiesce()
  }

  /** Groups that are quiet are not in the ticker: what is idle costs nothing. Who waits for something here still needs the time to pass. */
  #keepTicking (): void {
    const active = !this.#ended && !this.#retired && (!this.core.quiesced || this.reads.pending || this.transfers.pending)
    if (active === this.#ticking) return
    this.#ticking = active
    if (active) this.#host.ticker.add(this, this.#plan.tickMs, this.#phase)
    else this.#host.ticker.remove(this)
  }

  #collect (): void {
    while (this.core.hasReady()) this.#carryOut(this.core.ready())
  }

  #carryOut ({ soft, configuration, messages, write, committed, reads, fetches, snapshots }: Ready): void {
    if (soft !== undefined) this.#softChanged(soft)
    if (configuration !== undefined) {
      this.#members.update(configuration.configuration, this.core.possibleMembers())
      this.#host.peers.set(this, this.#members.peers)
      this.events.push('configuration', configuration)
    }
    this.#say(messages)
    // A member that was removed has its link closed at the end of this turn, and should hear of it before.
    if (configuration !== undefined) this.#outbox.release()
    if (write !== undefined) {
      const install = write.snapshot === undefined ? undefined : this.snapshots.installs.taken(write.snapshot)
      if (write.snapshot !== undefined) this.applies.beginInstall(write.snapshot.index)
      this.writes.add(write, install)
      this.#host.writes.add(this)
    }
    this.applies.push(committed)
    if (reads.length > 0) this.counters.reads += this.reads.results(reads, this.applies.applied)
    for (const fetch of fetches) void this.#fetch(fetch)
    for (const member of snapshots) this.#host.sender.send(this.snapshots, member)
  }

  #say (messages: readonly Message[]): void {
    for (const message of messages) this.#outbox.push(message)
  }

  #softChanged (soft: SoftState): void {
    const before = this.#soft
    this.#soft = soft
    if (soft.role === 'candidate' && before.role !== 'candidate') this.counters.elections++
    if (soft.leader !== undefined && soft.leader !== before.leader) this.counters.leaderChanges++
    if (soft.role !== 'leader') this.#host.sender.forget(this.snapshots)
    if (soft.leader !== undefined) this.reads.retry()
    this.transfers.soft(soft)
    this.#unannounced = soft.role === 'leader' ? soft.term : undefined
    if (soft.role !== 'leader') this.events.push('leader', soft)
  }

  #applied (entries: readonly Entry[], results: readonly Uint8Array[]): void {
    const { index, term } = entries[entries.length - 1]
    this.counters.applied += entries.length
    this.core.applied(index)
    this.proposals.applied(entries, results)
    this.counters.reads += this.reads.applied(index)
    // Until then its state may lack what the leader before it acknowledged, and whoever asks "who leads?" goes on to read it (NATS).
    if (this.#unannounced === term) {
      this.#unannounced = undefined
      this.events.push('leader', this.#soft)
    }
    this.snapshots.considerBuild()
    this.events.push('applied', index)
  }

  #installIfPrepared (): void {
    if (!this.applies.idle) return
    const message = this.snapshots.installs.toStep()
    if (message === undefined) return
    this.core.step(message)
    this.#collect()
    this.snapshots.installs.dropUnlessTaken()
  }

  async #commitInstall (): Promise<void> {
    try {
      const { index, term } = await this.snapshots.installs.commit()
      if (this.#ended) return
      this.core.applied(index)
      this.applies.installed(index)
      this.proposals.skipped(index, term)
      this.counters.reads += this.reads.applied(index)
      this.snapshots.installed(index)
      this.events.push('applied', index)
      this.#host.mark(this)
    } catch (thrown) {
      this.fail(asError(thrown))
    }
  }

  async #fetch ({ to, from, maxBytes }: LogFetch): Promise<void> {
    try {
      const entries = await this.storage.read(from, maxBytes)
      this.run(core => { core.fetched(to, from, entries) })
    } catch (thrown) {
      this.fail(asError(thrown))
    }
  }

  // The end.

  /** It is about to close: it leads no more, and must not stand for election while what it has in hand is finished. */
  retire (): void {
    this.#retired = true
    this.run(core => { core.stepDown() })
  }

  /** Stops this group for good on this node. Whoever waits is answered; nothing that it had in hand leaves. */
  fail (error: Error): void {
    if (this.#ended) return
    const poisoned = error instanceof StorePoisonedError
    const failure = poisoned ? error : new GroupFailedError(`${this.namespace} stopped on this node (${error.message}): restart the process, and report this if it comes back`, { cause: error })
    this.failure = failure
    this.#host.log.error('%s failed: %s', this.namespace, error.stack ?? error.message)
    this.snapshots.installs.fail(failure)
    this.end(failure)
    if (poisoned) {
      try {
        // Nothing it says leaves any more; this is for whoever asks here who leads.
        this.core.stepDown()
      } catch (thrown) {
        this.#host.log.error('%s: stepping down failed too: %s', this.namespace, asError(thrown).message)
      }
    }
    this.events.push('failed', failure)
    this.events.flush()
  }

  /** Let go of everything that the engine holds for this group, and answer whoever waits. `unknown`: for those whose write may yet happen. */
  end (unknown: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#inbox.clear()
    this.#outbox.stop()
    this.applies.stop()
    this.#host.writes.remove(this)
    this.#host.ticker.remove(this)
    this.#host.peers.set(this, new Set())
    this.#host.peers.flush()
    this.#host.sender.forget(this.snapshots)
    void this.#host.builder.forget(this.snapshots)
    const refused = endedError(this.namespace, this.failure)
    this.proposals.end(refused, unknown)
    this.reads.end(this.failure ?? refused)
    this.transfers.end(this.failure ?? refused)
  }
}
