import { describe, expect, it } from 'vitest'
import { EntryWindow, entryBytes } from '../../src/raft/window.js'
import { entry } from './support.js'

function filled (from: number, to: number): EntryWindow {
  const window = new EntryWindow(from)
  for (let i = from; i <= to; i++) window.push(entry(i, 1, 'x'))
  return window
}

const size = entryBytes(entry(1, 1, 'x'))
const indexes = (window: EntryWindow, from: number, maxBytes = Infinity): number[] => window.slice(from, window.next, maxBytes).map(e => e.index)

describe('the entries in memory', () => {
  it('are found by index', () => {
    const window = filled(5, 9)
    expect([4, 5, 9, 10].map(i => window.get(i)?.index)).toEqual([undefined, 5, 9, undefined])
    expect([window.first, window.next, window.bytes]).toEqual([5, 10, 5 * size])
  })

  it('come in slices bounded by bytes, of one entry at least', () => {
    const window = filled(1, 5)
    expect(indexes(window, 2)).toEqual([2, 3, 4, 5])
    expect(indexes(window, 2, 2 * size)).toEqual([2, 3])
    expect(indexes(window, 2, 2 * size - 1)).toEqual([2])
    expect(indexes(window, 2, 0)).toEqual([2])
  })

  it('are cut at the back', () => {
    const window = filled(1, 5)
    expect(window.truncate(4)).toBe(2 * size)
    expect([window.next, window.bytes, window.get(4)]).toEqual([4, 3 * size, undefined])
    window.push(entry(4, 2, 'y'))
    expect(window.get(4)?.term).toBe(2)
  })

  it('are dropped at the front, down to a bound, and only so far', () => {
    const window = filled(1, 10)
    window.shrink(3, 0)
    expect([window.first, window.bytes]).toEqual([4, 7 * size])
    window.shrink(9, 4 * size)
    expect(window.first).toBe(7)
    expect(indexes(window, 7)).toEqual([7, 8, 9, 10])
    window.dropTo(8)
    expect(indexes(window, 9)).toEqual([9, 10])
    window.dropTo(99)
    expect([window.first, window.next, window.bytes]).toEqual([11, 11, 0])
    window.push(entry(11, 1, 'x'))
    expect(window.get(11)?.index).toBe(11)
  })

  it('stay right over many drops and pushes', () => {
    const window = filled(1, 3_000)
    for (let i = 3_001; i < 20_000; i++) {
      window.push(entry(i, 1, 'x'))
      window.shrink(i, 3_000 * size)
    }
    expect([window.first, window.next, window.bytes]).toEqual([17_000, 20_000, 3_000 * size])
    expect(window.get(17_000)?.index).toBe(17_000)
    expect(indexes(window, 19_998)).toEqual([19_998, 19_999])
  })

  it('start anew elsewhere', () => {
    const window = filled(1, 5)
    window.reset(50)
    expect([window.first, window.next, window.bytes]).toEqual([50, 50, 0])
  })
})
