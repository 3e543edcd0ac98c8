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
  return { clock, routing: new ClientRouting(clock, () => 0) }
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

  describe('what any member answers', () => {
    const names = new Map([[a.toString(), 'a'], [b.toString(), 'b'], [c.toString(), 'c']])
    const picked = (routing: ClientRouting, times: number): string => Array.from({ length: times }, () => names.get(routing.pickAny()?.toString() ?? '') ?? '-').join('')

    it('is asked of each of them in turn, and of nobody else', () => {
      const { routing } = setup()
      routing.served(a)
      routing.leads(b)
      routing.add(c)
      expect(picked(routing, 4)).toBe('abab')
      routing.hosts(c)
      expect([...picked(routing, 3)].sort()).toEqual(['a', 'b', 'c'])
      // They say nothing of where to go with the rest.
      routing.served(c, true)
      routing.noLeader(b)
      expect(routing.pick()).toBe(a)
    })

    it('is asked of one that failed only after a while, and of one that has no room only after a moment', async () => {
      const { clock, routing } = setup()
      for (const peer of [a, b, c]) routing.hosts(peer)
      routing.failed(b)
      await clock.advance(1_000)
      expect([...new Set(picked(routing, 6))].sort()).toEqual(['a', 'c'])
      await clock.advance(30_000)
      routing.busy(c)
      expect([...new Set(picked(routing, 6))].sort()).toEqual(['a', 'b'])
      await clock.advance(1_000)
      expect([...new Set(picked(routing, 6))].sort()).toEqual(['a', 'b', 'c'])
    })

    it('is asked of whom there is, if none is left', () => {
      const { routing } = setup()
      routing.add(a)
      expect(picked(routing, 1)).toBe('a')
      routing.busy(a)
      expect(picked(routing, 1)).toBe('a')
      routing.failed(a, true)
      expect(picked(routing, 1)).toBe('-')
    })
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
