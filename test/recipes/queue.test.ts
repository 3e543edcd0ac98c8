import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BusyError, InvalidArgumentError, LockLostError, UnknownOutcomeError } from '../../src/errors.js'
import { settled } from './support/pending.js'
import { World } from './support/world.js'
import type { Fate } from './support/client.js'

let world: World
beforeEach(() => { world = new World() })
afterEach(() => { world.close() })

const text = ({ value }: { value: Uint8Array }): string => Buffer.from(value).toString()

describe('queue', () => {
  it('gives items in the order of their pushes, each to one', async () => {
    const [a, b] = [world.client().queue('q'), world.client().queue('q')]
    for (const value of ['1', '2', '3']) await world.run(a.push(value))
    const [first] = await world.run(a.pop())
    const others = await world.run(b.pop({ limit: 10 }))
    expect([first, ...others].map(item => item === undefined ? '' : text(item))).toEqual(['1', '2', '3'])
    expect(others[0]?.token).toBeGreaterThan(first?.token ?? Infinity)
    expect(await world.run(b.pop())).toEqual([])
    expect(await world.run(a.length())).toEqual({ ready: 0, taken: 3, dead: 0 })
    await world.run(first?.ack() ?? Promise.reject(new Error('none')))
    await world.run(Promise.all(others.map(async item => { await item.ack() })))
    expect(await world.run(a.length())).toEqual({ ready: 0, taken: 0, dead: 0 })
    expect(world.group.kv.leases().size).toBe(0)
  })

  it('takes the same id for the same item', async () => {
    const q = world.client().queue('q')
    expect(await world.run(q.push('a', { id: 'order-1' }))).toEqual({ sequence: 1, fresh: true })
    expect(await world.run(q.push('a', { id: 'order-1' }))).toEqual({ sequence: 1, fresh: false })
    await world.run(q.push('b', { id: '\uFEFForder' }))
    expect(await world.run(q.peek())).toMatchObject([{ sequence: 1, id: 'order-1', attempts: 0 }, { sequence: 2, id: '\uFEFForder' }])
  })

  it('a consumer that waits has an item as soon as it comes, and asks for it once', async () => {
    const consumer = world.client()
    const waiting = consumer.queue('q').pop({ wait: Infinity })
    await world.advance(60_000)
    expect(await settled(waiting)).toBe(false)
    await world.run(world.client().queue('q').push('x'))
    expect((await world.run(waiting)).map(text)).toEqual(['x'])
    expect(consumer.sent.get('queue-take')).toBe(2)
  })

  it('who waits for so long only gets nothing when that is over', async () => {
    const waiting = world.client().queue('q').pop({ wait: 5_000 })
    await world.advance(4_000)
    expect(await settled(waiting)).toBe(false)
    expect(await world.run(waiting)).toEqual([])
  })

  it('of many who wait, few ask in vain', async () => {
    const consumers = Array.from({ length: 20 }, () => world.client())
    const producer = world.client().queue('q')
    let taken = 0
    const stop = new AbortController()
    const working = Promise.allSettled(consumers.map(async client => {
      await client.queue('q').consume(() => { taken++ }, { signal: stop.signal })
    }))
    for (let i = 0; i < 50; i++) {
      await world.run(producer.push(`${i}`))
      await world.advance(500)
    }
    await world.until(() => taken === 50)
    stop.abort()
    await world.run(working)
    const takes = consumers.reduce((sum, client) => sum + (client.sent.get('queue-take') ?? 0), 0)
    // Without any restraint, 20 of them for each item.
    expect(takes).toBeLessThan(50 * 4)
  })

  it('an item whose consumer stands still past its visibility goes to the next, and the late ack is refused', async () => {
    const [a, b] = [world.client(), world.client()]
    await world.run(a.queue('q').push('x'))
    const [late] = await world.run(a.queue('q').pop({ visibility: 1_000 }))
    if (late === undefined) throw new Error('nothing')
    a.process.pause()
    const [item] = await world.run(b.queue('q').pop({ wait: Infinity }))
    if (item === undefined) throw new Error('nothing')
    a.process.resume()
    expect(item.attempts).toBe(2)
    expect(item.token).toBeGreaterThan(late.token)
    expect(late.signal.aborted).toBe(true)
    await expect(world.run(late.ack())).rejects.toBeInstanceOf(LockLostError)
    await world.run(late.release())
    await world.run(item.ack())
  })

  it('extend holds an item for another visibility, and no longer', async () => {
    const q = world.client().queue('q')
    await world.run(q.push('x'))
    const [item] = await world.run(q.pop({ visibility: 1_000 }))
    if (item === undefined) throw new Error('nothing')
    for (let i = 0; i < 5; i++) {
      await world.advance(700)
      await world.run(item.extend())
    }
    expect(item.signal.aborted).toBe(false)
    await world.advance(1_100)
    expect(item.signal.reason).toBeInstanceOf(LockLostError)
    await expect(item.extend()).rejects.toBeInstanceOf(LockLostError)
  })

  it('the signal aborts before anybody else can have the item', async () => {
    const [a, b] = [world.client(), world.client()]
    await world.run(a.queue('q').push('x'))
    const [item] = await world.run(a.queue('q').pop({ visibility: 500 }))
    if (item === undefined) throw new Error('nothing')
    const aborted = new Promise<number>(resolve => { item.signal.addEventListener('abort', () => { resolve(world.clock.now()) }) })
    const next = b.queue('q').pop({ wait: Infinity }).then(() => world.clock.now())
    expect(await world.run(aborted)).toBeLessThan(await world.run(next))
  })

  it('a dead item is listed, redriven, or removed', async () => {
    const q = world.client().queue('q')
    await world.run(q.configure({ maxAttempts: 1 }))
    expect(await world.run(q.settings())).toEqual({ maxAttempts: 1, maxLength: 1_000_000, dedupe: 10_000 })
    for (const value of ['a', 'b']) await world.run(q.push(value))
    for (const item of await world.run(q.pop({ limit: 2 }))) await world.run(item.release())
    expect((await world.run(q.deadLetters.list())).map(text)).toEqual(['a', 'b'])
    expect(await world.run(q.deadLetters.remove([1, 7]))).toBe(1)
    expect(await world.run(q.deadLetters.redrive())).toBe(1)
    expect((await world.run(q.pop({ limit: 2 }))).map(text)).toEqual(['b'])
  })

  it('redrives all of them, however large, and not those that die meanwhile', async () => {
    const q = world.client().queue('q')
    await world.run(q.configure({ maxAttempts: 1 }))
    for (let i = 0; i < 6; i++) await world.run(q.push('x'.repeat(400 * 1024)))
    for (let i = 0; i < 3; i++) for (const item of await world.run(q.pop({ limit: 2 }))) await world.run(item.release())
    expect(await world.run(q.length())).toEqual({ ready: 0, taken: 0, dead: 6 })
    expect(await world.run(q.deadLetters.redrive({ limit: 1 }))).toBe(1)
    expect(await world.run(q.deadLetters.redrive())).toBe(5)
    expect(await world.run(q.length())).toEqual({ ready: 6, taken: 0, dead: 0 })

    // Whatever comes back is taken and dead again before the next look.
    const client = world.client()
    for (let i = 0; i < 3; i++) for (const item of await world.run(q.pop({ limit: 2 }))) await world.run(item.release())
    client.fate = what => {
      if (what === 'queue-redrive' && (client.sent.get(what) ?? 0) > 1) world.group.kv.apply({ type: 'queue-release', queue: 'q', lease: world.group.kv.apply({ type: 'queue-take', queue: 'q', limit: 1, visibility: 1_000 }).revision, items: [] })
      return 'done'
    }
    expect(await world.run(client.queue('q').deadLetters.redrive())).toBe(6)
  })

  it('what is not given stays as it is, also when two change something at once', async () => {
    const [a, b] = [world.client().queue('q'), world.client().queue('q')]
    await world.run(Promise.all([a.configure({ maxAttempts: 9, maxLength: undefined }), b.configure({ dedupe: 77 })]))
    expect(await world.run(a.settings())).toEqual({ maxAttempts: 9, maxLength: 1_000_000, dedupe: 77 })
  })

  it('a full queue says so', async () => {
    const q = world.client().queue('q')
    await world.run(q.configure({ maxLength: 1 }))
    await world.run(q.push('a'))
    await expect(world.run(q.push('b'))).rejects.toBeInstanceOf(BusyError)
  })

  it('an ack whose answer was lost is found to be done, if it was', async () => {
    const client = world.client()
    const q = client.queue('q')
    for (const fate of ['unanswered', 'lost', 'refused', 'late'] satisfies Fate[]) {
      await world.run(q.push(fate))
      const [item] = await world.run(q.pop())
      let times = 0
      client.fate = what => what === 'queue-ack' && times++ === 0 ? fate : 'done'
      await world.run(item?.ack() ?? Promise.reject(new Error('none')))
      await world.run(item?.ack() ?? Promise.reject(new Error('none')))
      expect(times).toBe(2)
      await world.advance(2_000)
      expect(await world.run(q.length())).toEqual({ ready: 0, taken: 0, dead: 0 })
    }
  })

  it('an ack that is asked for twice, or given up and asked for again, is done once', async () => {
    const client = world.client()
    const q = client.queue('q')
    for (const value of ['a', 'b', 'c']) await world.run(q.push(value))
    const [a, b, c] = await world.run(q.pop({ limit: 3 }))
    if (a === undefined || b === undefined || c === undefined) throw new Error('nothing')
    await world.run(Promise.all([a.ack(), a.ack()]))

    const stop = new AbortController()
    const first = b.ack({ signal: stop.signal })
    await world.until(() => client.sent.get('queue-ack') === 2)
    stop.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    await world.run(b.ack())

    // Nor does a release take it back, or find the item lost.
    const acking = c.ack()
    await world.run(c.release())
    await world.run(acking)
    expect(client.sent.get('queue-ack')).toBe(3)
    expect(client.sent.get('queue-release')).toBeUndefined()
    expect(await world.run(q.length())).toEqual({ ready: 0, taken: 0, dead: 0 })
  })

  it('an ack of which nobody has heard stays one of which nobody knows', async () => {
    const client = world.client()
    const q = client.queue('q')
    await world.run(q.push('x'))
    const [item] = await world.run(q.pop({ visibility: 1_000 }))
    if (item === undefined) throw new Error('nothing')
    client.fate = what => what === 'queue-ack' ? 'unanswered' : 'done'
    await expect(world.run(item.ack())).rejects.toBeInstanceOf(UnknownOutcomeError)
    client.fate = () => 'done'
    await expect(world.run(item.ack())).rejects.toBeInstanceOf(UnknownOutcomeError)
  })

  it('an ack of which nobody hears while the item is held has an unknown outcome', async () => {
    const client = world.client()
    const q = client.queue('q')
    await world.run(q.push('x'))
    const [item] = await world.run(q.pop({ visibility: 1_000 }))
    client.fate = what => what === 'queue-ack' ? 'unanswered' : 'done'
    await expect(world.run(item?.ack() ?? Promise.resolve())).rejects.toBeInstanceOf(UnknownOutcomeError)
  })

  it('what is taken by a pop that was given up is given back', async () => {
    const client = world.client()
    const q = client.queue('q')
    const stop = new AbortController()
    await world.run(q.push('x'))
    const popping = q.pop({ signal: stop.signal })
    popping.catch(() => {})
    await world.until(() => client.sent.has('queue-take'))
    stop.abort(new Error('enough'))
    await expect(popping).rejects.toThrow('enough')
    await world.until(() => client.sent.has('queue-release'))
    await world.advance(1_000)
    expect(await world.run(q.length())).toEqual({ ready: 1, taken: 0, dead: 0 })
  })

  it('pops that were given up are no tries, nor is what its taker says that it has not tried', async () => {
    const q = world.client().queue('q')
    await world.run(q.push('x'))
    for (let i = 0; i < 5; i++) {
      const stop = new AbortController()
      const popping = q.pop({ signal: stop.signal })
      popping.catch(() => {})
      await world.advance(2)
      stop.abort()
      await world.advance(1_000)
    }
    for (let i = 0; i < 5; i++) {
      const [item] = await world.run(q.pop())
      expect(item?.attempts).toBe(1)
      await world.run(item?.release({ untried: true }) ?? Promise.reject(new Error('none')))
    }
    expect(await world.run(q.length())).toEqual({ ready: 1, taken: 0, dead: 0 })
  })

  it('refuses what it cannot use', async () => {
    const client = world.client()
    const q = client.queue('q')
    for (const name of ['', 'a\0b', 'x'.repeat(256), 'q\uD800']) expect(() => client.queue(name)).toThrow(InvalidArgumentError)
    for (const id of ['', 'x'.repeat(256), 'x\uDBFF', 7 as never]) await expect(q.push('x', { id })).rejects.toBeInstanceOf(InvalidArgumentError)
    for (const options of [{ limit: 0 }, { limit: 101 }, { visibility: 1 }, { wait: -1 }, { wait: NaN }, { timeout: 1 } as never]) await expect(q.pop(options)).rejects.toBeInstanceOf(InvalidArgumentError)
    await expect(q.consume(() => {}, { concurrency: 0 })).rejects.toBeInstanceOf(InvalidArgumentError)
    await expect(world.run(q.configure({ maxLength: 0 }))).rejects.toBeInstanceOf(InvalidArgumentError)
    const misspelt = { Signal: undefined } as never
    const calls: Array<() => Promise<unknown>> = [
      () => q.push('x', misspelt), () => q.length(misspelt), () => q.settings(misspelt), () => q.peek(misspelt), () => q.configure({}, misspelt), () => q.configure(misspelt),
      () => q.deadLetters.list(misspelt), () => q.deadLetters.redrive(misspelt), () => q.deadLetters.remove([1], misspelt)
    ]
    for (const call of calls) await expect(call()).rejects.toThrow(/Unknown option "Signal"/)
    await expect(q.push(7 as never)).rejects.toBeInstanceOf(InvalidArgumentError)
  })
})
