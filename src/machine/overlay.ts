import { byteString } from '../storage/index.js'
import type { KvChange, KvRow, RecordTable } from './kv-types.js'

/** What stands under one key of a table: a row, a record, or nothing any more. */
export interface Cell {
  readonly table: 'row' | RecordTable
  readonly key: Uint8Array
  readonly row?: KvRow
  readonly value?: Uint8Array
}

/** Beside key and value: what a cell costs in memory, roughly. It keeps a million deletions of short keys from being free. */
const CELL_OVERHEAD = 128

const PREFIXES = { row: 'k', lease: 'l', attached: 'm', answer: 'n' } as const

/** By which cells are found, and ordered: in each table as its keys are. */
export const cellName = (table: Cell['table'], key: Uint8Array): string => PREFIXES[table] + byteString(key)

export const isDeleted = (cell: Cell): boolean => cell.row === undefined && cell.value === undefined

/** What is applied and not yet in the store: the last word on each key, and the changes that led there. */
export class Overlay {
  readonly #cells = new Map<string, Cell>()
  readonly changes: KvChange[] = []
  #bytes = 0

  get size (): number { return this.#cells.size }
  get bytes (): number { return this.#bytes }

  get (name: string): Cell | undefined { return this.#cells.get(name) }

  [Symbol.iterator] (): IterableIterator<[string, Cell]> { return this.#cells.entries() }
  cells (): IterableIterator<Cell> { return this.#cells.values() }

  set (name: string, cell: Cell): void {
    const before = this.#cells.get(name)
    if (before !== undefined) this.#bytes -= sizeOf(before)
    this.#cells.set(name, cell)
    this.#bytes += sizeOf(cell)
  }

  /** Counted as well: a million writes to one key are one cell, and a million changes. */
  change (change: KvChange | undefined, bytes: number): void {
    if (change !== undefined) this.changes.push(change)
    this.#bytes += bytes
  }
}

const sizeOf = ({ key, row, value }: Cell): number => key.length + (row?.value.length ?? value?.length ?? 0) + CELL_OVERHEAD

export interface NamedCell { readonly name: string, readonly cell: Cell }

/** The keys of a table from `from` to `to` (exclusive; absent: to its end). */
export interface TableSpan { readonly table: Cell['table'], readonly from: Uint8Array, readonly to?: Uint8Array }

/** One list in key order, from layers given oldest first. */
export function pendingCells (layers: ReadonlyArray<Iterable<[string, Cell]>>, { table, from, to }: TableSpan): NamedCell[] {
  const first = cellName(table, from)
  // Behind all names of the table: no byte is over 0xff.
  const end = to === undefined ? `${PREFIXES[table]}\u0100` : cellName(table, to)
  const found = new Map<string, Cell>()
  for (const layer of layers) for (const [name, cell] of layer) if (name >= first && name < end) found.set(name, cell)
  return [...found].map(([name, cell]) => ({ name, cell })).sort((a, b) => a.name < b.name ? -1 : 1)
}
