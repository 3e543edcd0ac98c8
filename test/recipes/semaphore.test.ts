import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConflictError, InvalidArgumentError, LockLostError } from '../../src/errors.js'
import { settled } from './support/pending.js'
import { World } from './support/world.js'
import type { Permit } from '../../src/recipes/semaphore.js'

let world: World
beforeEach(() => { world = new World() })
afterEach(() => { world.close() })

const take = async (permits: number): Promise<Permit> => await world.run(world.client().semaphore('s', permits).acquire())

describe('semaphore', () => {
  it('lets so many in, and the next when any of them goes', async () => {
    const held = [await take(3), await take(3), await take(3)]
    const fourth = world.client().semaphore('s', 3).acquire()
    await world.until(() => world.group.keys().length === 4)
    const fifth = world.client().semaphore('s', 3).acquire()
    await world.until(() => world.group.keys().length === 5)
    await world.advance(30_000)
    expect(await settled(fourth)).toBe(false)
    await world.run((held[1] as Permit).release())
    await world.run(fourth)
    await world.advance(5_000)
    expect(await settled(fifth)).toBe(false)
    await world.run((held[0] as Permit).release())
    await world.run(fifth)
  })

  it('tryAcquire has one while any is free, and writes nothing when none is', async () => {
    const semaphore = world.client().semaphore('s', 2)
    const first = await world.run(semaphore.tryAcquire())
    expect(await world.run(semaphore.tryAcquire())).toBeDefined()
    const { revision } = world.group.kv
    expect(await world.run(semaphore.tryAcquire())).toBeUndefined()
    expect(world.group.kv.revision).toBe(revision)
    await world.run((first as Permit).release())
    expect(await world.run(semaphore.tryAcquire())).toBeDefined()
  })

  it('refuses another number than that of those who use it, and takes it once they are gone', async () => {
    const held = await take(2)
    const other = world.client().semaphore('s', 3)
    await expect(world.run(other.acquire())).rejects.toThrow(ConflictError)
    await expect(world.run(other.acquire())).rejects.toThrow('The semaphore "s" has 2 permits for those who use it now, not 3: all must name the same number')
    await expect(world.run(other.tryAcquire())).rejects.toThrow(ConflictError)
    await world.advance(2_000)
    expect(world.group.keys()).toHaveLength(1)
    await world.run(held.release())
    expect(world.group.keys()).toEqual([])
    expect((await world.run(other.acquire())).signal.aborted).toBe(false)
  })

  it('gives a permit on when its holder dies', async () => {
    const dying = world.client()
    await world.run(dying.semaphore('s', 1).acquire({ ttl: 2_000 }))
    const next = world.client().semaphore('s', 1).acquire()
    dying.process.kill()
    await world.run(next)
  })

  it('refuses numbers that are none', () => {
    const client = world.client()
    for (const permits of [0, -1, 1.5, NaN, 10_001, '2' as never]) expect(() => client.semaphore('s', permits)).toThrow(InvalidArgumentError)
    expect(() => client.semaphore('', 1)).toThrow(InvalidArgumentError)
  })

  it('fences a holder that lost its permit', async () => {
    const [a, b] = [world.client(), world.client()]
    const old = await world.run(a.semaphore('s', 1).acquire({ ttl: 1_000 }))
    a.process.pause()
    const next = await world.run(b.semaphore('s', 1).acquire())
    a.process.resume()
    expect(old.signal.reason).toBeInstanceOf(LockLostError)
    expect(await world.run(a.txn({ compare: [old.fence()], then: [{ type: 'set', key: 'k', value: '' }] }))).toMatchObject({ succeeded: false })
    expect(await world.run(b.txn({ compare: [next.fence()], then: [{ type: 'set', key: 'k', value: '' }] }))).toMatchObject({ succeeded: true })
  })
})
