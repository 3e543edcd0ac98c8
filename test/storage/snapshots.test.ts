import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { MalformedFrameError, StorePoisonedError, UnavailableError } from '../../src/errors.js'
import { CHUNK_BYTES } from '../../src/storage/chunks.js'
import { openGroupStorage } from '../../src/storage/group-storage.js'
import { GroupKeys } from '../../src/storage/keys.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { collect, config, identity, levelStore, metaAt, NAMESPACE, store, stream, text, write, commands } from './support.js'
import type { GroupStorage, OrderedStore, SnapshotChunk, SnapshotManifest, StoreOp } from '../../src/storage/types.js'

const keys = new GroupKeys(NAMESPACE)

async function group (on: OrderedStore): Promise<GroupStorage> {
  const opened = await openGroupStorage(on, NAMESPACE)
  if (opened.identity !== undefined) return opened
  await opened.create(identity, config(1, 1, 'a'))
  await store(opened, on, write(commands(2, 100, 1), { term: 1, commit: 100 }))
  return opened
}

const bytesOf = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => Buffer.concat(await collect(source))
const countOf = async (on: OrderedStore): Promise<number> => (await collect(on.range({ gte: keys.chunks, lt: new Uint8Array([...keys.chunks.slice(0, -1), 0x30]), keysOnly: true }))).flat().length
const noise = (length: number): Buffer => randomBytes(length)

/** A leader's snapshot, and what a follower needs to receive it. */
async function donor (raw: Uint8Array, index = 50): Promise<{ manifest: SnapshotManifest, chunks: SnapshotChunk[] }> {
  const from = await group(new MemoryOrderedStore())
  const manifest = await from.saveSnapshot(metaAt(index, 1), stream(raw), { retain: 1 })
  return { manifest, chunks: await collect(from.chunks(manifest, 0)) }
}

describe.each([['memory', async () => new MemoryOrderedStore()], ['LevelDB', async () => await levelStore()]] as const)('snapshots on %s', (_, create) => {
  it.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])('gives back %i bytes, whatever the pieces they came in', async length => {
    const on = await create()
    const storage = await group(on)
    const raw = noise(length)
    const pieces = [raw.subarray(0, 10), raw.subarray(10, 11), new Uint8Array(0), raw.subarray(11, length - 5), raw.subarray(Math.max(length - 5, 11))]
    const manifest = await storage.saveSnapshot(metaAt(50, 1), stream(...(length > 20 ? pieces : [raw])), { retain: 3 })
    expect(manifest).toMatchObject({ meta: metaAt(50, 1), bytes: length, chunks: Math.ceil(length / CHUNK_BYTES) })
    expect((await bytesOf(storage.openSnapshot(manifest))).equals(raw)).toBe(true)
    const again = await group(on)
    expect(again.snapshots()).toEqual([manifest])
    expect((await bytesOf(again.openSnapshot(manifest))).equals(raw)).toBe(true)
  })

  it('compresses', async () => {
    const manifest = await (await group(await create())).saveSnapshot(metaAt(50, 1), stream('abc'.repeat(500_000)), { retain: 1 })
    expect(manifest.storedBytes).toBeLessThan(manifest.bytes / 50)
  })

  it('retains the newest, newest first, one for each index, and removes the chunks of the others', async () => {
    const on = await create()
    const storage = await group(on)
    for (const index of [10, 20, 30, 30, 40]) await storage.saveSnapshot(metaAt(index, 1), stream(`state of ${index}`), { retain: 3 })
    expect(storage.snapshots().map(({ meta }) => meta.index)).toEqual([40, 30, 20])
    expect(await countOf(on)).toBe(3)
    const again = await group(on)
    expect(again.snapshots()).toEqual(storage.snapshots())
    await again.saveSnapshot(metaAt(50, 1), stream(''), { retain: 1 })
    expect(again.snapshots().map(({ meta }) => meta.index)).toEqual([50])
    expect(await countOf(on)).toBe(0)
  })

  it('leaves nothing of a snapshot whose source fails or is aborted', async () => {
    const on = await create()
    const storage = await group(on)
    const failing = async function * (): AsyncGenerator<Uint8Array> {
      yield noise(2 * CHUNK_BYTES)
      throw new Error('the machine failed')
    }
    await expect(storage.saveSnapshot(metaAt(50, 1), failing(), { retain: 1 })).rejects.toThrow('the machine failed')
    const abort = new AbortController()
    const endless = async function * (): AsyncGenerator<Uint8Array> {
      for (let i = 0; ; i++) {
        if (i === 3) abort.abort(new Error('enough'))
        yield noise(CHUNK_BYTES)
      }
    }
    await expect(storage.saveSnapshot(metaAt(50, 1), endless(), { retain: 1, signal: abort.signal })).rejects.toThrow('enough')
    expect(storage.snapshots()).toEqual([])
    expect(await countOf(on)).toBe(0)
    await storage.saveSnapshot(metaAt(50, 1), stream('fine'), { retain: 1 })
  })

  it('takes one at a time', async () => {
    const storage = await group(await create())
    const first = storage.saveSnapshot(metaAt(50, 1), stream('one'), { retain: 1 })
    await expect(storage.saveSnapshot(metaAt(51, 1), stream('two'), { retain: 1 })).rejects.toThrow('already')
    await first
  })

  it('tells a reader whose snapshot was removed meanwhile', async () => {
    const storage = await group(await create())
    const old = await storage.saveSnapshot(metaAt(10, 1), stream(noise(3 * CHUNK_BYTES)), { retain: 1 })
    const reading = storage.chunks(old, 0)[Symbol.asyncIterator]()
    await reading.next()
    await storage.saveSnapshot(metaAt(20, 1), stream('newer'), { retain: 1 })
    await expect(reading.next()).rejects.toThrow(UnavailableError)
  })

  it('receives a snapshot chunk by chunk and puts it in force with a batch of the caller\'s', async () => {
    const on = await create()
    const storage = await group(on)
    const raw = noise(2 * CHUNK_BYTES + 7)
    const { manifest, chunks } = await donor(raw)
    const staging = await storage.stage(manifest)
    for (const chunk of chunks) {
      expect(staging.next).toBe(chunk.seq)
      await staging.write(chunk)
    }
    await staging.finish()
    expect(storage.snapshots()).toEqual([])
    const staged = storage.openStaged(manifest)
    const ops: StoreOp[] = []
    const installed = storage.promoteStaged(ops, manifest)
    await on.batch(ops, { sync: true })
    installed()
    // A restore may read it before or after it took force.
    expect((await bytesOf(staged)).equals(raw)).toBe(true)
    expect(storage.snapshots()).toEqual([manifest])
    const again = await group(on)
    expect((await bytesOf(again.openSnapshot(manifest))).equals(raw)).toBe(true)
    await again.discardStaged()
    expect(await countOf(on)).toBe(3)
  })

  it('goes on after a restart where it was, and receives a chunk that was damaged again', async () => {
    const on = await create()
    const { manifest, chunks } = await donor(noise(4 * CHUNK_BYTES))
    const first = await (await group(on)).stage(manifest)
    for (const chunk of chunks.slice(0, 3)) await first.write(chunk)
    const second = await group(on)
    expect((await second.stage(manifest)).next).toBe(3)
    const key = keys.chunk(manifest.id, 1)
    const damaged = new Uint8Array(await on.get(key) ?? [])
    damaged[100] ^= 1
    await on.batch([{ type: 'put', key, value: damaged }], { sync: true })
    const third = await group(on)
    const staging = await third.stage(manifest)
    expect(staging.next).toBe(1)
    for (const chunk of chunks.slice(1)) await staging.write(chunk)
    await staging.finish()
    const ops: StoreOp[] = []
    const installed = third.promoteStaged(ops, manifest)
    await on.batch(ops, { sync: true })
    installed()
    await bytesOf(third.openSnapshot(manifest))
  })

  it('refuses a chunk out of order, too many, of a wrong hash or size, and keeps what it has', async () => {
    const on = await create()
    const storage = await group(on)
    const raw = noise(2 * CHUNK_BYTES)
    const { manifest, chunks: [one, two] } = await donor(raw)
    const staging = await storage.stage(manifest)
    await expect(staging.finish()).rejects.toThrow(MalformedFrameError)
    const again = await storage.stage(manifest)
    await again.write(one)
    const bad = [
      two.seq, one.seq, 99].map(seq => ({ ...two, seq: seq === two.seq ? 5 : seq }))
    for (const chunk of [...bad, { ...two, data: two.data.slice(1) }, { ...two, hash: one.hash }, { ...two, hash: two.hash.slice(1) }, { ...two, data: noise(CHUNK_BYTES * 2) }]) {
      await expect(again.write(chunk)).rejects.toThrow(MalformedFrameError)
      expect(again.next).toBe(1)
    }
    await again.write(two)
    await expect(again.write({ ...two, seq: 2 })).rejects.toThrow(MalformedFrameError)
    await again.finish()
    expect((await bytesOf(storage.openStaged(manifest))).equals(raw)).toBe(true)
  })

  it('refuses chunks that are whole and not what the manifest promised', async () => {
    const storage = await group(await create())
    const { manifest } = await donor(noise(2 * CHUNK_BYTES))
    const other = await donor(noise(2 * CHUNK_BYTES))
    const staging = await storage.stage(manifest)
    for (const chunk of other.chunks) await staging.write(chunk)
    await expect(staging.finish()).rejects.toThrow('do not add up')
    expect(() => { storage.promoteStaged([], manifest) }).toThrow('not staged')
  })

  it('refuses a chunk that unfolds to more than a chunk', async () => {
    const { deflateRawSync } = await import('node:zlib')
    const storage = await group(await create())
    const data = new Uint8Array(deflateRawSync(Buffer.alloc(CHUNK_BYTES * 4)))
    const { createHash } = await import('node:crypto')
    const hash = new Uint8Array(createHash('sha256').update(data).digest())
    const digest = new Uint8Array(createHash('sha256').update(hash).digest())
    const manifest: SnapshotManifest = { meta: metaAt(50, 1), id: 'aaaaaaaaaaaaaaaa', chunks: 1, bytes: CHUNK_BYTES, storedBytes: data.length, digest }
    const staging = await storage.stage(manifest)
    await staging.write({ seq: 0, hash, data })
    await staging.finish()
    await expect(bytesOf(storage.openStaged(manifest))).rejects.toThrow(/decompress/)
  })

  it('refuses an impossible manifest before it keeps anything for it', async () => {
    const on = await create()
    const storage = await group(on)
    const { manifest } = await donor(noise(CHUNK_BYTES + 1))
    const bad: Array<Partial<SnapshotManifest>> = [
      { id: '../../x' }, { id: '' }, { chunks: 3 }, { chunks: 2 ** 31, bytes: 2 ** 31 * CHUNK_BYTES }, { bytes: -1 }, { bytes: 1.5 },
      { storedBytes: 2 ** 50 }, { digest: new Uint8Array(31) }, { meta: { ...manifest.meta, index: 0 } }, { meta: { ...manifest.meta, configurationIndex: 51 } }
    ]
    for (const part of bad) await expect(storage.stage({ ...manifest, ...part })).rejects.toThrow(MalformedFrameError)
    expect(await on.get(keys.staged)).toBeUndefined()
  })

  it('drops what was staged when another snapshot starts, and keeps to one manifest for an id', async () => {
    const on = await create()
    const storage = await group(on)
    const a = await donor(noise(3 * CHUNK_BYTES))
    const b = await donor(noise(CHUNK_BYTES))
    const first = await storage.stage(a.manifest)
    await first.write(a.chunks[0])
    await expect(storage.stage({ ...a.manifest, digest: b.manifest.digest })).rejects.toThrow('another manifest')
    const second = await storage.stage(b.manifest)
    expect(await countOf(on)).toBe(0)
    await expect(first.write(a.chunks[1])).rejects.toThrow(UnavailableError)
    await second.write(b.chunks[0])
    await storage.discardStaged()
    expect(await countOf(on)).toBe(0)
    expect((await (await group(on)).stage(b.manifest)).next).toBe(0)
  })

  it('takes a snapshot that it has already for received, and never throws it away with the staging', async () => {
    const on = await create()
    const storage = await group(on)
    const manifest = await storage.saveSnapshot(metaAt(50, 1), stream(noise(CHUNK_BYTES + 1)), { retain: 2 })
    const staging = await storage.stage(manifest)
    expect(staging.next).toBe(2)
    await staging.finish()
    storage.promoteStaged([], manifest)()
    await storage.discardStaged()
    await bytesOf(storage.openStaged(manifest))
    expect(storage.snapshots()).toEqual([manifest])
  })

  it('keeps no more than it retains when one arrives', async () => {
    const on = await create()
    const storage = await openGroupStorage(on, NAMESPACE, { retain: 2 })
    await storage.create(identity, config(1, 1, 'a'))
    await store(storage, on, write(commands(2, 100, 1), { term: 1, commit: 100 }))
    for (const index of [10, 20]) await storage.saveSnapshot(metaAt(index, 1), stream(`${index}`), { retain: 2 })
    const { manifest, chunks } = await donor(noise(10), 60)
    const staging = await storage.stage(manifest)
    for (const chunk of chunks) await staging.write(chunk)
    await staging.finish()
    const ops: StoreOp[] = []
    const installed = storage.promoteStaged(ops, manifest)
    await on.batch(ops, { sync: true })
    installed()
    expect(storage.snapshots().map(({ meta }) => meta.index)).toEqual([60, 20])
    expect((await group(on)).snapshots()).toEqual(storage.snapshots())
    expect(await countOf(on)).toBe(2)
  })
})

describe('a crash while a snapshot is taken, removed or received', () => {
  it('leaves either a whole snapshot or none, at every batch, and no chunk that belongs to none', async () => {
    const on = new MemoryOrderedStore({ record: true })
    const storage = await group(on)
    const start = on.history.length
    const raws = new Map<number, Buffer>()
    for (const index of [10, 20, 30, 40]) {
      const raw = noise(2 * CHUNK_BYTES + index)
      raws.set(index, raw)
      await storage.saveSnapshot(metaAt(index, 1), stream(raw), { retain: 2 })
    }
    const { manifest, chunks } = await donor(noise(CHUNK_BYTES + 3), 60)
    const staging = await storage.stage(manifest)
    for (const chunk of chunks) await staging.write(chunk)
    await staging.finish()
    const ops: StoreOp[] = []
    storage.promoteStaged(ops, manifest)
    await on.batch(ops, { sync: true })

    // Crashed after each batch, with all before it or only the synced ones; and at the end, without any one of the unsynced.
    const histories = on.history.flatMap((batch, k) => k < start
      ? []
      : [on.history.slice(0, k), on.history.slice(0, k).filter(({ sync }) => sync), ...(batch.sync ? [] : [on.history.filter((_, at) => at !== k)])])
    for (const [number, kept] of [...histories, on.history].entries()) {
      const after = MemoryOrderedStore.replay(kept)
      const again = await openGroupStorage(after, NAMESPACE)
      let whole = 0
      for (const snapshot of again.snapshots()) {
        const raw = await bytesOf(again.openSnapshot(snapshot))
        if (snapshot.id !== manifest.id) expect(raw.equals(raws.get(snapshot.meta.index) as Buffer)).toBe(true)
        whole += snapshot.chunks
      }
      const staged = await after.get(keys.staged)
      const { next } = staged !== undefined ? await again.stage(manifest) : { next: 0 }
      expect(await countOf(after), `history ${number}`).toBe(whole + next)
    }
  }, 30_000)

  it('poisons nothing but the store when a write fails in the middle', async () => {
    let failing = false
    const on = new MemoryOrderedStore({ beforeWrite: ({ ops }) => { if (failing && ops.some(({ key }) => text(key)?.includes('snap/chunk'))) throw new Error('EIO') } })
    const storage = await group(on)
    await storage.saveSnapshot(metaAt(10, 1), stream('first'), { retain: 2 })
    failing = true
    await expect(storage.saveSnapshot(metaAt(20, 1), stream(noise(2 * CHUNK_BYTES)), { retain: 2 })).rejects.toThrow(StorePoisonedError)
    expect((await openGroupStorage(on.crash(), NAMESPACE)).snapshots()).toHaveLength(1)
  })
})
