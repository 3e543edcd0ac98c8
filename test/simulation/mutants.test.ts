import { describe, expect, it } from 'vitest'
import { CoreWorld } from './core-world.js'
import type { RunOptions } from './core-world.js'
import { Violation } from './oracle.js'
import type { Plan } from './plan.js'
import type { Sabotage } from './sabotage.js'

/** Seeds that each bug gets. */
const BUDGET = 300

/** What must hold whatever the protocol looks like inside: with these alone, a bug has to do visible harm to be found. */
const BEHAVIOUR = ['election safety', 'log matching', 'leader completeness', 'state machine safety', 'acknowledged writes', 'linearizable reads']

/** A leader that is cut off again and again, with answers under way to it that take longer than an election. */
const stragglers: Partial<Plan> = {
  founders: 3,
  learners: 0,
  spares: 0,
  electionTicks: 8,
  heartbeatTicks: 1,
  quiesce: false,
  network: { loss: 0, duplicate: 0, minMs: 1, meanMs: 5, straggle: 0.2, straggleMs: 400 },
  disk: { syncMs: 1, stall: 0, ackEach: true, applyMs: 0 },
  every: { crash: Infinity, crashAll: Infinity, partition: 200, usurp: Infinity, lag: Infinity, pause: Infinity, hint: Infinity, propose: 10, read: 5, change: Infinity, transfer: Infinity, campaign: Infinity },
  outageMs: 300,
  chaosMs: 3000
}

/** Voters that crash and are back at once, and candidates that don't wait for each other. */
const splitVotes: Partial<Plan> = {
  founders: 5,
  learners: 0,
  spares: 0,
  electionTicks: 6,
  heartbeatTicks: 1,
  quiesce: false,
  network: { loss: 0, duplicate: 0.1, minMs: 1, meanMs: 10, straggle: 0, straggleMs: 0 },
  disk: { syncMs: 1, stall: 0, ackEach: true, applyMs: 0 },
  every: { crash: 30, crashAll: Infinity, partition: Infinity, usurp: Infinity, lag: Infinity, pause: Infinity, hint: 40, propose: 50, read: Infinity, change: Infinity, transfer: Infinity, campaign: 20 },
  outageMs: 5,
  chaosMs: 2000
}

/**
 * The oracles are only worth what they catch. Each of these puts a classic bug in from outside of the core, and some seed within the
 * budget must tell. Where a bug breaks an assertion of the core first, that counts as well: it would stop the group.
 */
const mutants: Array<{ name: string, sabotage: Sabotage, oracles?: readonly string[], plan?: Partial<Plan> }> = [
  { name: 'messages leave before what they promise is durable', sabotage: { sendBeforeDurable: true } },
  { name: 'the same, judged by the harm that it does', sabotage: { sendBeforeDurable: true }, oracles: BEHAVIOUR },
  { name: 'a crash loses what was reported durable', sabotage: { loseSynced: true }, oracles: BEHAVIOUR },
  { name: 'the vote is not persisted', sabotage: { forgetVote: true }, plan: splitVotes },
  { name: 'an acknowledgement of the disk is taken for that of a later write', sabotage: { ackNewest: true } },
  { name: 'voters do not compare logs', sabotage: { voteForStaleLogs: true }, oracles: BEHAVIOUR },
  { name: 'followers do not check the entry before those appended', sabotage: { appendWithoutCheck: true }, oracles: BEHAVIOUR },
  { name: 'a follower commits past what was verified of its log', sabotage: { commitPastMatch: true }, oracles: BEHAVIOUR },
  { name: 'an answer to an old heartbeat confirms the latest round of reads', sabotage: { confirmAnyRound: true }, oracles: ['linearizable reads'], plan: stragglers },
  { name: 'a snapshot carries a configuration that is not committed', sabotage: { snapshotOfUncommitted: true } },
  { name: 'a follower acknowledges more than it holds', sabotage: { inflateMatch: true }, oracles: BEHAVIOUR }
]

describe('a bug put in from outside is found', () => {
  for (const { name, ...options } of mutants) {
    it(name, () => {
      const found = hunt(options)
      expect(found, `no violation in ${BUDGET} seeds`).toBeDefined()
    })
  }
})

function hunt (options: RunOptions): { seed: number, error: Error } | undefined {
  for (let seed = 1; seed <= BUDGET; seed++) {
    try {
      new CoreWorld(seed, options).run()
    } catch (error) {
      if (error instanceof Violation && error.oracle !== 'progress after healing') return { seed, error }
      if (error instanceof Error && error.name === 'InvariantError') return { seed, error }
      // A bug may also leave a group that gets nowhere; that alone does not count here.
      if (!(error instanceof Violation)) throw error
    }
  }
  return undefined
}
