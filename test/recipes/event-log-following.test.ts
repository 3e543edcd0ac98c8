import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CompactedError } from '../../src/errors.js'
import { Listening } from '../../src/recipes/event-log-listening.js'
import { eventLogKeys } from '../../src/recipes/event-log-rows.js'
import { World } from './support/world.js'
import type { LogEvent } from '../../src/recipes/event-log.js'
import type { LogMessage } from '../../src/recipes/event-log-listening.js'
import type { LiveEvent, LiveSubscription } from '../../src/recipes/types.js'
import type { SimClient } from './support/client.js'

let world: World
beforeEach(() => { world = new World() })
afterEach(() => { world.close() })

const text = ({ value }: { value: Uint8Array }): string => Buffer.from(value).toString()

/** Of its handle: what is not untied stays there for as long as that lives. */
function listeners (client: SimClient): number {
  const { context } = client as unknown as { context: { signal: AbortSignal } }
  return getEventListeners(context.signal, 'abort').length
}

async function next (events: AsyncIterator<LogEvent>, count: number): Promise<string[]> {
  const out: string[] = []
  while (out.length < count) out.push(text((await world.run(events.next())).value as LogEvent))
  return out
}

describe('a follower', () => {
  const first = async (events: AsyncIterator<LogEvent>): Promise<string> => await world.run(events.next().then(({ value }) => text(value as LogEvent), (error: Error) => error.name))

  it('that begins behind the last index of an empty log is told of a gap', async () => {
    const log = world.client().eventLog('l', { retain: 1 })
    const after = await world.run(log.lastIndex())
    for (let i = 0; i < 5; i++) await world.run(log.append(`${i}`))
    expect(after).toBe(0)
    expect(await first(world.client().eventLog('l').follow({ after }))).toBe('CompactedError')
    await expect(world.run(log.read({ after }))).rejects.toBeInstanceOf(CompactedError)
    expect((await world.run(log.read())).length).toBeGreaterThan(0)
  })

  it('that has found an empty log is told of a gap behind it', async () => {
    const [client, reader] = [world.client(), world.client()]
    const log = client.eventLog('l', { retain: 1 })
    const coming = first(reader.eventLog('l').follow())
    await world.advance(1_000)
    reader.failing = type => type === 'changes'
    await world.advance(10_000)
    for (let i = 0; i < 5; i++) await world.run(log.append(`${i}`))
    await world.run(client.compact(world.group.kv.revision))
    reader.failing = () => false
    expect(await coming).toBe('CompactedError')
  })

  it('that begins behind an index that is yet to come is told of none before it', async () => {
    const log = world.client().eventLog('l')
    const after = world.group.kv.revision + 3
    const coming = world.client().eventLog('l').follow({ after }).next()
    await world.advance(1_000)
    const indexes: number[] = []
    while (indexes.length < 5) indexes.push((await world.run(log.append('x'))).index)
    expect((await world.run(coming)).value).toMatchObject({ index: indexes.find(index => index > after) })
  })

  // Whoever may write there may make rows by hand.
  it.each([
    ['is too short', Uint8Array.of(0xff)],
    ['is too short, and comes first', Uint8Array.of(0)],
    ['is too long', new Uint8Array(11).fill(1)],
    ['says an index beyond all', new Uint8Array(10).fill(0xff)],
    ['says an index before all', new Uint8Array(10).fill(0)]
  ])('passes over a row whose key %s', async (_, key) => {
    const client = world.client()
    const log = client.eventLog('l')
    await world.run(log.append('a'))
    await world.run(client.set(Buffer.concat([eventLogKeys('l').events, key]), 'odd'))
    const { index } = await world.run(log.append('b'))
    const follower = log.follow()
    expect(await next(follower, 2)).toEqual(['a', 'b'])
    const coming = next(follower, 1)
    await world.advance(1_000)
    await world.run(client.set(Buffer.concat([eventLogKeys('l').events, key]), 'odder'))
    await world.run(log.append('c'))
    expect(await coming).toEqual(['c'])
    expect(await world.run(log.lastIndex())).toBeGreaterThan(index)
    expect((await world.run(log.read({ limit: 1 }))).map(text)).toEqual(['a'])
  })

  it('finds the events behind many such rows', async () => {
    const client = world.client()
    const log = client.eventLog('l')
    const { events } = eventLogKeys('l')
    for (let i = 0; i < 25; i++) await world.run(client.set(Buffer.concat([events, Uint8Array.of(0, i)]), 'odd'))
    const { index } = await world.run(log.append('a'))
    for (let i = 0; i < 25; i++) await world.run(client.set(Buffer.concat([events, Uint8Array.of(0xff, i)]), 'odd'))
    expect((await world.run(log.read({ limit: 3 }))).map(text)).toEqual(['a'])
    expect(await world.run(log.lastIndex())).toBe(index)
  })

  it('is over once its reader leaves, also while they wait for the next event', async () => {
    const client = world.client()
    const before = listeners(client)
    const [reading, waiting, unread] = [client.eventLog('l').follow(), client.eventLog('l').follow(), client.eventLog('l').follow()]
    await world.run(client.eventLog('l').append('a'))
    expect([await next(reading, 1), await next(waiting, 1)]).toEqual([['a'], ['a']])
    const coming = waiting.next()
    await world.advance(1_000)
    for (const follower of [reading, waiting, unread]) expect(await world.run(follower.return?.() ?? Promise.reject(new Error('no return')))).toEqual({ done: true, value: undefined })
    expect(await world.run(coming)).toEqual({ done: true, value: undefined })
    expect(listeners(client)).toBe(before)
  })
})

describe('listening', () => {
  it('tells appended and emitted events apart, and ends both when it is left', async () => {
    const heard = new FakeSubscription()
    const log = world.client().eventLog('l')
    let followed: AbortSignal | undefined
    const listening = new Listening(heard, signal => {
      followed = signal
      return log.follow({ after: 0, signal })
    }, undefined)
    await world.run(log.append('kept'))
    heard.say('said')
    const seen: LogMessage[] = [(await world.run(listening.next())).value as LogMessage, (await world.run(listening.next())).value as LogMessage]
    expect(seen.map(message => `${message.kind} ${text(message)}`).sort()).toEqual(['appended kept', 'emitted said'])
    expect(listening.missed).toBe(3)
    await world.run(listening.return())
    expect(followed?.aborted).toBe(true)
    expect(heard.disposed).toBe(true)
  })

  it('that is left while somebody waits for the next message is over for both', async () => {
    const heard = new FakeSubscription()
    const log = world.client().eventLog('l')
    let followed: AbortSignal | undefined
    const listening = new Listening(heard, signal => {
      followed = signal
      return log.follow({ after: 0, signal })
    }, undefined)
    const coming = listening.next()
    await world.advance(1_000)
    await world.run(listening.return())
    expect(await world.run(coming)).toEqual({ done: true, value: undefined })
    expect([followed?.aborted, heard.disposed]).toEqual([true, true])
  })

  it('that is closed leaves nothing behind, whatever was about to be read', async () => {
    const client = world.client()
    const log = client.eventLog('l')
    const before = listeners(client)
    for (let i = 0; i < 5; i++) {
      const heard = new FakeSubscription()
      const listening = new Listening(heard, signal => log.follow({ after: 0, signal }), undefined)
      for (const what of ['one', 'two', 'three']) {
        await world.run(log.append(what))
        heard.say(what)
      }
      await world.run(listening.next())
      await world.advance(1_000)
      await world.run(listening.return())
      await world.advance(1_000)
    }
    expect(listeners(client)).toBe(before)
  })

  it('ends with the caller\'s reason', async () => {
    const caller = new AbortController()
    const log = world.client().eventLog('l')
    const listening = new Listening(new FakeSubscription(), signal => log.follow({ after: 0, signal }), caller.signal)
    const coming = listening.next()
    coming.catch(() => {})
    await world.advance(1_000)
    caller.abort(new Error('enough'))
    await expect(world.run(coming)).rejects.toThrow('enough')
  })

  it('a follower that fails ends it', async () => {
    const listening = new Listening(new FakeSubscription(), () => failing(), undefined)
    await expect(world.run(listening.next())).rejects.toThrow('broken')
  })
})

async function * failing (): AsyncGenerator<LogEvent> { throw new Error('broken') }

class FakeSubscription implements LiveSubscription {
  readonly missed = 3
  disposed = false
  private readonly said: LiveEvent[] = []
  private wake = (): void => {}

  say (what: string): void {
    this.said.push({ topic: 't', data: Buffer.from(what), publisher: 'p' })
    this.wake()
  }

  async next (): Promise<IteratorResult<LiveEvent>> {
    while (this.said.length === 0) {
      if (this.disposed) return { done: true, value: undefined }
      await new Promise<void>(resolve => { this.wake = resolve })
    }
    return { done: false, value: this.said.shift() as LiveEvent }
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    this.disposed = true
    this.wake()
  }

  [Symbol.asyncIterator] (): this { return this }
}
