/**
 * The words of the key-value machine: what its commands say, what they answer, and what they change. Every member must read a command
 * alike for ever, and change the same by it: none of this may ever mean something else.
 */

/** A key with its value, as it stands now. Revisions are log indexes. */
export interface KvRow {
  readonly key: Uint8Array
  readonly value: Uint8Array
  /** Of the write that made it. */
  readonly createRevision: number
  /** Of the last write. */
  readonly modRevision: number
  /** Writes since it was made, from 1. */
  readonly version: number
  /** The lease that it goes away with, or 0. */
  readonly lease: number
}

/** One key's change at one revision. */
export type KvEvent = { readonly type: 'put', readonly row: KvRow } | { readonly type: 'delete', readonly key: Uint8Array }

/** What one revision changed, in the order of its command; each key once, as that command left it. */
export interface KvChange { readonly revision: number, readonly events: readonly KvEvent[] }

export type KvOp =
  | { readonly type: 'put', readonly key: Uint8Array, readonly value: Uint8Array, readonly lease?: number }
  | { readonly type: 'delete', readonly key: Uint8Array }

export type TxnOp = KvOp
  | { readonly type: 'get', readonly key: Uint8Array }
  /** `to`: exclusive; absent: to the end. The first `limit` keys; without a limit, all, or refused if they are more than {@link MAX_RANGE_DELETE}. */
  | { readonly type: 'delete-range', readonly from: Uint8Array, readonly to?: Uint8Array, readonly limit?: number }
  /** Puts `prefix`, revision (8 bytes, big-endian), place in the command (2 bytes). */
  | { readonly type: 'append', readonly prefix: Uint8Array, readonly value: Uint8Array, readonly lease?: number }

export type CompareTarget = 'version' | 'create' | 'mod' | 'lease'
export type CompareRelation = '=' | '!=' | '<' | '>'
export type Compare =
  | { readonly target: CompareTarget, readonly key: Uint8Array, readonly relation: CompareRelation, readonly operand: number }
  | { readonly target: 'value', readonly key: Uint8Array, readonly relation: '=', readonly operand: Uint8Array }

export interface TxnCommand { readonly type: 'txn', readonly compare: readonly Compare[], readonly then: readonly TxnOp[], readonly else: readonly TxnOp[] }

export type KvCommand = KvOp
  | { readonly type: 'batch', readonly ops: readonly KvOp[] }
  | TxnCommand
  /** The lease's id is the revision. ttl in ms. */
  | { readonly type: 'grant', readonly ttl: number }
  /**
   * Leases that are gone already are passed over. Those that are there, in order, as long as they hold {@link MAX_LEASE_KEYS} keys and answers together,
   * the first in any case; those behind stay as they are, for another revoke. `expired`: by the leader's clock, not by whoever holds it. */
  | { readonly type: 'revoke', readonly leases: readonly number[], readonly expired: boolean }
  | { readonly type: 'compact', readonly revision: number }
  /**
   * `command`, once: if `sequence` of the session (a lease) has been run before, its answer again. All answers below `acknowledged` have
   * arrived and are forgotten. `secret`: the same in all commands of a session, at most {@link MAX_SESSION_SECRET} bytes.
   */
  | { readonly type: 'session', readonly lease: number, readonly sequence: number, readonly acknowledged: number, readonly secret?: Uint8Array, readonly command: Uint8Array }
  | QueueCommand

/** `queue`: its name. See queues.ts for what each does. */
export type QueueCommand =
  | { readonly type: 'queue-push', readonly queue: string, readonly id?: Uint8Array, readonly value: Uint8Array }
  /** Up to `limit` items, under a new lease (the revision) of `visibility` ms. */
  | { readonly type: 'queue-take', readonly queue: string, readonly limit: number, readonly visibility: number }
  /** Done: those of `items`, or where empty all, that `lease` still holds. */
  | { readonly type: 'queue-ack', readonly queue: string, readonly lease: number, readonly items: readonly number[] }
  /** Not done: back to their places, for the next taker. `untried`: nobody was given them, and this attempt does not count. */
  | { readonly type: 'queue-release', readonly queue: string, readonly lease: number, readonly items: readonly number[], readonly untried?: boolean }
  /** Dead items back to their places: the first, `limit` or fewer; none only if none are dead. */
  | { readonly type: 'queue-redrive', readonly queue: string, readonly limit: number }
  /** Dead items are forgotten. */
  | { readonly type: 'queue-discard', readonly queue: string, readonly items: readonly number[] }
  /** What is not given stays as it is. */
  | { readonly type: 'queue-configure', readonly queue: string, readonly maxAttempts?: number, readonly maxLength?: number, readonly dedupe?: number }

export type TxnOpResult =
  | { readonly type: 'put' }
  | { readonly type: 'delete', readonly deleted: number }
  | { readonly type: 'get', readonly row: KvRow | undefined }
  | { readonly type: 'append', readonly key: Uint8Array }

export interface QueueItem { readonly sequence: number, readonly attempts: number, readonly id?: Uint8Array, readonly value: Uint8Array }

/** Why a command was not run; nothing was changed. The words cross the wire and stand in sessions' answers, as numbers. */
export type RefusalReason =
  | 'unknown-command' | 'malformed'
  | 'no-such-lease' | 'no-such-session' | 'too-many-leases' | 'lease-full' | 'too-many-keys' | 'session-full' | 'answer-forgotten'
  | 'future-revision' | 'queue-full' | 'not-held' | 'too-large' | 'too-many-ranges'

export type KvResult =
  /** Revision of the command; of a grant, the lease's id; of a batch, of everything that it wrote. */
  | { readonly ok: true, readonly type: 'written', readonly revision: number }
  /** Leases that were there, or items: how many of those asked for were there. */
  | { readonly ok: true, readonly type: 'counted', readonly revision: number, readonly count: number }
  | { readonly ok: true, readonly type: 'txn', readonly revision: number, readonly succeeded: boolean, readonly results: readonly TxnOpResult[] }
  /** `fresh`: false, if the id was known; `sequence` is then that of the item it was pushed as. */
  | { readonly ok: true, readonly type: 'pushed', readonly revision: number, readonly sequence: number, readonly fresh: boolean }
  | { readonly ok: true, readonly type: 'taken', readonly revision: number, readonly items: readonly QueueItem[] }
  | { readonly ok: false, readonly reason: RefusalReason }

/** What a command that was run answers. */
export type KvAnswer = Extract<KvResult, { readonly ok: true }>

/** Constants of the machine: members that differed in them would differ in their state. */
export const MAX_LEASES = 100_000
export const MAX_LEASE_KEYS = 10_000
/** In one command. */
export const MAX_REVOKED_LEASES = 100
/** Answers that a session keeps, and how large they may grow before no more are added. */
export const MAX_SESSION_ANSWERS = 1_024
export const MAX_SESSION_BYTES = 8 * 1024 * 1024
export const MAX_SESSION_SECRET = 32
/** Keys that ranges delete in one command, and how many ranges it may have. */
export const MAX_RANGE_DELETE = 10_000
export const MAX_TXN_RANGES = 32
/** Keys and values that one transaction may get, beyond the first one. */
export const MAX_TXN_READ = 4 * 1024 * 1024
export const MIN_LEASE_TTL = 100
export const MAX_LEASE_TTL = 24 * 60 * 60 * 1_000

/** The tables beside the rows: leases by id; (lease, key) of what each holds; (lease, sequence) of answers. Keys of all three are bytes in order. */
export type RecordTable = 'lease' | 'attached' | 'answer'

/**
 * The state as one command sees and changes it. What is not in memory is not waited for: the view throws, the machine loads it,
 * drops what the command changed, and runs it again. So a command's function is synchronous, pure, and all or nothing.
 */
export interface View {
  row: (key: Uint8Array) => KvRow | undefined
  /** In order; `to` exclusive, absent: to the end. `outline`: the values are not wanted, and may be missing. */
  rows: (range: { from: Uint8Array, to?: Uint8Array, limit: number, outline?: boolean }) => KvRow[]
  putRow: (row: KvRow) => void
  deleteRow: (key: Uint8Array) => void
  record: (table: RecordTable, key: Uint8Array) => Uint8Array | undefined
  records: (table: RecordTable, range: { from: Uint8Array, to?: Uint8Array, limit: number }) => Array<{ key: Uint8Array, value: Uint8Array }>
  putRecord: (table: RecordTable, key: Uint8Array, value: Uint8Array) => void
  deleteRecord: (table: RecordTable, key: Uint8Array) => void
  /** What `run` changed is dropped, if it is refused: it need not check everything before it changes anything. */
  attempt: (run: () => KvResult) => KvResult
  /** Leases there are. */
  readonly leases: number
  /** Revisions up to this one are compacted. */
  compacted: number
}

/** When and where a command runs: its index, and the leader's time that its entry carries. */
export interface Moment { readonly revision: number, readonly time: number }
