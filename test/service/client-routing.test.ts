import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it, vi } from 'vitest'
import { ClientRouting } from '../../src/service/client-routing.js'
import { ManualClock } from './support/manual-clock.js'
import type { PeerId } from '@libp2p/interface'

const makePeer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const [a, b, c] = await Promise.all([makePeer(), makePeer(), makePeer()])

const setup = (): { clock: ManualClock, routing: ClientRouting } => {
  const clock = new ManualClock()
  return { clock, routing: new ClientRouting(clock) }
}

describe('ClientRouting', () => {
  it('knows nobody at first', () => {
    expect(setup().routing.pick()).toBeUndefined()
  })

  it('prefers the leader, then who answered, then who might', () => {
    const { routing } = setup()
    routing.add(a)
    routing.add(b)
    routing.served(b)
    expect(routing.pick()).toBe(b)
    routing.served(b)
    routing.leads(c)
    expect(routing.pick()?.toString()).toBe(c.toString())
    expect(routing.leader?.toString()).toBe(c.toString())
  })

  it('sticks to the leader while it works, whatever others answer', () => {
    const { routing } = setup()
    routing.served(a)
    routing.leads(b)
    routing.served(b)
    routing.served(a)
    expect(routing.pick()?.equals(b)).toBe(true)
  })

  it('leaves the leader at once when it fails, and comes back to it after a rest', async () => {
    const { clock, routing } = setup()
    routing.served(a)
    routing.leads(b)
    routing.failed(b)
    expect(routing.leader).toBeUndefined()
    expect(routing.pick()).toBe(a)
    routing.failed(a)
    expect(routing.pick()).toBeUndefined()
    await clock.advance(101)
    expect(routing.pick()).toBeDefined()
  })

  it('rests peers ever longer, up to a bound', async () => {
    const { clock, routing } = setup()
    routing.add(a)
    const rests: number[] = []
    for (let i = 0; i < 12; i++) {
      routing.failed(a)
      let ms = 0
      for (; routing.pick() === undefined; ms += 50) await clock.advance(50)
      rests.push(ms)
    }
    expect(rests.slice(0, 4)).toEqual([100, 200, 400, 800])
    expect(rests.at(-1)).toBe(5_000)
  })

  it('forgets its rest when it is seen again', () => {
    const { routing } = setup()
    routing.add(a)
    routing.failed(a)
    routing.seen(a)
    expect(routing.pick()).toBe(a)
  })

  it('takes a leader that does not know who leads off its place', () => {
    const { routing } = setup()
    routing.served(a)
    routing.leads(b)
    routing.noLeader(b)
    expect(routing.leader).toBeUndefined()
  })

  it('wakes those who wait when a peer turns up, or when the first rest is over', async () => {
    const { clock, routing } = setup()
    const woken = vi.fn()
    const first = routing.change(10_000).then(woken)
    routing.add(a)
    await first
    routing.failed(a)
    const second = routing.change(10_000).then(woken)
    await clock.advance(100)
    await second
    expect(woken).toHaveBeenCalledTimes(2)
    const controller = new AbortController()
    const third = routing.change(10_000, controller.signal)
    controller.abort(new Error('stop'))
    await expect(third).rejects.toThrow('stop')
    expect(clock.pending).toBe(0)
  })

  it('keeps a bounded number of hints, and never drops who serves for one', async () => {
    const { routing } = setup()
    routing.served(a)
    const many = await Promise.all(Array.from({ length: 300 }, makePeer))
    for (const peer of many) routing.add(peer)
    expect(routing.peers()).toEqual([a])
    expect(routing.pick()).toBe(a)
    routing.forget(a)
    expect(routing.peers().length).toBeLessThanOrEqual(256)
  })
})
