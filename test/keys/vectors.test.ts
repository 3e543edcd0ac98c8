import { createCipheriv, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rendezvousCids } from '../../src/formation/discovery.js'
import { EncryptionKey, KeyRing } from '../../src/keys/index.js'
import { Epoch } from '../../src/storage/epochs.js'
import { encodeSealed } from '../../src/storage/sealed-record.js'
import { encodeBatches } from '../../src/wire/link-frames.js'
import { CommandFrame } from '../../src/wire/pb/command.js'
import { StreamSeal } from '../../src/wire/stream-seal.js'
import { encodeFrame } from '../../src/wire/writer.js'

/**
 * The vectors that docs/security.md prints, made a second time: by nothing but Node's primitives, as the page describes it. So the page is
 * right, and it stays so.
 */
const bytes = (length: number, first: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => (first + i) & 0xff))
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

const secret = bytes(32, 0)
const openerSalt = bytes(32, 0x40)
const acceptorSalt = bytes(32, 0x80)
const namespace = '/raft/orders'
const opener = '12D3KooWGC6SmnNVLgYMbNVBuBdtKAxVrQFZPGSPKBXZ5EXnTZUe'
const acceptor = '12D3KooWHjXsaeRZE7h6L9zKYZc4pQB6BGXUaXi5o4A1yr1RjpXZ'
const clusterId = bytes(32, 0xc0)
const storeKey = Buffer.from(`g${namespace}\0stable/raft/hard-state`)

function fields (...list: Array<string | Uint8Array>): Buffer {
  return Buffer.concat(list.flatMap(field => {
    const body = Buffer.from(field)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    return [length, body]
  }))
}

function hkdf (use: string, salt: Uint8Array, context: string[], length = 32): Buffer {
  const extracted = createHmac('sha256', salt).update(secret).digest()
  return createHmac('sha256', extracted).update(fields('raftmesh v1', use, ...context)).update(Uint8Array.of(1)).digest().subarray(0, length)
}

function sealed (key: Uint8Array, counter: number, text: Uint8Array, associated: Uint8Array): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(counter), 4)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated)
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
}

const none = new Uint8Array(0)
const keyId = hkdf('key id', none, [], 8)

function onStream (use: string, text: Uint8Array, place: Uint8Array, sequence: number): Record<string, unknown> {
  const direction = 'opener to acceptor'
  const key = hkdf(use, Buffer.concat([openerSalt, acceptorSalt]), [namespace, opener, acceptor, direction])
  const associated = fields(use, direction, namespace, keyId, place)
  return { use, direction, sequence, place: hex(place), key: hex(key), associated: hex(associated), text: hex(text), sealed: hex(sealed(key, sequence, text, associated)) }
}

const command = encodeFrame(CommandFrame.codec(), { requests: [{ id: 1, namespace, forwarded: false, timeoutMs: 5_000, get: { key: Buffer.from('k'), consistency: 'LINEARIZABLE' as never } }], responses: [], cancels: [] })
const frame = encodeBatches([{ clusterId, body: Buffer.from('0a01611201621a040807100100', 'hex') }])
const epochSalt = bytes(32, 0x20)
const atRest = hkdf('at rest', epochSalt, [namespace])
const record = Buffer.from('a record')

const vectors = {
  secret: hex(secret),
  'key id': hex(keyId),
  namespace,
  rendezvous: hex(hkdf('rendezvous', none, [namespace])),
  opener,
  acceptor,
  "opener's salt": hex(openerSalt),
  "acceptor's salt": hex(acceptorSalt),
  'a request': onStream('commands', command, none, 0),
  'a frame of the link': onStream('raft link, control lane', frame, clusterId, 7),
  'at rest': {
    epoch: 3, salt: hex(epochSalt), key: hex(atRest), counter: 5, 'store key': hex(storeKey), text: hex(record),
    stored: `81${'00000003'}${'0000000000000005'}${hex(sealed(atRest, 5, record, storeKey))}`
  }
}

describe('the vectors of docs/security.md', () => {
  it('are those of the page', () => {
    const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')
    const printed = /```json\n(.*?)\n```/s.exec(page)?.[1]
    expect(printed, `the page should print\n${JSON.stringify(vectors, undefined, 2)}`).toBe(JSON.stringify(vectors, undefined, 2))
  })

  it('are what raftmesh makes: keys and the place to meet', () => {
    const key = new EncryptionKey(secret)
    expect(key.id).toBe(vectors['key id'])
    expect(hex(rendezvousCids(namespace, new KeyRing(secret))[0].multihash.digest)).toBe(vectors.rendezvous)
  })

  it.each([vectors['a request'], vectors['a frame of the link']])('are what raftmesh makes: $use', vector => {
    const { use, sequence, place, text } = vector as { use: string, sequence: number, place: string, text: string }
    const ends = { use, opener, acceptor, openerSalt, acceptorSalt }
    const key = new EncryptionKey(secret)
    const seal = new StreamSeal({ ...ends, side: 'opener' })
    let box = seal.seal(namespace, key, Buffer.from(text, 'hex'), Buffer.from(place, 'hex'))
    while (box.sequence < sequence) box = seal.seal(namespace, key, Buffer.from(text, 'hex'), Buffer.from(place, 'hex'))
    expect(hex(box.sealed)).toBe(vector.sealed)
    expect(hex(new StreamSeal({ ...ends, side: 'acceptor' }).open(namespace, key, box, Buffer.from(place, 'hex')))).toBe(text)
  })

  it('are what raftmesh makes: at rest', () => {
    const epoch = new Epoch(3, keyId, epochSalt, new EncryptionKey(secret), namespace)
    while (epoch.sealer.next < 5) epoch.sealer.seal(none, none)
    expect(hex(encodeSealed({ epoch: 3, counter: 5, box: epoch.sealer.seal(record, storeKey) }))).toBe(vectors['at rest'].stored)
  })
})
