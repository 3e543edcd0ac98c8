import { campaignForTransfer } from './election.js'
import type { Progress } from './progress.js'
import type { RaftState } from './state.js'
import type { MemberId, Proposed, TimeoutNow } from './types.js'

/** Handing over leadership (Ongaro §3.10): stop taking proposals, bring the target up to date, tell it to campaign at once. */

export function startTransfer (s: RaftState, to: MemberId | undefined): Proposed {
  if (!s.isLeader) return { ok: false, reason: 'not-leader', detail: 'this member does not lead the group' }
  if (s.transfer !== undefined && s.transfer.target !== (to ?? s.transfer.target)) {
    return { ok: false, reason: 'transferring', detail: `leadership is being handed to '${s.transfer.target}' already` }
  }
  if (to === s.id) return { ok: false, reason: 'invalid-change', detail: 'this member leads already' }
  const target = to !== undefined ? s.tracker.voters.find(p => p.id === to) : mostCaughtUp(s)
  if (target === undefined) {
    return { ok: false, reason: 'unknown-member', detail: to !== undefined ? `'${to}' is no voter of the group` : 'there is no other voter' }
  }
  if (s.transfer === undefined) {
    s.transfer = { target: target.id, endsAt: s.ticks + s.options.electionTicks }
    // It may be waiting for the answer to a probe: it is needed now.
    if (target.state === 'probe') target.probeSent = false
    s.replicatePending = true
    continueTransfer(s)
  }
  return { ok: true, index: s.log.lastIndex, term: s.term }
}

/** The voter to hand over to: alive if any is, then the one that lacks least; by id where they are equal. */
export function mostCaughtUp (s: RaftState): Progress | undefined {
  let best: Progress | undefined
  for (const p of s.tracker.voters) {
    if (p.id === s.id) continue
    const better = best === undefined || (alive(s, p) !== alive(s, best) ? alive(s, p) : p.match > best.match)
    if (better) best = p
  }
  return best
}

const alive = (s: RaftState, p: Progress): boolean => !p.unreachable && s.ticks - p.heardAt < s.options.electionTicks

/** Once the target has everything. Again at each heartbeat, as the message may be lost. */
export function continueTransfer (s: RaftState): void {
  if (s.transfer !== undefined && s.tracker.get(s.transfer.target)?.match === s.log.lastIndex) sendTimeoutNow(s, s.transfer.target)
}

export function sendTimeoutNow (s: RaftState, to: MemberId): void {
  s.leaseVoid = true
  s.send({ type: 'timeout-now', from: s.id, to, term: s.term })
}

/** Given up after an election timeout: proposals are taken again. */
export function tickTransfer (s: RaftState): void {
  if (s.transfer !== undefined && s.ticks >= s.transfer.endsAt) s.transfer = undefined
}

export function onTimeoutNow (s: RaftState, m: TimeoutNow): void {
  // From this term's leader only: a late one must not depose its successor.
  if (m.from === s.termLeader && (s.role === 'follower' || s.role === 'pre-candidate')) campaignForTransfer(s)
}
