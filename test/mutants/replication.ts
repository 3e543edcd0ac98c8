import { inFile } from './mutant.js'

export const replication = [
  ...inFile('src/raft/replication.ts', [
    {
      name: 'figure-8',
      bug: 'an entry of an earlier term is committed by counting replicas',
      find: 'if (index <= log.commit || log.termAt(index) !== s.term) return false',
      replace: 'if (index <= log.commit) return false',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'leader-counts-unsynced',
      bug: 'a leader counts its own entries before they are on its disk',
      find: '  own.acked(s.log.stored)\n',
      replace: '  own.acked(s.log.lastIndex)\n',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'commit-past-match',
      bug: 'a heartbeat tells the commit index to followers that hold something else there',
      find: 'const commit = Math.min(p.match, s.log.commit)\n    p.tell(',
      replace: 'const commit = s.log.commit\n    p.tell(',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'sent-is-acknowledged',
      bug: 'an acknowledgement counts for all that was sent',
      find: 'const advanced = p.acked(m.index)',
      replace: 'const advanced = p.acked(p.next - 1)',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'window-leaks',
      bug: 'what was acknowledged still counts as in flight',
      find: "if (p.state === 'replicate') p.inflights.freeTo(m.index)\n  else if",
      replace: "if (p.state === 'replicate') void 0\n  else if",
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'fetched-of-another-term',
      bug: 'entries that were read before a truncation are sent after it',
      find: 'if (entries[i].index !== from + i || s.log.termAt(from + i) !== entries[i].term) return',
      replace: 'if (entries[i].index !== from + i) return',
      caughtBy: 'test/raft/replication.test.ts'
    },
    {
      name: 'time-goes-back',
      bug: "an entry carries the leader's clock, even if that is behind the entry before",
      find: 'time: Math.max(Math.floor(time), s.log.lastTime)',
      replace: 'time: Math.floor(time)',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'stuck-in-snapshot',
      bug: 'a follower whose snapshot got lost is never sent anything again',
      find: "p.state !== 'snapshot') return\n  p.becomeProbe(s.log.prevIndex + 1)\n  // Tried again",
      replace: "p.state !== 'snapshot') return\n  // Tried again",
      caughtBy: 'core',
      seeds: 400
    },
    {
      name: 'probe-never-repeated',
      bug: 'a probe that got lost is never repeated',
      find: "  if (p.state === 'probe') {\n    p.probeSent = false\n",
      replace: "  if (p.state === 'probe') {\n",
      caughtBy: 'core',
      seeds: 400
    }
  ]),
  ...inFile('src/raft/follower.ts', [
    {
      name: 'ack-before-fsync',
      bug: 'an append is acknowledged before it is on disk',
      find: 'if (index <= s.log.stored && s.termDurable) {',
      replace: 'if (s.termDurable) {',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'stale-append-truncates',
      bug: 'an append that ends before the log does cuts off what follows',
      find: 'while (fresh < entries.length && log.matches(entries[fresh].index, entries[fresh].term)) fresh++',
      replace: 'fresh += 0',
      caughtBy: 'core',
      seeds: 400
    },
    {
      name: 'success-after-mismatch',
      bug: 'an append whose previous entry is missing is answered as a success',
      find: '...reply(s, m.from, prevIndex), rejected: true, hintIndex',
      replace: '...reply(s, m.from, prevIndex), rejected: false, hintIndex',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'commit-past-verified',
      bug: 'a follower commits what the append did not verify',
      find: 'log.commitTo(Math.min(m.commit, verified))',
      replace: 'log.commitTo(Math.min(m.commit, log.lastIndex))',
      caughtBy: 'test/raft/replication.test.ts'
    }
  ]),
  ...inFile('src/raft/log.ts', [
    {
      name: 'late-ack-after-truncation',
      bug: 'entries in the place of those that were on disk count as on disk',
      find: '    this.stored = Math.min(this.stored, index - 1)\n',
      replace: '',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'commit-goes-back',
      bug: 'an old message takes the commit index back',
      find: 'if (index <= this.commit) return\n    if (index > this.lastIndex) fail',
      replace: 'if (index > this.lastIndex) fail',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'compacted-term-is-zero',
      bug: 'the term of an entry that is not there reads as 0, and matches',
      find: 'this.#terms.termAt(index) : undefined',
      replace: 'this.#terms.termAt(index) : 0',
      caughtBy: 'core',
      seeds: 1000
    },
    {
      name: 'committed-page-forgotten',
      bug: 'what did not fit into a page of committed entries is never handed out',
      find: 'this.handedOut += entries.length',
      replace: 'this.handedOut = end',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'apply-before-durable',
      bug: 'committed entries are applied before they are on this disk: a group of one loses what it acknowledged',
      find: 'const end = Math.min(this.commit, this.stored)\n',
      replace: 'const end = this.commit\n',
      caughtBy: 'core',
      seeds: 200
    }
  ]),
  ...inFile('src/raft/raft.ts', [
    {
      name: 'ack-of-earlier-generation',
      bug: "storage's late acknowledgement confirms entries that took the place of those written",
      find: 'if (ack.generation !== s.log.generation) return',
      replace: '',
      caughtBy: 'core',
      seeds: 200
    },
    {
      name: 'ack-of-earlier-term',
      bug: 'an acknowledgement from an earlier leadership is counted',
      find: "      case 'append-reply':\n      case 'heartbeat-reply':\n      case 'read-index-reply':",
      replace: "      case 'append-reply': onAppendReply(s, m); return\n      case 'heartbeat-reply':\n      case 'read-index-reply':",
      caughtBy: 'core',
      seeds: 1000
    }
  ])
]
