import { InvalidArgumentError } from '../errors.js'
import { prefixEnd } from '../storage/index.js'
import { toBytes } from './bytes.js'
import type { KeyRange } from './api.js'
import type { KeySpan } from '../machine/types.js'

/** Keys that begin with a zero byte are recipes': whoever does not name them does not see them. */
const FIRST = Uint8Array.of(1)
const ZERO = Uint8Array.of(0)

/** @throws InvalidArgumentError */
export function toSpan ({ key, prefix, from, to }: KeyRange): KeySpan {
  const ways = [key, prefix, from ?? to].filter(way => way !== undefined).length
  if (ways > 1) throw new InvalidArgumentError('A range is one of: key, prefix, or from and to; got more than one of them')
  if (key !== undefined) {
    const bytes = toBytes(key, 'key')
    if (bytes.byteLength === 0) throw new InvalidArgumentError('The key is empty: a key has at least one byte')
    return { from: bytes, to: after(bytes) }
  }
  if (prefix !== undefined) {
    const bytes = toBytes(prefix, 'prefix')
    // Of a prefix of 0xff bytes alone, or none, there is no end.
    const hasEnd = bytes.some(byte => byte !== 0xff)
    return { from: named(bytes), ...(hasEnd ? { to: prefixEnd(bytes) } : {}) }
  }
  return { from: named(toBytes(from ?? '', 'from')), ...(to === undefined ? {} : { to: toBytes(to, 'to') }) }
}

/** The first key behind one. */
export function after (key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.byteLength + ZERO.byteLength)
  next.set(key)
  return next
}

export function isWithin (key: Uint8Array, { from, to }: KeySpan): boolean {
  return Buffer.compare(key, from) >= 0 && (to === undefined || Buffer.compare(key, to) < 0)
}

function named (from: Uint8Array): Uint8Array { return from.byteLength === 0 ? FIRST : from }
