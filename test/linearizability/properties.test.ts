import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyHistory, trueHistory, type Load } from './arbitraries.js'
import { bruteForce } from './brute-force.js'
import { checkLinearizable } from './check.js'
import { writesOf, type Operation } from './history.js'

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const load: fc.Arbitrary<Load> = fc.record({
  clients: fc.integer({ min: 1, max: 12 }), operations: fc.integer({ min: 1, max: 150 }), keys: fc.integer({ min: 1, max: 4 }),
  unknown: fc.constantFrom(0, 0.05, 0.3), deletes: fc.constantFrom(0, 0.1, 0.4), batches: fc.constantFrom(0, 0.1, 0.3), values: fc.constantFrom(undefined, 2, 5)
})

describe('the search and trying every order', () => {
  it('agree on small histories, most of which are wrong', () => {
    let good = 0
    let bad = 0
    fc.assert(fc.property(anyHistory, operations => {
      const expected = bruteForce(operations)
      if (expected) good++
      else bad++
      expect(checkLinearizable(operations).ok).toBe(expected)
    }), { numRuns: 4_000 })
    expect(Math.min(good, bad)).toBeGreaterThan(1_000)
  })

  it('agree on small histories with one answer changed', () => {
    const outcomes = { true: 0, false: 0 }
    const tiny: fc.Arbitrary<Load> = fc.record({
      clients: fc.integer({ min: 2, max: 5 }), operations: fc.integer({ min: 4, max: 8 }), keys: fc.constantFrom(1, 2, 3),
      unknown: fc.constantFrom(0, 0.5), deletes: fc.constantFrom(0.1, 0.5), batches: fc.constantFrom(0, 0.5, 1), values: fc.constantFrom(undefined, 1, 2)
    })
    fc.assert(fc.property(seed, tiny, fc.nat(), fc.nat(), (seed, load, which, what) => {
      const operations = withAnswer(trueHistory(seed, load), which, what)
      const expected = bruteForce(operations)
      outcomes[`${expected}`]++
      expect(checkLinearizable(operations).ok).toBe(expected)
    }), { numRuns: 4_000 })
    expect(Math.min(outcomes.true, outcomes.false)).toBeGreaterThan(500)
  })
})

describe('what a map that does one thing at a time was seen to do', () => {
  it('is accepted, whatever the load', () => {
    fc.assert(fc.property(seed, load, (seed, load) => {
      const operations = trueHistory(seed, load)
      expect(checkLinearizable(operations)).toMatchObject({ ok: true, checked: operations.length })
    }), { numRuns: 400 })
  })

  it('is accepted in whatever order it is written down', () => {
    fc.assert(fc.property(seed, load.chain(load => fc.tuple(fc.constant(load), fc.infiniteStream(fc.nat()))), (seed, [load, random]) => {
      const mixed = trueHistory(seed, load).map(operation => ({ operation, at: random.next().value })).sort((a, b) => a.at - b.at).map(({ operation }) => operation)
      expect(checkLinearizable(mixed).ok).toBe(true)
    }), { numRuns: 50 })
  })

  it('is refused when a read is given a value that had been overwritten before it began', () => {
    let changed = 0
    fc.assert(fc.property(seed, load, fc.nat(), (seed, load, which) => {
      const operations = trueHistory(seed, { ...load, values: undefined })
      const stale = withStaleRead(operations, which)
      if (stale === undefined) return
      changed++
      expect(checkLinearizable(stale)).toMatchObject({ ok: false })
    }), { numRuns: 400 })
    expect(changed).toBeGreaterThan(200)
  })
})

/** One read with another answer, of those that are about. */
function withAnswer (operations: Operation[], which: number, what: number): Operation[] {
  const reads = operations.filter(({ action }) => action.type === 'get')
  if (reads.length === 0) return operations
  const changed = reads[which % reads.length]
  const values = [undefined, ...operations.flatMap(({ action }) => writesOf(action).map(write => write.value))]
  return operations.map(operation => operation === changed && operation.action.type === 'get' ? { ...operation, action: { ...operation.action, value: values[what % values.length] } } : operation)
}

/** With values that are written once each: a write, then another after it, and then a read that sees the first. */
function withStaleRead (operations: Operation[], which: number): Operation[] | undefined {
  const stale = operations.flatMap(read => {
    if (read.action.type !== 'get') return []
    const { key } = read.action
    const writes = operations.filter(({ action, return: end }) => end < read.call && writesOf(action).some(write => write.key === key && write.value !== undefined))
    const old = writes.find(write => writes.some(later => later.call > write.return))
    const value = old === undefined ? undefined : writesOf(old.action).find(write => write.key === key)?.value
    return value === undefined ? [] : [{ read, changed: { ...read, action: { ...read.action, value } } }]
  })
  if (stale.length === 0) return undefined
  const { read, changed } = stale[which % stale.length]
  return operations.map(operation => operation === read ? changed : operation)
}
