import { cellName } from './overlay.js'
import type { Base } from './command-view.js'
import type { Cell } from './overlay.js'
import type { KvEvent, KvRow, RecordTable, View } from './kv-types.js'

/** `outline`: a row, perhaps without its value. */
export interface OutlineBase extends Base { outline: (name: string, key: Uint8Array) => KvRow | undefined }

/**
 * The state as a put or delete of one key sees it: what it changes is changed at once. Most commands are such, and they need no more: they check
 * before they change anything, and ask for no ranges, so there is never anything to take back.
 */
export class DirectView implements View {
  events: KvEvent[] = []
  readonly #base: OutlineBase
  readonly #set: (name: string, cell: Cell) => void
  /** A put names its key twice. */
  #key: Uint8Array | undefined
  #name = ''

  constructor (base: OutlineBase, set: (name: string, cell: Cell) => void) {
    this.#base = base
    this.#set = set
  }

  get leases (): number { return this.#base.leases }
  get compacted (): number { return this.#base.compacted }

  /** Its value may be missing: neither command looks at it. */
  row (key: Uint8Array): KvRow | undefined { return this.#base.outline(this.#nameOf(key), key) }

  putRow (row: KvRow): void {
    this.#set(this.#nameOf(row.key), { table: 'row', key: row.key, row })
    this.events.push({ type: 'put', row })
  }

  deleteRow (key: Uint8Array): void {
    this.#set(this.#nameOf(key), { table: 'row', key })
    this.events.push({ type: 'delete', key })
  }

  record (table: RecordTable, key: Uint8Array): Uint8Array | undefined { return this.#base.cell(cellName(table, key), table, key)?.value }

  putRecord (table: RecordTable, key: Uint8Array, value: Uint8Array): void { this.#set(cellName(table, key), { table, key, value }) }

  deleteRecord (table: RecordTable, key: Uint8Array): void { this.#set(cellName(table, key), { table, key }) }

  rows (): never { throw new Error('a command of one key asks for no range') }
  records (): never { throw new Error('a command of one key asks for no range') }
  attempt (): never { throw new Error('a command of one key changes nothing that it takes back') }

  #nameOf (key: Uint8Array): string {
    if (this.#key === key) return this.#name
    this.#key = key
    return this.#name = cellName('row', key)
  }
}
