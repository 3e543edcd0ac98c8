import { MalformedFrameError } from '../errors.js'
import { byteString, CodecError, concat, Reader, Writer } from '../storage/index.js'
import type { KvRow } from './kv-rows.js'

/**
 * A KV snapshot as bytes: `RMKV`, version, then rows by ascending key, then the end with their number.
 *
 *   row   1, key length (4 bytes), value length (4), mod revision (8), key, value
 *   end   0, number of rows (8)
 */
const MAGIC = Uint8Array.of(0x52, 0x4d, 0x4b, 0x56)
const VERSION = 1
const END = 0
const ROW = 1
/** Far over any limit that a namespace can set for a key or a value. */
const MAX_ROW_BYTES = 256 * 1024 * 1024
/** Pieces handed on; small rows are gathered up to this. */
const PIECE_BYTES = 64 * 1024

export async function * encodeKvSnapshot (rows: AsyncIterable<KvRow>): AsyncGenerator<Uint8Array> {
  let piece = new Writer().raw(MAGIC).u8(VERSION)
  let bytes = 0
  let count = 0
  for await (const { key, value, revision } of rows) {
    piece.u8(ROW).u32(key.length).u32(value.length).u64(revision).raw(key).raw(value)
    bytes += key.length + value.length + 17
    count++
    if (bytes < PIECE_BYTES) continue
    yield piece.finish()
    piece = new Writer()
    bytes = 0
  }
  yield piece.u8(END).u64(count).finish()
}

/** @throws MalformedFrameError on anything but exactly what {@link encodeKvSnapshot} makes */
export async function * decodeKvSnapshot (source: AsyncIterable<Uint8Array>): AsyncGenerator<KvRow> {
  const input = new Stream(source)
  try {
    yield * readRows(input)
  } catch (error) {
    throw error instanceof CodecError ? malformed(error.message) : error
  } finally {
    await input.close()
  }
}

async function * readRows (input: Stream): AsyncGenerator<KvRow> {
  if (byteString(await input.take(4)) !== byteString(MAGIC)) throw malformed('it does not begin as one')
  const version = (await input.take(1))[0]
  if (version !== VERSION) throw malformed(`it has version ${version}, this node knows ${VERSION}: run a newer raftmesh`)
  let count = 0
  for (let last: string | undefined; ; count++) {
    const tag = (await input.take(1))[0]
    if (tag === END) break
    if (tag !== ROW) throw malformed(`row ${count} begins with ${tag}`)
    const head = new Reader(await input.take(16))
    const [keyLength, valueLength, revision] = [head.u32(), head.u32(), head.u64()]
    if (keyLength + valueLength > MAX_ROW_BYTES) throw malformed(`row ${count} has ${keyLength + valueLength} bytes`)
    const body = await input.take(keyLength + valueLength)
    const key = body.subarray(0, keyLength)
    const name = byteString(key)
    if (last !== undefined && name <= last) throw malformed(`row ${count} is out of order`)
    last = name
    yield { key, value: body.subarray(keyLength), revision }
  }
  const rows = new Reader(await input.take(8)).u64()
  if (rows !== count) throw malformed(`it has ${count} rows and says ${rows}`)
  if (!await input.ended()) throw malformed('bytes follow its end')
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
