import { isDeleted, cellName } from './overlay.js'
import type { Cell, NamedCell, TableSpan } from './overlay.js'
import type { KvChange, KvEvent, KvResult, KvRow, RecordTable, View } from './kv-types.js'

/** Cells in order; `atLeast` of them, or all there are. */
export interface RangeRequest extends TableSpan { readonly atLeast: number, /** Without values. */ readonly outline?: boolean }

/** Thrown by a view that is asked for a range which is not in memory. */
export class Missing {
  constructor (readonly request: RangeRequest) {}
}

/** The state under a command. */
export interface Base {
  readonly leases: number
  readonly compacted: number
  cell: (name: string, table: Cell['table'], key: Uint8Array) => Cell | undefined
  /** Undefined: not in memory. */
  range: (request: RangeRequest) => readonly NamedCell[] | undefined
}

/** What one command changed. */
export interface Changed {
  readonly cells: ReadonlyMap<string, Cell>
  readonly change: KvChange | undefined
  readonly compacted: number
}

/** The state as one command sees it: what lies under it, and what it has changed itself so far. */
export class CommandView implements View {
  compacted: number
  readonly #base: Base
  #cells = new Map<string, Cell>()
  /** Known to be in the state below, since a range had them. */
  readonly #there = new Set<string>()
  #leases: number

  constructor (base: Base) {
    this.#base = base
    this.compacted = base.compacted
    this.#leases = base.leases
  }

  get leases (): number { return this.#leases }

  row (key: Uint8Array): KvRow | undefined { return this.#cell('row', key)?.row }

  rows ({ from, to, limit, outline }: Parameters<View['rows']>[0]): KvRow[] {
    return this.#range({ table: 'row', from, to }, limit, outline).map(({ cell }) => cell.row as KvRow)
  }

  putRow (row: KvRow): void { this.#set({ table: 'row', key: row.key, row }) }

  deleteRow (key: Uint8Array): void { this.#set({ table: 'row', key }) }

  record (table: RecordTable, key: Uint8Array): Uint8Array | undefined { return this.#cell(table, key)?.value }

  records (table: RecordTable, { from, to, limit }: { from: Uint8Array, to?: Uint8Array, limit: number }): Array<{ key: Uint8Array, value: Uint8Array }> {
    return this.#range({ table, from, to }, limit).map(({ cell }) => ({ key: cell.key, value: cell.value as Uint8Array }))
  }

  putRecord (table: RecordTable, key: Uint8Array, value: Uint8Array): void {
    if (table === 'lease' && this.record(table, key) === undefined) this.#leases++
    this.#set({ table, key, value })
  }

  deleteRecord (table: RecordTable, key: Uint8Array): void {
    if (table === 'lease' && this.record(table, key) !== undefined) this.#leases--
    this.#set({ table, key })
  }

  attempt (run: () => KvResult): KvResult {
    const before = { cells: new Map(this.#cells), leases: this.#leases, compacted: this.compacted }
    const result = run()
    if (!result.ok) {
      this.#cells = before.cells
      this.#leases = before.leases
      this.compacted = before.compacted
    }
    return result
  }

  /** In the order in which the command came to each key last. */
  changed (revision: number): Changed {
    const events: KvEvent[] = []
    for (const [name, { table, key, row }] of this.#cells) {
      if (table !== 'row') continue
      if (row !== undefined) events.push({ type: 'put', row })
      // Made and deleted by the same command, it was never there for anybody.
      else if (this.#there.has(name) || this.#base.cell(name, table, key)?.row !== undefined) events.push({ type: 'delete', key })
    }
    return { cells: this.#cells, change: events.length === 0 ? undefined : { revision, events }, compacted: this.compacted }
  }

  #cell (table: Cell['table'], key: Uint8Array): Cell | undefined {
    const name = cellName(table, key)
    return this.#cells.get(name) ?? this.#base.cell(name, table, key)
  }

  #set (cell: Cell): void {
    const name = cellName(cell.table, cell.key)
    this.#cells.delete(name)
    this.#cells.set(name, cell)
  }

  #range (span: TableSpan, limit: number, outline?: boolean): NamedCell[] {
    // As many more as this command has deleted of them.
    const request = { ...span, atLeast: limit + deletedWithin(this.#cells, span), outline }
    const found = this.#base.range(request)
    if (found === undefined) throw new Missing(request)
    for (const { name } of found) this.#there.add(name)
    return overlay(found, this.#cells, span).slice(0, limit)
  }
}

function deletedWithin (cells: ReadonlyMap<string, Cell>, { table, from, to }: TableSpan): number {
  if (cells.size === 0) return 0
  const first = cellName(table, from)
  const end = to === undefined ? undefined : cellName(table, to)
  let deleted = 0
  for (const [name, cell] of cells) if (isDeleted(cell) && cell.table === table && name >= first && (end === undefined || name < end)) deleted++
  return deleted
}

/** `cells` laid over what is in the span, in order. */
function overlay (found: readonly NamedCell[], cells: ReadonlyMap<string, Cell>, { table, from, to }: TableSpan): NamedCell[] {
  if (cells.size === 0) return [...found]
  const first = cellName(table, from)
  const end = to === undefined ? undefined : cellName(table, to)
  const merged = new Map(found.map(({ name, cell }) => [name, cell]))
  for (const [name, cell] of cells) if (cell.table === table && name >= first && (end === undefined || name < end)) merged.set(name, cell)
  return [...merged].filter(([, cell]) => !isDeleted(cell)).map(([name, cell]) => ({ name, cell })).sort((a, b) => a.name < b.name ? -1 : 1)
}
