import type { Entry, SnapshotMeta } from '../raft/types.js'
import type { KvChange, KvRow } from './kv-types.js'
import type { StoreOp } from '../storage/types.js'

/** A committed command, as a state machine sees it. */
export interface Command {
  readonly index: number
  readonly term: number
  /** The proposing leader's wall time in ms, never less than the command before it: the only clock that `apply` may use. */
  readonly time: number
  readonly data: Uint8Array
}

/**
 * A program's own state machine. Every member applies the same commands in the same order, so `apply` must be deterministic: no clock
 * but `command.time`, no randomness, no outcome of I/O. A throw from `apply` stops the group on this node: it cannot be skipped
 * without leaving the others' state.
 */
export interface StateMachine {
  /** One result for each command, in order; empty bytes where there is nothing to say. */
  apply: (commands: readonly Command[]) => Uint8Array[] | Promise<Uint8Array[]>
  /**
   * The state as of the last applied command. Called between applies, and asked for its first piece before the next; the rest is read while
   * later commands are applied. So whatever changes must be copied before the first `yield`.
   */
  snapshot: () => AsyncIterable<Uint8Array>
  /** Replace the whole state. */
  restore: (source: AsyncIterable<Uint8Array>, meta: SnapshotMeta) => Promise<void>
  /** Only for a machine that keeps durable state of its own: the last index that state holds. */
  appliedIndex?: () => Promise<number>
  /**
   * Back to the state before the first command, for a node that was removed from the group and comes back as a new member. Without it,
   * such a node stays out until it joins again with a fresh machine.
   */
  reset?: () => Promise<void>
  close?: () => Promise<void>
}

/** A restore that is ready but not in force: its operations go in the batch that installs the snapshot, then `commit` switches over. */
export interface PreparedRestore {
  readonly ops: readonly StoreOp[]
  commit: () => Promise<void>
  abort: () => Promise<void>
}

/** A state machine as the engine drives it: the built-in KV, and the adapter around a program's own {@link StateMachine}. */
export interface HostedMachine {
  /**
   * Load. `latest`: opens the newest local snapshot, if any, for a machine that keeps nothing itself.
   * Returns the last index that the machine's state holds; the engine replays from there.
   */
  open: (latest?: { meta: SnapshotMeta, source: () => AsyncIterable<Uint8Array> }) => Promise<number>
  /** Entries of all kinds, so that the machine knows how far it is; a result for each. noop and config entries yield empty bytes. */
  apply: (entries: readonly Entry[]) => Uint8Array[] | Promise<Uint8Array[]>
  /** Last index applied in memory, and last one that a restart would find: the log is never compacted past that. */
  readonly appliedIndex: number
  readonly durableIndex: number
  /** Make all that is applied durable (a write, not necessarily a sync: the store keeps the order). */
  flush: () => Promise<void>
  /** The state as of exactly `appliedIndex` at the call. Call `close` when done with `source`, whether it was read or not. */
  snapshot: () => Promise<{ index: number, source: AsyncIterable<Uint8Array>, close: () => Promise<void> }>
  prepareRestore: (source: AsyncIterable<Uint8Array>, meta: SnapshotMeta) => Promise<PreparedRestore>
  close: () => Promise<void>
}

/** Reads of the built-in KV, as of everything applied at the call. */
export interface KvReader {
  get: (key: Uint8Array) => Promise<Uint8Array | undefined>
  /** Keys with the prefix, ascending, at most `limit`, after `after` where given (for paging). */
  keys: (prefix: Uint8Array, options: { limit: number, after?: Uint8Array }) => Promise<Uint8Array[]>
}

/** The keys from `from` (inclusive) to `to` (exclusive; absent: to the end). */
export interface KeySpan { readonly from: Uint8Array, readonly to?: Uint8Array }

export interface RowsOptions extends KeySpan {
  readonly limit: number
  /** Of keys and values; one row is given, however large it is. */
  readonly maxBytes?: number
  readonly reverse?: boolean
  /** Values are empty, and only they: what else a row says is as it always is. A page also ends when many of them were read. */
  readonly keysOnly?: boolean
}

export interface RowsPage { readonly rows: KvRow[], readonly more: boolean, readonly revision: number }

/** Told in the turn in which entries are applied, on every member alike. What it throws fails the group: it must not. */
export interface KvObserver {
  changed?: (changes: readonly KvChange[]) => void
  leases?: (change: { readonly granted: ReadonlyArray<{ readonly id: number, readonly ttl: number }>, readonly ended: readonly number[] }) => void
  /** A snapshot took the place of all there was: what was known of it is to be read again. */
  replaced?: () => void
}

/** The whole of what can be read of the KV on this member. */
export interface KvState extends KvReader {
  /** All up to here is applied. */
  readonly revision: number
  /** History up to here is gone. */
  readonly compacted: number
  row: (key: Uint8Array) => Promise<KvRow | undefined>
  /** As of one revision. */
  rows: (options: RowsOptions) => Promise<RowsPage>
  /**
   * What was changed in the span from revision `from` on, whole revisions, as many as `maxBytes` allow but one at least; `next`: where to go
   * on. Without any changes, `next` is behind what is applied, or behind as much as was looked through at once.
   *
   * @throws CompactedError if `from` is not after `compacted`
   */
  changes: (options: { span: KeySpan, from: number, maxBytes: number }) => Promise<{ changes: KvChange[], next: number }>
  /** Ids and ttl (ms) of all leases there are, in the order of their ids. */
  leases: () => ReadonlyMap<number, number>
  leaseKeys: (lease: number, limit: number) => Promise<Uint8Array[]>
  /** Returns how to stop. */
  observe: (observer: KvObserver) => () => void
  /** Of history that is in the store; `beyond`: the first revision up to which it may go for what is left to take no more than `most` bytes. */
  readonly history: { readonly bytes: number, readonly beyond: (most: number) => number }
}
