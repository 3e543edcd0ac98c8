import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { describe, expect, it, vi } from 'vitest'
import { BootstrapError } from '../../src/errors.js'
import { BootstrapDialer, parseBootstrap } from '../../src/service/bootstrap-dialer.js'
import { ManualClock } from './support/manual-clock.js'
import type { BootstrapStatus } from '../../src/service/api.js'
import type { Connection, Libp2pEvents, PeerId } from '@libp2p/interface'

const makePeer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const [self, other] = await Promise.all([makePeer(), makePeer()])
const address = multiaddr(`/ip4/127.0.0.1/tcp/4001/p2p/${other.toString()}`)

interface World { clock: ManualClock, dialer: BootstrapDialer, dial: ReturnType<typeof vi.fn>, changes: BootstrapStatus[], logged: string[], lose: () => void, up: boolean, live: boolean }

function setup (addresses = [address]): World {
  const clock = new ManualClock()
  const events = new TypedEventEmitter<Libp2pEvents>()
  const world = { clock, changes: [] as BootstrapStatus[], logged: [] as string[], up: true, live: true } as unknown as World
  world.dial = vi.fn(async () => {
    if (!world.up) throw new Error('refused')
    world.live = true
    return { remotePeer: other } as unknown as Connection
  })
  world.lose = () => {
    world.live = false
    events.dispatchEvent(new CustomEvent('peer:disconnect', { detail: other }))
  }
  const log = Object.assign(() => {}, { error: (_format: string, message: string) => { world.logged.push(message) }, trace: () => {}, enabled: false, newScope: () => log }) as never
  world.dialer = new BootstrapDialer(addresses, {
    connectionManager: { openConnection: world.dial as never, getConnections: () => world.live ? [{} as Connection] : [] },
    events, self, clock, random: () => 0, log, onChange: status => { world.changes.push(status) }
  })
  return world
}

describe('BootstrapDialer', () => {
  it('connects, and dials again when the connection is lost', async () => {
    const world = setup()
    world.dialer.start()
    await world.clock.advance(0)
    expect(world.changes).toEqual([{ address: address.toString(), connected: true, failures: 0 }])
    world.lose()
    expect(world.dialer.status()).toEqual([{ address: address.toString(), connected: false, failures: 0 }])
    await world.clock.advance(250)
    expect(world.dial).toHaveBeenCalledTimes(2)
    expect(world.dialer.status()[0]?.connected).toBe(true)
    world.dialer.stop()
  })

  it('never gives up on an address that is down, but asks ever more rarely, and says so ever more rarely', async () => {
    const world = setup()
    world.up = false
    world.dialer.start()
    await world.clock.advance(10 * 60_000)
    const dials = world.dial.mock.calls.length
    expect(dials).toBeGreaterThan(30)
    expect(dials).toBeLessThan(60)
    expect(world.logged.length).toBeLessThan(8)
    expect(world.dialer.status()[0]?.error).toBeInstanceOf(BootstrapError)
    expect(world.dialer.status()[0]?.error?.message).toContain('refused')
    world.up = true
    await world.clock.advance(30_000)
    expect(world.dialer.status()).toEqual([{ address: address.toString(), connected: true, failures: 0 }])
    world.dialer.stop()
  })

  it('notices a connection that closed before anyone listened', async () => {
    const world = setup()
    world.dial.mockImplementationOnce(async () => {
      world.live = false
      return { remotePeer: other } as unknown as Connection
    })
    world.dialer.start()
    await world.clock.advance(250)
    expect(world.dial).toHaveBeenCalledTimes(2)
    world.dialer.stop()
  })

  it('does not dial itself, and does nothing once stopped', async () => {
    const world = setup([multiaddr(`/ip4/127.0.0.1/tcp/4001/p2p/${self.toString()}`), address])
    world.up = false
    world.dialer.start()
    await world.clock.advance(0)
    expect(world.dial).toHaveBeenCalledTimes(1)
    world.dialer.stop()
    await world.clock.advance(60_000)
    expect(world.dial).toHaveBeenCalledTimes(1)
    expect(world.clock.pending).toBe(0)
  })
})

describe('parseBootstrap', () => {
  it('reports what is no address, and keeps the rest', () => {
    const report = vi.fn()
    expect(parseBootstrap(['nonsense', address.toString(), '/ip4/1.2.3.4/tcp/5/p2p/bob'], report)).toEqual([address])
    expect(report).toHaveBeenCalledTimes(2)
  })

  it('refuses a list in which none is valid, and takes an empty one', () => {
    expect(() => parseBootstrap(['a', 'b'], () => {})).toThrow(BootstrapError)
    expect(() => parseBootstrap(['a'], () => {})).toThrow(/"a" is not a multiaddr/)
    expect(parseBootstrap([], () => {})).toEqual([])
  })
})
