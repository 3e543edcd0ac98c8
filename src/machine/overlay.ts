import { byteString } from '../storage/index.js'
import type { PendingRow } from './kv-rows.js'
import type { KvOp } from './kv-command.js'

/** Beside key and value: what a row costs in memory, roughly. It keeps a million deletions of short keys from being free. */
const ROW_OVERHEAD = 128

/** Rows that are applied and not yet in the store: the last word on each key. */
export class Overlay {
  readonly #rows = new Map<string, PendingRow>()
  #bytes = 0

  get size (): number { return this.#rows.size }
  get bytes (): number { return this.#bytes }

  apply (command: KvOp | { readonly type: 'batch', readonly ops: readonly KvOp[] }, revision: number): void {
    if (command.type !== 'batch') this.#set(command, revision)
    else for (const op of command.ops) this.#set(op, revision)
  }

  get (name: string): PendingRow | undefined { return this.#rows.get(name) }

  values (): IterableIterator<PendingRow> { return this.#rows.values() }

  #set (op: KvOp, revision: number): void {
    const name = byteString(op.key)
    const before = this.#rows.get(name)
    if (before !== undefined) this.#bytes -= sizeOf(before)
    const row: PendingRow = op.type === 'put' ? { name, key: op.key, value: op.value, revision } : { name, key: op.key, revision }
    this.#rows.set(name, row)
    this.#bytes += sizeOf(row)
  }
}

const sizeOf = ({ key, value }: PendingRow): number => key.length + (value?.length ?? 0) + ROW_OVERHEAD

/** One list in key order from overlays given oldest first, of the rows that `wanted` picks. */
export function pendingRows (overlays: readonly Overlay[], wanted: (name: string) => boolean = () => true): PendingRow[] {
  const rows = new Map<string, PendingRow>()
  for (const overlay of overlays) {
    for (const row of overlay.values()) if (wanted(row.name)) rows.set(row.name, row)
  }
  return [...rows.values()].sort((a, b) => a.name < b.name ? -1 : 1)
}
