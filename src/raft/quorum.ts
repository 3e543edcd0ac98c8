import { fail } from './assert.js'
import type { MemberId } from './types.js'

/** The smallest number that is more than half. */
export const majority = (members: number): number => Math.floor(members / 2) + 1

/**
 * The highest value that a majority has reached: of match indexes the committed one, of read rounds the confirmed one, of times of
 * contact the last moment at which a majority was in touch.
 */
export function majorityValue (values: readonly number[]): number {
  if (values.length === 0) fail('the majority of no voters was asked for')
  const descending: number[] = []
  for (const value of values) {
    let at = descending.length
    while (at > 0 && descending[at - 1] < value) at--
    descending.splice(at, 0, value)
  }
  return descending[majority(values.length) - 1]
}

/** The same while joint, where each half's majority is needed (Raft §6). `outgoing` is empty otherwise. */
export function jointValue (voters: readonly number[], outgoing: readonly number[]): number {
  const value = majorityValue(voters)
  return outgoing.length === 0 ? value : Math.min(value, majorityValue(outgoing))
}

export type VoteOutcome = 'won' | 'lost' | 'pending'

/** Only votes of `voters` are looked at: what anyone else granted counts for nothing. */
export function voteOutcome (voters: readonly MemberId[], votes: ReadonlyMap<MemberId, boolean>): VoteOutcome {
  let granted = 0
  let refused = 0
  for (const id of voters) {
    const vote = votes.get(id)
    if (vote === true) granted++
    else if (vote === false) refused++
  }
  if (granted >= majority(voters.length)) return 'won'
  // Lost once those still missing couldn't make a majority. An election without voters is never won.
  return voters.length - refused < majority(voters.length) ? 'lost' : 'pending'
}

export function jointOutcome (voters: readonly MemberId[], outgoing: readonly MemberId[], votes: ReadonlyMap<MemberId, boolean>): VoteOutcome {
  const incoming = voteOutcome(voters, votes)
  if (outgoing.length === 0) return incoming
  const old = voteOutcome(outgoing, votes)
  if (incoming === 'lost' || old === 'lost') return 'lost'
  return incoming === 'won' && old === 'won' ? 'won' : 'pending'
}
