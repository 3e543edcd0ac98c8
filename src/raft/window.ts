import type { Entry } from './types.js'

/** What an entry costs beside its data: so that a bound in bytes also bounds entries that have none. */
const ENTRY_OVERHEAD = 32
export const entryBytes = (entry: Entry): number => entry.data.length + ENTRY_OVERHEAD
export const dataBytes = (data: Uint8Array): number => data.length + ENTRY_OVERHEAD

const DROPPED = undefined

/** The tail of the log that is in memory: consecutive entries, dropped at the front, added and cut at the back. */
export class EntryWindow {
  #slots: Array<Entry | undefined> = []
  /** Slots before it are dropped. They are removed for good now and then, as removing them one by one would move all others each time. */
  #head = 0
  #next: number
  #bytes = 0

  constructor (next: number) { this.#next = next }

  /** Index of the first entry in memory; `next` if there is none. */
  get first (): number { return this.#next - (this.#slots.length - this.#head) }
  /** Index after the last entry. */
  get next (): number { return this.#next }
  get bytes (): number { return this.#bytes }

  get (index: number): Entry | undefined {
    return index >= this.first && index < this.#next ? this.#slots[this.#slots.length - (this.#next - index)] : undefined
  }

  push (entry: Entry): void {
    this.#slots.push(entry)
    this.#next++
    this.#bytes += entryBytes(entry)
  }

  /** Entries [from, to), all of them in memory, up to `maxBytes` but at least one. */
  slice (from: number, to: number, maxBytes: number): Entry[] {
    const start = this.#slots.length - (this.#next - from)
    const limit = start + (to - from)
    let end = start
    let bytes = 0
    while (end < limit) {
      bytes += entryBytes(this.#slots[end] as Entry)
      if (bytes > maxBytes && end > start) break
      end++
    }
    // Slots at or after the head are never empty.
    return this.#slots.slice(start, end) as Entry[]
  }

  /** Drop entries from `index` on; returns their bytes. */
  truncate (index: number): number {
    let bytes = 0
    while (this.#next > index && this.#slots.length > this.#head) {
      bytes += entryBytes(this.#slots.pop() as Entry)
      this.#next--
    }
    this.#next = index
    this.#bytes -= bytes
    return bytes
  }

  /** Drop entries up to `index`. */
  dropTo (index: number): void {
    while (this.first <= index && this.#head < this.#slots.length) this.#dropFirst()
  }

  /** Drop entries up to `index`, oldest first, while there are more than `maxBytes`. */
  shrink (index: number, maxBytes: number): void {
    while (this.#bytes > maxBytes && this.first <= index && this.#head < this.#slots.length) this.#dropFirst()
  }

  /** Empty, and go on at `next`. */
  reset (next: number): void {
    this.#slots = []
    this.#head = 0
    this.#next = next
    this.#bytes = 0
  }

  #dropFirst (): void {
    this.#bytes -= entryBytes(this.#slots[this.#head] as Entry)
    this.#slots[this.#head++] = DROPPED
    if (this.#head === this.#slots.length) {
      this.#slots = []
      this.#head = 0
    } else if (this.#head >= 1_024 && this.#head * 2 > this.#slots.length) {
      this.#slots.splice(0, this.#head)
      this.#head = 0
    }
  }
}
