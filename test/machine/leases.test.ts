import { beforeEach, describe, expect, it } from 'vitest'
import { MAX_LEASE_KEYS, MAX_LEASE_TTL, MAX_LEASES, MIN_LEASE_TTL } from '../../src/machine/kv-types.js'
import { attachedKey, decodeLease, encodeLease, keyOfAttached, leaseIdOf, leaseKey } from '../../src/machine/leases.js'
import { byteString } from '../../src/storage/index.js'
import { bytes } from '../storage/support.js'
import { MemoryKv } from './memory-view.js'
import { kvDelete, kvPut } from './support.js'
import type { KvOp } from '../../src/machine/kv-types.js'

let kv: MemoryKv
beforeEach(() => { kv = new MemoryKv() })

const grant = (ttl = 1000): number => kv.apply({ type: 'grant', ttl }).revision
const put = (key: string, lease: number): KvOp => ({ type: 'put', key: bytes(key), value: bytes('v'), lease })
const revoke = (...leases: number[]) => kv.apply({ type: 'revoke', leases, expired: false })
const keys = (): string[] => kv.rows().map(({ key }) => Buffer.from(key).toString())
const held = (lease: number): string[] => [...kv.view.records('attached', { from: leaseKey(lease), to: leaseKey(lease + 1), limit: Infinity })].map(({ key }) => Buffer.from(keyOfAttached(key)).toString())
/** What its record counts. */
const count = (lease: number): number | undefined => {
  const value = kv.view.record('lease', leaseKey(lease))
  return value === undefined ? undefined : decodeLease(value).keys
}

describe('a lease', () => {
  it('is named by the revision of its grant', () => {
    kv.apply(kvPut('a', ''))
    const { result, granted, changes } = kv.apply({ type: 'grant', ttl: 5000 })
    expect(result).toEqual({ ok: true, type: 'written', revision: 2 })
    expect(granted).toEqual([{ id: 2, ttl: 5000 }])
    expect(changes).toEqual([])
    expect(kv.leases()).toEqual(new Map([[2, 5000]]))
  })

  it('has a ttl within bounds', () => {
    for (const ttl of [0, MIN_LEASE_TTL - 1, MAX_LEASE_TTL + 1, Number.MAX_SAFE_INTEGER]) expect(kv.apply({ type: 'grant', ttl }).result).toEqual({ ok: false, reason: 'malformed' })
    expect(kv.view.leases).toBe(0)
    for (const ttl of [MIN_LEASE_TTL, MAX_LEASE_TTL]) expect(kv.apply({ type: 'grant', ttl }).result.ok).toBe(true)
  })

  it('is one of so many', () => {
    for (let id = 1; id <= MAX_LEASES; id++) kv.view.tables.lease.set(byteString(leaseKey(1e6 + id)), encodeLease({ ttl: 1000, keys: 0 }))
    expect(kv.apply({ type: 'grant', ttl: 1000 }).result).toEqual({ ok: false, reason: 'too-many-leases' })
    revoke(1e6 + 1)
    expect(kv.apply({ type: 'grant', ttl: 1000 }).result.ok).toBe(true)
  })

  it('takes its keys with it, in their order, and only those', () => {
    const [lease, other] = [grant(), grant()]
    for (const op of [put('b', lease), put('a', lease), put('c', lease), put('d', other), kvPut('e', '')]) kv.apply(op)
    const { result, changes, ended } = revoke(lease)
    expect(result).toMatchObject({ type: 'counted', count: 1 })
    expect(changes).toEqual(['a', 'b', 'c'].map(key => ({ type: 'delete', key: bytes(key) })))
    expect(ended).toEqual([lease])
    expect(keys()).toEqual(['d', 'e'])
    expect(held(lease)).toEqual([])
    expect(kv.leases()).toEqual(new Map([[other, 1000]]))
  })

  it('is gone once: revokes count those that were there', () => {
    const [a, b] = [grant(), grant()]
    expect(revoke(a, 99, a, b).result).toMatchObject({ count: 2 })
    expect(revoke(a).result).toMatchObject({ ok: true, count: 0 })
    expect(kv.apply(put('k', a)).result).toEqual({ ok: false, reason: 'no-such-lease' })
    expect(keys()).toEqual([])
  })

  it('lets go of a key that another lease, or none, takes over, and of one that is deleted', () => {
    const [a, b] = [grant(), grant()]
    for (const key of ['1', '2', '3', '4']) kv.apply(put(key, a))
    kv.apply(put('4', a))
    expect([count(a), held(a)]).toEqual([4, ['1', '2', '3', '4']])
    kv.apply(put('1', b))
    kv.apply(kvPut('2', 'free'))
    kv.apply(kvDelete('3'))
    expect([count(a), held(a), count(b), held(b)]).toEqual([1, ['4'], 1, ['1']])
    revoke(a)
    expect(keys()).toEqual(['1', '2'])
    expect(kv.row(bytes('2'))).toMatchObject({ lease: 0, version: 2 })
    revoke(b)
    expect(keys()).toEqual(['2'])
  })

  it('holds so many keys, and a key that it holds already is no more', () => {
    const [lease, other] = [grant(), grant()]
    kv.apply({ type: 'batch', ops: Array.from({ length: MAX_LEASE_KEYS }, (_, i) => put(`k${i}`, lease)) })
    kv.apply(put('one-more', other))
    const before = kv.view.state()
    expect(kv.apply(put('one-more', lease)).result).toEqual({ ok: false, reason: 'lease-full' })
    expect(kv.apply({ type: 'txn', compare: [], then: [kvPut('x', ''), { type: 'append', prefix: bytes('p'), value: bytes(''), lease }], else: [] }).result).toEqual({ ok: false, reason: 'lease-full' })
    expect(kv.view.state()).toBe(before)
    expect(kv.apply(put('k7', lease)).result.ok).toBe(true)
    expect(kv.apply({ type: 'batch', ops: [kvDelete('k7'), put('one-more', lease)] }).result.ok).toBe(true)
    expect([count(lease), count(other)]).toEqual([MAX_LEASE_KEYS, 0])
  })

  it('is left for another revoke where those before it hold very much, but never the first', () => {
    const [small, full, last] = [grant(), grant(), grant()]
    kv.apply(put('small', small))
    kv.apply({ type: 'batch', ops: Array.from({ length: MAX_LEASE_KEYS }, (_, i) => put(`k${i}`, full)) })
    expect(revoke(small, full, last).result).toMatchObject({ count: 1 })
    expect([...kv.leases().keys()]).toEqual([full, last])
    expect(revoke(full, last).result).toMatchObject({ count: 2 })
    expect(keys()).toEqual([])
  })

  it('has records that come back as they were', () => {
    expect(decodeLease(encodeLease({ ttl: MAX_LEASE_TTL, keys: MAX_LEASE_KEYS }))).toEqual({ ttl: MAX_LEASE_TTL, keys: MAX_LEASE_KEYS })
    expect(leaseIdOf(leaseKey(2 ** 40 + 3))).toBe(2 ** 40 + 3)
    expect(keyOfAttached(attachedKey(2 ** 40, bytes('key')))).toEqual(bytes('key'))
  })
})
