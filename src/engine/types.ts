import type { Configuration, MemberChange, MemberId, RaftStatus, Role } from '../raft/types.js'

/** What the engine measures of a group, for status, metrics and benchmarks. */
export interface GroupStats {
  readonly proposals: number
  readonly applied: number
  readonly reads: number
  readonly snapshotsTaken: number
  readonly snapshotsInstalled: number
  readonly elections: number
  readonly leaderChanges: number
  readonly logBytes: number
  readonly appliedIndex: number
  readonly durableIndex: number
  /** Frames and snapshot offers that were dropped, since no member sent them. */
  readonly strangers: number
}

export interface LeaderChange { readonly term: number, readonly leader?: MemberId, readonly role: Role }
export interface ConfigurationChange { readonly configuration: Configuration, readonly index: number, readonly committed: boolean }

export interface GroupEvents {
  /** Role, term or leader changed. A member reports itself leader only once an entry of its term is applied here. */
  'leader': CustomEvent<LeaderChange>
  'configuration': CustomEvent<ConfigurationChange>
  /** Last applied index moved. */
  'applied': CustomEvent<number>
  /** Somebody who is no member by what is known here has sent Raft messages, which were dropped. At most a few a turn, each once. */
  'stranger': CustomEvent<MemberId>
  /** The group stopped for good on this node: poisoned store, broken invariant, a throw from apply. */
  'failed': CustomEvent<Error>
  'closed': CustomEvent<void>
}

export interface WaitOptions { readonly signal?: AbortSignal }

/**
 * One group on this node, as service and formation drive it. A write that is aborted or outlives its leadership rejects with
 * UnknownOutcomeError; one that was never appended, or whose place in the log was taken by another term, with a refused error.
 */
export interface GroupHandle {
  readonly namespace: string
  readonly clusterId: Uint8Array
  readonly self: MemberId
  /** Append commands to the log; resolves with index and results once applied here. Leader only (NotLeaderError names the leader). */
  propose: (commands: readonly Uint8Array[], options?: WaitOptions) => Promise<Array<{ index: number, result: Uint8Array }>>
  /** Linearizable point: resolves with the read index once this node has applied it. Works on any member; all reads waiting share one round. */
  readIndex: (options?: WaitOptions & { lease?: boolean }) => Promise<number>
  /** Resolves with the index of the committed change, of members or of the group's policy or both. Leader only. */
  changeMembers: (changes: readonly MemberChange[], options?: WaitOptions & { expectedIndex?: number, policy?: string }) => Promise<number>
  /** Its Raft messages are taken: it is a member by a configuration that may yet turn out to be the group's, or was vouched for. */
  accepts: (member: MemberId) => boolean
  /** The nodes of those members. */
  trustedPeers: () => ReadonlySet<string>
  /** They are members by the configuration of `index`, which is not known here yet: take their messages until it is. */
  vouch: (members: Iterable<MemberId>, index: number) => void
  /** Stand for election now rather than after an election timeout, by a pre-vote: it cannot disturb a leader that lives. */
  campaign: () => void
  /** Resolves once another member leads. Leader only. */
  transfer: (to?: MemberId, options?: WaitOptions) => Promise<void>
  /** Take a snapshot now and compact the log behind it. */
  snapshot: (options?: WaitOptions) => Promise<void>
  status: () => RaftStatus
  stats: () => GroupStats
  /** Set once the group has failed. */
  readonly failure: Error | undefined
  addEventListener: <K extends keyof GroupEvents>(type: K, listener: (event: GroupEvents[K]) => void) => void
  removeEventListener: <K extends keyof GroupEvents>(type: K, listener: (event: GroupEvents[K]) => void) => void
  /** Step down (handing leadership over first where asked), answer whoever waits, flush, let go. */
  close: (options?: WaitOptions & { handOver?: boolean }) => Promise<void>
}

export interface GroupTimings {
  readonly heartbeatMs: number
  /** Randomised in [n, 2n). */
  readonly electionMs: number
  /** Of the leader's lease, where lease reads are on. */
  readonly leaseMs: number
}

export interface SnapshotPolicy {
  /** Look every so often (ms), and take one if at least `threshold` entries were applied since the last. */
  readonly intervalMs: number
  readonly threshold: number
  /** Entries kept in the log behind a snapshot, so that a member that is a little behind needs no snapshot. */
  readonly trailing: number
  readonly retain: number
}
