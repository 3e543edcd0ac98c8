import { crc32 } from 'node:zlib'
import { byteString, CodecError, concat, GroupKeys, prefixEnd, Reader, readU32, seal, unseal, Writer, writeU32, writeU64 } from '../storage/index.js'
import { StoreCorruptError } from '../errors.js'
import type { ByteRange } from '../storage/index.js'
import type { KvRow, RecordTable } from './kv-types.js'

export type { KvRow } from './kv-types.js'

const ROW = 2
const RECORD = 3
const FRAME = 4
const META = 2
const HEADER = 37

/**
 * Stored form of a row: format, CRC-32 over key and the rest, mod revision, create revision, version, lease, value. The checksum is what lets a
 * flipped bit on one member be refused there, before a read or a snapshot hands it on as the state of the group.
 */
export function encodeRow ({ key, value, createRevision, modRevision, version, lease }: KvRow): Uint8Array {
  const out = new Uint8Array(HEADER + value.length)
  out[0] = ROW
  writeU64(out, 5, modRevision)
  writeU64(out, 13, createRevision)
  writeU64(out, 21, version)
  writeU64(out, 29, lease)
  out.set(value, HEADER)
  writeU32(out, 1, crc32(out.subarray(5), crc32(key)))
  return out
}

/** How what was put is had from what is stored. */
export type Opened = (stored: Uint8Array) => Uint8Array
const asStored: Opened = stored => stored

/** @throws StoreCorruptError */
export function decodeRow (namespace: string, key: Uint8Array, stored: Uint8Array, open = asStored): KvRow {
  return reading(namespace, () => `the value of key ${JSON.stringify(byteString(key))}`, () => {
    const body = new Reader(unseal(ROW, key, open(stored)))
    return { key, modRevision: body.u64(), createRevision: body.u64(), version: body.u64(), lease: body.u64(), value: body.raw(body.left) }
  })
}

/** `at`: the whole key that it is stored under, which says what it is of. */
export const encodeRecord = (at: Uint8Array, value: Uint8Array): Uint8Array => seal(RECORD, at, value)

/** @throws StoreCorruptError */
export function decodeRecord (namespace: string, at: Uint8Array, stored: Uint8Array, open = asStored): Uint8Array {
  return reading(namespace, () => 'a lease or session', () => unseal(RECORD, at, open(stored)))
}

export const encodeFrame = (at: Uint8Array, body: Uint8Array): Uint8Array => seal(FRAME, at, body)

/** @throws StoreCorruptError */
export function decodeFrame<T> (namespace: string, at: Uint8Array, stored: Uint8Array, read: (body: Uint8Array) => T, open = asStored): T {
  return reading(namespace, () => 'a piece of its history', () => read(unseal(FRAME, at, open(stored))))
}

/** `compacted`: the last revision whose history is gone. */
export interface KvMeta { readonly generation: number, readonly applied: number, readonly compacted: number }

const METADATA = new TextEncoder().encode('kv-meta')

export function encodeMeta ({ generation, applied, compacted }: KvMeta): Uint8Array {
  return seal(META, METADATA, new Writer().u64(generation).u64(applied).u64(compacted).finish())
}

/** @throws StoreCorruptError */
export function decodeMeta (namespace: string, stored: Uint8Array, open = asStored): KvMeta {
  return reading(namespace, () => 'how far it has applied', () => {
    const body = new Reader(unseal(META, METADATA, open(stored)))
    const meta = { generation: body.u64(), applied: body.u64(), compacted: body.u64() }
    body.end()
    return meta
  })
}

function reading<T> (namespace: string, what: () => string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new StoreCorruptError(
      `the key-value data of ${namespace} on this node is damaged: ${what()} cannot be read (${(error as Error).message}); remove this namespace's data on this node and join again`, { cause: error })
  }
}

/** What a generation consists of: the rows, the tables beside them, and what changed, in frames by their last revision. */
export type Table = 'row' | RecordTable | 'history'

/** The letters are in the keys of the store, and order the tables there and in snapshots. */
const LETTERS: Readonly<Record<Table, number>> = { history: 0x68, row: 0x6b, lease: 0x6c, attached: 0x6d, answer: 0x6e }
export const RECORD_TABLES: readonly RecordTable[] = ['lease', 'attached', 'answer']

/**
 * Keys of the machine under `<namespace>/data/`: one record for generation and applied index, and the tables of each generation. A restore
 * writes the next generation beside the one in force, and a single record switches over.
 */
export class KvKeys {
  readonly meta: Uint8Array
  readonly #generations: Uint8Array

  constructor (namespace: string) {
    const { data } = new GroupKeys(namespace)
    this.meta = concat(data, Uint8Array.of(0x6d)) // m
    this.#generations = concat(data, Uint8Array.of(0x72)) // r
  }

  /** All tables of all generations. */
  get all (): ByteRange { return { gte: this.#generations, lt: prefixEnd(this.#generations) } }

  generation (generation: number): Uint8Array {
    const prefix = new Uint8Array(this.#generations.length + 4)
    prefix.set(this.#generations)
    writeU32(prefix, this.#generations.length, generation)
    return prefix
  }

  table (generation: number, table: Table): Uint8Array { return concat(this.generation(generation), Uint8Array.of(LETTERS[table])) }

  generationOf (key: Uint8Array): number {
    if (key.length < this.#generations.length + 4) throw new CodecError('a row without a generation')
    return readU32(key, this.#generations.length)
  }
}
