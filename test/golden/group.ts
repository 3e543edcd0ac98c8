import { encodeConfiguration } from '../../src/raft/configuration.js'
import { Raft } from '../../src/raft/raft.js'
import type { Configuration, Core, Entry, LogFetch, MemberId, Message, RaftOptions, Ready, StorageWrite } from '../../src/raft/types.js'
import { CoreDisk } from '../simulation/core-disk.js'
import { formatReady } from './format.js'
import { ScriptError } from './script.js'

export interface NodeSetup {
  readonly configuration: Configuration | undefined
  /** Terms of the entries after the genesis entry; they are commands named after their place, such as "e4/2". */
  readonly terms: readonly number[]
  readonly term: number
  readonly vote: MemberId | undefined
  readonly commit: number
  readonly options: Partial<RaftOptions>
}

/** One member: a core with a disk that lands each write at once, unless the script holds it back. */
export class GoldenNode {
  raft!: Core
  readonly disk = new CoreDisk()
  image = new CoreDisk()
  /** Under way to the disk, oldest first, while held. */
  writes: StorageWrite[] = []
  hold = false
  fetches: LogFetch[] = []
  /** Next election timeouts, in ticks: a script sets who fires first. */
  timeout: number
  now = 0
  private readonly options: RaftOptions

  constructor (readonly id: MemberId, setup: NodeSetup) {
    const { electionTicks = 10 } = setup.options
    // By default the first member's timeout is the shortest, the second's a tick longer and so on.
    this.timeout = electionTicks + (Number(id) - 1) % electionTicks
    this.options = {
      id,
      electionTicks,
      heartbeatTicks: 2,
      maxAppendBytes: 64 * 1024,
      maxInflight: 16,
      maxInflightBytes: 1024 * 1024,
      maxUncommittedBytes: 1024 * 1024,
      maxCommittedBytes: 1024 * 1024,
      maxCachedBytes: 1024 * 1024,
      leaseReads: false,
      leaseMs: 80,
      random: () => (this.timeout - electionTicks) / electionTicks + 1e-9,
      ...setup.options
    }
    this.format(setup)
    this.start()
  }

  /** A founder's disk: the genesis entry, and whatever log the script wants after it. */
  private format ({ configuration, terms, term, vote, commit }: NodeSetup): void {
    if (configuration === undefined) return
    this.disk.entries.push({ index: 1, term: 1, kind: 'config', time: 0, data: encodeConfiguration(configuration) })
    terms.forEach((t, i) => {
      const entry: Entry = { index: i + 2, term: t, kind: 'command', time: 0, data: new TextEncoder().encode(`e${i + 2}/${t}`) }
      this.disk.entries.push(entry)
    })
    this.disk.hardState = { term, vote, commit }
  }

  start (): void {
    this.image = this.disk.clone()
    this.writes = []
    this.fetches = []
    this.raft = new Raft(this.options, this.disk.initialState())
  }

  /** Takes one ready and does what it asks; returns what it printed and the messages that may leave. */
  processReady (): { lines: string[], messages: Message[] } {
    const ready = this.raft.ready()
    const lines = formatReady(ready)
    const messages = [...ready.messages]
    this.save(ready, messages)
    this.apply(ready.committed)
    this.fetches.push(...ready.fetches)
    return { lines, messages }
  }

  private save ({ write }: Ready, messages: Message[]): void {
    if (write === undefined) return
    this.image.write(write)
    this.writes.push(write)
    if (!this.hold) messages.push(...this.land(this.writes.length))
  }

  /** The oldest writes become durable; what waited for them may leave. */
  land (count: number): Message[] {
    const messages: Message[] = []
    for (const write of this.writes.splice(0, count)) {
      this.disk.write(write)
      messages.push(...write.messages)
      this.raft.stored(write.ack)
      if (write.snapshot !== undefined) this.applied(write.snapshot.index)
    }
    return messages
  }

  private apply (entries: readonly Entry[]): void {
    const last = entries.at(-1)
    if (last === undefined) return
    if (entries[0].index !== this.disk.applied + 1) throw new ScriptError(`${this.id} was told to apply ${entries[0].index} after ${this.disk.applied}`)
    this.applied(last.index)
  }

  private applied (index: number): void {
    this.disk.applied = index
    this.raft.applied(index)
  }

  /** A snapshot of what is applied; the log behind it is cut but for `trailing` entries. */
  compact (index: number, trailing: number): number {
    const meta = this.raft.snapshotMeta(index)
    this.disk.saveSnapshot(meta)
    this.image.saveSnapshot(meta)
    const prevIndex = this.raft.compact(meta, trailing)
    this.disk.cut(prevIndex)
    this.image.cut(prevIndex)
    return prevIndex
  }
}

/** All the members of a script, and the messages under way between them, in the order in which they were sent. */
export class GoldenGroup {
  readonly nodes = new Map<MemberId, GoldenNode>()
  messages: Message[] = []

  node (id: string | undefined): GoldenNode {
    const node = this.nodes.get(id ?? '')
    if (node === undefined) throw new ScriptError(`there is no node ${id ?? '(none was named)'}`)
    return node
  }

  sorted (): GoldenNode[] {
    return [...this.nodes.values()].sort((a, b) => Number(a.id) - Number(b.id))
  }

  send (messages: readonly Message[]): void {
    this.messages.push(...messages)
  }

  /** Takes out the messages that match, in order. */
  take (matches: (message: Message) => boolean): Message[] {
    const taken = this.messages.filter(matches)
    this.messages = this.messages.filter(m => !matches(m))
    return taken
  }
}
