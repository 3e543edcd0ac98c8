import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClosedError, CompactedError, InvalidArgumentError, NotAuthorizedError } from '../../src/errors.js'
import { eventLogKeys } from '../../src/recipes/event-log-rows.js'
import { prefixEnd } from '../../src/storage/index.js'
import { World } from './support/world.js'
import type { LogEvent } from '../../src/recipes/event-log.js'

let world: World
beforeEach(() => { world = new World() })
afterEach(() => { world.close() })

const text = ({ value }: { value: Uint8Array }): string => Buffer.from(value).toString()
const kept = (name: string): number => {
  const { events } = eventLogKeys(name)
  return world.group.kv.rows({ from: events, to: prefixEnd(events) }).length
}

async function next (events: AsyncIterator<LogEvent>, count: number): Promise<string[]> {
  const out: string[] = []
  while (out.length < count) {
    const result = await world.run(events.next())
    if (result.done === true) break
    out.push(text(result.value as LogEvent))
  }
  return out
}

describe('event log', () => {
  it('is read in the order of its appends, page by page', async () => {
    const log = world.client().eventLog('l')
    const indexes: number[] = []
    for (let i = 0; i < 5; i++) indexes.push((await world.run(log.append(`${i}`))).index)
    expect([...indexes].sort((a, b) => a - b)).toEqual(indexes)
    const page = await world.run(log.read({ limit: 2 }))
    expect(page.map(text)).toEqual(['0', '1'])
    expect((await world.run(log.read({ after: page[1]?.index }))).map(text)).toEqual(['2', '3', '4'])
    expect(await world.run(log.read({ after: indexes[4] }))).toEqual([])
    expect(await world.run(log.lastIndex())).toBe(indexes[4])
    expect((await world.run(log.read())).map(({ index }) => index)).toEqual(indexes)
  })

  it('another log is another log', async () => {
    const client = world.client()
    await world.run(client.eventLog('a').append('x'))
    expect(await world.run(client.eventLog('a/b').read())).toEqual([])
    expect(await world.run(client.eventLog('b').lastIndex())).toBe(0)
  })

  it('a follower has what is there and what comes, once each', async () => {
    const log = world.client().eventLog('l')
    for (const value of ['a', 'b']) await world.run(log.append(value))
    const follower = world.client().eventLog('l').follow()
    expect(await next(follower, 2)).toEqual(['a', 'b'])
    const coming = next(follower, 3)
    await world.advance(20_000)
    for (const value of ['c', 'd', 'e']) await world.run(log.append(value))
    expect(await coming).toEqual(['c', 'd', 'e'])
    const later = world.client().eventLog('l').follow({ after: await world.run(log.lastIndex()) })
    await world.run(log.append('f'))
    expect(await next(later, 1)).toEqual(['f'])
  })

  it('a follower has no gap and no repetition, whatever fails and whatever is compacted meanwhile', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      world.close()
      world = new World(seed)
      const { random } = world
      const [writer, reader] = [world.client(), world.client()]
      const follower = reader.eventLog('l').follow()
      const seen: string[] = []
      const following = (async () => { for await (const event of follower) if (seen.push(text(event)) === 60) break })()
      reader.failing = type => type === 'changes' && random.next() < 0.3
      for (let i = 0; i < 60; i++) {
        await world.run(writer.eventLog('l').append(`${i}`))
        if (random.next() < 0.3) await world.advance(random.next() * 3_000)
        if (random.next() < 0.1) await world.run(writer.compact(world.group.kv.revision))
      }
      await world.run(following)
      expect(seen, `seed ${seed}`).toEqual(Array.from({ length: 60 }, (_, i) => `${i}`))
    }
  })

  it('a follower goes on when the group is out of reach while it catches up', async () => {
    const [writer, reader] = [world.client(), world.client()]
    await world.run(writer.eventLog('l').append('a'))
    reader.failing = () => world.random.next() < 0.5
    const follower = reader.eventLog('l').follow()
    expect(await next(follower, 1)).toEqual(['a'])
    const coming = next(follower, 1)
    await world.run(writer.eventLog('l').append('b'))
    expect(await coming).toEqual(['b'])
    const ended = follower.next()
    reader.close()
    await expect(world.run(ended)).rejects.toBeInstanceOf(ClosedError)
  })

  it('keeps the newest, and a fifth more at most, with many appenders', async () => {
    for (const retain of [1, 7, 20, 50]) {
      const logs = Array.from({ length: 4 }, () => world.client().eventLog(`l${retain}`, { retain }))
      const step = Math.max(1, Math.floor(retain / 10))
      for (let i = 0; i < 40; i++) {
        await world.run(Promise.all(logs.map(async log => await log.append('x'))))
        expect(kept(`l${retain}`)).toBeGreaterThanOrEqual(Math.min((i + 1) * 4, retain))
        expect(kept(`l${retain}`)).toBeLessThanOrEqual(retain + 2 * step + 4)
      }
      const { checkpoint } = eventLogKeys(`l${retain}`)
      expect(world.group.kv.rows({ from: checkpoint(0), to: checkpoint(1e9) }).length).toBeLessThanOrEqual(retain / step + 3)
    }
  })

  it('an appender that fails while it trims is made up for by the next', async () => {
    const client = world.client()
    const log = client.eventLog('l', { retain: 10 })
    let txns = 0
    // The first transaction of an append is the event itself.
    client.fate = what => what === 'txn' && txns++ % 2 === 1 ? 'lost' : 'done'
    for (let i = 0; i < 30; i++) await world.run(log.append('x'))
    expect(kept('l')).toBe(30)
    client.fate = () => 'done'
    for (let i = 0; i < 12; i++) await world.run(log.append('x'))
    expect(kept('l')).toBeLessThanOrEqual(12)
    expect(kept('l')).toBeGreaterThanOrEqual(10)
  })

  it('an appender that may not trim has appended all the same', async () => {
    const client = world.client()
    client.scan = async () => { throw new NotAuthorizedError('no') }
    const { index } = await world.run(client.eventLog('l', { retain: 1 }).append('x'))
    expect(index).toBeGreaterThan(0)
    expect(kept('l')).toBe(1)
  })

  it('trims what is before an index: who was not so far is told of the gap', async () => {
    const log = world.client().eventLog('l')
    const indexes: number[] = []
    for (let i = 0; i < 6; i++) indexes.push((await world.run(log.append(`${i}`))).index)
    await world.run(log.trim(indexes[3] ?? 0))
    expect((await world.run(log.read())).map(text)).toEqual(['3', '4', '5'])
    expect(await next(log.follow(), 3)).toEqual(['3', '4', '5'])
    expect((await world.run(log.read({ after: indexes[3] }))).map(text)).toEqual(['4', '5'])
    await expect(world.run(log.read({ after: indexes[1] }))).rejects.toBeInstanceOf(CompactedError)
    await expect(world.run(log.follow({ after: indexes[1] }).next())).rejects.toBeInstanceOf(CompactedError)
    await world.run(log.trim(indexes[1] ?? 0))
    expect(kept('l')).toBe(3)
  })

  it('a trim beyond the end leaves what is appended later', async () => {
    const log = world.client().eventLog('l')
    await world.run(log.append('old'))
    await world.run(log.trim(1e12))
    await world.run(log.append('new'))
    expect((await world.run(log.read())).map(text)).toEqual(['new'])
  })

  it('a trim of more than one command deletes goes on until all are gone', async () => {
    const log = world.client().eventLog('l')
    const client = world.client()
    const { events } = eventLogKeys('l')
    for (let i = 0; i < 25; i++) await world.run(client.txn({ then: Array.from({ length: 100 }, () => ({ type: 'append', prefix: events, value: '' })) }))
    await world.run(log.trim(1e12))
    expect(kept('l')).toBe(0)
  })

  it('a trim beyond the end is no gap for who has read all that there is', async () => {
    const [client, log] = [world.client(), world.client().eventLog('l')]
    const { index } = await world.run(log.append('a'))
    for (const value of ['x', 'y']) await world.run(client.set('unrelated', value))
    await world.run(log.trim(1e12))
    expect(await world.run(log.read({ after: index }))).toEqual([])
    expect(await world.run(log.lastIndex())).toBe(index)
  })

  it('refuses what it cannot use', async () => {
    const client = world.client()
    expect(() => client.eventLog('')).toThrow(InvalidArgumentError)
    expect(() => client.eventLog('l', { retain: 0 })).toThrow(InvalidArgumentError)
    const log = client.eventLog('l')
    await expect(log.read({ limit: 0 })).rejects.toBeInstanceOf(InvalidArgumentError)
    await expect(world.run(log.read({ after: -1 }))).rejects.toBeInstanceOf(InvalidArgumentError)
    await expect(log.append(7 as never)).rejects.toBeInstanceOf(InvalidArgumentError)
    await expect(log.append('x', { retain: 5 } as never)).rejects.toThrow(/Unknown option "retain"/)
    await expect(log.emit('x', { topic: 5 } as never)).rejects.toThrow(/Unknown option "topic"/)
    await expect(log.trim(-1)).rejects.toBeInstanceOf(InvalidArgumentError)
  })
})
