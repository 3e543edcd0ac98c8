import { describe, expect, it } from 'vitest'
import { makeConfiguration } from '../../src/raft/configuration.js'
import { configEntry, entry, founded, Group, initial, Node, ofType, options } from './support.js'
import type { Message, Vote } from '../../src/raft/types.js'

const ABC = ['a', 'b', 'c']
const node = (id = 'a', voters = ABC, over = {}): Node => new Node(options(id, over), founded(voters))
const vote = (from: string, to: string, term: number, over: Partial<Vote> = {}): Vote =>
  ({ type: 'vote', from, to, term, lastIndex: 1, lastTerm: 1, transfer: false, ...over })
const preVote = (from: string, to: string, term: number, lastIndex = 1, lastTerm = 1): Message => ({ type: 'pre-vote', from, to, term, lastIndex, lastTerm })
const heartbeat = (from: string, to: string, term: number): Message => ({ type: 'heartbeat', from, to, term, commit: 0, read: 1 })

describe('an election', () => {
  it('starts with a pre-vote after the timeout and ends with a leader that commits a no-op', () => {
    const group = Group.of(ABC)
    group.node('a').tick(10)
    expect(group.node('a').raft.role).toBe('pre-candidate')
    expect(group.node('a').raft.term).toBe(1)
    group.settle()
    const { role, term, commit, termCommitted } = group.node('a').status
    expect({ role, term, commit, termCommitted }).toEqual({ role: 'leader', term: 2, commit: 2, termCommitted: true })
    expect(group.node('a').applied.map(e => e.kind)).toEqual(['noop'])
    expect([group.node('b').raft.leader, group.node('c').raft.leader]).toEqual(['a', 'a'])
  })

  it('waits a random time from one to two timeouts, anew for each', () => {
    const draws = [0, 0.99, 0.5]
    const n = node('a', ABC, { random: () => draws.shift() ?? 0 })
    // The first is for read contexts.
    n.tick(18)
    expect(n.raft.role).toBe('follower')
    n.tick(1)
    expect(n.raft.role).toBe('pre-candidate')
    n.take()
    n.tick(14)
    expect(n.take()).toEqual([])
    n.tick(1)
    expect(ofType(n.take(), 'pre-vote')).toHaveLength(2)
  })

  it('elects a single voter by itself, once its vote is durable', () => {
    const n = node('a', ['a'])
    n.hold = true
    n.raft.campaign()
    n.drain()
    expect(n.raft.role).toBe('candidate')
    n.land()
    expect(n.raft.role).toBe('leader')
    n.drain().land()
    expect(n.raft.commit).toBe(2)
  })

  it('is lost when a majority refuses, and leaves term and vote as they are', () => {
    const n = node()
    n.raft.campaign(false)
    n.drain()
    n.step({ type: 'vote-reply', from: 'b', to: 'a', term: 2, granted: false })
    expect(n.raft.role).toBe('candidate')
    n.step({ type: 'vote-reply', from: 'c', to: 'a', term: 2, granted: false })
    expect(n.status).toMatchObject({ role: 'follower', term: 2, vote: 'a' })
  })

  it('is not won with votes of the same voter twice, of strangers, or of learners', () => {
    const n = new Node(options('a'), founded(['a', 'b', 'c', 'd', 'e'], [], ['l']))
    n.raft.campaign(false)
    n.drain()
    for (const from of ['b', 'b', 'l', 'x']) n.step({ type: 'vote-reply', from, to: 'a', term: 2, granted: true })
    expect(n.raft.role).toBe('candidate')
    n.step({ type: 'vote-reply', from: 'c', to: 'a', term: 2, granted: true })
    expect(n.raft.role).toBe('leader')
  })

  it('of an even number needs more than half', () => {
    const n = node('a', ['a', 'b', 'c', 'd'])
    n.raft.campaign(false)
    n.drain()
    n.step({ type: 'vote-reply', from: 'b', to: 'a', term: 2, granted: true })
    expect(n.raft.role).toBe('candidate')
    n.step({ type: 'vote-reply', from: 'c', to: 'a', term: 2, granted: true })
    expect(n.raft.role).toBe('leader')
  })

  it('ignores votes of an earlier campaign', () => {
    const n = node()
    n.raft.campaign(false)
    n.drain()
    n.raft.campaign(false)
    n.drain()
    expect(n.raft.term).toBe(3)
    n.step({ type: 'vote-reply', from: 'b', to: 'a', term: 2, granted: true })
    expect(n.raft.role).toBe('candidate')
  })

  it('is never started by a learner, a stranger or a joiner that knows nobody', () => {
    const learner = new Node(options('l'), founded(ABC, [], ['l']))
    const stranger = new Node(options('x'), founded(ABC))
    const joiner = new Node(options('x'), initial([]))
    for (const n of [learner, stranger, joiner]) {
      n.tick(100)
      n.raft.campaign()
      n.raft.campaign(false)
      n.drain()
      // A learner knocks for a leader that may be asleep, and asks nobody for a vote.
      expect([n.raft.role, n.outbox.filter(m => m.type !== 'heartbeat-reply')]).toEqual(['follower', []])
    }
  })
})

describe('a voter', () => {
  it('votes once in a term, again for the same candidate, and remembers it over a restart', () => {
    const n = node('c')
    n.step(vote('a', 'c', 2))
    n.step(vote('b', 'c', 2))
    n.step(vote('a', 'c', 2))
    expect(ofType(n.take(), 'vote-reply').map(m => [m.to, m.granted])).toEqual([['a', true], ['b', false], ['a', true]])
    const again = new Node(options('c'), founded(ABC, [], [], { hardState: n.hardState }))
    again.step(vote('b', 'c', 2))
    expect(ofType(again.take(), 'vote-reply')[0].granted).toBe(false)
  })

  it('does not vote for another in a term that it led or campaigned in, even after stepping down', () => {
    const group = Group.of(ABC).elect('a')
    const a = group.node('a')
    a.raft.stepDown()
    a.step(vote('b', 'a', 2, { lastIndex: 99, lastTerm: 2, transfer: true }))
    expect(ofType(a.take(), 'vote-reply').at(-1)?.granted).toBe(false)
  })

  it('does not vote in a term whose leader it knows, though it voted for nobody', () => {
    const c = node('c')
    c.step(heartbeat('a', 'c', 5))
    expect(c.status.vote).toBeUndefined()
    c.step(vote('b', 'c', 5, { lastIndex: 99, lastTerm: 4, transfer: true }))
    expect(ofType(c.take(), 'vote-reply').at(-1)?.granted).toBe(false)
  })

  it.each([
    ['a higher last term', 1, 5, true],
    ['a longer log of the same term', 9, 3, true],
    ['an equal log', 3, 3, true],
    ['a shorter log of the same term', 2, 3, false],
    ['a longer log of a lower term', 99, 2, false]
  ])('looks at the last term first: %s', (_, lastIndex, lastTerm, granted) => {
    const n = new Node(options('c'), founded(ABC, [entry(2, 3), entry(3, 3)]))
    n.step(preVote('a', 'c', 9, lastIndex, lastTerm))
    n.step(vote('a', 'c', 9, { lastIndex, lastTerm }))
    expect(n.take().map(m => 'granted' in m && m.granted)).toEqual([granted, granted])
  })

  it('answers even if it takes itself for a learner, a stranger or a joiner', () => {
    const learner = new Node(options('l'), founded(ABC, [], ['l']))
    const joiner = new Node(options('l'), initial([]))
    for (const n of [learner, joiner]) {
      n.step(preVote('a', 'l', 2))
      n.step(vote('a', 'l', 2))
      expect(n.take().map(m => 'granted' in m && m.granted)).toEqual([true, true])
    }
  })

  it('tells a candidate of an earlier term its own', () => {
    const n = new Node(options('c'), founded(ABC, [], [], { hardState: { term: 5, commit: 1 } }))
    n.step(vote('a', 'c', 3))
    n.step(preVote('a', 'c', 3))
    n.step(preVote('a', 'c', 5))
    expect(n.take().map(m => [m.type, m.term, 'granted' in m && m.granted])).toEqual([['vote-reply', 5, false], ['pre-vote-reply', 5, false], ['pre-vote-reply', 5, false]])
    const a = node()
    a.raft.campaign()
    a.drain()
    a.step({ type: 'pre-vote-reply', from: 'c', to: 'a', term: 5, granted: false })
    expect(a.status).toMatchObject({ role: 'follower', term: 5 })
  })

  it('puts off its own campaign only for a vote that it granted', () => {
    const n = new Node(options('c'), founded(ABC, [entry(2, 1)]))
    n.tick(8)
    n.step(vote('a', 'c', 2, { lastIndex: 1 }))
    expect(ofType(n.take(), 'vote-reply')[0].granted).toBe(false)
    n.tick(2)
    expect(n.raft.role).toBe('pre-candidate')
    const other = new Node(options('c'), founded(ABC))
    other.tick(8)
    other.step(vote('a', 'c', 2))
    other.tick(9)
    expect(other.raft.role).toBe('follower')
    other.tick(1)
    expect(other.raft.role).toBe('pre-candidate')
  })
})

describe('a pre-vote', () => {
  it('changes nothing at who is asked', () => {
    const n = node('c')
    n.tick(9)
    const before = n.status
    n.step(preVote('a', 'c', 2))
    expect(ofType(n.take(), 'pre-vote-reply')).toEqual([{ type: 'pre-vote-reply', from: 'c', to: 'a', term: 2, granted: true }])
    expect(n.status).toEqual(before)
    expect(n.writes).toEqual([])
    n.tick(1)
    expect(n.raft.role).toBe('pre-candidate')
  })

  it('is granted to several', () => {
    const n = node('c')
    n.step(preVote('a', 'c', 2))
    n.step(preVote('b', 'c', 2))
    expect(ofType(n.take(), 'pre-vote-reply').map(m => m.granted)).toEqual([true, true])
  })

  it('is refused while a leader is heard, without following the term', () => {
    const n = node('c')
    n.step(heartbeat('b', 'c', 2))
    n.take()
    n.tick(9)
    n.step(preVote('a', 'c', 9, 99, 8))
    n.step(vote('a', 'c', 9, { lastIndex: 99, lastTerm: 8 }))
    expect(n.take()).toEqual([{ type: 'pre-vote-reply', from: 'c', to: 'a', term: 2, granted: false }])
    expect(n.raft.term).toBe(2)
    // Whom the leader itself sent is not kept out.
    n.step(vote('a', 'c', 9, { lastIndex: 99, lastTerm: 8, transfer: true }))
    expect(ofType(n.take(), 'vote-reply')[0].granted).toBe(true)
  })

  it('is granted again an election timeout after the leader fell silent', () => {
    const n = node('c', ABC, { random: () => 0.9 })
    n.step(heartbeat('b', 'c', 2))
    n.tick(10)
    n.take()
    n.step(preVote('a', 'c', 3))
    expect(ofType(n.take(), 'pre-vote-reply')[0].granted).toBe(true)
  })

  it('is refused by who asks itself at the same moment with an equal log and a lower id, so that they do not split the vote', () => {
    const b = node('b')
    b.raft.campaign()
    b.drain().take()
    b.step(preVote('c', 'b', 2))
    b.step(preVote('a', 'b', 2))
    b.step(preVote('c', 'b', 2, 2))
    expect(ofType(b.take(), 'pre-vote-reply').map(m => m.granted)).toEqual([false, true, true])
    // It had its moment.
    b.tick(2)
    b.take()
    b.step(preVote('c', 'b', 2))
    expect(ofType(b.take(), 'pre-vote-reply').map(m => m.granted)).toEqual([true])
  })

  it('that is refused late, or a vote that is, deposes nobody', () => {
    const group = Group.of(ABC).elect('a')
    const a = group.node('a')
    for (const from of ['b', 'c']) {
      for (const term of [1, 2]) a.step({ type: 'pre-vote-reply', from, to: 'a', term, granted: false })
      a.step({ type: 'vote-reply', from, to: 'a', term: 2, granted: false })
    }
    expect(a.status).toMatchObject({ role: 'leader', term: 2 })
  })

  it('that is answered late starts no campaign', () => {
    const group = Group.of(ABC).elect('a')
    const late: Message = { type: 'pre-vote-reply', from: 'b', to: 'a', term: 3, granted: true }
    const a = group.node('a')
    const before = a.status
    a.step(late)
    a.step({ ...late, from: 'c' })
    expect(a.status).toEqual(before)
    const f = node()
    f.step({ ...late, term: 2 })
    f.step({ ...late, term: 2, from: 'c' })
    expect(f.status).toMatchObject({ role: 'follower', term: 1 })
    f.raft.campaign()
    f.drain()
    // Granted for another term than the one asked about.
    f.step({ ...late, term: 7 })
    expect(f.status).toMatchObject({ role: 'pre-candidate', term: 1 })
  })

  it('lets a node that was cut off back in without deposing the leader or raising its term', () => {
    const group = Group.of(ABC).elect('a')
    group.isolate('c').tick(60)
    expect(group.node('c').status).toMatchObject({ role: 'pre-candidate', term: 2 })
    group.heal().tick(10)
    expect(group.node('a').status).toMatchObject({ role: 'leader', term: 2 })
    expect(group.node('c').status).toMatchObject({ role: 'follower', term: 2, leader: 'a' })
  })

  it('does not keep out a node whose term ran ahead: the leader steps down to it and a new one is elected', () => {
    const group = Group.of(ABC).elect('a')
    group.isolate('c')
    group.node('c').raft.campaign(false)
    group.tick(4)
    expect(group.node('c').raft.term).toBe(3)
    group.heal().tick(30)
    const terms = ABC.map(id => group.node(id).raft.term)
    expect(new Set(terms).size).toBe(1)
    expect(terms[0]).toBeGreaterThan(2)
    expect(ABC.filter(id => group.node(id).raft.role === 'leader')).toHaveLength(1)
  })
})

describe('a leader', () => {
  it('steps down when a majority has not answered for an election timeout, and not before', () => {
    const group = Group.of(ABC).elect('a')
    group.isolate('a').tick(9)
    expect(group.node('a').raft.role).toBe('leader')
    group.tick(1)
    expect(group.node('a').status).toMatchObject({ role: 'follower', term: 2, leader: undefined })
  })

  it('stays with a majority, not counting learners', () => {
    const group = Group.of(ABC, {}, ['l']).elect('a')
    group.isolate('b').tick(50)
    expect(group.node('a').raft.role).toBe('leader')
    group.isolate('b', 'c').tick(10)
    expect(group.node('a').raft.role).toBe('follower')
  })

  it('ignores answers of earlier terms', () => {
    const group = Group.of(ABC).elect('a')
    const a = group.node('a')
    a.raft.stepDown()
    a.raft.campaign(false)
    a.drain()
    a.step({ type: 'vote-reply', from: 'b', to: 'a', term: 3, granted: true })
    expect(a.status).toMatchObject({ role: 'leader', term: 3, commit: 2, lastIndex: 3 })
    for (const from of ['b', 'c']) a.step({ type: 'append-reply', from, to: 'a', term: 2, index: 3, rejected: false, hintIndex: 0, hintTerm: 0 })
    expect(a.raft.commit).toBe(2)
  })

  it('stops the group if another one claims its term', () => {
    const group = Group.of(ABC).elect('a')
    expect(() => group.node('a').step(heartbeat('b', 'a', 2))).toThrow('\'b\' leads term 2')
    const c = group.node('c')
    c.raft.unreachable('a')
    expect(() => c.step(heartbeat('b', 'c', 2))).toThrow('\'b\' leads term 2')
  })

  it('yields to one of a later term', () => {
    const group = Group.of(ABC).elect('a')
    group.node('a').step(heartbeat('b', 'a', 3))
    expect(group.node('a').status).toMatchObject({ role: 'follower', term: 3, leader: 'b' })
  })
})

describe('a candidate', () => {
  it('yields to a leader of its own term, and tells one of an earlier term about its own', () => {
    const n = node()
    n.raft.campaign(false)
    n.drain().take()
    n.step({ type: 'append', from: 'b', to: 'a', term: 1, prevIndex: 0, prevTerm: 0, entries: [entry(1, 1)], commit: 1 })
    expect(n.take()).toEqual([{ type: 'append-reply', from: 'a', to: 'b', term: 2, index: 0, rejected: true, hintIndex: 0, hintTerm: 0 }])
    expect(n.raft.role).toBe('candidate')
    n.step(heartbeat('b', 'a', 2))
    expect(n.status).toMatchObject({ role: 'follower', term: 2, leader: 'b', vote: 'a' })
  })
})

describe('a hint that the leader is gone', () => {
  const follower = (over = {}): Node => {
    const n = node('c', ABC, over)
    n.step(heartbeat('a', 'c', 2))
    n.take()
    return n
  }

  it('starts a pre-vote at the next tick', () => {
    const n = follower()
    n.raft.unreachable('a')
    expect(n.status).toMatchObject({ role: 'follower', leader: undefined })
    n.tick(1)
    expect(ofType(n.take(), 'pre-vote').map(m => [m.to, m.term])).toEqual([['a', 3], ['b', 3]])
  })

  it('lets another have its pre-vote, and then the time to win', () => {
    const n = follower()
    n.raft.unreachable('a')
    n.step(preVote('b', 'c', 3))
    expect(ofType(n.take(), 'pre-vote-reply')[0].granted).toBe(true)
    n.tick(2)
    expect(ofType(n.take(), 'pre-vote')).toEqual([])
    n.tick(1)
    expect(ofType(n.take(), 'pre-vote')).toHaveLength(2)
  })

  it('does not break off a campaign in earnest', () => {
    const n = follower()
    n.raft.unreachable('a')
    n.tick(1)
    n.step({ type: 'pre-vote-reply', from: 'b', to: 'c', term: 3, granted: true })
    expect(n.raft.role).toBe('candidate')
    n.tick(9)
    expect(n.status).toMatchObject({ role: 'candidate', term: 3 })
    n.tick(1)
    expect(n.raft.role).toBe('pre-candidate')
  })

  it('is followed up a few times, soon, then by the regular timeout', () => {
    const n = follower()
    n.raft.unreachable('a')
    const asked: number[] = []
    for (let tick = 1; tick <= 40; tick++) {
      n.tick(1)
      if (ofType(n.take(), 'pre-vote').length > 0) asked.push(tick)
      n.step({ type: 'pre-vote-reply', from: 'b', to: 'c', term: 2, granted: false })
      n.step({ type: 'pre-vote-reply', from: 'a', to: 'c', term: 2, granted: false })
    }
    expect(asked.slice(0, 5)).toEqual([1, 4, 7, 10, 20])
  })

  it('is void when the leader is heard again', () => {
    const n = follower()
    n.raft.unreachable('a')
    n.step(heartbeat('a', 'c', 2))
    n.take()
    n.tick(9)
    expect([n.raft.leader, ofType(n.take(), 'pre-vote')]).toEqual(['a', []])
  })

  it('is ignored about others, by learners, and where it would break lease reads', () => {
    const n = follower()
    n.raft.unreachable('b')
    expect(n.raft.leader).toBe('a')
    const lease = follower({ leaseReads: true })
    lease.raft.unreachable('a')
    lease.tick(3)
    expect(lease.raft.leader).toBe('a')
    lease.take()
    lease.step(preVote('b', 'c', 3))
    expect(ofType(lease.take(), 'pre-vote-reply')[0].granted).toBe(false)
    const learner = new Node(options('l'), founded(ABC, [], ['l']))
    learner.step(heartbeat('a', 'l', 2))
    learner.raft.unreachable('a')
    expect(learner.raft.leader).toBe('a')
  })

  it('replaces a dead leader in a fraction of the election timeout, even if all are told at once', () => {
    let seed = 1
    const random = (): number => (seed = seed * 16_807 % 2_147_483_647) / 2_147_483_647
    for (let round = 0; round < 50; round++) {
      const group = Group.of(ABC, { random }).elect('a')
      group.isolate('a')
      for (const id of ['b', 'c']) group.node(id).raft.unreachable('a')
      let ticks = 0
      while (!['b', 'c'].some(id => group.node(id).raft.role === 'leader')) {
        group.tick()
        expect(++ticks).toBeLessThan(5)
      }
    }
  })

  it('does not depose a leader that the others hear', () => {
    const group = Group.of(ABC).elect('a')
    group.node('c').raft.unreachable('a')
    group.tick(40)
    expect(group.node('a').status).toMatchObject({ role: 'leader', term: 2 })
    expect(group.node('c').status).toMatchObject({ role: 'follower', leader: 'a' })
  })
})

describe('with lease reads on', () => {
  it('a restarted voter keeps the promise that it may have given, for as long as it could have run', () => {
    const state = founded(ABC, [], [], { hardState: { term: 2, commit: 1 } })
    const n = new Node(options('c', { leaseReads: true }), state)
    n.step(vote('a', 'c', 3))
    expect(n.take()).toEqual([])
    n.tick(9)
    n.step(vote('a', 'c', 3))
    expect(ofType(n.take(), 'vote-reply')).toEqual([])
    n.tick(1)
    n.step(vote('a', 'c', 3))
    expect(ofType(n.take(), 'vote-reply').map(m => m.granted)).toEqual([true])
  })
})

describe('a voter that hears a leader', () => {
  const follower = (over = {}): Node => {
    const n = node('c', ABC, over)
    n.step(heartbeat('a', 'c', 2))
    n.take()
    return n
  }

  it('gives its vote to nobody, even if it learns of the new term from another message first', () => {
    const n = follower()
    n.step({ type: 'read-index-reply', from: 'b', to: 'c', term: 3, context: 1, index: 0, refused: true })
    expect(n.raft.term).toBe(3)
    n.tick(9)
    n.step(vote('b', 'c', 3))
    expect(ofType(n.take(), 'vote-reply').map(m => m.granted)).toEqual([false])
    n.tick(1)
    n.step(vote('b', 'c', 3))
    expect(ofType(n.take(), 'vote-reply').map(m => m.granted)).toEqual([true])
  })

  it('does not vote for itself either, where lease reads count on it', () => {
    const n = follower({ leaseReads: true, random: () => 0.9 })
    n.tick(9)
    for (const pre of [true, false]) n.raft.campaign(pre)
    n.drain()
    expect([n.status.term, n.raft.role, n.take()]).toEqual([2, 'follower', []])
    n.tick(1)
    n.raft.campaign(false)
    expect(n.status).toMatchObject({ role: 'candidate', term: 3 })
  })

  it('does both for the heir that the leader chose', () => {
    const n = follower({ leaseReads: true })
    n.step(vote('b', 'c', 3, { transfer: true }))
    expect(ofType(n.take(), 'vote-reply').map(m => m.granted)).toEqual([true])
    const heir = follower({ leaseReads: true })
    heir.step({ type: 'timeout-now', from: 'a', to: 'c', term: 2 })
    expect(heir.raft.role).toBe('candidate')
  })
})

describe('a member that is being removed', () => {
  const removed = (commit: number): Node => {
    const log = [configEntry(1, 1, makeConfiguration(['a', 'b'])), configEntry(2, 2, makeConfiguration(['b']))]
    return new Node(options('a'), initial(log, { hardState: { term: 2, commit } }))
  }

  it('may still campaign, as only it may be able to win, but its own vote counts for nothing', () => {
    const a = removed(1)
    a.raft.campaign()
    a.drain()
    expect(ofType(a.take(), 'pre-vote').map(m => m.to)).toEqual(['b'])
    expect(a.raft.role).toBe('pre-candidate')
    a.step({ type: 'pre-vote-reply', from: 'b', to: 'a', term: 3, granted: true })
    expect(a.raft.role).toBe('candidate')
    a.step({ type: 'vote-reply', from: 'b', to: 'a', term: 3, granted: true })
    expect(a.raft.role).toBe('leader')
    // It doesn't count itself either.
    expect(a.raft.commit).toBe(1)
    a.step({ type: 'append-reply', from: 'b', to: 'a', term: 3, index: 3, rejected: false, hintIndex: 0, hintTerm: 0 })
    expect(a.status).toMatchObject({ role: 'follower', commit: 3 })
  })

  it('does not once its removal is committed', () => {
    const a = removed(2)
    a.raft.campaign()
    a.tick(50)
    expect([a.raft.role, a.take()]).toEqual(['follower', []])
  })
})
