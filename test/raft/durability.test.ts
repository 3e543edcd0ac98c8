import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../src/raft/assert.js'
import { entry, founded, Group, initial, Node, ofType, options } from './support.js'
import type { Append, Entry, Message, StorageWrite } from '../../src/raft/types.js'

const ABC = ['a', 'b', 'c']
const held = (id = 'c', entries: Entry[] = []): Node => {
  const n = new Node(options(id), founded(ABC, entries))
  n.hold = true
  return n
}
const append = (from: string, to: string, term: number, prev: Entry | number, entries: Entry[], commit = 0): Append => ({
  type: 'append', from, to, term, prevIndex: typeof prev === 'number' ? prev : prev.index, prevTerm: typeof prev === 'number' ? Math.min(prev, 1) : prev.term, entries, commit
})
const replies = (messages: readonly Message[]): unknown[] => ofType(messages, 'append-reply').map(m => [m.term, m.index, m.rejected])

describe('nothing is promised before it is durable', () => {
  it('neither a vote', () => {
    const n = held()
    n.step({ type: 'vote', from: 'a', to: 'c', term: 2, lastIndex: 1, lastTerm: 1, transfer: false })
    expect(n.outbox).toEqual([])
    expect(n.writes[0]).toMatchObject({ hardState: { term: 2, vote: 'a' }, mustSync: true })
    n.land()
    expect(ofType(n.take(), 'vote-reply').map(m => m.granted)).toEqual([true])
  })

  it('nor a refusal that tells a new term', () => {
    const n = held('c', [entry(2, 1)])
    n.step({ type: 'vote', from: 'a', to: 'c', term: 2, lastIndex: 1, lastTerm: 1, transfer: false })
    expect(n.outbox).toEqual([])
    n.land()
    expect(ofType(n.take(), 'vote-reply').map(m => [m.term, m.granted])).toEqual([[2, false]])
  })

  it('nor entries', () => {
    const n = held()
    n.step(append('a', 'c', 1, 1, [entry(2, 1), entry(3, 1)], 3))
    expect([n.outbox, n.raft.commit, n.applied.map(e => e.index)]).toEqual([[], 3, []])
    n.land()
    n.drain()
    expect(replies(n.take())).toEqual([[1, 3, false]])
    expect(n.applied.map(e => e.index)).toEqual([2, 3])
  })

  it('nor entries that it holds already, of a term that is new', () => {
    const n = held()
    n.step(append('a', 'c', 5, 1, []))
    expect(n.outbox).toEqual([])
    n.land()
    expect(replies(n.take())).toEqual([[5, 1, false]])
  })

  it('nor the same entries again, while the first write is under way', () => {
    const n = held()
    n.step(append('a', 'c', 1, 1, [entry(2, 1)]))
    n.step(append('a', 'c', 1, 1, [entry(2, 1)]))
    expect(n.outbox).toEqual([])
    expect(n.writes).toHaveLength(2)
    n.land(1)
    expect(replies(n.take())).toEqual([[1, 2, false]])
    n.step(append('a', 'c', 1, 1, [entry(2, 1)]))
    expect(replies(n.take())).toEqual([[1, 2, false]])
  })

  it('nor a request for votes, which boasts of a log', () => {
    const n = held('a', [entry(2, 1)])
    n.raft.campaign(false)
    n.drain()
    expect(n.outbox).toEqual([])
    n.land()
    expect(ofType(n.take(), 'vote').map(m => [m.to, m.lastIndex])).toEqual([['b', 2], ['c', 2]])
  })

  it('and a candidate with everyone else\'s votes waits for its own', () => {
    const n = held('a')
    n.raft.campaign(false)
    n.drain()
    for (const from of ['b', 'c']) n.step({ type: 'vote-reply', from, to: 'a', term: 2, granted: true })
    expect(n.raft.role).toBe('candidate')
    n.land()
    expect(n.raft.role).toBe('leader')
  })

  it('and an own vote that becomes durable in a later term counts for nothing', () => {
    const n = new Node(options('a'), founded(['a', 'b']))
    n.hold = true
    n.raft.campaign(false)
    n.drain()
    const old = n.writes[0].ack
    n.step({ type: 'vote', from: 'b', to: 'a', term: 3, lastIndex: 1, lastTerm: 1, transfer: false })
    n.raft.stored(old)
    expect(n.status).toMatchObject({ role: 'follower', term: 3, vote: 'b' })
  })
})

describe('an own vote', () => {
  it('is not made durable by the write of an earlier one', () => {
    const n = new Node(options('a'), founded(['a']))
    n.hold = true
    n.raft.campaign(false)
    n.drain()
    const first = n.writes[0].ack
    n.raft.campaign(false)
    n.drain()
    n.raft.stored(first)
    expect(n.status).toMatchObject({ role: 'candidate', term: 3 })
    n.land()
    expect(n.raft.role).toBe('leader')
  })
})

describe('what needs no disk', () => {
  it('leaves at once: a leader\'s appends, and answers that promise nothing new', () => {
    const group = Group.of(ABC).elect('a')
    const a = group.node('a')
    a.hold = true
    a.propose('x')
    expect(ofType(a.take(), 'append').map(m => [m.to, m.entries.length])).toEqual([['b', 1], ['c', 1]])
    const c = group.node('c')
    c.hold = true
    c.step(append('a', 'c', 2, { ...entry(7, 2) }, []))
    expect(replies(c.take())).toEqual([[2, 7, true]])
    expect(c.writes).toEqual([])
  })

  it('is a commit index that moved: it rides with the next write, or goes unsynced at the next tick', () => {
    const n = held('c', [entry(2, 1)])
    n.step({ type: 'heartbeat', from: 'a', to: 'c', term: 1, commit: 2, read: 0 })
    expect(n.writes).toEqual([])
    n.tick()
    expect(n.writes).toHaveLength(1)
    expect(n.writes[0]).toMatchObject({ hardState: { term: 1, commit: 2 }, mustSync: false, entries: [] })
    n.tick()
    expect(n.writes).toHaveLength(1)
  })
})

describe('a leader', () => {
  const leader = (): { group: Group, a: Node } => {
    const group = Group.of(ABC).elect('a')
    const a = group.node('a')
    a.hold = true
    return { group, a }
  }

  it('counts itself only once it is durable', () => {
    const { a } = leader()
    a.propose('x')
    a.step({ type: 'append-reply', from: 'b', to: 'a', term: 2, index: 3, rejected: false, hintIndex: 0, hintTerm: 0 })
    expect(a.raft.commit).toBe(2)
    a.land()
    expect(a.raft.commit).toBe(3)
  })

  it('commits by the others while its own disk is slow, but applies only what it has', () => {
    const { a } = leader()
    a.propose('x')
    for (const from of ['b', 'c']) a.step({ type: 'append-reply', from, to: 'a', term: 2, index: 3, rejected: false, hintIndex: 0, hintTerm: 0 })
    expect(a.raft.commit).toBe(3)
    expect(a.applied.map(e => e.index)).toEqual([2])
    a.land().drain()
    expect(a.applied.map(e => e.index)).toEqual([2, 3])
  })

  it('alone neither commits nor applies before its write is durable', () => {
    const n = new Node(options('a'), founded(['a']))
    n.raft.campaign()
    n.drain()
    n.hold = true
    n.propose('x')
    expect([n.raft.commit, n.applied.length]).toEqual([2, 1])
    n.land().drain()
    expect([n.raft.commit, n.applied.length]).toEqual([3, 2])
  })

  it('does not count an acknowledgement that was under way when it led before', () => {
    const { group, a } = leader()
    a.propose('x')
    const old = (a.writes[0] as StorageWrite).ack
    expect(old.lastIndex).toBe(3)
    // Deposed: another leader replaces the entry, and this node leads again.
    const other = entry(3, 3, 'other')
    a.step(append('b', 'a', 3, { ...entry(2, 2) }, [other]))
    a.raft.campaign(false)
    a.drain()
    a.raft.stored(old)
    expect(a.status.storedIndex).toBe(2)
    expect(a.raft.role).toBe('candidate')
    expect(group.node('b').raft.commit).toBe(2)
    a.land()
    expect(a.status.storedIndex).toBe(3)
  })
})

describe('a late acknowledgement', () => {
  it('of entries that were replaced since confirms nothing, even at the same index', () => {
    const n = held()
    n.step(append('a', 'c', 1, 1, [entry(2, 1), entry(3, 1)]))
    const old = n.writes[0].ack
    n.step(append('b', 'c', 2, 1, [entry(2, 2), entry(3, 2)], 3))
    n.raft.stored(old)
    n.drain()
    expect([n.status.storedIndex, n.applied]).toEqual([1, []])
    n.land().drain()
    expect([n.status.storedIndex, n.applied.map(e => e.term)]).toEqual([3, [2, 2]])
  })

  it('of entries that were replaced and then came back confirms nothing', () => {
    const n = held()
    const first = entry(2, 1)
    n.step(append('a', 'c', 1, 1, [first]))
    const old = n.writes[0].ack
    n.step(append('b', 'c', 2, 1, [entry(2, 2)]))
    // A leader of term 3 whose log never had term 2 replaces it by the very entry that was there before.
    n.step(append('a', 'c', 3, 1, [first]))
    n.raft.stored(old)
    expect(n.status.storedIndex).toBe(1)
    n.land()
    expect(n.status.storedIndex).toBe(2)
  })

  it('of an earlier write, after that of a later one, takes nothing back', () => {
    const n = held()
    n.step(append('a', 'c', 1, 1, [entry(2, 1)]))
    n.step(append('a', 'c', 1, { ...entry(2, 1) }, [entry(3, 1)]))
    const [first, second] = n.writes.map(w => w.ack)
    n.raft.stored(second)
    n.raft.stored(first)
    expect(n.status.storedIndex).toBe(3)
  })

  it('may stand for all writes before it', () => {
    const n = held()
    n.step(append('a', 'c', 2, 1, [entry(2, 2)]))
    n.step(append('a', 'c', 2, { ...entry(2, 2) }, [entry(3, 2)], 3))
    n.raft.stored(n.writes[1].ack)
    n.drain()
    expect(n.applied.map(e => e.index)).toEqual([2, 3])
  })

  it('that was never asked for breaks an invariant', () => {
    const n = held('c', [entry(2, 1)])
    const generation = 1
    expect(() => n.raft.stored({ term: 1, lastIndex: 9, generation })).toThrow(InvariantError)
    expect(() => n.raft.stored({ term: 7, lastIndex: 2, generation })).toThrow(InvariantError)
  })
})

describe('a restart', () => {
  it('goes on from term, vote and log, and applies again only what was not applied', () => {
    const log = [entry(2, 1), entry(3, 2)]
    const n = new Node(options('c'), founded(ABC, log, [], { hardState: { term: 4, vote: 'b', commit: 3 }, applied: 2 }))
    n.drain()
    expect(n.status).toMatchObject({ role: 'follower', term: 4, vote: 'b', commit: 3, applied: 3, lastIndex: 3, storedIndex: 3 })
    expect(n.applied.map(e => e.index)).toEqual([3])
  })

  it('writes nothing and says nothing by itself', () => {
    const n = new Node(options('c'), founded(ABC, [], [], { applied: 1 }))
    expect(n.raft.hasReady()).toBe(false)
  })

  it('takes the term of its log, if no vote was ever written', () => {
    const n = new Node(options('c'), founded(ABC, [], [], { hardState: { term: 0, commit: 0 } }))
    expect(n.raft.term).toBe(1)
    n.drain()
    expect(n.hardState).toMatchObject({ term: 1 })
  })

  it('is refused where log, vote and state contradict each other', () => {
    expect(() => new Node(options('c'), founded(ABC, [], [], { hardState: { term: 1, commit: 9 } }))).toThrow('entries were lost')
    expect(() => new Node(options('c'), initial([], { configurations: [{ index: 1, configuration: { voters: ['a'], outgoing: [], learners: [], learnersNext: [] } }] }))).toThrow('past the end')
    expect(() => new Node(options('c', { electionTicks: 2, heartbeatTicks: 2 }), founded(ABC))).toThrow('election timeout')
    expect(() => new Node(options('c', { maxInflight: 0 }), founded(ABC))).toThrow('in flight')
  })
})

describe('messages', () => {
  it('for someone else, or from itself, are a bug of the caller', () => {
    const n = held()
    expect(() => n.raft.step({ type: 'timeout-now', from: 'a', to: 'b', term: 1 })).toThrow(InvariantError)
    expect(() => n.raft.step({ type: 'timeout-now', from: 'c', to: 'c', term: 1 })).toThrow(InvariantError)
    expect(() => n.raft.step({ type: 'timeout-now', from: 'a', to: 'c', term: 2 ** 60 })).toThrow('safe integer')
  })
})
