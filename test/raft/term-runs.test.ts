import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TermRuns } from '../../src/raft/term-runs.js'

describe('runs of terms', () => {
  it('agree with a list of every index, whatever is appended, truncated and compacted', () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant('append' as const), n: fc.nat(3) }),
      fc.record({ op: fc.constant('truncate' as const), n: fc.nat(30) }),
      fc.record({ op: fc.constant('compact' as const), n: fc.nat(30) }))
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const runs = new TermRuns([])
      const list: number[] = []
      let prev = 0
      let term = 1
      for (const { op, n } of steps) {
        const last = prev + list.length
        if (op === 'append') {
          term += n === 3 ? 1 : 0
          runs.append(last + 1, term)
          list.push(term)
        } else if (op === 'truncate' && n > prev) {
          runs.truncate(n)
          list.length = Math.min(list.length, n - prev - 1)
        } else if (op === 'compact' && n > prev && n <= last) {
          runs.compact(n, last)
          list.splice(0, n - prev)
          prev = n
        }
        expect(runs.length > 0).toBe(list.length > 0)
        if (list.length > 0) expect([runs.firstIndex, runs.lastTerm]).toEqual([prev + 1, list[list.length - 1]])
        list.forEach((expected, i) => { expect(runs.termAt(prev + 1 + i)).toBe(expected) })
        for (let at = 1; at <= list.length; at++) {
          const found = list.slice(0, at).findLastIndex(t => t <= n)
          expect(runs.lastAtMost(prev + at, n)).toBe(found < 0 ? undefined : prev + found + 1)
        }
      }
    }))
  })

  it('keep one run for each term, however long it is', () => {
    const runs = new TermRuns([{ index: 5, term: 2 }])
    for (let i = 6; i < 10_000; i++) runs.append(i, i < 5_000 ? 2 : 3)
    expect(runs.length).toBe(2)
  })

  it('refuse runs that are out of order', () => {
    expect(() => new TermRuns([{ index: 1, term: 2 }, { index: 1, term: 3 }])).toThrow('out of order')
    expect(() => new TermRuns([{ index: 1, term: 2 }, { index: 5, term: 2 }])).toThrow('out of order')
  })
})
