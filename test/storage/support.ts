import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterEach } from 'vitest'
import { LevelOrderedStore } from '../../src/storage/level-store.js'
import { encodeConfiguration } from '../../src/raft/configuration.js'
import type { RootLevel } from '../../src/storage/level-store.js'
import type { Configuration, Entry, HardState, SnapshotMeta, StorageWrite } from '../../src/raft/types.js'
import type { GroupIdentity, GroupStorage, OrderedStore, StoreOp } from '../../src/storage/types.js'

const directories: string[] = []
const closers: Array<() => Promise<void>> = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  for (const path of directories.splice(0)) await rm(path, { recursive: true, force: true })
})

export async function temporaryDirectory (): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'raftmesh-storage-'))
  directories.push(path)
  return path
}

/** Runs after the test, before its directories are removed. Closing twice must be harmless. */
export function closeAfterTest (close: () => Promise<void>): void {
  closers.push(close)
}

export async function openLevel (path: string, options: { writeBufferSize?: number } = {}): Promise<RootLevel> {
  const level: RootLevel = new Level<Uint8Array, Uint8Array>(path, { keyEncoding: 'view', valueEncoding: 'view', ...options })
  await level.open()
  closeAfterTest(async () => { await level.close() })
  return level
}

export async function levelStore (path?: string): Promise<LevelOrderedStore> {
  const store = new LevelOrderedStore(await openLevel(path ?? await temporaryDirectory()))
  closeAfterTest(async () => { await store.close() })
  return store
}

/** The same store, whose `get` answers with what it found at the call, and while it is held only once it is let. */
export function gated (on: OrderedStore): { store: OrderedStore, hold: () => void, next: () => Promise<void>, open: () => void } {
  const waiting: Array<() => void> = []
  let held = false
  const store: OrderedStore = {
    batch: async (ops, options) => { await on.batch(ops, options) },
    rewrite: async (keys, change, options) => { await on.rewrite(keys, change, options) },
    get: async (key, options) => {
      const found = await on.get(key, options)
      if (held) await new Promise<void>(resolve => { waiting.push(resolve) })
      return found
    },
    getNow: key => on.getNow(key),
    getMany: async keys => await on.getMany(keys),
    range: options => on.range(options),
    snapshot: () => on.snapshot(),
    compact: async range => { await on.compact(range) },
    get failure () { return on.failure },
    onFailure: listener => { on.onFailure(listener) },
    close: async () => { await on.close() }
  }
  return {
    store,
    hold: () => { held = true },
    next: async () => {
      while (waiting.length === 0) await settled()
      waiting.shift()?.()
    },
    open: () => {
      held = false
      for (const resolve of waiting.splice(0)) resolve()
    }
  }
}

/** Every promise that can settle without I/O has. */
export const settled = async (): Promise<void> => { await new Promise<void>(resolve => { setImmediate(resolve) }) }

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (value: Uint8Array | undefined): string | undefined => value === undefined ? undefined : new TextDecoder().decode(value)
export const put = (key: string, value: string): StoreOp => ({ type: 'put', key: bytes(key), value: bytes(value) })
export const del = (key: string): StoreOp => ({ type: 'del', key: bytes(key) })

export async function collect<T> (source: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = []
  for await (const item of source) out.push(item)
  return out
}

export async function dump (store: OrderedStore): Promise<Array<[string, string]>> {
  const pages = await collect(store.range({ gte: Uint8Array.of(0), lt: new Uint8Array(16).fill(0xff) }))
  return pages.flat().map(([key, value]) => [text(key) ?? '', text(value) ?? ''])
}

export const NAMESPACE = '/raft/test'
export const identity: GroupIdentity = { clusterId: new Uint8Array(32).fill(7), incarnation: '00112233445566ff' }

export const configuration = (...voters: string[]): Configuration => ({ voters: voters.sort(), outgoing: [], learners: [], learnersNext: [] })

export const command = (index: number, term: number, data: string = `${index}@${term}`): Entry => ({ index, term, kind: 'command', time: index * 10, data: bytes(data) })
export const config = (index: number, term: number, ...voters: string[]): Entry =>
  ({ index, term, kind: 'config', time: index * 10, data: encodeConfiguration(configuration(...voters)) })

export const commands = (from: number, to: number, term: number): Entry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => command(from + i, term))

export function write (entries: Entry[], hardState?: HardState, snapshot?: SnapshotMeta): StorageWrite {
  return { entries, hardState, snapshot, mustSync: true, messages: [], ack: { term: 0, lastIndex: 0, generation: 0 } }
}

export async function store (group: GroupStorage, on: OrderedStore, what: StorageWrite, sync = true): Promise<void> {
  const ops: StoreOp[] = []
  group.append(ops, what)
  await on.batch(ops, { sync })
}

export const metaAt = (index: number, term: number, ...voters: string[]): SnapshotMeta =>
  ({ index, term, time: index * 10, configuration: configuration(...(voters.length > 0 ? voters : ['a'])), configurationIndex: 1 })

export async function * stream (...parts: Array<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? bytes(part) : part
}

/** A small seeded generator (mulberry32): a failing run prints its seed. */
export function random (seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
