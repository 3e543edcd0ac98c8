import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../src/raft/assert.js'
import { entryBytes } from '../../src/raft/window.js'
import { configEntry, entry, founded, Group, initial, Node, ofType, options } from './support.js'
import { makeConfiguration } from '../../src/raft/configuration.js'
import type { Append, AppendReply, Entry, InitialState, RaftOptions } from '../../src/raft/types.js'

const ABC = ['a', 'b', 'c']
const append = (from: string, to: string, term: number, prevIndex: number, prevTerm: number, entries: Entry[], commit = 0): Append =>
  ({ type: 'append', from, to, term, prevIndex, prevTerm, entries, commit })
const ack = (from: string, term: number, index: number): AppendReply =>
  ({ type: 'append-reply', from, to: 'a', term, index, rejected: false, hintIndex: 0, hintTerm: 0 })
const nack = (from: string, term: number, index: number, hintIndex: number, hintTerm: number): AppendReply =>
  ({ type: 'append-reply', from, to: 'a', term, index, rejected: true, hintIndex, hintTerm })

/** Terms of a log of which the first entry is the founders'. */
const logOf = (...terms: number[]): Entry[] => terms.map((term, i) => entry(i + 2, term))

/** A leader whose followers answer what the test says. */
function leader (entries: Entry[] = [], over: Partial<RaftOptions> = {}, state: Partial<InitialState> = {}): Node {
  const n = new Node(options('a', over), founded(ABC, entries, [], state))
  n.raft.campaign(false)
  n.drain()
  n.step({ type: 'vote-reply', from: 'b', to: 'a', term: n.raft.term, granted: true })
  return n
}

const appendsTo = (n: Node, to: string): Append[] => ofType(n.take(), 'append').filter(m => m.to === to)
const progress = (n: Node, member: string): unknown => n.status.progress.find(p => p.member === member)

describe('a follower', () => {
  const follower = (entries: Entry[] = [], commit = 1): Node => new Node(options('c'), founded(ABC, entries, [], { hardState: { term: 5, commit } }))

  it('follows a told commit index, and answers nothing', () => {
    const n = follower(logOf(1))
    n.step({ type: 'commit', from: 'a', to: 'c', term: 5, commit: 2 })
    expect([n.raft.commit, n.take()]).toEqual([2, []])
    expect(() => { n.step({ type: 'commit', from: 'a', to: 'c', term: 5, commit: 7 }) }).toThrow('past the last index')
  })

  it('takes entries that follow its log', () => {
    const n = follower()
    n.step(append('a', 'c', 5, 1, 1, [entry(2, 5), entry(3, 5)], 2))
    expect(n.status).toMatchObject({ lastIndex: 3, commit: 2, leader: 'a' })
    expect(n.applied.map(e => e.index)).toEqual([2])
    expect(ofType(n.take(), 'append-reply')).toEqual([{ type: 'append-reply', from: 'c', to: 'a', term: 5, index: 3, rejected: false, hintIndex: 0, hintTerm: 0 }])
  })

  it('refuses what does not follow, with a place to try next, and changes nothing', () => {
    const n = follower(logOf(2, 2, 4, 4))
    n.step(append('a', 'c', 5, 9, 5, [entry(10, 5)], 9))
    n.step(append('a', 'c', 5, 5, 3, [entry(6, 5)], 5))
    expect(ofType(n.take(), 'append-reply').map(m => [m.index, m.rejected, m.hintIndex, m.hintTerm])).toEqual([[9, true, 5, 4], [5, true, 3, 2]])
    expect(n.status).toMatchObject({ lastIndex: 5, commit: 1 })
  })

  it('replaces what conflicts, and only from there', () => {
    const n = follower(logOf(2, 2, 4, 4))
    n.step(append('a', 'c', 5, 2, 2, [entry(3, 2), entry(4, 5)]))
    expect(n.status).toMatchObject({ lastIndex: 4 })
    expect([...n.log.values()].filter(e => e.index <= 4).map(e => e.term)).toEqual([1, 2, 2, 5])
  })

  it('keeps what follows a stale append that is a piece of its log', () => {
    const n = follower(logOf(5, 5, 5, 5))
    n.step(append('a', 'c', 5, 2, 5, [entry(3, 5)]))
    n.step(append('a', 'c', 5, 1, 1, []))
    expect(n.status.lastIndex).toBe(5)
    expect(ofType(n.take(), 'append-reply').map(m => m.index)).toEqual([3, 1])
  })

  it('commits no further than the append verified', () => {
    const n = follower(logOf(2, 2, 2))
    // The leader has committed 4, of which this append only shows 2 to be the same here.
    n.step(append('a', 'c', 5, 1, 1, [entry(2, 2)], 4))
    expect(n.raft.commit).toBe(2)
    n.step(append('a', 'c', 5, 2, 2, [], 4))
    expect(n.raft.commit).toBe(2)
  })

  it('never takes a commit back', () => {
    const n = follower(logOf(5, 5, 5), 4)
    n.step(append('a', 'c', 5, 4, 5, [], 2))
    n.step({ type: 'heartbeat', from: 'a', to: 'c', term: 5, commit: 1, read: 1 })
    expect(n.raft.commit).toBe(4)
  })

  it('answers a stale append before its commit with what is committed, and looks at none of it again', () => {
    const n = follower(logOf(5, 5, 5, 5), 4)
    n.step(append('a', 'c', 5, 1, 1, [entry(2, 5)], 0))
    expect(ofType(n.take(), 'append-reply').map(m => [m.index, m.rejected])).toEqual([[4, false]])
    // It reaches beyond: the rest counts.
    n.step(append('a', 'c', 5, 1, 1, logOf(5, 5, 5, 5, 5), 0))
    expect(ofType(n.take(), 'append-reply').map(m => [m.index, m.rejected])).toEqual([[6, false]])
    expect(n.raft.lastIndex).toBe(6)
  })

  it('does the same where it has compacted what the append starts with', () => {
    const state = initial([entry(9, 5), entry(10, 5)], { prevIndex: 8, prevTerm: 5, applied: 9, hardState: { term: 5, commit: 9 } })
    const n = new Node(options('c'), state)
    n.step(append('a', 'c', 5, 3, 2, [4, 5, 6, 7, 8, 9, 10, 11].map(i => entry(i, 5)), 11))
    expect(n.status).toMatchObject({ lastIndex: 11, commit: 11 })
  })

  it('stops the group rather than truncate what is committed', () => {
    const n = follower(logOf(2, 2), 3)
    expect(() => n.step(append('a', 'c', 5, 1, 1, [entry(2, 3), entry(3, 3), entry(4, 3)]))).toThrow(InvariantError)
    const m = follower(logOf(2, 2), 3)
    expect(() => m.step(append('a', 'c', 5, 0, 0, [configEntry(1, 1, makeConfiguration(ABC)), entry(2, 2), entry(3, 3), entry(4, 3)]))).toThrow('which is committed here')
    expect(m.raft.lastIndex).toBe(3)
  })

  it('stops the group if the leader says that more is committed than it holds', () => {
    expect(() => follower().step({ type: 'heartbeat', from: 'a', to: 'c', term: 5, commit: 7, read: 1 })).toThrow('past the last index')
  })

  it('refuses entries with a gap, before it takes any', () => {
    expect(() => follower().step(append('a', 'c', 5, 1, 1, [entry(3, 5)]))).toThrow('starts with entry 3')
    const n = follower()
    expect(() => n.step(append('a', 'c', 5, 1, 1, [{ ...entry(2, 5), kind: 'config' }]))).toThrow('a configuration is a JSON object')
    expect(n.raft.lastIndex).toBe(1)
  })

  it('acknowledges several appends that become durable together once', () => {
    const n = follower()
    n.hold = true
    for (const i of [2, 3, 4]) n.raft.step(append('a', 'c', 5, i - 1, i === 2 ? 1 : 5, [entry(i, 5)]))
    n.drain()
    n.land()
    expect(ofType(n.take(), 'append-reply').map(m => m.index)).toEqual([4])
  })
})

describe('a leader', () => {
  it('probes with one append at a time, then pipelines', () => {
    const n = leader(logOf(1))
    n.take()
    n.propose('x')
    expect(appendsTo(n, 'b')).toEqual([])
    n.step(ack('b', 2, 3))
    expect(appendsTo(n, 'b').map(m => [m.prevIndex, m.entries.length])).toEqual([[3, 1]])
    n.propose('y')
    n.propose('z')
    expect(appendsTo(n, 'b').map(m => [m.prevIndex, m.entries.length])).toEqual([[4, 1], [5, 1]])
    expect(progress(n, 'b')).toMatchObject({ state: 'replicate', match: 3, next: 7, inflight: 3 })
  })

  it('sends proposals that came together in one append', () => {
    const n = leader()
    n.step(ack('b', 2, 2))
    n.take()
    for (const data of ['x', 'y', 'z']) n.raft.propose([new TextEncoder().encode(data)], 1)
    n.drain()
    expect(appendsTo(n, 'b').map(m => m.entries.length)).toEqual([3])
  })

  it('bounds an append by bytes, and sends one entry at least', () => {
    const two = 2 * entryBytes(entry(1, 1, 'x'))
    const n = leader([], { maxAppendBytes: two })
    n.step(ack('b', 2, 2))
    n.take()
    n.raft.propose(['x', 'x', 'x', 'x', 'x'].map(x => new TextEncoder().encode(x)), 1)
    n.drain()
    expect(appendsTo(n, 'b').map(m => m.entries.length)).toEqual([2, 2, 1])
    n.propose('x'.repeat(1_000), 'x')
    expect(appendsTo(n, 'b').map(m => m.entries.length)).toEqual([1, 1])
  })

  it('stops at so many appends in flight, and goes on as they are acknowledged', () => {
    const n = leader([], { maxInflight: 2 })
    n.step(ack('b', 2, 2))
    n.take()
    for (const x of ['u', 'v', 'w', 'x', 'y']) n.propose(x)
    expect(appendsTo(n, 'b').map(m => m.prevIndex)).toEqual([2, 3])
    n.step(ack('b', 2, 4))
    // Those that gathered meanwhile leave together, with the new commit index.
    expect(appendsTo(n, 'b').map(m => [m.prevIndex, m.entries.length, m.commit])).toEqual([[4, 3, 4]])
    n.step(ack('b', 2, 7))
    expect(progress(n, 'b')).toMatchObject({ match: 7, inflight: 0 })
  })

  it('stops at so many bytes in flight', () => {
    const n = leader([], { maxInflightBytes: 100 })
    n.step(ack('b', 2, 2))
    n.take()
    n.propose('x'.repeat(200))
    n.propose('y')
    expect(appendsTo(n, 'b').map(m => m.prevIndex)).toEqual([2])
    n.step(ack('b', 2, 3))
    expect(appendsTo(n, 'b').map(m => m.prevIndex)).toEqual([3])
  })

  it('goes back over a whole term at a time to where a follower matches', () => {
    // The leader has terms 1 1 1 5 5 5 7; the follower 1 1 1 4 4 4 4 and then nothing.
    const n = leader([...logOf(1, 1), entry(4, 5), entry(5, 5), entry(6, 5)], {}, { hardState: { term: 6, commit: 1 } })
    n.take()
    const f = new Node(options('b'), founded(ABC, [...logOf(1, 1), entry(4, 4), entry(5, 4), entry(6, 4), entry(7, 4)], [], { hardState: { term: 6, commit: 3 } }))
    n.propose('x')
    let rounds = 0
    for (let m = [append('a', 'b', 7, 6, 5, [])]; m.length > 0; rounds++) {
      for (const one of m) f.step(one)
      for (const reply of f.take()) n.step(reply)
      m = appendsTo(n, 'b')
      expect(rounds).toBeLessThan(5)
    }
    expect(progress(n, 'b')).toMatchObject({ state: 'replicate', match: 8 })
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(i => f.log.get(i)?.term)).toEqual([1, 1, 1, 5, 5, 5, 7, 7])
  })

  it('repairs each of the followers in figure 7 of the Raft paper', () => {
    const terms = (...list: number[]): Entry[] => list.map((term, i) => entry(i + 2, term))
    // The first entry of the figure is the founders' here.
    const followers: Record<string, Entry[]> = {
      b: terms(1, 1, 4, 4, 5, 5, 6, 6),
      c: terms(1, 1, 4),
      d: terms(1, 1, 4, 4, 5, 5, 6, 6, 6, 6),
      e: terms(1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7),
      f: terms(1, 1, 4, 4, 4, 4),
      g: terms(1, 1, 2, 2, 2, 3, 3, 3, 3, 3)
    }
    const voters = ['a', ...Object.keys(followers)]
    const make = (id: string, entries: Entry[], term: number): Node => new Node(options(id), founded(voters, entries, [], { hardState: { term, commit: 1 } }))
    const a = make('a', terms(1, 1, 4, 4, 5, 5, 6, 6, 6), 7)
    const group = new Group([a, ...Object.entries(followers).map(([id, entries]) => make(id, entries, 7))])
    // d has as much in a later term: it doesn't vote for a, and the others are enough.
    a.raft.campaign()
    group.settle()
    expect(a.raft.role).toBe('leader')
    group.tick(4)
    for (const node of group.nodes.values()) {
      const log = Array.from({ length: node.raft.lastIndex }, (_, i) => node.log.get(i + 1)?.term)
      expect(log, node.id).toEqual([1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 8])
      expect(node.raft.commit).toBe(11)
    }
  })

  it('commits an entry of an earlier term only together with one of its own (figure 8)', () => {
    const n = leader([entry(2, 2)], {}, { hardState: { term: 3, commit: 1 } })
    expect(n.status).toMatchObject({ term: 4, lastIndex: 3, commit: 1 })
    n.step(ack('b', 4, 2))
    n.step(ack('c', 4, 2))
    expect(n.raft.commit).toBe(1)
    n.step(ack('b', 4, 3))
    expect(n.raft.commit).toBe(3)
  })

  it('tells an idle follower a new commit index, once', () => {
    const n = leader()
    n.take()
    n.step(ack('b', 2, 2))
    expect(ofType(n.take(), 'commit').map(m => [m.to, m.commit])).toEqual([['b', 2]])
    n.step(ack('b', 2, 2))
    expect(n.take()).toEqual([])
  })

  it('tells a busy follower with the next append, or once it has answered the last', () => {
    const n = leader()
    n.step(ack('b', 2, 2))
    n.take()
    n.propose('x')
    n.propose('y')
    expect(appendsTo(n, 'b').map(m => m.commit)).toEqual([2, 2])
    n.step(ack('b', 2, 3))
    expect(n.raft.commit).toBe(3)
    expect(n.take()).toEqual([])
    n.step(ack('b', 2, 4))
    expect(ofType(n.take(), 'commit').map(m => [m.to, m.commit])).toEqual([['b', 4]])
  })

  it('heartbeats a commit index that the follower is known to hold', () => {
    const n = leader(logOf(1))
    n.step(ack('b', 2, 3))
    n.take()
    n.tick(2)
    expect(ofType(n.take(), 'heartbeat').map(m => [m.to, m.commit])).toEqual([['b', 3], ['c', 0]])
  })

  it('is not moved by stale refusals', () => {
    const n = leader(logOf(1, 1, 1))
    n.step(ack('b', 2, 5))
    n.propose('x')
    n.take()
    n.step(nack('b', 2, 4, 1, 1))
    n.step(nack('b', 2, 5, 1, 1))
    expect(progress(n, 'b')).toMatchObject({ state: 'replicate', match: 5, next: 7 })
    n.step(nack('c', 2, 3, 1, 1))
    expect(progress(n, 'c')).toMatchObject({ state: 'probe', match: 0, next: 5 })
  })

  it('finds out that the last append was lost, within two heartbeats', () => {
    const group = Group.of(ABC).elect('a').tick(4)
    group.drop = m => m.type === 'append' && m.to === 'c'
    group.node('a').propose('x')
    group.settle().heal()
    group.tick(6)
    expect(group.applied('c')).toEqual(['x'])
  })

  it('finds out that a probe was lost', () => {
    const group = Group.of(ABC)
    group.drop = m => m.type === 'append' && m.to === 'c'
    group.elect('a').heal()
    expect(group.node('c').raft.lastIndex).toBe(1)
    group.tick(6)
    expect(group.node('c').raft.commit).toBe(2)
  })

  it('does not repeat itself for each of many read rounds', () => {
    const n = leader()
    n.step(ack('b', 2, 2))
    n.propose('x')
    n.take()
    for (let i = 0; i < 50; i++) {
      n.raft.readIndex(i, 0)
      n.drain()
      const round = ofType(n.take(), 'heartbeat')[0].read
      for (const from of ['b', 'c']) n.step({ type: 'heartbeat-reply', from, to: 'a', term: 2, read: round })
    }
    expect(ofType(n.take(), 'append')).toEqual([])
  })

  it('asks for entries that it no longer has in memory, once, and sends them when they come', () => {
    const n = new Node(options('a', { maxCachedBytes: 0 }), founded(ABC, logOf(1, 1, 1), [], { hardState: { term: 1, commit: 4 } }))
    n.drain()
    n.raft.campaign(false)
    n.drain()
    n.step({ type: 'vote-reply', from: 'b', to: 'a', term: 2, granted: true })
    n.take()
    n.raft.step(nack('b', 2, 4, 2, 1))
    expect(n.raft.ready().fetches).toEqual([{ to: 'b', from: 3, maxBytes: 64 * 1024 }])
    n.raft.step({ type: 'heartbeat-reply', from: 'b', to: 'a', term: 2, read: 0 })
    n.tick(2)
    expect(n.readies.at(-1)?.fetches ?? []).toEqual([])
    // Of another member, from another place, or of a log that this leader never had.
    n.raft.fetched('c', 3, [entry(3, 1)])
    n.raft.fetched('b', 2, [entry(2, 1)])
    n.take()
    n.drain()
    expect(appendsTo(n, 'b')).toEqual([])
    n.raft.fetched('b', 3, [entry(3, 9)])
    expect(n.raft.ready().fetches).toHaveLength(1)
    n.raft.fetched('b', 3, [entry(3, 1), entry(4, 1)])
    expect(ofType(n.raft.ready().messages, 'append').map(m => [m.prevIndex, m.prevTerm, m.entries.length])).toEqual([[2, 1, 2]])
    n.step(ack('b', 2, 4))
    expect(progress(n, 'b')).toMatchObject({ state: 'replicate', match: 4 })
  })

  it('asks again if an acknowledgement moved the follower on meanwhile', () => {
    const n = new Node(options('a', { maxCachedBytes: 0 }), founded(ABC, logOf(1, 1, 1), [], { hardState: { term: 1, commit: 4 } }))
    n.drain()
    n.raft.campaign(false)
    n.drain()
    n.step({ type: 'vote-reply', from: 'b', to: 'a', term: 2, granted: true })
    n.raft.step(nack('b', 2, 4, 1, 1))
    expect(n.raft.ready().fetches.map(f => f.from)).toEqual([2])
    n.raft.step(ack('b', 2, 3))
    // To replicate: what was asked for before doesn't count.
    expect(n.raft.ready().fetches.map(f => f.from)).toEqual([4])
    n.raft.fetched('b', 2, [entry(2, 1)])
    expect(ofType(n.raft.ready().messages, 'append')).toEqual([])
    n.raft.fetched('b', 4, [entry(4, 1)])
    expect(ofType(n.raft.ready().messages, 'append').map(m => m.prevIndex)).toEqual([3, 4])
  })

  it('does not send what it asked for once the follower is known to be further', () => {
    const n = new Node(options('a', { maxCachedBytes: 0 }), founded(ABC, logOf(1, 1, 1), [], { hardState: { term: 1, commit: 4 } }))
    n.drain()
    n.raft.campaign(false)
    n.drain()
    n.step({ type: 'vote-reply', from: 'b', to: 'a', term: 2, granted: true })
    n.raft.step(nack('b', 2, 4, 1, 1))
    n.raft.ready()
    n.raft.fetched('b', 2, [entry(2, 1)])
    n.raft.ready()
    n.raft.step(ack('b', 2, 2))
    expect(n.raft.ready().fetches.map(f => f.from)).toEqual([3])
    n.raft.step(ack('b', 2, 3))
    n.raft.fetched('b', 3, [entry(3, 1)])
    const { messages, fetches } = n.raft.ready()
    expect([ofType(messages, 'append'), fetches.map(f => f.from)]).toEqual([[], [4]])
  })

  it('stops the group if a follower acknowledges what it never had', () => {
    expect(() => leader().step(ack('b', 2, 99))).toThrow('acknowledged index 99')
  })

  it('ignores acknowledgements of strangers', () => {
    const n = leader()
    n.step(ack('x', 2, 2))
    n.step(ack('y', 2, 2))
    expect(n.raft.commit).toBe(1)
  })

  it('of even number needs more than half', () => {
    const n = new Node(options('a'), founded(['a', 'b', 'c', 'd']))
    n.raft.campaign(false)
    n.drain()
    for (const from of ['b', 'c']) n.step({ type: 'vote-reply', from, to: 'a', term: 2, granted: true })
    n.step(ack('b', 2, 2))
    expect(n.raft.commit).toBe(1)
    n.step(ack('c', 2, 2))
    expect(n.raft.commit).toBe(2)
  })

  it('probes again who was seen to be gone, and sends at once to who is back', () => {
    const n = leader()
    n.step(ack('b', 2, 2))
    n.propose('x')
    n.take()
    n.raft.unreachable('b')
    expect(progress(n, 'b')).toMatchObject({ state: 'probe', recentlyActive: false, next: 3, inflight: 0 })
    n.propose('y')
    n.take()
    n.propose('z')
    expect(appendsTo(n, 'b')).toEqual([])
    n.raft.reachable('b')
    n.drain()
    expect(appendsTo(n, 'b').map(m => [m.prevIndex, m.entries.length])).toEqual([[2, 3]])
  })

  it('acts on nothing of an earlier leadership', () => {
    const n = leader(logOf(1))
    n.step(ack('b', 2, 3))
    n.propose('x')
    n.raft.stepDown()
    n.raft.campaign(false)
    n.drain()
    n.step({ type: 'vote-reply', from: 'b', to: 'a', term: 3, granted: true })
    expect(progress(n, 'b')).toMatchObject({ state: 'probe', match: 0, next: 5 })
    n.step(ack('b', 2, 4))
    expect(progress(n, 'b')).toMatchObject({ match: 0 })
    n.raft.fetched('b', 3, [entry(3, 1)])
    n.raft.snapshotSent('b', 3)
    expect(progress(n, 'b')).toMatchObject({ state: 'probe', next: 5 })
  })
})

describe('a proposal', () => {
  const data = (size: number): Uint8Array[] => [new Uint8Array(size)]

  it('is refused where this member does not lead', () => {
    expect(new Node(options('c'), founded(ABC)).raft.propose(data(1), 0)).toMatchObject({ ok: false, reason: 'not-leader' })
  })

  it('is refused as busy over the bound of uncommitted bytes, and taken again once they are committed', () => {
    const n = leader([], { maxUncommittedBytes: 300 })
    n.step(ack('b', 2, 2))
    expect(n.raft.propose(data(100), 0)).toMatchObject({ ok: true, index: 3, term: 2 })
    expect(n.raft.propose(data(100), 0)).toMatchObject({ ok: true, index: 4 })
    expect(n.raft.propose(data(100), 0)).toMatchObject({ ok: false, reason: 'busy' })
    n.drain()
    n.step(ack('b', 2, 4))
    expect(n.status.uncommittedBytes).toBe(0)
    expect(n.raft.propose(data(100), 0)).toMatchObject({ ok: true, index: 5 })
  })

  it('always fits if it is the only one', () => {
    const n = leader([], { maxUncommittedBytes: 300 })
    n.step(ack('b', 2, 2))
    expect(n.raft.propose(data(5_000), 0)).toMatchObject({ ok: true })
    expect(n.raft.propose(data(0), 0)).toMatchObject({ ok: false, reason: 'busy' })
  })

  it('of several is taken whole or not at all', () => {
    const n = leader([], { maxUncommittedBytes: 300 })
    n.step(ack('b', 2, 2))
    n.raft.propose(data(1), 0)
    const { lastIndex } = n.raft
    expect(n.raft.propose([...data(100), ...data(100), ...data(100)], 0)).toMatchObject({ ok: false, reason: 'busy' })
    expect(n.raft.lastIndex).toBe(lastIndex)
    expect(() => n.raft.propose([], 0)).toThrow(InvariantError)
  })

  it('is counted in a new leadership too', () => {
    const n = leader([entry(2, 1, 'x'.repeat(500))], { maxUncommittedBytes: 300 })
    expect(n.raft.propose(data(10), 0)).toMatchObject({ ok: false, reason: 'busy' })
  })

  it('never carries a time before that of the entry before it', () => {
    const n = leader()
    n.raft.propose(data(1), 9_000)
    n.raft.propose(data(1), 4_000)
    n.raft.propose(data(1), 9_000.7)
    n.drain()
    expect([3, 4, 5].map(i => n.log.get(i)?.time)).toEqual([9_000, 9_000, 9_000])
  })

  it('is never lost by a failed leader once it is committed', () => {
    const group = Group.of(ABC).elect('a')
    group.node('a').propose('x')
    group.settle()
    group.isolate('a')
    group.node('a').propose('lost')
    group.tick(25)
    const leader = group.node('b').raft.role === 'leader' ? 'b' : 'c'
    group.node(leader).propose('y')
    group.settle()
    group.heal().tick(10)
    for (const id of ABC) expect(group.applied(id)).toEqual(['x', 'y'])
  })
})

describe('a ready', () => {
  it('hands out committed entries in pages, without a gap', () => {
    const n = new Node(options('a', { maxCommittedBytes: 1 }), founded(['a']))
    n.raft.campaign()
    n.drain()
    n.propose('x', 'y', 'z')
    expect(n.readies.every(r => r.committed.length <= 1)).toBe(true)
    expect(n.applied.map(e => e.index)).toEqual([2, 3, 4, 5])
  })

  it('says when role, term or leader changed, and only then', () => {
    const n = new Node(options('c'), founded(ABC))
    n.step({ type: 'heartbeat', from: 'a', to: 'c', term: 3, commit: 1, read: 1 })
    n.step({ type: 'heartbeat', from: 'a', to: 'c', term: 3, commit: 1, read: 2 })
    expect(n.readies.map(r => r.soft)).toEqual([{ role: 'follower', term: 3, leader: 'a' }, undefined])
  })

  it('is empty when there is nothing to do', () => {
    const group = Group.of(ABC).elect('a')
    expect([...group.nodes.values()].map(n => n.raft.hasReady())).toEqual([false, false, false])
    expect(group.node('a').raft.ready()).toEqual({
      write: undefined, messages: [], committed: [], reads: [], fetches: [], snapshots: [], soft: undefined, configuration: undefined
    })
  })
})
