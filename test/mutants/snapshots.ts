import { inFile } from './mutant.js'

export const snapshots = [
  ...inFile('src/raft/raft.ts', [
    {
      name: 'snapshot-of-uncommitted-configuration',
      bug: 'a snapshot carries a configuration that is not committed',
      find: '= configurations.at(index)\n',
      replace: '= configurations.effective\n',
      caughtBy: 'core',
      seeds: 1000
    }
  ]),
  ...inFile('src/raft/follower.ts', [
    {
      name: 'install-keeps-old-members',
      bug: 'an installed snapshot leaves the members as they were',
      find: '      s.configurations.reset(meta.configurationIndex, meta.configuration)\n',
      replace: '',
      caughtBy: 'core',
      seeds: 400
    },
    {
      name: 'install-over-commit',
      bug: 'a snapshot that is older than the commit index is installed',
      find: 'if (meta.index > log.commit) {\n',
      replace: 'if (meta.index > 0) {\n',
      caughtBy: 'core',
      seeds: 1000
    }
  ]),
  ...inFile('src/raft/log.ts', [
    {
      name: 'install-counts-as-durable',
      bug: 'a snapshot that replaces the log counts as on disk at once',
      find: '    this.stored = Math.min(this.stored, this.commit)\n',
      replace: '    this.stored = meta.index\n',
      caughtBy: 'core',
      seeds: 400
    },
    {
      name: 'compact-before-install-is-durable',
      bug: 'storage is told to forget the log before the snapshot that replaces it is on disk',
      find: 'if (index <= this.prevIndex) return this.#storedPrev',
      replace: 'if (index <= this.prevIndex) return this.prevIndex',
      caughtBy: 'test/raft/log.test.ts'
    },
    {
      name: 'term-lost-by-compaction',
      bug: 'compaction forgets the term of the last entry that it removes',
      find: '    this.prevTerm = term\n    this.#memo = undefined\n    return index',
      replace: '    this.#memo = undefined\n    return index',
      caughtBy: 'core',
      seeds: 400
    }
  ]),
  ...inFile('src/raft/configuration-history.ts', [
    {
      name: 'compaction-forgets-members',
      bug: 'compaction forgets the configuration that is in force at its index',
      find: 'if (keep > 0) this.#list.splice(0, keep)',
      replace: 'if (keep >= 0) this.#list.splice(0, keep + 1)',
      caughtBy: 'core',
      seeds: 400
    }
  ])
]
