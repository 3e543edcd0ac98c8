import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockHeader, BlockError, decodeBlock, encodeBlock } from '../../src/raft/block.js'
import { entry } from './support.js'
import type { Entry, EntryKind } from '../../src/raft/types.js'

const MAX = Number.MAX_SAFE_INTEGER

const entries = fc.record({
  first: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.maxSafeNat().map(n => Math.max(1, n - 100))),
  terms: fc.array(fc.oneof(fc.constant(0), fc.nat(300), fc.integer({ min: 0, max: 2 ** 45 })), { minLength: 1, maxLength: 20 }),
  times: fc.array(fc.oneof(fc.constant(7), fc.nat(), fc.maxSafeNat()), { minLength: 20, maxLength: 20 }),
  kinds: fc.array(fc.constantFrom<EntryKind>('command', 'noop', 'config'), { minLength: 20, maxLength: 20 }),
  data: fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 20, maxLength: 20 })
}).map(({ first, terms, times, kinds, data }): Entry[] => {
  let term = 1
  return terms.map((step, i) => ({ index: first + i, term: term += step, kind: kinds[i], time: times[i], data: data[i] }))
})

const plain = (list: readonly Entry[]): unknown => list.map(e => ({ ...e, data: [...e.data] }))

describe('a packed block', () => {
  it('gives back what was packed', () => {
    fc.assert(fc.property(entries, list => {
      const block = encodeBlock(list)
      expect(plain(decodeBlock(block))).toEqual(plain(list))
      expect(blockHeader(block)).toEqual({ firstIndex: list[0].index, count: list.length })
    }))
  })

  it('is decoded into views, wherever it lies in a larger buffer', () => {
    const block = encodeBlock([entry(5, 2, 'abc'), entry(6, 2, '')])
    const frame = new Uint8Array(block.length + 20)
    frame.set(block, 9)
    const decoded = decodeBlock(frame.subarray(9, 9 + block.length))
    expect(decoded[0].data.buffer).toBe(frame.buffer)
    expect(plain(decoded)).toEqual(plain([entry(5, 2, 'abc'), entry(6, 2, '')]))
  })

  it('costs three bytes for a small entry that shares term and time with the one before', () => {
    const one = encodeBlock([{ ...entry(1, 3, 'x'), time: 9 }])
    const two = encodeBlock([{ ...entry(1, 3, 'x'), time: 9 }, { ...entry(2, 3, 'y'), time: 9 }])
    expect(two.length - one.length).toBe(3)
  })

  it('holds integers up to 2^53 - 1 exactly', () => {
    for (const n of [127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 35 + 1, 2 ** 49 - 1, MAX - 1]) {
      const list = [{ ...entry(n, n, 'x'), time: n }]
      expect(plain(decodeBlock(encodeBlock(list)))).toEqual(plain(list))
    }
    expect(decodeBlock(encodeBlock([{ ...entry(1, MAX, 'x'), time: MAX }]))[0]).toMatchObject({ term: MAX, time: MAX })
  })

  it('is refused when cut anywhere, or followed by anything', () => {
    const block = encodeBlock([entry(300, 2, 'abc'), entry(301, 200, 'defghi', 'config'), entry(302, 200, '', 'noop')])
    for (let length = 0; length < block.length; length++) expect(() => decodeBlock(block.subarray(0, length)), `${length}`).toThrow(BlockError)
    expect(() => decodeBlock(Uint8Array.of(...block, 0))).toThrow(BlockError)
  })

  it('never answers garbage with anything but a BlockError or a block that packs to the same entries', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), garbage => {
      let decoded: Entry[]
      try {
        decoded = decodeBlock(garbage)
      } catch (error) {
        expect(error).toBeInstanceOf(BlockError)
        return
      }
      expect(plain(decodeBlock(encodeBlock(decoded)))).toEqual(plain(decoded))
    }), { numRuns: 2_000 })
  })

  it('survives any change of a byte of a real block in the same way', () => {
    const block = encodeBlock([entry(300, 2, 'abc'), entry(301, 5, 'defghi', 'config'), entry(302, 5, '', 'noop')])
    for (let at = 0; at < block.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = new Uint8Array(block)
        changed[at] ^= 1 << bit
        try {
          decodeBlock(changed)
        } catch (error) {
          expect(error).toBeInstanceOf(BlockError)
        }
      }
    }
  })

  it.each([
    ['a count far beyond its bytes', [1, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['a length far beyond its bytes', [1, 1, 0, 1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]],
    ['an integer over 2^53', [1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 1, 0]],
    ['an integer without end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['an integer with idle bytes', [0x81, 0x00, 1, 0, 1, 1, 0]],
    ['an unknown kind', [1, 1, 3, 1, 1, 0]],
    ['an unknown flag', [1, 1, 0x20, 1, 1, 0]],
    ['a first entry with the term of one before', [1, 1, 0b00100, 1, 0]],
    ['a first entry with the time of one before', [1, 1, 0b01000, 1, 0]],
    ['a time given in two ways', [1, 2, 0, 1, 1, 0, 0b11100, 0]],
    ['a term that decreases', [1, 2, 0, 2, 1, 0, 0, 1, 1, 0]],
    ['term 0', [1, 1, 0, 0, 1, 0]],
    ['index 0', [0, 1, 0, 1, 1, 0]],
    ['no entries', [1, 0]]
  ])('with %s is refused', (_, block) => {
    expect(() => decodeBlock(Uint8Array.from(block))).toThrow(BlockError)
  })

  it('runs no index over 2^53', () => {
    const block = encodeBlock([{ ...entry(MAX - 1, 1, 'x'), time: 1 }])
    // The count follows the index, which takes eight bytes.
    block[8] = 2
    expect(() => decodeBlock(Uint8Array.of(...block, 0b01100, 0))).toThrow(BlockError)
  })

  it.each([
    ['nothing', []],
    ['a gap', [entry(1, 1), entry(3, 1)]],
    ['a term that decreases', [entry(1, 2), entry(2, 1)]],
    ['index 0', [entry(0, 1)]],
    ['term 0', [entry(1, 0)]],
    ['a fractional time', [{ ...entry(1, 1), time: 1.5 }]],
    ['a fractional time after a whole one', [entry(1, 1), { ...entry(2, 1), time: 1_001.5 }]],
    ['a negative time', [{ ...entry(1, 1), time: -1 }]],
    ['an index over 2^53', [entry(MAX + 1, 1)]]
  ])('is not made of %s', (_, list) => {
    expect(() => encodeBlock(list)).toThrow(BlockError)
  })
})
