import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { InvalidArgumentError, TooLargeError, UnavailableError, UnknownOutcomeError } from '../errors.js'
import { decodeKvCommand, decodeKvResult, encodeKvCommand } from '../machine/index.js'
import { checkKeys, checkNumber, checkOneOf, describe } from './validate.js'
import type { BatchOperation, Consistency, KeysOptions, LimitOptions, Written } from './api.js'
import type { KvCommand, KvOp, KvResult } from '../machine/index.js'

type Limits = Readonly<Required<LimitOptions>>

/** Keys asked for in one request; `keys` goes on from the last until there are no more. */
export const KEYS_PAGE = 1_000

/** Always bytes of our own: what is on its way must not change when the caller writes into what it passed. */
export function toBytes (value: unknown, what: string): Uint8Array {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (typeof value === 'string') return fromString(value)
  throw new InvalidArgumentError(`${what} must be a string or a Uint8Array, got ${describe(value)}`)
}

export function toText (bytes: Uint8Array): string {
  return toString(bytes)
}

export function checkKey (key: Uint8Array, limits: Limits): void {
  if (key.byteLength > limits.key) throw new TooLargeError(`The key has ${key.byteLength} bytes, at most ${limits.key} are allowed (limits.key)`)
}

export function checkCommand (command: unknown, limits: Limits): asserts command is Uint8Array {
  if (!(command instanceof Uint8Array)) throw new InvalidArgumentError(`The command must be a Uint8Array, got ${describe(command)}`)
  if (command.byteLength > limits.command) throw new TooLargeError(`The command has ${command.byteLength} bytes, at most ${limits.command} are allowed (limits.command)`)
}

export function toBatch (operations: unknown): Uint8Array {
  if (!Array.isArray(operations) || operations.length === 0) throw new InvalidArgumentError(`batch needs a non-empty array of operations, got ${describe(operations)}`)
  const ops = operations.map((operation: BatchOperation | undefined, i): KvOp => {
    const key = toBytes(operation?.key, `The key of operation ${i}`)
    if (key.byteLength === 0) throw new InvalidArgumentError(`The key of operation ${i} is empty: a key has at least one byte`)
    switch (operation?.type) {
      case 'set': return { type: 'put', key, value: toBytes(operation.value, `The value of operation ${i}`) }
      case 'delete': return { type: 'delete', key }
      default: throw new InvalidArgumentError(`Operation ${i} of a batch must be of type "set" or "delete", got ${describe((operation as { type?: unknown } | undefined)?.type)}`)
    }
  })
  return encodeKvCommand({ type: 'batch', ops })
}

export function toPut (key: unknown, value: unknown): Uint8Array {
  return encodeKvCommand({ type: 'put', key: toKey(key), value: toBytes(value, 'The value') })
}

export function toDelete (key: unknown): Uint8Array {
  return encodeKvCommand({ type: 'delete', key: toKey(key) })
}

export function toKey (key: unknown): Uint8Array {
  const bytes = toBytes(key, 'The key')
  if (bytes.byteLength === 0) throw new InvalidArgumentError('The key is empty: a key has at least one byte')
  return bytes
}

/** A KV command against the group's limits: where it enters the group, whoever made it. */
export function checkKvCommand (command: Uint8Array, limits: Limits): void {
  checkCommand(command, limits)
  let decoded: KvCommand
  try {
    decoded = decodeKvCommand(command)
  } catch (cause) {
    throw new InvalidArgumentError(`Not a command of the KV: ${(cause as Error).message}`, { cause })
  }
  if (decoded.type !== 'put' && decoded.type !== 'delete' && decoded.type !== 'batch') throw new InvalidArgumentError(`Not a command of the KV: ${decoded.type}`)
  const ops = decoded.type === 'batch' ? decoded.ops : [decoded]
  if (ops.length > limits.batch) throw new TooLargeError(`The batch has ${ops.length} operations, at most ${limits.batch} are allowed (limits.batch)`)
  for (const op of ops) {
    checkKey(op.key, limits)
    if (op.type === 'put' && op.value.byteLength > limits.value) throw new TooLargeError(`The value has ${op.value.byteLength} bytes, at most ${limits.value} are allowed (limits.value)`)
  }
}

/** What the KV answered to a write that took effect, or refused alike on every member. */
export function toWritten (result: Uint8Array): Written {
  const decoded = readResult(result)
  if (!decoded.ok) throw new InvalidArgumentError(`The group refused the command (${decoded.reason}): its members may run an older version`)
  return { revision: decoded.revision }
}

function readResult (result: Uint8Array): KvResult {
  try {
    return decodeKvResult(result)
  } catch (cause) {
    throw new UnknownOutcomeError(`The result of the write cannot be read (${(cause as Error).message}): it may have happened, and the peer may run an incompatible version`, { cause })
  }
}

export function resolveConsistency (consistency: unknown): Consistency {
  return checkOneOf(consistency, ['linearizable', 'lease', 'stale'], 'linearizable', 'consistency')
}

export interface ResolvedKeys { readonly prefix: Uint8Array, readonly after?: Uint8Array, readonly limit: number, readonly consistency: Consistency }

export function resolveKeys (options: KeysOptions = {}): ResolvedKeys {
  checkKeys(options, ['prefix', 'after', 'limit', 'consistency', 'signal'], 'the options of keys')
  return {
    prefix: toBytes(options.prefix ?? '', 'prefix'),
    ...(options.after === undefined ? {} : { after: toBytes(options.after, 'after') }),
    limit: checkNumber(options.limit, Infinity, 'limit', { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true }),
    consistency: resolveConsistency(options.consistency)
  }
}

export interface KeyPage { readonly keys: readonly Uint8Array[], readonly more: boolean }

/** All pages of a listing, as strings. Each page is read at its own time: keys that come and go meanwhile may or may not be in it. */
export async function allKeys (wanted: ResolvedKeys, page: (after: Uint8Array | undefined, limit: number) => Promise<KeyPage>): Promise<string[]> {
  const found: string[] = []
  let after = wanted.after
  while (found.length < wanted.limit) {
    const { keys, more } = await page(after, Math.min(KEYS_PAGE, wanted.limit - found.length))
    for (const key of keys) found.push(toText(key))
    const last = keys.at(-1)
    if (!more || last === undefined) break
    // A peer that gives the same page again and again, and says that there are more, must not keep us asking for ever.
    if (after !== undefined && Buffer.compare(last, after) <= 0) throw new UnavailableError('A peer answered with keys that do not go on from those before: it may run an incompatible version')
    after = last
  }
  return found
}
