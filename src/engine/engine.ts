import { systemClock } from '../clock.js'
import { ClosedError, InvalidArgumentError, StorePoisonedError } from '../errors.js'
import { Raft } from '../raft/raft.js'
import { memberId } from '../wire/member-id.js'
import { asError } from './deferred.js'
import { Fifo } from './fifo.js'
import { Group } from './group.js'
import { Handle } from './group-handle.js'
import { defaultEngineOptions, defaultGroupLimits, raftOptions, tickPlan } from './options.js'
import { Peers } from './peers.js'
import { SnapshotBuilder } from './snapshot-builder.js'
import { SnapshotSender } from './snapshot-sender.js'
import { Ticker } from './ticker.js'
import { WriteQueue } from './write-queue.js'
import type { Clock, Timer } from '../clock.js'
import type { OrderedStore, SnapshotStaging } from '../storage/types.js'
import type { GroupFrame, Network, NetworkHandler, SnapshotOffer } from '../wire/types.js'
import type { GroupHost } from './group-host.js'
import type { GroupSnapshots } from './group-snapshots.js'
import type { EngineInit, EngineLog, EngineOptions, GroupInit } from './options.js'
import type { GroupHandle } from './types.js'

const silent: EngineLog = Object.assign(() => {}, { error: () => {} })
const keyOf = (clusterId: Uint8Array): string => Buffer.from(clusterId.buffer, clusterId.byteOffset, clusterId.byteLength).toString('latin1')

/** What the engine measures of itself. */
export interface EngineStats {
  readonly turns: number
  readonly batches: number
  /** Frames for a group or member that is not here. */
  readonly framesRefused: number
  /** Groups that tick; the others are quiet. */
  readonly ticking: number
}

/**
 * One loop for all the groups of a node. A turn: every group that has work steps its messages, ticks if that is due, and says what is to
 * be done; all their writes go to disk as one batch; then what has committed is applied, and callers are answered. While a batch is on
 * its way to the disk the next one gathers by itself.
 */
export class Engine implements GroupHost {
  readonly clock: Clock
  readonly random: () => number
  readonly network: Network
  readonly log: EngineLog
  readonly options: EngineOptions
  readonly writes: WriteQueue
  readonly ticker: Ticker<Group>
  readonly peers: Peers<Group>
  readonly builder: SnapshotBuilder<GroupSnapshots>
  readonly sender: SnapshotSender<GroupSnapshots>
  readonly #store: OrderedStore
  readonly #onFailure: ((error: Error) => void) | undefined
  readonly #groups = new Map<string, Group>()
  readonly #handles = new Map<Group, Handle>()
  /** Cluster ids that are being opened. */
  readonly #opening = new Set<string>()
  readonly #work = new Fifo<Group>()
  #turnTimer: Timer | undefined
  #started = false
  #stopped = false
  #failure: Error | undefined
  #turns = 0
  #framesRefused = 0

  constructor ({ store, network, clock, random, logger, options, onFailure }: EngineInit) {
    this.#store = store
    this.#onFailure = onFailure
    this.network = network
    this.clock = clock ?? systemClock
    this.random = random ?? Math.random
    this.log = logger ?? silent
    this.options = { ...defaultEngineOptions, ...options }
    this.ticker = new Ticker(this.clock, this.options.tickGrainMs)
    this.peers = new Peers(network, this.clock, this.options)
    this.builder = new SnapshotBuilder(this.clock, this.options.snapshotBuilds, this.log)
    this.sender = new SnapshotSender(network, this.clock, this.options.snapshotSends, this.log)
    this.writes = new WriteQueue(store, this.clock, {
      landed: () => { this.#schedule() },
      failed: error => { this.#poisoned(error) }
    })
  }

  /** Set once the store has failed: every group has stopped, and none can be opened. */
  get failure (): Error | undefined { return this.#failure }

  stats (): EngineStats {
    return { turns: this.#turns, batches: this.writes.batches, framesRefused: this.#framesRefused, ticking: this.ticker.active }
  }

  /** Take frames and timers from here on. */
  start (): void {
    if (this.#started) return
    this.#started = true
    this.#store.onFailure(error => { this.#poisoned(error) })
    if (this.#store.failure !== undefined) this.#poisoned(this.#store.failure)
    this.network.setHandler(this.#handler)
  }

  /** Close every group (without handing leadership over: close the groups first for that). */
  async stop (): Promise<void> {
    await Promise.all([...this.#handles.values()].map(async handle => { await handle.close() }))
    this.#stopped = true
    this.ticker.stop()
    this.peers.stop()
    this.builder.stop()
    this.#turnTimer?.cancel()
    this.#turnTimer = undefined
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.stop() }

  groups (): GroupHandle[] { return [...this.#handles.values()] }

  /**
   * Load a group and take part in it. Its storage has an identity already (formation made it); the machine is opened here.
   *
   * @throws StoreCorruptError if what is stored contradicts itself, InvalidArgumentError if the group is open already
   */
  async openGroup (init: GroupInit): Promise<GroupHandle> {
    this.#assertRunning(init.namespace)
    const { identity } = init.storage
    if (identity === undefined) throw new InvalidArgumentError(`${init.namespace} has no identity on this node yet: form or join the group first`)
    const key = keyOf(identity.clusterId)
    if (this.#groups.has(key) || this.#opening.has(key)) throw new InvalidArgumentError(`${init.namespace} is open on this node already: close it first`)
    this.#opening.add(key)
    try {
      const group = await this.#load(init, identity.clusterId, memberId(init.peerId, identity.incarnation))
      const handle = new Handle(group, this)
      this.#groups.set(key, group)
      this.#handles.set(group, handle)
      this.mark(group)
      return handle
    } finally {
      this.#opening.delete(key)
    }
  }

  mark (group: Group): void {
    if (group.marked) return
    group.marked = true
    this.#work.push(group)
    this.#schedule()
  }

  closed (group: Group): void {
    this.#groups.delete(keyOf(group.clusterId))
    this.#handles.delete(group)
  }

  async #load (init: GroupInit, clusterId: Uint8Array, self: string): Promise<Group> {
    const { storage, machine } = init
    const newest = storage.snapshots()[0]
    const applied = await machine.open(newest === undefined ? undefined : { meta: newest.meta, source: () => storage.openSnapshot(newest) })
    try {
      const plan = tickPlan(init.timings)
      const limits = { ...defaultGroupLimits, ...init.limits }
      const core = new Raft(raftOptions(self, plan, init, limits, this.random), await storage.initial(applied))
      this.#assertRunning(init.namespace)
      return new Group(this, { init, clusterId, core, plan, limits })
    } catch (thrown) {
      await machine.close().catch((error: unknown) => { this.log.error('%s: its state machine did not close after opening it failed: %s', init.namespace, asError(error).message) })
      throw thrown
    }
  }

  /** One turn after the I/O of this round of the event loop, however many things asked for it. */
  #schedule (): void {
    this.#turnTimer ??= this.clock.setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#turnTimer = undefined
    this.#turns++
    const now = this.clock.now()
    const ends = now + this.options.turnMs
    const isOver = (): boolean => this.clock.now() >= ends
    const worked: Group[] = []
    // Only those that wait now: whoever has more work after its share is behind all others in the queue.
    for (let left = this.#work.length; left > 0; left--) {
      const group = this.#work.shift() as Group
      group.marked = false
      group.work(now)
      worked.push(group)
      if (isOver()) break
    }
    this.peers.flush()
    this.writes.flush()
    for (const group of worked) group.apply(isOver)
    if (this.#work.length > 0) this.#schedule()
  }

  /** The store has failed: nobody can know what of it is on disk, so nothing may be said that rests on it, ever again. */
  #poisoned (error: Error): void {
    if (this.#failure !== undefined) return
    const failure = error instanceof StorePoisonedError
      ? error
      : new StorePoisonedError(`writing to the store failed (${error.message}): every group of this node has stopped; mend the cause and restart`, { cause: error })
    this.#failure = failure
    this.writes.fail()
    for (const group of [...this.#groups.values()]) group.fail(failure)
    this.#onFailure?.(failure)
  }

  #assertRunning (namespace: string): void {
    if (this.#failure !== undefined) throw this.#failure
    if (!this.#started || this.#stopped) throw new ClosedError(`${namespace} can't be opened: the engine ${this.#stopped ? 'has stopped' : 'is not started'}`)
  }

  #groupFor (clusterId: Uint8Array): Group | undefined {
    const group = this.#stopped ? undefined : this.#groups.get(keyOf(clusterId))
    return group?.ended === false ? group : undefined
  }

  readonly #handler: NetworkHandler = {
    onFrame: frame => { this.#onFrame(frame) },
    onPeerUp: peer => { this.peers.up(peer) },
    onPeerDown: peer => { this.peers.down(peer) },
    onSnapshotOffer: async offer => await this.#onSnapshotOffer(offer),
    onSnapshotReceived: async offer => {
      const group = this.#offered(offer)
      // It may have been removed while it sent.
      if (group?.takesFrom(offer.from) === true) await group.snapshots.installs.received(offer)
    }
  }

  #onFrame (frame: GroupFrame): void {
    if (this.#groupFor(frame.clusterId)?.accept(frame) !== true) this.#framesRefused++
  }

  async #onSnapshotOffer (offer: SnapshotOffer): Promise<SnapshotStaging | undefined> {
    const group = this.#offered(offer)
    if (group?.takesFrom(offer.from) === false) return undefined
    const { meta } = offer.manifest
    // Not needed where its index is committed here already; the leader learns that from the answer to its next probe.
    if (group === undefined || offer.term < group.core.term || meta.term > offer.term || meta.index <= group.core.commit) return undefined
    try {
      return await group.snapshots.installs.stage(offer)
    } catch (thrown) {
      this.log('a snapshot of %s from %s was not taken: %s', group.namespace, offer.from, asError(thrown).message)
      throw thrown
    }
  }

  #offered (offer: SnapshotOffer): Group | undefined {
    const group = this.#groupFor(offer.clusterId)
    return group?.self === offer.to && offer.from !== offer.to ? group : undefined
  }
}
