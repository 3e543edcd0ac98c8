import { fail } from './assert.js'
import { decodeConfiguration } from './configuration.js'
import { becomeFollower } from './roles.js'
import type { ConfigurationAt } from './configuration-history.js'
import type { RaftState } from './state.js'
import type { Append, AppendReply, Commit, Entry, Heartbeat, InstallSnapshot, MemberId } from './types.js'

/** What a member does with what its leader sends (Raft §5.3, §7). */

/** Called with a message of the current term that only its leader sends. Candidates yield to it. */
export function hearLeader (s: RaftState, leader: MemberId): void {
  becomeFollower(s, s.term, leader)
  s.electionElapsed = 0
  s.leaderHeardAt = s.ticks
}

export function onAppend (s: RaftState, m: Append): void {
  hearLeader(s, m.from)
  const { log } = s
  let { prevIndex, prevTerm, entries } = m
  if (entries.length > 0 && entries[0].index !== prevIndex + 1) fail(`an append after index ${prevIndex} starts with entry ${entries[0].index}`)
  if (prevIndex < log.commit) {
    // A stale append, or the leader doesn't know yet how much is committed here. That much is never looked at again, let alone truncated.
    const known = log.commit - prevIndex
    if (entries.length <= known) {
      acknowledge(s, m.from, log.commit)
      return
    }
    prevIndex = log.commit
    prevTerm = entries[known - 1].term
    entries = entries.slice(known)
    const agrees = log.matches(prevIndex, prevTerm)
    if (!agrees) fail(`the leader '${m.from}' of term ${m.term} has another entry at index ${prevIndex}, which is committed here`)
  }
  if (!log.matches(prevIndex, prevTerm)) {
    const hint = log.findConflictByTerm(Math.min(prevIndex, log.lastIndex), prevTerm)
    s.respond({ ...reply(s, m.from, prevIndex), rejected: true, hintIndex: hint.index, hintTerm: hint.term })
    return
  }
  appendFresh(s, prevIndex, entries)
  // What follows in this log was not verified by this append, so it isn't committed by it either.
  const verified = prevIndex + entries.length
  log.commitTo(Math.min(m.commit, verified))
  acknowledge(s, m.from, verified)
}

/** What the log has already is skipped. Only a real conflict truncates: a stale append may well end before the log does (Raft §5.3, figure 2). */
function appendFresh (s: RaftState, prevIndex: number, entries: readonly Entry[]): void {
  const { log } = s
  let fresh = 0
  if (prevIndex < log.lastIndex) while (fresh < entries.length && log.matches(entries[fresh].index, entries[fresh].term)) fresh++
  if (fresh === entries.length) return
  const configurations = configurationsIn(entries, fresh)
  const first = entries[fresh].index
  if (first <= log.lastIndex) {
    log.truncate(first)
    s.configurations.truncate(first)
  }
  for (let i = fresh; i < entries.length; i++) log.append(entries[i])
  for (const { index, configuration } of configurations) s.configurations.append(index, configuration)
}

/** Before anything is changed: data that doesn't parse must not leave half an append behind. */
function configurationsIn (entries: readonly Entry[], from: number): ConfigurationAt[] {
  const found: ConfigurationAt[] = []
  for (let i = from; i < entries.length; i++) {
    if (entries[i].kind === 'config') found.push({ index: entries[i].index, configuration: decodeConfiguration(entries[i].data) })
  }
  return found
}

export function onHeartbeat (s: RaftState, m: Heartbeat): void {
  hearLeader(s, m.from)
  s.log.commitTo(m.commit)
  s.respond({ type: 'heartbeat-reply', from: s.id, to: m.from, term: s.term, read: m.read })
}

export function onCommit (s: RaftState, m: Commit): void {
  hearLeader(s, m.from)
  s.log.commitTo(m.commit)
}

export function onInstallSnapshot (s: RaftState, m: InstallSnapshot): void {
  hearLeader(s, m.from)
  const { log } = s
  const { meta } = m
  if (meta.index > log.commit) {
    if (log.matches(meta.index, meta.term)) {
      log.commitTo(meta.index)
    } else {
      log.reset(meta)
      s.configurations.reset(meta.configurationIndex, meta.configuration)
      s.installing = meta
    }
  }
  acknowledge(s, m.from, log.commit)
}

/** The log agrees with the leader's up to `index`. Said once that much is durable, or a quorum could be counted from what a crash undoes. */
function acknowledge (s: RaftState, leader: MemberId, index: number): void {
  const message = reply(s, leader, index)
  if (index <= s.log.stored && s.termDurable) {
    s.send(message)
    return
  }
  // One acknowledgement is enough for all appends that become durable together.
  const last = s.afterDurable.at(-1)
  if (last === undefined || last.type !== 'append-reply' || last.rejected || last.to !== leader || last.term !== s.term) s.sendAfterDurable(message)
  else if (last.index < index) s.afterDurable[s.afterDurable.length - 1] = message
}

function reply (s: RaftState, to: MemberId, index: number): AppendReply {
  return { type: 'append-reply', from: s.id, to, term: s.term, index, rejected: false, hintIndex: 0, hintTerm: 0 }
}

/**
 * A leader of an earlier term lives and is heard here, but this node can't follow it, and with check-quorum and pre-vote nobody else
 * would tell it: without an answer, a node whose term ran ahead while it was cut off stays out for ever.
 */
export function answerStaleLeader (s: RaftState, to: MemberId): void {
  s.respond({ ...reply(s, to, 0), rejected: true })
}
