import { describe, expect, it, vi } from 'vitest'
import { InvalidArgumentError, TooLargeError } from '../../src/errors.js'
import { decodeKvCommand } from '../../src/machine/index.js'
import { allKeys, checkCommand, checkKey, checkKvCommand, KEYS_PAGE, resolveKeys, toBatch, toDelete, toKey, toPut, toWritten } from '../../src/service/kv-operations.js'
import { defaultLimits } from '../../src/service/options.js'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const limits = { ...defaultLimits, key: 4, value: 8, batch: 2, command: 40 }

describe('commands', () => {
  it('are made of strings and bytes alike', () => {
    expect(toPut('ä', 'v')).toEqual(toPut(utf8('ä'), utf8('v')))
    expect(decodeKvCommand(toPut('k', 'v'))).toEqual({ type: 'put', key: utf8('k'), value: utf8('v') })
    expect(decodeKvCommand(toDelete('k'))).toEqual({ type: 'delete', key: utf8('k') })
    expect(decodeKvCommand(toBatch([{ type: 'set', key: 'a', value: '' }, { type: 'delete', key: 'b' }]))).toEqual({
      type: 'batch', ops: [{ type: 'put', key: utf8('a'), value: utf8('') }, { type: 'delete', key: utf8('b') }]
    })
  })

  it.each([[7], [null], [undefined], [{}], ['']])('refuse the key %j', key => {
    expect(() => toPut(key, 'v')).toThrow(InvalidArgumentError)
    expect(() => toDelete(key)).toThrow(InvalidArgumentError)
    expect(() => toKey(key)).toThrow(InvalidArgumentError)
    expect(() => toBatch([{ type: 'delete', key }])).toThrow(InvalidArgumentError)
  })

  it.each([[[]], [undefined], ['x'], [[undefined]], [[{ type: 'put', key: 'a', value: 'b' }]], [[{ type: 'set', key: 'a' }]]])('refuse the batch %j', batch => {
    expect(() => toBatch(batch)).toThrow(InvalidArgumentError)
  })
})

describe('limits', () => {
  it('let through what just fits', () => {
    expect(() => { checkKvCommand(toPut('1234', '12345678'), limits) }).not.toThrow()
    expect(() => { checkKvCommand(toBatch([{ type: 'set', key: '1234', value: '12345678' }, { type: 'delete', key: '1' }]), limits) }).not.toThrow()
  })

  it.each([
    ['key', () => toPut('12345', '')],
    ['key', () => toDelete('12345')],
    ['value', () => toPut('1', '123456789')],
    ['batch', () => toBatch(['a', 'b', 'c'].map(key => ({ type: 'delete', key })))],
    ['value', () => toBatch([{ type: 'delete', key: 'a' }, { type: 'set', key: 'a', value: '123456789' }])],
    ['command', () => toBatch([{ type: 'set', key: 'a', value: 'x'.repeat(50) }])]
  ])('on %s name the limit', (limit, make) => {
    expect(() => { checkKvCommand(make(), limits) }).toThrow(TooLargeError)
    expect(() => { checkKvCommand(make(), limits) }).toThrow(`limits.${limit}`)
  })

  it('hold for bytes from elsewhere, and garbage is refused', () => {
    expect(() => { checkKvCommand(Uint8Array.of(250, 1, 2), limits) }).toThrow(/Not a command of the KV/)
    expect(() => { checkKey(new Uint8Array(5), limits) }).toThrow(TooLargeError)
    expect(() => { checkCommand(new Uint8Array(41), limits) }).toThrow(TooLargeError)
    expect(() => { checkCommand('x', limits) }).toThrow(InvalidArgumentError)
  })
})

describe('toWritten', () => {
  it('tells a refusal of the group from success', () => {
    expect(() => toWritten(Uint8Array.of(1, 1))).toThrow(/unknown-command/)
  })
})

describe('keys', () => {
  it('have defaults, and refuse nonsense', () => {
    expect(resolveKeys()).toEqual({ prefix: utf8(''), limit: Infinity, consistency: 'linearizable' })
    expect(resolveKeys({ prefix: 'p', after: 'q', limit: 3, consistency: 'stale' })).toEqual({ prefix: utf8('p'), after: utf8('q'), limit: 3, consistency: 'stale' })
    expect(() => resolveKeys({ limit: -1 })).toThrow(InvalidArgumentError)
    expect(() => resolveKeys({ consistency: 'maybe' as never })).toThrow(InvalidArgumentError)
    expect(() => resolveKeys({ prefixes: '' } as never)).toThrow(/Unknown option/)
  })

  it('are gathered page by page, each after the last of the one before', async () => {
    const all = Array.from({ length: KEYS_PAGE * 2 + 5 }, (_, i) => `k${String(i).padStart(5, '0')}`)
    const page = vi.fn(async (after: Uint8Array | undefined, limit: number) => {
      const from = after === undefined ? 0 : all.indexOf(new TextDecoder().decode(after)) + 1
      const keys = all.slice(from, from + limit).map(utf8)
      return { keys, more: from + limit < all.length }
    })
    expect(await allKeys(resolveKeys(), page)).toEqual(all)
    expect(page).toHaveBeenCalledTimes(3)
    expect(await allKeys(resolveKeys({ limit: KEYS_PAGE + 1 }), page)).toEqual(all.slice(0, KEYS_PAGE + 1))
    expect(page.mock.calls.at(-1)?.[1]).toBe(1)
    expect(await allKeys(resolveKeys({ limit: 0 }), page)).toEqual([])
  })

  it('end at an empty page, even if it says that there is more', async () => {
    expect(await allKeys(resolveKeys(), async () => ({ keys: [], more: true }))).toEqual([])
  })
})
