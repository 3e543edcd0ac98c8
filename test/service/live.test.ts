import { describe, expect, it } from 'vitest'
import { BusyError, ClosedError, EncryptionKeyError, GroupFailedError, NotAuthorizedError, NotLeaderError, StorePoisonedError, UnavailableError } from '../../src/errors.js'
import { LiveTopics } from '../../src/service/live.js'
import { subscribe } from '../../src/service/live-subscription.js'
import { ManualClock, settle } from './support/manual-clock.js'
import type { Heard, TopicPosition } from '../../src/service/live.js'
import type { LiveSubscription } from '../../src/recipes/types.js'

const NOW: TopicPosition = { epoch: 0, position: 0 }
const say = (text: string): { data: Uint8Array, publisher: string } => ({ data: new TextEncoder().encode(text), publisher: 'p' })
const texts = (heard: Heard): string[] => heard.sayings.map(({ data }) => new TextDecoder().decode(data))

function leading (term = 1): { clock: ManualClock, live: LiveTopics } {
  const clock = new ManualClock()
  const live = new LiveTopics('/raft/t', clock)
  live.lead(term)
  return { clock, live }
}

describe('live topics', () => {
  it('tell those who listen, in order, each topic by itself', async () => {
    const { live } = leading()
    const [a, b] = [await live.listen('a', { from: NOW, waitMs: 0 }), await live.listen('b', { from: NOW, waitMs: 0 })]
    expect(live.publish('a', say('1'))).toBe(1)
    expect(live.publish('a', say('2'))).toBe(1)
    expect(live.publish('b', say('3'))).toBe(1)
    expect(live.publish('c', say('4'))).toBe(0)
    const heard = await live.listen('a', { from: a.position, waitMs: 0 })
    expect(texts(heard)).toEqual(['1', '2'])
    expect(heard.missed).toBe(false)
    expect(texts(await live.listen('b', { from: b.position, waitMs: 0 }))).toEqual(['3'])
    // Asked again, since an answer was lost: the same again.
    expect(texts(await live.listen('a', { from: a.position, waitMs: 0 }))).toEqual(['1', '2'])
  })

  it('wait for something to be said, or for the time to be up', async () => {
    const { live, clock } = leading()
    const { position } = await live.listen('a', { from: NOW, waitMs: 0 })
    const waiting = live.listen('a', { from: position, waitMs: 5_000 })
    await clock.advance(1_000)
    expect(live.publish('a', say('1'))).toBe(1)
    const heard = await waiting
    expect(texts(heard)).toEqual(['1'])
    const nothing = live.listen('a', { from: heard.position, waitMs: 5_000 })
    await clock.advance(5_000)
    expect(await nothing).toMatchObject({ sayings: [], missed: false })
    const stop = new AbortController()
    const given = live.listen('a', { from: heard.position, waitMs: 5_000, signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
  })

  it('count who listens: those who wait, and those who were answered a moment ago', async () => {
    const { live, clock } = leading()
    const first = await live.listen('a', { from: NOW, waitMs: 0 })
    await live.listen('a', { from: NOW, waitMs: 0 })
    const waiting = live.listen('a', { from: first.position, waitMs: 60_000 })
    await settle()
    expect(live.publish('a', say('1'))).toBe(2)
    await waiting
    expect(live.publish('a', say('2'))).toBe(2)
    await clock.advance(20_001)
    expect(live.publish('a', say('3'))).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('say when something may have been missed: too much, too long ago, or at another leader', async () => {
    const { live, clock } = leading()
    const { position } = await live.listen('a', { from: NOW, waitMs: 0 })
    for (let i = 0; i < 300; i++) live.publish('a', say(String(i)))
    const late = await live.listen('a', { from: position, waitMs: 0 })
    expect(late.missed).toBe(true)
    expect(texts(late)).toEqual(Array.from({ length: 256 }, (_, i) => String(i + 44)))
    expect((await live.listen('a', { from: late.position, waitMs: 0 })).missed).toBe(false)
    live.publish('a', say('unheard'))
    await clock.advance(30_000)
    // Forgotten, with what was said on it.
    const after = await live.listen('a', { from: late.position, waitMs: 0 })
    expect(after).toMatchObject({ missed: true, sayings: [] })
    live.lead(2)
    await live.listen('a', { from: NOW, waitMs: 0 })
    live.publish('a', say('new'))
    const moved = await live.listen('a', { from: after.position, waitMs: 0 })
    expect(moved.missed).toBe(true)
    expect(texts(moved)).toEqual(['new'])
  })

  it('say so, too, where it was said while the topic was forgotten', async () => {
    const { live, clock } = leading()
    const heard = await live.listen('a', { from: NOW, waitMs: 0 })
    await clock.advance(30_000)
    expect(live.publish('a', say('unheard'))).toBe(0)
    // Another listener is there before the one that comes back.
    const other = await live.listen('a', { from: NOW, waitMs: 0 })
    expect(other).toMatchObject({ missed: false, sayings: [] })
    const next = await live.listen('a', { from: heard.position, waitMs: 0 })
    expect(next).toMatchObject({ missed: true, sayings: [] })
    expect(await live.listen('a', { from: next.position, waitMs: 0 })).toMatchObject({ missed: false })
    expect(await live.listen('a', { from: other.position, waitMs: 0 })).toMatchObject({ missed: false })
  })

  it('are not told again by a leader that is none any more, to who has listened to the next one', async () => {
    const { live } = leading(4)
    const { position } = await live.listen('a', { from: NOW, waitMs: 0 })
    live.publish('a', say('1'))
    expect(texts(await live.listen('a', { from: position, waitMs: 0 }))).toEqual(['1'])
    await expect(live.listen('a', { from: { epoch: 5, position: 0 }, waitMs: 0 })).rejects.toBeInstanceOf(NotLeaderError)
  })

  it('hold a bounded number of bytes', async () => {
    const { live } = leading()
    const { position } = await live.listen('a', { from: NOW, waitMs: 0 })
    for (let i = 0; i < 20; i++) live.publish('a', { data: new Uint8Array(100_000), publisher: 'p' })
    const heard = await live.listen('a', { from: position, waitMs: 0 })
    expect(heard.sayings.length).toBe(10)
    expect(heard.missed).toBe(true)
  })

  it('hold a bounded number of bytes of all topics together, and none of those that are forgotten', async () => {
    const { live, clock } = leading()
    const large = { data: new Uint8Array(1 << 20), publisher: 'p' }
    const positions: TopicPosition[] = []
    const hear = async (i: number): Promise<Heard> => await live.listen(`t${i}`, { from: positions[i] ?? NOW, waitMs: 0 })
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 40; i++) positions[i] = (await hear(i)).position
      for (let i = 0; i < 40; i++) live.publish(`t${i}`, large)
      const heard = await Promise.all(positions.map(async (_, i) => await hear(i)))
      expect(heard.map(({ sayings, missed }) => [sayings.length, missed])).toEqual(positions.map((_, i) => i < 8 ? [0, true] : [1, false]))
      await clock.advance(30_000)
    }
  })

  it('refuse too many topics, and too many listeners to one', async () => {
    const { live, clock } = leading()
    for (let i = 0; i < 1_000; i++) await live.listen(`t${i}`, { from: NOW, waitMs: 0 })
    await expect(live.listen('one more', { from: NOW, waitMs: 0 })).rejects.toBeInstanceOf(BusyError)
    await clock.advance(10_001)
    for (let i = 0; i < 1_000; i++) await live.listen('one more', { from: NOW, waitMs: 0 })
    await expect(live.listen('one more', { from: NOW, waitMs: 0 })).rejects.toBeInstanceOf(BusyError)
  })

  it('are at the leader, and end with it', async () => {
    const { live, clock } = leading()
    const { position } = await live.listen('a', { from: NOW, waitMs: 0 })
    const waiting = live.listen('a', { from: position, waitMs: 60_000 })
    live.lead(undefined)
    await expect(waiting).rejects.toBeInstanceOf(NotLeaderError)
    await expect(live.listen('a', { from: NOW, waitMs: 0 })).rejects.toBeInstanceOf(NotLeaderError)
    expect(() => live.publish('a', say('1'))).toThrow(NotLeaderError)
    expect(clock.pending).toBe(0)
  })
})

describe('a subscription', () => {
  interface Listening { clock: ManualClock, live: LiveTopics, fail: (error: Error) => void, stop: AbortController, subscription: LiveSubscription }

  async function listening (): Promise<Listening> {
    const { clock, live } = leading()
    const stop = new AbortController()
    const failures: Error[] = []
    const subscription = await subscribe({
      namespace: '/raft/t',
      topic: 'a',
      clock,
      random: () => 0.5,
      signals: [stop.signal],
      poll: async (from, signal) => {
        const failure = failures.shift()
        if (failure !== undefined) throw failure
        return await live.listen('a', { from, waitMs: 1_000, signal })
      }
    })
    return { clock, live, stop, subscription, fail: error => { failures.push(error) } }
  }

  it('hears all that is said after it was made, once, whatever gets lost', async () => {
    const { live, subscription, fail, clock } = await listening()
    expect(live.publish('a', say('1'))).toBe(1)
    expect(await subscription.next()).toMatchObject({ value: { topic: 'a', publisher: 'p', data: say('1').data } })
    fail(new UnavailableError('gone'))
    fail(new NotLeaderError('not here'))
    const next = subscription.next()
    await clock.advance(100)
    live.publish('a', say('2'))
    await clock.advance(100)
    expect((await next).value).toMatchObject({ data: say('2').data })
    expect(subscription.missed).toBe(0)
  })

  it('counts what it may have missed', async () => {
    const { live, subscription, clock } = await listening()
    for (let i = 0; i < 257; i++) live.publish('a', say(String(i)))
    expect((await subscription.next()).value).toMatchObject({ data: say('1').data })
    expect(subscription.missed).toBe(1)
    for (let i = 2; i < 257; i++) await subscription.next()
    const next = subscription.next()
    live.lead(2)
    await clock.advance(100)
    live.publish('a', say('new'))
    await clock.advance(1_100)
    expect((await next).value).toMatchObject({ data: say('new').data })
    expect(subscription.missed).toBe(2)
  })

  it('ends when it is told to, and fails with what ends it', async () => {
    const { subscription, clock } = await listening()
    const waiting = subscription.next()
    await settle()
    await subscription[Symbol.asyncDispose]()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await subscription.next()).toEqual({ done: true, value: undefined })
    await clock.advance(20_000)
    expect(clock.pending).toBe(0)
    const { subscription: other, stop } = await listening()
    const failing = other.next()
    stop.abort(new ClosedError('the handle is closed'))
    await expect(failing).rejects.toThrow('the handle is closed')
    for (const lasting of [new NotAuthorizedError('no'), new EncryptionKeyError('another key'), new GroupFailedError('stopped'), new StorePoisonedError('the disk is full')]) {
      const { subscription, fail, clock } = await listening()
      fail(lasting)
      const ended = expect(subscription.next()).rejects.toBe(lasting)
      await clock.advance(2_000)
      await subscription.return?.()
      await ended
    }
  })
})
