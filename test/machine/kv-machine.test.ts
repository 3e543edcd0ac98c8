import { describe, expect, it } from 'vitest'
import { ClosedError, MalformedFrameError, StoreCorruptError, StorePoisonedError } from '../../src/errors.js'
import { KvMachine } from '../../src/machine/kv-machine.js'
import { decodeKvResult } from '../../src/machine/kv-result.js'
import { Outlines } from '../../src/machine/outlines.js'
import { KvKeys } from '../../src/machine/kv-rows.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { bytes, collect, gated, levelStore, random, settled, text } from '../storage/support.js'
import { contents, entry, kvDelete, kvPut, ManualTimers, metaAt, noop, pieces, randomLog, stateOf } from './support.js'
import type { KvMachineOptions } from '../../src/machine/kv-machine.js'
import type { Entry } from '../../src/raft/types.js'
import type { OrderedStore } from '../../src/storage/types.js'

const NAMESPACE = '/raft/kv'
const keysOf = new KvKeys(NAMESPACE)

async function open (store: OrderedStore, options: Partial<KvMachineOptions> = {}): Promise<KvMachine> {
  const machine = new KvMachine({ store, namespace: NAMESPACE, clock: new ManualTimers(), ...options })
  await machine.open()
  return machine
}

const fill = (from: number, to: number, value = 'v'): Entry[] => Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, kvPut(`k${String(from + i).padStart(4, '0')}`, value)))
/** Of all generations, without their history. */
const rowsIn = async (store: OrderedStore): Promise<Uint8Array[]> =>
  (await collect(store.range({ ...keysOf.all, keysOnly: true }))).flat().map(([key]) => key).filter(key => key[keysOf.generation(1).length] === 0x6b)
const get = async (machine: KvMachine, key: string): Promise<string | undefined> => text(await machine.get(bytes(key)))
const names = (keys: readonly Uint8Array[]): string[] => keys.map(key => text(key) ?? '')

describe('KvMachine', () => {
  it('answers with the index as revision, and refuses what it does not know without stopping', async () => {
    const machine = await open(new MemoryOrderedStore())
    const results = await machine.apply([
      entry(1, kvPut('a', '1')), noop(2), entry(3, Uint8Array.of(77)), entry(4, Uint8Array.of(1, 9)), entry(5, kvDelete('nothing')), entry(6, { type: 'batch', ops: [kvPut('a', '2'), kvPut('b', '1'), kvDelete('a')] })
    ])
    expect(results[1]).toHaveLength(0)
    expect([0, 2, 3, 4, 5].map(i => decodeKvResult(results[i]))).toEqual([
      { ok: true, type: 'written', revision: 1 }, { ok: false, reason: 'unknown-command' }, { ok: false, reason: 'malformed' }, { ok: true, type: 'written', revision: 5 }, { ok: true, type: 'written', revision: 6 }
    ])
    expect(await contents(machine)).toEqual([['b', '1']])
    expect(machine.appliedIndex).toBe(6)
  })

  it('keeps no bytes of the log for the rows that it knows without their values', () => {
    const block = new ArrayBuffer(1 << 20)
    const outlines = new Outlines()
    outlines.set('kx', { key: new Uint8Array(block, 0, 1), value: new Uint8Array(block, 1, 9), createRevision: 1, modRevision: 2, version: 3, lease: 4 })
    const row = outlines.get('kx')?.row
    expect(row).toMatchObject({ createRevision: 1, version: 3, lease: 4 })
    expect([row?.key.buffer, row?.value.buffer]).not.toContain(block)
  })

  it('ends leases with all their keys, wherever these are when it does', async () => {
    const run = async (flush: boolean): Promise<string> => {
      const machine = await open(new MemoryOrderedStore())
      const leased = ['a', 'b', 'c'].flatMap(key => [1, 2].map(lease => ({ ...kvPut(`${key}${lease}`, 'v'), lease })))
      await machine.apply([entry(1, { type: 'grant', ttl: 1000 }), entry(2, { type: 'grant', ttl: 1000 }), ...leased.map((put, i) => entry(3 + i, put))])
      // Members differ in what of it is in their stores.
      if (flush) await machine.flush()
      await machine.apply([entry(9, { type: 'revoke', leases: [1, 2], expired: true })])
      expect(await contents(machine)).toEqual([])
      return await stateOf(machine)
    }
    expect(await run(true)).toBe(await run(false))
  })

  it('answers reads before, while and after what they read reaches the store', async () => {
    let release = (): void => {}
    const store = new MemoryOrderedStore({ beforeWrite: async () => { await new Promise<void>(resolve => { release = resolve }) } })
    const machine = await open(store)
    await machine.apply([entry(1, kvPut('a', '1')), entry(2, { type: 'batch', ops: [kvPut('b', '1'), kvPut('d', '1')] })])
    expect(await get(machine, 'a')).toBe('1')
    const flushed = machine.flush()
    await machine.apply([entry(3, kvPut('b', '2')), entry(4, kvDelete('a')), entry(5, kvPut('c', '1'))])
    expect(await contents(machine)).toEqual([['b', '2'], ['c', '1'], ['d', '1']])
    expect(await get(machine, 'a')).toBeUndefined()
    expect(await get(machine, 'd')).toBe('1')
    expect(machine.durableIndex).toBe(0)
    await settled()
    release()
    await flushed
    expect(machine.durableIndex).toBe(2)
    expect(await contents(machine)).toEqual([['b', '2'], ['c', '1'], ['d', '1']])
  })

  it('flushes on enough rows, on enough bytes, and after a while', async () => {
    const timers = new ManualTimers()
    const store = new MemoryOrderedStore({ record: true })
    const machine = await open(store, { flushRows: 10, flushBytes: 5000, flushDelay: 33, clock: timers })
    const landed = async (): Promise<number> => {
      await store.batch([], { sync: false })
      return machine.durableIndex
    }
    await machine.apply(fill(1, 9))
    expect(await landed()).toBe(0)
    expect(timers.pending.map(({ ms }) => ms)).toEqual([33])
    await machine.apply(fill(10, 10))
    expect(await landed()).toBe(10)
    expect(timers.pending).toEqual([])
    await machine.apply([entry(11, kvPut('big', 'x'.repeat(6000)))])
    expect(await landed()).toBe(11)
    await machine.apply([noop(12)])
    timers.fire()
    expect(await landed()).toBe(12)
    // Rows, what changed, and applied index always in one batch, and synced: unsynced, a power cut could take it and leave a later one.
    const flushes = store.history.filter(({ ops }) => ops.length > 0)
    expect(flushes.map(({ ops, sync }) => [ops.length, sync])).toEqual([[12, true], [3, true], [1, true]])
  })

  it('keeps one flush in flight, and flushes again by itself what came meanwhile', async () => {
    const timers = new ManualTimers()
    const releases: Array<() => void> = []
    const store = new MemoryOrderedStore({ beforeWrite: async () => { await new Promise<void>(resolve => { releases.push(resolve) }) } })
    const machine = await open(store, { flushRows: 5, clock: timers })
    await machine.apply(fill(1, 5))
    await machine.apply(fill(6, 20))
    await settled()
    expect(releases).toHaveLength(1)
    releases[0]()
    await settled()
    expect(releases).toHaveLength(2)
    expect(machine.durableIndex).toBe(5)
    releases[1]()
    await settled()
    expect(machine.durableIndex).toBe(20)
  })

  it('makes apply wait once too much is in memory', async () => {
    let release = (): void => {}
    const store = new MemoryOrderedStore({ beforeWrite: async () => { await new Promise<void>(resolve => { release = resolve }) } })
    const machine = await open(store, { flushRows: 10, maxPendingRows: 50 })
    expect(machine.apply(fill(1, 20))).toBeInstanceOf(Array)
    expect(machine.apply(fill(21, 40))).toBeInstanceOf(Array)
    expect(machine.apply(fill(41, 65))).toBeInstanceOf(Array)
    const waiting = machine.apply(fill(66, 80))
    expect(waiting).toBeInstanceOf(Promise)
    let answered = false
    void (waiting as Promise<unknown>).then(() => { answered = true })
    await settled()
    expect(answered).toBe(false)
    release()
    await expect(waiting).resolves.toHaveLength(15)
    expect(machine.durableIndex).toBe(20)
    await settled()
    release()
    await settled()
    expect(machine.durableIndex).toBe(80)
  })

  it('surfaces a failed background flush on the next apply, and answers no more', async () => {
    const timers = new ManualTimers()
    const store = new MemoryOrderedStore({ beforeWrite: () => { throw new Error('EIO') } })
    const machine = await open(store, { clock: timers })
    await machine.apply(fill(1, 3))
    timers.fire()
    await settled()
    expect(store.failure).toBeInstanceOf(StorePoisonedError)
    expect(() => machine.apply(fill(4, 4))).toThrow(StorePoisonedError)
    await expect(machine.flush()).rejects.toThrow(StorePoisonedError)
    await expect(machine.snapshot()).rejects.toThrow(StorePoisonedError)
    expect(machine.durableIndex).toBe(0)
    await machine.close()
  })

  it('flushes when closed, and refuses what comes after', async () => {
    const store = new MemoryOrderedStore()
    const machine = await open(store)
    await machine.apply(fill(1, 3))
    await machine.close()
    await machine.close()
    expect(() => machine.apply(fill(4, 4))).toThrow(ClosedError)
    expect((await open(store)).appliedIndex).toBe(3)
  })

  it('refuses a damaged value and a damaged record of its progress', async () => {
    const store = new MemoryOrderedStore()
    const machine = await open(store)
    await machine.apply(fill(1, 3))
    await machine.flush()
    const [key] = await rowsIn(store)
    const row = await store.get(key) as Uint8Array
    row[row.length - 1] ^= 1
    await store.batch([{ type: 'put', key, value: row }], { sync: true })
    await expect(machine.get(bytes('k0001'))).rejects.toThrow(StoreCorruptError)
    await expect(stateOf(machine)).rejects.toThrow(/k0001/)
    await store.batch([{ type: 'put', key: keysOf.meta, value: bytes('what') }], { sync: true })
    await expect(open(store)).rejects.toThrow(StoreCorruptError)
  })
})

describe.each([['memory', async () => new MemoryOrderedStore({ pageEntries: 3 })], ['LevelDB', async () => await levelStore()]] as const)('keys of the KV on %s', (_, create) => {
  it('merges what is stored with what is pending', async () => {
    const machine = await open(await create())
    await machine.apply(['b', 'd', 'f', 'h', 'j'].map((key, i) => entry(i + 1, kvPut(key, 'old'))))
    await machine.flush()
    await machine.apply([kvPut('a', '1'), kvDelete('b'), kvPut('d', 'new'), kvPut('e', '1'), kvDelete('j'), kvPut('k', '1'), kvDelete('zz')].map((command, i) => entry(6 + i, command)))
    expect(await contents(machine)).toEqual([['a', '1'], ['d', 'new'], ['e', '1'], ['f', 'old'], ['h', 'old'], ['k', '1']])
  })

  it('selects by prefix of bytes, also those that end in 0xff, and nothing beside', async () => {
    const machine = await open(await create())
    const raw = [[1], [1, 0], [1, 0xff], [1, 0xff, 0xff, 3], [2], [0xff], [0xff, 0xff], [0xff, 0xff, 1]].map(key => Uint8Array.from(key))
    await machine.apply(raw.map((key, i) => entry(i + 1, { type: 'put', key, value: bytes('v') })))
    for (let flushed = 0; flushed < 2; flushed++) {
      const find = async (...prefix: number[]): Promise<number[][]> => (await machine.keys(Uint8Array.from(prefix), { limit: 100 })).map(key => [...key])
      expect(await find()).toEqual(raw.map(key => [...key]))
      expect(await find(1)).toEqual([[1], [1, 0], [1, 0xff], [1, 0xff, 0xff, 3]])
      expect(await find(1, 0xff)).toEqual([[1, 0xff], [1, 0xff, 0xff, 3]])
      expect(await find(0xff)).toEqual([[0xff], [0xff, 0xff], [0xff, 0xff, 1]])
      expect(await find(3)).toEqual([])
      await machine.flush()
    }
  })

  it('pages with limit and after, at any page size, over any mixture of stored, pending and deleted', async () => {
    const seed = 42
    const next = random(seed)
    const machine = await open(await create(), { flushRows: 1e6 })
    const model = new Set<string>()
    let index = 0
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 20; i++) {
        const key = `${next() < 0.8 ? 'p/' : 'q/'}${Math.floor(next() * 60)}`
        const remove = next() < 0.4
        if (remove) model.delete(key)
        else model.add(key)
        await machine.apply([entry(++index, remove ? kvDelete(key) : kvPut(key, 'v'))])
      }
      if (next() < 0.5) await machine.flush()
      const limit = 1 + Math.floor(next() * 9)
      const paged: string[] = []
      for (let after: Uint8Array | undefined; ;) {
        const page = await machine.keys(bytes('p/'), { limit, after })
        expect(page.length).toBeLessThanOrEqual(limit)
        paged.push(...names(page))
        if (page.length < limit) break
        after = page.at(-1)
      }
      expect(paged, `seed ${seed}, round ${round}`).toEqual([...model].filter(key => key.startsWith('p/')).sort())
    }
    expect(await machine.keys(bytes('p/'), { limit: 0 })).toEqual([])
    expect(names(await machine.keys(bytes('p/'), { limit: 5, after: bytes('a') }))).toEqual([...model].filter(key => key.startsWith('p/')).sort().slice(0, 5))
    expect(await machine.keys(bytes('p/'), { limit: 5, after: bytes('q') })).toEqual([])
  })

  it('shows one moment, whatever is applied and flushed while it is read', async () => {
    const machine = await open(await create(), { flushRows: 1e6 })
    await machine.apply(fill(1, 200))
    await machine.flush()
    const reading = machine.keys(new Uint8Array(0), { limit: 1000 })
    await machine.apply(Array.from({ length: 200 }, (_, i) => entry(201 + i, kvDelete(`k${String(i + 1).padStart(4, '0')}`))))
    await machine.flush()
    expect(await reading).toHaveLength(200)
    expect(await machine.keys(new Uint8Array(0), { limit: 1000 })).toEqual([])
  })
})

describe('a crash of the KV', () => {
  it('at every batch, and whichever unsynced batches go, replays to the same state', async () => {
    const log = randomLog(3, 240)
    const store = new MemoryOrderedStore({ record: true })
    const machine = await open(store, { flushRows: 12 })
    const applied = new Map<number, number>([[0, 0]])
    for (let at = 0; at < log.length; at += 4) {
      await machine.apply(log.slice(at, at + 4))
      applied.set(store.history.length, machine.appliedIndex)
    }
    await machine.flush()
    const whole = await contents(machine)
    for (let k = 0; k <= store.history.length; k++) {
      const again = await open(MemoryOrderedStore.replay(store.history.slice(0, k)))
      const from = again.appliedIndex
      expect(from).toBeLessThanOrEqual(240)
      // Exactly the state as of the index that it claims: a machine that starts from nothing agrees.
      const straight = await open(new MemoryOrderedStore())
      await straight.apply(log.slice(0, from))
      expect(await contents(again), `batch ${k}`).toEqual(await contents(straight))
      await again.apply(log.slice(from))
      expect(await contents(again), `batch ${k}`).toEqual(whole)
    }
  })

  it('during a restore leaves the old state or the new one, whole, and cleans up', async () => {
    const leader = await open(new MemoryOrderedStore())
    await leader.apply(Array.from({ length: 2500 }, (_, i) => entry(i + 1, kvPut(`new${i}`, 'x'))))
    const state = await stateOf(leader)
    const newContents = await contents(leader)

    const store = new MemoryOrderedStore({ record: true })
    const machine = await open(store)
    await machine.apply(fill(1, 1200, 'old'))
    await machine.flush()
    const oldContents = await contents(machine)
    const start = store.history.length
    const restore = await machine.prepareRestore(pieces(state, 10_000), metaAt(2500))
    await store.batch(restore.ops, { sync: true })
    const flipped = store.history.length
    await restore.commit()
    await machine.cleaned()
    expect(await contents(machine)).toEqual(newContents)
    expect(await rowsIn(store)).toHaveLength(2500)

    for (let k = start; k <= store.history.length; k++) {
      for (const kept of [store.history.slice(0, k), store.history.slice(0, k).filter(({ sync }) => sync)]) {
        const after = MemoryOrderedStore.replay(kept)
        const again = await open(after)
        expect(again.appliedIndex, `batch ${k}`).toBe(k < flipped ? 1200 : 2500)
        expect(await contents(again), `batch ${k}`).toEqual(k < flipped ? oldContents : newContents)
        await again.cleaned()
        expect(await rowsIn(after), `batch ${k}`).toHaveLength(k < flipped ? 1200 : 2500)
      }
    }
    expect(flipped - start).toBeGreaterThan(3)
  }, 30_000)

  it('never writes a restore over rows of one that was abandoned', async () => {
    const leader = await open(new MemoryOrderedStore())
    await leader.apply(fill(1, 30))
    const state = await stateOf(leader)
    const store = new MemoryOrderedStore({ record: true })
    const first = await open(store)
    await first.prepareRestore(pieces(state, 1000), metaAt(30))
    // The process dies here. The next one deletes what is left; the deletion is lost in a power cut that a later restore survives.
    const second = new MemoryOrderedStore({ record: true })
    await second.batch(store.history.flatMap(({ ops }) => ops), { sync: true })
    const machine = await open(second)
    const small = await open(new MemoryOrderedStore())
    await small.apply([entry(1, kvPut('only', '1'))])
    const restore = await machine.prepareRestore(pieces(await stateOf(small), 1000), metaAt(1))
    await second.batch(restore.ops, { sync: true })
    await restore.commit()
    const after = await open(MemoryOrderedStore.replay(second.history.filter(({ sync }) => sync)))
    expect(await contents(after)).toEqual([['only', '1']])
  })
})

describe('a restore of the KV', () => {
  it('refuses a broken snapshot, keeps the state and leaves no rows', async () => {
    const leader = await open(new MemoryOrderedStore())
    await leader.apply(fill(1, 30))
    const state = await stateOf(leader)
    const store = new MemoryOrderedStore()
    const machine = await open(store)
    await machine.apply(fill(1, 3, 'mine'))
    await expect(machine.prepareRestore(pieces(state.slice(0, -5), 100), metaAt(30))).rejects.toThrow(MalformedFrameError)
    await machine.cleaned()
    await machine.flush()
    expect(await rowsIn(store)).toHaveLength(3)
    expect(await get(machine, 'k0001')).toBe('mine')
    await machine.apply(fill(4, 4))
    await machine.flush()
  })

  it('holds flushes back between ready and in force, so that none lands on the switch', async () => {
    const timers = new ManualTimers()
    const leader = await open(new MemoryOrderedStore())
    await leader.apply(fill(1, 30))
    const store = new MemoryOrderedStore({ record: true })
    const machine = await open(store, { flushRows: 5, clock: timers })
    await machine.apply(fill(1, 4, 'mine'))
    const restore = await machine.prepareRestore(pieces(await stateOf(leader), 100), metaAt(30))
    const before = store.history.length
    await machine.apply(fill(5, 20, 'mine'))
    timers.fire()
    await store.batch([], { sync: false })
    expect(store.history.slice(before).filter(({ ops }) => ops.length > 0)).toEqual([])
    await expect(machine.flush()).rejects.toThrow('commit or abort')
    await expect(machine.prepareRestore(pieces(await stateOf(leader), 100), metaAt(30))).rejects.toThrow('ready already')
    await store.batch(restore.ops, { sync: true })
    await restore.commit()
    expect(await contents(machine)).toEqual(await contents(leader))
    await machine.apply(fill(31, 40))
    await machine.flush()
    const again = await open(store)
    expect(again.appliedIndex).toBe(40)
    expect(await contents(again)).toEqual(await contents(machine))
  })

  it('works with the applies and flushes that go on while it streams in', async () => {
    const leader = await open(new MemoryOrderedStore())
    await leader.apply(fill(1, 3000))
    const state = await stateOf(leader)
    const store = new MemoryOrderedStore()
    const machine = await open(store, { flushRows: 3 })
    let index = 0
    const slow = async function * (): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces(state, 5000)) {
        await machine.apply([entry(++index, kvPut(`mine${index}`, 'x'))])
        await machine.flush()
        yield piece
      }
    }
    const restore = await machine.prepareRestore(slow(), metaAt(3000))
    expect(index).toBeGreaterThan(5)
    await store.batch(restore.ops, { sync: true })
    await restore.commit()
    expect(await contents(machine)).toEqual(await contents(leader))
    await machine.cleaned()
    expect(await rowsIn(store)).toHaveLength(3000)
  })

  it('answers a read that crosses the switch from one state or the other', async () => {
    const leader = await open(new MemoryOrderedStore())
    await leader.apply(fill(1, 30, 'new'))
    const store = await levelStore()
    const machine = await open(store)
    await machine.apply(fill(1, 30, 'old'))
    await machine.flush()
    const restore = await machine.prepareRestore(pieces(await stateOf(leader), 100), metaAt(30))
    await store.batch(restore.ops, { sync: true })
    const reads = Array.from({ length: 30 }, async (_, i) => await get(machine, `k${String(i + 1).padStart(4, '0')}`))
    const listed = machine.keys(new Uint8Array(0), { limit: 100 })
    await restore.commit()
    await machine.cleaned()
    for (const value of await Promise.all(reads)) expect(['old', 'new']).toContain(value)
    expect(await listed).toHaveLength(30)
  })

  it('reads again what it looked for in a generation that went away meanwhile', async () => {
    const leader = await open(new MemoryOrderedStore())
    await leader.apply(fill(1, 30, 'new'))
    const store = new MemoryOrderedStore()
    const gate = gated(store)
    const machine = await open(gate.store)
    const restore = await machine.prepareRestore(pieces(await stateOf(leader), 100), metaAt(30))
    await store.batch(restore.ops, { sync: true })
    gate.hold()
    const read = get(machine, 'k0007')
    await restore.commit()
    gate.open()
    // Not there in the old state, and there in the new one, which was in force before the answer.
    expect(await read).toBe('new')
  })
})
