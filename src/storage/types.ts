import type { ByteRange } from './bytes.js'
import type { AtRest, Vault } from './vault.js'
import type { Entry, InitialState, SnapshotMeta, StorageWrite } from '../raft/types.js'

/** One operation of an atomic batch. Keys are bytes and sort as bytes. */
export type StoreOp =
  | { readonly type: 'put', readonly key: Uint8Array, readonly value: Uint8Array }
  | { readonly type: 'del', readonly key: Uint8Array }

export interface RangeOptions {
  gte: Uint8Array
  lt: Uint8Array
  reverse?: boolean
  limit?: number
  snapshot?: StoreSnapshot
  /** Values are not read; they come as empty bytes. */
  keysOnly?: boolean
  signal?: AbortSignal
}

/** A frozen view of the store; writes go on beside it. Close it, or LevelDB keeps what it sees for ever. */
export interface StoreSnapshot { close: () => Promise<void> }

/**
 * What raftmesh needs of an ordered store: the LevelDB one on a node, a simulated one in tests. Batches are atomic and land in the
 * order of the calls. A failed or unsynced-and-lost write poisons the store: `failed` rejects nothing, it is set once and every
 * later call throws StorePoisonedError.
 */
export interface OrderedStore {
  batch: (ops: readonly StoreOp[], options: { sync: boolean }) => Promise<void>
  /**
   * Changes values in their turn among the batches: `change` sees what all of those before have left, and what stands under a key then
   * is what it was given. A key without a value is passed over; undefined leaves a value as it is. A throw changes nothing, and is the caller's.
   */
  rewrite: (keys: readonly Uint8Array[], change: (key: Uint8Array, value: Uint8Array) => Uint8Array | undefined, options: { sync: boolean }) => Promise<void>
  get: (key: Uint8Array, options?: { snapshot?: StoreSnapshot }) => Promise<Uint8Array | undefined>
  /** At once: for a value that is most likely in memory, without which a state machine could not go on. */
  getNow: (key: Uint8Array) => Uint8Array | undefined
  getMany: (keys: readonly Uint8Array[]) => Promise<Array<Uint8Array | undefined>>
  /** Pages of [key, value], in order, a bounded number at a time. */
  range: (options: RangeOptions) => AsyncIterable<Array<[Uint8Array, Uint8Array]>>
  snapshot: () => StoreSnapshot
  /** Leaves nothing in the range's files of what was replaced or deleted there, but for what a snapshot still sees. */
  compact: (range: ByteRange) => Promise<void>
  /** Set when a write or sync failed. */
  readonly failure: Error | undefined
  /** Called once when the store is poisoned. */
  onFailure: (listener: (error: Error) => void) => void
  close: () => Promise<void>
}

/** Fixed for the life of a group on a node. */
export interface GroupIdentity {
  /** 32 bytes, fixed when the group was formed. */
  readonly clusterId: Uint8Array
  /** 16 hex digits, made when this node's storage for the group was created: a wiped disk is a new one. */
  readonly incarnation: string
}

/** A snapshot that is complete on this node: its chunks, each with its hash, and its manifest. */
export interface SnapshotManifest {
  readonly meta: SnapshotMeta
  /** Random, 16 hex digits: a transfer resumes only within the same snapshot. */
  readonly id: string
  readonly chunks: number
  /** Bytes as stored (compressed), and before. */
  readonly storedBytes: number
  readonly bytes: number
  /** SHA-256 over the chunk hashes in order. */
  readonly digest: Uint8Array
}

export interface SnapshotChunk { readonly seq: number, readonly hash: Uint8Array, readonly data: Uint8Array }

/** The receiving end of a transfer: survives a broken stream and a restart, resumes at `next`. */
export interface SnapshotStaging {
  readonly next: number
  /** Verifies the hash and the order; throws MalformedFrameError on a bad chunk, and keeps what it has. */
  write: (chunk: SnapshotChunk) => Promise<void>
  /** Verifies count and digest. From here the snapshot can be read with `openStaged`. */
  finish: () => Promise<void>
}

/** One group's durable state. Methods that take `ops` add to a batch that the engine writes; they do no I/O themselves. */
export interface GroupStorage {
  readonly namespace: string
  readonly identity: GroupIdentity | undefined
  /** What was found at open: checked for continuity, checksums, and that the log covers vote, applied index and snapshot. */
  initial: (applied: number) => Promise<InitialState>
  /** Create the group's identity, with the genesis entry of a founder or, for a joiner, an empty log. One synced batch of its own. */
  create: (identity: GroupIdentity, genesis?: Entry) => Promise<void>
  /** Turn a core write into operations: snapshot reset, truncation, one packed frame, hard state. */
  append: (ops: StoreOp[], write: StorageWrite) => void
  /** Entries [from, …) up to maxBytes (at least one); empty if they are compacted. */
  read: (from: number, maxBytes: number) => Promise<Entry[]>
  /** Delete whole frames at or below `prevIndex`. */
  compact: (ops: StoreOp[], prevIndex: number, prevTerm: number) => void
  readonly logBytes: number
  /** For whoever keeps records of its own under the group's keys. */
  readonly vault: Vault
  readonly atRest: AtRest
  /** Small named values of the group (formation promise, address book …), under `<namespace>/stable/`. */
  getStable: (name: string) => Promise<Uint8Array | undefined>
  putStable: (ops: StoreOp[], name: string, value: Uint8Array | undefined) => void

  /** Stream `source` into a new snapshot: compressed chunks with hashes, the manifest last and synced; older than `retain` removed. */
  saveSnapshot: (meta: SnapshotMeta, source: AsyncIterable<Uint8Array>, options: { retain: number, signal?: AbortSignal }) => Promise<SnapshotManifest>
  /** Complete snapshots, newest first. */
  snapshots: () => SnapshotManifest[]
  /** Chunks as stored, from `from`, for a transfer. Throws if the snapshot was removed meanwhile. */
  chunks: (manifest: SnapshotManifest, from: number) => AsyncIterable<SnapshotChunk>
  /** The original bytes, decompressed and verified, for a restore. */
  openSnapshot: (manifest: SnapshotManifest) => AsyncIterable<Uint8Array>
  stage: (manifest: SnapshotManifest) => Promise<SnapshotStaging>
  openStaged: (manifest: SnapshotManifest) => AsyncIterable<Uint8Array>
  /** Operations that make the staged snapshot one of `snapshots()`; they go in the batch that installs it. Call the result when that is durable. */
  promoteStaged: (ops: StoreOp[], manifest: SnapshotManifest) => () => void
  discardStaged: () => Promise<void>
  /** Delete everything of this group on this node (a removed member that rejoins as a new incarnation). */
  destroy: () => Promise<void>
  /** Ends what runs in the background. Resolves when nothing of it does. */
  close: () => Promise<void>
}
