import { MalformedFrameError } from '../errors.js'
import { byteString, CodecError, concat, Reader, Writer } from '../storage/index.js'
import { changeSize, readChange, writeChange } from './kv-change.js'
import { RECORD_TABLES } from './kv-rows.js'
import type { KvChange, KvRow, RecordTable } from './kv-types.js'

/**
 * What a KV snapshot holds, in this order: up to where history is gone, rows by key, records by table and key, what is left of history. Then as
 * bytes: `RMKV`, version, then
 *
 *   head    4, last compacted revision (8 bytes)
 *   row     1, key length (4), value length (4), mod revision (8), create revision (8), version (8), lease (8), key, value
 *   record  2, table (1), key length (4), value length (4), key, value
 *   change  3, length (4), revision, events
 *   end     0, number of items (8)
 */
export type KvItem =
  | { readonly type: 'head', readonly compacted: number }
  | { readonly type: 'row', readonly row: KvRow }
  | { readonly type: 'record', readonly table: RecordTable, readonly key: Uint8Array, readonly value: Uint8Array }
  | { readonly type: 'change', readonly change: KvChange }

const MAGIC = Uint8Array.of(0x52, 0x4d, 0x4b, 0x56)
const VERSION = 2
const END = 0
const ROW = 1
const RECORD = 2
const CHANGE = 3
const HEAD = 4
/** Far over any limit that a namespace can set for a key or a value. */
const MAX_ITEM_BYTES = 256 * 1024 * 1024
/** Pieces handed on; small items are gathered up to this. */
const PIECE_BYTES = 64 * 1024

export async function * encodeKvSnapshot (items: AsyncIterable<KvItem>): AsyncGenerator<Uint8Array> {
  let piece = new Writer().raw(MAGIC).u8(VERSION)
  let bytes = 0
  let count = 0
  for await (const item of items) {
    bytes += writeItem(piece, item)
    count++
    if (bytes < PIECE_BYTES) continue
    yield piece.finish()
    piece = new Writer()
    bytes = 0
  }
  yield piece.u8(END).u64(count).finish()
}

function writeItem (out: Writer, item: KvItem): number {
  switch (item.type) {
    case 'head':
      out.u8(HEAD).u64(item.compacted)
      return 9
    case 'row': {
      const { key, value, modRevision, createRevision, version, lease } = item.row
      out.u8(ROW).u32(key.length).u32(value.length).u64(modRevision).u64(createRevision).u64(version).u64(lease).raw(key).raw(value)
      return key.length + value.length + 41
    }
    case 'record':
      out.u8(RECORD).u8(RECORD_TABLES.indexOf(item.table)).u32(item.key.length).u32(item.value.length).raw(item.key).raw(item.value)
      return item.key.length + item.value.length + 10
    case 'change': {
      const change = new Uint8Array(changeSize(item.change))
      writeChange(change, 0, item.change)
      out.u8(CHANGE).bytes(change)
      return change.length
    }
  }
}

/** @throws MalformedFrameError on anything but exactly what {@link encodeKvSnapshot} makes */
export async function * decodeKvSnapshot (source: AsyncIterable<Uint8Array>): AsyncGenerator<KvItem> {
  const input = new Stream(source)
  try {
    yield * readItems(input)
  } catch (error) {
    throw error instanceof CodecError ? malformed(error.message) : error
  } finally {
    await input.close()
  }
}

async function * readItems (input: Stream): AsyncGenerator<KvItem> {
  if (byteString(await input.take(4)) !== byteString(MAGIC)) throw malformed('it does not begin as one')
  const version = (await input.take(1))[0]
  if (version !== VERSION) throw malformed(`it has version ${version}, this node knows ${VERSION}: run a raftmesh of the version that made it`)
  let count = 0
  for (let last: string | undefined; ; count++) {
    const tag = (await input.take(1))[0]
    if (tag === END) break
    const item = await readItem(input, tag, count)
    const place = placeOf(item)
    if (last !== undefined && place <= last) throw malformed(`item ${count} is out of order`)
    if ((last === undefined) !== (item.type === 'head')) throw malformed('its head is not where it belongs')
    last = place
    yield item
  }
  const items = new Reader(await input.take(8)).u64()
  if (items !== count || count === 0) throw malformed(`it has ${count} items and says ${items}`)
  if (!await input.ended()) throw malformed('bytes follow its end')
}

async function readItem (input: Stream, tag: number, count: number): Promise<KvItem> {
  switch (tag) {
    case HEAD: return { type: 'head', compacted: new Reader(await input.take(8)).u64() }
    case ROW: {
      const head = new Reader(await input.take(40))
      const [keyLength, valueLength, modRevision, createRevision, version, lease] = [head.u32(), head.u32(), head.u64(), head.u64(), head.u64(), head.u64()]
      const { key, value } = await readPair(input, keyLength, valueLength, count)
      return { type: 'row', row: { key, value, createRevision, modRevision, version, lease } }
    }
    case RECORD: {
      const head = new Reader(await input.take(9))
      const table = RECORD_TABLES[head.u8()] as RecordTable | undefined
      if (table === undefined) throw malformed(`item ${count} is of a table that this version does not know`)
      return { type: 'record', table, ...await readPair(input, head.u32(), head.u32(), count) }
    }
    case CHANGE: {
      const length = new Reader(await input.take(4)).u32()
      if (length > MAX_ITEM_BYTES) throw malformed(`item ${count} has ${length} bytes`)
      const body = new Reader(await input.take(length))
      const change = readChange(body)
      body.end()
      return { type: 'change', change }
    }
    default: throw malformed(`item ${count} begins with ${tag}`)
  }
}

async function readPair (input: Stream, keyLength: number, valueLength: number, count: number): Promise<{ key: Uint8Array, value: Uint8Array }> {
  if (keyLength + valueLength > MAX_ITEM_BYTES) throw malformed(`item ${count} has ${keyLength + valueLength} bytes`)
  const body = await input.take(keyLength + valueLength)
  return { key: body.subarray(0, keyLength), value: body.subarray(keyLength) }
}

/** Compares as the items are ordered. */
function placeOf (item: KvItem): string {
  switch (item.type) {
    case 'head': return '0'
    case 'row': return `1${byteString(item.row.key)}`
    case 'record': return `2${RECORD_TABLES.indexOf(item.table)}${byteString(item.key)}`
    case 'change': return `3${String(item.change.revision).padStart(16, '0')}`
  }
}

const malformed = (what: string): MalformedFrameError => new MalformedFrameError(`this is no valid snapshot of a key-value namespace: ${what}`)

/** Takes exact numbers of bytes from a stream of pieces of any size. */
class Stream {
  readonly #source: AsyncIterator<Uint8Array>
  #piece: Uint8Array = new Uint8Array(0)

  constructor (source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async take (length: number): Promise<Uint8Array> {
    // Gathered as it comes: a length that lies allocates no more than what was really sent.
    const parts: Uint8Array[] = []
    let missing = length
    while (missing > 0) {
      if (this.#piece.length === 0 && !await this.#more()) throw malformed('it ends early')
      const part = this.#piece.subarray(0, missing)
      this.#piece = this.#piece.subarray(part.length)
      missing -= part.length
      parts.push(part)
    }
    return parts.length === 1 ? parts[0] : concat(...parts)
  }

  async ended (): Promise<boolean> {
    return this.#piece.length === 0 && !await this.#more()
  }

  async close (): Promise<void> { await this.#source.return?.() }

  async #more (): Promise<boolean> {
    while (true) {
      const { done, value } = await this.#source.next()
      if (done === true) return false
      if (value.length === 0) continue
      this.#piece = value
      return true
    }
  }
}
