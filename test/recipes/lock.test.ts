import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InvalidArgumentError, LockLostError, UnavailableError, UnknownOutcomeError } from '../../src/errors.js'
import { settled } from './support/pending.js'
import { Register } from './support/register.js'
import { World } from './support/world.js'
import type { Fate } from './support/client.js'
import type { Lock } from '../../src/recipes/lock.js'

let world: World
beforeEach(() => { world = new World() })
afterEach(() => { world.close() })

describe('lock', () => {
  it('is held by one, then by the next', async () => {
    const [a, b] = [world.client(), world.client()]
    const first = await world.run(a.lock('x'))
    const waiting = b.lock('x')
    await world.advance(60_000)
    expect(first.signal.aborted).toBe(false)
    expect(await settled(waiting)).toBe(false)
    await world.run(first.release())
    const second = await world.run(waiting)
    expect(second.token).toBeGreaterThan(first.token)
    expect(first.signal.reason).toBeInstanceOf(LockLostError)
  })

  it('leaves nothing behind when it is let go', async () => {
    const a = world.client()
    await world.run((async () => {
      await using lock = await a.lock('x')
      expect(lock.name).toBe('x')
    })())
    expect(world.group.keys()).toEqual([])
    expect(world.group.kv.leases().size).toBe(0)
  })

  it('keeps names apart that begin alike', async () => {
    const a = world.client()
    for (const name of ['a', 'a/b', 'a/b/c', 'ab', 'ü', ' ']) await world.run(a.lock(name, { wait: 1_000 }))
    expect(await world.run(a.tryLock('a/b'))).toBeUndefined()
    expect(await world.run(a.tryLock('a/'))).toBeDefined()
  })

  it('refuses names and options that it cannot use', async () => {
    const a = world.client()
    for (const name of ['', 'a\0b', 'x'.repeat(256), 'ü'.repeat(128), 7 as never]) await expect(a.lock(name)).rejects.toBeInstanceOf(InvalidArgumentError)
    await expect(a.lock('x', { wait: -1 })).rejects.toBeInstanceOf(InvalidArgumentError)
    await expect(a.lock('x', { ttl: 1 })).rejects.toBeInstanceOf(InvalidArgumentError)
    await expect(a.lock('x', { timeout: 5 } as never)).rejects.toThrow(/Unknown option "timeout"/)
    await expect(a.tryLock('x', { wait: 5 } as never)).rejects.toThrow(/Unknown option "wait"/)
    expect(a.sent.size).toBe(0)
  })

  it('wakes nobody but the next, however many wait', async () => {
    const clients = Array.from({ length: 30 }, () => world.client())
    const holder = await world.run(world.client().lock('x'))
    const waiting = clients.map(async client => await client.lock('x'))
    await world.until(() => world.group.keys().length === 31)
    await world.advance(20_000)
    world.group.wakeUps = 0
    await world.run(holder.release())
    await world.run(Promise.race(waiting))
    await world.advance(1_000)
    expect(world.group.wakeUps).toBe(1)
  })
})

describe('tryLock', () => {
  it('has it when it is free', async () => {
    const [a, b] = [world.client(), world.client()]
    const lock = await world.run(a.tryLock('x')) as Lock
    const writes = world.group.kv.revision
    expect(await world.run(b.tryLock('x'))).toBeUndefined()
    expect(world.group.kv.revision).toBe(writes)
    await world.run(lock.release())
    expect((await world.run(b.tryLock('x')))?.token).toBeGreaterThan(lock.token)
  })

  it('leaves no trace where another was a moment earlier', async () => {
    const clients = Array.from({ length: 5 }, () => world.client())
    const got = await world.run(Promise.all(clients.map(async client => await client.tryLock('x'))))
    expect(got.filter(lock => lock !== undefined)).toHaveLength(1)
    await world.advance(2_000)
    expect(world.group.keys()).toHaveLength(1)
  })
})

describe('those who wait', () => {
  it('give up by their signal, and leave no trace', async () => {
    const [a, b, c] = [world.client(), world.client(), world.client()]
    const holder = await world.run(a.lock('x'))
    const giving = new AbortController()
    const given = b.lock('x', { signal: giving.signal })
    const patient = c.lock('x')
    await world.until(() => world.group.keys().length === 3)
    giving.abort(new Error('enough'))
    await expect(world.run(given)).rejects.toThrow('enough')
    expect(world.group.keys()).toHaveLength(2)
    expect(await settled(patient)).toBe(false)
    await world.run(holder.release())
    expect((await world.run(patient)).signal.aborted).toBe(false)
  })

  it('give up at every moment before, and leave no trace', async () => {
    const [a, b] = [world.client(), world.client()]
    await world.run(a.lock('x'))
    for (let ms = 0; ms < 80; ms += 3) {
      const giving = new AbortController()
      const given = b.lock('x', { signal: giving.signal, ttl: 3_000 })
      given.catch(() => {})
      await world.advance(ms)
      giving.abort(new Error('enough'))
      await expect(world.run(given)).rejects.toThrow('enough')
      // A grant that was under way may have been done: nobody knows of it, and it ends by itself.
      await world.advance(5_000)
      expect(world.group.keys()).toHaveLength(1)
      expect(world.group.kv.leases().size).toBe(1)
    }
  })

  it('give up after their time', async () => {
    const [a, b] = [world.client(), world.client()]
    await world.run(a.lock('x'))
    await expect(world.run(b.lock('x', { wait: 2_000 }))).rejects.toBeInstanceOf(UnavailableError)
    expect(world.group.keys()).toHaveLength(1)
    await expect(world.run(b.lock('x', { wait: 0 }))).rejects.toBeInstanceOf(UnavailableError)
  })

  it('go on when one ahead dies, and when one ahead gives up', async () => {
    const [a, b, c, d] = [world.client(), world.client(), world.client(), world.client()]
    const first = await world.run(a.lock('x'))
    const dying = b.lock('x', { ttl: 2_000 })
    dying.catch(() => {})
    await world.until(() => world.group.keys().length === 2)
    const third = c.lock('x')
    await world.until(() => world.group.keys().length === 3)
    const fourth = d.lock('x')
    await world.until(() => world.group.keys().length === 4)
    b.process.kill()
    await world.until(() => world.group.keys().length === 3)
    expect(await settled(third)).toBe(false)
    expect(first.signal.aborted).toBe(false)
    a.process.kill()
    const lock = await world.run(third)
    expect(await settled(fourth)).toBe(false)
    await world.run(lock.release())
    await world.run(fourth)
  })

  it('are told when their own place is lost', async () => {
    const [a, b] = [world.client(), world.client()]
    await world.run(a.lock('x'))
    const waiting = b.lock('x', { ttl: 2_000 })
    await world.until(() => world.group.keys().length === 2)
    b.failing = type => type === 'keepAlive'
    await expect(world.run(waiting)).rejects.toBeInstanceOf(LockLostError)
    await world.advance(3_000)
    expect(world.group.keys()).toHaveLength(1)
  })

  it('look again where history is compacted under them', async () => {
    const [a, b] = [world.client(), world.client()]
    const holder = await world.run(a.lock('x'))
    const waiting = b.lock('x')
    await world.until(() => world.group.keys().length === 2)
    for (let i = 0; i < 3; i++) {
      await world.run(a.set('other', String(i)))
      await world.run(a.compact(world.group.kv.revision))
      await world.advance(6_000)
    }
    await world.run(holder.release())
    await world.run(waiting)
  })
})

describe('a holder that was paused', () => {
  it('has lost the lock, knows it before it writes, and cannot write with its fence', async () => {
    const [a, b] = [world.client(), world.client()]
    const old = await world.run(a.lock('x', { ttl: 3_000 }))
    const next = b.lock('x', { ttl: 3_000 })
    a.process.pause()
    const lock = await world.run(next)
    a.process.resume()
    expect(old.signal.aborted).toBe(true)
    expect(old.signal.reason).toBeInstanceOf(LockLostError)

    expect(await world.run(b.txn({ compare: [lock.fence()], then: [{ type: 'set', key: 'k', value: 'new' }] }))).toMatchObject({ succeeded: true })
    expect(await world.run(a.txn({ compare: [old.fence()], then: [{ type: 'set', key: 'k', value: 'old' }] }))).toMatchObject({ succeeded: false })
    expect(Buffer.from(await world.run(b.get('k')) as Uint8Array).toString()).toBe('new')
    await world.run(old.release())
    expect(lock.signal.aborted).toBe(false)
  })

  it('cannot write outside, where tokens are looked at', async () => {
    const [a, b] = [world.client(), world.client()]
    const disk = new Register()
    const old = await world.run(a.lock('x', { ttl: 3_000 }))
    a.process.pause()
    const lock = await world.run(b.lock('x', { ttl: 3_000 }))
    expect(disk.write('new', lock.token)).toBe(true)
    // It had looked at its signal before it was paused: this is what a signal cannot prevent, and a token can.
    expect(disk.write('old', old.token)).toBe(false)
    expect(disk.value).toBe('new')
  })

  it('does not take it up where it asked for it without waiting, and its lease was over by the answer', async () => {
    const a = world.client()
    const asked = (): number => a.sent.get('rows') ?? 0
    const trying = a.tryLock('x', { ttl: 3_000 })
    const refused = expect(trying).rejects.toBeInstanceOf(LockLostError)
    // The second look is on the way when the process stops.
    await world.until(() => asked() === 2)
    a.process.pause()
    await world.advance(10_000)
    a.process.resume()
    await world.run(refused)
  })

  it('does not take it up where the word of its turn waited for it until its lease was over', async () => {
    const [a, b] = [world.client(), world.client()]
    const holder = await world.run(a.lock('x'))
    const waiting = b.lock('x', { ttl: 3_000 })
    await world.until(() => world.group.keys().length === 2)
    await world.advance(500)
    // Its look is on the way when the process stops.
    const looks = b.sent.get('rows') ?? 0
    await world.run(holder.release())
    await world.until(() => (b.sent.get('rows') ?? 0) > looks)
    b.process.pause()
    await world.until(() => world.group.keys().length === 0)
    b.process.resume()
    await expect(world.run(waiting)).rejects.toBeInstanceOf(LockLostError)
  })

  it('keeps the lock where the pause was short', async () => {
    const [a, b] = [world.client(), world.client()]
    const lock = await world.run(a.lock('x', { ttl: 3_000 }))
    const next = b.lock('x')
    for (let i = 0; i < 10; i++) {
      a.process.pause()
      await world.advance(1_000)
      a.process.resume()
      await world.advance(500)
    }
    expect(lock.signal.aborted).toBe(false)
    expect(await settled(next)).toBe(false)
  })
})

describe('with answers that are lost', () => {
  const fates: Fate[] = ['refused', 'lost', 'unanswered', 'late']
  for (const fate of fates) {
    it(`has one place, and leaves none: a txn that is ${fate}`, async () => {
      const [a, b] = [world.client(), world.client()]
      let left = 2
      a.fate = what => what === 'txn' && left-- > 0 ? fate : 'done'
      const lock = await world.run(a.lock('x'))
      const next = b.lock('x')
      await world.advance(5_000)
      expect(world.group.keys()).toHaveLength(2)
      await world.run(lock.release())
      expect((await world.run(next)).signal.aborted).toBe(false)
      await world.advance(5_000)
      expect(world.group.keys()).toHaveLength(1)
    })

    it(`leaves no place: a txn that is ${fate}, and a caller who gives up`, async () => {
      const a = world.client()
      a.fate = what => what === 'txn' ? fate : 'done'
      await expect(world.run(a.lock('x', { wait: 300 }))).rejects.toBeInstanceOf(UnavailableError)
      await world.advance(20_000)
      expect(world.group.keys()).toEqual([])
      expect(world.group.kv.leases().size).toBe(0)
    })

    it(`goes to the next in any case: a revoke that is ${fate}`, async () => {
      const [a, b] = [world.client(), world.client()]
      const lock = await world.run(a.lock('x', { ttl: 3_000 }))
      const next = b.lock('x')
      a.fate = what => what === 'revoke' ? fate : 'done'
      await world.run(lock.release().catch(() => { /* nobody knows: it ends by itself */ }))
      expect(lock.signal.aborted).toBe(true)
      expect((await world.run(next)).signal.aborted).toBe(false)
    })
  }

  it('lets a grant that nobody heard of end by itself', async () => {
    const a = world.client()
    let left = 2
    a.fate = what => what === 'grant' && left-- > 0 ? 'unanswered' : 'done'
    await world.run(a.lock('x'))
    expect(world.group.kv.leases().size).toBe(3)
    await world.advance(20_000)
    expect(world.group.kv.leases().size).toBe(1)
  })

  it('asks for a grant no more often than a lease does', async () => {
    const a = world.client()
    a.fate = what => what === 'grant' ? 'unanswered' : 'done'
    await expect(world.run(a.lock('x'))).rejects.toBeInstanceOf(UnknownOutcomeError)
    expect(a.sent.get('grant')).toBe(3)
  })
})
