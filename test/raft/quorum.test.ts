import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jointOutcome, jointValue, majority, majorityValue, voteOutcome } from '../../src/raft/quorum.js'

const votes = (granted: string, refused = ''): Map<string, boolean> => new Map([...[...granted].map(id => [id, true] as const), ...[...refused].map(id => [id, false] as const)])

describe('majorities', () => {
  it('are more than half, of even numbers too', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(majority)).toEqual([1, 2, 2, 3, 3, 4, 4])
  })

  it('reach a value when more than half of the voters have', () => {
    expect(majorityValue([5])).toBe(5)
    expect(majorityValue([5, 3])).toBe(3)
    expect(majorityValue([5, 3, 9])).toBe(5)
    expect(majorityValue([1, 2, 3, 4])).toBe(2)
    expect(majorityValue([7, 7, 0, 0])).toBe(0)
    expect(majorityValue([1, 2, 3, 4, 5])).toBe(3)
    expect(() => majorityValue([])).toThrow('no voters')
  })

  it('agree with counting', () => {
    fc.assert(fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 7 }), values => {
      const value = majorityValue(values)
      expect(values.filter(v => v >= value).length).toBeGreaterThanOrEqual(majority(values.length))
      expect(values.filter(v => v > value).length).toBeLessThan(majority(values.length))
    }))
  })

  it('are both needed while joint', () => {
    expect(jointValue([9, 9, 9], [9, 1, 1])).toBe(1)
    expect(jointValue([1, 1, 9], [9, 9, 9])).toBe(1)
    expect(jointValue([4, 5, 6], [])).toBe(5)
  })
})

describe('an election', () => {
  const abc = ['a', 'b', 'c']
  const abcd = [...abc, 'd']

  it('is won by a majority', () => {
    expect(voteOutcome(abc, votes('a'))).toBe('pending')
    expect(voteOutcome(abc, votes('ab'))).toBe('won')
    expect(voteOutcome(abcd, votes('ab'))).toBe('pending')
    expect(voteOutcome(abcd, votes('abc'))).toBe('won')
    expect(voteOutcome(['a'], votes('a'))).toBe('won')
  })

  it('is lost once a majority is out of reach', () => {
    expect(voteOutcome(abc, votes('a', 'b'))).toBe('pending')
    expect(voteOutcome(abc, votes('a', 'bc'))).toBe('lost')
    expect(voteOutcome(abcd, votes('a', 'b'))).toBe('pending')
    expect(voteOutcome(abcd, votes('ac', 'bd'))).toBe('lost')
  })

  it('counts no stranger', () => {
    expect(voteOutcome(abc, votes('axyz'))).toBe('pending')
    expect(voteOutcome(abc, votes('', 'xyz'))).toBe('pending')
  })

  it('is never won without voters', () => {
    expect(voteOutcome([], votes('abc'))).toBe('lost')
  })

  it('needs both halves while joint', () => {
    expect(jointOutcome(['a', 'b'], abcd, votes('ab'))).toBe('pending')
    expect(jointOutcome(['a', 'b'], abcd, votes('abc'))).toBe('won')
    expect(jointOutcome(['a', 'b'], ['c', 'd', 'e'], votes('cde'))).toBe('pending')
    expect(jointOutcome(['a', 'b'], ['c', 'd', 'e'], votes('ab', 'cd'))).toBe('lost')
    expect(jointOutcome(['a', 'b'], ['c', 'd', 'e'], votes('cde', 'a'))).toBe('lost')
    expect(jointOutcome(abc, [], votes('ab'))).toBe('won')
  })
})
