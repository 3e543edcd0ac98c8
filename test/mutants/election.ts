import { inFile } from './mutant.js'

export const election = [
  ...inFile('src/raft/election.ts', [
    {
      name: 'vote-before-durable',
      bug: 'a vote is told before it is on disk',
      find: "s.sendAfterDurable({ type: 'vote-reply'",
      replace: "s.send({ type: 'vote-reply'",
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'second-vote',
      bug: 'a voter grants every candidate of a term',
      find: "const free = s.vote === m.from || (s.vote === undefined && s.termLeader === undefined)",
      replace: 'const free = true',
      caughtBy: 'core',
      seeds: 400
    },
    {
      name: 'self-vote-before-durable',
      bug: "a candidate counts its own vote before that is on disk",
      find: "if (s.role === 'candidate' && !s.termDurable) return",
      replace: '',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'vote-breaks-lease',
      bug: 'a voter that learnt the term from elsewhere forgets the lease that it promised',
      find: 'const bound = s.hearsLeader && !m.transfer',
      replace: 'const bound = false',
      caughtBy: 'test/raft/election.test.ts'
    },
    {
      name: 'learner-in-doubt-is-silent',
      bug: 'a voter that takes itself for a learner refuses its vote',
      find: 'if (free && !bound && s.log.upToDate',
      replace: 'if (isVoter(s.configuration, s.id) && free && !bound && s.log.upToDate',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'learner-campaigns',
      bug: 'a member without a vote campaigns, and may lead',
      find: "if (s.role === 'leader' || !s.mayCampaign) return",
      replace: "if (s.role === 'leader') return",
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'dead-leader-named',
      bug: 'who cannot campaign names a leader that is silent for ever: a member whose removal was lost on the way waits for it',
      find: 'if (!s.mayCampaign && s.electionElapsed >=',
      replace: 'if (s.term < 0 && s.electionElapsed >=',
      caughtBy: 'nodes',
      seeds: 2000
    },
    {
      name: 'pre-vote-refreshes-leader',
      bug: 'granting a pre-vote counts as hearing from a leader',
      find: 'if (granted) delayHint(s)',
      replace: 'if (granted) s.leaderHeardAt = s.ticks',
      caughtBy: 'core',
      seeds: 1000
    }
  ]),
  ...inFile('src/raft/raft.ts', [
    {
      name: 'vote-forgotten',
      bug: 'the vote is not among what is persisted',
      find: '{ term: s.term, vote: s.vote, commit: log.commit } : undefined',
      replace: '{ term: s.term, commit: log.commit } : undefined',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'vote-not-synced',
      bug: 'a write of nothing but term and vote is not synced',
      find: 'const mustSync = snapshot !== undefined || entries.length > 0 || changed',
      replace: 'const mustSync = snapshot !== undefined || entries.length > 0',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'stale-vote-counted',
      bug: 'a vote granted in an earlier term counts in the next campaign',
      find: "      case 'vote-reply':\n      case 'append-reply':\n      case 'heartbeat-reply':",
      replace: "      case 'vote-reply': onVoteReply(s, m); return\n      case 'append-reply':\n      case 'heartbeat-reply':",
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'stale-append-accepted',
      bug: 'an append of a leader that was replaced is accepted',
      find: "      case 'append':\n      case 'commit':\n      case 'heartbeat':\n      case 'install-snapshot':\n      case 'quiesce':\n        answerStaleLeader",
      replace: "      case 'append': onAppend(s, m); return\n      case 'commit':\n      case 'heartbeat':\n      case 'install-snapshot':\n      case 'quiesce':\n        answerStaleLeader",
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'pre-vote-raises-term',
      bug: 'a pre-vote raises the terms of those who are asked',
      find: "case 'pre-vote': return true",
      replace: "case 'pre-vote': break",
      caughtBy: 'core',
      seeds: 1000
    }
  ]),
  ...inFile('src/raft/roles.ts', [
    {
      name: 'second-vote-after-step-down',
      bug: 'stepping down within a term frees the vote for another candidate',
      find: "  s.role = 'follower'\n  s.votes.clear()",
      replace: "  s.role = 'follower'\n  s.vote = undefined\n  s.votes.clear()",
      caughtBy: 'core',
      seeds: 400
    },
    {
      name: 'ask-before-durable',
      bug: 'a candidate asks for votes in a term that is not on its disk',
      find: "s.sendAfterDurable({ type: 'vote', ",
      replace: "s.send({ type: 'vote', ",
      caughtBy: 'core',
      seeds: 200
    }
  ]),
  ...inFile('src/raft/log.ts', [
    {
      name: 'longer-log-wins',
      bug: 'voters compare the length of logs before their last terms',
      find: 'return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex)',
      replace: 'return lastIndex >= this.lastIndex',
      caughtBy: 'core',
      seeds: 1000
    }
  ]),
  ...inFile('src/raft/quorum.ts', [
    {
      name: 'half-is-a-majority',
      bug: 'of an even number, half is taken for a majority',
      find: 'Math.floor(members / 2) + 1',
      replace: 'Math.ceil(members / 2)',
      caughtBy: 'core',
      seeds: 200
    }
  ])
]
