import { createCipheriv, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EncryptionKeyError } from '../../src/errors.js'
import { deriveKey, EncryptionKey, fields, generateKey, KeyRing, openSealed, SealError, Sealer } from '../../src/keys/index.js'

const SECRET = Uint8Array.from({ length: 32 }, (_, i) => i)
const OTHER = new Uint8Array(32).fill(7)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const NOTHING = new Uint8Array(0)

describe('derivation', () => {
  it('is HKDF-SHA-256 over fields with their lengths', () => {
    const salt = text('salt')
    const info = Buffer.from('0000000b' + hex(text('raftmesh v1')) + '00000003' + hex(text('use')) + '00000001' + '61' + '00000002' + '0102', 'hex')
    const extracted = createHmac('sha256', salt).update(SECRET).digest()
    const expanded = createHmac('sha256', extracted).update(info).update(Uint8Array.of(1)).digest()
    expect(hex(deriveKey(SECRET, 'use', salt, ['a', Uint8Array.of(1, 2)]))).toBe(hex(expanded))
  })

  it('gives another key for another secret, use, salt or context', () => {
    const keys = [
      deriveKey(SECRET, 'a', NOTHING), deriveKey(OTHER, 'a', NOTHING), deriveKey(SECRET, 'b', NOTHING), deriveKey(SECRET, 'a', text('x')),
      deriveKey(SECRET, 'a', NOTHING, ['']), deriveKey(SECRET, 'a', NOTHING, ['x']), deriveKey(SECRET, 'a', NOTHING, ['x', '']), deriveKey(SECRET, 'ax', NOTHING)
    ].map(hex)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('never reads two lists of fields the same', () => {
    fc.assert(fc.property(fc.array(fc.string()), fc.array(fc.string()), (a, b) => (hex(fields(a)) === hex(fields(b))) === (JSON.stringify(a) === JSON.stringify(b))))
  })
})

describe('sealing', () => {
  it('is AES-256-GCM with a counter as the nonce', () => {
    const sealer = new Sealer(SECRET)
    sealer.seal(text('first'), text('place'))
    const cipher = createCipheriv('aes-256-gcm', SECRET, Buffer.from('000000000000000000000001', 'hex')).setAAD(text('place'))
    const expected = Buffer.concat([cipher.update('second'), cipher.final(), cipher.getAuthTag()])
    expect(hex(sealer.seal(text('second'), text('place')))).toBe(hex(expected))
    expect(sealer.next).toBe(2)
  })

  it('opens what was sealed, and nothing else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 16 }), fc.nat(), fc.nat(255), (plain, place, at, flip) => {
      const sealed = new Sealer(SECRET).seal(plain, place)
      expect(hex(openSealed(SECRET, 0, sealed, place))).toBe(hex(plain))
      const damaged = Uint8Array.from(sealed)
      damaged[at % sealed.length] ^= flip
      if (flip !== 0) expect(() => openSealed(SECRET, 0, damaged, place)).toThrow(SealError)
      expect(() => openSealed(OTHER, 0, sealed, place)).toThrow(SealError)
      expect(() => openSealed(SECRET, 1, sealed, place)).toThrow(SealError)
      expect(() => openSealed(SECRET, 0, sealed, Uint8Array.of(...place, 0))).toThrow(SealError)
      expect(() => openSealed(SECRET, 0, sealed.subarray(1), place)).toThrow(SealError)
    }))
  })

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses the counter %d', counter => {
    expect(() => openSealed(SECRET, counter, new Uint8Array(16), NOTHING)).toThrow(SealError)
  })
})

describe('a key ring', () => {
  it('knows a key by an id that is derived from it, however it is written', () => {
    const { id } = new EncryptionKey(SECRET)
    expect(id).toMatch(/^[0-9a-f]{16}$/)
    expect(new EncryptionKey(Buffer.from(SECRET).toString('base64')).id).toBe(id)
    expect(new EncryptionKey(` ${Buffer.from(SECRET).toString('base64url')}\n`).id).toBe(id)
    expect(new EncryptionKey(OTHER).id).not.toBe(id)
  })

  it('rotates: add, use, drop', () => {
    const ring = new KeyRing(SECRET)
    const old = ring.current.id
    let changes = 0
    const end = ring.onChange(() => { changes++ })
    const id = ring.add(OTHER)
    expect(ring.current.id).toBe(old)
    expect(ring.add(OTHER)).toBe(id)
    expect(() => { ring.drop(old) }).toThrow(EncryptionKeyError)
    ring.use(id)
    expect(ring.current.id).toBe(id)
    ring.drop(old)
    expect(ring.get(old)).toBeUndefined()
    expect(ring.keys.map(key => key.id)).toEqual([id])
    expect(changes).toBe(4)
    end()
    ring.add(SECRET)
    expect(changes).toBe(4)
  })

  it('begins with the key that it is told to seal with', () => {
    const { id } = new EncryptionKey(OTHER)
    expect(new KeyRing({ keys: [SECRET, OTHER] }).current.id).not.toBe(id)
    expect(new KeyRing({ keys: [SECRET, OTHER], current: id }).current.id).toBe(id)
  })

  it.each<[string, () => unknown]>([
    ['a short key', () => new KeyRing(new Uint8Array(31))],
    ['a short text', () => new KeyRing('c2hvcnQ')],
    ['a text that is no base64', () => new KeyRing('not a key, and long enough to be one! not a key')],
    ['no keys', () => new KeyRing({ keys: [] })],
    ['an unknown current key', () => new KeyRing({ keys: [SECRET], current: '0123456789abcdef' })],
    ['more keys than a ring holds', () => new KeyRing({ keys: Array.from({ length: 17 }, generateKey) })],
    ['to drop a key that it does not have', () => { new KeyRing(SECRET).drop('0123456789abcdef') }]
  ])('refuses %s', (_what, make) => {
    expect(make).toThrow(EncryptionKeyError)
  })

  it('makes keys that it takes, each another one', () => {
    const [a, b] = [generateKey(), generateKey()]
    expect(a).not.toBe(b)
    expect(new KeyRing(a).current.id).not.toBe(new KeyRing(b).current.id)
  })
})
