import { decodeConfiguration } from '../../src/raft/configuration.js'
import type { Configuration, Entry, HardState, InitialState, SnapshotMeta, StorageWrite } from '../../src/raft/types.js'
import { Violation } from './oracle.js'

/** Entries are shared between nodes and images, and asked for their configuration again and again. */
const decoded = new WeakMap<Entry, Configuration>()

function configurationOf (entry: Entry): Configuration {
  let configuration = decoded.get(entry)
  if (configuration === undefined) {
    configuration = decodeConfiguration(entry.data)
    decoded.set(entry, configuration)
  }
  return configuration
}

/**
 * What one node's storage holds for one group: an image of log, hard state and snapshot. The harness keeps two for a node: one of
 * what is durable, and one of what it will be once every write has landed. A crash forgets the second.
 */
export class CoreDisk {
  hardState: HardState = { term: 0, commit: 0 }
  snapshot: SnapshotMeta | undefined
  prevIndex = 0
  prevTerm = 0
  entries: Entry[] = []
  /** Last index whose effect the state machine holds durably. */
  applied = 0

  get lastIndex (): number {
    return this.prevIndex + this.entries.length
  }

  get lastTerm (): number {
    return this.entries.length > 0 ? this.entries[this.entries.length - 1].term : this.prevTerm
  }

  /** Undefined for what is compacted away or beyond the end. */
  entry (index: number): Entry | undefined {
    return this.entries[index - this.prevIndex - 1]
  }

  term (index: number): number | undefined {
    return index === this.prevIndex ? this.prevTerm : this.entry(index)?.term
  }

  /** Holds this very entry, or has folded it into a snapshot. */
  holds (index: number, term: number): boolean {
    return index < this.prevIndex || this.term(index) === term
  }

  /** In the order of the contract: snapshot, entries, hard state. */
  write (write: StorageWrite): void {
    if (write.snapshot !== undefined) this.install(write.snapshot)
    if (write.entries.length > 0) this.append(write.entries)
    if (write.hardState !== undefined) this.hardState = write.hardState
  }

  private install (meta: SnapshotMeta): void {
    this.snapshot = meta
    this.prevIndex = meta.index
    this.prevTerm = meta.term
    this.entries = []
    this.applied = Math.max(this.applied, meta.index)
  }

  private append (entries: readonly Entry[]): void {
    const first = entries[0].index
    if (first <= this.prevIndex || first > this.lastIndex + 1) {
      throw new Violation('storage contract', `a write of entries from ${first} does not fit a log of ${this.prevIndex + 1}..${this.lastIndex}`)
    }
    this.entries.length = first - this.prevIndex - 1
    for (const entry of entries) {
      if (entry.index !== this.lastIndex + 1) throw new Violation('storage contract', `entries of a write are not contiguous at ${entry.index}`)
      this.entries.push(entry)
    }
  }

  /** A snapshot of this node's own became durable. The log is cut separately, once the core has said how far. */
  saveSnapshot (meta: SnapshotMeta): void {
    this.snapshot = meta
    this.applied = Math.max(this.applied, meta.index)
  }

  cut (prevIndex: number): void {
    if (prevIndex <= this.prevIndex) return
    const term = this.term(prevIndex)
    if (term === undefined) throw new Violation('storage contract', `compaction to ${prevIndex} is beyond a log that ends at ${this.lastIndex}`)
    this.entries = this.entries.slice(prevIndex - this.prevIndex)
    this.prevIndex = prevIndex
    this.prevTerm = term
  }

  clone (): CoreDisk {
    const copy = new CoreDisk()
    copy.hardState = this.hardState
    copy.snapshot = this.snapshot
    copy.prevIndex = this.prevIndex
    copy.prevTerm = this.prevTerm
    copy.entries = this.entries.slice()
    copy.applied = this.applied
    return copy
  }

  /** Every configuration in the log, ascending, and before them that of the snapshot. */
  configurations (): Array<{ index: number, configuration: Configuration }> {
    const out: Array<{ index: number, configuration: Configuration }> = []
    const { snapshot } = this
    if (snapshot !== undefined && snapshot.configurationIndex <= this.prevIndex) {
      out.push({ index: snapshot.configurationIndex, configuration: snapshot.configuration })
    }
    for (const entry of this.entries) {
      if (entry.kind === 'config') out.push({ index: entry.index, configuration: configurationOf(entry) })
    }
    return out
  }

  /** What a restart finds. `tailFrom`: where the entries that are read into memory begin; at most `applied`, or the first. */
  initialState (tailFrom = this.prevIndex + 1): InitialState {
    const applied = Math.max(this.applied, this.snapshot?.index ?? 0)
    const from = Math.max(this.prevIndex + 1, Math.min(tailFrom, applied))
    const terms: Array<{ index: number, term: number }> = []
    for (const { index, term } of this.entries) {
      if (terms.length === 0 || terms[terms.length - 1].term !== term) terms.push({ index, term })
    }
    return {
      hardState: this.hardState,
      snapshot: this.snapshot,
      prevIndex: this.prevIndex,
      prevTerm: this.prevTerm,
      entries: this.entries.slice(from - this.prevIndex - 1),
      terms,
      lastIndex: this.lastIndex,
      configurations: this.configurations(),
      applied
    }
  }
}
