import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect } from 'vitest'

const asked = Number(process.env.FUZZ_RUNS)

/** Fixed seeds, so that a run of the suite is the same run everywhere. FUZZ_RUNS asks for that many runs of every property, by a seed of their own. */
export function runs (count: number): { numRuns: number, seed?: number } {
  return Number.isSafeInteger(asked) && asked > 0 ? { numRuns: asked } : { numRuns: count, seed: 20_260_117 }
}

/** How many of something that is no property to do: more when more runs are asked for. */
export function times (count: number): number {
  return Number.isSafeInteger(asked) && asked > 0 ? Math.max(count, asked) : count
}

export type ErrorClass = abstract new (...args: never[]) => Error

// A decoder that wraps whatever it catches would pass with a bug behind every refusal: these are never a decoder's own words.
const accidents: readonly ErrorClass[] = [TypeError, ReferenceError, EvalError]

/** Far beyond what says where and why: a message that repeats what it was given is a way to fill a log. */
const MAX_MESSAGE = 2_000

/** The refusal is of a class that its callers know, was meant, and says in words what was wrong. */
export function expectRefusal (error: unknown, kinds: readonly ErrorClass[]): void {
  if (!(error instanceof Error) || !kinds.some(kind => error instanceof kind)) throw new Error(`refused with what callers do not expect: ${String(error)}`, { cause: error })
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (accidents.some(kind => cause instanceof kind) || /call stack|Invalid (array|string|typed array) length/.test(cause.message)) throw new Error(`refused by accident: ${cause.message}`, { cause: error })
  }
  expect(error.message).toMatch(/\w+ .*\w+/s)
  // "got undefined" is what somebody passed; anywhere else it is what somebody forgot.
  expect(error.message.replaceAll(/got (undefined|NaN)/g, '')).not.toMatch(/\[object |undefined|NaN/)
  expect(error.message.length).toBeLessThanOrEqual(MAX_MESSAGE)
}

export const refused = Symbol('refused')

/** What it decodes to, or {@link refused}. */
export function attempt<T> (decode: () => T, kinds: readonly ErrorClass[]): T | typeof refused {
  try {
    return decode()
  } catch (error) {
    expectRefusal(error, kinds)
    return refused
  }
}

export async function attemptAsync<T> (decode: () => Promise<T>, kinds: readonly ErrorClass[]): Promise<T | typeof refused> {
  try {
    return await decode()
  } catch (error) {
    expectRefusal(error, kinds)
    return refused
  }
}

/** Bytes, characters, and one for each object, element and field: what is held because of a value, within a small factor. */
export function weightOf (value: unknown): number {
  if (value instanceof Uint8Array) return 1 + value.byteLength
  if (typeof value === 'string') return 1 + value.length
  if (typeof value !== 'object' || value === null) return 1
  let weight = 1
  for (const part of Array.isArray(value) ? value : Object.values(value)) weight += weightOf(part)
  return weight
}

/** All strings in it are text. protobuf's decoder makes half characters of bytes that are no UTF-8, and those have no bytes to be encoded to. */
export function isText (value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true
  return Object.values(value).every(isText)
}

/** All numbers in it are safe integers of 0 or more. */
export function hasSafeNumbers (value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true
  return Object.values(value).every(hasSafeNumbers)
}

/** Deeply equal, and not by `toEqual`, which takes a second for a message of a megabyte. */
export function expectSame (got: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(got, expected)) expect(got).toEqual(expected)
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

export const bytesUpTo = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength, size: 'max' })
