import { beforeEach, describe, expect, it } from 'vitest'
import { MAX_RANGE_DELETE, MAX_TXN_RANGES, MAX_TXN_READ } from '../../src/machine/kv-types.js'
import { bytes } from '../storage/support.js'
import { MemoryKv } from './memory-view.js'
import { kvDelete, kvPut } from './support.js'
import type { Compare, KvOp, KvRow, TxnOp } from '../../src/machine/kv-types.js'
import type { Applied } from './memory-view.js'

const text = (value: Uint8Array): string => Buffer.from(value).toString()
const plain = ({ key, value, ...row }: KvRow): object => ({ key: text(key), value: text(value), ...row })
const all = (kv: MemoryKv): object[] => kv.rows().map(plain)
const keys = (kv: MemoryKv): string[] => kv.rows().map(({ key }) => text(key))

let kv: MemoryKv
beforeEach(() => { kv = new MemoryKv() })

const txn = (then: readonly TxnOp[], compare: readonly Compare[] = [], otherwise: readonly TxnOp[] = []): Applied => kv.apply({ type: 'txn', compare, then, else: otherwise })
const results = ({ result }: Applied): unknown => result.ok && result.type === 'txn' ? result.results : result
const refusedAs = (reason: string) => ({ ok: false, reason })

/** Refused, and not a trace of it. */
function expectRefused (reason: string, apply: () => Applied): void {
  const before = kv.view.state()
  const { result, changes } = apply()
  expect(result).toEqual(refusedAs(reason))
  expect(changes).toEqual([])
  expect(kv.view.touched).toBe(false)
  expect(kv.view.state()).toBe(before)
}

describe('a put', () => {
  it('makes a key at version 1, and counts on until it is deleted and made anew', () => {
    kv.apply(kvPut('k', 'a'))
    kv.apply(kvPut('other', 'x'))
    expect(kv.apply(kvPut('k', 'b')).result).toEqual({ ok: true, type: 'written', revision: 3 })
    expect(plain(kv.row(bytes('k')) as KvRow)).toEqual({ key: 'k', value: 'b', createRevision: 1, modRevision: 3, version: 2, lease: 0 })
    kv.apply(kvDelete('k'))
    kv.apply(kvPut('k', 'c'))
    expect(plain(kv.row(bytes('k')) as KvRow)).toEqual({ key: 'k', value: 'c', createRevision: 5, modRevision: 5, version: 1, lease: 0 })
  })

  it('says what it changed; a delete of nothing changes nothing', () => {
    expect(kv.apply(kvPut('k', 'a')).changes.map(event => event.type)).toEqual(['put'])
    expect(kv.apply(kvDelete('k')).changes).toEqual([{ type: 'delete', key: bytes('k') }])
    const { result, changes } = kv.apply(kvDelete('k'))
    expect(result).toEqual({ ok: true, type: 'written', revision: 3 })
    expect(changes).toEqual([])
  })
})

describe('a batch', () => {
  it('is done in order, at one revision, each key told of once', () => {
    kv.apply(kvPut('a', '0'))
    const ops: KvOp[] = [kvPut('a', '1'), kvDelete('a'), kvPut('b', '1'), kvPut('b', '2'), kvPut('gone', '1'), kvDelete('gone')]
    const { changes } = kv.apply({ type: 'batch', ops })
    expect(changes.map(event => event.type === 'put' ? `${text(event.row.key)}=${text(event.row.value)}` : `-${text(event.key)}`)).toEqual(['-a', 'b=2'])
    expect(all(kv)).toEqual([{ key: 'b', value: '2', createRevision: 2, modRevision: 2, version: 2, lease: 0 }])
  })

  it('is all or nothing', () => {
    kv.apply(kvPut('a', '0'))
    expectRefused('no-such-lease', () => kv.apply({ type: 'batch', ops: [kvPut('a', '1'), kvDelete('a'), { type: 'put', key: bytes('b'), value: bytes(''), lease: 77 }] }))
  })
})

describe('a transaction', () => {
  it('compares with the state before it, a key that is not there with 0', () => {
    const lease = kv.apply({ type: 'grant', ttl: 1000 }).revision
    kv.apply({ type: 'put', key: bytes('k'), value: bytes('v1'), lease })
    kv.apply({ type: 'put', key: bytes('k'), value: bytes('v2'), lease })
    const holds = (compare: Omit<Compare, 'key'>, key = 'k'): boolean => {
      const { result } = txn([], [{ ...compare, key: bytes(key) } as Compare])
      return result.ok && result.type === 'txn' && result.succeeded
    }
    const numbers = { version: 2, create: 2, mod: 3, lease: 1 } as const
    for (const [target, is] of Object.entries(numbers)) {
      for (const [key, number] of [['k', is], ['none', 0]] as const) {
        for (const operand of [0, number - 1, number, number + 1].filter(n => n >= 0)) {
          const says = (relation: Compare['relation']): boolean => holds({ target, relation, operand } as Omit<Compare, 'key'>, key)
          expect([says('='), says('!='), says('<'), says('>')], `${target} of ${key} and ${operand}`).toEqual([number === operand, number !== operand, number < operand, number > operand])
        }
      }
    }
    expect(holds({ target: 'value', relation: '=', operand: bytes('v2') })).toBe(true)
    expect(holds({ target: 'value', relation: '=', operand: bytes('v1') })).toBe(false)
    expect(holds({ target: 'value', relation: '=', operand: bytes('') }, 'none')).toBe(false)
  })

  it('does the one or the other', () => {
    const isNew: Compare = { target: 'version', key: bytes('k'), relation: '=', operand: 0 }
    const apply = (): Applied => txn([kvPut('k', 'mine')], [isNew], [{ type: 'get', key: bytes('k') }])
    expect(apply().result).toEqual({ ok: true, type: 'txn', revision: 1, succeeded: true, results: [{ type: 'put' }] })
    const second = apply()
    expect(second.result).toMatchObject({ ok: true, type: 'txn', revision: 2, succeeded: false, results: [{ type: 'get', row: { modRevision: 1, value: bytes('mine') } }] })
    expect(second.changes).toEqual([])
    // All must hold, not some.
    expect(txn([], [{ ...isNew, relation: '>' }, isNew]).result).toMatchObject({ succeeded: false })
  })

  it('lets later operations see what earlier ones did', () => {
    kv.apply(kvPut('p/1', 'x'))
    const get = (key: string): TxnOp => ({ type: 'get', key: bytes(key) })
    expect(results(txn([
      kvPut('p/2', 'y'), kvPut('p/2', 'z'), get('p/2'), kvDelete('p/1'), get('p/1'), kvDelete('p/1'), { type: 'delete-range', from: bytes('p/'), to: bytes('p0') }, get('p/2'), kvPut('p/2', 'again'), get('p/2')
    ]))).toMatchObject([
      { type: 'put' }, { type: 'put' }, { row: { version: 2, value: bytes('z') } }, { type: 'delete', deleted: 1 }, { row: undefined }, { type: 'delete', deleted: 0 },
      { type: 'delete', deleted: 1 }, { row: undefined }, { type: 'put' }, { row: { version: 1, createRevision: 2, value: bytes('again') } }
    ])
  })

  it('appends under a key that is greater than any before: revision, then its place among the operations', () => {
    const append = (value: string): TxnOp => ({ type: 'append', prefix: bytes('q/'), value: bytes(value) })
    const done = txn([append('first'), kvPut('a', ''), append('second')])
    expect(results(done)).toMatchObject([{ key: Uint8Array.of(...bytes('q/'), 0, 0, 0, 0, 0, 0, 0, 1, 0, 0) }, {}, { key: Uint8Array.of(...bytes('q/'), 0, 0, 0, 0, 0, 0, 0, 1, 0, 2) }])
    txn([append('third')])
    expect(kv.rows({ from: bytes('q/') }).map(({ value }) => text(value))).toEqual(['first', 'second', 'third'])
  })

  it('deletes ranges: all of it, the first so many, to the end, and nothing of another', () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) kv.apply(kvPut(key, ''))
    expect(results(txn([{ type: 'delete-range', from: bytes('b'), to: bytes('e'), limit: 2 }]))).toEqual([{ type: 'delete', deleted: 2 }])
    expect(keys(kv)).toEqual(['a', 'd', 'e'])
    expect(results(txn([{ type: 'delete-range', from: bytes('b'), to: bytes('b') }, { type: 'delete-range', from: bytes('x'), to: bytes('a') }, { type: 'delete-range', from: bytes('a'), limit: 0 }]))).toEqual([0, 0, 0].map(deleted => ({ type: 'delete', deleted })))
    expect(results(txn([{ type: 'delete-range', from: bytes('b') }]))).toEqual([{ type: 'delete', deleted: 2 }])
    expect(keys(kv)).toEqual(['a'])
  })

  it('deletes the first so many of what is there at that point', () => {
    for (const key of ['a', 'b', 'c', 'd']) kv.apply(kvPut(key, ''))
    const first: TxnOp = { type: 'delete-range', from: bytes('a'), to: bytes('z'), limit: 1 }
    expect(results(txn([kvDelete('a'), kvPut('aa', ''), first, first]))).toEqual([{ type: 'delete', deleted: 1 }, { type: 'put' }, { type: 'delete', deleted: 1 }, { type: 'delete', deleted: 1 }])
    expect(keys(kv)).toEqual(['c', 'd'])
  })

  it('is bounded in the keys that its ranges delete, together, and in the ranges', () => {
    const ops = Array.from({ length: MAX_RANGE_DELETE }, (_, i) => kvPut(`k${10_000 + i}`, ''))
    kv.apply({ type: 'batch', ops: [...ops, kvPut('k9', '')] })
    const range = (limit?: number): TxnOp => ({ type: 'delete-range', from: bytes('k'), to: bytes('l'), ...(limit === undefined ? {} : { limit }) })
    expectRefused('too-many-keys', () => txn([range()]))
    expectRefused('too-many-keys', () => txn([range(MAX_RANGE_DELETE), range(1)]))
    expectRefused('too-many-keys', () => txn([range(MAX_RANGE_DELETE + 1)]))
    expectRefused('too-many-ranges', () => txn(Array.from({ length: MAX_TXN_RANGES + 1 }, () => range(0))))
    expect(results(txn([range(MAX_RANGE_DELETE)]))).toEqual([{ type: 'delete', deleted: MAX_RANGE_DELETE }])
    expect(keys(kv)).toEqual(['k9'])
  })

  it('is bounded in what it reads, beyond one row, however large', () => {
    kv.apply({ type: 'put', key: bytes('big'), value: new Uint8Array(MAX_TXN_READ + 1) })
    kv.apply({ type: 'put', key: bytes('half'), value: new Uint8Array(MAX_TXN_READ / 2) })
    const get = (key: string): TxnOp => ({ type: 'get', key: bytes(key) })
    expect(results(txn([get('none'), get('big')]))).toMatchObject([{ row: undefined }, { row: { version: 1 } }])
    expectRefused('too-large', () => txn([kvPut('a', ''), get('half'), get('half')]))
    expectRefused('too-large', () => txn([get('big'), get('big')]))
  })
})

describe('compaction', () => {
  it('goes on only, and not beyond what there is', () => {
    kv.apply(kvPut('a', ''))
    expect(kv.apply({ type: 'compact', revision: 2 }).result).toEqual({ ok: true, type: 'written', revision: 2 })
    expect(kv.view.compacted).toBe(2)
    kv.apply({ type: 'compact', revision: 1 })
    expect(kv.view.compacted).toBe(2)
    expectRefused('future-revision', () => kv.apply({ type: 'compact', revision: 5 }))
  })
})
