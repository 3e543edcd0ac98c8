import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UnavailableError } from '../../src/errors.js'
import { WaitOverError } from '../../src/recipes/turns.js'
import { settled } from './support/pending.js'
import { World } from './support/world.js'
import type { SimClient } from './support/client.js'

let world: World
beforeEach(() => { world = new World() })
afterEach(() => { world.close() })

describe('wait', () => {
  it.each<[string, (client: SimClient) => Promise<{ token: number }>]>([
    ['a lock', async client => await client.lock('x', { wait: 0 })],
    ['a permit', async client => await client.semaphore('x', 2).acquire({ wait: 0 })],
    ['a leadership', async client => await client.election('x').campaign('me', { wait: 0 })]
  ])('of 0 is enough for %s that is free, however slow the group', async (_, acquire) => {
    world.slowness = 1_000
    expect((await world.run(acquire(world.client()))).token).toBeGreaterThan(0)
    world.close()
    world = new World()
    const late = world.client()
    late.failing = () => world.random.next() < 0.5
    expect((await world.run(acquire(late))).token).toBeGreaterThan(0)
  })

  it('is over, for those ahead, after its time and no more than a look later', async () => {
    const [a, b] = [world.client(), world.client()]
    await world.run(a.lock('x'))
    const began = world.clock.now()
    await expect(world.run(b.lock('x', { wait: 2_000 }))).rejects.toBeInstanceOf(WaitOverError)
    expect(world.clock.now() - began).toBeLessThan(2_500)
    expect(world.group.keys()).toHaveLength(1)
  })

  it('does not say that others are ahead where nobody could be asked', async () => {
    const [a, b] = [world.client(), world.client()]
    a.propose = async () => { throw new UnavailableError('no reachable peer serves /raft/simulated') }
    b.failing = type => type === 'rows'
    for (const client of [a, b]) {
      const failure: unknown = await world.run(client.lock('x', { wait: 0 }).catch((error: unknown) => error))
      expect(failure).toBeInstanceOf(UnavailableError)
      expect(failure).not.toBeInstanceOf(WaitOverError)
    }
    expect(world.group.keys()).toEqual([])
  })

  it.each([Number.MAX_SAFE_INTEGER, Infinity])('of %d is as none', async wait => {
    const [a, b] = [world.client(), world.client()]
    const holder = await world.run(a.lock('x'))
    const waiting = b.lock('x', { wait })
    await world.advance(60_000)
    expect(await settled(waiting)).toBe(false)
    await world.run(holder.release())
    expect((await world.run(waiting)).signal.aborted).toBe(false)
  })
})
