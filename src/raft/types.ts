/**
 * The vocabulary of the consensus core: what goes in, what comes out.
 *
 * The core is a pure, synchronous state machine in the shape of etcd's raft. The engine feeds it messages, ticks and proposals;
 * after each it asks {@link Ready} for everything to do next. Nothing here knows of a clock, a socket, a disk or a promise.
 *
 * Indexes and terms are `number`, asserted to be safe integers. Index 0 and term 0 mean "before the first".
 */

/**
 * A member of a group: an opaque string to the core. Outside it is `<peer id>.<incarnation>`, because a node that lost its disk is
 * a new member and must not pass for the one that had the vote and the log.
 */
export type MemberId = string

/** What an entry is. `noop`: the first entry of a term. `config`: a {@link Configuration}. `command`: bytes for the state machine. */
export type EntryKind = 'command' | 'noop' | 'config'

export interface Entry {
  readonly index: number
  readonly term: number
  readonly kind: EntryKind
  /** The proposing leader's wall time in ms, never less than that of the entry before. The only time `apply` may look at. */
  readonly time: number
  readonly data: Uint8Array
}

/** Must be durable before any message that depends on it leaves (Raft §5, figure 2: persistent state). `commit` is a hint only: it may lag. */
export interface HardState {
  readonly term: number
  readonly vote?: MemberId
  readonly commit: number
}

/**
 * Who votes and who listens. `outgoing` is non-empty only while joint (Raft §6): then both majorities are needed.
 * `learnersNext` are voters of the outgoing half that become learners when the joint configuration is left.
 * All lists are sorted, without duplicates, and disjoint as in etcd's tracker.
 *
 * `policy` says who may do what with the group. To the core it is text, carried along: in here it is rolled back with a truncated entry,
 * and kept by snapshots, whatever the state machine is.
 */
export interface Configuration {
  readonly voters: readonly MemberId[]
  readonly outgoing: readonly MemberId[]
  readonly learners: readonly MemberId[]
  readonly learnersNext: readonly MemberId[]
  readonly policy?: string
}

export type MemberChange =
  | { readonly op: 'add-voter', readonly member: MemberId } // also promotes a learner
  | { readonly op: 'add-learner', readonly member: MemberId } // also demotes a voter
  | { readonly op: 'remove', readonly member: MemberId }

/** The state as of an index that everything before it has been folded into. */
export interface SnapshotMeta {
  readonly index: number
  readonly term: number
  /** Time of the entry at `index`, so that time stays monotonic when the log is empty. */
  readonly time: number
  /** The configuration as of `index`: committed by definition, never one that is only in the log beyond it. */
  readonly configuration: Configuration
  /** Index of the entry that set `configuration`. */
  readonly configurationIndex: number
}

interface Base { readonly from: MemberId, readonly to: MemberId, readonly term: number }

/** `term` is the term that the pre-candidate would campaign in (its own plus one); a pre-vote changes nobody's term or vote. */
export interface PreVote extends Base { readonly type: 'pre-vote', readonly lastIndex: number, readonly lastTerm: number }
/** Granted: `term` echoes the request's. Refused: `term` is the refuser's own. */
export interface PreVoteReply extends Base { readonly type: 'pre-vote-reply', readonly granted: boolean }
/** `transfer`: the old leader asked for this campaign (TimeoutNow), so a voter's lease on that leader doesn't forbid it. */
export interface Vote extends Base { readonly type: 'vote', readonly lastIndex: number, readonly lastTerm: number, readonly transfer: boolean }
export interface VoteReply extends Base { readonly type: 'vote-reply', readonly granted: boolean }
export interface Append extends Base {
  readonly type: 'append'
  readonly prevIndex: number
  readonly prevTerm: number
  readonly entries: readonly Entry[]
  readonly commit: number
}
/** Success: `index` is the last index verified by that append. Rejected: `index` is the refused prevIndex, and the hint a place to probe next. */
export interface AppendReply extends Base {
  readonly type: 'append-reply'
  readonly index: number
  readonly rejected: boolean
  readonly hintIndex: number
  readonly hintTerm: number
}
/** `commit` is min(match, commit): never past what the follower is known to hold. `read` is the read round that an answer confirms. */
export interface Heartbeat extends Base { readonly type: 'heartbeat', readonly commit: number, readonly read: number }
/**
 * A new commit index, bounded like a heartbeat's, and never answered: where little is gathered into a frame, the answer would be a quarter of
 * all frames, and say nothing new. A lost one is made good by the next append or heartbeat.
 */
export interface Commit extends Base { readonly type: 'commit', readonly commit: number }
export interface HeartbeatReply extends Base { readonly type: 'heartbeat-reply', readonly read: number }
/** The receiver has staged and verified the whole snapshot; only the engine makes this message, locally, when the transfer is complete. */
export interface InstallSnapshot extends Base { readonly type: 'install-snapshot', readonly meta: SnapshotMeta }
export interface TimeoutNow extends Base { readonly type: 'timeout-now' }
/** A follower asks its leader for a read index. `context` is unique for ever: a random start for each run, then a counter. */
export interface ReadIndexRequest extends Base { readonly type: 'read-index', readonly context: number }
export interface ReadIndexReply extends Base { readonly type: 'read-index-reply', readonly context: number, readonly index: number, readonly refused: boolean }
/** The leader goes quiet: whoever holds exactly this (term, commit = last index) may stop ticking. */
export interface Quiesce extends Base { readonly type: 'quiesce', readonly commit: number }

export type Message =
  | PreVote | PreVoteReply | Vote | VoteReply | Append | AppendReply | Commit | Heartbeat | HeartbeatReply
  | InstallSnapshot | TimeoutNow | ReadIndexRequest | ReadIndexReply | Quiesce

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader'

/**
 * Handed back by the engine once a {@link StorageWrite} is durable. `generation` moves on every truncation, snapshot install and
 * term change: an acknowledgement of a generation that is gone counts for nothing (the async-append ABA of etcd and ra).
 */
export interface StorageAck { readonly term: number, readonly lastIndex: number, readonly generation: number }

/** To be made durable in one atomic batch, in the order: snapshot, entries, hard state. */
export interface StorageWrite {
  /** Replaces the whole log: it then starts after `snapshot.index`. The engine has it staged and verified already. */
  readonly snapshot?: SnapshotMeta
  /** Contiguous. Whatever the log holds at or after `entries[0].index` is replaced. May be empty. */
  readonly entries: readonly Entry[]
  readonly hardState?: HardState
  /** False when only `hardState.commit` moved: it needs no sync of its own and may ride with a later write. */
  readonly mustSync: boolean
  /** Leave only after this write is durable. */
  readonly messages: readonly Message[]
  readonly ack: StorageAck
}

/** The core needs entries that are no longer in memory: read [from, …) up to `maxBytes` and hand them to `fetched()`. */
export interface LogFetch { readonly to: MemberId, readonly from: number, readonly maxBytes: number }

/** `index`: answer once that much is applied. A refused read was not served: its caller may ask again. */
export type ReadResult =
  | { readonly context: number, readonly index: number }
  | { readonly context: number, readonly refused: 'no-leader' | 'leader-changed' | 'not-ready' }

export interface SoftState { readonly role: Role, readonly term: number, readonly leader?: MemberId }

/** Everything to do next. Each ready is handed out once; several writes may be outstanding, and are made durable in order. */
export interface Ready {
  readonly write?: StorageWrite
  /** May leave now, whatever the disk is doing (Ongaro §10.2.1: the leader appends to its disk in parallel with sending). */
  readonly messages: readonly Message[]
  /** Committed and not handed out before, in order, without a gap. On a voter or learner alike, only entries that are durable here. */
  readonly committed: readonly Entry[]
  readonly reads: readonly ReadResult[]
  readonly fetches: readonly LogFetch[]
  /** Members that need a snapshot: the engine streams its latest and reports with `snapshotSent()` / `snapshotFailed()`. */
  readonly snapshots: readonly MemberId[]
  /** Set when role, term or leader changed since the last ready. */
  readonly soft?: SoftState
  /** Set when the effective configuration changed (on append, and again on commit or roll-back). */
  readonly configuration?: { readonly configuration: Configuration, readonly index: number, readonly committed: boolean }
}

export interface RaftOptions {
  readonly id: MemberId
  /** Election timeout in ticks, randomised in [n, 2n). */
  readonly electionTicks: number
  readonly heartbeatTicks: number
  /** Bytes of entries in one append, and how many appends and bytes may be in flight to one follower. */
  readonly maxAppendBytes: number
  readonly maxInflight: number
  readonly maxInflightBytes: number
  /** Over this many bytes of uncommitted entries, a proposal is refused as busy. One proposal always fits. */
  readonly maxUncommittedBytes: number
  /** Committed-entry bytes handed out in one ready. */
  readonly maxCommittedBytes: number
  /** Bytes of entries kept in memory; what is not yet durable or not yet handed out for apply is always kept. */
  readonly maxCachedBytes: number
  /** Opt-in lease reads. Also makes this node ignore hints of a lost leader, which would break the lease of one that lives. */
  readonly leaseReads: boolean
  /**
   * Lease length in the engine's monotonic ms. A voter keeps to it for `electionTicks` ticks, of which the first may be cut short: so at
   * most `electionTicks - 1` ticks, less the clock drift allowed for.
   */
  readonly leaseMs: number
  /** Seeded generator, [0, 1). */
  readonly random: () => number
}

/** What storage found at start. */
export interface InitialState {
  readonly hardState: HardState
  /** What the log starts after; absent for a log that starts at index 1. */
  readonly snapshot?: SnapshotMeta
  /**
   * Index and term of the entry before the first one still in the log (compaction keeps trailing entries before the snapshot);
   * (0, 0) for a log that starts at 1.
   */
  readonly prevIndex: number
  readonly prevTerm: number
  /**
   * The tail of the log, contiguous up to its last index; must reach back to `applied`, or to the first entry where that is compacted:
   * without the time of the last entry, those of the next could go back.
   */
  readonly entries: readonly Entry[]
  /** First index and term of each run of equal terms in the whole log, ascending: so that the term of any index is known without I/O. */
  readonly terms: ReadonlyArray<{ readonly index: number, readonly term: number }>
  /** Last index of the whole log (prevIndex when empty). */
  readonly lastIndex: number
  /** Every configuration in the log, ascending by index, and before them that of the snapshot. Empty for a joiner that knows none. */
  readonly configurations: ReadonlyArray<{ readonly index: number, readonly configuration: Configuration }>
  /** Last index whose effect the state machine already holds durably. */
  readonly applied: number
}

export interface ProgressView {
  readonly member: MemberId
  readonly state: 'probe' | 'replicate' | 'snapshot'
  readonly match: number
  readonly next: number
  readonly recentlyActive: boolean
  readonly inflight: number
  readonly learner: boolean
}

export interface RaftStatus {
  readonly id: MemberId
  readonly role: Role
  readonly term: number
  readonly vote?: MemberId
  readonly leader?: MemberId
  readonly commit: number
  /** Last index handed out for apply, and last index that the engine reported applied. */
  readonly handedOut: number
  readonly applied: number
  readonly firstIndex: number
  readonly lastIndex: number
  /** Last index that is durable here. */
  readonly storedIndex: number
  readonly configuration: Configuration
  readonly configurationIndex: number
  /** Not yet committed configuration in the log. */
  readonly configurationPending: boolean
  /** Of the last configuration that is known here to be committed. */
  readonly committedConfigurationIndex: number
  /** Term of the last entry in the log. */
  readonly lastTerm: number
  readonly transferTarget?: MemberId
  readonly quiesced: boolean
  readonly uncommittedBytes: number
  /** On a leader only. */
  readonly progress: readonly ProgressView[]
  /** A leader that has committed an entry of its own term: only then may it serve reads or change members. */
  readonly termCommitted: boolean
}

/** Why the core would not take a proposal, change or transfer. Nothing happened: trying again is safe. */
export type Refusal = 'not-leader' | 'busy' | 'transferring' | 'change-pending' | 'not-ready' | 'stale-configuration' | 'invalid-change' | 'unknown-member'
export type Proposed = { readonly ok: true, readonly index: number, readonly term: number } | { readonly ok: false, readonly reason: Refusal, readonly detail: string }

/** The surface that the engine and the tests drive; implemented by the class `Raft` in raft.ts. */
export interface Core {
  step: (message: Message) => void
  /** One tick. `now`: the engine's monotonic ms, used for lease reads and nothing else. */
  tick: (now: number) => void
  /** Appends one entry for each of `data`, all or none. The result's index is that of the last one. */
  propose: (data: readonly Uint8Array[], time: number) => Proposed
  /**
   * Single-step when one voter changes at most, joint otherwise. `expectedIndex`: refuse unless the configuration is that of this index.
   * `policy`: put this one in force, with the changes or alone.
   */
  changeMembers: (changes: readonly MemberChange[], time: number, expectedIndex?: number, policy?: string) => Proposed
  /**
   * Everyone whose word may count: the members of each configuration that may yet turn out to be the group's, from the committed one to the
   * last in the log. A leader may be in one of them only. `index`: of the committed one.
   */
  possibleMembers: () => { readonly index: number, readonly members: ReadonlySet<MemberId> }
  /** Hand leadership to `to` (or the most caught-up voter); proposals are refused until it is done or an election timeout has passed. */
  transfer: (to?: MemberId) => Proposed
  /** Ask for a linearizable read index; the answer comes in `ready().reads`. Works on any member. `lease`: serve from the lease if held. */
  readIndex: (context: number, now: number, lease?: boolean) => void
  /**
   * Campaign now. With `pre` (default) a pre-vote first, which cannot disturb a live leader. With lease reads on, nothing happens while a
   * leader is heard.
   */
  campaign: (pre?: boolean) => void
  /** The connection to a member's node closed: a hint that starts a pre-vote if it led, and a probe if it followed. */
  unreachable: (member: MemberId) => void
  /** The member's node is in sight again: wake if quiesced, probe it at once. */
  reachable: (member: MemberId) => void
  snapshotSent: (member: MemberId, index: number) => void
  snapshotFailed: (member: MemberId) => void
  /** Answer to a {@link LogFetch}; an empty list means that those entries are gone (compacted). */
  fetched: (member: MemberId, from: number, entries: readonly Entry[]) => void
  hasReady: () => boolean
  ready: () => Ready
  stored: (ack: StorageAck) => void
  applied: (index: number) => void
  /** The log up to `meta.index - trailing` may go; returns the new prevIndex. `meta` is durable by now. */
  compact: (meta: SnapshotMeta, trailing: number) => number
  /** Meta for a snapshot of the state as of `index` (which must be applied and still in the log). */
  snapshotMeta: (index: number) => SnapshotMeta
  /** True when a leader may go quiet: all members hold and know everything, nothing is pending. */
  canQuiesce: () => boolean
  quiesce: () => void
  wake: () => void
  /** Stop leading or campaigning: the store is poisoned or the group is closing. */
  stepDown: () => void
  /** Cheap fields for hot paths. */
  readonly id: MemberId
  readonly role: Role
  readonly term: number
  readonly leader: MemberId | undefined
  readonly commit: number
  readonly lastIndex: number
  readonly quiesced: boolean
  status: () => RaftStatus
}
