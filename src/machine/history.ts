import { CompactedError } from '../errors.js'
import { changeBytes, decodeChanges, keyOf } from './kv-change.js'
import type { KvChange, KvEvent } from './kv-types.js'
import type { KeySpan } from './types.js'

/** Of changes that are in the store, what is kept in memory as well: most who watch want the newest. */
const WINDOW_BYTES = 8 * 1024 * 1024
/** Changes looked through at once for those that match. */
const LOOKED_AT = 10_000

export interface ChangesOptions { readonly span: KeySpan, readonly from: number, readonly maxBytes: number }
export interface Changes { readonly changes: KvChange[], readonly next: number }

/** A piece of history in the store: its last revision, and its bytes. */
export interface Frame { readonly last: number, readonly bytes: number }

/** What a frame was made of that has just reached the store. */
export interface LandedFrame extends Frame { readonly body: Uint8Array }

/** What of history is where: frames in the store, oldest first, and the newest of them in memory. */
export class History {
  /** The last revision that is gone. */
  compacted = 0
  readonly #namespace: string
  #frames: Frame[] = []
  #bytes = 0
  #window: KvChange[] = []
  #windowBytes = 0
  /** All changes from this revision on are in the window, or not in the store yet. */
  #windowFrom = 1

  constructor (namespace: string) {
    this.#namespace = namespace
  }

  /** Of all frames. */
  get bytes (): number { return this.#bytes }
  get windowFrom (): number { return this.#windowFrom }
  get window (): readonly KvChange[] { return this.#window }

  /** Nothing is in memory: what there is, is in the store, and was applied up to `applied`. */
  reset (frames: readonly Frame[], applied: number, compacted: number): void {
    this.#frames = [...frames]
    this.#bytes = bytesOf(frames)
    this.#window = []
    this.#windowBytes = 0
    this.#windowFrom = applied + 1
    this.compacted = compacted
  }

  /**
   * These have reached the store. The window has views of the frames, not the changes that they were made of: those are views of their commands,
   * or of whole blocks of the log, and would keep megabytes alive for a put of two bytes.
   */
  landed (frames: readonly LandedFrame[]): void {
    for (const { last, bytes, body } of frames) {
      this.#frames.push({ last, bytes })
      this.#bytes += bytes
      for (const change of decodeChanges(body)) {
        this.#window.push(change)
        this.#windowBytes += changeBytes(change)
      }
    }
    if (this.#windowBytes <= WINDOW_BYTES) return
    // Half of it, so that this is not done every time.
    let out = 0
    while (this.#windowBytes > WINDOW_BYTES / 2 && out < this.#window.length) this.#windowBytes -= changeBytes(this.#window[out++])
    this.#windowFrom = this.#window[out - 1].revision + 1
    this.#window = this.#window.slice(out)
  }

  /** Forgets the frames that end by `revision`: whether there were any. */
  forget (revision: number): boolean {
    // It is asked at every flush, and there may be very many: not all are looked at.
    if (this.#frames.length === 0 || this.#frames[0].last > revision) return false
    this.#frames = this.#frames.filter(({ last }) => last > revision)
    this.#bytes = bytesOf(this.#frames)
    return true
  }

  /** The first revision up to which history may go for what is left to take no more than `most` bytes. */
  beyond (most: number): number {
    let left = this.#bytes
    for (const { last, bytes } of this.#frames) {
      if (left <= most) break
      left -= bytes
      if (left <= most) return last
    }
    return this.compacted
  }

  check (from: number): void {
    if (from > this.compacted) return
    throw new CompactedError(`The history of ${this.#namespace} before revision ${this.compacted + 1} is compacted, and revision ${from} was asked for: read the state, and go on from its revision`, this.compacted)
  }
}

const bytesOf = (frames: readonly Frame[]): number => frames.reduce((sum, { bytes }) => sum + bytes, 0)

/** The part of some changes, in order, that lies in the span and the bounds. `end`: where to go on when all were looked at. */
export function selectChanges (lists: ReadonlyArray<readonly KvChange[]>, { span, from, maxBytes }: ChangesOptions, end: number): Changes {
  const found: KvChange[] = []
  let bytes = 0
  let looked = 0
  for (const list of lists) {
    for (let i = placeOf(list, from); i < list.length; i++) {
      const change = list[i]
      if (looked++ >= LOOKED_AT) return { changes: found, next: change.revision }
      const events = change.events.filter(event => inSpan(event, span))
      if (events.length === 0) continue
      const matched = events.length === change.events.length ? change : { revision: change.revision, events }
      bytes += changeBytes(matched)
      if (found.length > 0 && bytes > maxBytes) return { changes: found, next: change.revision }
      found.push(matched)
    }
  }
  return { changes: found, next: end }
}

export function inSpan (event: KvEvent, { from, to }: KeySpan): boolean {
  const key = keyOf(event)
  return Buffer.compare(key, from) >= 0 && (to === undefined || Buffer.compare(key, to) < 0)
}

/** Of the first change at or after `revision`. */
function placeOf (changes: readonly KvChange[], revision: number): number {
  let low = 0
  let high = changes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (changes[middle].revision < revision) low = middle + 1
    else high = middle
  }
  return low
}
