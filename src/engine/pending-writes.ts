import type { Entry, HardState, Message, SnapshotMeta, StorageAck, StorageWrite } from '../raft/types.js'
import type { GroupStorage, StoreOp } from '../storage/types.js'

/** What an installed snapshot adds to the batch that holds its {@link StorageWrite}. */
export interface SnapshotInstall {
  readonly meta: SnapshotMeta
  addTo: (ops: StoreOp[]) => void
}

/** Core writes that go to disk as one: several that gathered while a sync was in flight are one frame, not several. */
class MergedWrite {
  #entries: Entry[] | undefined
  entries: readonly Entry[]
  hardState: HardState | undefined
  mustSync: boolean
  readonly snapshot: SnapshotMeta | undefined
  readonly messages: Message[]
  readonly acks: StorageAck[]

  constructor (write: StorageWrite, readonly install: SnapshotInstall | undefined) {
    this.entries = write.entries
    this.hardState = write.hardState
    this.mustSync = write.mustSync
    this.snapshot = write.snapshot
    this.messages = [...write.messages]
    this.acks = [write.ack]
  }

  /** False if `write` truncates what this one appends, or installs a snapshot: then it is a write of its own behind this one. */
  merge (write: StorageWrite): boolean {
    const last = this.entries.at(-1)
    if (write.snapshot !== undefined) return false
    if (last !== undefined && write.entries.length > 0) {
      if (write.entries[0].index !== last.index + 1) return false
      // The array is the core's until the first merge.
      this.#entries ??= [...this.entries]
      for (const entry of write.entries) this.#entries.push(entry)
      this.entries = this.#entries
    } else if (last === undefined) {
      this.entries = write.entries
      this.#entries = undefined
    }
    this.hardState = write.hardState ?? this.hardState
    this.mustSync ||= write.mustSync
    for (const message of write.messages) this.messages.push(message)
    this.acks.push(write.ack)
    return true
  }
}

export type LandedWrite = Pick<MergedWrite, 'messages' | 'acks' | 'install'>
type Item = MergedWrite | { readonly compactTo: { readonly index: number, readonly term: number } }

/** One group's writes that wait for the next batch, in order. */
export class PendingWrites {
  readonly #storage: GroupStorage
  #items: Item[] = []
  /** Something waits for these: only a commit index that moved may wait for a ride. */
  #urgent = false

  constructor (storage: GroupStorage) {
    this.#storage = storage
  }

  get empty (): boolean { return this.#items.length === 0 }
  get urgent (): boolean { return this.#urgent }

  add (write: StorageWrite, install: SnapshotInstall | undefined): void {
    const last = this.#items.at(-1)
    if (!(last instanceof MergedWrite) || install !== undefined || !last.merge(write)) this.#items.push(new MergedWrite(write, install))
    this.#urgent ||= write.mustSync || write.messages.length > 0 || write.snapshot !== undefined || write.entries.length > 0
  }

  /** The log up to `index` may go. It rides with the next write: nobody waits for it. */
  compact (index: number, term: number): void {
    this.#items.push({ compactTo: { index, term } })
  }

  /** Turn all that waits into operations; what is returned is to be delivered once they are durable. */
  build (ops: StoreOp[]): { landed: LandedWrite[], sync: boolean } {
    const landed: LandedWrite[] = []
    let sync = false
    const items = this.#items
    this.clear()
    for (const item of items) {
      if (!(item instanceof MergedWrite)) {
        this.#storage.compact(ops, item.compactTo.index, item.compactTo.term)
        // LevelDB may lose an unsynced batch and keep a later one: the next compaction would then leave this one's frames behind its mark.
        sync = true
        continue
      }
      const { snapshot, entries, hardState, mustSync, messages, acks } = item
      this.#storage.append(ops, { snapshot, entries, hardState, mustSync, messages, ack: acks[acks.length - 1] })
      item.install?.addTo(ops)
      sync ||= mustSync
      landed.push(item)
    }
    return { landed, sync }
  }

  clear (): void {
    this.#items = []
    this.#urgent = false
  }
}
