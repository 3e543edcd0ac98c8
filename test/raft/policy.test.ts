import { describe, expect, it } from 'vitest'
import {
  changeConfiguration, ConfigurationError, decodeConfiguration, encodeConfiguration, equalConfigurations, isJoint, leaveJoint, makeConfiguration, MAX_POLICY_LENGTH
} from '../../src/raft/configuration.js'
import { bytes, configEntry, founded, Group, initial, Node, options, text } from './support.js'
import type { Configuration, MemberChange } from '../../src/raft/types.js'

const ABC = ['a', 'b', 'c']
const abc = makeConfiguration(ABC)
const withPolicy = (configuration: Configuration, policy: string): Configuration => ({ ...configuration, policy })
const remove = (member: string): MemberChange => ({ op: 'remove', member })
const add = (member: string): MemberChange => ({ op: 'add-voter', member })

describe('the policy of a configuration', () => {
  it('is kept by every change of members, joint ones too, until another is given', () => {
    const from = withPolicy(abc, 'p1')
    expect(changeConfiguration(from, [remove('b')])).toEqual(withPolicy(makeConfiguration(['a', 'c']), 'p1'))
    const joint = changeConfiguration(from, [remove('a'), add('d')])
    expect(isJoint(joint)).toBe(true)
    expect(joint.policy).toBe('p1')
    expect(leaveJoint(joint)).toEqual(withPolicy(makeConfiguration(['b', 'c', 'd']), 'p1'))
    const both = changeConfiguration(from, [remove('a'), add('d')], 'p2')
    expect([both.policy, leaveJoint(both).policy]).toEqual(['p2', 'p2'])
  })

  it('can be changed alone, and only into another', () => {
    expect(changeConfiguration(abc, [], 'p1')).toEqual(withPolicy(abc, 'p1'))
    expect(() => changeConfiguration(withPolicy(abc, 'p1'), [], 'p1')).toThrow(ConfigurationError)
    expect(() => changeConfiguration(abc, [], 'p'.repeat(MAX_POLICY_LENGTH + 1))).toThrow('over the bound')
  })

  it('comes back from its bytes, and is missing where it was never written', () => {
    const strange = withPolicy(abc, '{"é":"\\n\u{1f600}"}')
    expect(decodeConfiguration(encodeConfiguration(strange))).toEqual(strange)
    expect('policy' in decodeConfiguration(bytes('{"voters":["a"],"outgoing":[],"learners":[],"learnersNext":[]}'))).toBe(false)
    expect(equalConfigurations(abc, withPolicy(abc, ''))).toBe(false)
    for (const policy of ['1', 'null', '["p"]', `"${'p'.repeat(MAX_POLICY_LENGTH + 1)}"`]) {
      expect(() => decodeConfiguration(bytes(`{"voters":["a"],"outgoing":[],"learners":[],"learnersNext":[],"policy":${policy}}`))).toThrow(ConfigurationError)
    }
    expect(text(encodeConfiguration(abc))).not.toContain('policy')
  })

  it('reaches every member, and is rolled back with the entry that carried it', () => {
    const group = Group.of(ABC).elect('a')
    expect(group.node('a').raft.changeMembers([], 9_000, undefined, 'p1')).toMatchObject({ ok: true })
    group.settle()
    for (const id of ABC) expect(group.node(id).status.configuration.policy).toBe('p1')
    group.isolate('a')
    expect(group.node('a').raft.changeMembers([], 9_000, undefined, 'p2')).toMatchObject({ ok: true })
    group.settle()
    expect(group.node('a').status.configuration.policy).toBe('p2')
    group.node('b').raft.campaign()
    group.tick(30)
    group.heal().tick(10)
    for (const id of ABC) expect(group.node(id).status.configuration.policy).toBe('p1')
  })

  it('is in the snapshot as of its index, and in force where that is installed', () => {
    const group = Group.of(ABC).elect('a')
    const { raft } = group.node('a')
    raft.changeMembers([], 9_000, undefined, 'p1')
    group.settle()
    const meta = raft.snapshotMeta(raft.commit)
    expect(meta.configuration).toEqual(withPolicy(abc, 'p1'))
    const fresh = new Node(options('c'), initial([]))
    fresh.step({ type: 'install-snapshot', from: 'a', to: 'c', term: raft.term, meta })
    expect(fresh.status).toMatchObject({ configuration: withPolicy(abc, 'p1'), configurationIndex: meta.configurationIndex })
    raft.changeMembers([], 9_000, 3, 'p2')
    group.settle()
    expect(raft.snapshotMeta(meta.index).configuration.policy).toBe('p1')
  })
})

describe('whose word may count', () => {
  it('is that of the members of the committed configuration and of all later ones in the log', () => {
    const log = [configEntry(2, 1, makeConfiguration(['a', 'b', 'c', 'd'])), configEntry(3, 1, makeConfiguration(['a', 'b'], ['e']))]
    const n = new Node(options('a'), founded(ABC, log))
    expect([...n.raft.possibleMembers().members].sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(n.raft.possibleMembers().index).toBe(1)
    n.step({ type: 'append', from: 'b', to: 'a', term: 1, prevIndex: 3, prevTerm: 1, entries: [], commit: 3 })
    expect([...n.raft.possibleMembers().members].sort()).toEqual(['a', 'b', 'e'])
    expect(new Node(options('x'), initial([])).raft.possibleMembers().members.size).toBe(0)
  })
})
