import { crc32 } from 'node:zlib'
import { byteString, CodecError, concat, GroupKeys, prefixEnd, Reader, readU32, seal, unseal, Writer, writeU32, writeU64 } from '../storage/index.js'
import { StoreCorruptError } from '../errors.js'
import type { ByteRange } from '../storage/index.js'

/** A key with its value and mod revision: the index of the command that wrote it last. */
export interface KvRow { readonly key: Uint8Array, readonly value: Uint8Array, readonly revision: number }

/** What is applied and not yet in the store; without a value, the key was deleted. */
export interface PendingRow { readonly name: string, readonly key: Uint8Array, readonly value?: Uint8Array, readonly revision: number }

const ROW = 1
const META = 1
const HEADER = 13

/**
 * Stored form of a value: format, CRC-32 over key and the rest, mod revision, value. The checksum is what lets a flipped bit on one
 * member be refused there, before a read or a snapshot hands it on as the state of the group.
 */
export function encodeRow (key: Uint8Array, value: Uint8Array, revision: number): Uint8Array {
  const out = new Uint8Array(HEADER + value.length)
  out[0] = ROW
  writeU64(out, 5, revision)
  out.set(value, HEADER)
  writeU32(out, 1, crc32(out.subarray(5), crc32(key)))
  return out
}

/**
 * `open`: what was put, from what is stored.
 *
 * @throws StoreCorruptError
 */
export function decodeRow (namespace: string, key: Uint8Array, stored: Uint8Array, open = asStored): KvRow {
  try {
    const body = new Reader(unseal(ROW, key, open(stored)))
    return { key, revision: body.u64(), value: body.raw(body.left) }
  } catch (error) {
    throw damaged(namespace, `the value of key ${JSON.stringify(byteString(key))} cannot be read (${(error as Error).message})`, error)
  }
}

export interface KvMeta { readonly generation: number, readonly applied: number }

const METADATA = new TextEncoder().encode('kv-meta')

export function encodeMeta ({ generation, applied }: KvMeta): Uint8Array {
  return seal(META, METADATA, new Writer().u64(generation).u64(applied).finish())
}

export function decodeMeta (namespace: string, stored: Uint8Array, open = asStored): KvMeta {
  try {
    const body = new Reader(unseal(META, METADATA, open(stored)))
    const meta = { generation: body.u64(), applied: body.u64() }
    body.end()
    return meta
  } catch (error) {
    throw damaged(namespace, `how far it has applied cannot be read (${(error as Error).message})`, error)
  }
}

const asStored = (stored: Uint8Array): Uint8Array => stored

const damaged = (namespace: string, what: string, cause: unknown): StoreCorruptError => new StoreCorruptError(
  `the key-value data of ${namespace} on this node is damaged: ${what}; remove this namespace's data on this node and join again`, { cause })

/**
 * Keys of the machine under `<namespace>/data/`: one record for generation and applied index, and the rows of each generation. A restore
 * writes the next generation beside the one in force, and a single record switches over.
 */
export class KvKeys {
  readonly meta: Uint8Array
  readonly #rows: Uint8Array

  constructor (namespace: string) {
    const { data } = new GroupKeys(namespace)
    this.meta = concat(data, Uint8Array.of(0x6d)) // m
    this.#rows = concat(data, Uint8Array.of(0x72)) // r
  }

  get rows (): ByteRange { return { gte: this.#rows, lt: prefixEnd(this.#rows) } }

  generation (generation: number): Uint8Array {
    const prefix = new Uint8Array(this.#rows.length + 4)
    prefix.set(this.#rows)
    writeU32(prefix, this.#rows.length, generation)
    return prefix
  }

  generationOf (key: Uint8Array): number {
    if (key.length < this.#rows.length + 4) throw new CodecError('a row without a generation')
    return readU32(key, this.#rows.length)
  }
}

/**
 * Rows of the store with what is pending laid over them, in order. Both are as of one moment, so what is pending may already be in the
 * store as well: laying it over once more changes nothing.
 *
 * @param prefixLength - bytes of the stored keys before the row's own key
 */
export async function * overlaid<Row> (
  pages: AsyncIterable<Array<[Uint8Array, Uint8Array]>>, prefixLength: number, pending: readonly PendingRow[],
  fromStore: (key: Uint8Array, stored: Uint8Array, at: Uint8Array) => Row, fromPending: (row: PendingRow & { value: Uint8Array }) => Row
): AsyncGenerator<Row> {
  let next = 0
  const emit = (row: PendingRow): Row[] => row.value === undefined ? [] : [fromPending({ ...row, value: row.value })]
  for await (const page of pages) {
    for (const [at, value] of page) {
      const key = at.subarray(prefixLength)
      const name = byteString(key)
      while (next < pending.length && pending[next].name < name) yield * emit(pending[next++])
      if (next < pending.length && pending[next].name === name) yield * emit(pending[next++])
      else yield fromStore(key, value, at)
    }
  }
  while (next < pending.length) yield * emit(pending[next++])
}
