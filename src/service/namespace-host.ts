import { setMaxListeners } from 'node:events'
import { peerIdFromString } from '@libp2p/peer-id'
import { ClosedError, EncryptionKeyError, InvalidArgumentError, MembershipError, NoLeaderError, NotLeaderError, UnavailableError } from '../errors.js'
import { KvMachine, MachineAdapter } from '../machine/index.js'
import { openGroupStorage } from '../storage/index.js'
import { incarnationOf } from '../wire/index.js'
import { Cluster } from './cluster.js'
import { bounded, timeLimit } from './deadlines.js'
import { hex, isMember, peerPart, viewMembers } from './group-view.js'
import { KvServices } from './kv-services.js'
import { MemberOperations } from './member-operations.js'
import { MemberQueries } from './member-queries.js'
import { Membership } from './membership.js'
import { RejoinMark } from './rejoin-mark.js'
import { ClosedHere } from './retry.js'
import type { ClusterState } from './api.js'
import type { Client as GuestClient } from './client.js'
import type { ChangeFeed } from './change-feed.js'
import type { Manner } from './member-operations.js'
import type { Wanted } from './queries.js'
import type { NodeContext } from './node-context.js'
import type { ResolvedJoinOptions } from './options.js'
import type { CronScheduler } from '../recipes/cron/scheduler.js'
import type { Timer } from '../clock.js'
import type { Engine, GroupHandle, LeaderChange } from '../engine/index.js'
import type { HostedMachine, KvState } from '../machine/index.js'
import type { MemberId, RaftStatus } from '../raft/types.js'
import type { AtRest, GroupStorage, OrderedStore } from '../storage/index.js'
import type { AbortOptions, Logger, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const CLOSE_TIMEOUT_MS = 5_000

/** The built-in state machine of a group, and what goes by it. */
interface Kv { readonly state: KvState, readonly services: KvServices, readonly cron: CronScheduler }

/** The state, and how old it may be (ms) by the time that it is asked. */
export interface Readable { readonly kv: KvState, readonly feed: ChangeFeed, readonly age: () => number }

/** One namespace on this node: its storage, its state machine, its group once there is one, and how it came to be a member. */
export class NamespaceHost {
  readonly cluster: Cluster
  readonly operations: MemberOperations
  readonly queries: MemberQueries
  readonly membership: Membership
  readonly log: Logger
  group: GroupHandle | undefined
  /** This member leads, and has applied an entry of its own term. */
  leading = false
  /** Peer id of the leader that this member follows or is. */
  leader: PeerId | undefined
  provisional = false
  /** What a peer said last that could not read this node: most likely the reason why there is no group or leader here. */
  keyTrouble: string | undefined
  private current: ClusterState = 'forming'
  private kv: Kv | undefined
  /** When the call began (monotonic ms) that was the last to find that this member lacks nothing. */
  private confirmedAt = -Infinity
  private storage: GroupStorage | undefined
  private guestClient: GuestClient | undefined
  private failure: Error | undefined
  private closing: Promise<void> | undefined
  private running: Promise<void> = Promise.resolve()
  private electionTimer: Timer | undefined
  private readonly stopping = new AbortController()
  private readonly waiting = new Set<() => void>()

  constructor (readonly namespace: string, readonly options: ResolvedJoinOptions, readonly node: NodeContext, private readonly onClosed: () => void) {
    this.log = node.logger.forComponent(`raft:${namespace}`)
    // Every watch and lease of a program listens to it: many are no leak.
    setMaxListeners(0, this.stopping.signal)
    this.operations = new MemberOperations(this)
    this.queries = new MemberQueries(this)
    this.membership = new Membership(this)
    this.cluster = new Cluster(this)
  }

  get state (): ClusterState { return this.current }
  get atRest (): AtRest | undefined { return this.storage?.atRest }
  get clusterId (): string | undefined { return this.group === undefined ? undefined : hex(this.group.clusterId) }

  get incarnation (): string | undefined { return this.group === undefined ? undefined : incarnationOf(this.group.self) }

  /** Not a member yet, and without a leader to follow: whatever a caller wants, other members must do. */
  get isGuest (): boolean { return this.current === 'joining' && this.leader === undefined }

  /** Aborts when the handle is closed. */
  get signal (): AbortSignal { return this.stopping.signal }

  /** Asks other members as one who is none. */
  get guest (): GuestClient {
    this.guestClient ??= this.node.makeGuest(this.namespace, { timeouts: { request: this.options.requestMs } })
    return this.guestClient
  }

  readonly addressesOf = (peer: string): Multiaddr[] => this.membership.addressesOf(peer)

  /** Loads storage, which may refuse; the rest goes on behind, and is told by events. */
  async open (options: AbortOptions = {}): Promise<void> {
    const { store } = this.node
    if (store === undefined) throw new InvalidArgumentError('This node has no dataDir, so it can host no namespace: create it with one, or use client()')
    this.storage = await this.openStorage(store)
    options.signal?.throwIfAborted()
    await this.resumeRejoin(store, this.storage)
    // Storage comes first: a node that has an identity never forms again, or it could found a second group beside its own.
    await this.membership.start(this.storage)
    if (this.storage.identity !== undefined) {
      await this.openGroup(this.storage)
      const { voters, outgoing } = (this.group as GroupHandle | undefined)?.status().configuration ?? { voters: [], outgoing: [] }
      // Nobody else could lead.
      if (voters.length === 1 && outgoing.length === 0) this.hurryElection(voters[0])
    }
    this.running = this.run(this.storage).catch((error: Error) => { if (!this.stopping.signal.aborted) this.fail(error) })
  }

  private async run (storage: GroupStorage): Promise<void> {
    const { signal } = this.stopping
    if (this.group === undefined) {
      const outcome = await this.membership.form(signal)
      await storage.create({ clusterId: outcome.clusterId, incarnation: outcome.incarnation }, outcome.kind === 'founded' ? outcome.genesis : undefined)
      await this.membership.formed(outcome)
      await this.openGroup(storage)
      if (outcome.kind === 'founded') this.hurryElection(outcome.founders[0])
    }
    while (!signal.aborted) {
      await this.membership.keep(signal)
      if (signal.aborted) return
      const { machine } = this.options
      // What a program's own machine holds is of a member that is no more, and only the program can clear it.
      const comesBack = machine === undefined || machine.reset !== undefined
      await this.leave(comesBack ? 'joining' : 'removed')
      if (!comesBack || signal.aborted) return
      await machine?.reset?.()
      await this.comeBack()
    }
  }

  /**
   * A group that has just been founded has no leader to wait for. So one founder, the first of the list that all have agreed on, stands for
   * election until there is one, for an election timeout at most: the others may not have opened their groups, or their links, yet.
   */
  private hurryElection (first: MemberId | undefined): void {
    const group = this.group
    if (group === undefined || group.self !== first) return
    const { clock } = this.node
    const { heartbeatMs, electionMs } = this.options.timings
    const until = clock.now() + electionMs
    const stand = (): void => {
      // A group that has failed throws, and from a timer that would end the process.
      if (this.group !== group || group.failure !== undefined || this.leader !== undefined || this.stopping.signal.aborted || clock.now() > until) return
      group.campaign()
      this.electionTimer = clock.setTimer(heartbeatMs, stand)
    }
    this.electionTimer = clock.setTimer(group.status().configuration.voters.length === 1 ? 0 : heartbeatMs, stand)
  }

  /** Removed: what is held here is of a member that is no more. A vote that it cast must not count for the next one. */
  private async leave (next: ClusterState): Promise<void> {
    const old = this.group as GroupHandle
    this.forgetGroup()
    this.setState(next)
    await old.close({ handOver: false })
    this.node.groupKeys?.close(old.clusterId)
    await new RejoinMark(this.node.store as OrderedStore, this.namespace).write(old.clusterId)
    await this.storage?.destroy()
  }

  private async comeBack (): Promise<void> {
    const store = this.node.store as OrderedStore
    await this.storage?.close()
    const storage = await this.openStorage(store)
    this.storage = storage
    await this.membership.restart(storage)
    await this.resumeRejoin(store, storage)
    this.log('joins again as a new incarnation')
    await this.openGroup(storage)
  }

  private async openStorage (store: OrderedStore): Promise<GroupStorage> {
    const { snapshots, keys, encryptAtRest } = this.options
    return await openGroupStorage(store, this.namespace, { retain: snapshots.retain, randomId: this.node.newId, log: this.log, ...(encryptAtRest ? { keys } : {}) })
  }

  /** Goes on where a crash may have cut it short. */
  private async resumeRejoin (store: OrderedStore, storage: GroupStorage): Promise<void> {
    const mark = new RejoinMark(store, this.namespace)
    const clusterId = await mark.read()
    if (clusterId === undefined) return
    // A crash before the old storage was gone: the next look at the membership starts over.
    if (storage.identity === undefined) await storage.create({ clusterId, incarnation: this.node.newId() })
    await mark.clear()
  }

  private async openGroup (storage: GroupStorage): Promise<void> {
    const { self } = this.node
    const engine = this.node.engine as Engine
    const store = this.node.store as OrderedStore
    const { timings, snapshots, limits, leaseReads } = this.options
    const machine: HostedMachine | (HostedMachine & KvState) = this.options.machine !== undefined
      ? new MachineAdapter(this.options.machine)
      : new KvMachine({ store, namespace: this.namespace, vault: storage.vault, clock: this.node.clock })
    // First: what peers say of it in clear may not get as far as the engine.
    if (storage.identity !== undefined) this.node.groupKeys?.open(storage.identity.clusterId, { namespace: this.namespace, keys: this.options.keys })
    const group = await engine.openGroup({
      namespace: this.namespace, storage, machine, peerId: self.toString(), timings, snapshots, leaseReads, limits: { maxUncommittedBytes: limits.uncommitted }
    })
    this.group = group
    this.confirmedAt = -Infinity
    if ('leaseKeys' in machine) this.kv = this.serveKv(group, machine)
    let announced: LeaderChange | undefined
    group.addEventListener('leader', ({ detail }) => {
      announced = detail
      if (this.group === group) this.onLeader(group, detail)
    })
    group.addEventListener('configuration', ({ detail: { index } }) => {
      if (this.group !== group) return
      this.updateRole(group)
      this.membership.onConfiguration(group)
      this.emit('members', { members: viewMembers(group, this.addressesOf), index })
    })
    group.addEventListener('failed', ({ detail }) => { if (this.group === group) this.fail(detail) })
    await this.membership.opened(group)
    // What it has announced meanwhile is the last word; but whoever was not ready for it then hears it again.
    const { leader, role, term } = group.status()
    this.onLeader(group, announced ?? { leader, role: role === 'leader' ? 'candidate' : role, term })
  }

  private serveKv (group: GroupHandle, state: KvState): Kv {
    const services = new KvServices({ namespace: this.namespace, group, state, clock: this.node.clock, options: this.options, log: this.log })
    return { state, services, cron: this.cluster.makeScheduler() }
  }

  private onLeader (group: GroupHandle, { leader, role, term }: LeaderChange): void {
    const peer = leader === undefined ? undefined : peerPart(leader)
    const changed = this.leader?.toString() !== peer
    this.leading = role === 'leader'
    if (changed) this.leader = peer === undefined ? undefined : peerIdFromString(peer)
    this.updateRole(group)
    this.membership.onLeader(group, this.leading)
    this.kv?.services.lead(this.leading ? term : undefined)
    if (this.leading) this.kv?.cron.start()
    else void this.kv?.cron.stop()
    this.emit('leader', { leader: this.leader, term })
    this.wake()
  }

  private updateRole (group: GroupHandle): void {
    if (this.current === 'removed' || this.current === 'failed' || this.current === 'closed') return
    const { configuration, role } = group.status()
    if (!isMember(configuration, group.self)) this.setState('joining')
    else this.setState(this.leading ? 'leader' : role === 'candidate' || role === 'pre-candidate' ? 'candidate' : 'follower')
  }

  private forgetGroup (): void {
    this.group = undefined
    this.closeKv()
    this.leading = false
    this.leader = undefined
  }

  private closeKv (): void {
    this.kv?.services.close()
    void this.kv?.cron.stop()
    this.kv = undefined
  }

  private fail (error: Error): void {
    if (this.current === 'failed' || this.current === 'closed') return
    this.failure = error
    this.leading = false
    this.closeKv()
    this.log.error('failed: %e', error)
    this.setState('failed')
    this.emit('failed', error)
    this.wake()
  }

  setState (state: ClusterState): void {
    const previous = this.current
    if (previous === state) return
    this.current = state
    this.emit('state', { state, previous })
    this.wake()
  }

  /** A listener that throws is its own affair: it must not stop what told it. */
  emit<T> (type: 'leader' | 'members' | 'state' | 'formation' | 'failed', detail: T): void {
    try {
      this.cluster.dispatchEvent(new CustomEvent(type, { detail }))
    } catch (error) {
      this.log.error('a listener for "%s" threw: %e', type, error as Error)
    }
  }

  checkOpen (): void {
    if (this.current === 'closed' || this.stopping.signal.aborted) throw new ClosedHere(`${this.namespace} is closed on this node: join it again`)
    if (this.failure !== undefined) throw this.failure
    if (this.current === 'removed') throw new ClosedHere(`This node was removed from ${this.namespace}: close the handle and join again to come back`)
  }

  needKv (what: string): void {
    if (this.options.machine !== undefined) throw new InvalidArgumentError(`${this.namespace} has a state machine of its own: use apply, not ${what}`)
  }

  /** A call that began at `at` has found that all that was committed by then is applied here. */
  confirmed (group: GroupHandle, at: number): void {
    if (this.group === group) this.confirmedAt = Math.max(this.confirmedAt, at)
  }

  /** What only the member that leads can do: to be asked for by one that does. */
  get atLeader (): Pick<KvServices, 'leases' | 'live'> {
    if (this.kv === undefined) throw new UnavailableError(`${this.namespace} is being loaded on this node: try again`)
    return this.kv.services
  }

  /** The KV, once this member has applied all that the consistency asks for. */
  async readable ({ consistency, maxAge }: Wanted, manner: Manner): Promise<Readable> {
    const { clock } = this.node
    const endsAt = clock.now() + manner.timeoutMs
    for (;;) {
      const timeoutMs = Math.max(0, endsAt - clock.now())
      const isHere = consistency === 'stale' || (consistency === 'bounded' && clock.now() - this.confirmedAt <= maxAge)
      const group = isHere ? await this.whenGroup(timeoutMs, manner.signal) : this.group
      if (!isHere) await this.operations.readIndex(consistency === 'lease', { ...manner, timeoutMs })
      this.checkOpen()
      // Removed and taken in again while it waited: the index was of a member that is no more, and what is here now starts from nothing.
      if (this.group !== undefined && this.group === group && this.kv !== undefined) {
        const { state, services: { feed } } = this.kv
        return { kv: state, feed, age: isHere ? () => clock.now() - this.confirmedAt : () => 0 }
      }
      if (clock.now() >= endsAt) throw new UnavailableError(`${this.namespace} is being loaded on this node: try again`)
      await this.whenGroup(endsAt - clock.now(), manner.signal)
    }
  }

  async whenGroup (ms: number, signal?: AbortSignal): Promise<GroupHandle> {
    return await this.until(() => this.group, ms, signal, () => this.leaderless(`${this.namespace} has not formed yet on this node: it looks for other nodes of the namespace`))
  }

  async whenLeader (ms: number, signal?: AbortSignal): Promise<PeerId> {
    return await this.until(() => this.leader !== undefined && (this.leading || !this.leader.equals(this.node.self)) ? this.leader : undefined,
      ms, signal, () => this.leaderless(`${this.namespace} has no leader: a majority of its voters may be out of reach`))
  }

  private leaderless (message: string): Error {
    return this.keyTrouble === undefined ? new NoLeaderError(message) : new EncryptionKeyError(this.keyTrouble)
  }

  /** Resolves once the member has all that is committed up to `index`; this member must lead. */
  async caughtUp (member: MemberId, index: number): Promise<void> {
    const { requestMs } = this.options
    await this.until(() => {
      const progress = this.group?.status().progress.find(p => p.member === member)
      return progress !== undefined && progress.match >= index && progress.recentlyActive ? true : undefined
    }, requestMs, this.stopping.signal, () => new UnavailableError(`${member} has not caught up within ${requestMs} ms: it stays a learner of ${this.namespace}, and gets its vote when it keeps up`), 50)
  }

  /** No change of the membership is under way; this member must lead. */
  async configurationSettled (): Promise<RaftStatus> {
    return await this.until(() => {
      const status = this.group?.status()
      if (status === undefined || !this.leading) throw new NotLeaderError(`This member does not lead ${this.namespace} any more`, this.leader?.toString())
      return status.configurationPending || status.configuration.outgoing.length > 0 ? undefined : status
    }, this.options.requestMs, this.stopping.signal, () => new MembershipError(`Another change of the membership of ${this.namespace} does not end: try again later`), 50)
  }

  /** Looks now, and again whenever something changes here (`everyMs`: and every so often). */
  private async until<T> (look: () => T | undefined, ms: number, signal: AbortSignal | undefined, late: () => Error, everyMs?: number): Promise<T> {
    const endsAt = this.node.clock.now() + ms
    for (;;) {
      this.checkOpen()
      const found = look()
      if (found !== undefined) return found
      const left = endsAt - this.node.clock.now()
      if (left <= 0) throw late()
      let wake = (): void => {}
      const changed = new Promise<void>(resolve => { wake = resolve })
      this.waiting.add(wake)
      try {
        if (left === Infinity && everyMs === undefined && signal === undefined) await changed
        else await bounded(changed, { deadlines: this.node.deadlines, ms: Math.min(left, everyMs ?? Infinity, 1e9), signal, late: () => new Elapsed() })
      } catch (error) {
        if (!(error instanceof Elapsed)) throw error
      } finally {
        this.waiting.delete(wake)
      }
    }
  }

  wake (): void {
    for (const wake of [...this.waiting]) wake()
  }

  async close (options: AbortOptions = {}): Promise<void> {
    this.closing ??= this.closeOnce(options)
    await this.closing
  }

  private async closeOnce ({ signal }: AbortOptions): Promise<void> {
    // Before anything else, so that nothing new starts; what waits is told.
    const group = this.group
    this.stopping.abort(new ClosedError(`${this.namespace} is closing`))
    this.electionTimer?.cancel()
    this.closeKv()
    await this.running
    await this.membership.stop()
    try {
      const limit = timeLimit(this.node.clock, Math.min(CLOSE_TIMEOUT_MS, this.options.timings.electionMs * 2))
      await (this.group ?? group)?.close({ handOver: true, signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) })
    } finally {
      await this.storage?.close()
      await this.guestClient?.close()
      this.leading = false
      this.setState('closed')
      this.wake()
      this.onClosed()
    }
  }
}

class Elapsed extends Error {}
