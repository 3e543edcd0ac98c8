import { describe, expect, it } from 'vitest'
import { entry, Group, ofType } from './support.js'
import type { Node } from './support.js'

const ABC = ['a', 'b', 'c']

/** A group in which everything is done and everybody knows. */
function idle (): Group {
  const group = Group.of(ABC, {}, ['l']).elect('a')
  group.node('a').propose('x')
  group.settle()
  return group.tick(4)
}

function asleep (): Group {
  const group = idle()
  group.node('a').raft.quiesce()
  return group.settle()
}

const sleeping = (group: Group): string[] => [...group.nodes.values()].filter(n => n.raft.quiesced).map(n => n.id)

describe('a group with nothing to do', () => {
  it('goes to sleep as one, and then says and does nothing, however long', () => {
    const group = asleep()
    expect(sleeping(group)).toEqual(['a', 'b', 'c', 'l'])
    for (const node of group.nodes.values()) {
      node.readies.length = 0
      node.tick(1_000)
      expect([node.raft.hasReady(), node.readies, node.take()]).toEqual([false, [], []])
    }
    expect(group.node('a').raft.role).toBe('leader')
  })

  it.each<[string, (group: Group, a: Node) => void]>([
    ['a proposal', (_, a) => { a.propose('y') }],
    ['a read on the leader', (_, a) => { a.raft.readIndex(1, 0) }],
    ['a read on a follower', group => { group.node('b').raft.readIndex(1, 0) }],
    ['a change of members', (_, a) => { a.raft.changeMembers([{ op: 'add-learner', member: 'm' }], 0) }],
    ['a campaign', group => { group.node('c').raft.campaign() }],
    ['a member that went away', (_, a) => { a.raft.unreachable('b') }],
    ['a member that came back', (_, a) => { a.raft.reachable('b') }]
  ])('is woken by %s', (_, event) => {
    const group = asleep()
    event(group, group.node('a'))
    group.settle().tick(4)
    expect(sleeping(group)).toEqual([])
    expect(group.node('a').status).toMatchObject({ role: 'leader', term: 2 })
  })

  it('can sleep again', () => {
    const group = asleep()
    group.node('a').propose('y')
    group.settle().tick(4)
    expect(group.node('a').raft.canQuiesce()).toBe(true)
    group.node('a').raft.quiesce()
    expect(sleeping(group.settle())).toEqual(['a', 'b', 'c', 'l'])
    expect(group.applied('l')).toEqual(['x', 'y'])
  })

  it('elects a new leader when it is told that the old one is gone', () => {
    const group = asleep().isolate('a')
    for (const id of ['b', 'c', 'l']) group.node(id).raft.unreachable('a')
    group.tick(6)
    expect(['b', 'c'].some(id => group.node(id).raft.role === 'leader')).toBe(true)
  })

  it('is not overdue when it wakes: the clock stood still', () => {
    const group = asleep()
    const b = group.node('b')
    b.tick(500)
    b.raft.wake()
    b.tick(9)
    expect(b.raft.role).toBe('follower')
    const a = group.node('a')
    a.tick(500)
    a.raft.wake()
    a.tick(1)
    expect([a.raft.role, ofType(a.take(), 'heartbeat').length]).toEqual(['leader', 3])
  })

  it('gives members that were last heard long before it slept the time to answer', () => {
    const group = idle()
    group.drop = m => m.type === 'heartbeat-reply'
    group.tick(8).heal()
    const a = group.node('a')
    expect(a.raft.canQuiesce()).toBe(true)
    a.raft.quiesce()
    group.settle()
    a.raft.wake()
    group.tick(6)
    expect(a.status).toMatchObject({ role: 'leader', term: 2 })
  })

  it('is woken by a learner that did not hear of it, and has no leader since', () => {
    const group = idle()
    group.drop = m => m.type === 'quiesce' && m.to === 'l'
    group.node('a').raft.quiesce()
    group.settle()
    expect(sleeping(group)).toEqual(['a', 'b', 'c'])
    const l = group.node('l')
    // It forgets a leader that it does not hear, and knocks.
    l.tick(40)
    expect(ofType(l.outbox, 'heartbeat-reply').length).toBeGreaterThan(0)
    group.heal().settle().tick(6)
    expect([l.raft.leader, sleeping(group), group.node('a').status.term]).toEqual(['a', [], 2])
  })

  it('sleeps through answers that were under way', () => {
    const group = idle()
    const a = group.node('a')
    a.tick(2)
    const heartbeats = ofType(a.take(), 'heartbeat')
    expect(heartbeats).toHaveLength(3)
    a.raft.quiesce()
    for (const m of heartbeats) a.step({ type: 'heartbeat-reply', from: m.to, to: 'a', term: 2, read: m.read })
    expect(a.raft.quiesced).toBe(true)
  })
})

describe('a leader stays awake', () => {
  it.each<[string, (group: Group, a: Node) => void]>([
    ['before it has committed in its term', (group, a) => {
      group.drop = m => m.type === 'append-reply'
      a.raft.stepDown()
      a.raft.campaign(false)
      group.settle()
    }],
    ['with an entry that is not committed', (group, a) => { group.isolate('a'); a.propose('y') }],
    ['with a follower that is behind', (group, a) => { group.isolate('c'); a.propose('y') }],
    ['with a learner that is behind', (group, a) => { group.isolate('l'); a.propose('y') }],
    ['with a follower that may not know the commit index', (group, a) => { group.drop = m => m.type === 'heartbeat-reply'; a.propose('y') }],
    ['with an entry that is not applied', (_, a) => { a.autoApply = false; a.propose('y') }],
    ['with a read that waits', (group, a) => { group.drop = m => m.type === 'heartbeat-reply'; a.raft.readIndex(1, 0) }],
    ['during a transfer', (group, a) => { group.drop = m => m.type === 'timeout-now'; a.raft.transfer('b') }],
    ['with a member that went away', (group, a) => { group.isolate('c'); a.raft.unreachable('c') }],
    ['with a member that fell silent', group => { group.isolate('c').tick(12) }],
    ['with a write under way', (_, a) => { a.hold = true; a.propose('y') }]
  ])('%s', (_, event) => {
    const group = idle()
    const a = group.node('a')
    expect(a.raft.canQuiesce()).toBe(true)
    event(group, a)
    group.settle()
    expect(a.raft.canQuiesce()).toBe(false)
    a.raft.quiesce()
    expect(a.raft.quiesced).toBe(false)
  })

  it('whoever does not lead cannot put it to sleep', () => {
    expect(idle().node('b').raft.canQuiesce()).toBe(false)
  })
})

describe('a follower', () => {
  it.each<[string, (b: Node) => void]>([
    ['has less than the leader says', b => { b.step({ type: 'quiesce', from: 'a', to: 'b', term: 2, commit: 9 }) }],
    ['has more', b => { b.step({ type: 'quiesce', from: 'a', to: 'b', term: 2, commit: 2 }) }],
    ['has entries that are not committed', b => {
      b.step({ type: 'append', from: 'a', to: 'b', term: 2, prevIndex: 3, prevTerm: 2, entries: [entry(4, 2)], commit: 3 })
      b.step({ type: 'quiesce', from: 'a', to: 'b', term: 2, commit: 3 })
    }],
    ['is still writing', b => {
      b.hold = true
      b.step({ type: 'append', from: 'a', to: 'b', term: 2, prevIndex: 3, prevTerm: 2, entries: [entry(4, 2)], commit: 4 })
      b.step({ type: 'quiesce', from: 'a', to: 'b', term: 2, commit: 4 })
    }],
    ['waits for a read', b => {
      b.raft.readIndex(1, 0)
      b.drain()
      b.step({ type: 'quiesce', from: 'a', to: 'b', term: 2, commit: 3 })
    }]
  ])('that %s stays awake, and wakes the leader', (_, event) => {
    const group = idle()
    const b = group.node('b')
    event(b)
    expect(b.raft.quiesced).toBe(false)
    // What it would answer to entries that this leader doesn't have is beside the point here.
    group.drop = m => m.type === 'append-reply'
    group.node('a').raft.quiesce()
    group.settle()
    expect(group.node('a').raft.quiesced).toBe(false)
  })

  it('is not put to sleep by a leader of an earlier term', () => {
    const group = idle()
    const b = group.node('b')
    b.step({ type: 'heartbeat', from: 'c', to: 'b', term: 3, commit: 0, read: 1 })
    b.take()
    b.step({ type: 'quiesce', from: 'a', to: 'b', term: 2, commit: 3 })
    expect(b.raft.quiesced).toBe(false)
    expect(ofType(b.take(), 'append-reply').map(m => [m.term, m.rejected])).toEqual([[3, true]])
  })
})
