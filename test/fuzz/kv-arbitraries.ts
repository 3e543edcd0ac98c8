import fc from 'fast-check'
import { encodeKvCommand } from '../../src/machine/kv-command.js'
import { MAX_SESSION_SECRET } from '../../src/machine/kv-types.js'
import { count } from './arbitraries.js'
import { bytesUpTo } from './support.js'
import type { Compare, KvChange, KvCommand, KvEvent, KvOp, KvResult, KvRow, QueueCommand, QueueItem, RefusalReason, TxnOp, TxnOpResult } from '../../src/machine/kv-types.js'

const key = fc.uint8Array({ minLength: 1, maxLength: 20 })
const value = bytesUpTo(200)
const some = fc.integer({ min: 1, max: 300 })
const lease = fc.oneof(some, fc.maxSafeNat().map(id => id + 1 > Number.MAX_SAFE_INTEGER ? id : id + 1))
const type = <T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name)

const op: fc.Arbitrary<KvOp> = fc.oneof(
  fc.record({ type: type('put'), key, value }), fc.record({ type: type('put'), key, value, lease }), fc.record({ type: type('delete'), key }))

const txnOp: fc.Arbitrary<TxnOp> = fc.oneof(
  op,
  fc.record({ type: type('get'), key }),
  fc.record({ type: type('delete-range'), from: bytesUpTo(20), to: bytesUpTo(20), limit: count }, { requiredKeys: ['type', 'from'] }),
  fc.record({ type: type('append'), prefix: key, value, lease }, { requiredKeys: ['type', 'prefix', 'value'] }))

const compare: fc.Arbitrary<Compare> = fc.oneof(
  fc.record({ target: fc.constantFrom('version', 'create', 'mod', 'lease'), key, relation: fc.constantFrom('=', '!=', '<', '>'), operand: count }),
  fc.record({ target: type('value'), key, relation: type('='), operand: value }))

const queue = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(name => !name.includes('\0'))
const items = fc.array(count, { maxLength: 6 })

const queueCommand: fc.Arbitrary<QueueCommand> = fc.oneof(
  fc.record({ type: type('queue-push'), queue, id: bytesUpTo(20), value }, { requiredKeys: ['type', 'queue', 'value'] }),
  fc.record({ type: type('queue-take'), queue, limit: count, visibility: count }),
  fc.record({ type: fc.constantFrom('queue-ack', 'queue-release'), queue, lease: count, items }),
  fc.record({ type: type('queue-release'), queue, lease: count, items, untried: fc.constant(true) }),
  fc.record({ type: type('queue-redrive'), queue, limit: count }),
  fc.record({ type: type('queue-discard'), queue, items }),
  fc.record({ type: type('queue-configure'), queue, maxAttempts: count, maxLength: count, dedupe: count }, { requiredKeys: ['type', 'queue'] }))

const plainCommand: fc.Arbitrary<KvCommand> = fc.oneof(
  op, fc.record({ type: type('batch'), ops: fc.array(op, { maxLength: 8 }) }),
  fc.record({ type: type('txn'), compare: fc.array(compare, { maxLength: 4 }), then: fc.array(txnOp, { maxLength: 6 }), else: fc.array(txnOp, { maxLength: 4 }) }),
  fc.record({ type: type('grant'), ttl: count }),
  fc.record({ type: type('revoke'), leases: fc.array(lease, { maxLength: 6 }), expired: fc.boolean() }),
  fc.record({ type: type('compact'), revision: count }),
  queueCommand)

/** Of all kinds; each can be encoded. */
export const kvCommand: fc.Arbitrary<KvCommand> = fc.oneof(
  { arbitrary: plainCommand, weight: 9 },
  {
    weight: 2,
    arbitrary: fc.tuple(lease, count, count, fc.option(fc.uint8Array({ minLength: 1, maxLength: MAX_SESSION_SECRET }), { nil: undefined }), plainCommand)
      .map(([lease, a, b, secret, command]): KvCommand => ({ type: 'session', lease, sequence: Math.max(a, b), acknowledged: Math.min(a, b), ...(secret === undefined ? {} : { secret }), command: encodeKvCommand(command) }))
  })

const row: fc.Arbitrary<KvRow> = fc.record({ key, value, createRevision: count, modRevision: count, version: count, lease: count })

const opResult: fc.Arbitrary<TxnOpResult> = fc.oneof(
  fc.record({ type: type('put') }), fc.record({ type: type('delete'), deleted: count }), fc.record({ type: type('append'), key }),
  fc.record({ type: type('get'), row: fc.option(row, { nil: undefined }) }))

const item: fc.Arbitrary<QueueItem> = fc.record({ sequence: count, attempts: count, id: bytesUpTo(20), value }, { requiredKeys: ['sequence', 'attempts', 'value'] })
const ok = fc.constant(true as const)

export const refusals: readonly RefusalReason[] = [
  'unknown-command', 'malformed', 'no-such-lease', 'no-such-session', 'too-many-leases', 'lease-full', 'too-many-keys', 'session-full', 'answer-forgotten',
  'future-revision', 'queue-full', 'not-held', 'too-large', 'too-many-ranges'
]

export const kvResult: fc.Arbitrary<KvResult> = fc.oneof(
  fc.record({ ok, type: type('written'), revision: count }),
  fc.record({ ok, type: type('counted'), revision: count, count }),
  fc.record({ ok, type: type('txn'), revision: count, succeeded: fc.boolean(), results: fc.array(opResult, { maxLength: 6 }) }),
  fc.record({ ok, type: type('pushed'), revision: count, sequence: count, fresh: fc.boolean() }),
  fc.record({ ok, type: type('taken'), revision: count, items: fc.array(item, { maxLength: 5 }) }),
  fc.constantFrom(...refusals).map((reason): KvResult => ({ ok: false, reason })))

/** As they stand in history: each row was written by its change. */
export const kvChanges: fc.Arbitrary<KvChange[]> = fc.uniqueArray(fc.tuple(some, fc.array(fc.oneof(
  key.map((key): KvEvent => ({ type: 'delete', key })),
  fc.record({ key, value, createRevision: count, version: count, lease: count }).map((row): KvEvent => ({ type: 'put', row: { ...row, modRevision: 0 } }))
), { maxLength: 4 })), { maxLength: 5, selector: ([revision]) => revision }).map(list => list.sort(([a], [b]) => a - b).map(([revision, events]) => ({
  revision, events: events.map(event => event.type === 'put' ? { type: 'put', row: { ...event.row, modRevision: revision } } : event)
})))
