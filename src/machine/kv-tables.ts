import { concat, prefixEnd, readU32, u64, writeU32 } from '../storage/index.js'
import { changeSize, decodeChanges, encodeChanges } from './kv-change.js'
import { decodeFrame, decodeRecord, decodeRow, encodeFrame, encodeMeta, encodeRecord, encodeRow, KvKeys, RECORD_TABLES } from './kv-rows.js'
import { cellName, isDeleted, pendingCells } from './overlay.js'
import type { Frame, LandedFrame } from './history.js'
import type { KvMeta } from './kv-rows.js'
import type { KvItem } from './kv-snapshot.js'
import type { KvChange, KvRow } from './kv-types.js'
import type { Cell, NamedCell, TableSpan } from './overlay.js'
import type { ByteRange, OrderedStore, StoreOp, StoreSnapshot, Vault } from '../storage/index.js'

/** Of one frame: what is rewritten when a key is retired, or read for a watch, is so much at a time. */
const FRAME_BYTES = 64 * 1024

/** Rows read from the store on their way to whoever asked: `reverse`, and at most so many. */
interface ScanOptions extends TableSpan { readonly reverse?: boolean, readonly limit?: number, readonly keysOnly?: boolean, readonly outline?: boolean }

/** Of one moment: what is in the store, and the layers above that are not there yet, oldest first. */
export interface Moment { readonly snapshot: StoreSnapshot, readonly layers: ReadonlyArray<Iterable<[string, Cell]>> }

/** The machine's tables in the store, of one generation: where each thing is kept, and in which form. */
export class KvTables {
  readonly keys: KvKeys
  readonly #namespace: string
  readonly #store: OrderedStore
  readonly #vault: Vault

  constructor (namespace: string, store: OrderedStore, vault: Vault, readonly generation: number) {
    this.keys = new KvKeys(namespace)
    this.#namespace = namespace
    this.#store = store
    this.#vault = vault
  }

  of (generation: number): KvTables { return new KvTables(this.#namespace, this.#store, this.#vault, generation) }

  at ({ table, key }: Pick<Cell, 'table' | 'key'>): Uint8Array {
    const prefix = this.#prefix(table)
    const at = new Uint8Array(prefix.length + key.length)
    at.set(prefix)
    at.set(key, prefix.length)
    return at
  }

  put (cell: Cell): StoreOp {
    const at = this.at(cell)
    if (isDeleted(cell)) return { type: 'del', key: at }
    return this.#vault.put(at, cell.row !== undefined ? encodeRow(cell.row) : encodeRecord(at, cell.value as Uint8Array))
  }

  putMeta (meta: Omit<KvMeta, 'generation'>): StoreOp {
    return this.#vault.put(this.keys.meta, encodeMeta({ generation: this.generation, ...meta }))
  }

  /** In frames of a bounded size, but for a change that is larger itself. */
  putFrames (changes: readonly KvChange[]): { ops: StoreOp[], frames: LandedFrame[] } {
    const parts = [...inParts(changes)].map(part => this.#putFrame(part))
    return { ops: parts.map(({ op }) => op), frames: parts.map(({ frame }) => frame) }
  }

  /** Under its last revision and its size, so that a listing of the keys tells how much there is. */
  #putFrame (changes: readonly KvChange[]): { op: StoreOp, frame: LandedFrame } {
    const body = encodeChanges(changes)
    const last = (changes.at(-1) as KvChange).revision
    const at = concat(this.frameKey(last), sizeBytes(body.length))
    return { op: this.#vault.put(at, encodeFrame(at, body)), frame: { last, bytes: body.length, body } }
  }

  frameKey (revision: number): Uint8Array { return concat(this.#prefix('history'), u64(revision)) }

  /** Frames that end at or after `revision`. */
  async * frames (revision: number, options: { snapshot?: StoreSnapshot } = {}): AsyncGenerator<KvChange[]> {
    const range = { gte: this.frameKey(revision), lt: prefixEnd(this.#prefix('history')) }
    for await (const page of this.#store.range({ ...range, ...options })) {
      for (const [at, stored] of page) yield decodeFrame(this.#namespace, at, stored, decodeChanges, bytes => this.#vault.open(at, bytes))
    }
  }

  async frameList (): Promise<Frame[]> {
    const prefix = this.#prefix('history')
    const found: Frame[] = []
    for await (const page of this.#store.range({ gte: prefix, lt: prefixEnd(prefix), keysOnly: true })) {
      for (const [key] of page) found.push({ last: readU64At(key, prefix.length), bytes: readU32(key, prefix.length + 8) })
    }
    return found
  }

  /** All frames with nothing in them that is after `revision`. */
  framesUpTo (revision: number): ByteRange { return { gte: this.#prefix('history'), lt: this.frameKey(revision + 1) } }

  decode (table: Cell['table'], key: Uint8Array, at: Uint8Array, stored: Uint8Array): Cell {
    const open = (bytes: Uint8Array): Uint8Array => this.#vault.open(at, bytes)
    if (table === 'row') return { table, key, row: decodeRow(this.#namespace, key, stored, open) }
    return { table, key, value: decodeRecord(this.#namespace, at, stored, open) }
  }

  /** In order, with what is not in the store yet laid over what is. Both are of one moment, so that no write falls between them. */
  async * scan ({ snapshot, layers }: Moment, options: ScanOptions): AsyncGenerator<NamedCell> {
    const { table, from, to, reverse, limit, keysOnly, outline } = options
    const pending = pendingCells(layers, options)
    if (reverse === true) pending.reverse()
    const prefix = this.#prefix(table)
    const range = { gte: concat(prefix, from), lt: to === undefined ? prefixEnd(prefix) : concat(prefix, to) }
    if (Buffer.compare(range.gte, range.lt) >= 0) return
    const before = reverse === true ? (a: string, b: string) => a > b : (a: string, b: string) => a < b
    let next = 0
    // Each that is pending may hide one that is stored.
    const most = limit === undefined ? undefined : limit + pending.length
    for await (const page of this.#store.range({ ...range, snapshot, reverse, keysOnly, limit: most })) {
      for (const [at, stored] of page) {
        const key = at.subarray(prefix.length)
        // Also where nothing is pending: a command that runs lays its own changes over these, by name.
        const name = cellName(table, key)
        while (next < pending.length && before(pending[next].name, name)) yield * there(pending[next++])
        if (next < pending.length && pending[next].name === name) yield * there(pending[next++])
        else if (keysOnly === true) yield { name, cell: bare(table, key) }
        else yield { name, cell: outline === true ? outlineOf(this.decode(table, key, at, stored)) : this.decode(table, key, at, stored) }
      }
    }
    while (next < pending.length) yield * there(pending[next++])
  }

  /** All there is, as a snapshot has it. `recent`: changes that may not be in the store yet. */
  async * items (moment: Moment, compacted: number, recent: readonly KvChange[]): AsyncGenerator<KvItem> {
    yield { type: 'head', compacted }
    const all = { from: new Uint8Array(0) }
    for await (const { cell } of this.scan(moment, { table: 'row', ...all })) if (cell.row !== undefined) yield { type: 'row', row: cell.row }
    for (const table of RECORD_TABLES) {
      for await (const { cell } of this.scan(moment, { table, ...all })) if (cell.value !== undefined) yield { type: 'record', table, key: cell.key, value: cell.value }
    }
    let last = compacted
    const fresh = (changes: readonly KvChange[]): KvChange[] => changes.filter(({ revision }) => revision > last)
    for await (const changes of this.frames(compacted + 1, moment)) {
      for (const change of fresh(changes)) yield { type: 'change', change }
      last = Math.max(last, changes.at(-1)?.revision ?? 0)
    }
    // What was on its way to the store at that moment may be there, too.
    for (const change of fresh(recent)) yield { type: 'change', change }
  }

  #prefix (table: Parameters<KvKeys['table']>[1]): Uint8Array {
    return this.#prefixes.get(table) ?? this.#keep(table)
  }

  readonly #prefixes = new Map<string, Uint8Array>()

  #keep (table: Parameters<KvKeys['table']>[1]): Uint8Array {
    const prefix = this.keys.table(this.generation, table)
    this.#prefixes.set(table, prefix)
    return prefix
  }
}

function * inParts (changes: readonly KvChange[]): Generator<readonly KvChange[]> {
  let from = 0
  let bytes = 0
  for (const [i, change] of changes.entries()) {
    bytes += changeSize(change)
    if (bytes < FRAME_BYTES && i < changes.length - 1) continue
    yield changes.slice(from, i + 1)
    from = i + 1
    bytes = 0
  }
}

const NOTHING = new Uint8Array(0)

/** A key of which nothing else was asked for: of a row, no more than that it is there. */
function bare (table: Cell['table'], key: Uint8Array): Cell {
  if (table !== 'row') return { table, key, value: NOTHING }
  return { table, key, row: { key, value: NOTHING, createRevision: 0, modRevision: 0, version: 0, lease: 0 } }
}

/** With a key of its own: as a part of its page, it would keep all values of that alive. */
export function outlineOfRow (row: KvRow): KvRow { return { ...row, key: row.key.slice(), value: NOTHING } }

function outlineOf (cell: Cell): Cell {
  if (cell.row === undefined) return { ...cell, key: cell.key.slice() }
  const row = outlineOfRow(cell.row)
  return { ...cell, key: row.key, row }
}

const there = (named: NamedCell): NamedCell[] => isDeleted(named.cell) ? [] : [named]

function sizeBytes (value: number): Uint8Array {
  const out = new Uint8Array(4)
  writeU32(out, 0, value)
  return out
}

const readU64At = (bytes: Uint8Array, offset: number): number => readU32(bytes, offset) * 0x1_0000_0000 + readU32(bytes, offset + 4)
