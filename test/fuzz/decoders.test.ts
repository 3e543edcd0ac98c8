import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diskDecoders } from './disk-decoders.js'
import { mutated } from './mutations.js'
import { attempt, bytesUpTo, expectSame, hex, isText, refused, runs, weightOf } from './support.js'
import { wireDecoders } from './wire-decoders.js'
import type { Decoder } from './decoder.js'

/** An entry of a block takes two bytes and is an object of five fields; nothing grows more than that, beyond a few fields of its own. */
const weightAllowed = (bytes: Uint8Array): number => 256 + 8 * bytes.length

/** Whatever the bytes: it refuses them in its own words, or makes something of them that is no larger than they are and means the same when encoded again. */
function holds ({ decode, encode, refuses, canonical, made = value => value }: Decoder, bytes: Uint8Array): void {
  const before = bytes.slice()
  const value = attempt(() => decode(bytes), refuses)
  expectSame(bytes, before)
  if (value === refused) return
  expect(weightOf(made(value))).toBeLessThanOrEqual(weightAllowed(bytes))
  const again = encode(value)
  if (canonical === true) expect(hex(again)).toBe(hex(bytes))
  else if (isText(value)) expectSame(made(decode(again)), made(value))
}

describe.each([...wireDecoders, ...diskDecoders].map(of => [of.name, of] as const))('%s', (_name, of) => {
  it('comes back as it was', () => {
    fc.assert(fc.property(of.valid, bytes => {
      const value = of.decode(bytes)
      expect(hex(of.encode(value))).toBe(hex(bytes))
      holds(of, bytes)
    }), runs(100))
  })

  it('takes any bytes for what they are, or refuses them', () => {
    fc.assert(fc.property(bytesUpTo(400), bytes => { holds(of, bytes) }), runs(200))
  })

  it('takes what was mutated for what it is, or refuses it', () => {
    fc.assert(fc.property(mutated(of.valid), bytes => { holds(of, bytes) }), runs(800))
  })

  it('takes what was cut at any byte for what it is, or refuses it', () => {
    fc.assert(fc.property(of.valid, bytes => {
      for (let length = 0; length < bytes.length; length++) holds(of, bytes.subarray(0, length))
    }), runs(8))
  })
})
