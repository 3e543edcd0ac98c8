import { inFile } from './mutant.js'

/** What only whole nodes show: disk, engine, state machine, formation and clients together. */
export const engine = [
  ...inFile('src/engine/write-queue.ts', [
    {
      name: 'engine-acks-before-fsync',
      bug: 'the engine takes a batch for durable when it has been handed to the store',
      find: 'await this.#store.batch(ops, { sync })',
      replace: 'void this.#store.batch(ops, { sync }).catch(() => {})',
      caughtBy: 'nodes',
      seeds: 20
    },
    {
      name: 'failed-write-is-done',
      bug: 'a batch that could not be written is taken for done',
      find: '      this.#events.failed(asError(thrown))\n      return\n',
      replace: '',
      caughtBy: 'test/engine/writes.test.ts'
    }
  ]),
  ...inFile('src/engine/pending-writes.ts', [
    {
      name: 'engine-never-syncs',
      bug: 'a batch is synced only when something in it is compacted',
      find: '      sync ||= mustSync\n',
      replace: '',
      caughtBy: 'nodes',
      seeds: 20
    },
    {
      name: 'truncation-merged',
      bug: 'a write that replaces the end of another one is joined to it',
      find: 'if (write.entries[0].index !== last.index + 1) return false',
      replace: 'if (write.entries[0].index > last.index + 1) return false',
      caughtBy: 'test/engine/writes.test.ts'
    }
  ]),
  ...inFile('src/engine/proposals.ts', [
    {
      name: 'superseded-write-is-done',
      bug: "another leader's entry at a write's index answers that write",
      find: 'if (entry.term !== proposal.term) {',
      replace: 'if (entry.term < proposal.term) {',
      caughtBy: 'test/engine/proposals.test.ts'
    }
  ]),
  ...inFile('src/engine/engine.ts', [
    {
      name: 'foreign-cluster-accepted',
      bug: 'a frame of a group that is not here is taken for one of another group',
      find: 'this.#groups.get(keyOf(clusterId))\n',
      replace: 'this.#groups.get(keyOf(clusterId)) ?? [...this.#groups.values()][0]\n',
      caughtBy: 'nodes',
      seeds: 40
    }
  ]),
  ...inFile('src/engine/reads.ts', [
    {
      name: 'read-before-apply',
      bug: 'a read is answered as soon as it is confirmed, not when that much is applied',
      find: 'if (result.index <= applied) {',
      replace: 'if (result.index <= Infinity) {',
      caughtBy: 'nodes',
      seeds: 80
    }
  ])
]

export const storage = [
  ...inFile('src/storage/frame-log.ts', [
    {
      name: 'truncated-frames-stay',
      bug: 'frames behind a truncation stay on disk',
      find: "    if (cut.first < from) cut.count = from - cut.first\n    for (const frame of gone) {\n      ops.push({ type: 'del', key: this.#keys.frame(frame.first) })\n",
      replace: '    if (cut.first < from) cut.count = from - cut.first\n    for (const frame of gone) {\n',
      caughtBy: 'test/storage/group-storage.test.ts'
    },
    {
      name: 'gap-in-the-log',
      bug: 'a gap in the log is not noticed at start',
      find: 'if (at > expected) throw',
      replace: 'if (at > Infinity) throw',
      caughtBy: 'test/storage/corruption.test.ts'
    }
  ]),
  ...inFile('src/storage/snapshots.ts', [
    {
      name: 'wrong-snapshot-is-real',
      bug: 'a snapshot that is not what its manifest promised is put in force',
      find: 'if (!tally.matches(manifest)) {\n          await',
      replace: 'if (tally.chunks < 0) {\n          await',
      caughtBy: 'test/storage/snapshots.test.ts'
    }
  ]),
  ...inFile('src/storage/level-store.ts', [
    {
      name: 'fsync-tried-again',
      bug: 'a failed write is forgotten, and the next one goes on',
      find: 'this.#poison(error as Error)\n        return',
      replace: 'gathered.reject(error as Error)\n        this.#queue.shift()\n        continue',
      caughtBy: 'test/storage/ordered-store.test.ts'
    },
    {
      name: 'sync-of-another-batch-lost',
      bug: 'batches that are gathered into one write are synced only if the first asked for it',
      find: 'gathered.sync ||= sync',
      replace: 'gathered.sync &&= sync',
      caughtBy: 'test/storage/ordered-store.test.ts'
    }
  ]),
  ...inFile('src/machine/kv-machine.ts', [
    {
      name: 'applied-index-runs-ahead',
      bug: 'the state machine takes rows for durable before their batch has landed',
      find: 'get durableIndex (): number { return this.#durable }',
      replace: 'get durableIndex (): number { return this.#applied }',
      caughtBy: 'test/machine/kv-machine.test.ts'
    }
  ])
]

export const clients = [
  ...inFile('src/service/retry.ts', [
    {
      name: 'unknown-write-retried',
      bug: 'a write of which nobody knows whether it happened is made again',
      find: "if (write && error.outcome === 'unknown') throw error",
      replace: '',
      caughtBy: 'nodes',
      seeds: 80
    }
  ])
]

export const formation = [
  ...inFile('src/formation/joiner.ts', [
    {
      name: 'leaving-member-never-asks',
      bug: 'a member with its removal in its log, told that it is gone, does not ask whether that is committed',
      find: 'if ((member || leaving) && leader !== self',
      replace: 'if (member && leader !== self',
      caughtBy: 'test/formation/joiner.test.ts'
    }
  ]),
  ...inFile('src/formation/pure/core.ts', [
    {
      name: 'founded-by-one-promise',
      bug: 'a group is founded when one other founder has promised, not all',
      find: 'const complete = others.every(',
      replace: 'const complete = others.length === 0 || others.some(',
      caughtBy: 'test/formation/core-rules.test.ts'
    },
    {
      name: 'promise-released-by-timer',
      bug: 'a promise to found with a fixed set is released when a founder was away for long',
      find: '      if (promise.policy === AUTO) {\n        this.#release(`${short(founder)} was out of reach',
      replace: '      if (promise.attempt > 0) {\n        this.#release(`${short(founder)} was out of reach',
      caughtBy: 'test/formation/core-rules.test.ts'
    },
    {
      name: 'two-promises',
      bug: 'a node that has promised one set of founders promises another',
      find: 'const free = this.#record.promise === undefined && this.#outcome',
      replace: 'if (proposal.attempt > this.#record.floor) this.#record = released(this.#record)\n    const free = this.#outcome',
      caughtBy: 'test/formation/core-rules.test.ts'
    }
  ]),
  ...inFile('src/formation/pure/proposal.ts', [
    {
      name: 'refusal-forgotten',
      bug: 'a refusal is told and not written down',
      find: 'return { ...record, floor: proposal.attempt }',
      replace: 'return record',
      caughtBy: 'test/formation/core-rules.test.ts'
    }
  ])
]
