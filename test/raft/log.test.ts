import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../src/raft/assert.js'
import { makeConfiguration } from '../../src/raft/configuration.js'
import { RaftLog } from '../../src/raft/log.js'
import { entryBytes } from '../../src/raft/window.js'
import { entry, initial, meta } from './support.js'
import type { Entry, InitialState } from '../../src/raft/types.js'

const MB = 1024 * 1024
/** One entry for each term given, from index 1. */
const entries = (...terms: number[]): Entry[] => terms.map((term, i) => entry(i + 1, term, 'x'))
const log = (terms: number[], over: Partial<InitialState> = {}, cache = MB): RaftLog => new RaftLog(initial(entries(...terms), over), cache)
/** As after compaction to `prevIndex`. */
const tail = (prevIndex: number, prevTerm: number, ...terms: number[]): RaftLog =>
  new RaftLog(initial(terms.map((term, i) => entry(prevIndex + 1 + i, term, 'x')), { prevIndex, prevTerm }), MB)
const size = entryBytes(entry(1, 1, 'x'))

describe('the log', () => {
  it('knows the term of every index it reaches, and of no other', () => {
    const l = tail(3, 2, 2, 2, 4)
    expect([2, 3, 4, 5, 6, 7].map(i => l.termAt(i))).toEqual([undefined, 2, 2, 2, 4, undefined])
    // A compacted entry must not match term 0, nor anything else.
    expect([l.matches(1, 0), l.matches(2, 2), l.matches(0, 0)]).toEqual([false, false, false])
    expect(log([1]).matches(0, 0)).toBe(true)
  })

  it('compares logs by last term, then by last index', () => {
    const l = log([1, 1, 3])
    expect([l.upToDate(3, 3), l.upToDate(2, 3), l.upToDate(99, 2), l.upToDate(1, 4)]).toEqual([true, false, false, true])
  })

  it('steps back over whole terms to find where it may match', () => {
    const l = log([1, 1, 3, 3, 3, 5])
    expect(l.findConflictByTerm(6, 4)).toEqual({ index: 5, term: 3 })
    expect(l.findConflictByTerm(5, 2)).toEqual({ index: 2, term: 1 })
    expect(l.findConflictByTerm(4, 3)).toEqual({ index: 4, term: 3 })
    expect(l.findConflictByTerm(99, 9)).toEqual({ index: 6, term: 5 })
    expect(log([3, 3]).findConflictByTerm(2, 1)).toEqual({ index: 0, term: 0 })
    expect(tail(10, 4, 5, 5).findConflictByTerm(12, 4)).toEqual({ index: 10, term: 4 })
    expect(tail(10, 4, 5, 5).findConflictByTerm(12, 3)).toEqual({ index: 9, term: 0 })
    expect(tail(10, 4, 5, 5).findConflictByTerm(7, 9)).toEqual({ index: 7, term: 0 })
  })

  it('takes entries in order only', () => {
    const l = log([1, 2])
    expect(() => l.append(entry(4, 2))).toThrow('entry 4 appended to a log that ends at 2')
    expect(() => l.append(entry(2, 2))).toThrow(InvariantError)
    expect(() => l.append(entry(3, 1))).toThrow('term 1 appended after one of term 2')
  })

  it('never truncates what is committed', () => {
    const l = log([1, 1, 1])
    l.commitTo(2)
    expect(() => l.truncate(2)).toThrow('2 is committed')
    l.truncate(3)
    expect([l.lastIndex, l.lastTerm]).toEqual([2, 1])
  })

  it('takes back what was stored and written when it is truncated, and moves the generation', () => {
    const l = log([1, 1, 1, 1])
    const { generation } = l
    l.truncate(3)
    expect([l.stored, l.written, l.lastIndex]).toEqual([2, 2, 2])
    expect(l.generation).toBeGreaterThan(generation)
    l.append(entry(3, 2))
    expect(l.takeUnwritten().map(e => [e.index, e.term])).toEqual([[3, 2]])
    expect(l.stored).toBe(2)
  })

  it('never lets the commit index regress or pass its end', () => {
    const l = log([1, 1, 1])
    l.commitTo(2)
    l.commitTo(1)
    expect(l.commit).toBe(2)
    expect(() => l.commitTo(4)).toThrow('past the last index 3')
  })

  it('hands out for apply only what is committed and durable here, once, in pages', () => {
    const l = log([1])
    for (let i = 2; i <= 6; i++) l.append(entry(i, 1, 'x'))
    l.commitTo(5)
    expect(l.takeCommitted(MB).map(e => e.index)).toEqual([1])
    l.takeUnwritten()
    l.storedTo(3)
    expect(l.takeCommitted(MB).map(e => e.index)).toEqual([2, 3])
    expect(l.hasCommitted).toBe(false)
    l.storedTo(6)
    expect(l.takeCommitted(size).map(e => e.index)).toEqual([4])
    expect(l.takeCommitted(1).map(e => e.index)).toEqual([5])
    expect(l.takeCommitted(MB)).toEqual([])
  })

  it('asserts that applied does not pass what was handed out, nor go back', () => {
    const l = log([1, 1, 1])
    l.commitTo(3)
    l.takeCommitted(2 * size)
    expect(() => l.appliedTo(3)).toThrow('index 3 reported as applied')
    l.appliedTo(2)
    expect(() => l.appliedTo(1)).toThrow(InvariantError)
  })

  it('asserts that storage does not acknowledge what it was not handed', () => {
    const l = log([1])
    l.append(entry(2, 1))
    expect(() => l.storedTo(2)).toThrow('handed entries up to 1 only')
  })

  it('counts the bytes of what is not committed', () => {
    const l = log([1, 1])
    expect(l.uncommittedBytes).toBe(2 * size)
    l.append(entry(3, 1, 'x'))
    l.commitTo(1)
    expect(l.uncommittedBytes).toBe(2 * size)
    l.truncate(3)
    expect(l.uncommittedBytes).toBe(size)
    l.commitTo(2)
    expect(l.uncommittedBytes).toBe(0)
  })

  it('drops from memory only what is stored and applied, above its bound', () => {
    const l = log([1, 1, 1], {}, 2 * size)
    for (let i = 4; i <= 8; i++) l.append(entry(i, 1, 'x'))
    l.commitTo(8)
    l.takeCommitted(MB)
    l.appliedTo(3)
    expect([l.firstInMemory, l.cachedBytes]).toEqual([4, 5 * size])
    l.takeUnwritten()
    l.storedTo(8)
    l.takeCommitted(MB)
    expect(l.firstInMemory).toBe(4)
    l.appliedTo(8)
    expect([l.firstInMemory, l.cachedBytes]).toEqual([7, 2 * size])
    expect(l.termAt(2)).toBe(1)
    expect(l.timeAt(7)).toBe(1_007)
    // Of an entry that is no longer in memory: never earlier than it was.
    expect(l.timeAt(2)).toBe(1_008)
  })

  it('gives storage and followers at the same place the same array', () => {
    const l = log([1])
    l.append(entry(2, 1))
    l.append(entry(3, 1))
    const sent = l.slice(2, MB)
    expect(l.slice(2, MB)).toBe(sent)
    expect(l.takeUnwritten()).toBe(sent)
    expect(l.slice(2, 1)).not.toBe(sent)
    l.append(entry(4, 1))
    expect(l.slice(2, MB).map(e => e.index)).toEqual([2, 3, 4])
    l.truncate(4)
    l.append(entry(4, 2))
    expect(l.slice(2, MB).map(e => e.term)).toEqual([1, 1, 2])
  })

  it('is compacted up to what is applied, and still matches at the cut', () => {
    const l = log([1, 1, 2, 2], { hardState: { term: 2, commit: 4 } })
    l.takeCommitted(MB)
    l.appliedTo(3)
    expect(() => l.compact(4)).toThrow('only 3 is applied')
    expect(l.compact(3)).toBe(3)
    expect([l.prevIndex, l.prevTerm, l.lastIndex, l.firstInMemory]).toEqual([3, 2, 4, 4])
    expect(l.matches(3, 2)).toBe(true)
    expect(l.compact(2)).toBe(3)
    l.appliedTo(4)
    l.compact(4)
    expect([l.lastIndex, l.lastTerm]).toEqual([4, 2])
    l.append(entry(5, 3))
    expect(l.termAt(5)).toBe(3)
  })

  it('is replaced by a snapshot, of which nothing counts as stored before it is', () => {
    const l = log([1, 1, 1, 1])
    l.commitTo(2)
    const { generation } = l
    l.reset(meta(10, 3, makeConfiguration(['a'])))
    expect([l.prevIndex, l.prevTerm, l.lastIndex, l.lastTerm, l.commit, l.handedOut]).toEqual([10, 3, 10, 3, 10, 10])
    expect(l.stored).toBe(2)
    expect(l.generation).toBeGreaterThan(generation)
    expect(l.lastTime).toBe(1_010)
    l.append(entry(11, 3))
    l.commitTo(11)
    expect(l.hasCommitted).toBe(false)
    // The log on disk still starts at 1: a crash now would bring it back.
    expect(l.compact(2)).toBe(0)
    expect(l.takeUnwritten().map(e => e.index)).toEqual([11])
    l.storedTo(11)
    expect(l.takeCommitted(MB).map(e => e.index)).toEqual([11])
    expect(l.compact(2)).toBe(10)
    expect(() => l.reset(meta(11, 3, makeConfiguration(['a'])))).toThrow('take back the commit')
  })

  it('starts from what is applied or in a snapshot, even if the commit on disk lags', () => {
    expect(log([1, 1, 1], { applied: 2 })).toMatchObject({ commit: 2, handedOut: 2, applied: 2 })
    expect(log([1, 1, 1], { snapshot: meta(3, 1, makeConfiguration(['a'])), applied: 1 })).toMatchObject({ commit: 3, handedOut: 1 })
  })

  it.each<[string, () => RaftLog, string]>([
    ['a log that lost committed entries', () => log([1], { hardState: { term: 1, commit: 2 } }), 'entries were lost'],
    ['a state machine ahead of the log', () => log([1], { applied: 2 }), 'outside of the log'],
    ['a state machine behind the log', () => new RaftLog(initial([entry(6, 1)], { prevIndex: 5, prevTerm: 1, applied: 4 }), MB), 'outside of the log'],
    ['a tail that does not reach back to what is to be applied', () => new RaftLog({ ...initial(entries(1, 1, 1)), entries: [entry(3, 1)] }, MB), 'entries from index 1 on are needed'],
    ['a hole in the tail', () => new RaftLog({ ...initial(entries(1, 1, 1)), entries: [entry(1, 1), entry(3, 1)] }, MB), 'does not fit'],
    ['entries of other terms than the log', () => new RaftLog({ ...initial(entries(1, 1)), terms: [{ index: 1, term: 2 }] }, MB), 'does not fit'],
    ['terms that start elsewhere', () => new RaftLog({ ...initial(entries(1, 1)), terms: [{ index: 2, term: 1 }] }, MB), 'do not start'],
    ['no terms', () => new RaftLog({ ...initial(entries(1)), terms: [] }, MB), 'do not cover'],
    ['a snapshot past the log', () => log([1], { snapshot: meta(5, 1, makeConfiguration(['a'])) }), 'before the snapshot'],
    ['an unsafe index', () => log([1], { applied: 0.5 }), 'safe integer']
  ])('refuses to start from %s', (_, make, message) => {
    expect(make).toThrow(message)
    expect(make).toThrow(InvariantError)
  })
})
