import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LockLostError, UnknownOutcomeError } from '../../src/errors.js'
import { settled } from './support/pending.js'
import { World } from './support/world.js'
import type { Fate, SimClient } from './support/client.js'
import type { Leader } from '../../src/recipes/election.js'
import type { ScanOptions } from '../../src/recipes/types.js'

let world: World
beforeEach(() => { world = new World() })
afterEach(() => { world.close() })

const text = (leader: Leader | undefined): string | undefined => leader === undefined ? undefined : new TextDecoder().decode(leader.value)

/** What an observer is told, as it comes. */
function observed (client: SimClient, signal?: AbortSignal): Array<string | undefined> {
  const told: Array<string | undefined> = []
  void (async () => { for await (const leader of client.election('e').observe({ signal })) told.push(text(leader)) })().catch(() => { /* the end of the test */ })
  return told
}

describe('election', () => {
  it('has one leader, then the next in the order of their campaigns', async () => {
    const [a, b, c] = [world.client(), world.client(), world.client()]
    const first = await world.run(a.election('e').campaign('a'))
    const second = b.election('e').campaign('b')
    await world.until(() => world.group.keys().length === 2)
    const third = c.election('e').campaign('c')
    await world.until(() => world.group.keys().length === 3)
    expect(text(await world.run(c.election('e').leader()))).toBe('a')
    await world.run(first.resign())
    const next = await world.run(second)
    expect(await world.run(c.election('e').leader())).toEqual({ value: new TextEncoder().encode('b'), token: next.token })
    expect(await settled(third)).toBe(false)
    await world.run(next.resign())
    await world.run((await world.run(third)).resign())
    expect(await world.run(c.election('e').leader())).toBeUndefined()
    expect(world.group.keys()).toEqual([])
  })

  it('tells observers of every leader and value, in order, and of there being none', async () => {
    const [a, b, observer] = [world.client(), world.client(), world.client()]
    const told = observed(observer)
    await world.until(() => told.length === 1)
    const first = await world.run(a.election('e').campaign('a1'))
    const second = b.election('e').campaign('b1')
    await world.until(() => world.group.keys().length === 2)
    await world.run(first.proclaim('a2'))
    await world.run(first.resign())
    const leadership = await world.run(second)
    await world.run(leadership.proclaim('b2'))
    await world.run(leadership.proclaim('b2'))
    await world.run(leadership.resign())
    await world.advance(1_000)
    expect(told).toEqual([undefined, 'a1', 'a2', 'b1', 'b2', undefined])
  })

  it('lets an observer leave who waits for a change that does not come', async () => {
    const observer = world.client().election('e').observe()
    expect((await world.run(observer.next())).value).toBeUndefined()
    const next = observer.next()
    expect(await world.run((observer.return as () => Promise<IteratorResult<Leader | undefined>>)())).toEqual({ done: true, value: undefined })
    expect(await world.run(next)).toEqual({ done: true, value: undefined })
  })

  it('tells a slow observer of those who led and went meanwhile, too', async () => {
    const observer = world.client().election('e').observe()
    expect((await world.run(observer.next())).value).toBeUndefined()
    for (const name of ['a', 'b', 'c']) await world.run((await world.run(world.client().election('e').campaign(name))).resign())
    const told: Array<string | undefined> = []
    for (let i = 0; i < 6; i++) told.push(text((await world.run(observer.next())).value as Leader | undefined))
    expect(told).toEqual(['a', undefined, 'b', undefined, 'c', undefined])
    await world.run((observer.return as () => Promise<unknown>)())
  })

  it('goes on observing where history is compacted, with who leads then', async () => {
    const [a, observer] = [world.client(), world.client().election('e').observe()]
    expect((await world.run(observer.next())).value).toBeUndefined()
    const first = await world.run(a.election('e').campaign('a'))
    await world.run(first.resign())
    await world.run(world.client().election('e').campaign('b'))
    await world.run(a.compact(world.group.kv.revision))
    expect(text((await world.run(observer.next())).value as Leader | undefined)).toBe('b')
  })

  it('ends an observer by its signal', async () => {
    const giving = new AbortController()
    const observer = world.client().election('e').observe({ signal: giving.signal })
    await world.run(observer.next())
    const next = observer.next()
    next.catch(() => {})
    await world.advance(1_000)
    giving.abort(new Error('enough'))
    await expect(world.run(next)).rejects.toThrow('enough')
  })

  it('is lost with its lease: the one who led can proclaim no more', async () => {
    const [a, b] = [world.client(), world.client()]
    const old = await world.run(a.election('e').campaign('a', { ttl: 1_000 }))
    const told = observed(world.client())
    a.process.pause()
    await world.run(b.election('e').campaign('b'))
    a.process.resume()
    expect(old.signal.reason).toBeInstanceOf(LockLostError)
    await expect(world.run(old.proclaim('still me'))).rejects.toBeInstanceOf(LockLostError)
    await world.advance(1_000)
    expect(told.slice(-1)).toEqual(['b'])
    expect(told).not.toContain('still me')
  })

  it('refuses a proclamation of one who does not know yet that it leads no more', async () => {
    const a = world.client()
    const old = await world.run(a.election('e').campaign('a', { ttl: 5_000 }))
    const row = world.group.kv.rows()[0]
    await world.run(world.client().leases.revoke(row?.lease ?? 0))
    expect(old.signal.aborted).toBe(false)
    await expect(world.run(old.proclaim('still me'))).rejects.toBeInstanceOf(LockLostError)
  })

  for (const fate of ['refused', 'lost', 'unanswered', 'late'] satisfies Fate[]) {
    it(`never goes back to an older value: proclamations that are ${fate}`, async () => {
      const a = world.client()
      const leadership = await world.run(a.election('e').campaign('0'))
      const told = observed(world.client())
      let n = 0
      a.fate = what => what === 'txn' && n++ % 2 === 0 ? fate : 'done'
      await world.run(Promise.all(['1', '2', '3', '4'].map(async value => { await leadership.proclaim(value) })))
      await world.advance(5_000)
      expect(told).toEqual(['0', '1', '2', '3', '4'])
    })
  }

  it('goes on from a proclamation that was given up and landed all the same', async () => {
    const a = world.client()
    const leadership = await world.run(a.election('e').campaign('0'))
    const giving = new AbortController()
    a.fate = what => what === 'txn' ? 'late' : 'done'
    const given = leadership.proclaim('1', { signal: giving.signal })
    given.catch(() => {})
    await world.advance(100)
    giving.abort(new UnknownOutcomeError('enough'))
    await expect(world.run(given)).rejects.toThrow()
    await world.advance(5_000)
    a.fate = () => 'done'
    await world.run(leadership.proclaim('2'))
    expect(text(await world.run(a.election('e').leader()))).toBe('2')
  })

  it('lets a proclamation be given up while an earlier one hangs: it is never made', async () => {
    const a = world.client()
    const leadership = await world.run(a.election('e').campaign('0'))
    a.fate = what => what === 'txn' ? 'refused' : 'done'
    const [first, giving] = [leadership.proclaim('1'), new AbortController()]
    const second = leadership.proclaim('2', { signal: giving.signal })
    second.catch(() => {})
    await world.advance(1_000)
    giving.abort(new Error('enough'))
    expect(await settled(second)).toBe(true)
    await expect(second).rejects.toThrow('enough')
    a.fate = () => 'done'
    await world.run(first)
    await world.advance(5_000)
    expect(text(await world.run(a.election('e').leader()))).toBe('1')
  })

  it('tells values in order where a look takes several pages, and the later ones are of later times', async () => {
    const [a, b, watcher] = [world.client(), world.client(), world.client()]
    const first = await world.run(a.election('e').campaign('a'))
    const second = b.election('e').campaign('b0')
    await world.until(() => world.group.keys().length === 2)
    const scan = watcher.scan.bind(watcher)
    let pages = 0
    watcher.scan = async (options?: ScanOptions) => {
      if (++pages === 2) {
        await first.resign()
        const leadership = await second
        await leadership.proclaim('b1')
        await leadership.proclaim('b2')
      }
      return await scan({ ...options, limit: 1 })
    }
    const told = observed(watcher)
    await world.advance(5_000)
    expect(told).toEqual(['a', 'b2'])
  })

  it('refuses options that it does not know', () => {
    expect(() => world.client().election('e').observe({ sginal: undefined } as never)).toThrow(/Unknown option "sginal"/)
  })
})
