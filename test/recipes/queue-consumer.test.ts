import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClosedError, InvalidArgumentError } from '../../src/errors.js'
import { World } from './support/world.js'
import type { QueueItem } from '../../src/recipes/queue.js'
import type { Fate } from './support/client.js'

let world: World
beforeEach(() => { world = new World() })
afterEach(() => { world.close() })

const text = ({ value }: { value: Uint8Array }): string => Buffer.from(value).toString()

describe('consume', () => {
  it('holds an item for as long as its handler runs, and acks it then', async () => {
    const q = world.client().queue('q')
    const stop = new AbortController()
    const { promise: finished, resolve: finish } = open()
    const seen: QueueItem[] = []
    const working = q.consume(async item => {
      seen.push(item)
      await finished
    }, { visibility: 900, signal: stop.signal })
    await world.run(q.push('x'))
    await world.until(() => seen.length === 1)
    await world.advance(30_000)
    expect(seen[0]?.signal.aborted).toBe(false)
    finish()
    stop.abort()
    await world.run(working)
    expect(await world.run(q.length())).toEqual({ ready: 0, taken: 0, dead: 0 })
    expect(seen).toHaveLength(1)
  })

  it('hands nothing to its handler that was lost while the process stood still', async () => {
    const [client, other] = [world.client(), world.client()]
    let takes = 0
    client.fate = what => {
      // The first finds nothing.
      if (what === 'queue-take' && ++takes === 2) client.process.pause()
      return 'done'
    }
    const stop = new AbortController()
    const tokens: Array<[number, boolean]> = []
    const working = client.queue('q').consume(item => { tokens.push([item.token, item.signal.aborted]) }, { visibility: 1_000, signal: stop.signal })
    await world.until(() => takes === 1)
    await world.run(other.queue('q').push('x'))
    await world.advance(10_000)
    expect(takes).toBe(2)
    const [first] = await world.run(other.queue('q').pop({ visibility: 60_000 }))
    client.fate = () => 'done'
    client.process.resume()
    await world.advance(5_000)
    expect(tokens).toEqual([])
    if (first === undefined) throw new Error('it was not given to another')
    await world.run(first.release())
    await world.until(() => tokens.length > 0)
    expect(tokens).toEqual([[expect.any(Number), false]])
    stop.abort()
    await world.run(working)
  })

  it('runs so many at once, and no more', async () => {
    const q = world.client().queue('q')
    const stop = new AbortController()
    let [running, most, done] = [0, 0, 0]
    const working = q.consume(async () => {
      most = Math.max(most, ++running)
      await new Promise<void>(resolve => { world.clock.setTimer(100, resolve) })
      running--
      done++
    }, { concurrency: 3, signal: stop.signal })
    for (let i = 0; i < 10; i++) await world.run(q.push(`${i}`))
    await world.until(() => done === 10)
    expect(most).toBe(3)
    stop.abort()
    await world.run(working)
  })

  it('an item whose handler fails is tried again, and dead in the end', async () => {
    const q = world.client().queue('q')
    const stop = new AbortController()
    const tries: string[] = []
    const working = q.consume(item => {
      tries.push(text(item))
      if (text(item) === 'bad') throw new Error('no good')
    }, { signal: stop.signal })
    await world.run(q.push('bad'))
    await world.run(q.push('good'))
    await world.until(() => tries.includes('good'))
    await world.advance(100)
    stop.abort()
    await world.run(working)
    expect(tries).toEqual(['bad', 'bad', 'bad', 'bad', 'bad', 'good'])
    expect(await world.run(q.length())).toEqual({ ready: 0, taken: 0, dead: 1 })
  })

  it('waits longer before each attempt, for which the item is held, and takes nothing else in its place', async () => {
    const q = world.client().queue('q')
    const stop = new AbortController()
    const times: number[] = []
    const working = q.consume(() => {
      times.push(world.clock.now())
      throw new Error('no good')
    }, { visibility: 500, signal: stop.signal })
    for (const value of ['bad', 'next']) await world.run(q.push(value))
    const pauses = [1_000, 2_000, 4_000, 8_000]
    for (let i = 1; i <= pauses.length; i++) {
      await world.advance((pauses[i - 1] ?? 0) - 200)
      expect(await world.run(q.length())).toEqual({ ready: 1, taken: 1, dead: 0 })
      expect(times).toHaveLength(i)
      await world.until(() => times.length > i)
    }
    for (const [i, ms] of pauses.entries()) expect((times[i + 1] ?? 0) - (times[i] ?? 0)).toBeGreaterThanOrEqual(ms)
    stop.abort()
    await world.run(working)
  })

  it.each([[10_000, 0], [60_000, 9]])('what is down for %d ms costs %d of a hundred items at most', async (ms, most) => {
    const q = world.client().queue('q')
    const stop = new AbortController()
    const done = new Set<string>()
    for (let i = 0; i < 100; i++) await world.run(q.push(`${i}`))
    const up = world.clock.now() + ms
    const working = q.consume(item => {
      if (world.clock.now() < up) throw new Error('down')
      done.add(text(item))
    }, { concurrency: 3, signal: stop.signal })
    await world.until(() => done.size >= 100 - most)
    await world.advance(60_000)
    stop.abort()
    await world.run(working)
    const { ready, taken, dead } = await world.run(q.length())
    expect({ ready, taken, all: done.size + dead }).toEqual({ ready: 0, taken: 0, all: 100 })
  })

  it('that is told to stop, or fails, gives back at once what waits for its next attempt', async () => {
    for (const end of ['stop', 'fail'] as const) {
      const client = world.client()
      const q = client.queue(end)
      const stop = new AbortController()
      const released = (): number => client.sent.get('queue-release') ?? 0
      let failed = 0
      const working = q.consume(() => {
        failed++
        throw new Error('no good')
      }, { concurrency: 20, backoff: 60_000, signal: stop.signal }).catch((error: unknown) => error)
      for (let i = 0; i < 12; i++) await world.run(q.push('x'))
      await world.until(() => failed === 12)
      await world.advance(1_000)
      expect(released()).toBe(0)
      const before = world.clock.now()
      if (end === 'stop') stop.abort()
      // Its next look is refused for good.
      else client.scan = client.read = client.watch = async () => { throw new InvalidArgumentError('not any more') }
      if (end === 'fail') await world.run(world.client().queue(end).push('x'))
      expect(await world.run(working)).toEqual(end === 'stop' ? undefined : expect.any(InvalidArgumentError))
      expect(released()).toBe(failed)
      expect(world.clock.now() - before).toBeLessThan(10_000)
    }
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an object that cannot be shown', Object.create(null)],
    ['an error whose message is no text', Object.assign(new Error(), { message: 404 as unknown as string })]
  ])('a handler may throw %s: the item is tried again, and dead in the end', async (_, thrown) => {
    const unhandled: unknown[] = []
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', error => { unhandled.push(error) })
    try {
      const client = world.client()
      const q = client.queue('q')
      await world.run(q.push('x'))
      const stop = new AbortController()
      let calls = 0
      const working = q.consume(() => {
        calls++
        throw thrown as Error
      }, { concurrency: 2, signal: stop.signal })
      await world.advance(3_600_000)
      expect(calls).toBe(5)
      expect(await world.run(world.client().queue('q').length())).toEqual({ ready: 0, taken: 0, dead: 1 })
      stop.abort()
      await world.run(working)
      expect(unhandled).toEqual([])
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const listener of listeners) process.on('unhandledRejection', listener)
    }
  })

  it('refuses what is no function, under which everything would be acked', async () => {
    const q = world.client().queue('q')
    await world.run(q.push('x'))
    await expect(world.run(q.consume(undefined as never, { signal: AbortSignal.timeout(60_000) }))).rejects.toBeInstanceOf(InvalidArgumentError)
    expect(await world.run(q.length())).toEqual({ ready: 1, taken: 0, dead: 0 })
  })

  it('goes on after what fails in passing, and ends with what does not', async () => {
    const client = world.client()
    const q = client.queue('q')
    const fates: Fate[] = ['refused', 'lost', 'unanswered', 'late', 'done']
    client.fate = what => what === 'queue-take' ? fates.shift() ?? 'done' : 'done'
    let done = 0
    const working = q.consume(() => { done++ })
    working.catch(() => {})
    await world.run(q.push('a'))
    await world.until(() => done === 1)
    await world.advance(100)
    client.close()
    await expect(world.run(working)).rejects.toBeInstanceOf(ClosedError)
  })

  it('whatever happens to some of many consumers, no item is handled by two who both hold it, and all are handled', async () => {
    for (let seed = 1; seed <= 15; seed++) {
      world.close()
      world = new World(seed)
      const { random } = world
      const producer = world.client().queue('q')
      const held = new Map<number, object>()
      const handled = new Set<string>()
      const twice: number[] = []
      const stop = new AbortController()
      const clients = Array.from({ length: 4 }, () => world.client())
      await world.run(producer.configure({ maxAttempts: 0 }))
      const working = clients.map(async client => {
        client.fate = what => what.startsWith('queue-') && random.next() < 0.1 ? (['refused', 'lost', 'unanswered', 'late'] as const)[Math.floor(random.next() * 4)] ?? 'done' : 'done'
        await client.queue('q').consume(async item => {
          const me = {}
          const other = held.get(item.sequence)
          if (other !== undefined) twice.push(item.sequence)
          held.set(item.sequence, me)
          // What a careful handler does: it stops as soon as the item may not be its own any more.
          const over = (): void => { if (held.get(item.sequence) === me) held.delete(item.sequence) }
          item.signal.addEventListener('abort', over, { once: true })
          await new Promise<void>(resolve => { client.process.setTimer(random.next() * 300, resolve) })
          if (item.signal.aborted) return
          handled.add(text(item))
          over()
        }, { concurrency: 2, visibility: 500, signal: stop.signal })
      })
      for (let i = 0; i < 25; i++) {
        await world.run(producer.push(`${i}`))
        const victim = clients[Math.floor(random.next() * clients.length)]
        if (random.next() < 0.2 && victim !== undefined) world.clock.setTimer(random.next() * 2_000, () => { victim.failing = () => random.next() < 0.5 })
        if (random.next() < 0.2 && victim !== undefined) world.clock.setTimer(random.next() * 2_000, () => { victim.failing = () => false })
      }
      for (const client of clients) world.clock.setTimer(5_000, () => { client.failing = () => false; client.fate = () => 'done' })
      await world.until(() => handled.size === 25)
      await world.advance(10_000)
      stop.abort()
      await world.run(Promise.all(working))
      expect(twice, `seed ${seed}`).toEqual([])
      expect(await world.run(producer.length())).toEqual({ ready: 0, taken: 0, dead: 0 })
    }
  })
})

function open (): { promise: Promise<void>, resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>(done => { resolve = done })
  return { promise, resolve }
}
