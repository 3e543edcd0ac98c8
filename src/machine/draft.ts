import { byteString } from '../storage/index.js'
import type { KvRow, RecordTable, View } from './kv-types.js'

type Range = { from: Uint8Array, to?: Uint8Array, limit: number }
interface Change<T> { readonly key: Uint8Array, readonly value: T | undefined }

/** What was changed of one table, in the order in which each key was changed last. */
class Changes<T> {
  readonly #byName = new Map<string, Change<T>>()

  get size (): number { return this.#byName.size }

  get (key: Uint8Array): Change<T> | undefined { return this.#byName.get(byteString(key)) }

  set (key: Uint8Array, value: T | undefined): void {
    const name = byteString(key)
    this.#byName.delete(name)
    this.#byName.set(name, { key, value })
  }

  values (): IterableIterator<Change<T>> { return this.#byName.values() }

  /** Laid over what is in the range below: at least `limit` more than there are changes, or all. */
  over (below: ReadonlyArray<{ readonly key: Uint8Array, readonly value: T }>, { from, to, limit }: Range): Array<{ key: Uint8Array, value: T }> {
    const merged = new Map<string, Change<T>>(below.map(one => [byteString(one.key), one]))
    const [first, end] = [byteString(from), to === undefined ? undefined : byteString(to)]
    for (const [name, change] of this.#byName) if (name >= first && (end === undefined || name < end)) merged.set(name, change)
    return [...merged].sort(([a], [b]) => a < b ? -1 : 1).flatMap(([, { key, value }]) => value === undefined ? [] : [{ key, value }]).slice(0, limit)
  }
}

/**
 * A view of its own over another, which hears of the changes when they are to last, and of nothing at all otherwise: a command that is refused
 * half way has changed nothing, without its function having to check everything beforehand.
 */
export class Draft implements View {
  compacted: number
  readonly #under: View
  readonly #rows = new Changes<KvRow>()
  readonly #records = { lease: new Changes<Uint8Array>(), attached: new Changes<Uint8Array>(), answer: new Changes<Uint8Array>() }
  #leases: number

  constructor (under: View) {
    this.#under = under
    this.#leases = under.leases
    this.compacted = under.compacted
  }

  get leases (): number { return this.#leases }

  row (key: Uint8Array): KvRow | undefined {
    const change = this.#rows.get(key)
    return change !== undefined ? change.value : this.#under.row(key)
  }

  rows (range: Range): KvRow[] {
    const below = this.#under.rows({ ...range, limit: range.limit + this.#rows.size })
    return this.#rows.size === 0 ? below : this.#rows.over(below.map(row => ({ key: row.key, value: row })), range).map(({ value }) => value)
  }

  putRow (row: KvRow): void { this.#rows.set(row.key, row) }

  deleteRow (key: Uint8Array): void { this.#rows.set(key, undefined) }

  record (table: RecordTable, key: Uint8Array): Uint8Array | undefined {
    const change = this.#records[table].get(key)
    return change !== undefined ? change.value : this.#under.record(table, key)
  }

  records (table: RecordTable, range: Range): Array<{ key: Uint8Array, value: Uint8Array }> {
    const changes = this.#records[table]
    return changes.over(this.#under.records(table, { ...range, limit: range.limit + changes.size }), range)
  }

  putRecord (table: RecordTable, key: Uint8Array, value: Uint8Array): void {
    if (table === 'lease' && this.record(table, key) === undefined) this.#leases++
    this.#records[table].set(key, value)
  }

  deleteRecord (table: RecordTable, key: Uint8Array): void {
    if (table === 'lease' && this.record(table, key) !== undefined) this.#leases--
    this.#records[table].set(key, undefined)
  }

  commit (): void {
    for (const { key, value } of this.#rows.values()) {
      if (value !== undefined) this.#under.putRow(value)
      else this.#under.deleteRow(key)
    }
    for (const table of ['lease', 'attached', 'answer'] as const) {
      for (const { key, value } of this.#records[table].values()) {
        if (value !== undefined) this.#under.putRecord(table, key, value)
        else this.#under.deleteRecord(table, key)
      }
    }
    this.#under.compacted = this.compacted
  }
}
