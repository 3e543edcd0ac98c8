import { InvalidArgumentError } from '../errors.js'

const MAX_NAME_BYTES = 255
const encoder = new TextEncoder()

/**
 * `\0<kind>/<name>\0`: what all keys of one lock, election or the like begin with. A name holds no zero byte, so the one behind it keeps the
 * keys of `a` apart from those of `a/b`.
 */
export function ownPrefix (kind: string, name: unknown): Uint8Array {
  return encoder.encode(`\0${kind}/${checkName(name, 'The name')}\0`)
}

export function checkName (name: unknown, what: string): string {
  if (typeof name !== 'string' || name === '') throw new InvalidArgumentError(`${what} must be a string that is not empty, got ${typeof name === 'string' ? '""' : typeof name}`)
  if (name.includes('\0')) throw new InvalidArgumentError(`${what} must not hold a zero byte`)
  // Half of a surrogate pair is encoded as every other half: two names would be one.
  if (!name.isWellFormed()) throw new InvalidArgumentError(`${what} must be well-formed: it holds half of a surrogate pair`)
  // Three bytes for each unit at most: no megabytes are encoded to find that they are too many.
  const bytes = name.length > MAX_NAME_BYTES ? name.length : encoder.encode(name).byteLength
  if (bytes > MAX_NAME_BYTES) throw new InvalidArgumentError(`${what} has ${bytes} bytes, at most ${MAX_NAME_BYTES} are allowed`)
  return name
}

/** Refuses options that nobody reads: a misspelt one would silently have its default. */
export function checkOptions (options: unknown, allowed: readonly string[], what: string): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null || Array.isArray(options)) throw new InvalidArgumentError(`The options of ${what} must be an object`)
  for (const key of Object.keys(options)) {
    if (!allowed.includes(key)) throw new InvalidArgumentError(`Unknown option "${key}" of ${what}: known are ${allowed.join(', ')}`)
  }
}

export function checkCount (value: unknown, max: number, what: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) throw new InvalidArgumentError(`${what} must be an integer from 1 to ${max}, got ${String(value)}`)
  return value
}

/** `prefix`, then the number as 8 bytes, big-endian: keys in the order of the numbers. */
export function numberedKey (prefix: Uint8Array, number: number): Uint8Array {
  const key = new Uint8Array(prefix.byteLength + 8)
  key.set(prefix)
  new DataView(key.buffer).setBigUint64(prefix.byteLength, BigInt(number))
  return key
}

export function sameBytes (a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i])
}

/** For maps by key: each byte is one unit. */
export function keyText (key: Uint8Array): string {
  return Buffer.from(key).toString('latin1')
}
