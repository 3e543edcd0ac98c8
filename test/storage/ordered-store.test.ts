import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ClosedError, StorePoisonedError } from '../../src/errors.js'
import { LevelOrderedStore } from '../../src/storage/level-store.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { orderedStoreSuite } from './ordered-store.suite.js'
import { bytes, closeAfterTest, dump, levelStore, openLevel, put, temporaryDirectory, text } from './support.js'

orderedStoreSuite('MemoryOrderedStore', async () => new MemoryOrderedStore())
orderedStoreSuite('LevelOrderedStore', async () => await levelStore())

describe('LevelOrderedStore', () => {
  it('finds everything again after a reopen', async () => {
    const path = await temporaryDirectory()
    const first = await levelStore(path)
    await first.batch([put('a', '1')], { sync: true })
    await first.batch([put('b', '2')], { sync: false })
    await first.close()
    expect(await dump(await levelStore(path))).toEqual([['a', '1'], ['b', '2']])
  })

  it('gathers the batches of one turn in few writes', async () => {
    const level = await openLevel(await temporaryDirectory())
    const store = new LevelOrderedStore(level)
    let writes = 0
    const batch = level.batch.bind(level) as () => unknown
    level.batch = (() => { writes++; return batch() }) as typeof level.batch
    await Promise.all(Array.from({ length: 500 }, async (_, i) => { await store.batch([put(`k${i}`, 'v')], { sync: true }) }))
    // The first goes out at once; all others wait for it together.
    expect(writes).toBe(2)
    expect(await dump(store)).toHaveLength(500)
  })

  it('syncs a gathered write if any of its batches asked for it, and none that nobody asked for', async () => {
    const level = await openLevel(await temporaryDirectory())
    const store = new LevelOrderedStore(level)
    const synced: boolean[] = []
    const batch = level.batch.bind(level) as () => ReturnType<typeof level.batch>
    level.batch = (() => {
      const chain = batch()
      const write = chain.write.bind(chain)
      chain.write = (async (options: { sync: boolean }) => { synced.push(options.sync); await write(options as never) }) as typeof chain.write
      return chain
    }) as typeof level.batch
    await Promise.all([false, false, true, false].map(async (sync, i) => { await store.batch([put(`k${i}`, 'v')], { sync }) }))
    await store.batch([put('later', 'v')], { sync: false })
    await store.batch([], { sync: true })
    expect(synced).toEqual([false, true, false, true])
  })

  it('is poisoned for good by a write that fails, and says so once', async () => {
    const path = await temporaryDirectory()
    // With its directory gone, LevelDB fails as soon as its small log file is full and it needs another.
    const store = new LevelOrderedStore(await openLevel(path, { writeBufferSize: 64 * 1024 }))
    closeAfterTest(async () => { await store.close() })
    const heard: Error[] = []
    store.onFailure(error => heard.push(error))
    await store.batch([put('a', '1')], { sync: true })
    await rm(path, { recursive: true })
    const value = new Uint8Array(32 * 1024)
    const write = async (): Promise<void> => { await store.batch([{ type: 'put', key: bytes('big'), value }], { sync: true }) }
    const results = await Promise.allSettled(Array.from({ length: 400 }, async () => { await write() }))
    const failures = results.flatMap(result => result.status === 'rejected' ? [result.reason as Error] : [])
    expect(failures.length).toBeGreaterThan(0)
    for (const failure of failures) expect(failure).toBeInstanceOf(StorePoisonedError)
    expect((failures[0] as StorePoisonedError).outcome).toBe('unknown')
    expect(failures[0].message).toContain(path)
    expect(heard).toEqual([store.failure])
    await expect(store.batch([], { sync: false })).rejects.toBe(store.failure)
    await expect(store.get(bytes('a'))).rejects.toBe(store.failure)
    expect(() => store.snapshot()).toThrow(StorePoisonedError)
  })
})

describe('MemoryOrderedStore', () => {
  it('loses what was not synced in a crash, but for a prefix of whole batches', async () => {
    const build = async (): Promise<MemoryOrderedStore> => {
      const store = new MemoryOrderedStore()
      await store.batch([put('a', '1')], { sync: false })
      await store.batch([put('b', '1')], { sync: true })
      await store.batch([put('a', '2'), put('c', '1')], { sync: false })
      await store.batch([put('a', '3'), { type: 'del', key: bytes('b') }], { sync: false })
      return store
    }
    expect(await dump((await build()).crash())).toEqual([['a', '1'], ['b', '1']])
    expect(await dump((await build()).crash(1))).toEqual([['a', '2'], ['b', '1'], ['c', '1']])
    expect(await dump((await build()).crash(2))).toEqual([['a', '3'], ['c', '1']])
    expect((await build()).unsynced).toBe(2)
  })

  it('takes a batch that is on its way down with the crash, and leaves a dead store behind', async () => {
    let release = (): void => {}
    const store = new MemoryOrderedStore({ beforeWrite: async () => { await new Promise<void>(resolve => { release = resolve }) } })
    const lost = store.batch([put('a', '1')], { sync: true })
    await Promise.resolve()
    await Promise.resolve()
    const next = store.crash()
    release()
    await expect(lost).rejects.toThrow(ClosedError)
    await expect(store.get(bytes('a'))).rejects.toThrow(ClosedError)
    expect(await next.get(bytes('a'))).toBeUndefined()
  })

  it('fails a write where told to, and is poisoned by it', async () => {
    const store = new MemoryOrderedStore({ beforeWrite: (_, number) => { if (number === 1) throw new Error('ENOSPC') } })
    const heard: Error[] = []
    store.onFailure(error => heard.push(error))
    await store.batch([put('a', '1')], { sync: true })
    await expect(store.batch([put('b', '1')], { sync: true })).rejects.toThrow(StorePoisonedError)
    await expect(store.batch([put('c', '1')], { sync: true })).rejects.toThrow(/ENOSPC/)
    expect(heard).toEqual([store.failure])
    expect(text(await store.crash().get(bytes('a')))).toBe('1')
  })

  it('replays what it recorded', async () => {
    const store = new MemoryOrderedStore({ record: true })
    await store.batch([put('a', '1')], { sync: true })
    await store.batch([put('a', '2')], { sync: false })
    await store.batch([put('b', '3')], { sync: true })
    expect(await dump(MemoryOrderedStore.replay(store.history.slice(0, 1)))).toEqual([['a', '1']])
    expect(await dump(MemoryOrderedStore.replay(store.history.filter(({ sync }) => sync)))).toEqual([['a', '1'], ['b', '3']])
  })
})
