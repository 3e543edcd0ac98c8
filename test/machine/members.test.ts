import { describe, expect, it } from 'vitest'
import { KvMachine } from '../../src/machine/kv-machine.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { encodeKvCommand } from '../../src/machine/kv-command.js'
import { bytes, random } from '../storage/support.js'
import { contents, entry, hex, ManualTimers, metaAt, noop, pieces, stateOf } from './support.js'
import { MemoryKv } from './memory-view.js'
import type { KvMachineOptions } from '../../src/machine/kv-machine.js'
import type { KvCommand, TxnOp } from '../../src/machine/kv-types.js'
import type { Entry } from '../../src/raft/types.js'

const all = { from: new Uint8Array(0) }
/** Few keys, leases that hold several of them and end together, queues, sessions and ranges: commands that meet. */
function log (seed: number, length: number): Entry[] {
  const next = random(seed)
  const pick = (n: number): number => Math.floor(next() * n)
  const key = (): Uint8Array => bytes(`k${pick(14)}`)
  const grants: number[] = []
  const granted = (): number => grants.at(-1 - pick(3)) ?? 1
  const lease = (): number => next() < 0.4 ? 0 : granted()
  const grant = (i: number): KvCommand => {
    grants.push(i)
    return { type: 'grant', ttl: 1000 }
  }
  const txnOp = (i: number): TxnOp => {
    const d = pick(7)
    if (d < 2) return { type: 'put', key: key(), value: bytes('v' + String(i)), lease: lease() }
    if (d === 2) return { type: 'delete', key: key() }
    if (d === 3) return { type: 'get', key: key() }
    if (d === 4) return { type: 'append', prefix: bytes('k'), value: bytes('a'), lease: lease() }
    const [a, b] = [pick(14), pick(14)]
    return { type: 'delete-range', from: bytes(`k${a}`), to: next() < 0.2 ? undefined : bytes(`k${b}`), ...(next() < 0.5 ? { limit: 1 + pick(4) } : {}) }
  }
  const command = (i: number, deep = false): KvCommand => {
    const d = pick(deep ? 17 : 20)
    if (d < 4) return { type: 'put', key: key(), value: bytes('v' + String(i)), lease: lease() }
    if (d === 4) return { type: 'delete', key: key() }
    if (d < 8) return { type: 'txn', compare: next() < 0.3 ? [{ target: 'version', key: key(), relation: '>', operand: pick(3) }] : [], then: Array.from({ length: pick(5) }, () => txnOp(i)), else: Array.from({ length: pick(3) }, () => txnOp(i)) }
    if (d === 8 || i < 4) return grant(i)
    if (d === 9) return { type: 'revoke', leases: Array.from({ length: pick(4) }, granted), expired: true }
    if (d === 10) return { type: 'batch', ops: Array.from({ length: pick(5) }, () => ({ type: 'put' as const, key: key(), value: bytes('b'), lease: lease() })) }
    if (d === 11) return next() < 0.3 ? { type: 'compact', revision: Math.max(0, i - pick(60)) } : grant(i)
    if (d === 12) return { type: 'queue-push', queue: 'q', value: bytes('x'), ...(next() < 0.5 ? { id: bytes('i' + String(pick(6))) } : {}) }
    if (d === 13) return { type: 'queue-take', queue: 'q', limit: 1 + pick(4), visibility: 1000 }
    if (d === 14) return { type: next() < 0.5 ? 'queue-ack' : 'queue-release', queue: 'q', lease: Math.max(1, i - pick(10)), items: [] }
    if (d === 15) return next() < 0.5 ? { type: 'queue-redrive', queue: 'q', limit: 3 } : { type: 'queue-configure', queue: 'q', maxAttempts: 2, maxLength: 20, dedupe: pick(5) }
    if (d === 16) return { type: 'revoke', leases: Array.from({ length: 5 }, () => Math.max(1, i - pick(20))), expired: true }
    const sequence = pick(10)
    return { type: 'session', lease: granted(), sequence, acknowledged: Math.min(sequence, pick(10)), command: encodeKvCommand(command(i, true)) }
  }
  return Array.from({ length }, (_, i) => next() < 0.03 ? noop(i + 1) : entry(i + 1, command(i + 1)))
}
/** All there is, in small steps, its properties in one order. */
const history = async (m: KvMachine): Promise<string> => {
  const found: unknown[] = []
  for (let from = m.compacted + 1; from <= m.revision;) {
    const { changes, next } = await m.changes({ span: all, from, maxBytes: 200 })
    found.push(...changes)
    expect(next).toBeGreaterThan(from)
    from = next
  }
  return told(found)
}
const told = (found: readonly unknown[]): string =>
  JSON.stringify(found, (_, v) => v instanceof Uint8Array ? Buffer.from(v).toString('latin1') : v !== null && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v as object).sort()) : v)

const open = async (store: MemoryOrderedStore, options: Partial<KvMachineOptions>): Promise<KvMachine> => {
  const machine = new KvMachine({ store, namespace: '/raft/kv', clock: new ManualTimers(), ...options })
  await machine.open()
  return machine
}

describe('members', () => {
  it('do what the commands say: the same as the functions of the commands do over plain maps', async () => {
    let refusedMidway = 0
    for (let seed = 1; seed <= 12; seed++) {
      const plain = await open(new MemoryOrderedStore(), { flushRows: 7 })
      const maps = new MemoryKv()
      for (const one of log(seed, 160)) {
        const answers = await plain.apply([one])
        if (one.kind === 'noop') {
          maps.revision++
          continue
        }
        const { answer, result } = maps.apply(one.data, one.time)
        expect(hex(answers), `seed ${seed}, at ${one.index}`).toEqual(hex([answer]))
        if (!result.ok && result.reason === 'no-such-lease') refusedMidway++
      }
      expect(await contents(plain), `seed ${seed}`).toEqual(maps.rows().map(({ key, value }) => [Buffer.from(key).toString(), Buffer.from(value).toString()]))
      expect(await history(plain), `seed ${seed}`).toBe(told(maps.history.filter(({ revision }) => revision > plain.compacted)))
      expect([...plain.leases()].sort(), `seed ${seed}`).toEqual([...maps.leases()].sort())
    }
    expect(refusedMidway).toBeGreaterThan(10)
  })

  it('come to the same answers, state and history, whatever is in their memory, and whenever they flush, restart or take a snapshot', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const entries = log(seed, 160)
      const next = random(seed * 7 + 1)
      const few = (): Partial<KvMachineOptions> => ({ flushRows: 1 + Math.floor(next() * 9) })
      const plain = await open(new MemoryOrderedStore(), { flushRows: 1e9, flushBytes: 1e9, maxPendingRows: 1e9 })
      let store = new MemoryOrderedStore({ beforeWrite: async () => { if (next() < 0.5) await new Promise(resolve => setImmediate(resolve)) } })
      let other = await open(store, few())
      for (let at = 0; at < entries.length;) {
        const page = entries.slice(at, at + 1 + Math.floor(next() * 12))
        const expected = hex(await plain.apply(page))
        expect(hex(await other.apply(page)), `seed ${seed}, after ${at}`).toEqual(expected)
        at += page.length
        const dice = next()
        if (dice < 0.2) await other.flush()
        else if (dice < 0.3) {
          store = store.crash()
          other = await open(store, few())
          await other.apply(entries.slice(other.appliedIndex, at))
        } else if (dice < 0.38) {
          store = next() < 0.5 ? store.crash() : new MemoryOrderedStore()
          other = await open(store, few())
          const restore = await other.prepareRestore(pieces(await stateOf(plain), 50), metaAt(at))
          await store.batch(restore.ops, { sync: true })
          await restore.commit()
        }
        if (next() < 0.5) continue
        expect(await stateOf(other), `seed ${seed}, at ${at}`).toBe(await stateOf(plain))
        expect(await history(other), `seed ${seed}, at ${at}`).toBe(await history(plain))
        expect([...other.leases()].sort()).toEqual([...plain.leases()].sort())
      }
    }
  })
})
