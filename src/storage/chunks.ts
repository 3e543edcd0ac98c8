import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib'
import { MalformedFrameError } from '../errors.js'
import { CodecError } from './codec.js'
import { equalBytes } from './bytes.js'
import type { SnapshotChunk, SnapshotManifest } from './types.js'

/** Before compression. Small enough to hold a few in memory for each group, big enough that a gigabyte is a few thousand values. */
export const CHUNK_BYTES = 256 * 1024
/** What deflate adds at most to bytes it can't shrink, rounded up. */
export const MAX_STORED_CHUNK = CHUNK_BYTES + 1024
/** 256 GiB before compression: far over what a replicated state should be, and a bound for what a peer may announce. */
export const MAX_CHUNKS = 1024 * 1024

const FORMAT = 1
const HASH_BYTES = 32

/** Up to here it is done at once: a trip to the thread pool and back takes longer. */
const SMALL_BYTES = 4 * 1024
const LEVEL = { level: 1 }
const BOUND = { maxOutputLength: CHUNK_BYTES }

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

/** Level 1: the disk and the network are slower than it, and each chunk is compressed by itself so that a transfer can begin at any. */
export const compress = async (raw: Uint8Array): Promise<Uint8Array> => raw.length <= SMALL_BYTES ? deflateRawSync(raw, LEVEL) : await deflate(raw, LEVEL)

/** Never more than a chunk: a few bytes from a peer must not unfold to gigabytes. */
export async function decompress (data: Uint8Array): Promise<Uint8Array> {
  try {
    return data.length <= SMALL_BYTES ? inflateRawSync(data, BOUND) : await inflate(data, BOUND)
  } catch (error) {
    throw new CodecError(`a chunk that doesn't decompress (${(error as Error).message})`)
  }
}

export function encodeChunk ({ hash, data }: { hash: Uint8Array, data: Uint8Array }): Uint8Array {
  const out = new Uint8Array(1 + HASH_BYTES + data.length)
  out[0] = FORMAT
  out.set(hash, 1)
  out.set(data, 1 + HASH_BYTES)
  return out
}

export function decodeChunk (seq: number, bytes: Uint8Array): SnapshotChunk {
  if (bytes.length < 1 + HASH_BYTES) throw new CodecError(`chunk ${seq} has ${bytes.length} bytes`)
  if (bytes[0] !== FORMAT) throw new CodecError(`chunk ${seq} has format ${bytes[0]}`)
  const hash = bytes.subarray(1, 1 + HASH_BYTES)
  const data = bytes.subarray(1 + HASH_BYTES)
  if (!equalBytes(sha256(data), hash)) throw new CodecError(`chunk ${seq} does not match its hash`)
  return { seq, hash, data }
}

/** SHA-256 over the chunks' hashes in order, and what else a manifest says of them. */
export class ChunkTally {
  readonly #digest = createHash('sha256')
  chunks = 0
  storedBytes = 0

  add ({ hash, data }: { hash: Uint8Array, data: Uint8Array }): void {
    this.#digest.update(hash)
    this.chunks++
    this.storedBytes += data.length
  }

  digest (): Uint8Array { return new Uint8Array(this.#digest.copy().digest()) }

  matches (manifest: SnapshotManifest): boolean {
    return this.chunks === manifest.chunks && this.storedBytes === manifest.storedBytes && equalBytes(this.digest(), manifest.digest)
  }
}

/** A manifest comes from a peer: its figures are checked before a byte is kept for it. */
export function checkManifest (manifest: SnapshotManifest): void {
  const { id, chunks, bytes, storedBytes, digest, meta } = manifest
  const whole = [chunks, bytes, storedBytes, meta.index, meta.term, meta.time, meta.configurationIndex].every(n => Number.isSafeInteger(n) && n >= 0)
  if (!whole || !/^[0-9a-f]{16}$/.test(id) || digest.length !== HASH_BYTES || meta.index === 0 || meta.configurationIndex > meta.index) {
    throw new MalformedFrameError('a snapshot manifest with impossible fields: ask for another snapshot')
  }
  if (chunks > MAX_CHUNKS || chunks !== Math.ceil(bytes / CHUNK_BYTES) || storedBytes > chunks * MAX_STORED_CHUNK) {
    throw new MalformedFrameError(`a snapshot manifest of ${chunks} chunks, ${bytes} bytes and ${storedBytes} stored bytes contradicts itself: ask for another snapshot`)
  }
}

/** Cuts any stream into pieces of exactly {@link CHUNK_BYTES}, but for the last. One piece is held at a time; its bytes are reused by nobody. */
export async function * rechunk (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(CHUNK_BYTES)
  let used = 0
  for await (const part of source) {
    for (let offset = 0; offset < part.length;) {
      const take = Math.min(part.length - offset, CHUNK_BYTES - used)
      piece.set(part.subarray(offset, offset + take), used)
      used += take
      offset += take
      if (used === CHUNK_BYTES) {
        yield piece
        piece = new Uint8Array(CHUNK_BYTES)
        used = 0
      }
    }
  }
  if (used > 0) yield piece.subarray(0, used)
}
