import type { Entry, SnapshotMeta, StorageWrite } from '../../src/raft/types.js'
import { CoreDisk } from './core-disk.js'
import { Violation } from './oracle.js'
import { TICK_MS } from './plan.js'
import type { Surroundings } from './surroundings.js'

export interface State { readonly applied: number, readonly digest: number }

/** Runs something later in this life of the node; never, if it crashes first. */
export type Later = (delay: number, run: () => void) => void

/**
 * A node's disk: writes land in order, a batch at a time, each after a while. A crash loses what had not landed; of what was under
 * way, any prefix may have made it.
 */
export class CoreStorage {
  disk = new CoreDisk()
  /** The disk as it will be once every write has landed. */
  image = new CoreDisk()
  /** Handed over and not landed, oldest first. */
  writes: StorageWrite[] = []
  /** Reported, since they need no sync, but a crash may still lose them. */
  private unsynced: StorageWrite[] = []
  private syncing = false
  /** Of the state as of the snapshot on disk, and of the last durable apply. */
  snapshotDigest = 0
  private durable: State = { applied: 0, digest: 0 }
  /** State that came with snapshots, by index and term. */
  private readonly staged = new Map<string, number>()

  constructor (
    private readonly world: Surroundings,
    private readonly later: Later,
    /** A write is durable now. */
    private readonly landed: (write: StorageWrite) => void,
    /** These writes may be acknowledged, and what waited for them may leave. */
    private readonly report: (batch: readonly StorageWrite[]) => void
  ) {}

  /** The state machine restarts from its last durable apply, or from the snapshot where that is newer. */
  start (): State {
    this.image = this.disk.clone()
    const index = this.disk.snapshot?.index ?? 0
    if (this.durable.applied < index) this.durable = { applied: index, digest: this.snapshotDigest }
    this.disk.applied = this.durable.applied
    return this.durable
  }

  /** Returns how many of the writes under way survived, and of how many. */
  crash (): { kept: number, of: number } {
    const { random, sabotage } = this.world
    const underWay = [...this.unsynced, ...this.writes]
    const kept = random.int(0, underWay.length)
    for (let i = 0; i < kept; i++) this.land(underWay[i])
    if (sabotage.forgetVote === true) this.disk.hardState = { ...this.disk.hardState, vote: undefined }
    if (sabotage.loseSynced === true && random.chance(0.5)) {
      const applied = Math.max(this.durable.applied, this.disk.snapshot?.index ?? 0) - this.disk.prevIndex
      this.disk.entries.length = Math.min(this.disk.entries.length, Math.max(applied, this.disk.entries.length - random.int(1, 3)))
    }
    this.writes = []
    this.unsynced = []
    this.syncing = false
    this.staged.clear()
    return { kept, of: underWay.length }
  }

  write (write: StorageWrite): void {
    this.image.write(write)
    this.writes.push(write)
  }

  /** Starts on the oldest writes unless it is busy with some. */
  sync (): void {
    if (this.syncing || this.writes.length === 0) return
    const { plan, random } = this.world
    this.syncing = true
    const batch = this.writes.slice(0, random.int(1, this.writes.length))
    const mustSync = batch.some(w => w.mustSync)
    this.later(mustSync ? this.delay(random.chance(plan.disk.stall) ? plan.disk.syncMs * 20 : plan.disk.syncMs) : 0, () => {
      this.syncing = false
      this.writes.splice(0, batch.length)
      this.unsynced.push(...batch)
      if (mustSync) {
        for (const write of this.unsynced) this.land(write)
        this.unsynced = []
      }
      this.report(batch)
      this.sync()
    })
  }

  /** Timeouts are meant to be long enough for the disk that they are used with; while faults last it may be slower. */
  delay (meanMs: number): number {
    const { plan, random, healed } = this.world
    return Math.min(random.exponential(meanMs), plan.electionTicks * TICK_MS * (healed ? 0.05 : 5))
  }

  private land (write: StorageWrite): void {
    this.disk.write(write)
    if (write.snapshot !== undefined) {
      const { index } = write.snapshot
      const digest = this.stagedDigest(write.snapshot)
      this.snapshotDigest = digest
      this.durable = { applied: index, digest }
    }
    this.landed(write)
  }

  stage (meta: SnapshotMeta, digest: number): void {
    this.staged.set(`${meta.index}/${meta.term}`, digest)
  }

  stagedDigest ({ index, term }: SnapshotMeta): number {
    const digest = this.staged.get(`${index}/${term}`)
    if (digest === undefined) throw new Violation('storage contract', `a snapshot at ${index} is installed that was never staged`)
    return digest
  }

  /** Data and applied index are in one batch, which is durable sooner or later. */
  saveApplied (state: State): void {
    if (this.world.random.chance(0.5)) this.durable = state
  }

  saveSnapshot (meta: SnapshotMeta, digest: number): void {
    this.image.saveSnapshot(meta)
    this.disk.saveSnapshot(meta)
    this.snapshotDigest = digest
    if (this.durable.applied < meta.index) this.durable = { applied: meta.index, digest }
  }

  cut (prevIndex: number): void {
    this.image.cut(prevIndex)
    this.disk.cut(prevIndex)
  }

  /** Entries from there on, the first one whatever its size; none if it is gone. */
  read (from: number, maxBytes: number): Entry[] {
    const entries: Entry[] = []
    let bytes = 0
    for (let index = from; index > this.disk.prevIndex && index <= this.disk.lastIndex; index++) {
      const entry = this.disk.entry(index) as Entry
      bytes += entry.data.length
      if (entries.length > 0 && bytes > maxBytes) break
      entries.push(entry)
    }
    return entries
  }
}
