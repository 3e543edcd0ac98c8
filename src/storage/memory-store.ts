import { ClosedError, StorePoisonedError } from '../errors.js'
import { byteString, copyOf } from './bytes.js'
import { checkOps } from './check-ops.js'
import type { OrderedStore, RangeOptions, StoreOp, StoreSnapshot } from './types.js'

export interface RecordedBatch { readonly ops: readonly StoreOp[], readonly sync: boolean }

export interface MemoryStoreOptions {
  /** Runs before each batch lands, in order; a promise delays it (and those behind it), a throw is a failed write. */
  beforeWrite?: (batch: RecordedBatch, number: number) => void | Promise<void>
  /** Keep every batch in `history`, for tests that crash at each of them. */
  record?: boolean
  /** Entries in a page of a range. Default 64. */
  pageEntries?: number
}

interface Row { readonly key: Uint8Array, readonly value: Uint8Array }

class Rows {
  constructor (readonly keys: string[] = [], readonly byKey = new Map<string, Row>()) {}

  clone (): Rows { return new Rows([...this.keys], new Map(this.byKey)) }

  /** Place of the first key at or after `key`. */
  place (key: string): number {
    let low = 0
    let high = this.keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.keys[middle] < key) low = middle + 1
      else high = middle
    }
    return low
  }

  set (key: string, row: Row | undefined): void {
    const known = this.byKey.has(key)
    if (row !== undefined) {
      if (!known) this.keys.splice(this.place(key), 0, key)
      this.byKey.set(key, row)
    } else if (known) {
      this.keys.splice(this.place(key), 1)
      this.byKey.delete(key)
    }
  }

  slice ({ gte, lt, reverse, limit }: RangeOptions): Row[] {
    const keys = this.keys.slice(this.place(byteString(gte)), this.place(byteString(lt)))
    if (reverse === true) keys.reverse()
    return keys.slice(0, limit ?? keys.length).map(key => this.byKey.get(key) as Row)
  }
}

class MemorySnapshot implements StoreSnapshot {
  #closed = false
  readonly #rows: Rows
  constructor (rows: Rows) { this.#rows = rows }
  get rows (): Rows {
    if (this.#closed) throw new ClosedError('this snapshot of the store is closed')
    return this.#rows
  }

  async close (): Promise<void> { this.#closed = true }
}

/**
 * An ordered store in memory, for tests and the simulator: deterministic, with crashes that lose what was not synced, and failing
 * writes. `crash` is a process that dies; {@link MemoryOrderedStore.replay} builds what a power cut may leave.
 */
export class MemoryOrderedStore implements OrderedStore {
  readonly #options: MemoryStoreOptions
  readonly #listeners: Array<(error: Error) => void> = []
  readonly history: RecordedBatch[] = []
  #rows = new Rows()
  /** A snapshot looks at `#rows`: clone before the next change. */
  #shared = false
  /** For each batch since the last sync, how to take it back. */
  #undo: Array<Array<[string, Row | undefined]>> = []
  #tail: Promise<void> = Promise.resolve()
  #written = 0
  #failure: StorePoisonedError | undefined
  #closed: string | undefined

  constructor (options: MemoryStoreOptions = {}) {
    this.#options = options
  }

  /** A store that holds these batches, all of them durable. */
  static replay (batches: Iterable<RecordedBatch>, options?: MemoryStoreOptions): MemoryOrderedStore {
    const store = new MemoryOrderedStore(options)
    for (const batch of batches) store.#land(batch)
    store.#undo = []
    return store
  }

  get failure (): Error | undefined { return this.#failure }
  /** Batches that landed and would be lost in a crash. */
  get unsynced (): number { return this.#undo.length }
  get size (): number { return this.#rows.keys.length }

  onFailure (listener: (error: Error) => void): void {
    this.#listeners.push(listener)
  }

  /**
   * What is there after the process or machine dies: all synced batches, and the first `keep` of the unsynced ones behind them. This
   * store is dead from here on: what its owner still tries to write goes nowhere.
   */
  crash (keep = 0): MemoryOrderedStore {
    const next = new MemoryOrderedStore(this.#options)
    next.#rows = this.#rows.clone()
    for (const undo of this.#undo.slice(keep).reverse()) {
      for (const [key, row] of undo.slice().reverse()) next.#rows.set(key, row)
    }
    this.#closed = 'this store crashed: use the one that crash() returned'
    return next
  }

  async batch (ops: readonly StoreOp[], { sync }: { sync: boolean }): Promise<void> {
    this.#assertUsable()
    checkOps(ops)
    const batch = { sync, ops: ops.map(op => op.type === 'put' ? { ...op, key: copyOf(op.key), value: copyOf(op.value) } : { ...op, key: copyOf(op.key) }) }
    await this.#inTurn(async () => { await this.#write(batch) })
  }

  async rewrite (keys: readonly Uint8Array[], change: (key: Uint8Array, value: Uint8Array) => Uint8Array | undefined, { sync }: { sync: boolean }): Promise<void> {
    this.#assertUsable()
    await this.#inTurn(async () => {
      const ops: StoreOp[] = []
      for (const key of keys) {
        const row = this.#rows.byKey.get(byteString(key))
        const value = row === undefined ? undefined : change(key, copyOf(row.value))
        if (value !== undefined) ops.push({ type: 'put', key: copyOf(key), value: copyOf(value) })
      }
      if (ops.length > 0) await this.#write({ sync, ops })
    })
  }

  async get (key: Uint8Array, options?: { snapshot?: StoreSnapshot }): Promise<Uint8Array | undefined> {
    this.#assertUsable()
    const row = this.#view(options?.snapshot).byKey.get(byteString(key))
    return row === undefined ? undefined : copyOf(row.value)
  }

  getNow (key: Uint8Array): Uint8Array | undefined {
    this.#assertUsable()
    const row = this.#rows.byKey.get(byteString(key))
    return row === undefined ? undefined : copyOf(row.value)
  }

  async getMany (keys: readonly Uint8Array[]): Promise<Array<Uint8Array | undefined>> {
    return await Promise.all(keys.map(async key => await this.get(key)))
  }

  async * range (options: RangeOptions): AsyncGenerator<Array<[Uint8Array, Uint8Array]>> {
    this.#assertUsable()
    options.signal?.throwIfAborted()
    const rows = this.#view(options.snapshot).slice(options)
    const size = this.#options.pageEntries ?? 64
    for (let from = 0; from < rows.length; from += size) {
      yield rows.slice(from, from + size).map(({ key, value }) => [copyOf(key), options.keysOnly === true ? new Uint8Array(0) : copyOf(value)])
      options.signal?.throwIfAborted()
      this.#assertUsable()
    }
  }

  snapshot (): StoreSnapshot {
    this.#assertUsable()
    this.#shared = true
    return new MemorySnapshot(this.#rows)
  }

  async compact (): Promise<void> { this.#assertUsable() }

  async close (): Promise<void> {
    this.#closed ??= 'the store is closed: open it again'
    await this.#tail
  }

  async #inTurn (work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work)
    // The next batch waits for this one whether it failed or not; the failure is its caller's to hear of.
    this.#tail = done.catch(() => {})
    await done
  }

  async #write (batch: RecordedBatch): Promise<void> {
    // A crash or a failure between the call and here takes the batch with it.
    if (this.#failure !== undefined) throw this.#failure
    try {
      await this.#options.beforeWrite?.(batch, this.#written)
    } catch (error) {
      this.#poison(error as Error)
      throw this.#failure
    }
    if (this.#closed?.startsWith('this store crashed') === true) throw new ClosedError(this.#closed)
    this.#written++
    this.#land(batch)
    if (this.#options.record === true) this.history.push(batch)
  }

  #land (batch: RecordedBatch): void {
    if (this.#shared) {
      this.#rows = this.#rows.clone()
      this.#shared = false
    }
    const undo: Array<[string, Row | undefined]> = []
    for (const op of batch.ops) {
      const key = byteString(op.key)
      undo.push([key, this.#rows.byKey.get(key)])
      this.#rows.set(key, op.type === 'put' ? { key: op.key, value: op.value } : undefined)
    }
    if (batch.sync) this.#undo = []
    else this.#undo.push(undo)
  }

  #poison (cause: Error): void {
    this.#failure = new StorePoisonedError(`writing to the store failed (${cause.message}): nothing more is written; mend the cause and restart`, { cause })
    for (const listener of this.#listeners) listener(this.#failure)
  }

  #view (snapshot: StoreSnapshot | undefined): Rows {
    if (snapshot === undefined) return this.#rows
    if (!(snapshot instanceof MemorySnapshot)) throw new TypeError('this snapshot belongs to another kind of store')
    return snapshot.rows
  }

  #assertUsable (): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#closed !== undefined) throw new ClosedError(this.#closed)
  }
}
