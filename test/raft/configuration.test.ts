import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  changeConfiguration, ConfigurationError, decodeConfiguration, emptyConfiguration, encodeConfiguration, equalConfigurations, isJoint, isMember, isVoter, leaveJoint,
  makeConfiguration, membersOf, validateConfiguration, votersOf
} from '../../src/raft/configuration.js'
import { majority } from '../../src/raft/quorum.js'
import { bytes, text } from './support.js'
import type { Configuration, MemberChange } from '../../src/raft/types.js'

const abc = makeConfiguration(['c', 'a', 'b'])
const add = (member: string): MemberChange => ({ op: 'add-voter', member })
const learn = (member: string): MemberChange => ({ op: 'add-learner', member })
const remove = (member: string): MemberChange => ({ op: 'remove', member })

const ids = ['a', 'b', 'c', 'd', 'e', 'f']
const change = fc.record({ op: fc.constantFrom<MemberChange['op']>('add-voter', 'add-learner', 'remove'), member: fc.constantFrom(...ids) })

/** All sets of members that are enough for a decision. */
function quorums (c: Configuration): string[][] {
  const all: string[][] = []
  const members = votersOf(c)
  for (let mask = 0; mask < 1 << members.length; mask++) {
    const set = members.filter((_, i) => (mask & (1 << i)) !== 0)
    const enough = (half: readonly string[]): boolean => half.length === 0 || set.filter(id => half.includes(id)).length >= majority(half.length)
    if (enough(c.voters) && enough(c.outgoing)) all.push(set)
  }
  return all
}

const overlap = (a: Configuration, b: Configuration): boolean =>
  quorums(a).every(x => quorums(b).every(y => x.some(id => y.includes(id))))

describe('configurations', () => {
  it('are sorted, whatever order they are made in', () => {
    expect(abc.voters).toEqual(['a', 'b', 'c'])
    expect(membersOf(makeConfiguration(['c', 'a'], ['b']))).toEqual(['a', 'b', 'c'])
    expect(votersOf({ voters: ['b', 'd'], outgoing: ['a', 'b'], learners: [], learnersNext: [] })).toEqual(['a', 'b', 'd'])
  })

  it('tell members, voters of either half and learners apart', () => {
    const joint: Configuration = { voters: ['a'], outgoing: ['b'], learners: ['c'], learnersNext: ['b'] }
    expect(['a', 'b', 'c', 'd'].map(id => isVoter(joint, id))).toEqual([true, true, false, false])
    expect(['a', 'b', 'c', 'd'].map(id => isMember(joint, id))).toEqual([true, true, true, false])
    expect(isJoint(joint)).toBe(true)
    expect(isJoint(abc)).toBe(false)
  })

  it('change at once where one voter at most comes, goes or is demoted', () => {
    expect(changeConfiguration(abc, [add('d')])).toEqual(makeConfiguration(['a', 'b', 'c', 'd']))
    expect(changeConfiguration(abc, [remove('b')])).toEqual(makeConfiguration(['a', 'c']))
    expect(changeConfiguration(abc, [learn('b')])).toEqual(makeConfiguration(['a', 'c'], ['b']))
    expect(changeConfiguration(abc, [learn('d'), learn('e'), add('f')])).toEqual(makeConfiguration(['a', 'b', 'c', 'f'], ['d', 'e']))
    expect(changeConfiguration(makeConfiguration(['a'], ['b']), [add('b')])).toEqual(makeConfiguration(['a', 'b']))
    expect(changeConfiguration(makeConfiguration(['a'], ['b']), [remove('b')])).toEqual(makeConfiguration(['a']))
  })

  it('change by way of a joint one otherwise', () => {
    const joint = changeConfiguration(makeConfiguration(['a', 'b', 'c'], ['d', 'x']), [remove('a'), learn('b'), add('d'), learn('e')])
    // The demoted voter votes on in the outgoing half, so it is no learner yet.
    expect(joint).toEqual({ voters: ['c', 'd'], outgoing: ['a', 'b', 'c'], learners: ['e', 'x'], learnersNext: ['b'] })
    expect(leaveJoint(joint)).toEqual(makeConfiguration(['c', 'd'], ['b', 'e', 'x']))
    expect(isJoint(changeConfiguration(abc, [remove('a'), add('d')]))).toBe(true)
  })

  it.each<[string, Configuration, MemberChange[], string]>([
    ['the last voter gone', makeConfiguration(['a']), [remove('a')], 'no voter'],
    ['the last voter demoted', makeConfiguration(['a'], ['b']), [learn('a')], 'no voter'],
    ['all voters gone at once', abc, [remove('a'), remove('b'), remove('c')], 'no voter'],
    ['nothing', abc, [], 'no change'],
    ['what is so already', abc, [add('a')], 'already'],
    ['two things of one member', abc, [add('d'), remove('d')], 'two changes'],
    ['an empty id', abc, [add('')], '0 characters'],
    ['another change while joint', { ...abc, outgoing: ['a'] }, [add('d')], 'joint']
  ])('refuse a change that asks for %s', (_, from, changes, message) => {
    expect(() => changeConfiguration(from, changes)).toThrow(message)
    expect(() => changeConfiguration(from, changes)).toThrow(ConfigurationError)
  })

  it('say that a stranger cannot be removed', () => {
    try {
      changeConfiguration(abc, [remove('x')])
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ name: 'ConfigurationError', reason: 'unknown-member' })
    }
  })

  it('never lead to two majorities that could decide apart', () => {
    const some = fc.subarray(ids, { minLength: 1 })
    fc.assert(fc.property(some, some, fc.array(change, { minLength: 1, maxLength: 4 }), (voters, others, changes) => {
      const from = makeConfiguration(voters, others.filter(id => !voters.includes(id)))
      let next: Configuration
      try {
        next = changeConfiguration(from, changes)
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError)
        return
      }
      validateConfiguration(next)
      expect(overlap(from, next)).toBe(true)
      if (!isJoint(next)) return
      const left = leaveJoint(next)
      validateConfiguration(left)
      expect(overlap(next, left)).toBe(true)
      for (const { op, member } of changes) {
        expect(left.voters.includes(member)).toBe(op === 'add-voter')
        expect(left.learners.includes(member)).toBe(op === 'add-learner')
      }
    }), { numRuns: 500 })
  })

  it('come back from their bytes', () => {
    for (const c of [emptyConfiguration, abc, makeConfiguration(['a'], ['ü']), changeConfiguration(abc, [remove('a'), learn('b'), add('d')])]) {
      expect(equalConfigurations(decodeConfiguration(encodeConfiguration(c)), c)).toBe(true)
    }
    expect(equalConfigurations(abc, makeConfiguration(['a', 'b']))).toBe(false)
    expect(equalConfigurations(abc, makeConfiguration(['a', 'b'], ['c']))).toBe(false)
  })

  const json = (over: object): Uint8Array => bytes(JSON.stringify({ voters: ['a'], outgoing: [], learners: [], learnersNext: [], ...over }))

  it.each<[string, Uint8Array]>([
    ['nothing', bytes('')],
    ['no JSON', bytes('{')],
    ['no UTF-8', Uint8Array.of(0xff, 0xfe)],
    ['no object', bytes('[]')],
    ['null', bytes('null')],
    ['a field too few', bytes('{"voters":["a"],"outgoing":[],"learners":[]}')],
    ['a field too many', json({ more: [] })],
    ['a field of another type', json({ voters: 'a' })],
    ['an id that is no string', json({ voters: [1] })],
    ['unsorted voters', json({ voters: ['b', 'a'] })],
    ['a voter twice', json({ voters: ['a', 'a'] })],
    ['a voter that is a learner', json({ learners: ['a'] })],
    ['a learner that is leaving as a voter', json({ voters: ['a'], outgoing: ['b'], learners: ['b'] })],
    ['a learner to be that is no voter', json({ learnersNext: ['b'] })],
    ['a learner to be that stays a voter', json({ outgoing: ['a'], learnersNext: ['a'] })],
    ['learners only', json({ voters: [], learners: ['a'] })],
    ['too many voters', json({ voters: Array.from({ length: 1_025 }, (_, i) => `v${i}`).sort() })],
    ['too long an id', json({ voters: ['a'.repeat(513)] })]
  ])('refuse bytes that hold %s', (_, data) => {
    expect(() => decodeConfiguration(data)).toThrow(ConfigurationError)
  })

  it('are written as plain JSON', () => {
    expect(text(encodeConfiguration(makeConfiguration(['a'], ['b'])))).toBe('{"voters":["a"],"outgoing":[],"learners":["b"],"learnersNext":[]}')
  })
})
