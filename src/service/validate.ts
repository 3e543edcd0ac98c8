import { InvalidArgumentError, InvalidNamespaceError } from '../errors.js'

const NAMESPACE = /^\/raft(\/[A-Za-z0-9._-]+)+$/
const MAX_NAMESPACE_BYTES = 255

/** Throws InvalidNamespaceError unless `namespace` is `/raft/<segment>[/<segment>…]` of at most 255 bytes. */
export function checkNamespace (namespace: unknown): asserts namespace is string {
  const form = 'a namespace is /raft/<segment>[/<segment>…], segments of letters, digits, ".", "_" and "-"'
  if (typeof namespace !== 'string') throw new InvalidNamespaceError(`Namespace must be a string, got ${describe(namespace)}: ${form}`)
  // The length first: the pattern then never runs over megabytes that someone passed by mistake.
  if (namespace.length > MAX_NAMESPACE_BYTES) {
    throw new InvalidNamespaceError(`Namespace "${namespace.slice(0, 40)}…" has ${namespace.length} bytes, at most ${MAX_NAMESPACE_BYTES} are allowed: use a shorter one`)
  }
  if (!NAMESPACE.test(namespace)) throw new InvalidNamespaceError(`Namespace "${namespace}" is not valid: ${form}`)
}

/** Refuses options that nobody reads: a misspelt option that is silently ignored is a setting that silently has its default. */
export function checkKeys (value: unknown, allowed: readonly string[], what: string): void {
  if (value === undefined) return
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InvalidArgumentError(`${what} must be an object, got ${describe(value)}`)
  for (const key of Object.keys(value)) {
    if (!allowed.includes(key)) throw new InvalidArgumentError(`Unknown option "${key}" in ${what}: known are ${allowed.join(', ')}`)
  }
}

/** Of the options of a change of members or policy. */
export function checkExpectedIndex (options: { expectedIndex?: number } | undefined): number | undefined {
  checkKeys(options, ['signal', 'expectedIndex'], 'the options of a change')
  const expectedIndex = options?.expectedIndex
  if (expectedIndex !== undefined && (!Number.isSafeInteger(expectedIndex) || expectedIndex < 0)) throw new InvalidArgumentError(`expectedIndex must be an index, got ${String(expectedIndex)}`)
  return expectedIndex
}

export interface NumberRange { min: number, max: number, integer?: boolean }

/** `value`, or `fallback` where it is undefined; throws unless it is a number within the range. */
export function checkNumber (value: unknown, fallback: number, what: string, { min, max, integer = false }: NumberRange): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min || value > max || (integer && !Number.isInteger(value))) {
    throw new InvalidArgumentError(`${what} must be ${integer ? 'an integer' : 'a number'} from ${min} to ${max}, got ${describe(value)}`)
  }
  return value
}

export function checkOneOf<T extends string> (value: unknown, allowed: readonly T[], fallback: T, what: string): T {
  if (value === undefined) return fallback
  if (!allowed.includes(value as T)) throw new InvalidArgumentError(`${what} must be one of ${allowed.join(', ')}, got ${describe(value)}`)
  return value as T
}

export function checkBoolean (value: unknown, fallback: boolean, what: string): boolean {
  if (value === undefined) return fallback
  if (typeof value !== 'boolean') throw new InvalidArgumentError(`${what} must be true or false, got ${describe(value)}`)
  return value
}

/** A value in an error message: short, whatever it is. */
export function describe (value: unknown): string {
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}

/** Bytes of a key in a message. */
const MAX_KEY_SHOWN = 64

/** For people: a key may be anything. */
export function showKey (key: Uint8Array): string {
  const shown = new TextDecoder().decode(key.subarray(0, MAX_KEY_SHOWN))
  return `${JSON.stringify(shown)}${key.byteLength > MAX_KEY_SHOWN ? '…' : ''}`
}
