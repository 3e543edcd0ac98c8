import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConflictError, InvalidArgumentError, NotFoundError, UnknownOutcomeError } from '../../src/errors.js'
import { World } from './support/world.js'
import type { Config, ConfigEvent } from '../../src/recipes/config.js'
import type { Page } from '../../src/recipes/types.js'

let world: World
let config: Config
beforeEach(() => {
  world = new World()
  config = world.client().config('shop')
})
afterEach(() => { world.close() })

const text = (value: Uint8Array | undefined): string | undefined => value === undefined ? undefined : Buffer.from(value).toString()

describe('configuration', () => {
  it('a key is created once, and changed by who knows its version', async () => {
    const { version } = await world.run(config.create('color', 'red'))
    expect(version).toBe(1)
    await expect(world.run(config.create('color', 'blue'))).rejects.toBeInstanceOf(ConflictError)
    expect((await world.run(config.update('color', 'blue', { expectedVersion: 1 }))).version).toBe(2)
    await expect(world.run(config.update('color', 'green', { expectedVersion: 1 }))).rejects.toThrow(/at version 2, and not 1/)
    const entry = await world.run(config.get('color'))
    expect({ ...entry, value: text(entry?.value) }).toMatchObject({ key: 'color', value: 'blue', version: 2 })
  })

  it('of two who change it at once, one is refused', async () => {
    const other = world.client().config('shop')
    await world.run(config.create('n', '0'))
    const both = await world.run(Promise.allSettled([config.update('n', 'a', { expectedVersion: 1 }), other.update('n', 'b', { expectedVersion: 1 })]))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(result => result.status === 'rejected')).toMatchObject({ reason: expect.any(ConflictError) as unknown })
    const created = await world.run(Promise.allSettled([config.create('m', 'a'), other.create('m', 'b')]))
    expect(created.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('a deleted key keeps its history, and its versions go on: an old one never fits again', async () => {
    await world.run(config.create('k', 'one'))
    expect((await world.run(config.delete('k', { expectedVersion: 1 }))).version).toBe(2)
    expect(await world.run(config.get('k'))).toBeUndefined()
    for (const expectedVersion of [1, 2]) await expect(world.run(config.update('k', 'x', { expectedVersion }))).rejects.toBeInstanceOf(NotFoundError)
    await expect(world.run(config.delete('k'))).rejects.toBeInstanceOf(NotFoundError)
    expect((await world.run(config.create('k', 'two'))).version).toBe(3)
    await expect(world.run(config.update('k', 'x', { expectedVersion: 1 }))).rejects.toBeInstanceOf(ConflictError)
    expect((await world.run(config.history('k'))).map(({ version, value }) => [version, text(value)])).toEqual([[3, 'two'], [2, undefined], [1, 'one']])
    expect(text((await world.run(config.getVersion('k', 1))).value)).toBe('one')
    expect((await world.run(config.getVersion('k', 2))).value).toBeUndefined()
    await expect(world.run(config.getVersion('k', 4))).rejects.toBeInstanceOf(NotFoundError)
  })

  it('the last versions are kept, and no more; a history of fewer trims', async () => {
    const three = world.client().config('shop', { history: 3 })
    await world.run(config.create('k', '1'))
    for (let version = 1; version < 6; version++) await world.run(three.update('k', `${version + 1}`, { expectedVersion: version }))
    expect((await world.run(config.history('k'))).map(({ version }) => version)).toEqual([6, 5, 4])
    expect((await world.run(config.history('k', { limit: 2 }))).map(({ version }) => version)).toEqual([6, 5])
    await world.run(config.update('k', '7', { expectedVersion: 6 }))
    expect((await world.run(config.history('k'))).map(({ version }) => version)).toEqual([7, 6, 5, 4])
    const one = world.client().config('shop', { history: 1 })
    await world.run(one.delete('k'))
    await world.run(one.create('k', '9'))
    expect((await world.run(config.history('k'))).map(({ version, value }) => [version, text(value)])).toEqual([[9, '9']])
  })

  it('lists what there is, by prefix, and each project by itself', async () => {
    const other = world.client().config('shop/eu')
    for (const key of ['a', 'a/x', 'a/y', 'b', 'ü']) await world.run(config.create(key, key))
    await world.run(other.create('a/z', 'other'))
    await world.run(config.delete('a/x'))
    expect((await world.run(config.list())).entries.map(({ key }) => key)).toEqual(['a', 'a/y', 'b', 'ü'])
    expect((await world.run(config.list({ prefix: 'a/' }))).entries.map(({ key }) => key)).toEqual(['a/y'])
    expect((await world.run(other.list())).entries.map(({ key }) => key)).toEqual(['a/z'])
  })

  it('a key whose name holds another\'s and bytes of a version has a history of its own', async () => {
    const long = `k${'\0'.repeat(7)}\u0001${'\0'.repeat(7)}\u0001`
    await world.run(config.create(long, 'long'))
    await world.run(config.create('k', 'short'))
    await world.run(world.client().config('shop', { history: 1 }).update('k', 'shorter', { expectedVersion: 1 }))
    expect((await world.run(config.history(long))).map(({ value }) => text(value))).toEqual(['long'])
    expect((await world.run(config.history('k'))).map(({ value }) => text(value))).toEqual(['shorter'])
  })

  it('a byte order mark is part of a name', async () => {
    const client = world.client()
    await world.run(config.create('\uFEFFcolor', 'red'))
    expect((await world.run(config.list())).entries.map(({ key }) => key)).toEqual(['\uFEFFcolor'])
    await world.run(client.set('\uFEFFk', 'v'))
    expect(await world.run(client.keys({ prefix: '\uFEFF' }))).toEqual(['\uFEFFk'])
  })

  it('a watch tells every change in order, and from where a list ended', async () => {
    await world.run(config.create('a', '1'))
    const { revision } = await world.run(config.list())
    await world.run(config.update('a', '2', { expectedVersion: 1 }))
    await world.run(config.create('b', '1'))
    const events = await world.run(config.watch({ revision: revision + 1 }))
    const only = await world.run(config.watch({ prefix: 'b' }))
    await world.run(config.delete('a'))
    await world.run(config.delete('b'))
    const seen = async (from: AsyncIterator<ConfigEvent>, count: number): Promise<unknown[]> => {
      const out: unknown[] = []
      while (out.length < count) {
        const { value } = await world.run(from.next()) as { value: ConfigEvent }
        out.push([value.type, value.key, value.version])
      }
      return out
    }
    expect(await seen(events, 4)).toEqual([['set', 'a', 2], ['set', 'b', 1], ['delete', 'a', 3], ['delete', 'b', 2]])
    expect(await seen(only, 1)).toEqual([['delete', 'b', 2]])
  })

  it('a watch is over once its reader leaves: also while they wait for a change, and if they never asked for one', async () => {
    const client = world.client()
    const handle = client as unknown as { context: { signal: AbortSignal } }
    const listeners = (): number => getEventListeners(handle.context.signal, 'abort').length
    const before = listeners()
    const [events, unread] = [await world.run(client.config('shop').watch()), await world.run(client.config('shop').watch())]
    const waiting = events.next()
    await world.advance(1_000)
    for (const watch of [events, unread]) expect(await world.run(watch.return?.() ?? Promise.reject(new Error('no return')))).toEqual({ done: true, value: undefined })
    expect(await world.run(waiting)).toEqual({ done: true, value: undefined })
    expect(await world.run(unread.next())).toEqual({ done: true, value: undefined })
    expect(listeners()).toBe(before)
  })

  it('a change whose answer was lost has an unknown outcome, and is not made again', async () => {
    const client = world.client()
    client.fate = what => what === 'txn' ? 'unanswered' : 'done'
    await expect(world.run(client.config('shop').create('k', 'x'))).rejects.toBeInstanceOf(UnknownOutcomeError)
    expect(client.sent.get('txn')).toBe(1)
    expect((await world.run(config.get('k')))?.version).toBe(1)
  })

  it('refuses what it cannot use', async () => {
    const client = world.client()
    for (const project of ['', 'a\0b', 7 as never]) expect(() => client.config(project)).toThrow(InvalidArgumentError)
    for (const history of [0, 1.5, 10_001]) expect(() => client.config('p', { history })).toThrow(InvalidArgumentError)
    for (const key of ['', 'x'.repeat(1_025), 7 as never]) await expect(config.create(key, 'x')).rejects.toBeInstanceOf(InvalidArgumentError)
    for (const expectedVersion of [0, -1, undefined as never]) await expect(config.update('k', 'x', { expectedVersion })).rejects.toBeInstanceOf(InvalidArgumentError)
    await expect(config.update('k', 'x', undefined as never)).rejects.toThrow(/expectedVersion must be/)
    const misspelt = { expectedversion: 1 } as never
    for (const change of [config.create('k', 'x', misspelt), config.update('k', 'x', misspelt), config.delete('k', misspelt), config.watch(misspelt)]) {
      await expect(change).rejects.toThrow(/Unknown option "expectedversion"/)
    }
  })

  it('versions follow one another whatever many do at once, and none is lost', async () => {
    const clients = Array.from({ length: 5 }, () => world.client().config('shop'))
    const written = new Map<number, string>()
    await world.run(Promise.all(clients.map(async (one, i) => {
      for (let n = 0; n < 8;) {
        const value = `${i}.${n}`
        try {
          const entry = await one.get('k')
          const { version } = entry === undefined ? await one.create('k', value) : n % 4 === 3 ? await one.delete('k', { expectedVersion: entry.version }) : await one.update('k', value, { expectedVersion: entry.version })
          expect(written.has(version)).toBe(false)
          written.set(version, n % 4 === 3 && entry !== undefined ? '' : value)
          n++
        } catch (error) {
          if (!(error instanceof ConflictError || error instanceof NotFoundError)) throw error
        }
      }
    })))
    const history = await world.run(config.history('k'))
    expect(history.map(({ version, value }) => [version, text(value) ?? ''])).toEqual([...written].sort(([a], [b]) => b - a))
    expect(history).toHaveLength(40)
  })
})

describe('a list of several pages', () => {
  it('is as of the oldest of them: members that answer from their own state may lag behind', async () => {
    const client = world.client()
    const pages = [{ rows: [], revision: 100, age: 0, next: Uint8Array.of(1) }, { rows: [], revision: 50, age: 0, next: Uint8Array.of(2) }, { rows: [], revision: 70, age: 0, next: undefined }]
    client.scan = async () => pages.shift() as Page
    expect(await client.config('shop').list({ consistency: 'stale' })).toEqual({ entries: [], revision: 50 })
  })
})
