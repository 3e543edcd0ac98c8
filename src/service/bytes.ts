import { fromString } from 'uint8arrays/from-string'
import { InvalidArgumentError } from '../errors.js'
import { describe } from './validate.js'

/** Always bytes of our own: what is on its way must not change when the caller writes into what it passed. */
export function toBytes (value: unknown, what: string): Uint8Array {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (typeof value === 'string') return fromString(value)
  throw new InvalidArgumentError(`${what} must be a string or a Uint8Array, got ${describe(value)}`)
}
