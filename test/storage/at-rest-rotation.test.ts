import { describe, expect, it } from 'vitest'
import { EncryptionKeyError } from '../../src/errors.js'
import { byteString } from '../../src/storage/bytes.js'
import { GroupKeys } from '../../src/storage/keys.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { entry, kvDelete, kvPut } from '../machine/support.js'
import { dumpRows, held, idOf, ids, Lines, NEW, OLD, open, OTHER, populate, rewritten, ring } from './at-rest-support.js'
import { bytes, collect, command, gated, metaAt, NAMESPACE, random, settled, store, stream, text, write } from './support.js'
import type { Opened } from './at-rest-support.js'
import type { RecordedBatch } from '../../src/storage/memory-store.js'
import type { StoreOp } from '../../src/storage/types.js'
import type { HardState } from '../../src/raft/types.js'

const keys = new GroupKeys(NAMESPACE)

/** Which epoch each record is of; 0 for one that is not sealed. */
const epochs = (rows: ReadonlyArray<[Uint8Array, Uint8Array]>): number[] =>
  rows.filter(([key]) => byteString(key) !== byteString(keys.epochs)).map(([, value]) => value[0] === 0x81 ? value[4] : 0)

const sameEpoch = async (on: MemoryOrderedStore): Promise<void> => { expect(new Set(epochs(await dumpRows(on))).size).toBe(1) }

describe('a new key', () => {
  it('seals what is written from then on, and in the background all that was; then the old one is not needed', async () => {
    const on = new MemoryOrderedStore()
    await (await populate(on, ring(OLD))).group.close()
    const before = await held(on, ring(OLD))
    const both = ring(OLD, NEW)
    const { all, log } = new Lines()
    const opened = await open(on, both, log)
    await rewritten(opened)
    expect(opened.group.atRest).toMatchObject({ key: idOf(OLD), needs: [idOf(OLD)], rewritten: 0 })
    both.use(idOf(NEW))
    await rewritten(opened)
    expect(opened.group.atRest).toMatchObject({ key: idOf(NEW), needs: [idOf(NEW)], plain: false })
    expect(opened.group.atRest.rewritten).toBeGreaterThan(1_000)
    expect(all).toEqual([`${NAMESPACE}: all of its data on this node is sealed with key ${idOf(NEW)} now, and needs no other`])
    both.drop(idOf(OLD))
    expect(all).toHaveLength(1)
    await opened.group.close()
    await sameEpoch(on)
    await expect(held(on, ring(OLD))).rejects.toThrow(EncryptionKeyError)
    expect(await held(on, ring(NEW))).toEqual(before)
  })

  it('that came while the node was down is taken at the start', async () => {
    const on = new MemoryOrderedStore()
    await (await populate(on, ring(OLD))).group.close()
    const before = await held(on, ring(OLD))
    const opened = await open(on, ring(NEW, OLD))
    await rewritten(opened)
    await opened.group.close()
    expect(await held(on, ring(NEW))).toEqual(before)
  })

  it('is followed by another before everything is rewritten, and by a third', async () => {
    const on = new MemoryOrderedStore({ pageEntries: 2 })
    await (await populate(on, ring(OLD))).group.close()
    const before = await held(on, ring(OLD))
    const all = ring(OLD, NEW, OTHER)
    const opened = await open(on, all)
    all.use(idOf(NEW))
    for (let i = 0; i < 3; i++) await settled()
    all.use(idOf(OTHER))
    all.use(idOf(NEW))
    all.use(idOf(OTHER))
    await rewritten(opened)
    expect(opened.group.atRest.needs).toEqual([idOf(OTHER)])
    await opened.group.close()
    expect(await held(on, ring(OTHER))).toEqual(before)
  })

  it('is no reason to keep silent when the old one is dropped too early, and nothing stops for that', async () => {
    const on = new MemoryOrderedStore()
    await (await populate(on, ring(OLD))).group.close()
    const before = await held(on, ring(OLD))
    const both = ring(OLD, NEW)
    const { all, log } = new Lines()
    const opened = await open(on, both, log)
    both.use(idOf(NEW))
    both.drop(idOf(OLD))
    expect(all).toEqual([`error: ${NAMESPACE}: key ${idOf(OLD)} was dropped, and data on this node is still sealed with it: until it is rewritten, no start works without that key`])
    await expect(held(on, ring(NEW))).rejects.toThrow(`is encrypted with key ${idOf(OLD)}`)
    await rewritten(opened)
    await opened.group.close()
    expect(await held(on, ring(NEW))).toEqual(before)
  })

  it('leaves readable what is still on its way to whoever asked for it', async () => {
    const on = new MemoryOrderedStore()
    await (await populate(on, ring(OLD))).group.close()
    const gate = gated(on)
    const both = ring(OLD, NEW)
    const opened = await open(gate.store, both)
    const view = await opened.kv.snapshot()
    gate.hold()
    const row = opened.kv.get(bytes('k9'))
    const log = opened.group.read(5, 1 << 20)
    both.use(idOf(NEW))
    await rewritten(opened)
    both.drop(idOf(OLD))
    gate.open()
    expect(text(await row)).toBe('secret 9')
    expect((await log).map(({ index }) => index)).toEqual([5, 6, 7, 8, 9])
    expect(byteString(Buffer.concat(await collect(view.source)))).toContain('secret 9')
    await view.close()
  })

  it('seals an operation that was made before it came and is handed in after', async () => {
    const on = new MemoryOrderedStore()
    await (await populate(on, ring(OLD))).group.close()
    const both = ring(OLD, NEW)
    const opened = await open(on, both)
    const ops: StoreOp[] = []
    opened.group.putStable(ops, 'promise', bytes('late'))
    const restore = await opened.kv.prepareRestore((await opened.kv.snapshot()).source, metaAt(12, 1))
    both.use(idOf(NEW))
    await rewritten(opened)
    await on.batch([...ops, ...restore.ops], { sync: true })
    await restore.commit()
    await opened.kv.close()
    await opened.group.close()
    await sameEpoch(on)
  })

  it('passes over a damaged record, and says that there is one', async () => {
    const on = new MemoryOrderedStore()
    await (await populate(on, ring(OLD))).group.close()
    const [[key, value]] = (await dumpRows(on)).filter(([key]) => byteString(key).includes('k7'))
    await on.batch([{ type: 'put', key, value: value.map((byte, i) => i === 30 ? byte ^ 1 : byte) }], { sync: true })
    const { all, log } = new Lines()
    const opened = await open(on, ring(NEW, OLD), log)
    await rewritten(opened)
    expect(all[0]).toMatch(/1 records on this node could not be opened/)
    expect(opened.group.atRest.needs).toEqual([idOf(NEW)])
    expect(text(await opened.kv.get(bytes('k6')))).toBe('secret 6')
    await expect(opened.kv.get(bytes('k7'))).rejects.toThrow(/"k7" cannot be read/)
    await opened.group.close()
  })
})

describe('a crash at any batch', () => {
  /** A start under the old key, then rotation with writes that ride unsynced; a model of what must be there, by batch. */
  async function rotation (from: Uint8Array | undefined): Promise<{ history: readonly RecordedBatch[], began: number, ended: number }> {
    const on = new MemoryOrderedStore({ record: true, pageEntries: 3 })
    const first = await populate(on, from === undefined ? undefined : ring(from))
    await first.group.close()
    const began = on.history.length
    const both = from === undefined ? ring(NEW) : ring(from, NEW)
    const opened = await open(on, both)
    // Under way with the first of what follows: nothing may be sealed in an epoch that is not on the disk.
    both.use(idOf(NEW))
    // As the engine and the address book do while it goes on.
    for (let i = 0; i < 20 && opened.group.atRest.rewritten >= 0; i++) {
      const ops: StoreOp[] = []
      if (i % 2 === 0) opened.group.append(ops, write([], { term: 1, vote: 'a', commit: 9 }))
      else opened.group.putStable(ops, 'promise', bytes('secret promise'))
      await on.batch(ops, { sync: false })
      if (i === 2) await opened.group.discardStaged()
    }
    await rewritten(opened)
    const ended = on.history.length
    for (let i = 0; i < 4; i++) {
      const ops: StoreOp[] = []
      opened.group.append(ops, write([], { term: 1, vote: 'a', commit: 9 }))
      opened.group.compact(ops, 5, 1)
      await on.batch(ops, { sync: false })
    }
    await opened.group.close()
    return { history: on.history, began, ended }
  }

  const stored = async (batches: Iterable<RecordedBatch>, ...with_: Uint8Array[]): Promise<unknown> => {
    const { identity, hardState, promise, rows, snapshots } = await held(MemoryOrderedStore.replay(batches), with_.length > 0 ? ring(...with_) : undefined) as Record<string, unknown>
    return { identity, hardState, promise, rows, snapshots }
  }

  it.each([['of a rotation', OLD], ['of the migration from plain data', undefined]])('%s finds everything, and goes on', async (_, from) => {
    const { history, began, ended } = await rotation(from)
    const expected = await stored(history.slice(0, began), ...(from === undefined ? [] : [from]))
    const next = random(7)
    for (let k = began; k <= history.length; k++) {
      const landed = history.slice(0, k)
      for (const kept of [landed, landed.filter(({ sync }) => sync), landed.filter(({ sync }) => sync || next() < 0.5)]) {
        const both = from === undefined ? [NEW] : [NEW, from]
        expect(await stored(kept, ...both), `batch ${k}`).toEqual(expected)
        if (k >= ended) expect(await stored(kept, NEW), `batch ${k} with the new key only`).toEqual(expected)
        // What the crash cut short is done by the next start.
        if (k % 3 !== 0) continue
        const after = MemoryOrderedStore.replay(kept)
        const opened = await open(after, ring(...both))
        await rewritten(opened)
        await opened.group.close()
        await sameEpoch(after)
        expect(await stored([{ sync: true, ops: (await dumpRows(after)).map(([key, value]) => ({ type: 'put', key, value })) }], NEW)).toEqual(expected)
      }
    }
    expect(ended - began).toBeGreaterThan(10)
  })
})

describe('rotation of a storage that is in use', () => {
  /** What must be found again. */
  interface Model { hardState: HardState, first: number, last: number, readonly log: Map<number, string>, readonly rows: Map<string, string>, promise: string, applied: number }

  /** Appends, truncations, compactions, votes, rows, snapshots, in any order with what the background does; whatever it does is in the model. */
  class Life {
    readonly model: Model = { hardState: { term: 1, vote: 'a', commit: 9 }, first: 4, last: 9, log: new Map(), rows: new Map(), promise: 'secret promise', applied: 9 }
    readonly #next: () => number
    constructor (readonly on: MemoryOrderedStore, readonly opened: Opened, seed: number) {
      this.#next = random(seed)
      for (let index = 2; index <= 9; index++) this.model.rows.set(`k${index}`, `secret ${index}`)
    }

    #pick (n: number): number { return Math.floor(this.#next() * n) }

    async step (): Promise<void> {
      const { model, opened: { group }, on } = this
      const dice = this.#next()
      if (dice < 0.3) await this.#append(model.last + 1)
      else if (dice < 0.4 && model.last > model.hardState.commit) await this.#append(model.hardState.commit + 1 + this.#pick(model.last - model.hardState.commit))
      else if (dice < 0.6) {
        model.hardState = { ...model.hardState, commit: model.hardState.commit + this.#pick(model.last - model.hardState.commit + 1) }
        await store(group, on, write([], model.hardState), false)
      } else if (dice < 0.8) await this.#rows()
      else if (dice < 0.9) {
        model.promise = `promise ${this.#pick(1_000)}`
        const ops: StoreOp[] = []
        group.putStable(ops, 'promise', bytes(model.promise))
        await on.batch(ops, { sync: false })
      } else await this.#snapshot()
    }

    async #append (from: number): Promise<void> {
      const { model, opened: { group }, on } = this
      const list = Array.from({ length: 1 + this.#pick(4) }, (_, i) => command(from + i, model.hardState.term, `d${this.#pick(1e6)}`))
      if (from <= model.last) model.hardState = { ...model.hardState, term: model.hardState.term + 1 }
      const entries = list.map(entry => ({ ...entry, term: model.hardState.term }))
      for (let index = from; index <= model.last; index++) model.log.delete(index)
      for (const { index, data } of entries) model.log.set(index, text(data) as string)
      model.last = from + entries.length - 1
      await store(group, on, write(entries, model.hardState))
    }

    async #rows (): Promise<void> {
      const { model, opened: { kv } } = this
      for (let i = this.#pick(6); i >= 0; i--) {
        const key = `k${this.#pick(12)}`
        const value = `v${this.#pick(1e6)}`
        const deletes = this.#next() < 0.3
        await kv.apply([entry(++model.applied, deletes ? kvDelete(key) : kvPut(key, value))])
        if (deletes) model.rows.delete(key)
        else model.rows.set(key, value)
      }
      await kv.flush()
    }

    async #snapshot (): Promise<void> {
      const { model, opened: { group }, on } = this
      const { commit } = model.hardState
      if (commit <= 9 || group.snapshots()[0].meta.index >= commit) return
      const [at] = await group.read(commit, 1)
      await group.saveSnapshot(metaAt(commit, at.term), stream(`state of ${commit}`), { retain: 1 })
      const ops: StoreOp[] = []
      group.compact(ops, commit, at.term)
      await on.batch(ops, { sync: true })
      model.first = commit + 1
    }
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('undoes nothing that was written meanwhile (seed %i)', async seed => {
    const next = random(seed)
    const on = new MemoryOrderedStore({ pageEntries: 4, beforeWrite: async () => { for (let n = Math.floor(next() * 3); n > 0; n--) await settled() } })
    await (await populate(on, ring(OLD))).group.close()
    const all = ring(OLD, NEW, OTHER)
    const opened = await open(on, all)
    await opened.group.initial(9)
    const life = new Life(on, opened, seed)
    let rotations = 0
    for (let i = 0; i < 150; i++) {
      if (i % 25 === 10) all.use(idOf([NEW, OTHER, OLD][rotations++ % 3]))
      await life.step()
    }
    all.use(idOf(NEW))
    await rewritten(opened)
    await opened.kv.close()
    await opened.group.close()
    await sameEpoch(on)
    const { model } = life
    const found = await held(on, ring(NEW)) as { initial: { lastIndex: number, prevIndex: number, entries: Array<{ index: number, data: Uint8Array }> }, hardState: HardState, promise: string, rows: unknown, applied: number }
    expect(found.hardState).toEqual(model.hardState)
    expect(found.promise).toBe(model.promise)
    expect(found.rows).toEqual([...model.rows].sort(([a], [b]) => a < b ? -1 : 1))
    expect(found.initial).toMatchObject({ lastIndex: model.last, prevIndex: model.first - 1 })
    for (const { index, data } of found.initial.entries) if (index > 9) expect(text(data), `entry ${index}`).toBe(model.log.get(index))
  })

  it('never has more than a little of it in one write, and lets other writes in between', async () => {
    const sizes: number[] = []
    const on = new MemoryOrderedStore({ beforeWrite: async ({ ops }) => {
      sizes.push(ops.reduce((sum, op) => sum + (op.type === 'put' ? op.value.length : 0), 0))
      await settled()
    } })
    const first = await open(on, ring(OLD))
    for (let n = 0; n < 40; n++) await first.kv.apply(Array.from({ length: 100 }, (_, i) => entry(n * 100 + i + 1, kvPut(`${n}/${i}`, 'x'.repeat(500)))))
    await first.kv.flush()
    await first.group.close()
    sizes.length = 0
    const opened = await open(on, ring(NEW, OLD))
    let between = 0
    let rewriting = true
    const done = rewritten(opened).then(() => { rewriting = false })
    while (rewriting) {
      await on.batch([{ type: 'put', key: bytes('other'), value: Uint8Array.of(1) }], { sync: true })
      if (rewriting) between++
      await settled()
    }
    await done
    expect(Math.max(...sizes)).toBeLessThan(140 * 1024)
    expect(between).toBeGreaterThan(15)
    await opened.group.close()
  })
})

it('uses other salts for each epoch', () => {
  expect(new Set(Array.from({ length: 8 }, ids(1))).size).toBe(8)
})
