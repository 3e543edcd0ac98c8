import { crc32 } from 'node:zlib'

/** Bytes that are not what they claim to be. Callers turn it into an error that names what was being read. */
export class CodecError extends Error {
  override readonly name = 'CodecError'
}

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** An exact-size byte writer: fields are gathered, then laid out once. Integers are big-endian, so that keys sort by them. */
export class Writer {
  readonly #parts: Uint8Array[] = []
  #length = 0

  u8 (value: number): this { return this.raw(Uint8Array.of(value)) }

  u32 (value: number): this { return this.raw(u32(value)) }

  u64 (value: number): this { return this.raw(u64(value)) }

  /** Length first. */
  bytes (value: Uint8Array): this { return this.u32(value.length).raw(value) }

  text (value: string): this { return this.bytes(utf8.encode(value)) }

  raw (value: Uint8Array): this {
    this.#parts.push(value)
    this.#length += value.length
    return this
  }

  finish (): Uint8Array {
    const out = new Uint8Array(this.#length)
    let offset = 0
    for (const part of this.#parts) {
      out.set(part, offset)
      offset += part.length
    }
    return out
  }
}

/** Reads what {@link Writer} wrote. Every length is checked against what is there before anything is made of it. */
export class Reader {
  #offset = 0
  constructor (readonly source: Uint8Array) {}

  get left (): number { return this.source.length - this.#offset }

  u8 (): number { return this.raw(1)[0] }

  u32 (): number { return readU32(this.raw(4), 0) }

  u64 (): number { return readU64(this.raw(8), 0) }

  bytes (): Uint8Array { return this.raw(this.u32()) }

  text (): string {
    try {
      return strictUtf8.decode(this.bytes())
    } catch (error) {
      if (error instanceof CodecError) throw error
      throw new CodecError('text is not UTF-8')
    }
  }

  /** A view, not a copy. */
  raw (length: number): Uint8Array {
    if (length > this.left) throw new CodecError(`${length} bytes wanted at offset ${this.#offset}, ${this.left} left`)
    const view = this.source.subarray(this.#offset, this.#offset + length)
    this.#offset += length
    return view
  }

  end (): void {
    if (this.left !== 0) throw new CodecError(`${this.left} bytes after the end`)
  }
}

export function u32 (value: number): Uint8Array {
  const out = new Uint8Array(4)
  writeU32(out, 0, value)
  return out
}

export function u64 (value: number): Uint8Array {
  const out = new Uint8Array(8)
  writeU64(out, 0, value)
  return out
}

// By hand and not with a DataView: these run for every key and row, and making the view costs more than the rest.

export function writeU32 (out: Uint8Array, offset: number, value: number): void {
  out[offset] = value >>> 24
  out[offset + 1] = value >>> 16
  out[offset + 2] = value >>> 8
  out[offset + 3] = value
}

export function writeU64 (out: Uint8Array, offset: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new CodecError(`${value} is no index: a safe integer of 0 or more is needed`)
  writeU32(out, offset, Math.floor(value / 0x1_0000_0000))
  writeU32(out, offset + 4, value >>> 0)
}

/** The caller has checked that 4 bytes are there. */
export function readU32 (bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3]) >>> 0
}

/** The caller has checked that 8 bytes are there. */
export function readU64 (bytes: Uint8Array, offset: number): number {
  const value = readU32(bytes, offset) * 0x1_0000_0000 + readU32(bytes, offset + 4)
  if (!Number.isSafeInteger(value)) throw new CodecError('integer over 2^53')
  return value
}

/**
 * A checksummed value: format, CRC-32 over `context` and body, body. LevelDB's own checksums cover what it reads back from disk, but
 * classic-level can't ask it to verify them on every read, and a value under the wrong key has a valid checksum: so what is sealed
 * names where it belongs.
 */
export function seal (format: number, context: Uint8Array, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(5 + body.length)
  out[0] = format
  writeU32(out, 1, crc32(body, crc32(context)))
  out.set(body, 5)
  return out
}

export function unseal (format: number, context: Uint8Array, sealed: Uint8Array): Uint8Array {
  if (sealed.length < 5) throw new CodecError(`${sealed.length} bytes are too few for a record`)
  if (sealed[0] !== format) throw new CodecError(`format ${sealed[0]}, where this version knows ${format}`)
  const body = sealed.subarray(5)
  if (readU32(sealed, 1) !== crc32(body, crc32(context))) throw new CodecError('checksum mismatch')
  return body
}
