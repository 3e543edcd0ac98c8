import { inFile } from './mutant.js'

/** What is built on top of the log: versions, watches, leases, locks, sessions, queues, jobs. */
export const recipes = [
  ...inFile('src/machine/command-view.ts', [
    {
      name: 'refused-half-way-lasts',
      bug: 'what a command changed before it was refused stays',
      find: '    if (!result.ok) {\n',
      replace: '    if (result === undefined) {\n',
      caughtBy: 'test/machine/members.test.ts'
    }
  ]),
  ...inFile('src/machine/txn.ts', [
    {
      name: 'older-version-will-do',
      bug: 'a compare-and-set takes an older version for the one that it asks for',
      find: "case '=': return number === compare.operand",
      replace: "case '=': return number <= compare.operand",
      caughtBy: 'nodes',
      seeds: 60
    }
  ]),
  ...inFile('src/machine/kv-machine.ts', [
    {
      name: 'watch-skips-a-revision',
      bug: 'a watch that has come to the end of history goes on behind the next revision',
      find: 'Math.max(from, this.#applied + 1))\n',
      replace: 'Math.max(from, this.#applied + 2))\n',
      caughtBy: 'test/machine/history.test.ts'
    },
    {
      name: 'landing-history-unseen',
      bug: 'changes that are on their way to the store are left out of history',
      find: '[...this.#landing === undefined ? [] : [this.#landing.changes], this.#active.changes]',
      replace: '[this.#active.changes]',
      caughtBy: 'nodes',
      seeds: 100
    }
  ]),
  ...inFile('src/service/watch.ts', [
    {
      name: 'last-revision-told-again',
      bug: 'a watch asks again for the last revision that it was told of',
      find: '    this.position = next\n',
      replace: '    this.position = { ...next, revision: changes.at(-1)?.revision ?? next.revision }\n',
      caughtBy: 'test/service/watch.test.ts'
    }
  ]),
  ...inFile('src/machine/kv-tables.ts', [
    {
      name: 'history-not-in-snapshots',
      bug: 'a snapshot carries only the history that is not in the store yet',
      find: '      for (const change of fresh(changes)) yield { type: \'change\', change }\n      last =',
      replace: '      last =',
      caughtBy: 'nodes',
      seeds: 100
    },
    {
      name: 'answers-not-in-snapshots',
      bug: 'a snapshot leaves out the answers of sessions: a write that is sent again is done again',
      find: 'for (const table of RECORD_TABLES) {',
      replace: "for (const table of RECORD_TABLES.filter(table => table !== 'answer')) {",
      caughtBy: 'test/simulation/nodes/restore.test.ts'
    }
  ]),
  ...inFile('src/service/namespace-host.ts', [
    {
      name: 'bounded-read-of-any-age',
      bug: 'a bounded read is served from what this member has, however old it is',
      find: 'clock.now() - this.confirmedAt <= maxAge',
      replace: 'clock.now() - this.confirmedAt <= Infinity',
      caughtBy: 'nodes',
      seeds: 120
    }
  ]),
  ...inFile('src/service/lease-keeper.ts', [
    {
      name: 'keep-alive-by-deposed-leader',
      bug: 'a leader keeps leases alive without asking whether it still leads',
      find: '    await this.init.group.readIndex()\n',
      replace: '',
      caughtBy: 'test/service/lease-keeper.test.ts'
    },
    {
      name: 'new-leader-ends-leases',
      bug: 'a new leader takes leases for due, as if nobody had kept them alive',
      find: 'this.init.state.leases()) this.keep(leadership, id, ttl)',
      replace: 'this.init.state.leases()) this.keep(leadership, id, Math.min(ttl, 0))',
      caughtBy: 'test/service/lease-keeper.test.ts'
    },
    {
      name: 'lease-ends-beside-keep-alive',
      bug: 'a keep-alive is answered while the end of its lease is on its way into the log',
      find: 'if (lease?.ending === undefined) {',
      replace: 'if (lease?.ttl !== -1) {',
      caughtBy: 'test/service/lease-keeper.test.ts'
    }
  ]),
  ...inFile('src/recipes/line.ts', [
    {
      name: 'one-ahead-is-none',
      bug: 'whoever is next in the line of a lock is given it as well',
      find: 'if (places.length < permits) return\n',
      replace: 'if (places.length <= permits) return\n',
      caughtBy: 'nodes',
      seeds: 60
    }
  ]),
  ...inFile('src/machine/sessions.ts', [
    {
      name: 'session-runs-again',
      bug: 'a session keeps answers and does not look at them',
      find: 'const answer = known ?? run(command)',
      replace: 'const answer = run(command)',
      caughtBy: 'nodes',
      seeds: 200
    }
  ]),
  ...inFile('src/machine/leases.ts', [
    {
      name: 'taken-items-go-with-their-lease',
      bug: 'an item of a queue is deleted with the lease of whoever took it',
      find: 'if (row !== undefined && !queueLeaseEnded(view, row, moment)) view.deleteRow(row.key)',
      replace: 'if (row !== undefined) view.deleteRow(row.key)',
      caughtBy: 'nodes',
      seeds: 60
    }
  ]),
  ...inFile('src/machine/queue.ts', [
    {
      name: 'anybody-acks',
      bug: 'an item is acked by somebody who does not have it any more',
      find: 'row === undefined || row.lease !== lease || lease === 0 ? []',
      replace: 'row === undefined ? []',
      caughtBy: 'nodes',
      seeds: 200
    },
    {
      name: 'given-back-to-the-end',
      bug: 'what lies before the place where the last taker stopped is not looked at again',
      find: '    this.#counters.head = Math.min(this.#counters.head, sequence)\n',
      replace: '',
      caughtBy: 'nodes',
      seeds: 100
    }
  ]),
  ...inFile('src/recipes/cron/plan.ts', [
    {
      name: 'next-tick-does-not-wait',
      bug: 'a tick is handed out although the one before it has not ended',
      find: 'if (serial && all.some(',
      replace: 'if (serial && all.every(',
      caughtBy: 'nodes',
      seeds: 60
    }
  ]),
  ...inFile('src/recipes/cron/attempt.ts', [
    {
      name: 'called-before-it-is-written',
      bug: 'a handler is called while it is yet to be written that it runs',
      find: 'const begun = await this.begin(lease.signal)\n    if (begun === undefined) return\n    const error = await this.call(begun)\n',
      replace: "const beginning = this.begin(lease.signal)\n    const error = await this.call({ run: this.init.claim, definition: { data: '' } as Definition })\n    const begun = await beginning\n    if (begun === undefined) return\n",
      caughtBy: 'nodes',
      seeds: 60
    }
  ])
]
