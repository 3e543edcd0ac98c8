import { CompactedError } from '../errors.js'
import { changeBytes } from './kv-change.js'
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

/** What of history is where: frames in the store, oldest first, and the newest of them in memory. */
export class History {
  /** The last revision that is gone. */
  compacted = 0
  readonly #namespace: string
  #frames: Frame[] = []
  #window: KvChange[] = []
  #windowBytes = 0
  /** All changes from this revision on are in the window, or not in the store yet. */
  #windowFrom = 1

  constructor (namespace: string) {
    this.#namespace = namespace
  }

  get bytes (): number { return this.#frames.reduce((sum, { bytes }) => sum + bytes, 0) }
  get windowFrom (): number { return this.#windowFrom }
  get window (): readonly KvChange[] { return this.#window }

  /** Nothing is in memory: what there is, is in the store, and was applied up to `applied`. */
  reset (frames: readonly Frame[], applied: number, compacted: number): void {
    this.#frames = [...frames]
    this.#window = []
    this.#windowBytes = 0
    this.#windowFrom = applied + 1
    this.compacted = compacted
  }

  /** These have reached the store, in these frames. */
  landed (changes: readonly KvChange[], frames: readonly Frame[]): void {
    this.#frames.push(...frames)
    for (const change of changes) {
      this.#window.push(change)
      this.#windowBytes += changeBytes(change)
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
    return true
  }

  check (from: number): void {
    if (from > this.compacted) return
    throw new CompactedError(`The history of ${this.#namespace} before revision ${this.compacted + 1} is compacted, and revision ${from} was asked for: read the state, and go on from its revision`, this.compacted)
  }
}

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
  const key = event.type === 'put' ? event.row.key : event.key
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
