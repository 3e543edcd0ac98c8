import { inFile } from './mutant.js'

export const membership = [
  ...inFile('src/raft/membership.ts', [
    {
      name: 'change-before-no-op',
      bug: 'members are changed before the leader has committed in its term',
      find: "if (!s.termCommitted) return { ok: false, reason: 'not-ready'",
      replace: "if (s.log.commit < 0) return { ok: false, reason: 'not-ready'",
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'two-changes-at-once',
      bug: 'a change is taken while the one before is not committed',
      find: 'if (s.configurationPending || isJoint(s.configuration)) {',
      replace: 'if (isJoint(s.configuration)) {',
      caughtBy: 'core',
      seeds: 400
    },
    {
      name: 'joint-left-early',
      bug: 'a joint configuration is left before it is committed',
      find: '  if (s.configurationPending) return\n',
      replace: '',
      caughtBy: 'core',
      seeds: 400
    },
    {
      name: 'joint-never-left',
      bug: 'a joint configuration is left only by the leader that entered it',
      find: '  if (isJoint(s.configuration)) {\n    // Whoever',
      replace: '  if (isJoint(s.configuration) && s.configurations.effective.index < s.termStart) return\n  if (isJoint(s.configuration)) {\n    // Whoever',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'removed-leader-stays',
      bug: 'a leader goes on after its own removal is committed',
      find: 'if (!s.configuration.voters.includes(s.id)) retire(s)',
      replace: '',
      caughtBy: 'core',
      seeds: 400
    }
  ]),
  ...inFile('src/raft/follower.ts', [
    {
      name: 'configuration-not-rolled-back',
      bug: 'a configuration stays in force when its entry is truncated',
      find: '    s.configurations.truncate(first)\n',
      replace: '',
      caughtBy: 'core',
      seeds: 1000
    }
  ]),
  ...inFile('src/raft/quorum.ts', [
    {
      name: 'joint-commits-by-new-half',
      bug: 'while joint, the majority of the new half alone commits',
      find: 'return outgoing.length === 0 ? value : Math.min(value, majorityValue(outgoing))',
      replace: 'return outgoing.length < 0 ? majorityValue(outgoing) : value',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'joint-elects-by-one-half',
      bug: 'while joint, the majority of either half elects',
      find: "return incoming === 'won' && old === 'won' ? 'won' : 'pending'",
      replace: "return incoming === 'won' || old === 'won' ? 'won' : 'pending'",
      caughtBy: 'core',
      seeds: 1000
    }
  ]),
  ...inFile('src/raft/tracker.ts', [
    {
      name: 'learner-counts',
      bug: 'a learner counts towards the quorum',
      find: 'this.#voters = list(configuration.voters)',
      replace: 'this.#voters = list([...configuration.voters, ...configuration.learners])',
      caughtBy: 'core',
      seeds: 400
    },
    {
      name: 'removed-peer-counts',
      bug: 'a removed member counts towards the quorum for as long as it is still told things',
      find: 'this.#voters = list(configuration.voters)',
      replace: 'this.#voters = configuration.outgoing.length > 0 ? list(configuration.voters) : this.all.filter(p => !p.learner)',
      caughtBy: 'core',
      seeds: 1000
    }
  ]),
  ...inFile('src/raft/state.ts', [
    {
      name: 'removal-forgets-candidacy',
      bug: 'a member whose removal is not committed does not campaign, though it may be the only one who can win',
      find: '(this.configurationPending && this.configurations.from(this.log.commit).some(c => isVoter(c.configuration, this.id)))',
      replace: 'false',
      caughtBy: 'core',
      seeds: 1000
    }
  ])
]
