import { KvMachine } from '../../src/machine/kv-machine.js'
import { KeyRing } from '../../src/keys/index.js'
import { openGroupStorage } from '../../src/storage/group-storage.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { contents as rowsOf, entry, kvPut, ManualTimers } from '../machine/support.js'
import { bytes, collect, commands, config, identity, metaAt, NAMESPACE, store, stream, text, write } from './support.js'
import type { VaultLog } from '../../src/storage/sealed-vault.js'
import type { GroupStorage, OrderedStore, StoreOp } from '../../src/storage/types.js'

export const OLD = new Uint8Array(32).fill(1)
export const NEW = new Uint8Array(32).fill(2)
export const OTHER = new Uint8Array(32).fill(3)

export const ring = (...keys: Uint8Array[]): KeyRing => new KeyRing({ keys })
export const idOf = (key: Uint8Array): string => ring(key).current.id

/** Ids, and so salts, that are the same in every run and never the same twice in one. */
export function ids (seed: number): () => string {
  let next = seed * 1_000_000
  return () => (next++).toString(16).padStart(16, '0')
}

export class Lines {
  readonly all: string[] = []
  readonly log: VaultLog = Object.assign((format: string, ...values: unknown[]) => { this.#add(format, values) }, { error: (format: string, ...values: unknown[]) => { this.#add(`error: ${format}`, values) } })
  #add (format: string, values: unknown[]): void { this.all.push(values.reduce<string>((line, value) => line.replace(/%[sd]/, String(value)), format)) }
}

export interface Opened { readonly group: GroupStorage, readonly kv: KvMachine }

let seeds = 0

export async function open (on: OrderedStore, keys?: KeyRing, log?: VaultLog): Promise<Opened> {
  const group = await openGroupStorage(on, NAMESPACE, { cachedBytes: 1 << 30, randomId: ids(++seeds), log, ...(keys !== undefined ? { keys } : {}) })
  const kv = new KvMachine({ store: on, namespace: NAMESPACE, vault: group.vault, clock: new ManualTimers() })
  await kv.open()
  return { group, kv }
}

/** Ends what rewrites in the background, when it has done what there was to do. */
export async function rewritten ({ group }: Opened): Promise<void> {
  await (group.vault as unknown as { settled: () => Promise<void> }).settled()
}

/** One record at least of every kind that is kept for a group. `secret` is in all of them that hold what a program wrote. */
export async function populate (on: OrderedStore, keys: KeyRing | undefined, secret = 'secret'): Promise<Opened> {
  const opened = await open(on, keys)
  const { group, kv } = opened
  await group.create(identity, config(1, 1, 'a', 'b'))
  const entries = commands(2, 9, 1).map(({ index }) => ({ ...entry(index, kvPut(`k${index}`, `${secret} ${index}`)), time: index * 10 }))
  await store(group, on, write(entries.slice(0, 4), { term: 1, vote: 'a', commit: 5 }))
  await store(group, on, write(entries.slice(4), { term: 1, vote: 'a', commit: 9 }))
  await kv.apply([config(1, 1, 'a', 'b'), ...entries])
  await kv.flush()
  await group.saveSnapshot(metaAt(5, 1), stream(`${secret} of the snapshot`), { retain: 2 })
  const ops: StoreOp[] = []
  group.compact(ops, 3, 1)
  group.putStable(ops, 'promise', bytes(`${secret} promise`))
  await on.batch(ops, { sync: true })
  await stageOne(group, secret)
  return opened
}

/** A snapshot that is being received, with one of its chunks here. */
async function stageOne (group: GroupStorage, secret: string): Promise<void> {
  const sender = await openGroupStorage(new MemoryOrderedStore(), NAMESPACE, { randomId: ids(999) })
  const manifest = await sender.saveSnapshot(metaAt(20, 1), stream(`${secret} that comes`, 'x'.repeat(300_000)), { retain: 1 })
  const [first] = await collect(sender.chunks(manifest, 0))
  await (await group.stage(manifest)).write(first)
}

export async function copyOf (on: OrderedStore): Promise<MemoryOrderedStore> {
  return MemoryOrderedStore.replay([{ sync: true, ops: (await dumpRows(on)).map(([key, value]) => ({ type: 'put', key, value })) }])
}

/** All that a start would find of a group and its machine, for comparison. */
export async function held (on: OrderedStore, keys?: KeyRing): Promise<unknown> {
  const opened = await open(await copyOf(on), keys)
  const found = await contents(opened)
  await opened.group.close()
  return found
}

async function contents ({ group, kv }: Opened): Promise<unknown> {
  const { hardState, ...initial } = await group.initial(group.snapshots()[0]?.meta.index ?? 0)
  const snapshots = await Promise.all(group.snapshots().map(async manifest => text(Buffer.concat(await collect(group.openSnapshot(manifest))))))
  return { identity: group.identity, hardState, initial, snapshots, promise: text(await group.getStable('promise')), rows: await rowsOf(kv), history: await kv.changes({ span: { from: new Uint8Array(0) }, from: 1, maxBytes: 1e6 }), applied: kv.appliedIndex }
}

export async function dumpRows (on: OrderedStore): Promise<Array<[Uint8Array, Uint8Array]>> {
  return (await collect(on.range({ gte: bytes('g'), lt: bytes('h') }))).flat()
}
