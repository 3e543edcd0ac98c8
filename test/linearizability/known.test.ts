import { describe, expect, it } from 'vitest'
import { bruteForce } from './brute-force.js'
import { checkLinearizable } from './check.js'
import type { Action, Operation } from './history.js'

type Timed = readonly [call: number, end: number, action: Action]

const history = (...timed: Timed[]): Operation[] => timed.map(([call, end, action], i) => ({ client: `c${i}`, call, return: end, action }))
const get = (key: string, value?: string): Action => ({ type: 'get', key, value })
const set = (key: string, value: string): Action => ({ type: 'set', key, value })
const del = (key: string): Action => ({ type: 'delete', key })
const batch = (writes: Record<string, string | undefined>): Action => ({ type: 'batch', writes: Object.entries(writes).map(([key, value]) => ({ key, value })) })
const never = Infinity

const good: Array<[string, Operation[]]> = [
  ['nothing', []],
  ['a read of a key that was never written', history([0, 1, get('x')])],
  ['one after the other', history([0, 1, set('x', '1')], [2, 3, get('x', '1')], [4, 5, del('x')], [6, 7, get('x')])],
  ['a read during a write sees the old value', history([0, 1, set('x', '1')], [2, 9, set('x', '2')], [3, 4, get('x', '1')])],
  ['a read during a write sees the new value', history([0, 1, set('x', '1')], [2, 9, set('x', '2')], [3, 4, get('x', '2')])],
  ['the old value, then the new one, during one write', history([0, 1, set('x', '1')], [2, 9, set('x', '2')], [3, 4, get('x', '1')], [5, 6, get('x', '2')])],
  ['a long read that overlaps two writes sees either', history([0, 9, get('x', '1')], [1, 2, set('x', '1')], [3, 4, set('x', '2')])],
  ['concurrent writes, the first one last', history([0, 5, set('x', '1')], [0, 5, set('x', '2')], [6, 7, get('x', '1')])],
  ['concurrent writes, the second one last', history([0, 5, set('x', '1')], [0, 5, set('x', '2')], [6, 7, get('x', '2')])],
  ['a write that begins as another ends comes before it', history([0, 5, set('x', '1')], [5, 6, set('x', '2')], [7, 8, get('x', '1')])],
  ['three clients race and all are right', history([0, 10, set('x', '1')], [2, 6, get('x', '1')], [3, 12, set('x', '2')], [7, 9, get('x', '2')], [11, 13, get('x', '2')])],
  ['an unknown write that is never seen', history([0, 1, set('x', '1')], [2, never, set('x', '2')], [3, 4, get('x', '1')], [90, 91, get('x', '1')])],
  ['an unknown write that is seen late', history([0, 1, set('x', '1')], [2, never, set('x', '2')], [3, 4, get('x', '1')], [90, 91, get('x', '2')])],
  ['an unknown write that lands behind later ones', history([0, never, set('x', '1')], [2, 3, set('x', '2')], [4, 5, get('x', '2')], [6, 7, get('x', '1')])],
  ['an unknown delete seen late', history([0, 1, set('x', '1')], [2, never, del('x')], [3, 4, get('x', '1')], [5, 6, get('x')])],
  ['two unknown deletes seen one by one', history([0, never, del('x')], [0, never, del('x')], [1, 2, set('x', '1')], [3, 4, get('x')], [5, 6, set('x', '2')], [7, 8, get('x')])],
  ['a read without an answer', history([0, 1, set('x', '1')], [2, never, get('x', 'whatever')])],
  ['a batch, seen whole', history([0, 1, batch({ x: '1', y: '1' })], [2, 3, get('x', '1')], [2, 3, get('y', '1')])],
  ['a batch between two reads', history([0, 9, batch({ x: '1', y: '1' })], [1, 2, get('x')], [3, 4, get('y', '1')], [5, 6, get('x', '1')])],
  ['an unknown batch half of which is overwritten', history([0, never, batch({ x: '1', y: '1' })], [1, 8, set('x', '2')], [9, 10, get('y', '1')], [11, 12, get('x', '2')])],
  ['an unknown batch that deletes, half of which is overwritten', history([0, 1, set('y', '1')], [0, never, batch({ x: '1', y: undefined })], [2, 5, set('x', '2')], [6, 7, get('y')], [8, 9, get('x', '2')])],
  ['a batch that must come before another, with which it shares another key than the one that is read', history(
    [0, 9, batch({ x: '1', z: '1' })], [0, 9, get('x', '1')], [0, 9, batch({ x: '2', y: '2' })], [1, 2, get('y', '2')], [10, 11, get('x', '2')], [10, 11, get('z', '1')]
  )],
  ['the last of several writes of a batch to one key counts', history([0, 1, { type: 'batch', writes: [{ key: 'x', value: '1' }, { key: 'x', value: '2' }] }], [2, 3, get('x', '2')])],
  ['keys do not wait for each other', history([0, 1, set('x', '1')], [2, 3, get('y')], [4, 5, get('x', '1')])],
  ['one value written twice', history([0, 1, set('x', '1')], [2, 3, set('x', '2')], [4, 9, set('x', '1')], [5, 6, get('x', '2')], [7, 8, get('x', '1')])],
  ['two writes of one value that end together', history([1, 3, set('x', '1')], [2, 3, set('x', '1')], [4, 4, get('x', '1')])],
  // One of the deletes can't be missed, for another began after it; the other can, and both must come before the write.
  ['two deletes before a write that outlives one of them', history(
    [0, 9, del('x')], [1, 7, del('x')], [2, 6, set('x', '1')], [8, 15, del('x')], [10, 11, get('x', '1')], [16, 17, get('x')]
  )]
]

const bad: Array<[string, Operation[], string]> = [
  ['a stale read', history([0, 1, set('x', '1')], [2, 3, set('x', '2')], [4, 5, get('x', '1')]), 'what it read was overwritten'],
  ['a lost update', history([0, 1, set('x', '1')], [2, 3, get('x')]), 'nothing ever deleted it'],
  ['a read that goes back in time', history([0, 1, set('x', '1')], [2, 9, set('x', '2')], [3, 4, get('x', '2')], [5, 6, get('x', '1')]), 'overwritten'],
  ['a value from nowhere', history([0, 1, set('x', '1')], [2, 3, get('x', '7')]), 'nothing ever wrote "7"'],
  ['a value from the future', history([0, 1, get('x', '1')], [2, 3, set('x', '1')]), 'only later'],
  ['a deleted key seen again', history([0, 1, set('x', '1')], [2, 3, del('x')], [4, 5, get('x', '1')]), 'overwritten'],
  ['a delete that did nothing', history([0, 1, set('x', '1')], [2, 3, del('x')], [4, 5, get('x', '1')], [6, 7, get('x')]), 'c2'],
  ['an unknown write seen, then unseen', history([0, 1, set('x', '1')], [2, never, set('x', '2')], [3, 4, get('x', '2')], [5, 6, get('x', '1')]), 'overwritten'],
  ['an unknown write that happens twice', history([0, never, set('x', '1')], [1, 2, get('x', '1')], [3, 4, set('x', '2')], [5, 6, get('x', '1')]), 'overwritten'],
  ['an unknown write seen before it was called', history([0, 1, get('x', '1')], [2, never, set('x', '1')]), 'only later'],
  ['one unknown delete seen twice', history([0, 1, set('x', '1')], [0, never, del('x')], [2, 3, get('x', '1')], [4, 5, get('x')], [6, 7, set('x', '2')], [8, 9, get('x')]), 'absent'],
  ['concurrent writes that readers see in two orders', history([0, 20, set('x', '1')], [0, 20, set('x', '2')], [1, 2, get('x', '1')], [3, 4, get('x', '2')], [5, 6, get('x', '1')]), 'overwritten'],
  ['two writes during one read do not excuse the next one', history([0, 5, set('x', '1')], [1, 2, set('x', '2')], [6, 7, get('x', '1')], [8, 9, get('x', '2')]), 'overwritten'],
  ['a batch of which half is seen', history([0, 1, batch({ x: '1', y: '1' })], [2, 3, get('x', '1')], [4, 5, get('y')]), 'get "y"'],
  ['a batch seen key by key', history([0, 9, batch({ x: '1', y: '1' })], [1, 2, get('x', '1')], [3, 4, get('y')]), 'get "y"'],
  ['an unknown batch of which half is seen', history([0, never, batch({ x: '1', y: '1' })], [1, 2, get('x', '1')], [3, 4, get('y')]), 'get "y"'],
  ['two batches mixed', history([0, 5, batch({ x: '1', y: '1' })], [0, 5, batch({ x: '2', y: '2' })], [6, 7, get('x', '1')], [8, 9, get('y', '2')]), 'get "y"'],
  ['a write that two keys place differently', history([0, 9, batch({ x: '1', y: '1' })], [1, 2, set('x', '2')], [3, 4, set('y', '2')], [10, 11, get('x', '2')], [10, 12, get('y', '1')]), 'get "y"']
]

describe('histories that are linearizable', () => {
  it.each(good)('%s', (_, operations) => {
    expect(checkLinearizable(operations)).toMatchObject({ ok: true, checked: operations.length })
    expect(bruteForce(operations)).toBe(true)
  })
})

describe('histories that are not', () => {
  it.each(bad)('%s', (_, operations, says) => {
    const verdict = checkLinearizable(operations)
    expect(verdict.ok).toBe(false)
    expect(verdict).toHaveProperty('explanation', expect.stringContaining(says))
    expect(bruteForce(operations)).toBe(false)
  })
})

describe('what the keys held before', () => {
  const initial = new Map([['x', '0'], ['z', '0']])
  it('can be read until it is overwritten', () => {
    expect(checkLinearizable(history([0, 1, get('x', '0')], [2, 3, set('x', '1')], [4, 5, get('x', '1')], [0, 1, get('y')]), { initial }).ok).toBe(true)
    expect(checkLinearizable(history([0, 1, set('x', '1')], [2, 3, get('x', '0')]), { initial }).ok).toBe(false)
    expect(checkLinearizable(history([0, 1, get('x')]), { initial }).ok).toBe(false)
  })

  it('can be written again, also by a write with an unknown outcome', () => {
    expect(checkLinearizable(history([0, never, set('x', '0')], [1, 2, set('x', '1')], [3, 4, get('x', '0')]), { initial }).ok).toBe(true)
    expect(checkLinearizable(history([4, never, set('x', '0')], [0, 1, get('x', '0')], [2, 3, set('x', '1')], [5, 6, get('x', '1')]), { initial }).ok).toBe(true)
  })
})

describe('an explanation', () => {
  const stale = history(
    ...Array.from({ length: 500 }, (_, i): Timed => [10 * i, 10 * i + 5, i % 2 === 0 ? set('x', `v${i}`) : get('x', `v${i - 1}`)]),
    [4991, 6000, set('x', 'late')], [5001, 5002, get('x', 'v100')], [5003, 5004, set('other', 'w')], [5100, 5200, get('x', 'late')]
  )
  const verdict = checkLinearizable(stale)
  const explanation = verdict.ok === false ? verdict.explanation : ''

  it('names the key and the first answer that cannot be, with what came before and a picture', () => {
    expect(verdict).toMatchObject({ ok: false, key: 'x' })
    expect(explanation).toContain('c501\'s get "x" → "v100" fits nowhere')
    expect(explanation).toMatch(/^> +\|-*\| +c501 +get "x" → "v100"$/m)
    expect(explanation).toMatch(/c100 +set "x" = "v100"$/m)
    expect(explanation).toContain('c499: get "x" → "v498"')
    expect(explanation).not.toContain('other')
  })

  it('is short enough to read', () => {
    expect(explanation.split('\n').length).toBeLessThanOrEqual(40)
    const long = checkLinearizable(history([0, 1, get('k'.repeat(5_000), 'v'.repeat(5_000))]))
    expect(long.ok === false && long.explanation.length).toBeLessThan(400)
  })
})

it('a call that ends before it begins is no history', () => {
  expect(() => checkLinearizable(history([2, 1, get('x')]))).toThrow('called at 2, returned at 1')
  expect(() => checkLinearizable(history([NaN, 1, get('x')]))).toThrow('called at NaN')
})
