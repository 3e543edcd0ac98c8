import { describe, expect, it } from 'vitest'
import { Group, ofType } from './support.js'
import type { Message } from '../../src/raft/types.js'

const ABC = ['a', 'b', 'c']

describe('a transfer of leadership', () => {
  it('makes the target leader at once, although everyone hears the old one', () => {
    const group = Group.of(ABC).elect('a').tick(3)
    expect(group.node('a').raft.transfer('c')).toMatchObject({ ok: true })
    group.settle()
    expect(group.node('c').status).toMatchObject({ role: 'leader', term: 3 })
    expect(group.node('a').status).toMatchObject({ role: 'follower', leader: 'c', term: 3 })
  })

  it('goes to the live voter that lacks least, if none is named', () => {
    const group = Group.of(ABC, {}, ['l']).elect('a')
    group.isolate('b')
    group.node('a').propose('x')
    group.settle()
    group.node('a').raft.unreachable('b')
    group.node('a').raft.transfer()
    group.settle()
    expect(group.node('c').raft.role).toBe('leader')
  })

  it('brings a target that is behind up to date first, and takes no proposals meanwhile', () => {
    const group = Group.of(ABC).elect('a').tick(4)
    group.drop = m => m.type === 'append' && m.to === 'c'
    const a = group.node('a')
    a.propose('x', 'y')
    group.settle()
    a.raft.transfer('c')
    a.drain()
    expect(ofType(a.outbox, 'timeout-now')).toEqual([])
    expect(a.raft.propose([new Uint8Array(1)], 0)).toMatchObject({ ok: false, reason: 'transferring' })
    group.heal().tick(6)
    expect(group.node('c').raft.role).toBe('leader')
    expect(group.applied('c')).toEqual(['x', 'y'])
  })

  it('is given up after an election timeout, and proposals are taken again', () => {
    const group = Group.of(ABC).elect('a')
    group.isolate('c')
    const a = group.node('a')
    a.raft.transfer('c')
    group.tick(9)
    expect(a.status.transferTarget).toBe('c')
    group.tick(1)
    expect(a.status).toMatchObject({ role: 'leader', transferTarget: undefined })
    expect(a.raft.propose([new Uint8Array(1)], 0)).toMatchObject({ ok: true })
  })

  it('ends with the leadership that began it', () => {
    const group = Group.of(ABC).elect('a')
    group.drop = m => m.type === 'timeout-now'
    const { raft } = group.node('a')
    raft.transfer('c')
    group.settle()
    expect(raft.status().transferTarget).toBe('c')
    raft.stepDown()
    expect(raft.status().transferTarget).toBeUndefined()
  })

  it('tells the target again if the message was lost', () => {
    const group = Group.of(ABC).elect('a')
    let lost = 0
    group.drop = m => m.type === 'timeout-now' && lost++ === 0
    group.node('a').raft.transfer('b')
    group.settle()
    expect(group.node('a').raft.role).toBe('leader')
    group.tick(2)
    expect(group.node('b').raft.role).toBe('leader')
  })

  it.each<[string, string, string]>([['a learner', 'l', 'unknown-member'], ['a stranger', 'x', 'unknown-member'], ['itself', 'a', 'invalid-change']])('is refused to %s', (_, to, reason) => {
    const group = Group.of(ABC, {}, ['l']).elect('a')
    expect(group.node('a').raft.transfer(to)).toMatchObject({ ok: false, reason })
    expect(group.node('a').raft.propose([new Uint8Array(1)], 0)).toMatchObject({ ok: true })
  })

  it('is refused by who does not lead, where nobody else votes, and while another is under way', () => {
    const group = Group.of(ABC).elect('a')
    expect(group.node('b').raft.transfer('c')).toMatchObject({ ok: false, reason: 'not-leader' })
    expect(Group.of(['a']).elect('a').node('a').raft.transfer()).toMatchObject({ ok: false, reason: 'unknown-member' })
    group.isolate('c')
    const { raft } = group.node('a')
    expect(raft.transfer('c')).toMatchObject({ ok: true })
    expect(raft.transfer('b')).toMatchObject({ ok: false, reason: 'transferring' })
    expect(raft.transfer('c')).toMatchObject({ ok: true })
    expect(raft.transfer()).toMatchObject({ ok: true })
  })

  it('moves no term at a target that is not a voter, or was told by another than its leader', () => {
    const group = Group.of(ABC, {}, ['l']).elect('a').tick(2)
    const now = (from: string, to: string, term: number): Message => ({ type: 'timeout-now', from, to, term })
    group.node('l').step(now('a', 'l', 2))
    group.node('b').step(now('c', 'b', 2))
    group.node('b').step(now('a', 'b', 1))
    expect(group.settle() && ['b', 'l'].map(id => [group.node(id).raft.role, group.node(id).raft.term])).toEqual([['follower', 2], ['follower', 2]])
  })

  it('that arrives after the target leads already is ignored', () => {
    const group = Group.of(ABC).elect('a')
    group.node('a').raft.transfer('b')
    group.settle()
    group.node('b').step({ type: 'timeout-now', from: 'a', to: 'b', term: 2 })
    expect(group.node('b').status).toMatchObject({ role: 'leader', term: 3 })
  })

  it('does not let a target win that lacks what is committed', () => {
    const group = Group.of(ABC).elect('a')
    group.isolate('c')
    group.node('a').propose('x')
    group.settle().heal()
    group.node('c').step({ type: 'timeout-now', from: 'a', to: 'c', term: 2 })
    group.settle()
    expect(group.node('c').raft.role).not.toBe('leader')
    group.tick(60)
    const leader = ABC.find(id => group.node(id).raft.role === 'leader') ?? ''
    group.node(leader).propose('y')
    group.settle()
    for (const id of ABC) expect(group.applied(id)).toEqual(['x', 'y'])
  })
})
