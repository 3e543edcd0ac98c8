import { MalformedFrameError } from '../errors.js'

/** The repeated fields of a message, by number, with those of their elements. */
export interface Lists { readonly [field: number]: Lists }

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/**
 * Refuses a message whose lists hold more than `most` elements in all. A list has its own limit where it is decoded, but lists of lists
 * multiply: an element of two bytes becomes an object and a view, and 8 MiB of those would be some 800 MB before anybody looked at them.
 *
 * @throws MalformedFrameError. What is no protobuf passes: its decoder says what is wrong with it.
 */
export function checkLists (bytes: Uint8Array, lists: Lists, most: number): void {
  if (new Counter(bytes, most).count(lists, 0, bytes.length) > most) throw new MalformedFrameError(`lists of more than ${most} elements in all`)
}

class Counter {
  #at = 0
  #found = 0
  readonly #bytes: Uint8Array
  readonly #most: number

  constructor (bytes: Uint8Array, most: number) {
    this.#bytes = bytes
    this.#most = most
  }

  /** The message from `from` to `to`, and what was found before it. */
  count (lists: Lists, from: number, to: number): number {
    this.#at = from
    while (this.#at < to && this.#found <= this.#most) {
      const tag = this.#varint(to)
      const type = tag & 7
      if (type === VARINT) this.#varint(to)
      else if (type === FIXED64) this.#at += 8
      else if (type === FIXED32) this.#at += 4
      else if (type === BYTES) this.#field(lists[tag >>> 3], this.#varint(to), to)
      else this.#at = to
    }
    return this.#found
  }

  #field (inner: Lists | undefined, length: number, to: number): void {
    const end = Math.min(to, this.#at + length)
    if (inner !== undefined) {
      this.#found++
      this.count(inner, this.#at, end)
    }
    this.#at = end
  }

  /** By multiplication: a length may have more than 32 bits. */
  #varint (to: number): number {
    let value = 0
    for (let scale = 1; this.#at < to; scale *= 0x80) {
      const byte = this.#bytes[this.#at++]
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
    }
    return value
  }
}
