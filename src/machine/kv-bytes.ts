import { concat } from '../storage/index.js'

const utf8 = new TextEncoder()
/** A byte order mark is kept: dropped, two names would be one. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Fields of a command or result. Numbers are LEB128, safe integers of 0 or more; bytes and text have their length before them. */
export class Output {
  readonly #parts: Uint8Array[] = []
  #small: number[] = []

  byte (value: number): this {
    this.#small.push(value)
    return this
  }

  number (value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no safe integer of 0 or more`)
    // Not by shifts, which cut a number to 32 bits.
    for (; value >= 0x80; value = Math.floor(value / 0x80)) this.#small.push((value % 0x80) | 0x80)
    this.#small.push(value)
    return this
  }

  bytes (value: Uint8Array): this { return this.number(value.length).raw(value) }

  text (value: string): this { return this.bytes(utf8.encode(value)) }

  list<T> (values: readonly T[], write: (value: T) => void): this {
    this.number(values.length)
    values.forEach(write)
    return this
  }

  raw (value: Uint8Array): this {
    this.#flush()
    this.#parts.push(value)
    return this
  }

  finish (): Uint8Array {
    this.#flush()
    return concat(...this.#parts)
  }

  #flush (): void {
    if (this.#small.length === 0) return
    this.#parts.push(Uint8Array.from(this.#small))
    this.#small = []
  }
}

/**
 * Reads what {@link Output} wrote, and nothing else: each value has one encoding only, so that equal commands are equal bytes. Whatever
 * has a length is a view of the source.
 */
export class Input {
  #offset = 0
  /** @param fail - the error to throw for what is wrong */
  constructor (readonly source: Uint8Array, readonly fail: (what: string) => Error) {}

  get left (): number { return this.source.length - this.#offset }

  byte (): number {
    if (this.left === 0) throw this.fail('it ends early')
    return this.source[this.#offset++]
  }

  number (): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte >= 0x80) continue
      if (byte === 0 && scale > 1) throw this.fail('a number in more bytes than it needs')
      if (!Number.isSafeInteger(value)) break
      return value
    }
    throw this.fail('a number over 2^53')
  }

  flag (): boolean {
    const byte = this.byte()
    if (byte > 1) throw this.fail(`${byte} where 0 or 1 is meant`)
    return byte === 1
  }

  bytes (): Uint8Array { return this.raw(this.number()) }

  text (most: number): string {
    const bytes = this.bytes()
    if (bytes.length > most) throw this.fail(`a text of ${bytes.length} bytes, over ${most}`)
    try {
      return strictUtf8.decode(bytes)
    } catch {
      throw this.fail('text is not UTF-8')
    }
  }

  key (): Uint8Array { return this.filled(this.bytes()) }

  filled (key: Uint8Array): Uint8Array {
    if (key.length === 0) throw this.fail('an empty key')
    return key
  }

  /** @param least - bytes of the shortest value: a count beyond what is left is refused before anything is made for it */
  list<T> (least: number, read: () => T, most = Infinity): T[] {
    const count = this.number()
    if (count > most) throw this.fail(`${count} of what there may be ${most} of`)
    if (count * least > this.left) throw this.fail(`${count} of at least ${least} bytes each in ${this.left} bytes`)
    const values: T[] = []
    for (let i = 0; i < count; i++) values.push(read())
    return values
  }

  raw (length: number): Uint8Array {
    if (length > this.left) throw this.fail(`${length} bytes wanted, ${this.left} left`)
    const view = this.source.subarray(this.#offset, this.#offset + length)
    this.#offset += length
    return view
  }

  rest (): Uint8Array { return this.raw(this.left) }

  end (): void {
    if (this.left !== 0) throw this.fail(`${this.left} bytes after the end`)
  }
}
