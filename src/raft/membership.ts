import { changeConfiguration, ConfigurationError, encodeConfiguration, isJoint, leaveJoint } from './configuration.js'
import { appendOwn, replicate } from './replication.js'
import { becomeFollower } from './roles.js'
import { mostCaughtUp, sendTimeoutNow } from './transfer.js'
import type { RaftState } from './state.js'
import type { Configuration, MemberChange, Proposed } from './types.js'

/** Membership changes (Raft §6, Ongaro §4): one configuration at a time, and none before the leader has committed in its term. */

export function changeMembers (s: RaftState, changes: readonly MemberChange[], time: number, expectedIndex: number | undefined, policy?: string): Proposed {
  const { effective } = s.configurations
  if (!s.isLeader) return { ok: false, reason: 'not-leader', detail: 'this member does not lead the group' }
  if (s.transfer !== undefined) return { ok: false, reason: 'transferring', detail: `leadership is being handed to '${s.transfer.target}'` }
  if (expectedIndex !== undefined && expectedIndex !== effective.index) {
    return { ok: false, reason: 'stale-configuration', detail: `the configuration is that of index ${effective.index}, not ${expectedIndex}` }
  }
  // The flaw of the single-server change as first published: a leader that changes members before its no-op is committed can disagree
  // with an uncommitted change of its predecessor on what a majority is (Ongaro, raft-dev, 2015).
  if (!s.termCommitted) return { ok: false, reason: 'not-ready', detail: `nothing of term ${s.term} is committed yet` }
  if (s.configurationPending || isJoint(s.configuration)) {
    return { ok: false, reason: 'change-pending', detail: `the change at index ${effective.index} is not complete yet` }
  }
  let next: Configuration
  try {
    next = changeConfiguration(s.configuration, changes, policy)
  } catch (error) {
    if (error instanceof ConfigurationError) return { ok: false, reason: error.reason, detail: error.message }
    throw error
  }
  appendOwn(s, 'config', encodeConfiguration(next), time)
  return { ok: true, index: s.log.lastIndex, term: s.term }
}

/** This leader has moved the commit index. */
export function afterCommit (s: RaftState): void {
  if (s.configurationPending) return
  if (isJoint(s.configuration)) {
    // Whoever leads when a joint configuration is committed leaves it: the leader that entered it may be gone.
    appendOwn(s, 'config', encodeConfiguration(leaveJoint(s.configuration)), s.log.lastTime)
    return
  }
  if (!s.configuration.voters.includes(s.id)) retire(s)
}

/** This leader's own removal is committed: tell the others so first, then hand over rather than let them wait for a timeout. */
function retire (s: RaftState): void {
  replicate(s)
  const successor = mostCaughtUp(s)
  if (successor !== undefined && successor.match === s.log.lastIndex) sendTimeoutNow(s, successor.id)
  becomeFollower(s, s.term, undefined)
}
