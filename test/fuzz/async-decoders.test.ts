import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readNodeFile } from '../../src/cli/node-file.js'
import { ForeignClusterError, InvalidArgumentError, MalformedFrameError, NotAuthorizedError } from '../../src/errors.js'
import { signJoin, verifyJoin } from '../../src/formation/join-request.js'
import { decodeKvSnapshot, encodeKvSnapshot } from '../../src/machine/kv-snapshot.js'
import { CHUNK_BYTES, compress, decompress } from '../../src/storage/chunks.js'
import { CodecError } from '../../src/storage/codec.js'
import { collect, stream } from '../storage/support.js'
import { count } from './arbitraries.js'
import { joined, mutated } from './mutations.js'
import { attemptAsync, bytesUpTo, expectSame, hex, refused, runs } from './support.js'
import type { KvItem } from '../../src/machine/kv-snapshot.js'
import type { KvEvent, KvRow } from '../../src/machine/kv-types.js'

const asItems = async function * (items: readonly KvItem[]): AsyncGenerator<KvItem> { yield * items }
const kvSnapshot = async (items: readonly KvItem[]): Promise<Uint8Array> => joined(...await collect(encodeKvSnapshot(asItems(items))))

describe('a snapshot of the key-value machine', () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 6 })
  const row: fc.Arbitrary<KvRow> = fc.record({ key, value: bytesUpTo(60), createRevision: count, modRevision: count, version: count, lease: count })
  const inOrder = <T>(list: T[], keyOf: (item: T) => Uint8Array): T[] => list.sort((a, b) => Buffer.compare(keyOf(a), keyOf(b)))
  const rows = fc.uniqueArray(row, { maxLength: 6, selector: ({ key }) => hex(key) }).map(list => inOrder(list, ({ key }) => key).map((row): KvItem => ({ type: 'row', row })))
  const records = fc.tuple(...(['lease', 'attached', 'answer'] as const).map(table =>
    fc.uniqueArray(fc.record({ key, value: bytesUpTo(30) }), { maxLength: 3, selector: ({ key }) => hex(key) }).map(list => inOrder(list, ({ key }) => key).map((record): KvItem => ({ type: 'record', table, ...record })))))
  const changes = fc.uniqueArray(fc.tuple(count, fc.array(fc.oneof(key.map((key): KvEvent => ({ type: 'delete', key })), row.map((row): KvEvent => ({ type: 'put', row }))), { maxLength: 3 })), { maxLength: 4, selector: ([revision]) => revision })
    .map(list => list.sort(([a], [b]) => a - b).map(([revision, events]): KvItem => ({
      type: 'change', change: { revision, events: events.map(event => event.type === 'put' ? { type: 'put', row: { ...event.row, modRevision: revision } } : event) }
    })))
  const items = fc.tuple(count, rows, records, changes).map(([compacted, rows, records, changes]): KvItem[] => [{ type: 'head', compacted }, ...rows, ...records.flat(), ...changes])

  const check = async (bytes: Uint8Array, size: number): Promise<void> => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
    const got = await attemptAsync(async () => await collect(decodeKvSnapshot(stream(...pieces))), [MalformedFrameError])
    if (got !== refused) expect(hex(await kvSnapshot(got))).toBe(hex(bytes))
  }

  it('comes back as it was, in pieces of any size', async () => {
    await fc.assert(fc.asyncProperty(items, fc.integer({ min: 1, max: 50 }), async (items, size) => {
      const bytes = await kvSnapshot(items)
      await check(bytes, size)
      expectSame(await collect(decodeKvSnapshot(stream(bytes))), items)
    }), runs(100))
  })

  it('is taken for what it is, or refused, whatever was done to it', async () => {
    // Encoding is asynchronous, and an arbitrary is not.
    const samples = await Promise.all(fc.sample(items, { numRuns: 30, seed: 7 }).map(kvSnapshot))
    await fc.assert(fc.asyncProperty(fc.oneof(bytesUpTo(100), mutated(fc.constantFrom(...samples))), fc.integer({ min: 1, max: 50 }), check), runs(500))
  })
})

describe('a chunk of a snapshot', () => {
  it('unfolds to what it was, or is refused, and is never larger than a chunk', async () => {
    const raw = [new Uint8Array(0), new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES + 1), new Uint8Array(40_000_000), new Uint8Array(9_000).map((_, i) => (i * i) >> 3)]
    const valid = await Promise.all(raw.map(compress))
    for (const [i, data] of valid.entries()) {
      const back = await attemptAsync(async () => await decompress(data), [CodecError])
      if (raw[i].length > CHUNK_BYTES) expect(back).toBe(refused)
      else expect(back !== refused && Buffer.compare(back, raw[i])).toBe(0)
    }
    await fc.assert(fc.asyncProperty(fc.oneof(bytesUpTo(200), mutated(fc.constantFrom(...valid.filter(data => data.length < 20_000)))), async data => {
      const back = await attemptAsync(async () => await decompress(data), [CodecError])
      if (back !== refused) expect(back.length).toBeLessThanOrEqual(CHUNK_BYTES)
    }), runs(200))
  })
})

describe('a request to join', () => {
  const group = { namespace: '/raft/fuzz', clusterId: new Uint8Array(32).fill(3) }
  const claim = { ...group, incarnation: '0123456789abcdef', voter: true, addresses: ['/ip4/127.0.0.1/tcp/4001', '/dns4/x/tcp/1'], configurationIndex: 7 }

  it('says what was signed, or is refused', async () => {
    const [own, others] = await Promise.all([1, 2].map(async seed => await signJoin(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed)), claim)))
    const right = await verifyJoin(own, group)
    const part = (name: 'body' | 'publicKey' | 'signature'): fc.Arbitrary<Uint8Array> => {
      const valid = fc.constantFrom(own[name], others[name])
      return fc.oneof(fc.constant(own[name]), valid, mutated(valid), bytesUpTo(200))
    }
    await fc.assert(fc.asyncProperty(part('body'), part('publicKey'), part('signature'), async (body, publicKey, signature) => {
      const got = await attemptAsync(async () => await verifyJoin({ body, publicKey, signature }, group), [MalformedFrameError, NotAuthorizedError, ForeignClusterError])
      if (got === refused) return
      expect([hex(own.body), hex(others.body)]).toContain(hex(body))
      if (hex(body) === hex(own.body)) expectSame(got, right)
    }), runs(250))
  })
})

describe('the file by which commands find a node', () => {
  let directory: string
  beforeAll(async () => { directory = await mkdtemp(join(tmpdir(), 'raftmesh-fuzz-')) })
  afterAll(async () => { await rm(directory, { recursive: true, force: true }) })

  it('has addresses, or is refused', async () => {
    const content = fc.oneof(bytesUpTo(60), fc.oneof(fc.json(), fc.record({ addresses: fc.jsonValue() }).map(value => JSON.stringify(value))).map(text => new TextEncoder().encode(text)))
    await fc.assert(fc.asyncProperty(content, async bytes => {
      await writeFile(join(directory, 'node.json'), bytes)
      const file = await attemptAsync(async () => await readNodeFile(directory), [InvalidArgumentError])
      if (file !== refused) expect(file.addresses.every(address => typeof address === 'string')).toBe(true)
    }), runs(100))
  })
})
