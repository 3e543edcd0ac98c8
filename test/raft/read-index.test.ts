import { describe, expect, it } from 'vitest'
import { makeConfiguration } from '../../src/raft/configuration.js'
import { MAX_READS } from '../../src/raft/read-index.js'
import { configEntry, founded, Group, initial, Node, ofType, options } from './support.js'
import type { HeartbeatReply, Message, RaftOptions } from '../../src/raft/types.js'

const ABC = ['a', 'b', 'c']
const read = (n: Node, context: number, lease = false): Node => {
  n.raft.readIndex(context, n.now, lease)
  return n.drain()
}
const reply = (from: string, round: number, term = 2): HeartbeatReply => ({ type: 'heartbeat-reply', from, to: 'a', term, read: round })
const rounds = (n: Node): number[] => ofType(n.take(), 'heartbeat').filter(m => m.to === 'b').map(m => m.read)

/** A leader at index 2, whose followers answer what the test says. */
function leader (over: Partial<RaftOptions> = {}, voters = ABC): Node {
  const n = new Node(options('a', over), founded(voters))
  n.raft.campaign(false)
  n.drain()
  for (const from of voters.slice(1, 1 + Math.floor(voters.length / 2))) n.step({ type: 'vote-reply', from, to: 'a', term: 2, granted: true })
  for (const from of voters.slice(1)) n.step({ type: 'append-reply', from, to: 'a', term: 2, index: 2, rejected: false, hintIndex: 0, hintTerm: 0 })
  n.take()
  return n
}

describe('a read on the leader', () => {
  it('is answered once a quorum confirmed a round that began after it came', () => {
    const n = read(leader(), 7)
    expect(rounds(n)).toEqual([1])
    expect(n.reads).toEqual([])
    n.step(reply('b', 1))
    expect(n.reads).toEqual([{ context: 7, index: 2 }])
  })

  it('shares its round with all that wait before it begins, and no others', () => {
    const n = read(leader(), 1)
    read(n, 2)
    read(n, 3)
    // One round at a time.
    expect(rounds(n)).toEqual([1])
    n.step(reply('b', 1))
    expect(n.reads).toEqual([{ context: 1, index: 2 }])
    expect(rounds(n)).toEqual([2])
    n.step(reply('c', 1))
    expect(n.reads).toHaveLength(1)
    n.step(reply('c', 2))
    expect(n.reads.map(r => r.context)).toEqual([1, 2, 3])
    expect(rounds(n)).toEqual([])
  })

  it('is not answered by late answers to an earlier round', () => {
    const n = read(leader(), 1)
    n.step(reply('b', 1))
    read(n, 2)
    for (const from of ['b', 'c', 'b']) n.step(reply(from, 1))
    expect(n.reads).toEqual([{ context: 1, index: 2 }])
    n.step(reply('c', 2))
    expect(n.reads).toHaveLength(2)
  })

  it('is not answered by rounds of another term with the same number', () => {
    const n = read(leader(), 1)
    n.raft.stepDown()
    n.drain()
    expect(n.reads).toEqual([{ context: 1, refused: 'leader-changed' }])
    n.raft.campaign(false)
    n.drain()
    n.step({ type: 'vote-reply', from: 'b', to: 'a', term: 3, granted: true })
    n.step({ type: 'append-reply', from: 'b', to: 'a', term: 3, index: 3, rejected: false, hintIndex: 0, hintTerm: 0 })
    read(n, 2)
    n.step(reply('b', 1, 2))
    n.step(reply('c', 1, 2))
    expect(n.reads).toHaveLength(1)
    n.step(reply('b', 1, 3))
    expect(n.reads.at(-1)).toEqual({ context: 2, index: 3 })
  })

  it('needs a majority of an even number too, and no learner\'s answer', () => {
    const n = leader({}, ['a', 'b', 'c', 'd'])
    read(n, 1)
    n.step(reply('b', 1))
    expect(n.reads).toEqual([])
    n.step(reply('l', 1))
    expect(n.reads).toEqual([])
    n.step(reply('c', 1))
    expect(n.reads).toHaveLength(1)
  })

  it('survives lost heartbeats: each heartbeat tick is a later round', () => {
    const n = read(leader(), 1)
    expect(rounds(n)).toEqual([1])
    n.tick(2)
    expect(rounds(n)).toEqual([2])
    n.step(reply('b', 2))
    expect(n.reads).toEqual([{ context: 1, index: 2 }])
  })

  it('waits for the next round if one is under way that began before it', () => {
    const n = leader()
    n.tick(2)
    expect(rounds(n)).toEqual([1])
    read(n, 1)
    n.step(reply('b', 1))
    expect(n.reads).toEqual([])
    expect(rounds(n)).toEqual([2])
    n.step(reply('b', 2))
    expect(n.reads).toHaveLength(1)
  })

  it('takes the commit index as of when it came', () => {
    const n = read(leader(), 1)
    n.propose('x')
    n.step({ type: 'append-reply', from: 'b', to: 'a', term: 2, index: 3, rejected: false, hintIndex: 0, hintTerm: 0 })
    n.step(reply('b', 1))
    expect(n.reads).toEqual([{ context: 1, index: 2 }])
  })

  it('waits until the leader has committed in its term, which may raise the index', () => {
    const group = Group.of(ABC).elect('a')
    group.node('a').propose('x')
    group.settle()
    group.drop = m => m.type === 'append-reply'
    group.node('b').raft.unreachable('a')
    group.node('c').raft.unreachable('a')
    group.node('b').raft.campaign()
    group.settle()
    const b = group.node('b')
    expect(b.status).toMatchObject({ role: 'leader', term: 3, termCommitted: false })
    // What its predecessor acknowledged it doesn't know to be committed yet.
    expect(b.raft.commit).toBe(3)
    read(b, 1)
    group.settle()
    expect(b.reads).toEqual([])
    group.heal().tick(6)
    expect(b.reads).toEqual([{ context: 1, index: 4 }])
  })

  it('is refused if the leader cannot commit in its term for an election timeout', () => {
    const group = Group.of(ABC)
    group.drop = m => m.type === 'append-reply'
    group.elect('a')
    const a = read(group.node('a'), 1)
    group.tick(9)
    expect(a.reads).toEqual([])
    group.tick(1)
    expect(a.reads).toEqual([{ context: 1, refused: 'not-ready' }])
    expect(a.raft.role).toBe('leader')
  })

  it('is refused beyond a bound', () => {
    const n = leader()
    for (let i = 0; i <= MAX_READS; i++) n.raft.readIndex(i, 0)
    n.drain()
    expect(n.reads).toEqual([{ context: MAX_READS, refused: 'not-ready' }])
    n.step(reply('b', 1))
    n.step(reply('b', 2))
    expect(n.reads).toHaveLength(MAX_READS + 1)
  })

  it('is answered at once by a single voter', () => {
    const n = new Node(options('a'), founded(['a'], [], ['l']))
    n.raft.campaign()
    n.drain().take()
    expect(read(n, 1).reads).toEqual([{ context: 1, index: 2 }])
    expect(ofType(n.take(), 'heartbeat')).toEqual([])
  })

  it('is answered when the leader has become the only voter meanwhile', () => {
    const group = Group.of(['a', 'b']).elect('a')
    group.isolate('b')
    const a = read(read(group.node('a'), 1), 2)
    expect(a.reads).toEqual([])
    a.raft.changeMembers([{ op: 'remove', member: 'b' }], 0)
    a.drain()
    expect(a.reads.map(r => r.context)).toEqual([1, 2])
  })

  it('is refused when a majority is gone', () => {
    const group = Group.of(ABC).elect('a').isolate('a')
    const a = read(group.node('a'), 1)
    group.tick(10)
    expect(a.reads).toEqual([{ context: 1, refused: 'leader-changed' }])
  })

  it('stops the group if an answer is to a round that never was', () => {
    expect(() => leader().step(reply('b', 9))).toThrow('read round 9')
  })

  it('is not answered, while a partitioned leader does not know that another one has written since', () => {
    const group = Group.of(ABC).elect('a').isolate('a')
    group.node('b').raft.unreachable('a')
    group.node('c').raft.unreachable('a')
    group.node('b').raft.campaign()
    group.settle()
    group.node('b').propose('new')
    group.settle()
    const a = read(group.node('a'), 1)
    expect(a.raft.role).toBe('leader')
    group.settle().tick(3)
    expect(a.reads).toEqual([])
    group.heal().tick(4)
    expect(a.reads).toEqual([{ context: 1, refused: 'leader-changed' }])
  })
})

describe('a read on another member', () => {
  it.each([['a follower', 'b'], ['a learner', 'l']])('%s asks the leader', (_, id) => {
    const group = Group.of(ABC, {}, ['l']).elect('a').tick(2)
    const n = read(group.node(id), 5)
    group.settle()
    expect(n.reads).toEqual([{ context: 5, index: 2 }])
  })

  it('shares a request with those that come before it leaves', () => {
    const group = Group.of(ABC).elect('a')
    const b = group.node('b')
    for (const context of [1, 2, 3]) b.raft.readIndex(context, 0)
    b.drain()
    expect(ofType(b.outbox, 'read-index')).toHaveLength(1)
    read(b, 4)
    expect(ofType(b.outbox, 'read-index')).toHaveLength(2)
    group.settle()
    expect(b.reads.map(r => r.context)).toEqual([1, 2, 3, 4])
  })

  it('uses a context that starts at random, so that an answer for an earlier run never passes for one of this', () => {
    const context = (value: number): number => {
      const b = new Node(options('b', { random: () => value }), founded(ABC))
      b.step({ type: 'heartbeat', from: 'a', to: 'b', term: 2, commit: 0, read: 1 })
      return ofType(read(b, 1).outbox, 'read-index')[0].context
    }
    expect(context(0.5)).toBe(2 ** 51)
    expect(context(0.25)).toBe(2 ** 50)
    const b = new Node(options('b'), founded(ABC))
    b.step({ type: 'heartbeat', from: 'a', to: 'b', term: 2, commit: 0, read: 1 })
    read(b, 1)
    b.step({ type: 'read-index-reply', from: 'a', to: 'b', term: 2, context: 12_345, index: 9, refused: false })
    expect(b.reads).toEqual([])
  })

  it('is refused where no leader is known', () => {
    expect(read(new Node(options('b'), founded(ABC)), 1).reads).toEqual([{ context: 1, refused: 'no-leader' }])
    const candidate = new Node(options('b'), founded(ABC))
    candidate.raft.campaign(false)
    expect(read(candidate, 1).reads).toEqual([{ context: 1, refused: 'no-leader' }])
  })

  it('asks again each heartbeat while it is not answered', () => {
    const group = Group.of(ABC).elect('a')
    let lost = 0
    group.drop = m => m.type === 'read-index-reply' && lost++ < 2
    const b = read(group.node('b'), 1)
    group.settle().tick(6)
    expect(b.reads).toEqual([{ context: 1, index: 2 }])
    const asked = b.readies.flatMap(r => ofType(r.messages, 'read-index'))
    expect(new Set(asked.map(m => m.context)).size).toBe(1)
    expect(asked).toHaveLength(3)
  })

  it('is refused in the end', () => {
    const b = new Node(options('b'), founded(ABC))
    b.step({ type: 'heartbeat', from: 'a', to: 'b', term: 2, commit: 0, read: 1 })
    read(b, 1)
    for (let i = 0; i < 11; i++) {
      b.tick(1)
      b.step({ type: 'heartbeat', from: 'a', to: 'b', term: 2, commit: 0, read: 2 })
    }
    expect(b.reads).toEqual([{ context: 1, refused: 'no-leader' }])
  })

  it('is refused when the leader changes, and an answer of the old one is not taken', () => {
    const group = Group.of(ABC).elect('a')
    const b = group.node('b')
    read(b, 1)
    const [asked] = ofType(b.take(), 'read-index')
    b.step({ type: 'heartbeat', from: 'c', to: 'b', term: 3, commit: 0, read: 1 })
    expect(b.reads).toEqual([{ context: 1, refused: 'leader-changed' }])
    b.step({ type: 'read-index-reply', from: 'a', to: 'b', term: 2, context: asked.context, index: 2, refused: false })
    expect(b.reads).toHaveLength(1)
  })

  it('takes an answer from nobody but the leader', () => {
    const b = read(Group.of(ABC).elect('a').node('b'), 1)
    const [asked] = ofType(b.take(), 'read-index')
    b.step({ type: 'read-index-reply', from: 'c', to: 'b', term: 2, context: asked.context, index: 1, refused: false })
    expect(b.reads).toEqual([])
    b.step({ type: 'read-index-reply', from: 'a', to: 'b', term: 2, context: asked.context, index: 2, refused: false })
    expect(b.reads).toEqual([{ context: 1, index: 2 }])
  })

  it('is refused by who does not lead', () => {
    const group = Group.of(ABC).elect('a')
    const request: Message = { type: 'read-index', from: 'c', to: 'b', term: 2, context: 9 }
    group.node('b').step(request)
    expect(ofType(group.node('b').take(), 'read-index-reply')).toMatchObject([{ to: 'c', context: 9, refused: true }])
    group.node('b').step({ ...request, term: 1 })
    expect(ofType(group.node('b').take(), 'read-index-reply')).toMatchObject([{ term: 2, refused: true }])
  })

  it('is refused when the leader that was asked steps down', () => {
    const group = Group.of(ABC).elect('a')
    const b = group.node('b')
    group.drop = m => m.type === 'heartbeat-reply'
    read(b, 1)
    group.settle()
    group.node('a').raft.stepDown()
    group.settle()
    expect(b.reads).toEqual([{ context: 1, refused: 'leader-changed' }])
  })

  it('is refused beyond a bound', () => {
    const b = new Node(options('b'), founded(ABC))
    b.step({ type: 'heartbeat', from: 'a', to: 'b', term: 2, commit: 0, read: 1 })
    for (let i = 0; i <= MAX_READS; i++) b.raft.readIndex(i, 0)
    b.drain()
    expect(b.reads).toEqual([{ context: MAX_READS, refused: 'not-ready' }])
  })
})

describe('a read by lease', () => {
  const lease: Partial<RaftOptions> = { leaseReads: true, leaseMs: 80 }

  it('is answered at once while a quorum answered a round that began less than a lease ago', () => {
    const n = leader(lease)
    n.tick(2)
    const [round] = rounds(n)
    expect(read(n, 1, true).reads).toEqual([])
    n.step(reply('b', round))
    n.reads.length = 0
    rounds(n)
    n.now += 79
    expect(read(n, 2, true).reads).toEqual([{ context: 2, index: 2 }])
    n.now += 1
    expect(read(n, 3, true).reads).toHaveLength(1)
  })

  it('counts from when the round began, not from its answer', () => {
    const n = leader(lease)
    n.tick(2)
    const [round] = rounds(n)
    n.now += 75
    n.raft.readIndex(1, n.now)
    n.drain()
    n.step(reply('b', round))
    n.now += 10
    n.reads.length = 0
    expect(read(n, 2, true).reads).toEqual([])
  })

  it('goes by a round if lease reads are off', () => {
    const n = leader()
    n.tick(2)
    n.step(reply('b', rounds(n)[0]))
    expect(read(n, 1, true).reads).toEqual([])
    expect(rounds(n)).toHaveLength(1)
  })

  it('is not served during a transfer, nor later in that term, as the target may still act on it', () => {
    const n = leader(lease)
    n.tick(2)
    n.step(reply('b', rounds(n)[0]))
    n.raft.transfer('b')
    n.drain()
    expect(ofType(n.take(), 'timeout-now')).toHaveLength(1)
    expect(read(n, 1, true).reads).toEqual([])
    n.tick(8)
    for (const round of rounds(n)) for (const from of ['b', 'c']) n.step(reply(from, round))
    n.tick(4)
    for (const round of rounds(n)) for (const from of ['b', 'c']) n.step(reply(from, round))
    expect(n.status.transferTarget).toBeUndefined()
    n.reads.length = 0
    expect(read(n, 2, true).reads).toEqual([])
    // By a round it is.
    n.step(reply('c', rounds(n).at(-1) ?? 0))
    expect(n.reads).toEqual([{ context: 2, index: 2 }])
  })

  it('is not served while the target of a transfer is still being brought up to date', () => {
    const n = leader(lease)
    n.tick(2)
    n.step(reply('b', rounds(n)[0]))
    n.propose('x')
    n.raft.transfer('b')
    n.drain()
    expect(ofType(n.take(), 'timeout-now')).toEqual([])
    expect(read(n, 1, true).reads).toEqual([])
  })

  it('is not served before the leader has committed in its term', () => {
    const n = new Node(options('a', lease), founded(ABC))
    n.tick(10)
    n.raft.campaign(false)
    n.drain()
    n.step({ type: 'vote-reply', from: 'b', to: 'a', term: 2, granted: true })
    n.tick(2)
    n.step(reply('b', rounds(n)[0]))
    expect(read(n, 1, true).reads).toEqual([])
  })

  it('does not count learners', () => {
    const n = new Node(options('a', lease), initial([configEntry(1, 1, makeConfiguration(ABC, ['l', 'm']))], { hardState: { term: 1, commit: 1 }, applied: 1 }))
    n.tick(10)
    n.raft.campaign(false)
    n.drain()
    n.step({ type: 'vote-reply', from: 'b', to: 'a', term: 2, granted: true })
    n.step({ type: 'append-reply', from: 'b', to: 'a', term: 2, index: 2, rejected: false, hintIndex: 0, hintTerm: 0 })
    n.tick(2)
    for (const from of ['l', 'm']) n.step(reply(from, ofType(n.outbox, 'heartbeat')[0].read))
    expect(read(n, 1, true).reads).toEqual([])
  })

  it('is over when the engine\'s clock jumps', () => {
    const n = leader(lease)
    n.tick(2)
    n.step(reply('b', rounds(n)[0]))
    n.now += 1_000_000
    expect(read(n, 1, true).reads).toEqual([])
  })
})
