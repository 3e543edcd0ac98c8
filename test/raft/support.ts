import { encodeConfiguration, makeConfiguration } from '../../src/raft/configuration.js'
import { Raft } from '../../src/raft/raft.js'
import type {
  Configuration, Entry, EntryKind, InitialState, MemberId, Message, RaftOptions, ReadResult, Ready, SnapshotMeta, StorageWrite
} from '../../src/raft/types.js'

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (data: Uint8Array): string => new TextDecoder().decode(data)

export const entry = (index: number, term: number, data = `${index}`, kind: EntryKind = 'command'): Entry =>
  ({ index, term, kind, time: 1_000 + index, data: bytes(data) })

export const configEntry = (index: number, term: number, configuration: Configuration): Entry =>
  ({ index, term, kind: 'config', time: 1_000 + index, data: encodeConfiguration(configuration) })

export function options (id: MemberId, over: Partial<RaftOptions> = {}): RaftOptions {
  return {
    id,
    electionTicks: 10,
    heartbeatTicks: 2,
    maxAppendBytes: 64 * 1024,
    maxInflight: 16,
    maxInflightBytes: 1024 * 1024,
    maxUncommittedBytes: 1024 * 1024,
    maxCommittedBytes: 1024 * 1024,
    maxCachedBytes: 1024 * 1024,
    leaseReads: false,
    leaseMs: 80,
    random: () => 0,
    ...over
  }
}

/** What storage would find for this log. Entries are the whole of it, after `prevIndex`. */
export function initial (entries: readonly Entry[], over: Partial<InitialState> = {}): InitialState {
  const prevIndex = over.prevIndex ?? 0
  const terms: Array<{ index: number, term: number }> = []
  for (const { index, term } of entries) if (terms.at(-1)?.term !== term) terms.push({ index, term })
  const configurations = entries.filter(e => e.kind === 'config').map(e => ({ index: e.index, configuration: JSON.parse(text(e.data)) as Configuration }))
  return {
    hardState: { term: entries.at(-1)?.term ?? 0, commit: prevIndex },
    prevIndex,
    prevTerm: 0,
    entries,
    terms,
    lastIndex: prevIndex + entries.length,
    configurations,
    applied: prevIndex,
    ...over
  }
}

/** A log that starts with the entry that founders agree on, in term 1. */
export function founded (voters: readonly MemberId[], entries: readonly Entry[] = [], learners: readonly MemberId[] = [], over: Partial<InitialState> = {}): InitialState {
  const all = [configEntry(1, 1, makeConfiguration(voters, learners)), ...entries]
  return initial(all, { hardState: { term: all[all.length - 1].term, commit: 1 }, applied: 1, ...over })
}

/** One core with its disk: writes land at once, or one by one where `hold` is set. */
export class Node {
  readonly raft: Raft
  readonly outbox: Message[] = []
  readonly writes: StorageWrite[] = []
  readonly applied: Entry[] = []
  readonly reads: ReadResult[] = []
  readonly readies: Ready[] = []
  readonly snapshots: MemberId[] = []
  /** What is durable: what a restart would find. */
  readonly log = new Map<number, Entry>()
  hardState: InitialState['hardState']
  lastIndex: number
  hold = false
  autoApply = true

  constructor (readonly opts: RaftOptions, state: InitialState) {
    this.raft = new Raft(opts, state)
    this.hardState = state.hardState
    this.lastIndex = state.lastIndex
    for (const e of state.entries) this.log.set(e.index, e)
  }

  get id (): MemberId { return this.opts.id }
  get status (): ReturnType<Raft['status']> { return this.raft.status() }

  /** Do what the core asks for until it asks for nothing. */
  drain (): this {
    while (this.raft.hasReady()) {
      const ready = this.raft.ready()
      this.readies.push(ready)
      this.outbox.push(...ready.messages)
      if (ready.write !== undefined) this.writes.push(ready.write)
      this.applied.push(...ready.committed)
      if (this.autoApply && ready.committed.length > 0) this.raft.applied(ready.committed[ready.committed.length - 1].index)
      this.reads.push(...ready.reads)
      this.snapshots.push(...ready.snapshots)
      for (const { to, from } of ready.fetches) {
        const found: Entry[] = []
        for (let e = this.log.get(from); e !== undefined; e = this.log.get(e.index + 1)) found.push(e)
        this.raft.fetched(to, from, found)
      }
      if (!this.hold) this.land()
    }
    return this
  }

  /** The oldest `count` writes become durable. */
  land (count = Infinity): this {
    for (let i = 0; i < count && this.writes.length > 0; i++) {
      const write = this.writes.shift() as StorageWrite
      if (write.snapshot !== undefined) {
        this.log.clear()
        this.lastIndex = write.snapshot.index
        if (this.autoApply) this.raft.applied(write.snapshot.index)
      }
      for (const e of write.entries) {
        this.log.set(e.index, e)
        this.lastIndex = e.index
      }
      if (write.hardState !== undefined) this.hardState = write.hardState
      this.outbox.push(...write.messages)
      this.raft.stored(write.ack)
    }
    return this
  }

  step (message: Message): this {
    this.raft.step(message)
    return this.drain()
  }

  tick (ticks = 1): this {
    for (let i = 0; i < ticks; i++) {
      this.raft.tick(this.now += 10)
      this.drain()
    }
    return this
  }

  now = 0

  propose (...data: string[]): this {
    const result = this.raft.propose(data.map(bytes), 5_000)
    if (!result.ok) throw new Error(`proposal refused: ${result.reason}`)
    return this.drain()
  }

  take (): Message[] { return this.outbox.splice(0) }
}

/** Several cores and a network that delivers in order, on demand. */
export class Group {
  readonly nodes = new Map<MemberId, Node>()
  readonly queue: Message[] = []
  /** Messages for which this is true are lost. */
  drop: (m: Message) => boolean = () => false

  constructor (nodes: readonly Node[]) {
    for (const node of nodes) this.nodes.set(node.id, node)
  }

  static of (voters: readonly MemberId[], over: Partial<RaftOptions> = {}, learners: readonly MemberId[] = []): Group {
    return new Group([...voters, ...learners].map(id => new Node(options(id, over), founded(voters, [], learners))))
  }

  node (id: MemberId): Node {
    const node = this.nodes.get(id)
    if (node === undefined) throw new Error(`no node ${id}`)
    return node
  }

  /** Deliver what is out, and what follows from it, until nothing is. */
  settle (): this {
    for (let rounds = 0; ; rounds++) {
      if (rounds > 10_000) throw new Error('the group does not come to rest')
      for (const node of this.nodes.values()) {
        node.drain()
        this.queue.push(...node.take())
      }
      const messages = this.queue.splice(0)
      if (messages.length === 0) return this
      for (const m of messages) if (!this.drop(m)) this.nodes.get(m.to)?.step(m)
    }
  }

  tick (ticks = 1): this {
    for (let i = 0; i < ticks; i++) {
      for (const node of this.nodes.values()) node.tick()
      this.settle()
    }
    return this
  }

  elect (id: MemberId): this {
    this.node(id).raft.campaign()
    this.settle()
    if (this.node(id).raft.role !== 'leader') throw new Error(`${id} was not elected`)
    return this
  }

  isolate (...ids: MemberId[]): this {
    this.drop = m => ids.includes(m.from) !== ids.includes(m.to)
    return this
  }

  heal (): this {
    this.drop = () => false
    return this
  }

  applied (id: MemberId): string[] {
    return this.node(id).applied.filter(e => e.kind === 'command').map(e => text(e.data))
  }
}

export function ofType<T extends Message['type']> (messages: readonly Message[], type: T): Array<Extract<Message, { type: T }>> {
  return messages.filter((m): m is Extract<Message, { type: T }> => m.type === type)
}

export const meta = (index: number, term: number, configuration: Configuration, configurationIndex = 1): SnapshotMeta =>
  ({ index, term, time: 1_000 + index, configuration, configurationIndex })
