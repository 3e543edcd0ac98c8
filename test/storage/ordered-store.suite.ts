import { describe, expect, it } from 'vitest'
import { ClosedError } from '../../src/errors.js'
import { bytes, collect, del, dump, put, random, text } from './support.js'
import type { OrderedStore } from '../../src/storage/types.js'

const ALL = { gte: Uint8Array.of(0), lt: new Uint8Array(16).fill(0xff) }

/** What every ordered store must do; each implementation runs it. */
export function orderedStoreSuite (name: string, create: () => Promise<OrderedStore>): void {
  describe(`${name} as an ordered store`, () => {
    const keys = async (store: OrderedStore, options: object = {}): Promise<Array<string | undefined>> =>
      (await collect(store.range({ ...ALL, ...options }))).flat().map(([key]) => text(key))

    it('applies a batch in the order of its operations', async () => {
      const store = await create()
      await store.batch([put('a', '1'), del('a'), put('b', '1'), put('b', '2'), put('c', ''), put('d', '1'), del('d')], { sync: true })
      expect(await dump(store)).toEqual([['b', '2'], ['c', '']])
      expect(text(await store.get(bytes('b')))).toBe('2')
      expect(await store.get(bytes('c'))).toHaveLength(0)
      expect(await store.get(bytes('a'))).toBeUndefined()
      expect((await store.getMany([bytes('c'), bytes('a'), bytes('b')])).map(text)).toEqual(['', undefined, '2'])
    })

    it('lands batches in the order of the calls, whatever they ask to be synced', async () => {
      const store = await create()
      const calls = Array.from({ length: 200 }, async (_, i) => { await store.batch([put('last', String(i)), put(`k${i % 7}`, String(i))], { sync: i % 3 === 0 }) })
      await Promise.all(calls)
      expect(text(await store.get(bytes('last')))).toBe('199')
      expect(text(await store.get(bytes('k3')))).toBe('199')
      expect(text(await store.get(bytes('k4')))).toBe('193')
    })

    it('resolves batches in the order of the calls', async () => {
      const store = await create()
      const order: number[] = []
      await Promise.all([0, 1, 2, 3, 4].map(async i => { await store.batch([put('k', String(i))], { sync: i === 3 }).then(() => order.push(i)) }))
      expect(order).toEqual([0, 1, 2, 3, 4])
    })

    it('takes an empty batch for a point that all before it have reached', async () => {
      const store = await create()
      const before = store.batch([put('a', '1')], { sync: false })
      await store.batch([], { sync: false })
      expect(text(await store.get(bytes('a')))).toBe('1')
      await before
      await store.batch([], { sync: true })
      expect(await dump(store)).toEqual([['a', '1']])
    })

    it('rewrites in its turn: on top of what was handed in before, and below what is handed in after', async () => {
      const store = await create()
      await store.batch([put('kept', 'k'), put('gone before', 'x'), put('gone after', 'x'), put('newer', '0')], { sync: true })
      const seen: string[] = []
      const calls = [
        store.batch([put('changed', '1'), put('newer', '1'), del('gone before')], { sync: false }),
        store.rewrite(['changed', 'newer', 'gone before', 'gone after', 'kept', 'never there'].map(bytes), (key, value) => {
          seen.push(`${text(key)}=${text(value)}`)
          return text(key) === 'kept' ? undefined : bytes(`${text(value)}+`)
        }, { sync: true }),
        store.batch([put('newer', '2'), del('gone after')], { sync: false })
      ]
      await Promise.all(calls)
      expect(seen).toEqual(['changed=1', 'newer=1', 'gone after=x', 'kept=k'])
      expect(await dump(store)).toEqual([['changed', '1+'], ['kept', 'k'], ['newer', '2']])
    })

    it('leaves all as it was when what rewrites throws, and goes on', async () => {
      const store = await create()
      await store.batch([put('a', '1'), put('b', '1')], { sync: true })
      const rewriting = store.rewrite([bytes('a'), bytes('b')], key => {
        if (text(key) === 'b') throw new Error('cannot')
        return bytes('2')
      }, { sync: true })
      const after = store.batch([put('c', '1')], { sync: true })
      await expect(rewriting).rejects.toThrow('cannot')
      await after
      await store.rewrite([bytes('nothing')], () => bytes('2'), { sync: true })
      expect(await dump(store)).toEqual([['a', '1'], ['b', '1'], ['c', '1']])
      expect(store.failure).toBeUndefined()
    })

    it('keeps all that counts when it is compacted', async () => {
      const store = await create()
      await store.batch([put('a', '1'), put('b', '1'), put('c', '1')], { sync: true })
      await store.batch([put('a', '2'), del('b')], { sync: true })
      await store.compact({ gte: bytes('a'), lt: bytes('c') })
      expect(await dump(store)).toEqual([['a', '2'], ['c', '1']])
    })

    it('keeps what it was given when the caller goes on using the bytes', async () => {
      const store = await create()
      const key = bytes('key')
      const value = bytes('value')
      const done = store.batch([{ type: 'put', key, value }], { sync: true })
      key.fill(0)
      value.fill(0)
      await done
      expect(await dump(store)).toEqual([['key', 'value']])
    })

    it('hands out bytes whose slice is a copy, as a Uint8Array\'s is', async () => {
      const store = await create()
      await store.batch([put('a', 'xyz')], { sync: false })
      const value = await store.get(bytes('a')) as Uint8Array
      value.slice(0, 1).fill(0)
      expect(text(value)).toBe('xyz')
    })

    it('ranges in byte order, from gte to before lt, both ways, limited, and keys alone', async () => {
      const store = await create()
      const raw = [[0], [1], [1, 0], [1, 0xff], [0x7f], [0x80], [0xfe, 0xff], [0xff]].map(key => Uint8Array.from(key))
      await store.batch(raw.toReversed().map(key => ({ type: 'put', key, value: key })), { sync: false })
      const scan = async (options: object): Promise<number[][]> => (await collect(store.range({ ...ALL, ...options }))).flat().map(([key]) => [...key])
      expect(await scan({})).toEqual(raw.map(key => [...key]))
      expect(await scan({ gte: Uint8Array.of(1), lt: Uint8Array.of(0x80) })).toEqual([[1], [1, 0], [1, 0xff], [0x7f]])
      expect(await scan({ reverse: true, limit: 2 })).toEqual([[0xff], [0xfe, 0xff]])
      expect(await scan({ limit: 0 })).toEqual([])
      expect(await scan({ gte: Uint8Array.of(2), lt: Uint8Array.of(3) })).toEqual([])
      const [page] = await collect(store.range({ ...ALL, limit: 3, keysOnly: true }))
      expect(page.map(([key, value]) => [key.length, value.length])).toEqual([[1, 0], [1, 0], [2, 0]])
    })

    it('pages a long range in bounded pieces without losing or repeating any', async () => {
      const store = await create()
      const names = Array.from({ length: 3000 }, (_, i) => `k${String(i).padStart(5, '0')}`)
      await store.batch(names.map(key => put(key, 'v')), { sync: false })
      const pages = await collect(store.range(ALL))
      expect(pages.length).toBeGreaterThan(1)
      expect(pages.flat().map(([key]) => text(key))).toEqual(names)
    })

    it('is not disturbed by writes during a range', async () => {
      const store = await create()
      await store.batch(Array.from({ length: 2500 }, (_, i) => put(`k${String(i).padStart(5, '0')}`, 'old')), { sync: false })
      const seen: string[] = []
      for await (const page of store.range(ALL)) {
        if (seen.length === 0) await store.batch([put('k00001x', 'new'), put('k02400', 'new'), del('k02499')], { sync: false })
        seen.push(...page.map(([, value]) => text(value) ?? ''))
      }
      expect(seen).toHaveLength(2500)
      expect(new Set(seen)).toEqual(new Set(['old']))
    })

    it('freezes a snapshot while writes go on', async () => {
      const store = await create()
      await store.batch([put('a', '1'), put('b', '1')], { sync: false })
      const snapshot = store.snapshot()
      await store.batch([put('a', '2'), del('b'), put('c', '2')], { sync: true })
      expect(text(await store.get(bytes('a'), { snapshot }))).toBe('1')
      expect(await store.get(bytes('c'), { snapshot })).toBeUndefined()
      expect(await keys(store, { snapshot })).toEqual(['a', 'b'])
      expect(await keys(store)).toEqual(['a', 'c'])
      await snapshot.close()
      await snapshot.close()
    })

    it('stops a range when its signal aborts', async () => {
      const store = await create()
      await store.batch(Array.from({ length: 3000 }, (_, i) => put(`k${i}`, 'v')), { sync: false })
      const abort = new AbortController()
      const read = async (): Promise<void> => {
        for await (const page of store.range({ ...ALL, signal: abort.signal })) if (page.length > 0) abort.abort(new Error('enough'))
      }
      await expect(read()).rejects.toThrow('enough')
    })

    it('refuses a bad operation and leaves the batch it came in unwritten', async () => {
      const store = await create()
      await expect(store.batch([put('a', '1'), { type: 'put', key: bytes('b'), value: undefined as never }], { sync: true })).rejects.toThrow(TypeError)
      await store.batch([put('c', '1')], { sync: true })
      expect(await dump(store)).toEqual([['c', '1']])
      expect(store.failure).toBeUndefined()
    })

    it('refuses everything once closed, and writes what was handed in before', async () => {
      const store = await create()
      const last = store.batch([put('a', '1')], { sync: true })
      await store.close()
      await last
      await expect(store.batch([put('b', '1')], { sync: true })).rejects.toThrow(ClosedError)
      await expect(store.get(bytes('a'))).rejects.toThrow(ClosedError)
      await expect(collect(store.range(ALL))).rejects.toThrow(ClosedError)
      expect(() => store.snapshot()).toThrow(ClosedError)
      await store.close()
    })

    it('behaves as a sorted map over a random history', async () => {
      const seed = 20260101
      const next = random(seed)
      const store = await create()
      const model = new Map<string, string>()
      for (let round = 0; round < 60; round++) {
        const ops = Array.from({ length: 1 + Math.floor(next() * 20) }, () => {
          const key = `k${Math.floor(next() * 50)}`
          return next() < 0.3 ? del(key) : put(key, String(Math.floor(next() * 1e6)))
        })
        await store.batch(ops, { sync: next() < 0.3 })
        for (const op of ops) {
          if (op.type === 'put') model.set(text(op.key) ?? '', text(op.value) ?? '')
          else model.delete(text(op.key) ?? '')
        }
        expect(await dump(store), `seed ${seed}, round ${round}`).toEqual([...model].sort(([a], [b]) => a < b ? -1 : 1))
      }
    })
  })
}
