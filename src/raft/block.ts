import type { Entry, EntryKind } from './types.js'

/**
 * A packed block of entries, the same on the wire and on disk. Integers are LEB128 varints of at most 53 bits.
 *
 *     block = first index, count, entry…
 *     entry = tag (1 byte), [term], [time], length of data, data
 *
 * The tag holds the kind (bits 0-1) and says how term and time are given, since the entries of one batch mostly share both:
 * bit 2, the term is that of the entry before; bits 3-4, the time is given in full (0), as that of the entry before (1), or as ms
 * after it (2). The block has no checksum: each medium brings its own.
 */
export class BlockError extends Error {
  override readonly name = 'BlockError'
}

const KINDS: readonly EntryKind[] = ['command', 'noop', 'config']
const KIND_MASK = 0b11
const SAME_TERM = 0b100
const TIME_MASK = 0b11000
const TIME_FULL = 0b00000
const TIME_SAME = 0b01000
const TIME_LATER = 0b10000
const KNOWN_BITS = KIND_MASK | SAME_TERM | TIME_MASK
/** Before the first entry of a block: neither equal to nor less than any time. */
const NO_TIME = NaN
/** Tag and length: what the smallest entry takes. */
const MIN_ENTRY_BYTES = 2

/** Packs entries with consecutive indexes. Throws {@link BlockError} if there are none, or if they are not a piece of a log. */
export function encodeBlock (entries: readonly Entry[]): Uint8Array {
  if (entries.length === 0) throw new BlockError('no entries to pack: leave the block out')
  const firstIndex = entries[0].index
  checked(firstIndex + entries.length, 'index')
  let size = varintSize(firstIndex) + varintSize(entries.length)
  let term = 0
  let time = NO_TIME
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]
    if (entry.index !== firstIndex + i || entry.index === 0) {
      throw new BlockError(`entry ${i} of the block has index ${entry.index}, where ${firstIndex + i} (1 or more) belongs`)
    }
    if (entry.term < term || entry.term === 0) throw new BlockError(`term ${entry.term} at index ${entry.index} follows term ${term}`)
    size += 1 + varintSize(entry.data.length) + entry.data.length
    if (entry.term !== term) size += varintSize(checked(entry.term, 'term'))
    if (entry.time !== time) size += varintSize(checked(entry.time, 'time') > time ? entry.time - time : entry.time)
    term = entry.term
    time = entry.time
  }
  const out = new Uint8Array(size)
  let offset = writeVarint(out, writeVarint(out, 0, firstIndex), entries.length)
  term = 0
  time = NO_TIME
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]
    const timeForm = entry.time === time ? TIME_SAME : entry.time > time ? TIME_LATER : TIME_FULL
    out[offset++] = kindCode(entry.kind) | (entry.term === term ? SAME_TERM : 0) | timeForm
    if (entry.term !== term) offset = writeVarint(out, offset, entry.term)
    if (timeForm !== TIME_SAME) offset = writeVarint(out, offset, timeForm === TIME_LATER ? entry.time - time : entry.time)
    offset = writeVarint(out, offset, entry.data.length)
    out.set(entry.data, offset)
    offset += entry.data.length
    term = entry.term
    time = entry.time
  }
  return out
}

/** The reverse. Each entry's data is a view of `bytes`. Throws {@link BlockError} on anything that {@link encodeBlock} can't have made. */
export function decodeBlock (bytes: Uint8Array): Entry[] {
  const reader = new BlockReader(bytes)
  const { firstIndex, count } = reader.header()
  // Grown entry by entry: the count is a peer's word, so nothing is allocated from it.
  const entries: Entry[] = []
  let term = 0
  let time = NO_TIME
  for (let i = 0; i < count; i++) {
    const index = firstIndex + i
    const tag = reader.byte()
    const kind = KINDS[tag & KIND_MASK]
    if (kind === undefined || (tag & ~KNOWN_BITS) !== 0) throw new BlockError(`entry ${index} has the unknown tag ${tag}`)
    const lastTerm = term
    if ((tag & SAME_TERM) === 0) term = reader.varint()
    if (term < lastTerm || term === 0) throw new BlockError(`term ${term} at index ${index} follows term ${lastTerm}`)
    const timeForm = tag & TIME_MASK
    if (timeForm === TIME_FULL) time = reader.varint()
    else if (i === 0 || timeForm === TIME_MASK) throw new BlockError(`entry ${index} has the invalid tag ${tag}`)
    else if (timeForm === TIME_LATER) time += reader.varint()
    if (!Number.isSafeInteger(time)) throw new BlockError(`the time of entry ${index} is over 2^53`)
    entries.push({ index, term, kind, time, data: reader.bytes(reader.varint()) })
  }
  reader.end()
  return entries
}

/** What a block says it holds, without unpacking it. */
export function blockHeader (bytes: Uint8Array): { firstIndex: number, count: number } {
  return new BlockReader(bytes).header()
}

class BlockReader {
  #offset = 0
  readonly #bytes: Uint8Array

  constructor (bytes: Uint8Array) { this.#bytes = bytes }

  header (): { firstIndex: number, count: number } {
    const firstIndex = this.varint()
    const count = this.varint()
    if (firstIndex === 0) throw new BlockError('the block starts at index 0: the first index of a log is 1')
    if (count === 0) throw new BlockError('the block holds no entries')
    const most = (this.#bytes.length - this.#offset) / MIN_ENTRY_BYTES
    if (count > most) throw new BlockError(`the block claims ${count} entries in ${this.#bytes.length} bytes`)
    if (!Number.isSafeInteger(firstIndex + count)) throw new BlockError(`the block's indexes, ${count} from ${firstIndex}, run over 2^53`)
    return { firstIndex, count }
  }

  byte (): number {
    if (this.#offset >= this.#bytes.length) throw new BlockError(`the block is cut short at ${this.#bytes.length} bytes`)
    return this.#bytes[this.#offset++]
  }

  varint (): number {
    let byte = this.byte()
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    // Multiplied and not shifted: JavaScript's shifts are of 32 bits.
    for (let scale = 0x80; ; scale *= 0x80) {
      byte = this.byte()
      value += (byte & 0x7f) * scale
      if (!Number.isSafeInteger(value)) throw new BlockError('an integer of the block is over 2^53')
      if (byte < 0x80) {
        if (byte === 0) throw new BlockError('an integer of the block is longer than it needs to be')
        return value
      }
    }
  }

  bytes (length: number): Uint8Array {
    const end = this.#offset + length
    if (end > this.#bytes.length) throw new BlockError(`the block is cut short: ${length} bytes wanted, ${this.#bytes.length - this.#offset} left`)
    const view = this.#bytes.subarray(this.#offset, end)
    this.#offset = end
    return view
  }

  end (): void {
    if (this.#offset !== this.#bytes.length) throw new BlockError(`${this.#bytes.length - this.#offset} bytes follow the block's last entry`)
  }
}

function kindCode (kind: EntryKind): number {
  switch (kind) {
    case 'command': return 0
    case 'noop': return 1
    case 'config': return 2
  }
}

function checked (value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new BlockError(`${value} is no ${what}: a safe integer of 0 or more is needed`)
  return value
}

function varintSize (value: number): number {
  let size = 1
  while (value >= 0x80) {
    value = Math.floor(value / 0x80)
    size++
  }
  return size
}

function writeVarint (out: Uint8Array, offset: number, value: number): number {
  while (value > 0x7fff_ffff) {
    out[offset++] = (value % 0x80) | 0x80
    value = Math.floor(value / 0x80)
  }
  while (value >= 0x80) {
    out[offset++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  out[offset++] = value
  return offset
}
