import { concat, equalBytes, u64 } from '../storage/index.js'
import { MAX_RANGE_DELETE, MAX_TXN_RANGES, MAX_TXN_READ } from './kv-types.js'
import { deleteKey, dropRow, putKey } from './write-row.js'
import type { Compare, KvOp, KvResult, Moment, RefusalReason, TxnCommand, TxnOp, TxnOpResult, View } from './kv-types.js'

/**
 * Operations in order, each seeing what those before it did. One that is refused refuses them all: the caller drops what the view was told
 * (see {@link View.attempt}).
 */
export function runBatch (view: View, ops: readonly KvOp[], moment: Moment): KvResult {
  for (const op of ops) {
    if (op.type === 'delete') deleteKey(view, op.key)
    else {
      const reason = putKey(view, op, moment)
      if (reason !== undefined) return { ok: false, reason }
    }
  }
  return { ok: true, type: 'written', revision: moment.revision }
}

/** As {@link runBatch}, after comparisons with the state before. */
export function runTxn (view: View, { compare, then, else: otherwise }: TxnCommand, moment: Moment): KvResult {
  lookAtRanges(view, then)
  lookAtRanges(view, otherwise)
  const succeeded = compare.every(one => holds(view, one))
  const run = new TxnRun(view, moment)
  const results: TxnOpResult[] = []
  for (const op of succeeded ? then : otherwise) {
    const result = run.next(op)
    if (typeof result === 'string') return { ok: false, reason: result }
    results.push(result)
  }
  return { ok: true, type: 'txn', revision: moment.revision, succeeded, results }
}

/**
 * Each range that is not in memory makes the command begin anew: so before it does anything, or 32 ranges cost 32 times its work. Of more keys than
 * a command deletes, no more are looked at.
 */
function lookAtRanges (view: View, ops: readonly TxnOp[]): void {
  const ranges = ops.filter(op => op.type === 'delete-range').slice(0, MAX_TXN_RANGES)
  // Alone, it is as well asked for where it is needed.
  if (ranges.length < 2) return
  let found = 0
  for (const { from, to, limit = Infinity } of ranges) {
    if (found > MAX_RANGE_DELETE) return
    found += view.rows({ from, to, limit: Math.min(limit, MAX_RANGE_DELETE + 1), outline: true }).length
  }
}

function holds (view: View, compare: Compare): boolean {
  const row = view.row(compare.key)
  if (compare.target === 'value') return row !== undefined && equalBytes(row.value, compare.operand)
  const numbers = { version: row?.version ?? 0, create: row?.createRevision ?? 0, mod: row?.modRevision ?? 0, lease: row?.lease ?? 0 }
  const number = numbers[compare.target]
  switch (compare.relation) {
    case '=': return number === compare.operand
    case '!=': return number !== compare.operand
    case '<': return number < compare.operand
    case '>': return number > compare.operand
  }
}

class TxnRun {
  #place = 0
  #ranges = 0
  #deleted = 0
  #read = 0

  constructor (readonly view: View, readonly moment: Moment) {}

  next (op: TxnOp): TxnOpResult | RefusalReason {
    const place = this.#place++
    switch (op.type) {
      case 'put': return putKey(this.view, op, this.moment) ?? { type: 'put' }
      case 'delete': return { type: 'delete', deleted: deleteKey(this.view, op.key) ? 1 : 0 }
      case 'get': return this.#get(op.key)
      case 'delete-range': return this.#deleteRange(op)
      case 'append': {
        const key = concat(op.prefix, u64(this.moment.revision), Uint8Array.of(place >>> 8, place & 0xff))
        return putKey(this.view, { key, value: op.value, lease: op.lease }, this.moment) ?? { type: 'append', key }
      }
    }
  }

  /** Every member holds the answer in memory: the same large value, read ten thousand times over, would stop them all, and again at each replay. */
  #get (key: Uint8Array): TxnOpResult | RefusalReason {
    const row = this.view.row(key)
    const first = this.#read === 0
    if (row !== undefined) this.#read += row.key.length + row.value.length
    return this.#read > MAX_TXN_READ && !first ? 'too-large' : { type: 'get', row }
  }

  /** The bounds are on all ranges of a command together. */
  #deleteRange ({ from, to, limit = Infinity }: Extract<TxnOp, { type: 'delete-range' }>): TxnOpResult | RefusalReason {
    if (++this.#ranges > MAX_TXN_RANGES) return 'too-many-ranges'
    const left = MAX_RANGE_DELETE - this.#deleted
    const rows = this.view.rows({ from, to, limit: Math.min(limit, left + 1), outline: true })
    if (rows.length > left) return 'too-many-keys'
    for (const { key, lease } of rows) dropRow(this.view, key, lease)
    this.#deleted += rows.length
    return { type: 'delete', deleted: rows.length }
  }
}
