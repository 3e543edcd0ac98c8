import { toString } from 'uint8arrays/to-string'
import { ConflictError, InvalidArgumentError } from '../errors.js'
import { encodeKvCommand } from '../machine/index.js'
import { MAX_LEASE_TTL, MAX_RANGE_DELETE, MIN_LEASE_TTL } from '../machine/kv-types.js'
import { toBytes } from './bytes.js'
import { readResultOf, unreadable } from './kv-results.js'
import { after, toSpan } from './spans.js'
import { checkBoolean, checkKeys, checkNumber, checkOneOf, describe, showKey } from './validate.js'
import type {
  BatchOperation, Comparison, Condition, Consistency, DeleteOptions, DeleteRangeOptions, KeysOptions, ReadOptions, ScanOptions, SetOptions, Txn, TxnOperation, TxnOperationResult, TxnResult, WriteOptions
} from './api.js'
import type { Wanted } from './queries.js'
import type { Compare, KvCommand, KvOp, KvRow, TxnCommand, TxnOp, TxnOpResult } from '../machine/kv-types.js'
import type { KeySpan } from '../machine/types.js'

/** Rows asked for in one request, unless the caller says how many; and at most. */
export const PAGE = 1_000
export const MAX_PAGE = 10_000

const DEFAULT_MAX_AGE = 1_000
const DEFAULT_TTL = 10_000
const MAX_INDEX = Number.MAX_SAFE_INTEGER
const rangeKeys = ['key', 'prefix', 'from', 'to']
const writeKeys = ['signal', 'forward']
const readKeys = ['consistency', 'maxAge', 'signal']

export const encode = (command: KvCommand): Uint8Array => encodeKvCommand(command)

export function toText (bytes: Uint8Array): string {
  return toString(bytes)
}

export function toKey (key: unknown): Uint8Array {
  const bytes = toBytes(key, 'The key')
  if (bytes.byteLength === 0) throw new InvalidArgumentError('The key is empty: a key has at least one byte')
  return bytes
}

/** With a version, the else branch reads what is there, so that the refusal can say. */
export function toSet (key: unknown, value: unknown, options: SetOptions = {}): KvCommand {
  checkKeys(options, ['version', 'lease', ...writeKeys], 'the options of set')
  const { lease, version } = options
  const put: KvOp = { type: 'put', key: toKey(key), value: toBytes(value, 'The value'), ...leaseOf(lease) }
  return version === undefined ? put : ifVersion(put, version)
}

/** A transaction even where nothing is compared: it tells whether the key was there. */
export function toDelete (key: unknown, options: DeleteOptions = {}): TxnCommand {
  checkKeys(options, ['version', ...writeKeys], 'the options of delete')
  const { version } = options
  const del: KvOp = { type: 'delete', key: toKey(key) }
  return version === undefined ? { type: 'txn', compare: [], then: [del], else: [] } : ifVersion(del, version)
}

export function toDeleteRange (options: DeleteRangeOptions = {}): TxnCommand {
  checkKeys(options, [...rangeKeys, 'limit', ...writeKeys], 'the options of deleteRange')
  return { type: 'txn', compare: [], then: [deleteRange(options, 'deleteRange')], else: [] }
}

export function toBatch (operations: unknown): KvCommand {
  if (!Array.isArray(operations) || operations.length === 0) throw new InvalidArgumentError(`batch needs a non-empty array of operations, got ${describe(operations)}`)
  return { type: 'batch', ops: operations.map((operation: BatchOperation | undefined, i) => batchOp(operation, `operation ${i}`, 'Operation ' + String(i) + ' of a batch must be of type "set" or "delete"')) }
}

export function toTxn (txn: Txn): TxnCommand {
  checkKeys(txn, ['compare', 'then', 'else'], 'a transaction')
  return {
    type: 'txn',
    compare: list(txn.compare, 'compare').flatMap((comparison, i) => compares(comparison as Comparison, `comparison ${i}`)),
    then: list(txn.then, 'then').map((op, i) => txnOp(op as TxnOperation, `operation ${i} of then`)),
    else: list(txn.else, 'else').map((op, i) => txnOp(op as TxnOperation, `operation ${i} of else`))
  }
}

export function readTxn (result: Uint8Array, { then, else: otherwise }: TxnCommand): TxnResult {
  const { revision, succeeded, results } = readResultOf('txn', result)
  const ops = succeeded ? then : otherwise
  if (results.length !== ops.length) throw unreadable(`${results.length} results for ${ops.length} operations`)
  return { revision, succeeded, results: results.map((one, i) => readOp(one, ops[i])) }
}

/** Of a set or delete under a condition. @throws ConflictError that says what was found */
export function checkHeld ({ succeeded, results: [found] }: TxnResult, key: Uint8Array, expected: number | undefined): void {
  if (succeeded || expected === undefined) return
  const version = found?.type === 'get' ? found.row?.version ?? 0 : undefined
  const is = version === 0 ? 'is not there' : `is at version ${version}`
  throw new ConflictError(`${showKey(key)} ${is}, and ${expected === 0 ? 'was to be new' : `version ${expected} was expected`}: nothing was written; read it again`)
}

export function deletedBy ({ results: [result] }: TxnResult): number {
  return result?.type === 'delete' || result?.type === 'deleteRange' ? result.deleted : 0
}

export function toCompact (revision: unknown): KvCommand {
  return { type: 'compact', revision: index(revision, 'revision') }
}

export function toGrant (ttl: unknown): KvCommand & { type: 'grant' } {
  return { type: 'grant', ttl: checkNumber(ttl, DEFAULT_TTL, 'ttl', { min: MIN_LEASE_TTL, max: MAX_LEASE_TTL, integer: true }) }
}

export function checkLease (lease: unknown): number {
  if (!Number.isSafeInteger(lease) || (lease as number) < 1) throw new InvalidArgumentError(`A lease is the number that grant resolved with, got ${describe(lease)}`)
  return lease as number
}

export function resolveConsistency (consistency: unknown): Consistency {
  return checkOneOf(consistency, ['linearizable', 'lease', 'bounded', 'stale'], 'linearizable', 'consistency')
}

/** Of a write that has no options of its own. */
export function checkWrite (options: WriteOptions | undefined, what: string): void {
  checkKeys(options, writeKeys, `the options of ${what}`)
}

export function resolveRead (options: ReadOptions = {}): Wanted {
  checkKeys(options, readKeys, 'the options of a read')
  return freshness(options)
}

function freshness ({ consistency, maxAge }: ReadOptions): Wanted {
  const wanted = { consistency: resolveConsistency(consistency), maxAge: checkNumber(maxAge, DEFAULT_MAX_AGE, 'maxAge', { min: 0, max: 2 ** 31 }) }
  if (maxAge !== undefined && wanted.consistency !== 'bounded') throw new InvalidArgumentError('maxAge goes with consistency "bounded"')
  return wanted
}

export interface ResolvedScan extends Wanted { readonly span: KeySpan, readonly limit: number, readonly keysOnly: boolean, readonly reverse: boolean }

export function resolveScan (options: ScanOptions = {}): ResolvedScan {
  checkKeys(options, [...rangeKeys, 'after', 'limit', 'keysOnly', 'reverse', ...readKeys], 'the options of scan')
  const reverse = checkBoolean(options.reverse, false, 'reverse')
  return {
    ...freshness(options),
    span: options.after === undefined ? toSpan(options) : beyond(toSpan(options), toBytes(options.after, 'after'), reverse),
    limit: checkNumber(options.limit, PAGE, 'limit', { min: 1, max: MAX_PAGE, integer: true }),
    keysOnly: checkBoolean(options.keysOnly, false, 'keysOnly'),
    reverse
  }
}

/** What is left of a span behind a key, in the direction of the scan. */
export function beyond (span: KeySpan, key: Uint8Array, reverse: boolean): KeySpan {
  if (reverse) return { ...span, to: span.to === undefined || Buffer.compare(key, span.to) < 0 ? key : span.to }
  const next = after(key)
  return { ...span, from: Buffer.compare(next, span.from) > 0 ? next : span.from }
}

export interface ResolvedKeys extends Wanted { readonly span: KeySpan, readonly limit: number }

export function resolveKeys (options: KeysOptions = {}): ResolvedKeys {
  checkKeys(options, ['prefix', 'after', 'limit', ...readKeys], 'the options of keys')
  const span = toSpan({ prefix: options.prefix ?? '' })
  return {
    ...freshness(options),
    span: options.after === undefined ? span : beyond(span, toBytes(options.after, 'after'), false),
    limit: checkNumber(options.limit, Infinity, 'limit', { min: 0, max: MAX_INDEX, integer: true })
  }
}

function ifVersion (op: KvOp, version: unknown): TxnCommand {
  return { type: 'txn', compare: [{ target: 'version', key: op.key, relation: '=', operand: index(version, 'version') }], then: [op], else: [{ type: 'get', key: op.key }] }
}

function batchOp (operation: BatchOperation | undefined, what: string, kinds: string): KvOp {
  const type: unknown = operation?.type
  if (operation === undefined || (type !== 'set' && type !== 'delete')) throw new InvalidArgumentError(`${kinds}, got ${describe(type)}`)
  checkKeys(operation, type === 'set' ? ['type', 'key', 'value', 'lease'] : ['type', 'key'], what)
  const key = toBytes(operation.key, `The key of ${what}`)
  if (key.byteLength === 0) throw new InvalidArgumentError(`The key of ${what} is empty: a key has at least one byte`)
  return operation.type === 'set' ? { type: 'put', key, value: toBytes(operation.value, `The value of ${what}`), ...leaseOf(operation.lease) } : { type: 'delete', key }
}

function txnOp (op: TxnOperation, what: string): TxnOp {
  switch (op?.type) {
    case 'get':
      checkKeys(op, ['type', 'key'], what)
      return { type: 'get', key: toKey(op.key) }
    case 'deleteRange':
      checkKeys(op, ['type', ...rangeKeys, 'limit'], what)
      return deleteRange(op, what)
    case 'append':
      checkKeys(op, ['type', 'prefix', 'value', 'lease'], what)
      return { type: 'append', prefix: toBytes(op.prefix, `The prefix of ${what}`), value: toBytes(op.value, `The value of ${what}`), ...leaseOf(op.lease) }
    default:
      return batchOp(op, what, `${what} must be of type "set", "delete", "get", "deleteRange" or "append"`)
  }
}

function deleteRange ({ key, prefix, from, to, limit }: DeleteRangeOptions, what: string): TxnOp {
  // By a variable that holds nothing, everything would be deleted.
  if ([key, prefix, from, to].every(bound => bound === undefined)) throw new InvalidArgumentError(`${what} needs a range: key, prefix, or from and to; { prefix: '' } is all keys`)
  const span = toSpan({ key, prefix, from, to })
  return { type: 'delete-range', ...span, ...(limit === undefined ? {} : { limit: checkNumber(limit, 0, 'limit', { min: 1, max: MAX_RANGE_DELETE, integer: true }) }) }
}

const targets = { version: 'version', createRevision: 'create', modRevision: 'mod', lease: 'lease' } as const
const relations = { is: '=', not: '!=', above: '>', below: '<' } as const

function compares (comparison: Comparison, what: string): Compare[] {
  checkKeys(comparison, ['key', 'exists', 'value', ...Object.keys(targets)], what)
  const key = toKey((comparison as Comparison | undefined)?.key)
  const found: Compare[] = []
  if (comparison.exists !== undefined) found.push({ target: 'version', key, relation: checkBoolean(comparison.exists, true, `exists of ${what}`) ? '>' : '=', operand: 0 })
  for (const [name, target] of Object.entries(targets)) {
    const condition = comparison[name as keyof typeof targets]
    if (condition !== undefined) for (const [relation, operand] of conditions(condition, `${name} of ${what}`)) found.push({ target, key, relation, operand })
  }
  if (comparison.value !== undefined) found.push({ target: 'value', key, relation: '=', operand: toBytes(comparison.value, `The value of ${what}`) })
  // It would hold whatever is there, which nobody means.
  if (found.length === 0) throw new InvalidArgumentError(`${what} compares nothing: give exists, version, createRevision, modRevision, lease or value`)
  return found
}

function conditions (condition: Condition, what: string): Array<['=' | '!=' | '>' | '<', number]> {
  const bounds = typeof condition === 'number' ? { is: condition } : condition
  checkKeys(bounds, Object.keys(relations), what)
  return Object.entries(bounds).map(([name, operand]) => [relations[name as keyof typeof relations], index(operand, what)])
}

function readOp (result: TxnOpResult, op: TxnOp): TxnOperationResult {
  if (result.type !== (op.type === 'delete-range' ? 'delete' : op.type)) throw unreadable(`"${result.type}" for "${op.type}"`)
  switch (result.type) {
    case 'put': return { type: 'set' }
    case 'delete': return { type: op.type === 'delete-range' ? 'deleteRange' : 'delete', deleted: result.deleted }
    case 'get': return { type: 'get', row: result.row === undefined ? undefined : copyOfRow(result.row) }
    case 'append': return { type: 'append', key: new Uint8Array(result.key) }
  }
}

/** What the state machine holds must not change under it when a caller writes into what it got. */
export function copyOfRow (row: KvRow): KvRow { return { ...row, key: new Uint8Array(row.key), value: new Uint8Array(row.value) } }

function index (value: unknown, what: string): number {
  if (value === undefined) throw new InvalidArgumentError(`${what} must be given`)
  return checkNumber(value, 0, what, { min: 0, max: MAX_INDEX, integer: true })
}

function leaseOf (lease: unknown): { lease?: number } { return lease === undefined || lease === 0 ? {} : { lease: checkLease(lease) } }

function list (value: unknown, what: string): unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new InvalidArgumentError(`${what} of a transaction must be an array, got ${describe(value)}`)
  return value
}
