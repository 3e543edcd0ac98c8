import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedFrameError, StoreCorruptError } from '../../src/errors.js'
import { decodeKvCommand, encodeKvCommand, KvCommandError, Refused } from '../../src/machine/kv-command.js'
import { decodeKvResult, encodeKvOk, encodeKvRefused, encodeKvResult } from '../../src/machine/kv-result.js'
import { decodeMeta, decodeRow, encodeMeta, encodeRow } from '../../src/machine/kv-rows.js'
import { decodeKvSnapshot, encodeKvSnapshot } from '../../src/machine/kv-snapshot.js'
import { CodecError } from '../../src/storage/index.js'
import { kvCommand, kvResult } from '../fuzz/kv-arbitraries.js'
import { bytes, collect, random, stream } from '../storage/support.js'
import { kvDelete, kvPut } from './support.js'
import type { KvCommand } from '../../src/machine/kv-command.js'
import type { KvRow } from '../../src/machine/kv-types.js'
import type { KvItem } from '../../src/machine/kv-snapshot.js'

const plain = (command: KvCommand): unknown => JSON.parse(JSON.stringify(command, (_, value: unknown) => value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value))

describe('KV commands', () => {
  const big = { type: 'put', key: bytes('k'.repeat(300)), value: new Uint8Array(20_000).fill(7) } as const
  it.each<[string, KvCommand]>([
    ['a put', kvPut('key', 'value')], ['an empty value', kvPut('k', '')], ['a delete', kvDelete('key')], ['long ones', big],
    ['a batch', { type: 'batch', ops: [kvPut('a', '1'), kvDelete('b'), big, kvPut('a', '')] }], ['an empty batch', { type: 'batch', ops: [] }]
  ])('come back as they were: %s', (_, command) => {
    expect(plain(decodeKvCommand(encodeKvCommand(command)))).toEqual(plain(command))
  })

  it('are as short as can be', () => {
    expect([...encodeKvCommand(kvPut('ab', 'c'))]).toEqual([1, 2, 0x61, 0x62, 0x63])
    expect([...encodeKvCommand(kvDelete('ab'))]).toEqual([2, 0x61, 0x62])
    expect([...encodeKvCommand({ type: 'batch', ops: [kvPut('a', 'b'), kvDelete('c')] })]).toEqual([3, 2, 1, 1, 0x61, 1, 0x62, 2, 1, 0x63])
  })

  it('stand in the log as they are described', () => {
    const [k, v] = [bytes('k'), bytes('v')]
    expect([...encodeKvCommand({ type: 'put', key: k, value: v, lease: 300 })]).toEqual([4, 0xac, 2, 1, 0x6b, 0x76])
    // Without a lease it is as it ever was.
    expect([...encodeKvCommand({ type: 'put', key: k, value: v, lease: 0 })]).toEqual([1, 1, 0x6b, 0x76])
    expect([...encodeKvCommand({
      type: 'txn',
      compare: [{ target: 'mod', key: k, relation: '>', operand: 5 }, { target: 'value', key: k, relation: '=', operand: v }],
      then: [{ type: 'get', key: k }, { type: 'delete-range', from: k, limit: 9 }],
      else: [{ type: 'append', prefix: k, value: v, lease: 7 }]
    })]).toEqual([5, 2, 11, 1, 0x6b, 5, 16, 1, 0x6b, 1, 0x76, 2, 5, 1, 0x6b, 6, 2, 1, 0x6b, 9, 1, 7, 7, 1, 0x6b, 1, 0x76])
    expect([...encodeKvCommand({ type: 'grant', ttl: 1000 })]).toEqual([6, 0xe8, 7])
    expect([...encodeKvCommand({ type: 'revoke', leases: [3, 4], expired: true })]).toEqual([7, 1, 2, 3, 4])
    expect([...encodeKvCommand({ type: 'compact', revision: 2 ** 53 - 1 })]).toEqual([8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf])
    expect([...encodeKvCommand({ type: 'session', lease: 1, sequence: 3, acknowledged: 2, command: encodeKvCommand(kvDelete('k')) })]).toEqual([9, 1, 3, 2, 0, 2, 0x6b])
    expect([...encodeKvCommand({ type: 'session', lease: 1, sequence: 3, acknowledged: 2, secret: Uint8Array.of(7, 8), command: encodeKvCommand(kvDelete('k')) })]).toEqual([9, 1, 3, 2, 2, 7, 8, 2, 0x6b])
    expect([...encodeKvCommand({ type: 'queue-take', queue: 'q', limit: 2, visibility: 100 })]).toEqual([18, 1, 0x71, 2, 100])
    expect([...encodeKvCommand({ type: 'queue-release', queue: 'q', lease: 7, items: [3], untried: true })]).toEqual([24, 1, 0x71, 7, 1, 3])
    expect([...encodeKvCommand({ type: 'queue-configure', queue: 'q', maxAttempts: 3, dedupe: 0 })]).toEqual([22, 1, 0x71, 5, 3, 0])
  })

  it('come back as they were, of every kind', () => {
    fc.assert(fc.property(kvCommand, command => { expect(decodeKvCommand(encodeKvCommand(command))).toEqual(command) }), { numRuns: 1000, seed: 6 })
  })

  it('are refused when malformed, for a reason that is the same everywhere', () => {
    const reason = (...raw: number[]): Refused | undefined => {
      try {
        decodeKvCommand(Uint8Array.from(raw))
      } catch (error) {
        expect(error).toBeInstanceOf(KvCommandError)
        return (error as KvCommandError).reason
      }
      return undefined
    }
    expect(reason(250, 1, 2)).toBe(Refused.unknownCommand)
    expect(reason(0)).toBe(Refused.unknownCommand)
    for (const raw of [
      [], [1], [1, 5, 0x61], [1, 0, 0x61], [2], [3], [3, 1], [3, 200], [3, 1, 9, 1, 0x61], [3, 1, 1, 1, 0x61], [3, 1, 1, 1, 0x61, 9],
      [3, 0, 0], [3, 1, 2, 1, 0x61, 0], [1, 0x81, 0x00, 0x61], [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [3, 0xff, 0xff, 0xff, 0xff, 0x7f]
    ]) expect(reason(...raw), String(raw)).toBe(Refused.malformed)
    expect(reason(1, 1, 0x61)).toBeUndefined()
  })

  it('never make anything but a command or a KvCommandError of random bytes', () => {
    const next = random(5)
    for (let i = 0; i < 3000; i++) {
      const raw = Uint8Array.from({ length: Math.floor(next() * 24) }, (_, at) => at === 0 ? Math.floor(next() * 25) : Math.floor(next() * 256))
      try {
        // Whatever is accepted has one form only.
        expect(Buffer.from(encodeKvCommand(decodeKvCommand(raw))).toString('hex')).toBe(Buffer.from(raw).toString('hex'))
      } catch (error) {
        expect(error).toBeInstanceOf(KvCommandError)
      }
    }
  })
})

describe('KV results', () => {
  it('come back as they were', () => {
    for (const revision of [1, 255, 256, 0xffff_ffff, 0x1_0000_0000, 0x1234_5678_9abc, Number.MAX_SAFE_INTEGER]) expect(decodeKvResult(encodeKvOk(revision))).toEqual({ ok: true, type: 'written', revision })
    expect(decodeKvResult(encodeKvRefused(Refused.unknownCommand))).toEqual({ ok: false, reason: 'unknown-command' })
    expect(decodeKvResult(encodeKvRefused(Refused.malformed))).toEqual({ ok: false, reason: 'malformed' })
  })

  it('come back as they were, of every kind', () => {
    fc.assert(fc.property(kvResult, result => { expect(decodeKvResult(encodeKvResult(result))).toEqual(result) }), { numRuns: 500, seed: 7 })
  })

  it('are refused when they are none', () => {
    for (const raw of [[], [0], [0, 1, 2], [2], [1], [1, 0], [1, 15], [1, 1, 1], [0, 0xff, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 1, 1]]) expect(() => decodeKvResult(Uint8Array.from(raw))).toThrow(CodecError)
  })
})

describe('KV rows', () => {
  const row = (key: string, value: Uint8Array, revision: number): KvRow => ({ key: bytes(key), value, createRevision: revision, modRevision: revision + 1, version: 2, lease: 5 })

  it('come back as they were, and are refused for any flipped bit or under another key', () => {
    const key = bytes('key')
    const kept = row('key', bytes('value'), 0x1_0000_0007)
    const stored = encodeRow(kept)
    expect(decodeRow('/raft/x', key, stored)).toEqual(kept)
    for (let bit = 0; bit < stored.length * 8; bit++) {
      const flipped = stored.slice()
      flipped[bit >> 3] ^= 1 << (bit & 7)
      expect(() => decodeRow('/raft/x', key, flipped)).toThrow(StoreCorruptError)
    }
    expect(() => decodeRow('/raft/x', bytes('kez'), stored)).toThrow(StoreCorruptError)
    for (let length = 0; length < stored.length; length++) expect(() => decodeRow('/raft/x', key, stored.slice(0, length))).toThrow(StoreCorruptError)
  })

  it('keep generation, applied index and how far history is compacted', () => {
    const meta = { generation: 7, applied: 2 ** 40, compacted: 12 }
    expect(decodeMeta('/raft/x', encodeMeta(meta))).toEqual(meta)
    expect(() => decodeMeta('/raft/x', bytes('nonsense'))).toThrow(StoreCorruptError)
  })
})

describe('KV snapshots', () => {
  const row = (key: string, value: Uint8Array, modRevision: number): KvItem => ({ type: 'row', row: { key: bytes(key), value, createRevision: 1, modRevision, version: 3, lease: 0 } })
  const head: KvItem = { type: 'head', compacted: 7 }
  const items: KvItem[] = [
    head, row('a', bytes(''), 1), row('b', new Uint8Array(3000).fill(1), 2 ** 40), ...Array.from({ length: 50 }, (_, i) => row(`c${1000 + i}`, bytes(`v${i}`), i)),
    { type: 'record', table: 'lease', key: bytes('1'), value: bytes('x') }, { type: 'record', table: 'answer', key: bytes('0'), value: bytes('') },
    { type: 'change', change: { revision: 8, events: [{ type: 'delete', key: bytes('a') }] } }
  ]
  const source = async function * (of: KvItem[]): AsyncGenerator<KvItem> { yield * of }
  const encoded = async (of = items): Promise<Uint8Array> => new Uint8Array(Buffer.concat(await collect(encodeKvSnapshot(source(of)))))
  const cut = async function * (all: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < all.length; from += size) yield all.subarray(from, from + size)
  }

  it('come back as they were, in pieces of any size', async () => {
    const all = await encoded()
    for (const size of [1, 7, 64, 65_536, all.length]) expect(await collect(decodeKvSnapshot(cut(all, size))), `pieces of ${size}`).toEqual(items)
    expect(await collect(decodeKvSnapshot(stream(await encoded([head]))))).toEqual([head])
  })

  it('are refused when cut short, followed by more, of another version, out of order, or with a wrong count', async () => {
    const small = await encoded([head, ...items.slice(3, 6)])
    const decode = async (all: Uint8Array): Promise<unknown> => await collect(decodeKvSnapshot(stream(all)))
    for (let length = 0; length < small.length; length++) await expect(decode(small.slice(0, length)), `${length} bytes`).rejects.toThrow(MalformedFrameError)
    await expect(decode(new Uint8Array([...small, 0]))).rejects.toThrow('follow')
    await expect(decode(Uint8Array.from(small, (byte, i) => i === 4 ? 3 : byte))).rejects.toThrow('of the version that made it')
    await expect(decode(Uint8Array.from(small, (byte, i) => i === small.length - 1 ? 9 : byte))).rejects.toThrow('4 items and says 9')
    for (const wrong of [[items[4], items[3]], [items[3], items[3]], [items[53], items[3]], [items[54], items[53]], [items[55], items[54]], [items[55], items[55]], [head]]) {
      await expect(decode(await encoded([head, ...wrong]))).rejects.toThrow('out of order')
    }
    await expect(decode(await encoded(items.slice(1)))).rejects.toThrow('head')
    await expect(decode(await encoded([]))).rejects.toThrow('0 items')
    await expect(decode(Uint8Array.from(small, (byte, i) => i === 15 ? 0xff : byte))).rejects.toThrow(/has \d+ bytes/)
  })

  it('let go of their source when refused', async () => {
    let released = false
    const source = async function * (): AsyncGenerator<Uint8Array> {
      try { yield bytes('garbage'); yield bytes('more') } finally { released = true }
    }
    await expect(collect(decodeKvSnapshot(source()))).rejects.toThrow(MalformedFrameError)
    expect(released).toBe(true)
  })
})
