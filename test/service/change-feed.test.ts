import { beforeEach, describe, expect, it } from 'vitest'
import { BusyError, CompactedError, NoLeaderError, NotAuthorizedError } from '../../src/errors.js'
import { ChangeFeed } from '../../src/service/change-feed.js'
import { Deadlines } from '../../src/service/deadlines.js'
import { MemberQueries } from '../../src/service/member-queries.js'
import { PollLimit } from '../../src/service/poll-limit.js'
import { isWithin } from '../../src/service/spans.js'
import { ManualClock, settle } from './support/manual-clock.js'
import type { KvChange, KvEvent } from '../../src/machine/kv-types.js'
import type { KeySpan, KvObserver, KvState } from '../../src/machine/types.js'
import type { Inquirer } from '../../src/service/member-queries.js'
import type { NamespaceHost } from '../../src/service/namespace-host.js'
import type { Answer, WatchPosition } from '../../src/service/queries.js'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const span: KeySpan = { from: utf8('a'), to: utf8('n') }
const at = (revision: number, skip = 0): WatchPosition => ({ revision, skip })
const put = (key: string, revision: number, size = 1): KvEvent => ({ type: 'put', row: { key: utf8(key), value: new Uint8Array(size), createRevision: revision, modRevision: revision, version: 1, lease: 0 } })
const keyOf = (event: KvEvent): Uint8Array => event.type === 'put' ? event.row.key : event.key

/** The part of a state that a feed looks at. */
class History {
  revision = 0
  compacted = 0
  readonly all: KvChange[] = []
  readonly observers = new Set<KvObserver>()
  /** Revisions looked through at once. */
  window = Infinity

  observe (observer: KvObserver): () => void {
    this.observers.add(observer)
    return () => { this.observers.delete(observer) }
  }

  add (...events: KvEvent[]): void {
    const change = { revision: ++this.revision, events }
    this.all.push(change)
    for (const { changed } of this.observers) changed?.([change])
  }

  async changes ({ span, from }: { span: KeySpan, from: number }): Promise<{ changes: KvChange[], next: number }> {
    if (from <= this.compacted) throw new CompactedError('gone', this.compacted)
    const end = Math.min(this.revision, from + this.window - 1)
    const changes = this.all.filter(({ revision }) => revision >= from && revision <= end)
      .map(({ revision, events }) => ({ revision, events: events.filter(event => isWithin(keyOf(event), span)) })).filter(({ events }) => events.length > 0)
    return { changes, next: end + 1 }
  }
}

let history: History
let feed: ChangeFeed
beforeEach(() => {
  history = new History()
  feed = new ChangeFeed(history as unknown as KvState)
})

const keys = (answer: Answer<'changes'>): string[] => answer.compacted !== undefined ? [] : answer.changes.flatMap(({ events }) => events.map(event => new TextDecoder().decode(keyOf(event))))
const next = (answer: Answer<'changes'>): WatchPosition | undefined => answer.compacted !== undefined ? undefined : answer.next

describe('a page of changes', () => {
  it('is cut within a revision where that is too large, and goes on from there', async () => {
    history.add(put('a', 1))
    history.add(...['b', 'c', 'd', 'e'].map(key => put(key, 2, 420)))
    const pages: string[][] = []
    for (let position = at(1); position.revision <= 2;) {
      const page = await feed.page(span, position, 1_000)
      pages.push(keys(page))
      position = next(page) as WatchPosition
    }
    expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })

  it('holds one change at least, however large', async () => {
    history.add(put('a', 1, 5_000), put('b', 1, 5_000))
    expect(keys(await feed.page(span, at(1), 10))).toEqual(['a'])
    expect(next(await feed.page(span, at(1), 10))).toEqual(at(1, 1))
  })

  it('never goes back, on a member that has not come as far either', async () => {
    history.add(put('a', 1))
    expect(next(await feed.page(span, at(9, 2), 0))).toEqual(at(9, 2))
    expect(next(await feed.page(span, at(1), 0))).toEqual(at(2))
  })

  it('says up to where history is gone', async () => {
    history.compacted = 4
    expect(await feed.page(span, at(3), 0)).toEqual({ compacted: 4 })
  })
})

describe('a poll', () => {
  let clock: ManualClock
  let polls: PollLimit
  let host: { leader: unknown, node: unknown, readable: unknown, namespace: string }
  beforeEach(() => {
    clock = new ManualClock()
    polls = new PollLimit(2)
    host = { namespace: '/raft/t', leader: {}, node: { clock, polls, deadlines: new Deadlines(clock) }, readable: async () => ({ kv: history, feed, age: () => 0 }) }
  })
  const inquirer = (more: Partial<Inquirer> = {}): Inquirer => ({ by: 'p', check: () => {}, checkKeys: () => {}, holdsAll: () => true, ...more })
  const poll = async (position: WatchPosition, waitMs = 5_000, who: Inquirer | 'own' = inquirer()): Promise<Answer<'changes'>> =>
    await new MemberQueries(host as unknown as NamespaceHost).ask({ type: 'changes', span, position, waitMs, maxBytes: 0 }, { timeoutMs: 10_000 }, who === 'own' ? undefined : who)

  it('is answered at once where there is something, and otherwise with the next change in the span', async () => {
    history.add(put('a', 1))
    expect(keys(await poll(at(1)))).toEqual(['a'])
    const waiting = poll(at(2))
    await settle()
    history.add(put('z', 2))
    await settle()
    expect(feed.waiting).toBe(1)
    history.add(put('b', 3))
    expect(keys(await waiting)).toEqual(['b'])
    expect([feed.waiting, polls.waiting]).toEqual([0, 0])
  })

  it('says how far it has looked when its time is up, so that quiet watches keep up', async () => {
    const waiting = poll(at(1))
    await settle()
    for (let i = 0; i < 5; i++) history.add(put('z', i))
    await clock.advance(5_100)
    expect(next(await waiting)).toEqual(at(6))
  })

  it('misses nothing where history is compacted while it waits: neither what comes next, nor how far it has looked', async () => {
    const [woken, quiet] = [poll(at(1), 5_000), poll(at(1), 2_000)]
    await settle()
    for (let i = 0; i < 5; i++) history.add(put('z', i))
    history.compacted = 5
    await clock.advance(2_100)
    expect(next(await quiet)).toEqual(at(6))
    history.add(put('z', 6), put('b', 6))
    const answer = await woken
    expect(keys(answer)).toEqual(['b'])
    expect(next(answer)).toEqual(at(7))
  })

  it('is told that it missed something where that is compacted before it is looked at', async () => {
    const waiting = poll(at(1))
    await settle()
    history.add(put('b', 1))
    history.compacted = 1
    expect(await waiting).toEqual({ compacted: 1 })
  })

  it('on a member that lags behind, waits for what it lacks and goes not back', async () => {
    const waiting = poll(at(4, 1))
    await settle()
    for (const key of ['z', 'b', 'z']) history.add(put(key, 1))
    await settle()
    history.add(put('b', 4), put('c', 4))
    const answer = await waiting
    expect(keys(answer)).toEqual(['c'])
    expect(next(answer)).toEqual(at(5))
  })

  it('looks through history a part at a time', async () => {
    history.window = 3
    for (let i = 1; i < 10; i++) history.add(put('z', i))
    history.add(put('b', 10))
    expect(keys(await poll(at(1)))).toEqual(['b'])
  })

  it('goes on by revision where a snapshot has taken the place of everything', async () => {
    const waiting = poll(at(1))
    await settle()
    history.revision = history.compacted = 50
    for (const { replaced } of history.observers) replaced?.()
    expect(await waiting).toEqual({ compacted: 50 })
  })

  it('tells nothing to who has lost the right while it waited', async () => {
    let allowed = true
    const waiting = poll(at(1), 5_000, inquirer({ check: () => { if (!allowed) throw new NotAuthorizedError('no more') } }))
    await settle()
    allowed = false
    history.add(put('b', 1))
    await expect(waiting).rejects.toThrow(NotAuthorizedError)
    expect([feed.waiting, polls.waiting]).toEqual([0, 0])
  })

  it('is sent elsewhere by a member that hears of no leader', async () => {
    host.leader = undefined
    const refused = expect(poll(at(1))).rejects.toThrow(NoLeaderError)
    await clock.advance(5_100)
    await refused
  })

  it('ends with its caller', async () => {
    const caller = new AbortController()
    const refused = expect(poll(at(1), 5_000, inquirer({ signal: caller.signal }))).rejects.toThrow('gone')
    await settle()
    caller.abort(new Error('gone'))
    await refused
    expect([feed.waiting, polls.waiting]).toEqual([0, 0])
  })

  it('is one of so many for each peer, and of this node\'s own program as many as it likes', async () => {
    const waiting = [poll(at(1)), poll(at(1))]
    await settle()
    await expect(poll(at(1))).rejects.toThrow(BusyError)
    waiting.push(poll(at(1), 5_000, inquirer({ by: 'other' })), poll(at(1), 5_000, 'own'))
    await settle()
    expect([feed.waiting, polls.waiting, polls.refused]).toEqual([4, 3, 1])
    history.add(put('b', 1))
    for (const answer of await Promise.all(waiting)) expect(keys(answer)).toEqual(['b'])
  })
})
