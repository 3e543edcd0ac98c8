import { isVoter, votersOf } from './configuration.js'
import { jointOutcome } from './quorum.js'
import { becomeCandidate, becomeFollower, becomeLeader, becomePreCandidate, delayHint, tickHint } from './roles.js'
import type { RaftState } from './state.js'
import type { PreVote, PreVoteReply, Vote, VoteReply } from './types.js'

/** Elections (Raft §5.2, §5.4.1) with pre-vote (Ongaro §9.6) and leader stickiness (§4.2.3). */

export function campaign (s: RaftState, pre: boolean): void {
  if (s.role === 'leader' || !s.mayCampaign) return
  // The leader may count this member's own vote, too, as one that nobody gets before its lease is over.
  if (s.options.leaseReads && s.hearsLeader) return
  if (pre) becomePreCandidate(s)
  else becomeCandidate(s, false)
  tally(s)
}

/** The leader hands over: it vouches for itself being alive and willing, so neither a pre-vote nor the voters' leases stand in the way. */
export function campaignForTransfer (s: RaftState): void {
  if (!s.mayCampaign) return
  becomeCandidate(s, true)
  tally(s)
}

export function tickElection (s: RaftState): void {
  s.electionElapsed++
  if (tickHint(s) || s.electionElapsed >= s.electionTimeout) campaign(s, true)
  if (!s.mayCampaign && s.electionElapsed >= 2 * s.options.electionTicks) {
    // Who can't campaign would name a dead leader for ever.
    becomeFollower(s, s.term, undefined)
    if (s.configuration.learners.includes(s.id)) knock(s)
    s.electionElapsed = 0
  }
}

/**
 * The leader may be asleep, and its good night lost. A voter that missed it campaigns, which wakes the group; a learner knocks, or it would be
 * without a leader until somebody writes. It asks all voters, since who leads may have changed.
 */
function knock (s: RaftState): void {
  for (const to of votersOf(s.configuration)) s.send({ type: 'heartbeat-reply', from: s.id, to, term: s.term, read: 0 })
}

/**
 * Whatever it believes of its own membership, a node answers: its configuration may be older than the candidate's (an outage of etcd's
 * came from a voter that took itself for a learner). Nothing but the hurry after a hint is changed by it, whatever the answer.
 */
export function onPreVote (s: RaftState, m: PreVote): void {
  const granted = m.term > s.term && !s.hearsLeader && s.log.upToDate(m.lastIndex, m.lastTerm) && !outranks(s, m)
  if (granted) delayHint(s)
  s.respond({ type: 'pre-vote-reply', from: s.id, to: m.from, term: granted ? m.term : s.term, granted })
}

/**
 * Two members that ask each other at the same moment, as they do when both see a leader's connection close, would both be granted, both
 * campaign, and split the vote. So of equal logs the lower id goes first. Only while its own question is fresh: it may get no answer.
 */
function outranks (s: RaftState, m: PreVote): boolean {
  return s.role === 'pre-candidate' && s.electionElapsed < 2 && s.id < m.from && m.lastIndex === s.log.lastIndex && m.lastTerm === s.log.lastTerm
}

export function onPreVoteReply (s: RaftState, m: PreVoteReply): void {
  // A late answer must not start a campaign in another role, or one for another term than was asked about.
  if (s.role !== 'pre-candidate' || (m.granted && m.term !== s.term + 1)) return
  count(s, m)
  tally(s)
}

/** Called with a request of the current term: a later one has been entered by now. */
export function onVote (s: RaftState, m: Vote): void {
  const free = s.vote === m.from || (s.vote === undefined && s.termLeader === undefined)
  // This term may have been learnt from another message: that doesn't end the lease of the leader of the last one.
  const bound = s.hearsLeader && !m.transfer
  if (free && !bound && s.log.upToDate(m.lastIndex, m.lastTerm)) {
    s.vote = m.from
    // Only a granted vote puts off the own campaign: a candidate that can't win must not keep others from trying.
    s.resetElectionTimer()
    delayHint(s)
    s.sendAfterDurable({ type: 'vote-reply', from: s.id, to: m.from, term: s.term, granted: true })
  } else {
    refuseVote(s, m)
  }
}

export function refuseVote (s: RaftState, m: Vote): void {
  s.respond({ type: 'vote-reply', from: s.id, to: m.from, term: s.term, granted: false })
}

export function onVoteReply (s: RaftState, m: VoteReply): void {
  if (s.role !== 'candidate') return
  count(s, m)
  tally(s)
}

/** The first answer counts, of who has a vote. */
function count (s: RaftState, m: PreVoteReply | VoteReply): void {
  if (!s.votes.has(m.from) && isVoter(s.configuration, m.from)) s.votes.set(m.from, m.granted)
}

/** Also called when the own vote has become durable: before that it counts for nothing, and neither does an election that hangs on it. */
export function tally (s: RaftState): void {
  const { voters, outgoing } = s.configuration
  if (s.role === 'candidate' && !s.termDurable) return
  const outcome = jointOutcome(voters, outgoing, s.votes)
  if (outcome === 'lost') becomeFollower(s, s.term, undefined)
  else if (outcome === 'won' && s.role === 'candidate') becomeLeader(s)
  else if (outcome === 'won' && s.role === 'pre-candidate') {
    becomeCandidate(s, false)
    tally(s)
  }
}
