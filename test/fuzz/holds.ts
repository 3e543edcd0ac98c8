import { expect } from 'vitest'
import { attempt, expectSame, hasSafeNumbers, hex, isText, refused, weightOf } from './support.js'
import type { Decoder } from './decoder.js'

/** An entry of a block takes two bytes and is an object of five fields; nothing grows more than that, beyond a few fields of its own. */
const weightAllowed = (bytes: Uint8Array): number => 256 + 8 * bytes.length

/** Whatever the bytes: it refuses them in its own words, or makes something of them that is no larger than they are and means the same when encoded again. */
export function holds ({ decode, encode, refuses, canonical, sound, made = value => value }: Decoder, bytes: Uint8Array): void {
  const before = bytes.slice()
  const value = attempt(() => decode(bytes), refuses)
  expectSame(bytes, before)
  if (value === refused) return
  expect(weightOf(made(value))).toBeLessThanOrEqual(weightAllowed(bytes))
  expect(hasSafeNumbers(value)).toBe(true)
  expect(sound?.(value) ?? true).toBe(true)
  const again = encode(value)
  if (canonical === true) expect(hex(again)).toBe(hex(bytes))
  else if (isText(value)) expectSame(made(decode(again)), made(value))
}
