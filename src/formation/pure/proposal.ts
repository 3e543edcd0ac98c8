import { createHash } from 'node:crypto'
import type { MemberId } from '../../raft/types.js'

/**
 * A founder set that its founders promise to found, or don't. Two proposals with the same attempt, policy and founders are the same
 * proposal, whoever made it: so two founders that propose alike at the same moment help each other.
 */
export interface Proposal {
  /** 1 or more. A set that was refused may be proposed again, with a higher attempt. */
  readonly attempt: number
  readonly policy: string
  /** Sorted, without duplicates, one incarnation for each peer. */
  readonly founders: readonly MemberId[]
}

/**
 * What a node has on disk about formation. `floor` makes every refusal durable with one number: a proposal whose attempt is at or
 * below it, and that is not `promise`, will never be promised here.
 */
export interface FormationRecord {
  readonly incarnation: string
  readonly floor: number
  readonly promise?: Proposal
}

export const MAX_FOUNDERS = 64
/** Beyond any honest number of attempts, so that a peer can't use the numbers up. */
export const MAX_ATTEMPT = 1_000_000

export function sameProposal (a: Proposal | undefined, b: Proposal | undefined): boolean {
  return a !== undefined && b !== undefined && a.attempt === b.attempt && a.policy === b.policy && sameList(a.founders, b.founders)
}

export function sameList (a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

/** The cluster id of a group founded by this set: the same at every founder, with nobody to hand it out. */
export function clusterIdOf (namespace: string, founders: readonly MemberId[]): Uint8Array {
  const hash = createHash('sha256')
  // Lengths first: no two different lists may read the same.
  for (const part of ['raftmesh cluster id v1', namespace, ...founders]) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(part))
    hash.update(length).update(part)
  }
  return new Uint8Array(hash.digest())
}

/** Promise it. The caller has checked that nothing else is promised and that the proposal is above the floor. */
export function promised (record: FormationRecord, proposal: Proposal): FormationRecord {
  if (record.promise !== undefined) throw new Error(`a second promise (attempt ${proposal.attempt}) while attempt ${record.promise.attempt} is held`)
  if (proposal.attempt <= record.floor) throw new Error(`a promise to attempt ${proposal.attempt}, refused before (floor ${record.floor})`)
  return { incarnation: record.incarnation, floor: proposal.attempt, promise: proposal }
}

/** Refuse it, for ever. Holding another promise is no hindrance: that one stays. */
export function refused (record: FormationRecord, proposal: Proposal): FormationRecord {
  if (sameProposal(record.promise, proposal) || proposal.attempt <= record.floor) return record
  return { ...record, floor: proposal.attempt }
}

/** Let go of the promise. The floor stays at or above its attempt, so that from here on this node is itself a refuser of it. */
export function released (record: FormationRecord): FormationRecord {
  return { incarnation: record.incarnation, floor: record.floor }
}

/** Has the node with this record (as it told it itself) refused the proposal for ever? */
export function refuses (record: FormationRecord, proposal: Proposal): boolean {
  return record.floor >= proposal.attempt && !sameProposal(record.promise, proposal)
}
