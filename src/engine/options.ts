import type { Clock } from '../clock.js'
import type { HostedMachine } from '../machine/types.js'
import type { RaftOptions } from '../raft/types.js'
import type { GroupStorage, OrderedStore } from '../storage/types.js'
import type { Network } from '../wire/types.js'
import type { GroupTimings, SnapshotPolicy } from './types.js'

/** Structurally a js-libp2p `Logger`. */
export interface EngineLog {
  (message: string, ...details: unknown[]): void
  error: (message: string, ...details: unknown[]) => void
}

export interface EngineInit {
  /** The ordered store that every group of this node writes to: one batch and one sync for all of them. */
  readonly store: OrderedStore
  readonly network: Network
  /** Default: the system's. */
  readonly clock?: Clock
  /** [0, 1). Default: `Math.random`. Seeded in tests and simulations. */
  readonly random?: () => number
  readonly logger?: EngineLog
  readonly options?: Partial<EngineOptions>
  /** The store is poisoned: every group has stopped. Called once; the process should say so and end. */
  readonly onFailure?: (error: Error) => void
}

export interface EngineOptions {
  /** A turn of the loop yields to the event loop after so many ms. Default 4. */
  readonly turnMs: number
  /** Ticks happen at multiples of this many ms, so that one timer serves all groups. Default 5. */
  readonly tickGrainMs: number
  /** Messages that one group may step before the next group has its turn. Default 256. */
  readonly messagesPerTurn: number
  /** Groups told at a time of a dead peer's node, and the pause before the next ones, so that they don't all campaign at once. Defaults 32 and 5 ms. */
  readonly wakeAtOnce: number
  readonly wakeSpacingMs: number
  /** Snapshots being built, and being sent, at a time on this node. Defaults 1 and 2. */
  readonly snapshotBuilds: number
  readonly snapshotSends: number
}

export const defaultEngineOptions: EngineOptions = {
  turnMs: 4, tickGrainMs: 5, messagesPerTurn: 256, wakeAtOnce: 32, wakeSpacingMs: 5, snapshotBuilds: 1, snapshotSends: 2
}

/** Bounds of one group. Bytes count entry data. */
export interface GroupLimits {
  /** Of one append message. Default 1 MiB. */
  readonly maxAppendBytes: number
  /** Appends, and their bytes, in flight to one follower. Defaults 256 and 16 MiB. */
  readonly maxInflight: number
  readonly maxInflightBytes: number
  /** Over this much uncommitted, a proposal is refused with BusyError. Default 64 MiB. */
  readonly maxUncommittedBytes: number
  /** Committed bytes handed to the state machine at a time. Default 1 MiB. */
  readonly maxCommittedBytes: number
  /** Of the log, kept in memory. Default 16 MiB. */
  readonly maxCachedBytes: number
  /** Messages waiting to be stepped; over it appends are dropped (the leader sends them again), over four times it everything. Default 4,096. */
  readonly maxInbox: number
  /** Entries committed and not yet applied, over which a leader refuses proposals with BusyError. Default 65,536. */
  readonly maxApplyLag: number
  /** Proposals waiting for the next turn. Over it: BusyError. Default 65,536. */
  readonly maxQueuedProposals: number
  /** Log bytes that make a snapshot due before its interval is over. Default 256 MiB. */
  readonly maxLogBytes: number
}

export const defaultGroupLimits: GroupLimits = {
  maxAppendBytes: 1 << 20,
  maxInflight: 256,
  maxInflightBytes: 16 << 20,
  maxUncommittedBytes: 64 << 20,
  maxCommittedBytes: 1 << 20,
  maxCachedBytes: 16 << 20,
  maxInbox: 4_096,
  maxApplyLag: 65_536,
  maxQueuedProposals: 65_536,
  maxLogBytes: 256 << 20
}

export interface GroupInit {
  readonly namespace: string
  /** Has its identity already: formation creates it. */
  readonly storage: GroupStorage
  readonly machine: HostedMachine
  /** This node's peer id. */
  readonly peerId: string
  readonly timings: GroupTimings
  readonly snapshots: SnapshotPolicy
  readonly limits?: Partial<GroupLimits>
  /** Serve reads from the leader's lease where asked. Default false. */
  readonly leaseReads?: boolean
}

/** Two ticks to a heartbeat: fine enough to spread elections, coarse enough to cost little. */
const TICKS_PER_HEARTBEAT = 2

export interface TickPlan { readonly tickMs: number, readonly electionTicks: number, readonly heartbeatTicks: number }

export function tickPlan (timings: GroupTimings): TickPlan {
  const tickMs = timings.heartbeatMs / TICKS_PER_HEARTBEAT
  return { tickMs, heartbeatTicks: TICKS_PER_HEARTBEAT, electionTicks: Math.max(Math.ceil(timings.electionMs / tickMs), 2 * TICKS_PER_HEARTBEAT) }
}

export function raftOptions (id: string, plan: TickPlan, init: GroupInit, limits: GroupLimits, random: () => number): RaftOptions {
  return {
    id,
    electionTicks: plan.electionTicks,
    heartbeatTicks: plan.heartbeatTicks,
    maxAppendBytes: limits.maxAppendBytes,
    maxInflight: limits.maxInflight,
    maxInflightBytes: limits.maxInflightBytes,
    maxUncommittedBytes: limits.maxUncommittedBytes,
    maxCommittedBytes: limits.maxCommittedBytes,
    maxCachedBytes: limits.maxCachedBytes,
    leaseReads: init.leaseReads ?? false,
    leaseMs: init.timings.leaseMs,
    random
  }
}
