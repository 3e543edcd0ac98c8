import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { TypedEventEmitter } from 'main-event'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Discovery, rendezvousCids } from '../../src/formation/discovery.js'
import { generateKey, KeyRing } from '../../src/keys/index.js'
import { ManualClock, quiet } from './clock.js'
import { generator } from './world.js'
import type { DiscoveryComponents, DiscoveryOptions } from '../../src/formation/discovery.js'
import type { AbortOptions, Libp2pEvents, Logger, PeerId, Topology } from '@libp2p/interface'

async function peerId (): Promise<PeerId> { return peerIdFromPrivateKey(await generateKeyPair('Ed25519')) }

const silent: Logger = Object.assign(() => {}, { error: () => {}, trace: () => {}, enabled: false, newScope: () => silent })

/** A libp2p whose DHT does as it is told. */
class FakeNode {
  readonly events = new TypedEventEmitter<Libp2pEvents>()
  readonly topologies = new Map<string, { protocol: string, topology: Topology }>()
  connected: Array<{ peer: PeerId, protocols?: string[] }> = []
  providers: PeerId[] = []
  /** Nobody in the routing table: calls hang until their signal ends them. */
  lonely = false
  readonly provided: string[] = []
  readonly searched: string[] = []
  provides = 0
  searches = 0
  hanging = 0

  constructor (readonly self: PeerId) {}

  get components (): DiscoveryComponents {
    return {
      peerId: this.self,
      events: this.events,
      logger: { forComponent: () => silent },
      contentRouting: {
        provide: async (cid, options) => {
          this.provides++
          this.provided.push(cid.toString())
          if (this.lonely) await this.#hang(options)
        },
        findProviders: (cid, options) => {
          this.searched.push(cid.toString())
          return this.#find(options)
        }
      },
      connectionManager: { getConnections: (() => this.connected.map(({ peer }) => ({ remotePeer: peer }))) as DiscoveryComponents['connectionManager']['getConnections'] },
      registrar: {
        register: async (protocol, topology) => {
          const id = `${protocol}#${this.topologies.size}`
          this.topologies.set(id, { protocol, topology })
          return id
        },
        unregister: id => { this.topologies.delete(id) }
      },
      peerStore: {
        get: (async (peer: PeerId) => {
          const protocols = this.connected.find(c => c.peer.equals(peer))?.protocols
          if (protocols === undefined) throw new Error('not identified')
          return { protocols }
        }) as unknown as DiscoveryComponents['peerStore']['get']
      }
    }
  }

  identify (): void { this.events.dispatchEvent(new CustomEvent('peer:identify') as Libp2pEvents['peer:identify']) }

  async * #find (options?: AbortOptions): ReturnType<DiscoveryComponents['contentRouting']['findProviders']> {
    this.searches++
    if (this.lonely) await this.#hang(options)
    for (const id of this.providers) yield { id, multiaddrs: [], routing: 'test' } as never
  }

  async #hang (options?: AbortOptions): Promise<void> {
    this.hanging++
    try {
      await new Promise((_resolve, reject) => {
        if (options?.signal === undefined) throw new Error('a call without a signal would hang for ever')
        options.signal.addEventListener('abort', () => { reject(options.signal!.reason as Error) })
      })
    } finally { this.hanging-- }
  }
}

let node: FakeNode
let clock: ManualClock
let discovery: Discovery | undefined
let told: string[]

beforeEach(async () => {
  node = new FakeNode(await peerId())
  clock = new ManualClock()
  told = []
})
afterEach(async () => { await discovery?.close() })

async function start (options: Partial<DiscoveryOptions> = {}): Promise<Discovery> {
  const made = discovery = new Discovery(node.components, { namespace: '/raft/test', clock, random: generator(1), protocols: ['/raft/v1', '/raft/v1/raft/test'], ...options })
  made.onCandidate(peer => { told.push(peer) })
  await made.start()
  await quiet()
  return made
}

describe('Discovery', () => {
  it('meets at one point for each namespace', () => {
    const [test] = rendezvousCids('/raft/test')
    expect(rendezvousCids('/raft/test').map(String)).toEqual([String(test)])
    expect(rendezvousCids('/raft/cron')[0].equals(test)).toBe(false)
    expect(test.code).toBe(0x55)
  })

  it('with keys, meets where only their holders can tell, at one point for each key', () => {
    const [one, two] = [generateKey(), generateKey()]
    const points = rendezvousCids('/raft/test', new KeyRing({ keys: [one, two] })).map(String)
    expect(points).toEqual([one, two].flatMap(key => rendezvousCids('/raft/test', new KeyRing(key)).map(String)))
    expect(new Set([...points, ...rendezvousCids('/raft/cron', new KeyRing(one)).map(String), ...rendezvousCids('/raft/test').map(String)]).size).toBe(4)
  })

  it('is found, and looks, at the point of a key as soon as it has the key', async () => {
    const keys = new KeyRing(generateKey())
    const [first] = rendezvousCids('/raft/test', keys).map(String)
    await start({ keys })
    expect([node.provided, node.searched]).toEqual([[first], [first]])
    keys.add(generateKey())
    await quiet()
    const both = rendezvousCids('/raft/test', keys).map(String)
    expect([node.provided.slice(1), node.searched.slice(1)]).toEqual([both, both])
    await discovery?.close()
    keys.add(generateKey())
    await quiet()
    expect(node.provided).toHaveLength(3)
  })

  it('announces this node and finds others, but not itself', async () => {
    const other = await peerId()
    node.providers = [node.self, other]
    const made = await start()
    expect(node.provides).toBe(1)
    expect(told).toEqual([other.toString()])
    expect(made.candidates()).toEqual([other.toString()])
  })

  it('takes up connected peers that speak the protocol, now and later', async () => {
    const [serving, plain, unidentified, later] = await Promise.all([peerId(), peerId(), peerId(), peerId()])
    node.connected = [{ peer: serving, protocols: ['/raft/v1', '/ipfs/id/1.0.0'] }, { peer: plain, protocols: ['/ipfs/id/1.0.0'] }, { peer: unidentified }]
    await start()
    expect(told).toEqual([serving.toString()])
    await [...node.topologies.values()][0].topology.onConnect?.(later, undefined as never)
    expect(told).toEqual([serving.toString(), later.toString()])
    expect([...node.topologies.values()].map(t => t.protocol)).toEqual(['/raft/v1', '/raft/v1/raft/test'])
  })

  it('does not hang without peers, and begins anew with the first one', async () => {
    node.lonely = true
    await start()
    expect(node.hanging).toBe(2)
    await clock.advance(30_000)
    expect(node.searches).toBeGreaterThan(3)
    node.lonely = false
    const other = await peerId()
    node.providers = [other]
    node.identify()
    await clock.advance(300)
    expect(told).toEqual([other.toString()])
    const { provides } = node
    expect(provides).toBeGreaterThan(1)
  })

  it('announces again when a peer turns up, once for many, and at the latest after twenty minutes', async () => {
    await start()
    for (let i = 0; i < 20; i++) node.identify()
    await clock.advance(1_000)
    expect(node.provides).toBe(2)
    await clock.advance(20 * 60_000)
    expect(node.provides).toBe(3)
  })

  it('searches eagerly at first, seldom once the group is formed, and eagerly again on request', async () => {
    const made = await start()
    await clock.advance(2_000)
    const eager = node.searches
    expect(eager).toBeGreaterThan(3)
    made.setSettled(true)
    await clock.advance(60 * 60_000)
    expect(node.searches - eager).toBeLessThan(150)
    const settled = node.searches
    made.setSettled(false)
    await clock.advance(2_000)
    expect(node.searches - settled).toBeGreaterThan(3)
  })

  it('does not announce a mere client', async () => {
    await start({ announce: false })
    node.identify()
    await clock.advance(60_000)
    expect(node.provides).toBe(0)
    expect(node.searches).toBeGreaterThan(0)
  })

  it('ends everything when it is closed', async () => {
    node.lonely = true
    const made = await start()
    await made.close()
    expect(node.hanging).toBe(0)
    expect(clock.pending).toBe(0)
    expect(node.topologies.size).toBe(0)
    made.add((await peerId()).toString())
    node.identify()
    expect(told).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('keeps a bounded number of candidates', async () => {
    const made = await start()
    for (let i = 0; i < 3_000; i++) made.add(`peer${i}`)
    expect(made.candidates().length).toBeLessThanOrEqual(1_024)
    expect(made.candidates()).toContain('peer2999')
  })
})
