import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeKvCommand } from '../../src/machine/kv-command.js'
import { decodeKvResult } from '../../src/machine/kv-result.js'
import { attachedKey, decodeLease, leaseIdOf } from '../../src/machine/leases.js'
import { byteString } from '../../src/storage/index.js'
import { random } from '../storage/support.js'
import { KvModel } from './kv-model.js'
import { MemoryKv, MemoryView } from './memory-view.js'
import type { Compare, KvOp, KvRow, TxnOp } from '../../src/machine/kv-types.js'
import type { ModelCommand } from './kv-model.js'

const key = fc.constantFrom('a', 'ab', 'b', 'c', '\0x').map(name => new Uint8Array(Buffer.from(name)))
const value = fc.constantFrom('', '1', '2').map(text => new Uint8Array(Buffer.from(text)))
/** Every run begins with three grants: 1 to 3 are leases until they are revoked, and later ones come by chance. */
const lease = fc.integer({ min: 1, max: 6 })
const small = fc.integer({ min: 0, max: 8 })
const type = <T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name)

const op: fc.Arbitrary<KvOp> = fc.oneof(fc.record({ type: type('put'), key, value }), fc.record({ type: type('put'), key, value, lease }), fc.record({ type: type('delete'), key }))
const txnOp: fc.Arbitrary<TxnOp> = fc.oneof(
  { arbitrary: op, weight: 3 }, fc.record({ type: type('get'), key }), fc.record({ type: type('append'), prefix: key, value, lease }, { requiredKeys: ['type', 'prefix', 'value'] }),
  fc.record({ type: type('delete-range'), from: key, to: key, limit: fc.nat(3) }, { requiredKeys: ['type', 'from'] }))
const compare: fc.Arbitrary<Compare> = fc.oneof(
  fc.record({ target: fc.constantFrom('version', 'create', 'mod', 'lease'), key, relation: fc.constantFrom('=', '!=', '<', '>'), operand: small }),
  fc.record({ target: type('value'), key, relation: type('='), operand: value }))
const txn = fc.record({ type: type('txn'), compare: fc.array(compare, { maxLength: 2 }), then: fc.array(txnOp, { maxLength: 5 }), else: fc.array(txnOp, { maxLength: 5 }) })
const inner = fc.oneof(
  { arbitrary: op, weight: 4 }, { arbitrary: fc.record({ type: type('batch'), ops: fc.array(op, { maxLength: 5 }) }), weight: 2 }, { arbitrary: txn, weight: 4 },
  fc.record({ type: type('grant'), ttl: fc.constant(1000) }), fc.record({ type: type('revoke'), leases: fc.array(lease, { maxLength: 3 }), expired: fc.boolean() }),
  fc.record({ type: type('compact'), revision: fc.nat(40) }))
/** Of few numbers, so that copies come late and acknowledgements out of order. */
const session = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(5), fc.nat(5), fc.nat(7), inner)
  .map(([lease, a, b, other, command]): ModelCommand => ({ type: 'session', lease, sequence: Math.max(a, b), acknowledged: Math.min(a, b), ...(other === 0 ? { secret: Uint8Array.of(1) } : {}), command }))
const filled: ModelCommand = { type: 'batch', ops: ['a', 'ab', 'b', 'c'].map(name => ({ type: 'put', key: new Uint8Array(Buffer.from(name)), value: Uint8Array.of(0) })) }
const grant: ModelCommand = { type: 'grant', ttl: 1000 }
const commands = fc.array(fc.oneof<Array<fc.Arbitrary<ModelCommand>>>(inner, session), { maxLength: 40 }).map(list => [grant, grant, grant, filled, ...list])

const bytesOf = (command: ModelCommand): Uint8Array => encodeKvCommand(command.type === 'session' ? { ...command, command: encodeKvCommand(command.command) } : command)

/** What must hold of every state, whatever led to it: leases and rows say the same of each other. */
function expectSound ({ tables }: MemoryView): void {
  const attached = [...tables.row.values()].filter(row => row.lease !== 0).map(row => byteString(attachedKey(row.lease, row.key)))
  expect([...tables.attached.keys()].sort()).toEqual(attached.sort())
  for (const [name, record] of tables.lease) {
    const id = leaseIdOf(new Uint8Array(Buffer.from(name, 'latin1')))
    expect(decodeLease(record).keys, `keys of lease ${id}`).toBe([...tables.row.values()].filter(row => row.lease === id).length)
  }
  for (const name of tables.answer.keys()) expect(tables.lease.has(name.slice(0, 8)), 'a lease for each answer').toBe(true)
}

const sorted = (rows: Iterable<KvRow>): KvRow[] => [...rows].sort((a, b) => byteString(a.key) < byteString(b.key) ? -1 : 1)

describe('the machine, beside a plain model of it', () => {
  it('answers alike, and comes to the same state', () => {
    fc.assert(fc.property(commands, list => {
      const [kv, model] = [new MemoryKv(), new KvModel()]
      for (const command of list) {
        const { result, changes } = kv.apply(bytesOf(command))
        expect(result).toEqual(model.apply(command))
        expect(kv.rows()).toEqual(sorted(model.state.rows.values()))
        expect(kv.leases()).toEqual(model.state.leases)
        expect(kv.view.compacted).toBe(model.state.compacted)
        expectSound(kv.view)
        if (!result.ok && command.type !== 'session') expect(kv.view.touched).toBe(false)
        if (!result.ok) expect(changes).toEqual([])
      }
    }), { numRuns: 500, seed: 1 })
  })

  it('tells of each change: whoever follows them has the same rows', () => {
    fc.assert(fc.property(commands, list => {
      const kv = new MemoryKv()
      const followed = new Map<string, KvRow>()
      for (const command of list) {
        const { changes, revision } = kv.apply(bytesOf(command))
        const names = changes.map(event => byteString(event.type === 'put' ? event.row.key : event.key))
        expect(new Set(names).size).toBe(names.length)
        for (const event of changes) {
          if (event.type === 'delete') expect(followed.delete(byteString(event.key)), 'it was there').toBe(true)
          else {
            expect(event.row.modRevision).toBe(revision)
            followed.set(byteString(event.row.key), event.row)
          }
        }
        expect(sorted(followed.values())).toEqual(kv.rows())
      }
    }), { numRuns: 200, seed: 2 })
  })
})

class Missing {}

describe('a view that does not have everything at hand', () => {
  it('is all or nothing: a command that is stopped anywhere and run again comes to the same place', () => {
    fc.assert(fc.property(commands, fc.integer(), (list, seed) => {
      const next = random(seed)
      let thrown = 0
      const kv = new MemoryKv(new MemoryView(() => {
        if (next() > 0.1) return
        thrown++
        throw new Missing()
      }))
      const calm = new MemoryKv()
      const insistent = (bytes: Uint8Array): Uint8Array => {
        for (;;) {
          const before = kv.view.state()
          try {
            return kv.apply(bytes).answer
          } catch (error) {
            expect(error).toBeInstanceOf(Missing)
            expect(kv.view.state()).toBe(before)
          }
        }
      }
      for (const command of list) expect(insistent(bytesOf(command))).toEqual(calm.apply(bytesOf(command)).answer)
      expect(kv.view.state()).toBe(calm.view.state())
      if (list.length > 20) expect(thrown).toBeGreaterThan(0)
    }), { numRuns: 200, seed: 3 })
  })
})

describe('any bytes', () => {
  it('are answered, whatever they are, and refused ones change nothing', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.tuple(fc.integer({ min: 0, max: 24 }), fc.uint8Array({ maxLength: 40 })).map(([tag, rest]) => Uint8Array.of(tag, ...rest)))
    fc.assert(fc.property(fc.array(fc.oneof(bytes, fc.oneof<Array<fc.Arbitrary<ModelCommand>>>(inner, session).map(bytesOf)), { maxLength: 30 }), list => {
      const kv = new MemoryKv()
      for (const raw of [bytesOf(grant), ...list]) {
        const { answer, changes } = kv.apply(raw)
        const result = decodeKvResult(answer)
        if (!result.ok) expect(changes).toEqual([])
        expectSound(kv.view)
      }
    }), { numRuns: 300, seed: 5 })
  })
})
