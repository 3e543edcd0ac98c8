import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import { TypedEventEmitter } from 'main-event'
import { describe, expect, it, vi } from 'vitest'
import { RaftMeshError } from '../../src/errors.js'
import { encodeKvOk } from '../../src/machine/kv-result.js'
import { AddressBook } from '../../src/service/address-book.js'
import { Client } from '../../src/service/client.js'
import { resolveClientOptions } from '../../src/service/options.js'
import { PeerExchange } from '../../src/service/peer-exchange.js'
import { MemoryOrderedStore, openGroupStorage } from '../../src/storage/index.js'
import { ManualClock } from '../service/support/manual-clock.js'
import { response, text } from './arbitraries.js'
import { attemptAsync, refused, runs } from './support.js'
import type { Clock, Timer } from '../../src/clock.js'
import type { Response } from '../../src/wire/index.js'
import type { StoreOp } from '../../src/storage/index.js'
import type { PeerId } from '@libp2p/interface'

const makePeer = async (seed: number): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed)))
const [self, known, other] = await Promise.all([makePeer(1), makePeer(2), makePeer(3)])
const log = Object.assign(() => {}, { error: () => {}, trace: () => {} }) as never

/** Names that peers give of peers: those that are, and whatever else. */
const name = fc.oneof(fc.constantFrom(known.toString(), other.toString()), text, fc.constantFrom('', '1', 'Qm', '12D3KooW', 'z'.repeat(4_000), 'bafzaajaiaejca'))
const address = fc.oneof(text, fc.constantFrom('/ip4/127.0.0.1/tcp/1', '/ip4/1', '/p2p/x', '/', '/dns4/a/tcp/99999', '/ip6/::/udp/1/quic-v1', '/unix/a', '/ip4/1.2.3.4/tcp/1/p2p/nobody'))

/** Nobody waits: an answer that cannot be read is asked for again until time is up. */
function hurried (): Clock {
  let now = 0
  const setTimer = (ms: number, fire: () => void): Timer => {
    const at = now + ms
    const handle = setImmediate(() => {
      now = Math.max(now, at)
      fire()
    })
    return { cancel: () => { clearImmediate(handle) } }
  }
  return { now: () => now, wall: () => now, setTimer, setImmediate: fire => setTimer(0, fire) }
}

function client (answer: () => Response): Client {
  return new Client({
    namespace: '/raft/fuzz',
    options: resolveClientOptions({}),
    clock: hurried(),
    random: () => 0.5,
    newId: () => '0123456789abcdef',
    log: () => {},
    finder: routing => { routing.add(known); return { search: async () => {}, reach: async () => false, close: () => {} } },
    signJoin: async () => ({ body: new Uint8Array(0), publicKey: new Uint8Array(0), signature: new Uint8Array(0) }),
    port: { request: async () => answer() }
  })
}

const facts = { createRevision: 1, modRevision: 1, version: 1, lease: 0 }

describe('what a client makes of answers', () => {
  const strange = fc.tuple(response, name, name, fc.array(name, { maxLength: 3 })).map(([r, a, b, list]): Response => ({
    ...r,
    leader: a,
    memberList: { members: list.map(peer => ({ peer, incarnation: 'x', voter: true, addresses: [a] })), clusterId: new Uint8Array(3), configurationIndex: 1, term: 1, provisional: false, pending: false, ...(b === '' ? {} : { leader: b }) },
    proposed: { index: 1, result: r.proposed?.result ?? encodeKvOk(7) },
    got: r.got ?? { found: true, value: new Uint8Array(2) },
    rowList: r.rowList ?? { rows: [], more: false },
    stats: r.stats ?? { json: '{}' },
    peerList: { peers: list.map(peer => ({ peer, addresses: [a, b], ageMs: 1 })), clusterId: new Uint8Array(0) },
    index: { index: 3 },
    joined: { clusterId: new Uint8Array(1) },
    failure: undefined
  }))
  const calls: Record<string, (on: Client) => Promise<unknown>> = {
    set: async on => await on.set('k', 'v'),
    get: async on => await on.get('k'),
    members: async on => await on.members(),
    stats: async on => await on.stats(),
    exchangePeers: async on => await on.exchangePeers(),
    barrier: async on => await on.barrier(),
    joinVoter: async on => { await on.joinVoter() }
  }

  it.each(Object.keys(calls))('is a result, or an error of ours: %s', async call => {
    await fc.assert(fc.asyncProperty(strange, async answer => {
      await attemptAsync(async () => await calls[call](client(() => answer)), [RaftMeshError])
    }), runs(120))
  })

  it('is no endless list of keys, if each page says that there are more', async () => {
    const page = fc.array(fc.uint8Array({ minLength: 1, maxLength: 2 }), { maxLength: 4 })
    await fc.assert(fc.asyncProperty(fc.array(page, { minLength: 1, maxLength: 4 }), async pages => {
      let asked = 0
      const on = client(() => {
        // More pages than there are keys of two bytes would never come to an end.
        if (++asked > 70_000) throw new Error('it goes on asking')
        return { id: 1, rowList: { rows: (pages[(asked - 1) % pages.length] ?? []).map(key => ({ key: key as Uint8Array<ArrayBuffer>, value: new Uint8Array(0), facts })), more: true } }
      })
      const keys = await attemptAsync(async () => await on.keys(), [RaftMeshError])
      if (keys !== refused) expect(keys.length).toBeLessThanOrEqual(asked * 4)
    }), runs(60))
  })
})

describe('peers that a peer tells of', () => {
  it('are learnt if they are any, whatever else is on the list', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ peer: name, addresses: fc.array(address, { maxLength: 4 }), ageMs: fc.nat() }), { maxLength: 6 }), async infos => {
      const added: string[] = []
      const merge = vi.fn(async () => ({}))
      const discovery = { add: (peer: string) => { added.push(peer) } }
      const exchange = new PeerExchange('/raft/fuzz', { components: { peerStore: { merge } }, self } as never, discovery as never, async () => [], log)
      await exchange.learn(infos)
      for (const peer of [known, other]) expect(added.includes(peer.toString())).toBe(infos.some(info => info.peer === peer.toString()))
    }), runs(200))
  })
})

describe('addresses kept on disk', () => {
  const json = fc.oneof(fc.json(), fc.array(fc.tuple(fc.oneof(name, fc.anything()), fc.oneof(fc.array(fc.oneof(address, fc.anything()), { maxLength: 3 }), fc.anything())), { maxLength: 4 }).map(list => {
    try { return JSON.stringify(list) ?? '' } catch { return '' }
  }))

  it('are hints: what cannot be read is left out', async () => {
    await fc.assert(fc.asyncProperty(json, async json => {
      const on = new MemoryOrderedStore()
      const storage = await openGroupStorage(on, '/raft/fuzz')
      const ops: StoreOp[] = []
      storage.putStable(ops, 'addresses', new TextEncoder().encode(json))
      await on.batch(ops, { sync: true })
      const book = new AddressBook(storage, on, { peerStore: { merge: async () => ({}) } as never, events: new TypedEventEmitter(), clock: new ManualClock(), self, log })
      await book.start()
      for (const [peer] of book.peers()) expect([known.toString(), other.toString()]).toContain(peer)
      await book.stop()
    }), runs(200))
  })
})
