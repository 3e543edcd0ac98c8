import type { Input, Output } from './kv-bytes.js'
import type { Compare, KvOp, TxnCommand, TxnOp } from './kv-types.js'

/**
 * Operations of a batch:
 *
 *   put           1, key length, key, value length, value
 *   delete        2, key length, key
 *   put           4, lease, key length, key, value length, value: one with a lease
 *
 * and those that only a transaction has:
 *
 *   get           5, key length, key
 *   delete-range  6, flags (1: `to` is there, 2: `limit` is), from length, from, to length, to, limit
 *   append        7, lease or 0, prefix length, prefix, value length, value
 *
 * A transaction: number of comparisons, comparisons, number of operations if they hold, operations, number if they don't, operations.
 * A comparison: target and relation in one byte, key length, key, then a number, or length and value.
 */
const PUT = 1
const DELETE = 2
const PUT_LEASED = 4
const GET = 5
const DELETE_RANGE = 6
const APPEND = 7

const LEAST_OP = 3
const LEAST_COMPARE = 4

/** The place of an operation is two bytes of the key that it may append. */
const MAX_OPS = 0x1_0000

const TARGETS = ['version', 'create', 'mod', 'lease', 'value'] as const
const RELATIONS = ['=', '!=', '<', '>'] as const

export function writeOp (out: Output, op: KvOp): void {
  if (op.type === 'delete') out.byte(DELETE).bytes(op.key)
  else if ((op.lease ?? 0) === 0) out.byte(PUT).bytes(op.key).bytes(op.value)
  else out.byte(PUT_LEASED).number(op.lease ?? 0).bytes(op.key).bytes(op.value)
}

export function readOp (input: Input): KvOp {
  return readPutOrDelete(input, input.byte())
}

export function writeTxn (out: Output, txn: TxnCommand): Output {
  const write = (op: TxnOp): void => { writeTxnOp(out, op) }
  return out.list(txn.compare, compare => { writeCompare(out, compare) }).list(txn.then, write).list(txn.else, write)
}

export function readTxn (input: Input): TxnCommand {
  const ops = (): TxnOp[] => input.list(LEAST_OP, () => readTxnOp(input), MAX_OPS)
  return { type: 'txn', compare: input.list(LEAST_COMPARE, () => readCompare(input), MAX_OPS), then: ops(), else: ops() }
}

function writeTxnOp (out: Output, op: TxnOp): void {
  if (op.type === 'get') out.byte(GET).bytes(op.key)
  else if (op.type === 'append') out.byte(APPEND).number(op.lease ?? 0).bytes(op.prefix).bytes(op.value)
  else if (op.type === 'delete-range') {
    out.byte(DELETE_RANGE).byte((op.to !== undefined ? 1 : 0) + (op.limit !== undefined ? 2 : 0)).bytes(op.from)
    if (op.to !== undefined) out.bytes(op.to)
    if (op.limit !== undefined) out.number(op.limit)
  } else writeOp(out, op)
}

function readTxnOp (input: Input): TxnOp {
  const tag = input.byte()
  switch (tag) {
    case GET: return { type: 'get', key: input.key() }
    case APPEND: {
      const lease = input.number()
      return { type: 'append', prefix: input.key(), value: input.bytes(), ...(lease === 0 ? {} : { lease }) }
    }
    case DELETE_RANGE: {
      const flags = input.byte()
      if (flags > 3) throw input.fail(`flags ${flags} of a range`)
      const from = input.bytes()
      return { type: 'delete-range', from, ...((flags & 1) !== 0 ? { to: input.bytes() } : {}), ...((flags & 2) !== 0 ? { limit: input.number() } : {}) }
    }
    default: return readPutOrDelete(input, tag)
  }
}

function readPutOrDelete (input: Input, tag: number): KvOp {
  switch (tag) {
    case PUT: return { type: 'put', key: input.key(), value: input.bytes() }
    case DELETE: return { type: 'delete', key: input.key() }
    case PUT_LEASED: {
      const lease = input.number()
      if (lease === 0) throw input.fail('lease 0')
      return { type: 'put', key: input.key(), value: input.bytes(), lease }
    }
    default: throw input.fail(`an operation ${tag}`)
  }
}

function writeCompare (out: Output, compare: Compare): void {
  out.byte(TARGETS.indexOf(compare.target) * RELATIONS.length + RELATIONS.indexOf(compare.relation)).bytes(compare.key)
  if (compare.target === 'value') out.bytes(compare.operand)
  else out.number(compare.operand)
}

function readCompare (input: Input): Compare {
  const kind = input.byte()
  const target = TARGETS[Math.floor(kind / RELATIONS.length)]
  const relation = RELATIONS[kind % RELATIONS.length]
  if (target === undefined) throw input.fail(`a comparison of kind ${kind}`)
  const key = input.key()
  if (target !== 'value') return { target, key, relation, operand: input.number() }
  if (relation !== '=') throw input.fail('a value that is compared in order')
  return { target, key, relation, operand: input.bytes() }
}
