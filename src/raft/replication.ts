import { fail } from './assert.js'
import { decodeConfiguration } from './configuration.js'
import { entryBytes } from './window.js'
import type { Progress } from './progress.js'
import type { RaftState } from './state.js'
import type { AppendReply, Entry, EntryKind, HeartbeatReply, MemberId } from './types.js'

/** The leader's side of log replication (Raft §5.3): what each follower is sent, and what its answers mean. */

export function startLeading (s: RaftState): void {
  s.tracker.configure(s.configuration, s.log.lastIndex + 1, s.ticks)
  const own = s.tracker.get(s.id)
  if (own !== undefined) {
    own.state = 'replicate'
    own.match = s.log.stored
  }
}

/** Entry times never go back, whatever the leader's clock does. */
export function appendOwn (s: RaftState, kind: EntryKind, data: Uint8Array, time: number): void {
  const index = s.log.lastIndex + 1
  s.log.append({ index, term: s.term, kind, time: Math.max(Math.floor(time), s.log.lastTime), data })
  if (kind === 'config') {
    s.configurations.append(index, decodeConfiguration(data))
    s.tracker.configure(s.configuration, index, s.ticks)
  }
  s.replicatePending = true
}

/** Once for each ready, so that proposals and acknowledgements that arrived together leave in the same appends. */
export function replicate (s: RaftState): void {
  s.replicatePending = false
  for (const progress of s.tracker.all) {
    if (progress.id === s.id) continue
    while (sendNext(s, progress)) { /* pipelined until nothing is left, or enough is in flight */ }
  }
}

/** Returns true if there may be more to send. */
function sendNext (s: RaftState, p: Progress): boolean {
  const { log } = s
  if (p.state === 'snapshot' || p.fetching !== 0 || (p.state === 'probe' && p.probeSent)) return false
  const behind = p.next <= log.lastIndex
  if (behind && p.inflights.full) return false
  if (!behind && p.state === 'replicate') {
    tellCommit(s, p)
    return false
  }
  // An empty append asks a probed follower whether it matches.
  if (!behind && p.match >= p.next - 1) return false
  const prevTerm = log.termAt(p.next - 1)
  if (prevTerm === undefined) {
    requireSnapshot(s, p)
    return false
  }
  if (!behind) {
    sendAppend(s, p, prevTerm, [])
    return false
  }
  if (p.next < log.firstInMemory) {
    p.fetching = p.next
    s.fetches.push({ to: p.id, from: p.next, maxBytes: s.options.maxAppendBytes })
    return false
  }
  sendAppend(s, p, prevTerm, log.slice(p.next, s.options.maxAppendBytes))
  return p.state === 'replicate'
}

/**
 * A follower that has everything learns what is committed by itself. While appends are under way it can wait: their replies bring us back
 * here, and then the next append may carry it, or one message tell it all.
 */
function tellCommit (s: RaftState, p: Progress): void {
  const commit = Math.min(p.match, s.log.commit)
  if (p.inflights.count > 0 || p.sentCommit >= commit) return
  s.send({ type: 'commit', from: s.id, to: p.id, term: s.term, commit })
  p.sentCommit = commit
}

function sendAppend (s: RaftState, p: Progress, prevTerm: number, entries: readonly Entry[]): void {
  s.send({ type: 'append', from: s.id, to: p.id, term: s.term, prevIndex: p.next - 1, prevTerm, entries, commit: s.log.commit })
  p.sentCommit = s.log.commit
  if (p.state === 'probe') p.probeSent = true
  else if (entries.length > 0) {
    let bytes = 0
    for (let i = 0; i < entries.length; i++) bytes += entryBytes(entries[i])
    p.next += entries.length
    p.inflights.add(p.next - 1, bytes)
  }
}

/**
 * Only for a member that answers, since a snapshot streamed to a dead one would hold up others; and not soon after the last one, which it
 * may still be installing. Looked at again when it answers a heartbeat.
 */
function requireSnapshot (s: RaftState, p: Progress): void {
  const { electionTicks } = s.options
  if (p.departsAt > 0 || p.unreachable || s.ticks - p.heardAt >= electionTicks || s.ticks - p.snapshotSentAt < 2 * electionTicks) {
    if (p.state === 'replicate') p.becomeProbe(s.log.prevIndex + 1)
    p.probeSent = true
    return
  }
  p.becomeSnapshot()
  s.snapshotsNeeded.push(p.id)
}

export function onAppendReply (s: RaftState, m: AppendReply): void {
  const p = s.tracker.get(m.from)
  if (!s.isLeader || p === undefined) return
  p.heard(s.ticks)
  if (m.rejected) {
    const hint = m.hintTerm > 0 ? s.log.findConflictByTerm(m.hintIndex, m.hintTerm).index : m.hintIndex
    if (p.refused(m.index, hint)) s.replicatePending = true
    return
  }
  if (m.index > s.log.lastIndex) fail(`${m.from} acknowledged index ${m.index} of this term, whose log ends at ${s.log.lastIndex}`)
  const advanced = p.acked(m.index)
  if (p.state === 'replicate') p.inflights.freeTo(m.index)
  else if (p.state === 'probe' ? advanced || m.index === p.match : p.match >= s.log.prevIndex) p.becomeReplicate()
  s.replicatePending = true
}

/** Own entries that became durable count like those of any other voter. */
export function onOwnStored (s: RaftState): void {
  const own = s.tracker.get(s.id)
  if (own === undefined || s.log.stored <= own.match) return
  own.acked(s.log.stored)
}

/**
 * Only an entry of the own term is committed by counting: one of an earlier term on a majority can still be overwritten (Raft §5.4.2,
 * figure 8). Those before it follow. Returns true if the commit index moved.
 */
export function advanceCommit (s: RaftState): boolean {
  const { log } = s
  const index = s.tracker.quorum('match')
  if (index <= log.commit || log.termAt(index) !== s.term) return false
  log.commitTo(index)
  s.replicatePending = true
  return true
}

/** Starts a read round: whoever answers this heartbeat confirms this round and all before it. */
export function sendHeartbeats (s: RaftState): void {
  const round = s.reads.startRound(s.now)
  for (const p of s.tracker.all) {
    if (p.id === s.id) {
      p.ackedRound = round
      continue
    }
    const commit = Math.min(p.match, s.log.commit)
    p.tell(commit, round)
    s.send({ type: 'heartbeat', from: s.id, to: p.id, term: s.term, commit, read: round })
  }
}

export function onHeartbeatReply (s: RaftState, m: HeartbeatReply): void {
  const p = s.tracker.get(m.from)
  if (!s.isLeader || p === undefined) return
  if (m.read > s.reads.round) fail(`${m.from} answered the read round ${m.read}, but only ${s.reads.round} were started in this term`)
  p.heard(s.ticks)
  p.answered(m.read)
  if (!p.takeRetry()) return
  if (p.state === 'probe') {
    p.probeSent = false
    s.replicatePending = true
  } else if (p.state === 'replicate' && p.fetching === 0) {
    // Appends are out and none was acknowledged for a while. If the last of them was lost, nothing else would ever tell: an empty one
    // after them is refused then, and the follower is probed again.
    const prevTerm = s.log.termAt(p.next - 1)
    if (prevTerm !== undefined) sendAppend(s, p, prevTerm, [])
  }
}

export function onFetched (s: RaftState, member: MemberId, from: number, entries: readonly Entry[]): void {
  const p = s.tracker.get(member)
  if (!s.isLeader || p === undefined || p.fetching !== from) return
  p.fetching = 0
  s.replicatePending = true
  // An acknowledgement has moved it on meanwhile.
  if (p.next !== from) return
  if (entries.length === 0) {
    requireSnapshot(s, p)
    return
  }
  const prevTerm = s.log.termAt(from - 1)
  // Compacted since: the next round of replication finds out what that means for this follower.
  if (prevTerm === undefined) return
  for (let i = 0; i < entries.length; i++) {
    // Read for an earlier leadership, of a log that has been truncated since: to be read again.
    if (entries[i].index !== from + i || s.log.termAt(from + i) !== entries[i].term) return
  }
  sendAppend(s, p, prevTerm, entries)
}

export function onSnapshotSent (s: RaftState, member: MemberId, index: number): void {
  const p = s.tracker.get(member)
  if (!s.isLeader || p === undefined || p.state !== 'snapshot') return
  p.becomeProbe()
  p.next = Math.max(p.next, Math.min(index, s.log.lastIndex) + 1)
  // It has yet to install it, and acknowledges it then. An append before that would be refused, and ask for the same snapshot again.
  p.probeSent = true
  p.snapshotSentAt = s.ticks
}

export function onSnapshotFailed (s: RaftState, member: MemberId): void {
  const p = s.tracker.get(member)
  if (!s.isLeader || p === undefined || p.state !== 'snapshot') return
  p.becomeProbe(s.log.prevIndex + 1)
  // Tried again once it answers a heartbeat: at once would be a busy loop against a member that keeps failing.
  p.probeSent = true
}
