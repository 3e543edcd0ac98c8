import { describe, expect, it } from 'vitest'
import { makeConfiguration } from '../../src/raft/configuration.js'
import { configEntry, entry, founded, Group, initial, meta, Node, ofType, options } from './support.js'
import type { InstallSnapshot, SnapshotMeta } from '../../src/raft/types.js'

const ABC = ['a', 'b', 'c']
const abc = makeConfiguration(ABC)
const install = (to: string, term: number, snapshot: SnapshotMeta, from = 'a'): InstallSnapshot => ({ type: 'install-snapshot', from, to, term, meta: snapshot })
const acks = (n: Node): unknown[] => ofType(n.take(), 'append-reply').map(m => [m.index, m.rejected])

/** c was away while a and b went on; a's log no longer reaches back to what c has. */
function behind (trailing = 0): Group {
  const group = Group.of(ABC).elect('a')
  group.isolate('c')
  for (const data of ['u', 'v', 'w', 'x']) group.node('a').propose(data)
  group.settle()
  const { raft } = group.node('a')
  expect(raft.compact(raft.snapshotMeta(6), trailing)).toBe(6 - trailing)
  return group
}

/** What the engine does when the transfer is through. */
function send (group: Group, to = 'c', index = 6): void {
  const { raft } = group.node('a')
  group.node(to).step(install(to, raft.term, raft.snapshotMeta(index)))
  raft.snapshotSent(to, index)
}

describe('compaction', () => {
  it('keeps trailing entries and folds the configurations before', () => {
    const group = Group.of(ABC).elect('a')
    const { raft } = group.node('a')
    raft.changeMembers([{ op: 'add-learner', member: 'l' }], 0)
    group.settle()
    for (const data of ['u', 'v', 'w']) group.node('a').propose(data)
    group.settle()
    expect(raft.compact(raft.snapshotMeta(6), 2)).toBe(4)
    expect(raft.status()).toMatchObject({ firstIndex: 5, configurationIndex: 3 })
    expect(raft.snapshotMeta(5)).toMatchObject({ index: 5, term: 2, configurationIndex: 3, configuration: makeConfiguration(ABC, ['l']) })
    expect(() => raft.snapshotMeta(3)).toThrow('no longer in the log')
    // Of an older snapshot, or with more trailing entries than there are.
    expect(raft.compact(raft.snapshotMeta(4), 1)).toBe(4)
    expect(raft.compact(raft.snapshotMeta(6), 100)).toBe(4)
  })

  it('never goes past what is applied', () => {
    const group = Group.of(['a']).elect('a')
    const n = group.node('a')
    n.autoApply = false
    n.propose('x', 'y')
    expect(n.status).toMatchObject({ applied: 2, handedOut: 4 })
    expect(n.raft.compact(n.raft.snapshotMeta(4), 0)).toBe(2)
    n.raft.applied(4)
    expect(n.raft.compact(n.raft.snapshotMeta(4), 0)).toBe(4)
  })
})

describe('the meta of a snapshot', () => {
  it('holds the configuration as of its index, never a later one that is not committed', () => {
    const group = Group.of(ABC).elect('a')
    group.isolate('a')
    const { raft } = group.node('a')
    raft.changeMembers([{ op: 'remove', member: 'b' }], 0)
    group.settle()
    expect(raft.status().configurationIndex).toBe(3)
    expect(raft.snapshotMeta(2)).toMatchObject({ configuration: abc, configurationIndex: 1 })
    expect(() => raft.snapshotMeta(3)).toThrow('only 2 was handed out')
  })

  it('has the time of its entry', () => {
    const n = new Node(options('c'), founded(ABC, [entry(2, 1), entry(3, 1)], [], { hardState: { term: 1, commit: 3 } }))
    n.drain()
    expect([n.raft.snapshotMeta(2).time, n.raft.snapshotMeta(3).time]).toEqual([1_002, 1_003])
  })
})

describe('a follower that needs entries that are gone', () => {
  it('is sent a snapshot, once, and then the log', () => {
    const group = behind().heal().tick(4)
    const a = group.node('a')
    expect(a.snapshots).toEqual(['c'])
    expect(a.status.progress[2]).toMatchObject({ member: 'c', state: 'snapshot' })
    a.propose('y')
    group.settle().tick(4)
    expect(a.snapshots).toEqual(['c'])
    send(group)
    group.settle()
    expect(a.status.progress[2]).toMatchObject({ state: 'replicate', match: 7 })
    expect(group.node('c').status).toMatchObject({ commit: 7, applied: 7, firstIndex: 7, configuration: abc, configurationIndex: 1 })
    expect(group.applied('c')).toEqual(['y'])
  })

  it('needs none if what it lacks is among the trailing entries', () => {
    const group = behind(4).heal().tick(6)
    expect(group.node('a').snapshots).toEqual([])
    expect(group.applied('c')).toEqual(['u', 'v', 'w', 'x'])
  })

  it('is sent it again when the transfer failed, after it was heard of again', () => {
    const group = behind().heal().tick(4)
    const a = group.node('a')
    a.raft.snapshotFailed('c')
    a.drain()
    expect(a.snapshots).toEqual(['c'])
    group.tick(4)
    expect(a.snapshots).toEqual(['c', 'c'])
  })

  it('is asked what it has after it refused the snapshot', () => {
    const group = behind().heal().tick(4)
    const a = group.node('a')
    expect(a.status.progress[2]).toMatchObject({ state: 'snapshot', match: 2 })
    // It got there in another way meanwhile.
    group.node('c').step(install('c', a.raft.term, a.raft.snapshotMeta(6)))
    group.isolate('c')
    group.settle()
    group.heal()
    a.raft.snapshotFailed('c')
    group.tick(4)
    expect(a.status.progress[2]).toMatchObject({ state: 'replicate', match: 6 })
    expect(a.snapshots).toEqual(['c'])
  })

  it('is not sent one while it is away, and holds up nobody', () => {
    const group = behind()
    const a = group.node('a')
    a.raft.unreachable('c')
    group.tick(30)
    a.propose('y')
    group.settle()
    expect([a.snapshots, a.raft.commit]).toEqual([[], 7])
    group.heal()
    a.raft.reachable('c')
    group.tick(4)
    expect(a.snapshots).toEqual(['c'])
  })

  it('is not sent it twice while it takes its time to install it', () => {
    const group = behind().heal().tick(4)
    const a = group.node('a')
    a.raft.snapshotSent('c', 6)
    group.tick(10)
    expect(a.snapshots).toEqual(['c'])
    // It may have lost it in a crash.
    group.tick(20)
    expect(a.snapshots).toEqual(['c', 'c'])
    send(group)
    group.tick(4)
    expect(group.node('c').raft.commit).toBe(6)
  })

  it('goes on without the snapshot if it catches up by itself', () => {
    const group = behind(2).heal().tick(4)
    const a = group.node('a')
    expect(a.status.progress[2].state).toBe('snapshot')
    a.step({ type: 'append-reply', from: 'c', to: 'a', term: 2, index: 4, rejected: false, hintIndex: 0, hintTerm: 0 })
    expect(a.status.progress[2]).toMatchObject({ state: 'replicate', match: 4 })
    a.raft.snapshotFailed('c')
    a.raft.snapshotSent('c', 6)
    expect(a.status.progress[2]).toMatchObject({ state: 'replicate' })
  })

  it('gets one even if the leader\'s whole log is compacted', () => {
    const group = behind()
    const { firstIndex, lastIndex } = group.node('a').status
    expect(firstIndex).toBeGreaterThan(lastIndex)
    group.heal().tick(4)
    send(group)
    group.tick(2)
    expect(group.node('c').status).toMatchObject({ commit: 6, lastIndex: 6 })
  })

  it('gets one from storage\'s word that the entries are gone', () => {
    const n = new Node(options('a', { maxCachedBytes: 0 }), founded(ABC, [entry(2, 1), entry(3, 1)], [], { hardState: { term: 1, commit: 3 } }))
    n.drain()
    n.raft.campaign(false)
    n.drain()
    n.step({ type: 'vote-reply', from: 'b', to: 'a', term: 2, granted: true })
    n.log.clear()
    n.step({ type: 'append-reply', from: 'b', to: 'a', term: 2, index: 3, rejected: true, hintIndex: 1, hintTerm: 1 })
    expect(n.snapshots).toEqual(['b'])
  })
})

describe('installing a snapshot', () => {
  const follower = (entries = [entry(2, 1), entry(3, 1)], commit = 2): Node =>
    new Node(options('c'), founded(ABC, entries, [], { hardState: { term: 3, commit }, applied: commit }))
  const snapshot = meta(10, 3, makeConfiguration(['a', 'c']), 8)

  it('replaces log, commit index and configuration, and is acknowledged once durable', () => {
    const n = follower()
    n.hold = true
    n.autoApply = false
    n.step(install('c', 3, snapshot))
    expect(n.status).toMatchObject({ commit: 10, handedOut: 10, lastIndex: 10, firstIndex: 11, configuration: snapshot.configuration, configurationIndex: 8, configurationPending: false })
    expect(n.writes[0]).toMatchObject({ snapshot, entries: [], mustSync: true })
    expect(n.take()).toEqual([])
    n.land()
    expect(acks(n)).toEqual([[10, false]])
    n.raft.applied(10)
    expect(n.status).toMatchObject({ applied: 10, storedIndex: 10 })
  })

  it('leaves no membership of before', () => {
    const n = new Node(options('c'), founded(ABC, [configEntry(2, 1, makeConfiguration(['a', 'b']))], [], { hardState: { term: 3, commit: 1 } }))
    n.step(install('c', 3, snapshot))
    expect(n.status.configuration).toEqual(makeConfiguration(['a', 'c']))
    n.step({ type: 'append', from: 'a', to: 'c', term: 4, prevIndex: 10, prevTerm: 3, entries: [configEntry(11, 4, abc)], commit: 10 })
    n.step({ type: 'append', from: 'b', to: 'c', term: 5, prevIndex: 10, prevTerm: 3, entries: [entry(11, 5)], commit: 11 })
    expect(n.status).toMatchObject({ configuration: makeConfiguration(['a', 'c']), configurationIndex: 8, commit: 11 })
  })

  it('of a joint configuration keeps it joint', () => {
    const n = follower()
    const configuration = { voters: ['a', 'd'], outgoing: ABC, learners: ['e'], learnersNext: ['b'] }
    n.step(install('c', 3, meta(10, 3, configuration, 9)))
    expect(n.status).toMatchObject({ configuration, configurationIndex: 9 })
  })

  it('that is not newer than the commit index changes nothing, and is answered with it', () => {
    const n = follower([entry(2, 1), entry(3, 1)], 3)
    for (const index of [2, 3]) n.step(install('c', 3, meta(index, 1, makeConfiguration(['x']))))
    expect(n.status).toMatchObject({ lastIndex: 3, commit: 3, configuration: abc })
    expect(n.readies.some(r => r.write?.snapshot !== undefined)).toBe(false)
    expect(acks(n)).toEqual([[3, false], [3, false]])
  })

  it('that the log already holds only moves the commit index', () => {
    const n = follower([entry(2, 1), entry(3, 1), entry(4, 1)])
    n.step(install('c', 3, meta(3, 1, abc)))
    expect(n.status).toMatchObject({ lastIndex: 4, commit: 3, firstIndex: 1 })
    expect(acks(n)).toEqual([[3, false]])
    expect(n.applied.map(e => e.index)).toEqual([3])
  })

  it('replaces entries of another term at its index, even uncommitted ones beyond', () => {
    const n = follower([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(i => entry(i, 1)))
    n.step(install('c', 3, snapshot))
    expect(n.status).toMatchObject({ lastIndex: 10, commit: 10 })
    expect([...n.log.keys()]).toEqual([])
  })

  it('is followed by the next entries, which are applied only after it is durable', () => {
    const n = follower()
    n.hold = true
    n.step(install('c', 3, snapshot))
    n.step({ type: 'append', from: 'a', to: 'c', term: 3, prevIndex: 10, prevTerm: 3, entries: [entry(11, 3)], commit: 11 })
    expect([n.raft.commit, n.applied]).toEqual([11, []])
    n.land(1)
    n.drain()
    expect(n.applied).toEqual([])
    n.land()
    n.drain()
    expect(n.applied.map(e => e.index)).toEqual([11])
  })

  it('is not undone by a late acknowledgement of what was written before', () => {
    const n = follower([entry(2, 1)], 1)
    n.hold = true
    n.step({ type: 'append', from: 'a', to: 'c', term: 3, prevIndex: 2, prevTerm: 1, entries: [3, 4, 5, 6, 7, 8, 9, 10, 11].map(i => entry(i, 3)), commit: 1 })
    const old = n.writes[0].ack
    expect(old.lastIndex).toBe(11)
    n.step(install('c', 4, meta(11, 4, abc), 'b'))
    n.raft.stored(old)
    expect(n.status.storedIndex).toBeLessThan(11)
    n.land()
    expect(n.status.storedIndex).toBe(11)
  })

  it('twice in quick succession ends with the later one', () => {
    const n = follower()
    n.hold = true
    n.raft.step(install('c', 3, snapshot))
    n.raft.step(install('c', 3, meta(20, 3, abc, 15)))
    n.drain()
    expect(n.writes.map(w => w.snapshot?.index)).toEqual([20])
    n.step(install('c', 3, meta(30, 3, abc, 15)))
    n.step(install('c', 3, snapshot))
    n.land().drain()
    expect(n.status).toMatchObject({ commit: 30, lastIndex: 30, storedIndex: 30 })
    expect(acks(n).at(-1)).toEqual([30, false])
  })

  it('is done by a candidate as well, which yields', () => {
    const n = follower()
    n.raft.campaign(false)
    n.drain()
    n.step(install('c', 4, meta(10, 3, abc)))
    expect(n.status).toMatchObject({ role: 'follower', leader: 'a', term: 4, commit: 10 })
  })

  it('from a leader of an earlier term is refused', () => {
    const n = follower()
    n.step(install('c', 2, meta(10, 2, abc)))
    expect(n.status).toMatchObject({ commit: 2, lastIndex: 3 })
    expect(acks(n)).toEqual([[0, true]])
  })

  it('makes a joiner a member', () => {
    const n = new Node(options('d'), initial([]))
    n.step(install('d', 5, meta(10, 3, makeConfiguration(ABC, ['d']))))
    expect(n.status).toMatchObject({ term: 5, commit: 10, leader: 'a', configuration: makeConfiguration(ABC, ['d']) })
    n.raft.campaign()
    expect(n.raft.role).toBe('follower')
  })

  it('is what a restart starts from', () => {
    const n = new Node(options('c'), initial([], {
      prevIndex: 10, prevTerm: 3, snapshot, applied: 10, hardState: { term: 3, commit: 10 }, configurations: [{ index: 8, configuration: snapshot.configuration }]
    }))
    expect(n.status).toMatchObject({ commit: 10, lastIndex: 10, firstIndex: 11, configurationIndex: 8 })
    n.step({ type: 'append', from: 'a', to: 'c', term: 3, prevIndex: 10, prevTerm: 3, entries: [entry(11, 3)], commit: 11 })
    expect(n.applied.map(e => e.index)).toEqual([11])
  })

  it('lets time go on from its own', () => {
    const n = new Node(options('a'), initial([], {
      prevIndex: 10, prevTerm: 3, snapshot: meta(10, 3, makeConfiguration(['a'])), applied: 10, hardState: { term: 3, commit: 10 },
      configurations: [{ index: 1, configuration: makeConfiguration(['a']) }]
    }))
    n.raft.campaign()
    n.drain()
    expect(n.log.get(11)).toMatchObject({ kind: 'noop', time: 1_010 })
  })
})
