import { Engine } from '../../../src/engine/index.js'
import { encodeConfiguration } from '../../../src/raft/configuration.js'
import { MemoryOrderedStore, openGroupStorage } from '../../../src/storage/index.js'
import { memberId } from '../../../src/wire/member-id.js'
import { Journal } from './machine.js'
import { SimClock } from './sim-clock.js'
import { SimNetwork, SimWire } from './sim-network.js'
import type { EngineOptions, GroupHandle, GroupInit, LeaderChange } from '../../../src/engine/index.js'
import type { HostedMachine } from '../../../src/machine/types.js'
import type { MemberId, Message } from '../../../src/raft/types.js'
import type { RecordedBatch } from '../../../src/storage/index.js'
import type { GroupFrame } from '../../../src/wire/types.js'

export const timings = { heartbeatMs: 50, electionMs: 500, leaseMs: 400 }
export const noSnapshots = { intervalMs: 1e9, threshold: 1e9, trailing: 0, retain: 2 }
const encoder = new TextEncoder()
export const command = (text: string): Uint8Array => encoder.encode(text)

export function seeded (seed: number): () => number {
  let x = seed >>> 0
  return () => {
    x = (x + 0x6d2b79f5) >>> 0
    let t = Math.imul(x ^ (x >>> 15), 1 | x)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Member {
  readonly node: Node
  readonly handle: GroupHandle
  readonly journal: Journal
  readonly leaderEvents: LeaderChange[]
}

/** What lies under a node's store, over its restarts: writes can be held back, or fail, and are remembered in the order in which they land. */
export class Disk {
  readonly batches: RecordedBatch[] = []
  #held: Array<() => void> | undefined
  #failure: Error | undefined

  /** From now on nothing lands, until `release`. */
  hold (): void { this.#held ??= [] }

  release (): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const go of held) go()
  }

  failNextWrite (error: Error): void { this.#failure = error }

  newStore (): MemoryOrderedStore {
    return new MemoryOrderedStore({ beforeWrite: async batch => { await this.#before(batch) } })
  }

  async #before (batch: RecordedBatch): Promise<void> {
    if (this.#held !== undefined) await new Promise<void>(resolve => { this.#held?.push(resolve) })
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
    this.batches.push(batch)
  }
}

/** One process: a store, an engine, and its groups. */
export class Node {
  readonly network: SimNetwork
  readonly engine: Engine
  readonly members = new Map<string, Member>()
  failure: Error | undefined

  constructor (readonly world: World, readonly peer: string, readonly store: MemoryOrderedStore, readonly disk: Disk, options: Partial<EngineOptions> = {}) {
    this.network = new SimNetwork(world.wire, peer)
    this.engine = new Engine({
      store, network: this.network, clock: world.clock, random: seeded(world.seed + [...peer].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7)),
      options, onFailure: error => { this.failure = error }
    })
    this.engine.start()
  }

  async open (namespace: string, founders: readonly string[], overrides: Partial<GroupInit> & { journal?: Journal, hosted?: HostedMachine } = {}): Promise<Member> {
    const storage = await openGroupStorage(this.store, namespace, { randomId: () => Math.floor(this.world.random() * 2 ** 48).toString(16).padStart(16, '0') })
    if (storage.identity === undefined) {
      const voters = founders.map(peer => memberId(peer, incarnation(peer))).sort()
      const genesis = voters.length === 0 ? undefined : {
        index: 1, term: 1, kind: 'config' as const, time: 0, data: encodeConfiguration({ voters, outgoing: [], learners: [], learnersNext: [] })
      }
      await storage.create({ clusterId: clusterId(namespace), incarnation: incarnation(this.peer) }, genesis)
    }
    const journal = overrides.journal ?? new Journal()
    const machine = overrides.hosted ?? journal.hosted()
    const handle = await this.engine.openGroup({ namespace, storage, machine, peerId: this.peer, timings, snapshots: noSnapshots, ...overrides })
    const leaderEvents: LeaderChange[] = []
    handle.addEventListener('leader', ({ detail }) => { leaderEvents.push(detail) })
    handle.addEventListener('stranger', ({ detail }) => { this.world.vouch(handle, detail) })
    const member = { node: this, handle, journal, leaderEvents }
    this.members.set(namespace, member)
    return member
  }

  member (namespace = '/raft/a'): Member {
    const member = this.members.get(namespace)
    if (member === undefined) throw new Error(`${this.peer} is not in ${namespace}`)
    return member
  }
}

export const incarnation = (peer: string): string => Buffer.from(peer.padStart(8, '0').slice(-8)).toString('hex')
export const clusterId = (namespace: string): Uint8Array => {
  const id = new Uint8Array(32)
  id.set(encoder.encode(namespace).slice(-32))
  return id
}

/** A few nodes in one process, under one clock. */
export class World {
  readonly clock = new SimClock()
  readonly wire = new SimWire(this.clock)
  readonly nodes = new Map<string, Node>()
  readonly #disks = new Map<string, Disk>()
  readonly random: () => number

  constructor (readonly seed = 1) {
    this.random = seeded(seed)
  }

  node (peer: string): Node {
    const node = this.nodes.get(peer)
    if (node === undefined) throw new Error(`no node ${peer}`)
    return node
  }

  add (peer: string, store?: MemoryOrderedStore, options?: Partial<EngineOptions>): Node {
    const disk = this.#disks.get(peer) ?? new Disk()
    this.#disks.set(peer, disk)
    const node = new Node(this, peer, store ?? disk.newStore(), disk, options)
    this.nodes.set(peer, node)
    return node
  }

  /** Nodes that found a group together, with a leader that has said so. */
  static async group (peers: readonly string[], { seed = 1, namespace = '/raft/a', ...overrides }: { seed?: number, namespace?: string } & Partial<GroupInit> = {}): Promise<World> {
    const world = new World(seed)
    for (const peer of peers) world.add(peer)
    for (const peer of peers) await world.node(peer).open(namespace, peers, overrides)
    await world.leader(namespace)
    return world
  }

  /** Members say who the members are, as they do over the command service; to a joiner, which knows of nobody, all do. */
  vouch (asker: GroupHandle, stranger: MemberId): void {
    const { voters, learners } = asker.status().configuration
    const known = (member: MemberId): boolean => voters.length === 0 || voters.includes(member) || learners.includes(member)
    for (const node of this.nodes.values()) {
      const told = node.members.get(asker.namespace)?.handle
      if (told === undefined || !known(told.self)) continue
      const { configuration, configurationIndex } = told.status()
      const members = [...configuration.voters, ...configuration.outgoing, ...configuration.learners]
      if (members.includes(stranger)) asker.vouch(members, configurationIndex)
    }
  }

  /** The process dies; what its disk holds survives. */
  crash (peer: string, keep = 0): MemoryOrderedStore {
    const node = this.node(peer)
    this.wire.kill(peer)
    this.nodes.delete(peer)
    return node.store.crash(keep)
  }

  /** One event: what is ready now, or else the next timer. False when nothing will ever happen. */
  async step (limit = Infinity): Promise<boolean> {
    // Real I/O (compression) and promises settle here; no time passes.
    await new Promise(resolve => { setImmediate(resolve) })
    if (this.clock.immediates > 0) {
      this.clock.runImmediates()
      return true
    }
    const next = this.clock.nextTimer
    if (next === undefined || next > limit) return false
    this.clock.advanceTo(next)
    return true
  }

  /** Until `look` finds something. A hundred thousand events without it is a failure. */
  async until<T> (look: () => T | undefined | false, what = 'what the test waits for'): Promise<T> {
    for (let events = 0; events < 20_000; events++) {
      const found = look()
      if (found !== undefined && found !== false) return found
      await this.step()
    }
    throw new Error(`${what} did not happen by ${this.clock.now()} ms`)
  }

  /** Let `ms` pass. */
  async pass (ms: number): Promise<void> {
    const end = this.clock.now() + ms
    while (await this.step(end));
    this.clock.advanceTo(end)
    await this.step(end)
  }

  /** Until `promise` settles. */
  async settle<T> (promise: Promise<T>): Promise<T> {
    let over = false
    const watched = promise.finally(() => { over = true })
    watched.catch(() => {})
    await this.until(() => over, 'an answer')
    return await watched
  }

  async leader (namespace = '/raft/a'): Promise<Member> {
    return await this.until(() => {
      for (const node of this.nodes.values()) {
        const member = node.members.get(namespace)
        if (member?.leaderEvents.at(-1)?.role === 'leader' && member.handle.status().role === 'leader') return member
      }
    }, `a leader of ${namespace}`)
  }

  followers (namespace = '/raft/a'): Member[] {
    return [...this.nodes.values()].map(node => node.member(namespace)).filter(member => member.handle.status().role !== 'leader')
  }

  async propose (text: string, namespace = '/raft/a'): Promise<number> {
    const leader = await this.leader(namespace)
    const [{ index }] = await this.settle(leader.handle.propose([command(text)]))
    return index
  }

  /** Messages that left `peer` since frame number `since`. */
  said (peer: string, since = 0): Message[] {
    return this.wire.frames.slice(since).filter((frame: GroupFrame) => frame.from.startsWith(`${peer}.`)).flatMap(frame => frame.messages)
  }
}
