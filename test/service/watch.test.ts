import { peerIdFromString } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { BusyError, ClosedError, CompactedError, NotAuthorizedError, UnavailableError } from '../../src/errors.js'
import { checkChanges, checkRows } from '../../src/service/answers.js'
import { queryCodecs } from '../../src/service/query-codec.js'
import { KvWatch } from '../../src/service/watch.js'
import { ManualClock } from './support/manual-clock.js'
import type { KvChange, KvRow } from '../../src/machine/kv-types.js'
import type { Answer, Query, WatchPosition } from '../../src/service/queries.js'
import type { WatchEvent } from '../../src/recipes/types.js'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const row = (key: string, revision = 1): KvRow => ({ key: utf8(key), value: utf8('v'), createRevision: revision, modRevision: revision, version: 1, lease: 0 })
const change = (revision: number, ...keys: string[]): KvChange => ({ revision, events: keys.map(key => key.startsWith('-') ? { type: 'delete', key: utf8(key.slice(1)) } : { type: 'put', row: row(key, revision) }) })
const page = (changes: KvChange[], revision: number, skip = 0): Answer<'changes'> => ({ changes, next: { revision, skip } })

type Step = Answer<'changes'> | Error | 'silence'

interface Setup { clock: ManualClock, watch: KvWatch, asked: WatchPosition[], aborted: () => boolean }

/** A watch from revision 5 whose polls are answered as told; then with silence. */
function setup (steps: Step[], ...signals: AbortSignal[]): Setup {
  const clock = new ManualClock()
  const asked: WatchPosition[] = []
  let last: AbortSignal | undefined
  const watch = new KvWatch({
    namespace: '/raft/t',
    revision: 5,
    clock,
    random: () => 0.5,
    log: () => {},
    signals,
    poll: async (position, signal) => {
      asked.push(position)
      last = signal
      const step = steps.shift() ?? 'silence'
      if (step instanceof Error) throw step
      if (step !== 'silence') return step
      return await new Promise((_resolve, reject) => { signal.addEventListener('abort', () => { reject(signal.reason) }) })
    }
  })
  return { clock, watch, asked, aborted: () => last?.aborted === true }
}

const at = (revision: number, skip = 0): WatchPosition => ({ revision, skip })

describe('a watch', () => {
  it('hands out events one by one, and goes on from where each answer says', async () => {
    const { watch, asked } = setup([page([change(6, 'a', '-b'), change(8, 'c')], 9), page([], 20), page([change(20, 'd')], 21)])
    const seen: string[] = []
    for await (const { type, revision, key } of watch) {
      seen.push(`${revision} ${type} ${text(key)}`)
      if (seen.length === 4) break
    }
    expect(seen).toEqual(['6 set a', '6 delete b', '8 set c', '20 set d'])
    expect(asked).toEqual([at(5), at(9), at(20)])
  })

  it('asks for nothing before it is wanted, and keeps one answer', async () => {
    const { watch, asked } = setup([page([change(6, 'a', 'b')], 7), page([change(7, 'c')], 8)])
    expect(asked).toEqual([])
    await watch.next()
    expect([asked.length, watch.revision]).toEqual([1, 6])
    await watch.next()
    expect([asked.length, watch.revision]).toEqual([1, 7])
    await watch.next()
    expect([asked.length, watch.revision]).toEqual([2, 8])
  })

  it('hands out whole revisions, of those too that take several answers', async () => {
    const { watch, asked } = setup([page([change(6, 'a'), change(7, 'b')], 7, 1), page([change(7, 'c', 'd')], 7, 3), page([change(7, 'e'), change(9, 'f')], 10)])
    const keys = async (): Promise<string[]> => (await watch.nextBatch()).map(({ key }) => text(key))
    expect(await keys()).toEqual(['a'])
    expect(await keys()).toEqual(['b', 'c', 'd', 'e', 'f'])
    expect(asked).toEqual([at(5), at(7, 1), at(7, 3)])
  })

  it('goes on after a failure that passes, from where it was', async () => {
    const { clock, watch, asked } = setup([page([change(6, 'a')], 7), new UnavailableError('x'), new BusyError('y'), page([change(9, 'b')], 10)])
    await watch.next()
    const next = watch.next()
    await clock.advance(1_000)
    expect((await next).value).toMatchObject({ revision: 9 })
    expect(asked).toEqual([at(5), at(7), at(7), at(7)])
    expect(clock.pending).toBe(0)
  })

  it.each([new NotAuthorizedError('no'), new ClosedError('closed'), new TypeError('a bug')])('ends with what does not pass: %s', async error => {
    const { watch, asked } = setup([error])
    await expect(watch.next()).rejects.toBe(error)
    await expect(watch.next()).rejects.toBe(error)
    await expect(watch.nextBatch()).rejects.toBe(error)
    expect(asked).toHaveLength(1)
  })

  it('ends where history is gone, and says up to where', async () => {
    const { watch } = setup([{ compacted: 40 }])
    const error: unknown = await watch.next().then(() => undefined, (error: unknown) => error)
    expect(error).toBeInstanceOf(CompactedError)
    expect(error).toMatchObject({ compacted: 40 })
  })

  it('ends with the signal of its caller, or of its handle, in the middle of a wait', async () => {
    for (const which of [0, 1]) {
      const controllers = [new AbortController(), new AbortController()]
      const { watch, aborted } = setup(['silence'], ...controllers.map(({ signal }) => signal))
      const next = watch.next()
      const refused = expect(next).rejects.toThrow('enough')
      await Promise.resolve()
      controllers[which]?.abort(new Error('enough'))
      await refused
      expect(aborted()).toBe(true)
    }
    const { watch, asked } = setup([], AbortSignal.abort(new Error('before')))
    await expect(watch.next()).rejects.toThrow('before')
    expect(asked).toEqual([])
  })

  it('is over without a failure for who closes it, also while it waits', async () => {
    const { watch, aborted } = setup(['silence'])
    const next = watch.next()
    await Promise.resolve()
    await watch.return()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(await watch.next()).toEqual({ done: true, value: undefined })
    expect(aborted()).toBe(true)
    await expect(watch.nextBatch()).rejects.toThrow(ClosedError)
  })

  it('hands out an event or is over, at whichever moment it is closed', async () => {
    for (let turns = 0; turns < 20; turns++) {
      const { watch } = setup([page([change(6, 'a')], 7)])
      const next = watch.next()
      for (let i = 0; i < turns; i++) await Promise.resolve()
      await watch.return()
      const { done, value } = await next
      expect(done === true ? 'over' : text((value as WatchEvent).key), String(turns)).toBe(done === true ? 'over' : 'a')
    }
  })

  it('serves calls at a time one after the other', async () => {
    const { watch } = setup([page([change(6, 'a', 'b')], 7), page([change(7, 'c')], 8)])
    const values = (await Promise.all([watch.next(), watch.next(), watch.next()])).map(({ value }) => text(value?.key ?? new Uint8Array(0)))
    expect(values).toEqual(['a', 'b', 'c'])
  })
})

describe('what a peer answers to a watch', () => {
  const query: Query<'changes'> = { type: 'changes', span: { from: utf8('a'), to: utf8('n') }, position: at(5, 1), waitMs: 0, maxBytes: 0 }

  it.each<[KvChange[], WatchPosition]>([
    [[], at(5, 1)], [[], at(9)], [[change(5, 'b')], at(6)], [[change(5, 'b')], at(5, 2)], [[change(6, 'b'), change(8, 'b', 'c')], at(8, 2)], [[change(6, 'b')], at(30)]
  ])('is taken where it goes on (%#)', (changes, next) => {
    expect(() => { checkChanges(changes, next, query) }).not.toThrow()
  })

  it.each<[string, KvChange[], WatchPosition]>([
    ['goes back', [], at(4)], ['goes back within a revision', [], at(5)], ['tells what is known', [change(4, 'b')], at(6)], ['is out of order', [change(7, 'b'), change(6, 'c')], at(8)],
    ['tells a revision twice', [change(6, 'b'), change(6, 'c')], at(7)], ['is outside of the span', [change(6, 'z')], at(7)], ['has a deletion outside of the span', [change(6, '-z')], at(7)],
    ['goes on before what it told', [change(6, 'b')], at(6)], ['goes on before what it told of a revision', [change(6, 'b', 'c')], at(6, 1)], ['leaves something out', [change(6, 'b')], at(6, 2)],
    ['skips into a revision that it tells nothing of', [], at(7, 3)], ['goes back behind what it told', [change(6, 'b'), change(8, 'c')], at(7)]
  ])('is refused where it %s', (_, changes, next) => {
    expect(() => { checkChanges(changes, next, query) }).toThrow(UnavailableError)
  })
})

describe('what a peer answers to a scan', () => {
  const query = (reverse: boolean): Query<'rows'> => ({ type: 'rows', span: { from: utf8('a'), to: utf8('n') }, limit: 3, keysOnly: false, reverse, consistency: 'stale', maxAge: 0 })

  it('is rows in order, within the range, as many as were asked for', () => {
    expect(() => { checkRows([row('a'), row('b')], true, query(false)) }).not.toThrow()
    expect(() => { checkRows([row('b'), row('a')], true, query(true)) }).not.toThrow()
    expect(() => { checkRows([], false, query(true)) }).not.toThrow()
    for (const [rows, more, reverse] of [
      [['b', 'a'], false, false], [['a', 'b'], false, true], [['a', 'a'], false, false], [['a', 'a'], false, true], [['z'], false, false], [[], true, false], [['a', 'b', 'c', 'd'], false, false]
    ] as const) expect(() => { checkRows(rows.map(key => row(key)), more, query(reverse)) }, String(rows)).toThrow(UnavailableError)
  })
})

describe('what a peer answers to a watch', () => {
  const peer = peerIdFromString('12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')

  it('ends it only if what it asks for is compacted', () => {
    const read = (compacted: number): unknown => queryCodecs.changes.answered({ id: 1, changeList: { changes: [], next: 0, nextSkip: 0, compacted } }, peer, {
      type: 'changes', span: { from: new Uint8Array(0) }, position: { revision: 10, skip: 0 }, waitMs: 0, maxBytes: 1
    })
    for (const compacted of [10, 11]) expect(read(compacted)).toEqual({ compacted })
    for (const compacted of [0, 9]) expect(() => read(compacted), String(compacted)).toThrow(UnavailableError)
  })
})

describe('what a peer answers to a list of leases', () => {
  const peer = peerIdFromString('12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')
  const read = (...ids: number[]): Answer<'leases'> => queryCodecs.leases.answered({ id: 1, leaseList: { leases: ids.map(id => ({ id, ttlMs: 1 })), more: true } }, peer, { type: 'leases', after: 5, limit: 10 })

  it('goes on from those before, or it would never end', () => {
    expect(read(6, 8)).toEqual({ leases: [{ id: 6, ttl: 1 }, { id: 8, ttl: 1 }], more: true })
    for (const ids of [[5], [6, 6], [7, 6]]) expect(() => read(...ids), String(ids)).toThrow(UnavailableError)
  })
})
