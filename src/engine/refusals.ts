import { BusyError, InvalidArgumentError, MembershipError, NotLeaderError } from '../errors.js'
import { peerOf } from '../wire/member-id.js'
import type { RaftMeshError } from '../errors.js'
import type { MemberId, Refusal } from '../raft/types.js'

/** Why the core took nothing, as the error that its caller sees. All of them are refused: trying again is safe. */
export function refusalError (namespace: string, reason: Refusal, detail: string, leader: MemberId | undefined): RaftMeshError {
  switch (reason) {
    case 'not-leader': return notLeader(namespace, leader)
    case 'busy': return new BusyError(`${namespace} has too much waiting to commit (${detail}): try again after a pause`)
    case 'transferring': return new BusyError(`leadership of ${namespace} is being handed over (${detail}): try again in a moment`)
    case 'not-ready': return new BusyError(`the leader of ${namespace} has just taken over (${detail}): try again in a moment`)
    case 'change-pending': return new MembershipError(`another membership change of ${namespace} is not committed yet (${detail}): try again once it is`)
    case 'stale-configuration': return new MembershipError(`the membership of ${namespace} has changed (${detail}): look at it again before changing it`)
    case 'invalid-change': return new InvalidArgumentError(`the members of ${namespace} cannot change so: ${detail}`)
    case 'unknown-member': return new InvalidArgumentError(`no such member in ${namespace}: ${detail}`)
  }
}

export function notLeader (namespace: string, leader: MemberId | undefined): NotLeaderError {
  if (leader === undefined) return new NotLeaderError(`this node does not lead ${namespace} and knows of no leader: try another member, or again in a moment`)
  const peer = peerOf(leader)
  return new NotLeaderError(`this node does not lead ${namespace}: ask its leader, ${peer}`, peer)
}
