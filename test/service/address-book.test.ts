import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { AddressBook } from '../../src/service/address-book.js'
import { MemoryOrderedStore, openGroupStorage } from '../../src/storage/index.js'
import { ManualClock, settle } from './support/manual-clock.js'
import type { Libp2pEvents, PeerId, PeerStore } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const makePeer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const [self, a, b] = await Promise.all([makePeer(), makePeer(), makePeer()])
const address = (port: number): Multiaddr => multiaddr(`/ip4/127.0.0.1/tcp/${port}`)

let store: MemoryOrderedStore
let clock: ManualClock
let events: TypedEventEmitter<Libp2pEvents>
let merge: ReturnType<typeof vi.fn>
let met: Map<string, Multiaddr[]>

beforeEach(() => {
  store = new MemoryOrderedStore()
  clock = new ManualClock()
  events = new TypedEventEmitter()
  merge = vi.fn(async () => ({}))
  met = new Map()
})

async function open (): Promise<AddressBook> {
  const get = async (peer: PeerId): Promise<unknown> => {
    const addresses = met.get(peer.toString())
    if (addresses === undefined) throw new Error('not found')
    return { addresses: addresses.map(multiaddr => ({ multiaddr })) }
  }
  const log = Object.assign(() => {}, { error: (...args: unknown[]) => { throw new Error(args.join(' ')) }, trace: () => {} }) as never
  const book = new AddressBook(await openGroupStorage(store, '/raft/t'), store, { peerStore: { get, merge } as unknown as PeerStore, events, clock, self, log })
  await book.start()
  return book
}

function update (peer: PeerId, ...addresses: Multiaddr[]): void {
  events.dispatchEvent(new CustomEvent('peer:update', { detail: { peer: { id: peer, addresses: addresses.map(multiaddr => ({ multiaddr, isCertified: false })) } } }) as never)
}

const list = (book: AddressBook, peer: PeerId): string[] => book.addressesOf(peer.toString()).map(String)

describe('AddressBook', () => {
  it('keeps where members were reached, over a restart, and tells the peer store', async () => {
    const book = await open()
    met.set(a.toString(), [address(1)])
    book.setMembers(new Set([self, a, b].map(String)))
    await settle()
    update(b, address(2), address(3))
    expect(list(book, a)).toEqual(['/ip4/127.0.0.1/tcp/1'])
    expect(list(book, b)).toEqual(['/ip4/127.0.0.1/tcp/2', '/ip4/127.0.0.1/tcp/3'])
    await book.stop()
    expect(merge).not.toHaveBeenCalled()

    const again = await open()
    expect(list(again, b)).toEqual(['/ip4/127.0.0.1/tcp/2', '/ip4/127.0.0.1/tcp/3'])
    expect(merge.mock.calls.map(([peer]) => (peer as PeerId).toString()).sort()).toEqual([a.toString(), b.toString()].sort())
    merge.mockClear()
    // The peer store forgets after an hour.
    await clock.advance(61 * 60_000)
    expect(merge.mock.calls.length).toBeGreaterThanOrEqual(4)
    await again.stop()
    expect(clock.pending).toBe(0)
  })

  it('follows members that move, and keeps nobody else', async () => {
    const book = await open()
    book.setMembers(new Set([a.toString()]))
    update(a, address(1))
    update(a, address(9))
    update(a) // none is no news
    update(b, address(2))
    expect(list(book, a)).toEqual(['/ip4/127.0.0.1/tcp/9'])
    expect(list(book, b)).toEqual([])
    await book.stop()
    expect(list(await open(), a)).toEqual(['/ip4/127.0.0.1/tcp/9'])
  })

  it('takes what it cannot read for nothing', async () => {
    const storage = await openGroupStorage(store, '/raft/t')
    const ops: Parameters<typeof storage.putStable>[0] = []
    storage.putStable(ops, 'addresses', Uint8Array.of(1, 2, 3))
    await store.batch(ops, { sync: true })
    const book = await open()
    expect(book.peers()).toEqual([])
    await book.stop()
  })
})
