import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedFrameError } from '../../src/errors.js'
import { fields, KeyRing } from '../../src/keys/index.js'
import { BrokenSealError } from '../../src/wire/errors.js'
import { StreamSeal } from '../../src/wire/stream-seal.js'
import type { EncryptionKey } from '../../src/keys/index.js'
import type { Box, StreamSealInit } from '../../src/wire/stream-seal.js'

const SECRET = Uint8Array.from({ length: 32 }, (_, i) => i)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const key = new KeyRing(SECRET).current
const ends: Omit<StreamSealInit, 'side'> = {
  use: 'raft link, log lane', opener: 'alice', acceptor: 'bob', openerSalt: new Uint8Array(32).fill(0xaa), acceptorSalt: new Uint8Array(32).fill(0xbb)
}
const cluster = new Uint8Array(32).fill(0xcc)
const pair = (more: Partial<StreamSealInit> = {}): { alice: StreamSeal, bob: StreamSeal } =>
  ({ alice: new StreamSeal({ ...ends, ...more, side: 'opener' }), bob: new StreamSeal({ ...ends, ...more, side: 'acceptor' }) })

describe('the keys of a stream, and a box', () => {
  // Written out so that another implementation, or a reader, can check its own against them.
  it('are these', () => {
    expect(key.id).toBe('caf248e82d314519')
    const salt = new Uint8Array([...ends.openerSalt, ...ends.acceptorSalt])
    expect(hex(key.derive(ends.use, salt, ['/raft/cron', 'alice', 'bob', 'opener to acceptor']))).toBe('c5a1b93f9272b5eba4ebc6dfe027a8ab95c52837b3f8dadcb923d5a0afc741ac')
    expect(hex(key.derive(ends.use, salt, ['/raft/cron', 'alice', 'bob', 'acceptor to opener']))).toBe('3eb46a73c9c5668745060cadfeec73ea22d92afa22901f7deca543db65c44abc')
    expect(hex(fields([ends.use, 'opener to acceptor', '/raft/cron', key.idBytes, cluster]))).toBe('0000001372616674206c696e6b2c206c6f67206c616e65000000126f70656e657220746f206163636570746f720000000a2f726166742f63726f6e00000008caf248e82d31451900000020cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc')
    const { alice } = pair()
    expect(hex(alice.seal('/raft/cron', key, bytes('first'), cluster).sealed)).toBe('978cfb6b66be60118efd69b38db2813c09768532d0')
    const second = alice.seal('/raft/cron', key, bytes('second'), cluster)
    expect({ ...second, keyId: hex(second.keyId), sealed: hex(second.sealed) }).toEqual({ keyId: key.id, sequence: 1, sealed: '6ef84f3c17c8945d3e095c4f32c76ad947bb10b592d3' })
  })
})

describe('a box', () => {
  const seal = (from: StreamSeal, text: string, namespace = '/raft/cron', with_: EncryptionKey = key): Box => from.seal(namespace, with_, bytes(text), cluster)
  const open = (at: StreamSeal, box: Box, namespace = '/raft/cron', with_: EncryptionKey = key, place = cluster): string => new TextDecoder().decode(at.open(namespace, with_, box, place))

  it('is opened by the other end, in order, gaps and all, and each namespace and direction counts for itself', () => {
    const { alice, bob } = pair()
    const boxes = [seal(alice, 'one'), seal(alice, 'two'), seal(alice, 'three')]
    expect(boxes.map(box => box.sequence)).toEqual([0, 1, 2])
    expect(open(bob, boxes[0])).toBe('one')
    expect(open(bob, boxes[2])).toBe('three')
    expect(seal(alice, 'other', '/raft/other').sequence).toBe(0)
    expect(open(alice, seal(bob, 'back'))).toBe('back')
  })

  it('is refused when it comes again, or after a later one', () => {
    const { alice, bob } = pair()
    const [one, two] = [seal(alice, 'one'), seal(alice, 'two')]
    open(bob, two)
    for (const box of [two, one]) expect(() => open(bob, box)).toThrow(BrokenSealError)
    expect(open(bob, seal(alice, 'three'))).toBe('three')
  })

  it('is refused with any byte of it changed or missing, and what comes after it as it should be is not', () => {
    const { alice, bob } = pair()
    const box = seal(alice, 'what is said')
    for (let i = 0; i < box.sealed.length; i++) {
      const sealed = box.sealed.slice()
      sealed[i] ^= 1 << (i % 8)
      expect(() => open(bob, { ...box, sealed })).toThrow(BrokenSealError)
      expect(() => open(bob, { ...box, sealed: box.sealed.subarray(0, i) })).toThrow(BrokenSealError)
    }
    expect(() => open(bob, { ...box, sequence: box.sequence + 1 })).toThrow(BrokenSealError)
    expect(open(bob, box)).toBe('what is said')
  })

  it.each<[string, Partial<StreamSealInit>]>([
    ['stream of the same two, by its opener', { openerSalt: new Uint8Array(32).fill(0xab) }], ['stream of the same two, by its acceptor', { acceptorSalt: new Uint8Array(32).fill(0xbc) }],
    ['pair of peers, which opened it', { opener: 'mallory' }], ['pair of peers, which accepted it', { acceptor: 'mallory' }], ['lane', { use: 'raft link, control lane' }],
    ['stream that the other opened', { opener: 'bob', acceptor: 'alice' }]
  ])('does not open on another %s', (_what, more) => {
    const box = seal(pair().alice, 'one')
    expect(() => open(pair(more).bob, box)).toThrow(BrokenSealError)
    expect(open(pair().bob, box)).toBe('one')
  })

  it('does not open in the other direction, for another namespace or place, or with another key', () => {
    const { alice, bob } = pair()
    const box = seal(alice, 'one')
    const other = new KeyRing(new Uint8Array(32).fill(9)).current
    expect(() => open(alice, box)).toThrow(BrokenSealError)
    expect(() => open(bob, box, '/raft/other')).toThrow(BrokenSealError)
    expect(() => open(bob, box, '/raft/cron', key, new Uint8Array(32))).toThrow(BrokenSealError)
    expect(() => open(bob, box, '/raft/cron', other)).toThrow(BrokenSealError)
    expect(open(bob, box)).toBe('one')
  })

  it('is numbered on when its key is dropped and comes back: neither a nonce nor a box counts twice', () => {
    const { alice, bob } = pair()
    const first = seal(alice, 'one')
    open(bob, first)
    const back = new KeyRing(SECRET).current
    expect(back).not.toBe(key)
    expect(() => open(bob, first, '/raft/cron', back)).toThrow(BrokenSealError)
    const next = seal(alice, 'two', '/raft/cron', back)
    expect(next.sequence).toBe(1)
    expect(open(bob, next)).toBe('two')
  })

  it('of any bytes is refused as what it is', () => {
    const { bob } = pair()
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), fc.maxSafeNat(), (sealed, sequence) => {
      expect(() => bob.open('/raft/cron', key, { keyId: key.idBytes, sequence, sealed }, cluster)).toThrow(MalformedFrameError)
    }))
  })
})
