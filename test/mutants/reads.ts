import { inFile } from './mutant.js'

export const reads = [
  ...inFile('src/raft/read-index.ts', [
    {
      name: 'read-joins-earlier-round',
      bug: 'a read is confirmed by a round of heartbeats that began before it',
      find: 'reads.wait(from, context, log.commit, reads.round + 1)',
      replace: 'reads.wait(from, context, log.commit, inFlight ? reads.round : reads.round + 1)',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'read-before-no-op',
      bug: 'a leader serves reads before it has committed in its term',
      find: 'else if (!s.termCommitted) reads.early.push(',
      replace: 'else if (s.log.commit < 0) reads.early.push(',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'lease-too-long',
      bug: 'a lease is taken to be twice as long as voters keep it',
      find: 's.now < s.reads.leaseStart + s.options.leaseMs',
      replace: 's.now < s.reads.leaseStart + 2 * s.options.leaseMs',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'lease-in-transfer',
      bug: 'lease reads go on while leadership is handed over',
      find: 's.transfer === undefined && !s.leaseVoid && ',
      replace: '',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'lease-after-failed-transfer',
      bug: 'a transfer that was given up gives the lease back, though its target may still campaign',
      find: '&& !s.leaseVoid && ',
      replace: '&& ',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'context-of-earlier-life',
      bug: 'requests for a read index are numbered from 0 in each run: an old answer passes for a new one',
      find: 'this.#nextRequest = Math.floor(random() * 2 ** 52)',
      replace: 'this.#nextRequest = Math.floor(random() * 0)',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'waiting-reads-forgotten',
      bug: 'who waits for a read of a leader that steps down waits for ever',
      find: 'for (const { from, context } of s.reads.reset()) answer(s, from, context, undefined)',
      replace: 's.reads.reset()',
      caughtBy: 'core',
      seeds: 400
    }
  ]),
  ...inFile('src/raft/replication.ts', [
    {
      name: 'any-answer-confirms',
      bug: 'an answer to an old heartbeat confirms the newest round of reads',
      find: 'p.answered(m.read)',
      replace: 'p.answered(s.reads.round)',
      caughtBy: 'core',
      seeds: 1000
    }
  ]),
  ...inFile('src/raft/raft.ts', [
    {
      name: 'hint-breaks-lease',
      bug: 'a follower with lease reads forgets a leader whose connection closed',
      find: 'if (member !== s.leader || s.options.leaseReads || !s.mayCampaign) return',
      replace: 'if (member !== s.leader || !s.mayCampaign) return',
      caughtBy: 'core',
      seeds: 1000
    }
  ]),
  ...inFile('src/raft/state.ts', [
    {
      name: 'restart-breaks-lease',
      bug: 'a voter forgets in a restart that it had promised a leader its lease',
      find: 'this.leaderHeardAt = options.leaseReads && hardState.term > 1 ? 0 : -Infinity',
      replace: 'this.leaderHeardAt = -Infinity',
      caughtBy: 'core',
      seeds: 1000
    }
  ]),
  ...inFile('src/raft/quiesce.ts', [
    {
      name: 'sleep-while-behind',
      bug: 'a follower goes quiet although it lacks entries',
      find: 'if (complete && s.reads.forwardedCount === 0) s.quiesced = true',
      replace: 'if (s.reads.forwardedCount === 0) s.quiesced = true',
      caughtBy: 'test/raft/quiesce.test.ts'
    }
  ])
]
