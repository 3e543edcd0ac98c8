import type { Clock } from '../clock.js'
import type { KvAnswer, QueueCommand } from '../machine/kv-types.js'
import type { AbortOptions } from '@libp2p/interface'

/** Keys are bytes; a string stands for its UTF-8 bytes. Keys that begin with a zero byte are raftmesh's own: recipes keep their state there. */
export type Key = string | Uint8Array
export type Value = string | Uint8Array

/**
 * - `linearizable` (default): sees every write acknowledged anywhere before the call, on followers too (ReadIndex, Ongaro §6.4).
 * - `lease`: the same while clocks run at nearly the same rate; opt-in per namespace (`leaseReads`), falls back to `linearizable`.
 * - `bounded`: this member's state, if a leader has confirmed within `maxAge` that it lacked nothing; otherwise as `linearizable`.
 * - `stale`: this member's applied state, at once; `ReadResult.age` says how old it may be.
 */
export type Consistency = 'linearizable' | 'lease' | 'bounded' | 'stale'

export interface WriteOptions extends AbortOptions {
  /** On a follower: send the write to the leader (default), or throw NotLeaderError that names it. */
  forward?: boolean
}

export interface ReadOptions extends AbortOptions {
  consistency?: Consistency
  /** For `bounded`: ms. Default 1,000. */
  maxAge?: number
}

/** Which keys: `key` alone, those with `prefix`, or from `from` (inclusive) to `to` (exclusive). Nothing: all but raftmesh's own. */
export interface KeyRange { key?: Key, prefix?: Key, from?: Key, to?: Key }

/** A key and what is known of it. Revisions are log indexes: the group's own order of all that was ever written. */
export interface Row {
  readonly key: Uint8Array
  readonly value: Uint8Array
  /** Of the write that made it; a key that is deleted and set again is made anew. */
  readonly createRevision: number
  /** Of the last write. */
  readonly modRevision: number
  /** Writes since it was made: 1 when new. */
  readonly version: number
  /** The lease that it goes away with; 0 for none. */
  readonly lease: number
}

export interface ReadResult {
  readonly row: Row | undefined
  /** All up to here is in the answer. */
  readonly revision: number
  /** ms: how long ago this state was, at the latest, all that was committed; Infinity if nobody has ever confirmed it. 0 for linearizable reads. */
  readonly age: number
}

export interface KeysOptions extends ReadOptions { prefix?: Key, after?: Key, limit?: number }

export interface ScanOptions extends ReadOptions, KeyRange {
  /** Only keys behind this one, in the order of the scan: `next` of the page before. */
  after?: Key
  /** Rows in a page. Default 1,000, and at most 10,000; a page also ends at 1 MiB. */
  limit?: number
  /** Values are left out, as empty bytes; the rest of a row is as it is. */
  keysOnly?: boolean
  reverse?: boolean
}

/** Rows in byte order of their keys. Each page is read at its own revision. */
export interface Page {
  readonly rows: readonly Row[]
  readonly revision: number
  readonly age: number
  /** Give it as `after` for the next page; undefined: that was the last. */
  readonly next: Uint8Array | undefined
}

/** `revision`: the log index at which the write took effect. */
export interface Written { readonly revision: number }
export interface Deleted extends Written { readonly deleted: number }

export interface SetOptions extends WriteOptions {
  /** Only if the key is at this version now (0: is not there). Otherwise ConflictError, and nothing is written. */
  version?: number
  /** The key goes away with that lease. A set without one takes the key from its lease. */
  lease?: number
}
export interface DeleteOptions extends WriteOptions { version?: number }
export interface DeleteRangeOptions extends WriteOptions, KeyRange {
  /** The first so many keys. Without it, all of them or, if they are over 10,000, none (TooLargeError). */
  limit?: number
}

export type BatchOperation = { type: 'set', key: Key, value: Value, lease?: number } | { type: 'delete', key: Key }

/** A number itself, or bounds for it; all that are given must hold. */
export type Condition = number | { is?: number, not?: number, above?: number, below?: number }

/** All that is given must hold. Of a key that is not there, all numbers are 0, and no `value` holds. */
export interface Comparison {
  key: Key
  exists?: boolean
  version?: Condition
  createRevision?: Condition
  modRevision?: Condition
  lease?: Condition
  value?: Value
}

export type TxnOperation = BatchOperation
  | { type: 'get', key: Key }
  | { type: 'deleteRange', limit?: number } & KeyRange
  /** Sets a new key, greater than all that were appended under `prefix` before: `prefix`, then the revision and the operation's place as 8 + 2 bytes. */
  | { type: 'append', prefix: Key, value: Value, lease?: number }

export type TxnOperationResult =
  | { readonly type: 'set' }
  | { readonly type: 'delete' | 'deleteRange', readonly deleted: number }
  | { readonly type: 'get', readonly row: Row | undefined }
  | { readonly type: 'append', readonly key: Uint8Array }

/** If every comparison holds, `then` is done, or else `else`: in one step, at one revision. Later operations see what earlier ones did. */
export interface Txn { compare?: readonly Comparison[], then?: readonly TxnOperation[], else?: readonly TxnOperation[] }
export interface TxnResult extends Written {
  /** The comparisons held. */
  readonly succeeded: boolean
  readonly results: readonly TxnOperationResult[]
}

/** One change of one key. Events of one revision come together, in the order in which their command made them; a key changes once in each. */
export type WatchEvent =
  | { readonly type: 'set', readonly revision: number, readonly key: Uint8Array, readonly row: Row }
  | { readonly type: 'delete', readonly revision: number, readonly key: Uint8Array, readonly row?: undefined }

export interface WatchOptions extends AbortOptions, KeyRange {
  /** The first revision to be told of. Default: all that is written once `watch()` has resolved; what is written while it is under way may be left out. */
  revision?: number
}

/**
 * Changes in the order of their revisions: none is left out and none comes twice, whichever members are asked on the way. Nothing is kept anywhere
 * for a watcher that does not read: one that is slower than history is compacted ends with CompactedError.
 */
export interface Watch extends AsyncIterableIterator<WatchEvent>, AsyncDisposable {
  /** All events before this revision have been handed out, or did not match. */
  readonly revision: number
  /** All events of the next revisions that have any, at least one. */
  nextBatch: () => Promise<readonly WatchEvent[]>
}

export interface LeaseOptions extends AbortOptions {
  /** ms. Default 10,000; from 100 to 24 hours. */
  ttl?: number
}

/** A lease that this program keeps alive until it is revoked, or lost. */
export interface Lease extends AsyncDisposable {
  readonly id: number
  readonly ttl: number
  /** Aborts, with LeaseLostError as its reason, when the lease is gone or may be: it could not be kept alive in time. */
  readonly signal: AbortSignal
  /** ms that it surely lives for yet, by this process's own clock, counted from when the last keep-alive that was answered left. */
  remaining: () => number
  /** Ends it, and deletes the keys that it holds. Once it is gone anyway, this does nothing. */
  revoke: (options?: AbortOptions) => Promise<void>
}

export interface LeaseStatus {
  readonly id: number
  readonly ttl: number
  /** ms, as the leader sees it. */
  readonly remaining: number
  readonly keys: readonly Uint8Array[]
}

/** The single steps, for those who keep their leases themselves. */
export interface LeaseOperations {
  grant: (options?: LeaseOptions) => Promise<{ id: number, ttl: number }>
  /** Confirmed by a majority. Throws LeaseNotFoundError once it has expired or was revoked. */
  keepAlive: (id: number, options?: AbortOptions) => Promise<{ ttl: number }>
  revoke: (id: number, options?: AbortOptions) => Promise<void>
  timeToLive: (id: number, options?: AbortOptions) => Promise<LeaseStatus>
  list: (options?: AbortOptions) => Promise<Array<{ id: number, ttl: number }>>
}

export interface SessionOptions extends AbortOptions {
  /** ms that the session outlives its last keep-alive. Default 10,000; from 100 to 24 hours. */
  ttl?: number
}

/**
 * A handle whose writes are done exactly once: each has a number, and the group remembers its answer, so one whose answer was lost is sent again
 * as it was. It lives as long as its lease, whose id it has.
 */
export interface Session extends KeyValue, AsyncDisposable {
  /** Of its lease: keys that are set with it go away with the session. */
  readonly id: number
  /** Aborts, with SessionExpiredError as its reason, when the session is over or may be. */
  readonly signal: AbortSignal
  /** Ends it, and deletes the keys that its lease holds. What it wrote stays. */
  close: (options?: AbortOptions) => Promise<void>
}

/** Something that somebody said just now: not kept, not replicated. */
export interface LiveEvent { readonly topic: string, readonly data: Uint8Array, readonly publisher: string }

/** What members and clients can do with a namespace that holds the built-in state machine. */
export interface KeyValue {
  readonly namespace: string
  set: (key: Key, value: Value, options?: SetOptions) => Promise<Written>
  get: (key: Key, options?: ReadOptions) => Promise<Uint8Array | undefined>
  /** As `get`, with all that is known of the key, and of how fresh the answer is. */
  read: (key: Key, options?: ReadOptions) => Promise<ReadResult>
  delete: (key: Key, options?: DeleteOptions) => Promise<Deleted>
  deleteRange: (options: DeleteRangeOptions) => Promise<Deleted>
  /** Keys in byte order, as strings (UTF-8). All of them, unless `limit` is given. */
  keys: (options?: KeysOptions) => Promise<string[]>
  scan: (options?: ScanOptions) => Promise<Page>
  /** All pages of a scan. */
  rows: (options?: ScanOptions) => AsyncIterableIterator<Row>
  /** All or nothing, at one revision. */
  batch: (operations: readonly BatchOperation[], options?: WriteOptions) => Promise<Written>
  txn: (txn: Txn, options?: WriteOptions) => Promise<TxnResult>
  /** Resolves once it is settled from which revision on events come. */
  watch: (options?: WatchOptions) => Promise<Watch>
  /** Forgets what happened up to `revision`: no watch can begin there any more. What keys hold now is not touched. */
  compact: (revision: number, options?: WriteOptions) => Promise<Written>
  lease: (options?: LeaseOptions) => Promise<Lease>
  readonly leases: LeaseOperations
  /** Tells everyone who listens to `topic` at this moment, by way of the leader: at most once, in one order. Resolves with how many were told, or will be with their next request. */
  publish: (topic: string, data: Value, options?: AbortOptions) => Promise<number>
  /** Resolves when it listens. It hears nothing of what was said while the leader changes, and of what it is too slow for; `missed` tells. */
  subscribe: (topic: string, options?: AbortOptions) => Promise<LiveSubscription>
}

export interface LiveSubscription extends AsyncIterableIterator<LiveEvent>, AsyncDisposable {
  /** Times that something may have been missed. */
  readonly missed: number
}

/** What recipes are built on: nothing else of a namespace, and no clock but this one. */
export interface RecipeContext {
  readonly kv: KeyValue
  /** A command that no method of `kv` stands for, proposed as they propose theirs. A refusal is thrown, as the error that its reason stands for. */
  readonly run: (command: QueueCommand, options?: WriteOptions) => Promise<KvAnswer>
  /** As those of `kv`, on a recipe's own topics: an `ownPrefix`, by whose right they are judged, and which no topic of a program's is. */
  readonly live: Pick<KeyValue, 'publish' | 'subscribe'>
  readonly clock: Clock
  /** [0, 1). */
  readonly random: () => number
  readonly log: (format: string, ...args: unknown[]) => void
  /** Aborts when the handle is closed. */
  readonly signal: AbortSignal
}
