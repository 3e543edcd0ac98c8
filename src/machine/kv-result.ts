import { CodecError, Reader, writeU64 } from '../storage/index.js'
import { Input, Output } from './kv-bytes.js'
import type { KvResult, KvRow, QueueItem, RefusalReason, TxnOpResult } from './kv-types.js'

export type { KvResult } from './kv-types.js'

/**
 * What the machine answers:
 *
 *   written  0, revision (8 bytes, big-endian)
 *   refused  1, reason
 *   counted  2, revision, count
 *   txn      3, revision, 1 if it succeeded, or else 0, number of results, results
 *   pushed   4, revision, sequence, 1 if fresh, or else 0
 *   taken    5, revision, number of items, items
 *
 * The answers of sessions are part of the state: what members answer must be alike to the byte, so there is no text in it, and a
 * reason never changes its number.
 */
const WRITTEN = 0
const REFUSED = 1
const COUNTED = 2
const TXN = 3
const PUSHED = 4
const TAKEN = 5

/** By number, from 1. New ones come last. */
const REASONS: readonly RefusalReason[] = [
  'unknown-command', 'malformed', 'no-such-lease', 'no-such-session', 'too-many-leases', 'lease-full', 'too-many-keys', 'session-full', 'answer-forgotten',
  'future-revision', 'queue-full', 'not-held', 'too-large', 'too-many-ranges'
]

const damaged = (what: string): CodecError => new CodecError(`a result that cannot be read: ${what}`)

export function encodeKvOk (revision: number): Uint8Array {
  const out = new Uint8Array(9)
  out[0] = WRITTEN
  writeU64(out, 1, revision)
  return out
}

export const encodeKvRefused = (reason: RefusalReason): Uint8Array => Uint8Array.of(REFUSED, REASONS.indexOf(reason) + 1)

export function encodeKvResult (result: KvResult): Uint8Array {
  if (!result.ok) return encodeKvRefused(result.reason)
  const out = new Output()
  switch (result.type) {
    case 'written': return encodeKvOk(result.revision)
    case 'counted': return out.byte(COUNTED).number(result.revision).number(result.count).finish()
    case 'txn': return out.byte(TXN).number(result.revision).byte(result.succeeded ? 1 : 0).list(result.results, one => { writeOpResult(out, one) }).finish()
    case 'pushed': return out.byte(PUSHED).number(result.revision).number(result.sequence).byte(result.fresh ? 1 : 0).finish()
    case 'taken': return out.byte(TAKEN).number(result.revision).list(result.items, item => { writeItem(out, item) }).finish()
  }
}

/**
 * What has a length is a view of `bytes`.
 *
 * @throws CodecError if these are not the bytes of a result
 */
export function decodeKvResult (bytes: Uint8Array): KvResult {
  const kind = bytes[0]
  if (kind === undefined || kind === WRITTEN || kind === REFUSED) return readShort(bytes)
  const input = new Input(bytes.subarray(1), damaged)
  const result = readLong(input, kind)
  input.end()
  return result
}

function readShort (bytes: Uint8Array): KvResult {
  const input = new Reader(bytes)
  if (input.u8() === WRITTEN) {
    const revision = input.u64()
    input.end()
    return { ok: true, type: 'written', revision }
  }
  const reason = REASONS[input.u8() - 1]
  input.end()
  if (reason === undefined) throw new CodecError('refused for a reason that this version does not know')
  return { ok: false, reason }
}

function readLong (input: Input, kind: number): KvResult {
  if (kind > TAKEN) throw new CodecError(`a result of kind ${kind}`)
  const revision = input.number()
  if (kind === COUNTED) return { ok: true, type: 'counted', revision, count: input.number() }
  if (kind === PUSHED) return { ok: true, type: 'pushed', revision, sequence: input.number(), fresh: input.flag() }
  if (kind === TAKEN) return { ok: true, type: 'taken', revision, items: input.list(LEAST_ITEM, () => readItem(input)) }
  return { ok: true, type: 'txn', revision, succeeded: input.flag(), results: input.list(1, () => readOpResult(input)) }
}

const PUT = 0
const DELETE = 1
const NOTHING = 2
const ROW = 3
const APPEND = 4

function writeOpResult (out: Output, result: TxnOpResult): void {
  if (result.type === 'put') out.byte(PUT)
  else if (result.type === 'delete') out.byte(DELETE).number(result.deleted)
  else if (result.type === 'append') out.byte(APPEND).bytes(result.key)
  else if (result.row === undefined) out.byte(NOTHING)
  else writeRow(out.byte(ROW), result.row)
}

function readOpResult (input: Input): TxnOpResult {
  const kind = input.byte()
  switch (kind) {
    case PUT: return { type: 'put' }
    case DELETE: return { type: 'delete', deleted: input.number() }
    case NOTHING: return { type: 'get', row: undefined }
    case ROW: return { type: 'get', row: readRow(input) }
    case APPEND: return { type: 'append', key: input.key() }
    default: throw damaged(`an operation's result of kind ${kind}`)
  }
}

function writeRow (out: Output, { key, value, createRevision, modRevision, version, lease }: KvRow): void {
  out.bytes(key).bytes(value).number(createRevision).number(modRevision).number(version).number(lease)
}

function readRow (input: Input): KvRow {
  return { key: input.key(), value: input.bytes(), createRevision: input.number(), modRevision: input.number(), version: input.number(), lease: input.number() }
}

const LEAST_ITEM = 4

function writeItem (out: Output, { sequence, attempts, id, value }: QueueItem): void {
  out.number(sequence).number(attempts).byte(id === undefined ? 0 : 1)
  if (id !== undefined) out.bytes(id)
  out.bytes(value)
}

function readItem (input: Input): QueueItem {
  const [sequence, attempts] = [input.number(), input.number()]
  return { sequence, attempts, ...(input.flag() ? { id: input.bytes() } : {}), value: input.bytes() }
}
