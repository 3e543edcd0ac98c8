import type { FormationRecord } from './proposal.js'
import type { MemberId } from '../../raft/types.js'

/** One peer that a node has heard from directly of late, and how long ago. */
export interface SeenPeer {
  readonly peer: string
  readonly incarnation: string
  readonly ageMs: number
}

/** What a node tells of itself: the one message of the protocol. Its record is on disk before the view leaves. */
export interface View {
  readonly record: FormationRecord
  /** How it forms: only equal policies found together. */
  readonly policy: string
  readonly contacts: readonly SeenPeer[]
  /** How long ago it fixed its founder candidates, in ms; undefined: not yet. */
  readonly frozenMs?: number
  /** The founders it would have; empty unless frozen. Sorted. */
  readonly founders: readonly MemberId[]
  /** Set once it is a member of a group. */
  readonly clusterId?: Uint8Array
}

export const AUTO = 'auto'
export const JOIN = 'join'
export const FORCE = 'force'

/** A policy whose founder set is fixed in advance: its promises are never released by a timer. */
export function isFixed (policy: string): boolean {
  return policy.startsWith('expect:') || policy.startsWith('founders:')
}
