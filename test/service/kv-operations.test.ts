import { describe, expect, it } from 'vitest'
import {
  BusyError, ConflictError, InvalidArgumentError, LeaseNotFoundError, LockLostError, SessionExpiredError, TooLargeError, UnknownOutcomeError
} from '../../src/errors.js'
import { decodeKvCommand } from '../../src/machine/index.js'
import { encodeKvResult } from '../../src/machine/kv-result.js'
import { checkCommand, checkKey, checkKvCommand } from '../../src/service/kv-limits.js'
import { checkHeld, checkWrite, encode, readTxn, resolveKeys, resolveRead, resolveScan, toBatch, toCompact, toDelete, toDeleteRange, toGrant, toKey, toSet, toTxn } from '../../src/service/kv-operations.js'
import { readResult, readResultOf } from '../../src/service/kv-results.js'
import { defaultLimits } from '../../src/service/options.js'
import { isWithin, toSpan } from '../../src/service/spans.js'
import type { KvCommand, KvResult, RefusalReason } from '../../src/machine/kv-types.js'
import type { TxnResult } from '../../src/service/api.js'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const limits = { ...defaultLimits, key: 4, value: 8, batch: 2, command: 80 }
const check = (command: KvCommand): KvCommand => checkKvCommand(encode(command), limits)
const row = { key: utf8('k'), value: utf8('v'), createRevision: 1, modRevision: 2, version: 3, lease: 0 }

describe('commands', () => {
  it('are made of strings and bytes alike', () => {
    expect(toSet('ä', 'v')).toEqual(toSet(utf8('ä'), utf8('v')))
    expect(toSet('k', 'v')).toEqual({ type: 'put', key: utf8('k'), value: utf8('v') })
    expect(toSet('k', 'v', { lease: 7 })).toEqual({ type: 'put', key: utf8('k'), value: utf8('v'), lease: 7 })
    expect(toBatch([{ type: 'set', key: 'a', value: '' }, { type: 'delete', key: 'b' }])).toEqual({
      type: 'batch', ops: [{ type: 'put', key: utf8('a'), value: utf8('') }, { type: 'delete', key: utf8('b') }]
    })
    expect(toDelete('k')).toEqual({ type: 'txn', compare: [], then: [{ type: 'delete', key: utf8('k') }], else: [] })
  })

  it('with a version compare it, and read what is there instead', () => {
    const compare = [{ target: 'version', key: utf8('k'), relation: '=', operand: 3 }]
    const otherwise = [{ type: 'get', key: utf8('k') }]
    expect(toSet('k', 'v', { version: 3 })).toEqual({ type: 'txn', compare, then: [{ type: 'put', key: utf8('k'), value: utf8('v') }], else: otherwise })
    expect(toDelete('k', { version: 3 })).toEqual({ type: 'txn', compare, then: [{ type: 'delete', key: utf8('k') }], else: otherwise })
  })

  it('of transactions have each bound as a comparison of its own', () => {
    expect(toTxn({ compare: [{ key: 'k', exists: true, version: 2, modRevision: { above: 3, below: 9 }, value: 'v' }, { key: 'l', exists: false, lease: { not: 0 }, createRevision: { is: 5 } }] }).compare).toEqual([
      { target: 'version', key: utf8('k'), relation: '>', operand: 0 },
      { target: 'version', key: utf8('k'), relation: '=', operand: 2 },
      { target: 'mod', key: utf8('k'), relation: '>', operand: 3 },
      { target: 'mod', key: utf8('k'), relation: '<', operand: 9 },
      { target: 'value', key: utf8('k'), relation: '=', operand: utf8('v') },
      { target: 'version', key: utf8('l'), relation: '=', operand: 0 },
      { target: 'create', key: utf8('l'), relation: '=', operand: 5 },
      { target: 'lease', key: utf8('l'), relation: '!=', operand: 0 }
    ])
    expect(toTxn({ then: [{ type: 'get', key: 'a' }, { type: 'deleteRange', prefix: 'b', limit: 3 }, { type: 'append', prefix: 'c', value: 'd', lease: 4 }] }).then).toEqual([
      { type: 'get', key: utf8('a') }, { type: 'delete-range', from: utf8('b'), to: utf8('c'), limit: 3 }, { type: 'append', prefix: utf8('c'), value: utf8('d'), lease: 4 }
    ])
  })

  it.each([[7], [null], [undefined], [{}], ['']])('refuse the key %j', key => {
    expect(() => toSet(key, 'v')).toThrow(InvalidArgumentError)
    expect(() => toDelete(key)).toThrow(InvalidArgumentError)
    expect(() => toKey(key)).toThrow(InvalidArgumentError)
    expect(() => toBatch([{ type: 'delete', key }])).toThrow(InvalidArgumentError)
    expect(() => toTxn({ then: [{ type: 'get', key: key as string }] })).toThrow(InvalidArgumentError)
    expect(() => toTxn({ compare: [{ key: key as string, exists: true }] })).toThrow(InvalidArgumentError)
  })

  it.each([[[]], [undefined], ['x'], [[undefined]], [[{ type: 'put', key: 'a', value: 'b' }]], [[{ type: 'set', key: 'a' }]]])('refuse the batch %j', batch => {
    expect(() => toBatch(batch)).toThrow(InvalidArgumentError)
  })

  it.each([
    () => toTxn({ compare: [{ key: 'k' }] }),
    () => toTxn({ compare: [{ key: 'k', version: -1 }] }),
    () => toTxn({ compare: [{ key: 'k', version: { over: 3 } as never }] }),
    () => toTxn({ compare: [{ key: 'k', vresion: 3 } as never] }),
    () => toTxn({ then: [{ type: 'put' } as never] }),
    () => toTxn({ then: {} as never }),
    () => toTxn({ otherwise: [] } as never),
    () => toDeleteRange({}),
    () => toTxn({ then: [{ type: 'deleteRange' }] }),
    () => toDeleteRange({ prefix: 'a', limit: 0 }),
    () => toSet('k', 'v', { version: 1.5 }),
    () => toSet('k', 'v', { lease: -1 }),
    () => toCompact(-1),
    () => toCompact(undefined),
    () => toGrant(99)
  ])('refuse nonsense (%#)', make => {
    expect(make).toThrow(InvalidArgumentError)
  })
})

describe('a misspelt option', () => {
  it.each<[string, () => unknown]>([
    ['versoin', () => toSet('k', 'v', { versoin: 7 } as never)],
    ['lesae', () => toSet('k', 'v', { lesae: 3 } as never)],
    ['versoin', () => toDelete('k', { versoin: 7 } as never)],
    ['prefx', () => toDeleteRange({ prefx: 'a' } as never)],
    ['lesae', () => toBatch([{ type: 'set', key: 'k', value: 'v', lesae: 3 }])],
    ['version', () => toBatch([{ type: 'set', key: 'k', value: 'v', version: 3 }])],
    ['value', () => toBatch([{ type: 'delete', key: 'k', value: 'v' }])],
    ['lesae', () => toTxn({ then: [{ type: 'set', key: 'k', value: 'v', lesae: 3 } as never] })],
    ['version', () => toTxn({ then: [{ type: 'delete', key: 'k', version: 3 } as never] })],
    ['consistency', () => toTxn({ else: [{ type: 'get', key: 'k', consistency: 'stale' } as never] })],
    ['limt', () => toTxn({ then: [{ type: 'deleteRange', prefix: 'k', limt: 3 } as never] })],
    ['key', () => toTxn({ then: [{ type: 'append', prefix: 'k', value: 'v', key: 'x' } as never] })],
    ['consistancy', () => resolveRead({ consistancy: 'stale' } as never)],
    ['forwrad', () => { checkWrite({ forwrad: false } as never, 'txn') }]
  ])('%s is refused (%#)', (name, make) => {
    expect(make).toThrow(InvalidArgumentError)
    expect(make).toThrow(`Unknown option "${name}"`)
  })

  it('does not stand in the way of those that there are', () => {
    const { signal } = new AbortController()
    expect(toSet('k', 'v', { version: undefined, lease: undefined, forward: false, signal })).toEqual(toSet('k', 'v'))
    expect(toDelete('k', { forward: false, signal })).toEqual(toDelete('k'))
    expect(toDeleteRange({ prefix: 'a', limit: 3, forward: false, signal }).then).toHaveLength(1)
    expect(resolveRead({ signal, consistency: 'stale' })).toMatchObject({ consistency: 'stale' })
    expect(() => { checkWrite({ signal, forward: true }, 'txn') }).not.toThrow()
  })
})

describe('limits', () => {
  it.each<KvCommand>([
    toSet('1234', '12345678'), toBatch([{ type: 'set', key: '1234', value: '12345678' }, { type: 'delete', key: '1' }]), toTxn({ compare: [{ key: '1234', exists: true }] }), toGrant(1_000),
    { type: 'session', lease: 1, sequence: 1, acknowledged: 0, command: encode(toSet('1234', '12345678')) }, { type: 'queue-push', queue: 'q', value: utf8('12345678') }, { type: 'revoke', leases: [1], expired: false }, toCompact(1)
  ])('let through what just fits (%#)', command => {
    expect(check(command)).toEqual(command)
  })

  it.each<[string, KvCommand]>([
    ['key', toSet('12345', '')],
    ['key', toDelete('12345')],
    ['value', toSet('1', '123456789')],
    ['batch', toBatch(['a', 'b', 'c'].map(key => ({ type: 'delete', key })))],
    ['value', toBatch([{ type: 'delete', key: 'a' }, { type: 'set', key: 'a', value: '123456789' }])],
    ['command', toBatch([{ type: 'set', key: 'a', value: 'x'.repeat(90) }])],
    ['key', toTxn({ compare: [{ key: '12345', exists: true }] })],
    ['batch', toTxn({ compare: [{ key: '1', version: { above: 0, below: 9, not: 3 } }] })],
    ['batch', toTxn({ then: ['a', 'b', 'c'].map(key => ({ type: 'get', key })) })],
    ['key', toTxn({ else: [{ type: 'get', key: '12345' }] })],
    ['value', toTxn({ else: [{ type: 'set', key: '1', value: '123456789' }] })],
    ['key', toTxn({ then: [{ type: 'append', prefix: 'a', value: '' }] })],
    ['value', { type: 'session', lease: 1, sequence: 1, acknowledged: 0, command: encode(toSet('1', '123456789')) }],
    ['value', { type: 'queue-push', queue: 'q', value: utf8('123456789') }],
    ['key', { type: 'queue-push', queue: 'q', id: utf8('12345'), value: utf8('') }]
  ])('on %s name the limit (%#)', (limit, command) => {
    expect(() => check(command)).toThrow(TooLargeError)
    expect(() => check(command)).toThrow(`limits.${limit}`)
  })

  it.each(['', 'a\0b', 'x'.repeat(256)])('are for names of queues too: %j', queue => {
    expect(() => checkKvCommand(encode({ type: 'queue-take', queue, limit: 1, visibility: 1_000 }), defaultLimits)).toThrow(InvalidArgumentError)
  })

  it('hold for bytes from elsewhere, and garbage is refused', () => {
    expect(() => { checkKvCommand(Uint8Array.of(250, 1, 2), limits) }).toThrow(/Not a command of the KV/)
    expect(() => { checkKey(new Uint8Array(5), limits) }).toThrow(TooLargeError)
    expect(() => { checkCommand(new Uint8Array(81), limits) }).toThrow(TooLargeError)
    expect(() => { checkCommand('x', limits) }).toThrow(InvalidArgumentError)
    expect(decodeKvCommand(encode(toSet('k', 'v')))).toEqual(toSet('k', 'v'))
  })
})

describe('results', () => {
  const refused = (reason: RefusalReason): Uint8Array => encodeKvResult({ ok: false, reason })

  it.each<[RefusalReason, new (message: string) => Error]>([
    ['unknown-command', InvalidArgumentError], ['malformed', InvalidArgumentError], ['no-such-lease', LeaseNotFoundError], ['no-such-session', SessionExpiredError], ['too-many-leases', BusyError],
    ['lease-full', TooLargeError], ['too-many-keys', TooLargeError], ['too-large', TooLargeError], ['too-many-ranges', TooLargeError], ['session-full', BusyError], ['answer-forgotten', UnknownOutcomeError],
    ['future-revision', InvalidArgumentError], ['queue-full', BusyError], ['not-held', LockLostError]
  ])('that say %s are a %o', (reason, kind) => {
    expect(() => readResult(refused(reason))).toThrow(kind)
  })

  it('that cannot be read leave the outcome open', () => {
    for (const bytes of [new Uint8Array(0), Uint8Array.of(99), encodeKvResult({ ok: true, type: 'counted', revision: 1, count: 1 })]) expect(() => readResultOf('written', bytes)).toThrow(UnknownOutcomeError)
    expect(() => readResultOf('written', Uint8Array.of(1, 1))).toThrow(/unknown-command/)
  })

  it('of a transaction are told in the words of what was asked', () => {
    const command = toTxn({ then: [{ type: 'set', key: 'a', value: '' }, { type: 'delete', key: 'b' }, { type: 'deleteRange', prefix: 'c' }, { type: 'get', key: 'd' }, { type: 'append', prefix: 'e', value: '' }], else: [] })
    const answer = (results: Extract<KvResult, { type: 'txn' }>['results'], succeeded = true): Uint8Array => encodeKvResult({ ok: true, type: 'txn', revision: 9, succeeded, results })
    const results = [{ type: 'put' }, { type: 'delete', deleted: 0 }, { type: 'delete', deleted: 4 }, { type: 'get', row }, { type: 'append', key: utf8('e1') }] as const
    expect(readTxn(answer(results), command)).toEqual({
      revision: 9,
      succeeded: true,
      results: [{ type: 'set' }, { type: 'delete', deleted: 0 }, { type: 'deleteRange', deleted: 4 }, { type: 'get', row }, { type: 'append', key: utf8('e1') }]
    })
    expect(readTxn(answer([], false), command)).toMatchObject({ succeeded: false, results: [] })
    expect(() => readTxn(answer(results.slice(1)), command)).toThrow(UnknownOutcomeError)
    expect(() => readTxn(answer([...results].reverse()), command)).toThrow(UnknownOutcomeError)
  })

  it('of a condition that does not hold say what was found', () => {
    const failed = (found: TxnResult['results'][number]): TxnResult => ({ revision: 1, succeeded: false, results: [found] })
    expect(() => { checkHeld(failed({ type: 'get', row }), utf8('k'), 2) }).toThrow(ConflictError)
    expect(() => { checkHeld(failed({ type: 'get', row }), utf8('k'), 2) }).toThrow('"k" is at version 3, and version 2 was expected')
    expect(() => { checkHeld(failed({ type: 'get', row: undefined }), utf8('k'), 2) }).toThrow('"k" is not there, and version 2 was expected')
    expect(() => { checkHeld(failed({ type: 'get', row }), utf8('k'), 0) }).toThrow('was to be new')
    expect(() => { checkHeld({ ...failed({ type: 'set' }), succeeded: true }, utf8('k'), 2) }).not.toThrow()
  })
})

describe('ranges', () => {
  it('are a key, a prefix, or from one to another', () => {
    expect(toSpan({ key: 'k' })).toEqual({ from: utf8('k'), to: utf8('k\0') })
    expect(toSpan({ prefix: 'ab' })).toEqual({ from: utf8('ab'), to: utf8('ac') })
    expect(toSpan({ prefix: Uint8Array.of(1, 255) })).toEqual({ from: Uint8Array.of(1, 255), to: Uint8Array.of(2) })
    expect(toSpan({ prefix: Uint8Array.of(255, 255) })).toEqual({ from: Uint8Array.of(255, 255) })
    expect(toSpan({ from: 'a', to: 'b' })).toEqual({ from: utf8('a'), to: utf8('b') })
    expect(toSpan({ from: 'a' })).toEqual({ from: utf8('a') })
    expect(() => toSpan({ key: 'a', prefix: 'b' })).toThrow(InvalidArgumentError)
    expect(() => toSpan({ prefix: 'a', to: 'b' })).toThrow(InvalidArgumentError)
    expect(() => toSpan({ key: '' })).toThrow(InvalidArgumentError)
  })

  it('leave out what recipes keep, unless it is named', () => {
    for (const range of [{}, { prefix: '' }, { from: '' }, { to: 'z' }]) {
      expect(isWithin(utf8('\0lock/a'), toSpan(range))).toBe(false)
      expect(isWithin(Uint8Array.of(1), toSpan(range))).toBe(true)
    }
    expect(isWithin(utf8('\0lock/a'), toSpan({ prefix: '\0lock/' }))).toBe(true)
    expect(isWithin(utf8('\0lock/a'), toSpan({ from: '\0' }))).toBe(true)
  })

  it('of scans and lists have defaults, and refuse nonsense', () => {
    expect(resolveKeys()).toEqual({ span: { from: Uint8Array.of(1) }, limit: Infinity, consistency: 'linearizable', maxAge: 1_000 })
    expect(resolveKeys({ prefix: 'p', after: 'pq', limit: 3, consistency: 'stale' })).toMatchObject({ span: { from: utf8('pq\0'), to: utf8('q') }, limit: 3, consistency: 'stale' })
    expect(resolveKeys({ prefix: 'p', after: 'a' })).toMatchObject({ span: { from: utf8('p'), to: utf8('q') } })
    expect(resolveScan({ prefix: 'p', after: 'pq', reverse: true })).toMatchObject({ span: { from: utf8('p'), to: utf8('pq') }, limit: 1_000, reverse: true, keysOnly: false })
    expect(resolveRead({ consistency: 'bounded', maxAge: 5 })).toEqual({ consistency: 'bounded', maxAge: 5 })
    for (const wrong of [{ limit: -1 }, { consistency: 'maybe' as never }, { maxAge: 3 }]) expect(() => resolveKeys(wrong)).toThrow(InvalidArgumentError)
    expect(() => resolveKeys({ prefixes: '' } as never)).toThrow(/Unknown option/)
    expect(() => resolveScan({ limit: 0 })).toThrow(InvalidArgumentError)
    expect(() => resolveScan({ limit: 10_001 })).toThrow(InvalidArgumentError)
  })
})
