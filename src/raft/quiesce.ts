import { isJoint } from './configuration.js'
import { hearLeader } from './follower.js'
import type { RaftState } from './state.js'
import type { Quiesce } from './types.js'

/** A group in which nothing happens costs nothing: its leader says good night, and nobody ticks until something does happen. */

export function canQuiesce (s: RaftState): boolean {
  const { log } = s
  if (s.quiesced || !s.termCommitted || s.transfer !== undefined || s.reads.waiting > 0 || isJoint(s.configuration)) return false
  if (log.applied !== log.lastIndex || log.commit !== log.lastIndex || log.stored !== log.lastIndex) return false
  for (const p of s.tracker.all) {
    // A dead member keeps the group awake: it would not know, when it comes back, that a leader lives.
    const alive = !p.unreachable && s.ticks - p.heardAt < s.options.electionTicks && p.departsAt === 0
    const complete = p.state === 'replicate' && p.match === log.lastIndex && p.knownCommit === log.commit
    if (p.id !== s.id && !(alive && complete)) return false
  }
  return true
}

export function quiesce (s: RaftState): void {
  if (!canQuiesce(s)) return
  for (const p of s.tracker.all) {
    if (p.id !== s.id) s.send({ type: 'quiesce', from: s.id, to: p.id, term: s.term, commit: s.log.commit })
  }
  s.quiesced = true
}

/** The clock stood still: nobody is overdue. */
export function wake (s: RaftState): void {
  if (!s.quiesced) return
  s.quiesced = false
  s.electionElapsed = 0
  s.leaderHeardAt = s.leader !== undefined ? s.ticks : s.leaderHeardAt
  if (!s.isLeader) return
  // The others are asleep: beat at the next tick.
  s.heartbeatElapsed = s.options.heartbeatTicks
  for (const p of s.tracker.all) if (!p.unreachable) p.heardAt = s.ticks
}

/** Sleep, if there is nothing that this member lacks or waits for. Otherwise an answer wakes the leader. */
export function onQuiesce (s: RaftState, m: Quiesce): void {
  hearLeader(s, m.from)
  const { log } = s
  const complete = m.commit === log.lastIndex && m.commit === log.commit && log.stored === log.lastIndex
  if (complete && s.reads.forwardedCount === 0) s.quiesced = true
  else s.respond({ type: 'heartbeat-reply', from: s.id, to: m.from, term: s.term, read: 0 })
}
