import { InvalidArgumentError } from '../errors.js'
import type { Value } from './types.js'

/** Always bytes of our own: what is on its way must not change when the caller writes into what it passed. */
export function toBytes (value: Value, what: string): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value)
  if (value instanceof Uint8Array) return new Uint8Array(value)
  throw new InvalidArgumentError(`${what} must be a string or a Uint8Array, got ${value === null ? 'null' : typeof value}`)
}

export function numberIn (value: unknown, min: number, max: number, what: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidArgumentError(`${what} must be an integer from ${min} to ${max}, got ${String(value)}`)
  }
  return value
}

/** A string that is not empty, as bytes. */
export function toId (id: unknown, max: number, what: string): Uint8Array {
  if (typeof id !== 'string' || id === '') throw new InvalidArgumentError(`${what} must be a string that is not empty, got ${id === '' ? '""' : typeof id}`)
  // Half of a surrogate pair is encoded as every other half: two ids would be one.
  if (!id.isWellFormed()) throw new InvalidArgumentError(`${what} must be well-formed: it holds half of a surrogate pair`)
  // Three bytes for each unit at most: no megabytes are encoded to find that they are too many.
  const bytes = id.length > max ? undefined : new TextEncoder().encode(id)
  if (bytes === undefined || bytes.length > max) throw new InvalidArgumentError(`${what} has ${(bytes ?? id).length} bytes, at most ${max} are allowed`)
  return bytes
}
