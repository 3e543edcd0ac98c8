import { encodedLengthBytes } from './frames.js'
import type { Codec, Writer } from 'protons-runtime'

/**
 * Encodes a message with its generated code, into one buffer. The library's own writer makes a list of closures, one for each field, to
 * learn the lengths of nested messages before it writes them; with a frame of many small requests that list was most of the cost of
 * sending it. This one leaves a byte for a nested length, and moves what follows on the rare occasion that it needs more.
 */
export function encodeFrame<T> (codec: Codec<T>, message: T): Uint8Array {
  const writer = idle ?? new FrameWriter()
  idle = undefined
  try {
    // Only what the generated code calls is here; the test compares the result with the library's for every message.
    codec.encode(message, writer as unknown as Writer, { lengthDelimited: false })
    return writer.finish()
  } finally {
    writer.reset()
    idle = writer
  }
}

/** Kept from frame to frame, unless a large one made it large. */
const KEPT_BYTES = 256 * 1024

class FrameWriter {
  private buf = Buffer.allocUnsafeSlow(16 * 1024)
  private pos = 0
  private readonly forks: number[] = []

  uint32 (value: number): this {
    this.reserve(5)
    this.varint32(value >>> 0)
    return this
  }

  int32 (value: number): this {
    return value < 0 ? this.refuse(`int32 ${value}`) : this.uint32(value)
  }

  bool (value: boolean): this {
    return this.uint32(value ? 1 : 0)
  }

  uint64Number (value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) return this.refuse(`uint64 ${value}`)
    this.reserve(10)
    // Shifts are of 32 bits.
    while (value > 0x7fffffff) {
      this.buf[this.pos++] = (value % 0x80) | 0x80
      value = Math.floor(value / 0x80)
    }
    this.varint32(value)
    return this
  }

  bytes (value: Uint8Array): this {
    this.reserve(5 + value.byteLength)
    this.varint32(value.byteLength)
    this.buf.set(value, this.pos)
    this.pos += value.byteLength
    return this
  }

  string (value: string): this {
    // Names of namespaces and peers: for a few ASCII characters a call into native code costs more than the copy.
    if (value.length < 64 && this.ascii(value)) return this
    const length = Buffer.byteLength(value)
    this.reserve(5 + length)
    this.varint32(length)
    this.pos += this.buf.write(value, this.pos, length, 'utf8')
    return this
  }

  fork (): this {
    this.reserve(1)
    this.forks.push(this.pos)
    this.pos++
    return this
  }

  ldelim (): this {
    const at = this.forks.pop()
    if (at === undefined) return this.refuse('an end without a beginning')
    const length = this.pos - at - 1
    if (length >= 2 ** 28) return this.refuse(`a nested message of ${length} bytes`)
    const extra = encodedLengthBytes(length) - 1
    if (extra > 0) {
      this.reserve(extra)
      this.buf.copyWithin(at + 1 + extra, at + 1, this.pos)
    }
    this.pos = at
    this.varint32(length)
    this.pos += length
    return this
  }

  finish (): Uint8Array {
    const out = new Uint8Array(this.pos)
    out.set(this.buf.subarray(0, this.pos))
    return out
  }

  reset (): void {
    this.pos = 0
    this.forks.length = 0
    if (this.buf.byteLength > KEPT_BYTES) this.buf = Buffer.allocUnsafeSlow(16 * 1024)
  }

  private ascii (value: string): boolean {
    this.reserve(1 + value.length)
    const at = this.pos
    this.buf[this.pos++] = value.length
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) {
        this.pos = at
        return false
      }
      this.buf[this.pos++] = code
    }
    return true
  }

  private varint32 (value: number): void {
    while (value > 0x7f) {
      this.buf[this.pos++] = (value & 0x7f) | 0x80
      value >>>= 7
    }
    this.buf[this.pos++] = value
  }

  private reserve (bytes: number): void {
    if (this.pos + bytes <= this.buf.byteLength) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.buf.byteLength, this.pos + bytes))
    larger.set(this.buf.subarray(0, this.pos))
    this.buf = larger
  }

  private refuse (what: string): never {
    throw new RangeError(`cannot encode ${what}`)
  }
}

let idle: FrameWriter | undefined
