import { assert, assertIndex } from './assert.js'
import { votersOf } from './configuration.js'
import { appendOwn, startLeading } from './replication.js'
import { refuseForwarded, refuseWaiting } from './read-index.js'
import { Tracker } from './tracker.js'
import type { RaftState } from './state.js'
import type { MemberId } from './types.js'

const NO_DATA = new Uint8Array(0)

/** Tries after a hint that the leader is gone, before the regular election timeout takes over. */
const HINT_TRIES = 4

/** The only place where a term moves. The vote of the term before is void with it, and so are storage acknowledgements. */
function enterTerm (s: RaftState, term: number): void {
  assertIndex(term, 'the term')
  assert(term > s.term, `term ${term} was to be entered from term ${s.term}`)
  s.term = term
  s.vote = undefined
  s.termLeader = undefined
  s.log.generation++
}

/** Follow `leader`, or nobody yet, in `term`. Whatever a leader or candidate kept for its role is gone: none of it may leak into a later one. */
export function becomeFollower (s: RaftState, term: number, leader: MemberId | undefined): void {
  const was = s.role
  if (term !== s.term) enterTerm(s, term)
  s.role = 'follower'
  s.votes.clear()
  if (was === 'leader') {
    s.tracker = new Tracker(s.options)
    s.transfer = undefined
    s.replicatePending = false
    s.fetches = []
    s.snapshotsNeeded = []
    refuseWaiting(s)
    s.resetElectionTimer()
  }
  setLeader(s, leader)
}

export function setLeader (s: RaftState, leader: MemberId | undefined): void {
  if (leader !== undefined) {
    assert(s.termLeader === undefined || s.termLeader === leader, `'${leader}' leads term ${s.term}, which '${String(s.termLeader)}' was elected for`)
    s.termLeader = leader
    s.hintTries = 0
  }
  if (leader === s.leader) return
  s.leader = leader
  refuseForwarded(s)
}

/** Asks around without any effect on anybody, least of all its own term and vote (Ongaro §9.6). */
export function becomePreCandidate (s: RaftState): void {
  becomeFollower(s, s.term, undefined)
  s.role = 'pre-candidate'
  s.resetElectionTimer()
  s.votes.set(s.id, true)
  for (const to of votersOf(s.configuration)) {
    if (to !== s.id) s.send({ type: 'pre-vote', from: s.id, to, term: s.term + 1, lastIndex: s.log.lastIndex, lastTerm: s.log.lastTerm })
  }
}

/** `transfer`: the leader asked for it. */
export function becomeCandidate (s: RaftState, transfer: boolean): void {
  assert(s.role !== 'leader', 'a leader was to campaign')
  becomeFollower(s, s.term + 1, undefined)
  s.role = 'candidate'
  s.vote = s.id
  s.resetElectionTimer()
  s.votes.set(s.id, true)
  // Once term, vote and the log that the request boasts of are durable: a candidate that forgot them in a crash could ask again in the
  // same term with a shorter log, and count answers that were meant for the longer one.
  const { lastIndex, lastTerm } = s.log
  for (const to of votersOf(s.configuration)) {
    if (to !== s.id) s.sendAfterDurable({ type: 'vote', from: s.id, to, term: s.term, lastIndex, lastTerm, transfer })
  }
}

export function becomeLeader (s: RaftState): void {
  assert(s.role === 'candidate' && s.vote === s.id && s.termDurable, `a ${s.role} of term ${s.term} was to lead it`)
  s.role = 'leader'
  s.votes.clear()
  s.tracker = new Tracker(s.options)
  s.reads.reset()
  s.transfer = undefined
  s.leaseVoid = false
  s.electionElapsed = 0
  s.heartbeatElapsed = 0
  setLeader(s, s.id)
  startLeading(s)
  s.termStart = s.log.lastIndex + 1
  appendOwn(s, 'noop', NO_DATA, s.log.lastTime)
}

/**
 * The leader's node seems gone: start a pre-vote within two ticks and repeat it a few times, as the others may take a moment to notice.
 * Random, or members that were told at the same moment would split the vote.
 */
export function startHint (s: RaftState): void {
  s.hintTries = HINT_TRIES
  s.hintTicks = Math.floor(s.options.random() * 3)
}

/** True when a hinted pre-vote is due. */
export function tickHint (s: RaftState): boolean {
  // A campaign in earnest takes a sync here and one at each voter: it isn't broken off for another question.
  if (s.hintTries === 0 || s.role === 'leader' || s.role === 'candidate') return false
  if (s.hintTicks-- > 0) return false
  s.hintTries--
  delayHint(s)
  return true
}

/** Someone else's campaign, or the own, gets a moment to succeed. */
export function delayHint (s: RaftState): void {
  s.hintTicks = 2 + Math.floor(s.options.random() * 3)
}
