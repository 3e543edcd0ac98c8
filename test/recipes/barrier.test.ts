import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConflictError, InvalidArgumentError } from '../../src/errors.js'
import { settled } from './support/pending.js'
import { World } from './support/world.js'
import type { Fate, SimClient } from './support/client.js'

let world: World
beforeEach(() => { world = new World() })
afterEach(() => { world.close() })

describe('named barrier', () => {
  it('holds back those who wait until it is released, by anyone', async () => {
    const [a, b, c] = [world.client(), world.client(), world.client()]
    await world.run(a.namedBarrier('b').wait())
    await world.run(a.namedBarrier('b').hold())
    await world.run(a.namedBarrier('b').hold())
    const waiting = [b, c].map(async client => { await client.namedBarrier('b').wait() })
    a.process.kill()
    await world.advance(60_000)
    for (const wait of waiting) expect(await settled(wait)).toBe(false)
    await world.run(b.namedBarrier('b').release())
    await world.run(Promise.all(waiting))
    await world.run(b.namedBarrier('b').release())
    expect(world.group.keys()).toEqual([])
  })

  it('lets those go on who waited when it was opened, though it is closed again', async () => {
    const [a, b] = [world.client(), world.client()]
    await world.run(a.namedBarrier('b').hold())
    const waiting = b.namedBarrier('b').wait()
    await world.advance(1_000)
    b.process.pause()
    await world.run(a.namedBarrier('b').release())
    await world.run(a.namedBarrier('b').hold())
    b.process.resume()
    await world.run(waiting)
  })

  it('lets those go on who waited when it was opened, also where history is compacted before they are told', async () => {
    const [a, b] = [world.client(), world.client()]
    const barrier = a.namedBarrier('b')
    await world.run(barrier.hold())
    const waiting = b.namedBarrier('b').wait()
    await world.advance(1_000)
    b.failing = type => type === 'changes'
    await world.advance(6_000)
    await world.run(barrier.release())
    await world.run(barrier.hold())
    await world.run(a.compact(world.group.kv.revision))
    b.failing = () => false
    await world.run(waiting)
  })

  it('does not do again unasked what may have been done', async () => {
    const a = world.client()
    a.fate = () => 'unanswered'
    await expect(world.run(a.namedBarrier('b').hold())).rejects.toMatchObject({ outcome: 'unknown' })
    expect(a.sent.get('txn')).toBe(1)
  })

  it('can be given up', async () => {
    const a = world.client()
    await world.run(a.namedBarrier('b').hold())
    const giving = new AbortController()
    const waiting = a.namedBarrier('b').wait({ signal: giving.signal })
    waiting.catch(() => {})
    await world.advance(1_000)
    giving.abort(new Error('enough'))
    await expect(world.run(waiting)).rejects.toThrow('enough')
  })
})

describe('double barrier', () => {
  const enterAll = async (clients: SimClient[], count: number): Promise<Array<ReturnType<SimClient['doubleBarrier']>>> => {
    const barriers = clients.map(client => client.doubleBarrier('d', count))
    await world.run(Promise.all(barriers.map(async barrier => await barrier.enter({ ttl: 2_000 }))))
    return barriers
  }

  it('lets nobody in before all have come, and nobody out before all have left', async () => {
    const clients = [world.client(), world.client(), world.client()]
    const barriers = clients.map(client => client.doubleBarrier('d', 3))
    const early = barriers.slice(0, 2).map(async barrier => await barrier.enter())
    await world.advance(30_000)
    for (const enter of early) expect(await settled(enter)).toBe(false)
    await world.run(Promise.all([...early, barriers[2]?.enter()]))

    const leaving = barriers.slice(0, 2).map(async barrier => { await barrier.leave() })
    await world.advance(30_000)
    for (const leave of leaving) expect(await settled(leave)).toBe(false)
    await world.run(Promise.all([...leaving, barriers[2]?.leave()]))
    expect(world.group.keys()).toEqual([])
    expect(world.group.kv.leases().size).toBe(0)
  })

  it('goes round after round, and those too many wait for the next', async () => {
    const clients = Array.from({ length: 4 }, () => world.client())
    const entered: number[] = []
    let rounds = 0
    const live = async (client: SimClient): Promise<void> => {
      for (let round = 0; round < 3; round++) {
        const barrier = client.doubleBarrier('d', 2)
        await barrier.enter()
        entered.push(++rounds)
        await barrier.leave()
      }
    }
    await world.run(Promise.all(clients.map(live)))
    expect(entered).toHaveLength(12)
    expect(world.group.keys()).toEqual([])
  })

  it('does not count one who is gone before all have come', async () => {
    const dying = world.client()
    dying.doubleBarrier('d', 3).enter({ ttl: 2_000 }).catch(() => {})
    await world.until(() => world.group.keys().length === 1)
    dying.process.kill()
    await world.until(() => world.group.keys().length === 0)
    const clients = [world.client(), world.client()]
    const two = clients.map(async client => await client.doubleBarrier('d', 3).enter({ ttl: 2_000 }))
    await world.advance(10_000)
    for (const enter of two) expect(await settled(enter)).toBe(false)
    const last = world.client()
    await world.run(Promise.all([...two, last.doubleBarrier('d', 3).enter({ ttl: 2_000 })]))
  })

  it('does not wait for one who died inside', async () => {
    const clients = [world.client(), world.client(), world.client()]
    const [first, second] = await enterAll(clients, 3)
    clients[2]?.process.kill()
    await world.run(Promise.all([first?.leave(), second?.leave()]))
    expect(world.group.keys()).toEqual([])
  })

  it('tells one whose place is lost', async () => {
    const [a, b] = [world.client(), world.client()]
    const barrier = a.doubleBarrier('d', 2)
    const [signal] = await world.run(Promise.all([barrier.enter({ ttl: 1_000 }), b.doubleBarrier('d', 2).enter()]))
    expect(signal.aborted).toBe(false)
    a.failing = type => type === 'keepAlive'
    await world.until(() => signal.aborted)
  })

  for (const fate of ['refused', 'lost', 'unanswered', 'late'] satisfies Fate[]) {
    it(`works with every other write ${fate}`, async () => {
      const clients = [world.client(), world.client(), world.client()]
      for (const client of clients) {
        let n = 0
        client.fate = what => what !== 'grant' && n++ % 2 === 0 ? fate : 'done'
      }
      const barriers = await enterAll(clients, 3)
      await world.run(Promise.all(barriers.map(async barrier => { await barrier.leave() })))
      await world.advance(5_000)
      expect(world.group.keys()).toEqual([])
    })
  }

  it('refuses another number, wrong use, and leaves no trace of one who gives up', async () => {
    const [a, b] = [world.client(), world.client()]
    const giving = new AbortController()
    const barrier = a.doubleBarrier('d', 3)
    const waiting = barrier.enter({ signal: giving.signal })
    await world.until(() => world.group.keys().length === 1)
    await expect(world.run(b.doubleBarrier('d', 2).enter())).rejects.toBeInstanceOf(ConflictError)
    await expect(barrier.enter()).rejects.toBeInstanceOf(ConflictError)
    await expect(b.doubleBarrier('d', 2).leave()).rejects.toBeInstanceOf(ConflictError)
    expect(() => b.doubleBarrier('d', 0)).toThrow(InvalidArgumentError)
    giving.abort(new Error('enough'))
    await expect(world.run(waiting)).rejects.toThrow('enough')
    expect(world.group.keys()).toEqual([])
  })
})
