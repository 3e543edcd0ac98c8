import { describe, expect, it } from 'vitest'
import { emptyConfiguration, makeConfiguration } from '../../src/raft/configuration.js'
import { configEntry, entry, Group, initial, Node, ofType, options } from './support.js'
import type { Configuration, MemberChange, Proposed } from '../../src/raft/types.js'

const ABC = ['a', 'b', 'c']
const add = (member: string): MemberChange => ({ op: 'add-voter', member })
const learn = (member: string): MemberChange => ({ op: 'add-learner', member })
const remove = (member: string): MemberChange => ({ op: 'remove', member })
const joiner = (id: string): Node => new Node(options(id), initial([]))
const joint: Configuration = { voters: ['a', 'd', 'e'], outgoing: ['a', 'b', 'c'], learners: [], learnersNext: [] }

function elected (voters = ABC, joiners: string[] = []): Group {
  const group = Group.of(voters)
  for (const id of joiners) group.nodes.set(id, joiner(id))
  return group.elect('a')
}

const change = (group: Group, ...changes: MemberChange[]): Proposed => {
  const result = group.node('a').raft.changeMembers(changes, 9_000)
  group.settle()
  return result
}

describe('a change of members', () => {
  it('takes effect when it is appended, here and at every follower', () => {
    const group = elected(ABC, ['d'])
    const a = group.node('a')
    const result = a.raft.changeMembers([learn('d')], 9_000)
    expect(result).toEqual({ ok: true, index: 3, term: 2 })
    expect(a.status).toMatchObject({ configurationIndex: 3, configurationPending: true, configuration: makeConfiguration(ABC, ['d']) })
    group.settle()
    for (const id of [...ABC, 'd']) expect(group.node(id).status).toMatchObject({ configurationIndex: 3, configurationPending: false })
    expect(a.readies.map(r => r.configuration).filter(c => c !== undefined).map(c => [c.index, c.committed])).toEqual([[3, false], [3, true]])
  })

  it('brings a learner up to date, which can then be promoted', () => {
    const group = elected(ABC, ['d'])
    group.node('a').propose('x', 'y')
    group.settle()
    change(group, learn('d'))
    expect(group.applied('d')).toEqual(['x', 'y'])
    expect(group.node('a').status.progress.find(p => p.member === 'd')).toMatchObject({ learner: true, match: 5 })
    change(group, add('d'))
    expect(group.node('d').status.configuration).toEqual(makeConfiguration([...ABC, 'd']))
  })

  it('is refused before the leader has committed in its term', () => {
    const group = Group.of(ABC)
    group.drop = m => m.type === 'append'
    group.elect('a')
    expect(change(group, learn('d'))).toMatchObject({ ok: false, reason: 'not-ready' })
    group.heal().tick(4)
    expect(change(group, learn('d'))).toMatchObject({ ok: true })
  })

  it('is refused while another is not committed', () => {
    const group = elected()
    group.isolate('a')
    expect(change(group, learn('d'))).toMatchObject({ ok: true })
    expect(change(group, learn('e'))).toMatchObject({ ok: false, reason: 'change-pending' })
    group.heal().tick(4)
    expect(change(group, learn('e'))).toMatchObject({ ok: true })
  })

  it.each<[string, MemberChange[], string]>([
    ['all voters gone', ABC.map(remove), 'invalid-change'],
    ['a stranger gone', [remove('x')], 'unknown-member'],
    ['nothing', [], 'invalid-change'],
    ['what is so already', [add('b')], 'invalid-change']
  ])('is refused if it asks for %s, and nothing is appended', (_, changes, reason) => {
    const group = elected()
    expect(change(group, ...changes)).toMatchObject({ ok: false, reason })
    expect(group.node('a').raft.lastIndex).toBe(2)
  })

  it('is refused unless the configuration is the one it expects', () => {
    const { raft } = elected().node('a')
    expect(raft.changeMembers([learn('d')], 0, 7)).toMatchObject({ ok: false, reason: 'stale-configuration' })
    expect(raft.changeMembers([learn('d')], 0, 1)).toMatchObject({ ok: true })
  })

  it('is refused by a follower and during a transfer', () => {
    const group = elected()
    expect(group.node('b').raft.changeMembers([learn('d')], 0)).toMatchObject({ ok: false, reason: 'not-leader' })
    group.drop = m => m.type === 'timeout-now'
    group.node('a').raft.transfer('b')
    expect(change(group, learn('d'))).toMatchObject({ ok: false, reason: 'transferring' })
  })

  it('counts the new quorum for the change itself', () => {
    const group = elected(['a', 'b'], ['c', 'd'])
    group.drop = m => m.to === 'c' || m.to === 'd'
    change(group, add('c'))
    // Two of three.
    expect(group.node('a').raft.commit).toBe(3)
    change(group, add('d'))
    // Two of four are not enough, though they were of three.
    expect(group.node('a').raft.commit).toBe(3)
    group.heal().tick(4)
    expect(group.node('a').raft.commit).toBe(4)
  })

  it('that removes a voter lets the others commit at once', () => {
    const group = elected(['a', 'b'])
    group.isolate('b')
    const { raft } = group.node('a')
    group.node('a').propose('x')
    expect(raft.commit).toBe(2)
    change(group, remove('b'))
    expect(raft.commit).toBe(4)
  })

  it('is rolled back with the log that carried it', () => {
    const group = elected()
    group.isolate('a')
    change(group, remove('b'))
    expect(group.node('a').status.configuration).toEqual(makeConfiguration(['a', 'c']))
    group.node('b').raft.campaign()
    group.tick(30)
    expect(group.node('b').raft.role === 'leader' || group.node('c').raft.role === 'leader').toBe(true)
    group.heal().tick(10)
    expect(group.node('a').status).toMatchObject({ configuration: makeConfiguration(ABC), configurationIndex: 1, configurationPending: false })
    expect(group.node('a').readies.findLast(r => r.configuration !== undefined)?.configuration).toMatchObject({ index: 1, committed: true })
  })

  it('that was under way when the leader fell is finished by its successor, or undone, but never both in force', () => {
    const group = elected()
    // It reaches b, and no majority.
    group.drop = m => (m.from === 'a' && m.to === 'c') || (m.to === 'a')
    group.node('a').raft.changeMembers([learn('d')], 0)
    group.settle()
    expect(group.node('a').status.configurationPending).toBe(true)
    group.isolate('a')
    group.node('b').raft.unreachable('a')
    group.node('c').raft.unreachable('a')
    group.tick(5)
    // b's log is longer, so it leads, under the configuration that it has.
    expect(group.node('b').status).toMatchObject({ role: 'leader', configurationIndex: 3, configurationPending: false })
  })
})

describe('a joint configuration', () => {
  it('is entered for more than one voter, needs both majorities, and is left by itself', () => {
    const group = elected(ABC, ['d', 'e'])
    group.drop = m => m.to === 'd' || m.to === 'e'
    expect(change(group, remove('b'), remove('c'), add('d'), add('e'))).toMatchObject({ ok: true, index: 3 })
    const a = group.node('a')
    expect(a.status).toMatchObject({ configuration: joint, configurationPending: true })
    expect(a.raft.commit).toBe(2)
    expect(change(group, learn('x'))).toMatchObject({ ok: false, reason: 'change-pending' })
    group.heal().tick(6)
    expect(a.status).toMatchObject({ configuration: makeConfiguration(['a', 'd', 'e']), configurationIndex: 4, configurationPending: false })
    expect(group.node('e').status.configuration).toEqual(makeConfiguration(['a', 'd', 'e']))
  })

  it('is not left before it is committed itself, whatever else is', () => {
    const group = elected(ABC, ['d', 'e'])
    group.node('a').propose('x')
    group.node('a').raft.changeMembers([remove('b'), remove('c'), add('d'), add('e')], 0)
    const a = group.node('a').drain()
    for (const from of ['b', 'c', 'd', 'e']) a.step({ type: 'append-reply', from, to: 'a', term: 2, index: 3, rejected: false, hintIndex: 0, hintTerm: 0 })
    expect(a.status).toMatchObject({ commit: 3, lastIndex: 4, configuration: joint })
  })

  it('needs the old majority as much as the new one', () => {
    const group = elected(ABC, ['d', 'e'])
    group.drop = m => m.to === 'b' || m.to === 'c'
    change(group, remove('b'), remove('c'), add('d'), add('e'))
    group.tick(4)
    expect(group.node('a').raft.commit).toBe(2)
  })

  it('demotes a voter only when it is left', () => {
    const group = elected()
    change(group, learn('b'), learn('c'))
    const history = group.node('a').readies.map(r => r.configuration).filter(c => c !== undefined).map(c => [c.configuration.voters, c.configuration.outgoing, c.configuration.learners, c.committed])
    expect(history).toEqual([
      [['a'], ABC, [], false],
      // Committed at once, and left at once.
      [['a'], [], ['b', 'c'], false],
      [['a'], [], ['b', 'c'], true]
    ])
  })

  const inJoint = (id: string, commit: number): Node =>
    new Node(options(id), initial([configEntry(1, 1, makeConfiguration(ABC)), configEntry(2, 1, joint)], { hardState: { term: 1, commit }, applied: commit }))

  it.each([1, 2])('is left by a leader elected in the middle, once committed in its term (commit %i)', commit => {
    const group = new Group(['a', 'b', 'c', 'd', 'e'].map(id => inJoint(id, commit)))
    group.drop = m => m.type === 'append'
    group.elect('d')
    const d = group.node('d')
    expect(d.status).toMatchObject({ lastIndex: 3, configuration: joint })
    group.heal().tick(6)
    expect(d.status).toMatchObject({ configurationIndex: 4, configurationPending: false, configuration: makeConfiguration(['a', 'd', 'e']) })
  })

  it('elects only with both majorities', () => {
    for (const [granted, role] of [[['d', 'e'], 'candidate'], [['b', 'c'], 'candidate'], [['b', 'd'], 'leader']] as const) {
      const a = inJoint('a', 1)
      a.raft.campaign(false)
      a.drain()
      for (const from of granted) a.step({ type: 'vote-reply', from, to: 'a', term: 2, granted: true })
      expect(a.raft.role).toBe(role)
    }
  })

  it('that is rolled back leaves the one before in force', () => {
    const b = inJoint('b', 1)
    b.step({ type: 'append', from: 'c', to: 'b', term: 2, prevIndex: 1, prevTerm: 1, entries: [entry(2, 2)], commit: 2 })
    expect(b.status).toMatchObject({ configuration: makeConfiguration(ABC), configurationIndex: 1 })
  })

  it('keeps its leader by both majorities', () => {
    const group = new Group(['a', 'b', 'c', 'd', 'e'].map(id => inJoint(id, 1)))
    group.drop = m => m.type === 'append-reply' && m.index >= 3 && (m.from === 'd' || m.from === 'e')
    group.elect('a')
    // The no-op can't be committed without d or e yet; the leader is heard by everyone, so it stays.
    group.tick(9)
    expect(group.node('a').status).toMatchObject({ role: 'leader', commit: 1, configuration: joint })
    // Without the new half it goes, though all of the old one is there.
    group.drop = m => (m.from === 'd' || m.from === 'e') && m.to === 'a'
    group.tick(8)
    expect(group.node('a').raft.role).toBe('leader')
    group.tick(2)
    expect(group.node('a').raft.role).not.toBe('leader')
  })
})

describe('a member that is removed', () => {
  it('learns of it', () => {
    const group = elected()
    change(group, remove('c'))
    group.tick(4)
    expect(group.node('c').status).toMatchObject({ configuration: makeConfiguration(['a', 'b']), configurationPending: false })
    group.tick(4)
    group.node('a').outbox.length = 0
    group.node('a').tick(2)
    expect(group.node('a').outbox.some(m => m.to === 'c')).toBe(false)
  })

  it('is given up on if it does not answer', () => {
    const group = elected()
    group.isolate('c')
    change(group, remove('c'))
    group.tick(25)
    group.node('a').tick(2)
    expect(group.node('a').take().some(m => m.to === 'c')).toBe(false)
  })

  it('does not count any more, even if it goes on answering', () => {
    const group = elected(['a', 'b', 'c', 'd', 'e'])
    change(group, remove('e'))
    group.drop = m => m.from === 'b' || m.from === 'c'
    group.node('a').propose('x')
    group.settle()
    // a and d hold it, and e may: that is no majority of four.
    expect(group.node('a').raft.commit).toBe(3)
  })

  it('cannot disturb the rest', () => {
    const group = elected()
    group.isolate('c')
    change(group, remove('c'))
    group.tick(50)
    group.heal()
    group.node('c').raft.campaign(false)
    group.tick(60)
    expect(group.node('a').status).toMatchObject({ role: 'leader', term: 2 })
  })

  it('can come back', () => {
    const group = elected()
    change(group, remove('c'))
    group.tick(2)
    change(group, add('c'))
    group.node('a').propose('x')
    group.settle()
    expect(group.applied('c')).toEqual(['x'])
  })
})

describe('a leader that is removed', () => {
  it('leads until that is committed, not counting itself, then hands over', () => {
    const group = elected()
    group.drop = m => m.type === 'append-reply'
    change(group, remove('a'))
    group.tick(2)
    const a = group.node('a')
    expect(a.status).toMatchObject({ role: 'leader', commit: 2 })
    group.drop = m => m.type === 'append-reply' && m.from === 'c'
    group.tick(4)
    // It and b hold it: of b and c that is one.
    expect(a.raft.commit).toBe(2)
    group.heal()
    group.tick(4)
    expect(a.status).toMatchObject({ role: 'follower', commit: 3 })
    const successor = ['b', 'c'].find(id => group.node(id).raft.role === 'leader')
    expect(successor).toBeDefined()
    group.tick(100)
    expect([a.raft.role, a.raft.term <= group.node('b').raft.term]).toEqual(['follower', true])
  })

  it('sends the commit index before it goes, then asks the most caught-up voter to campaign', () => {
    const group = elected()
    const a = group.node('a')
    a.raft.changeMembers([remove('a')], 0)
    a.drain().take()
    for (const from of ['c', 'b']) a.step({ type: 'append-reply', from, to: 'a', term: 2, index: 3, rejected: false, hintIndex: 0, hintTerm: 0 })
    const sent = a.take()
    const last = sent.findIndex(m => m.type === 'timeout-now')
    expect(sent[last].to).toBe('b')
    expect(ofType(sent.slice(0, last), 'commit').map(m => [m.to, m.commit])).toEqual([['b', 3], ['c', 3]])
  })

  it('goes on until its removal is committed itself, whatever else is', () => {
    const group = elected()
    const a = group.node('a')
    a.propose('x')
    a.raft.changeMembers([remove('a')], 0)
    a.drain()
    for (const from of ['b', 'c']) a.step({ type: 'append-reply', from, to: 'a', term: 2, index: 3, rejected: false, hintIndex: 0, hintTerm: 0 })
    expect(a.status).toMatchObject({ role: 'leader', commit: 3, lastIndex: 4 })
  })

  it('does not come back through a late transfer', () => {
    const group = elected()
    change(group, remove('a'))
    group.tick(5)
    const { term, leader } = group.node('b').raft
    const a = group.node('a')
    a.step({ type: 'timeout-now', from: 'b', to: 'a', term: 2 })
    a.step({ type: 'timeout-now', from: leader ?? '', to: 'a', term })
    expect(a.raft.role).toBe('follower')
  })

  it('from a group of two leaves the other one leading', () => {
    const group = elected(['a', 'b'])
    change(group, remove('a'))
    group.tick(5)
    expect(group.node('b').status).toMatchObject({ role: 'leader', configuration: makeConfiguration(['b']) })
    group.node('b').propose('x')
    expect(group.node('b').applied.at(-1)?.kind).toBe('command')
  })

  it('by all but one of a joint change leaves the right survivor', () => {
    const group = elected()
    change(group, remove('a'), remove('b'))
    group.tick(5)
    expect(group.node('c').status).toMatchObject({ role: 'leader', configuration: makeConfiguration(['c']) })
    expect([group.node('a').raft.role, group.node('b').raft.role]).toEqual(['follower', 'follower'])
  })
})

describe('the configuration after a restart', () => {
  it('is the last one in the log, committed or not', () => {
    const log = [configEntry(1, 1, makeConfiguration(ABC)), configEntry(2, 2, makeConfiguration(['a', 'b'])), configEntry(3, 2, makeConfiguration(['a']))]
    const n = new Node(options('a'), initial(log, { hardState: { term: 2, commit: 2 } }))
    expect(n.status).toMatchObject({ configurationIndex: 3, configurationPending: true, configuration: makeConfiguration(['a']) })
    // Replaying the additions of members that are in it already changes nothing.
    n.drain()
    expect(n.status.configuration).toEqual(makeConfiguration(['a']))
  })

  it('is that of the snapshot, where the log has none', () => {
    const n = new Node(options('a'), initial([entry(9, 2)], {
      prevIndex: 8, prevTerm: 2, applied: 8, configurations: [{ index: 3, configuration: makeConfiguration(['a', 'b']) }], hardState: { term: 2, commit: 8 }
    }))
    expect(n.status).toMatchObject({ configurationIndex: 3, configurationPending: false })
  })

  it('is none for a joiner', () => {
    expect(joiner('x').status).toMatchObject({ configuration: emptyConfiguration, configurationIndex: 0, configurationPending: false })
  })
})
