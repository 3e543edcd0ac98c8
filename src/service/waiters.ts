import { keyOf } from '../machine/kv-change.js'
import { byteString } from '../storage/index.js'
import type { KeySpan } from '../machine/types.js'
import type { KvChange } from '../machine/kv-types.js'

/** `first`: revision of the first change that it was told of; 0: of a state that took the place of all that was before. */
export interface Waiter { readonly wake: () => void, first: number | undefined }

/** A key is a string with a character for each byte: these are compared in no time, and in the order of the bytes. */
interface Range { readonly from: string, readonly to: string | undefined }

/**
 * Those who wait for changes, each in a span. They are found by what has changed, in the turn that applies it: to compare each of thousands with
 * each of hundreds of keys would hold up heartbeats.
 */
export class Waiters {
  readonly #byKey = new Map<string, Set<Waiter>>()
  readonly #ranged = new Map<Waiter, Range>()
  #size = 0

  get size (): number { return this.#size }

  /** Returns how to end it. */
  add (waiter: Waiter, span: KeySpan): () => void {
    const [from, to] = [byteString(span.from), span.to === undefined ? undefined : byteString(span.to)]
    const stop = to === `${from}\0` ? this.#addToKey(waiter, from) : this.#addRanged(waiter, { from, to })
    this.#size++
    let over = false
    return () => {
      if (over) return
      over = true
      this.#size--
      stop()
    }
  }

  changed (changes: readonly KvChange[]): void {
    if (this.#size === 0) return
    const revisions = firstRevisions(changes)
    if (this.#byKey.size > 0) for (const [key, revision] of revisions) for (const waiter of this.#byKey.get(key) ?? []) tell(waiter, revision)
    if (this.#ranged.size === 0) return
    const sorted = new Sorted(revisions, changes[0].revision)
    for (const [waiter, range] of this.#ranged) {
      if (waiter.first !== undefined) continue
      const revision = sorted.firstWithin(range)
      if (revision !== undefined) tell(waiter, revision)
    }
  }

  /** All there is has changed. */
  replaced (): void {
    for (const waiters of [this.#ranged, ...this.#byKey.values()]) {
      for (const waiter of waiters.keys()) {
        waiter.first = 0
        waiter.wake()
      }
    }
  }

  #addToKey (waiter: Waiter, key: string): () => void {
    const waiters = this.#byKey.get(key) ?? new Set()
    this.#byKey.set(key, waiters.add(waiter))
    return () => {
      waiters.delete(waiter)
      if (waiters.size === 0 && this.#byKey.get(key) === waiters) this.#byKey.delete(key)
    }
  }

  #addRanged (waiter: Waiter, range: Range): () => void {
    this.#ranged.set(waiter, range)
    return () => { this.#ranged.delete(waiter) }
  }
}

function tell (waiter: Waiter, revision: number): void {
  waiter.first ??= revision
  waiter.wake()
}

/** Of each key that was changed, the first time. */
function firstRevisions (changes: readonly KvChange[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const { revision, events } of changes) {
    for (const event of events) {
      const key = byteString(keyOf(event))
      if (!found.has(key)) found.set(key, revision)
    }
  }
  return found
}

/** The same, in the order of the keys. */
class Sorted {
  readonly #keys: readonly string[]
  readonly #revisions: readonly number[]

  constructor (revisions: ReadonlyMap<string, number>, private readonly earliest: number) {
    this.#keys = [...revisions.keys()].sort()
    this.#revisions = this.#keys.map(key => revisions.get(key) as number)
  }

  firstWithin ({ from, to }: Range): number | undefined {
    const end = to === undefined ? this.#keys.length : this.#place(to)
    let first: number | undefined
    for (let i = this.#place(from); i < end && first !== this.earliest; i++) if (first === undefined || this.#revisions[i] < first) first = this.#revisions[i]
    return first
  }

  /** Of the first key that is not before. */
  #place (key: string): number {
    let [low, high] = [0, this.#keys.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#keys[middle] < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
