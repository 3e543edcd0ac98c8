import { systemClock } from '../clock.js'
import { ClosedError } from '../errors.js'
import { deleteRange, firstKey, plainVault, prefixEnd, prefixRange, u64 } from '../storage/index.js'
import { ApplyRun } from './apply-run.js'
import { changeBytes } from './kv-change.js'
import { cellName, Overlay } from './overlay.js'
import { History, selectChanges } from './history.js'
import { KvTables, outlineOfRow } from './kv-tables.js'
import { Outlines } from './outlines.js'
import { decodeMeta } from './kv-rows.js'
import { decodeLease, leaseIdOf } from './leases.js'
import { restoreInto } from './kv-restore.js'
import { encodeKvSnapshot } from './kv-snapshot.js'
import type { RangeRequest } from './command-view.js'
import type { ApplyState } from './apply-run.js'
import type { Changes, ChangesOptions, LandedFrame } from './history.js'
import type { Moment } from './kv-tables.js'
import type { KvChange, KvRow } from './kv-types.js'
import type { Cell, NamedCell } from './overlay.js'
import type { HostedMachine, KvObserver, KvState, PreparedRestore, RowsOptions, RowsPage } from './types.js'
import type { Clock, Timer } from '../clock.js'
import type { OrderedStore, StoreOp, Vault } from '../storage/index.js'
import type { Entry, SnapshotMeta } from '../raft/types.js'

export interface KvMachineOptions {
  readonly store: OrderedStore
  readonly namespace: string
  /** Of the namespace's storage. Default: no encryption. */
  readonly vault?: Vault
  /** Rows, and bytes, applied in memory before they are written in one batch. Defaults 1,024 and 1 MiB. */
  readonly flushRows?: number
  readonly flushBytes?: number
  /** Rows and bytes in memory over which `apply` waits for the store. Defaults 16,384 and 32 MiB. */
  readonly maxPendingRows?: number
  readonly maxPendingBytes?: number
  /** ms after which few rows are written too. Default 100. */
  readonly flushDelay?: number
  readonly clock?: MachineClock
}

/** Timers, and how long a turn takes. */
export type MachineClock = Pick<Clock, 'setTimer' | 'now' | 'setImmediate'>

const DEFAULT_PAGE_BYTES = 1024 * 1024
/** Values that are read for one page and left out of it: a row's facts stand before its value. */
const MAX_READ_BYTES = 8 * 1024 * 1024
/** Old history read for one answer. By bytes: a frame may hold one change, where few are made, or all that one batch could take. */
const HISTORY_BYTES = 1024 * 1024

/**
 * The built-in key-value machine.
 *
 * A command is applied in memory and answered at once: it is durable already, in the log of a majority. Rows reach the store behind that,
 * many in one batch together with the applied index, so a restart finds both or neither and replays the rest from the log. Reads look
 * in memory first, then in the store.
 *
 * That batch is synced: unsynced, it could vanish in a power cut that a later one survives, and with it rows that the applied index
 * then claims (see LevelOrderedStore).
 */
export class KvMachine implements HostedMachine, KvState, ApplyState {
  readonly #store: OrderedStore
  readonly #namespace: string
  readonly #vault: Vault
  readonly #limits: { flushRows: number, flushBytes: number, maxRows: number, maxBytes: number, delay: number }
  readonly clock: MachineClock
  readonly #closing = new AbortController()
  readonly #history: History
  readonly #leases = new Map<number, number>()
  readonly #observers = new Set<KvObserver>()

  #tables: KvTables
  #outlines = new Outlines()
  /** Never used before, not even by a restore that was abandoned: its rows may not all be gone yet. */
  #nextGeneration = 2
  #applied = 0
  #durable = 0
  #active = new Overlay()
  /** Being written; looked at by reads until it has landed. */
  #landing: Overlay | undefined
  #flushing: Promise<void> | undefined
  #timer: Timer | undefined
  /** Between a restore's being ready and its being in force nothing may be written: it would land on top of the switch. */
  #held = false
  #cleaning: Promise<void> = Promise.resolve()
  #failure: Error | undefined
  /** Since observers were told last. */
  #granted: Array<{ id: number, ttl: number }> = []
  #ended: number[] = []

  constructor (options: KvMachineOptions) {
    this.#store = options.store
    this.#namespace = options.namespace
    this.#vault = options.vault ?? plainVault
    this.#tables = new KvTables(options.namespace, options.store, this.#vault, 1)
    this.#history = new History(options.namespace)
    this.clock = options.clock ?? systemClock
    this.#limits = {
      flushRows: options.flushRows ?? 1024,
      flushBytes: options.flushBytes ?? 1024 * 1024,
      maxRows: options.maxPendingRows ?? 16_384,
      maxBytes: options.maxPendingBytes ?? 32 * 1024 * 1024,
      delay: options.flushDelay ?? 100
    }
  }

  get appliedIndex (): number { return this.#applied }
  get durableIndex (): number { return this.#durable }
  get revision (): number { return this.#applied }
  get compacted (): number { return this.#history.compacted }
  set compacted (revision: number) { this.#history.compacted = revision }
  get history (): KvState['history'] { return this.#history }

  /** The machine's state is in the store: it needs no snapshot to open. */
  async open (): Promise<number> {
    const { keys } = this.#tables
    const meta = await this.#store.get(keys.meta)
    const found = await this.#generations()
    if (meta !== undefined) {
      const { generation, applied, compacted } = decodeMeta(this.#namespace, meta, stored => this.#vault.open(keys.meta, stored))
      this.#tables = this.#tables.of(generation)
      this.#applied = this.#durable = applied
      this.#history.reset(await this.#tables.frameList(), applied, compacted)
      await this.#loadLeases()
    } else {
      this.#tables = this.#tables.of(Math.max(0, ...found) + 1)
    }
    const { generation } = this.#tables
    this.#nextGeneration = Math.max(generation, ...found) + 1
    this.#clean(found.filter(other => other !== generation))
    this.#cleanHistory(this.compacted)
    return this.#applied
  }

  apply (entries: readonly Entry[]): Uint8Array[] | Promise<Uint8Array[]> {
    this.#assertUsable()
    const run = new ApplyRun(this, entries)
    const results = run.go()
    return Array.isArray(results) ? this.#ran(run, results) : results.then(settled => this.#ran(run, settled))
  }

  /** All that was changed in one call, for those who look on. */
  #ran (run: ApplyRun, results: Uint8Array[]): Uint8Array[] | Promise<Uint8Array[]> {
    const [granted, ended] = [this.#granted, this.#ended]
    if (granted.length > 0 || ended.length > 0) {
      this.#granted = []
      this.#ended = []
    }
    for (const observer of this.#observers) {
      if (run.changes.length > 0) observer.changed?.(run.changes)
      if (granted.length > 0 || ended.length > 0) observer.leases?.({ granted, ended })
    }
    if (this.#isOver(this.#limits.flushRows, this.#limits.flushBytes)) this.#startFlush()
    else if (this.#flushing === undefined && !this.#held) this.#timer ??= this.clock.setTimer(this.#limits.delay, () => { this.#startFlush() })
    return this.#mustWait() ? this.#waitForRoom(results) : results
  }

  async flush (): Promise<void> {
    const target = this.#applied
    while (this.#durable < target) {
      this.#assertUsable()
      if (this.#held) throw new Error(`a restore of ${this.#namespace} is ready: commit or abort it before flushing`)
      this.#startFlush()
      await this.#flushing
    }
  }

  // What a run of entries sees and leaves behind.

  get leaseCount (): number { return this.#leases.size }

  cell (name: string, table: Cell['table'], key: Uint8Array): Cell | undefined {
    const pending = this.pending(name)
    if (pending !== undefined) return pending
    const at = this.#tables.at({ table, key })
    const stored = this.#store.getNow(at)
    return stored === undefined ? undefined : this.#tables.decode(table, key, at, stored)
  }

  outline (name: string, key: Uint8Array): KvRow | undefined {
    const pending = this.pending(name)
    if (pending !== undefined) return pending.row
    const known = this.#outlines.get(name)
    return known !== undefined ? known.row : this.cell(name, 'row', key)?.row
  }

  pending (name: string): Cell | undefined { return this.#active.get(name) ?? this.#landing?.get(name) }

  async load (request: RangeRequest): Promise<NamedCell[]> {
    const cells: NamedCell[] = []
    await this.#atOnce(async moment => {
      for await (const cell of this.#tables.scan(moment, { ...request, limit: request.atLeast })) {
        cells.push(cell)
        if (cells.length >= request.atLeast) break
      }
    })
    return cells
  }

  advance (index: number): void {
    if (index !== this.#applied + 1) throw new Error(`entry ${index} of ${this.#namespace} was to be applied after ${this.#applied}`)
    this.#applied = index
  }

  set (name: string, cell: Cell): void {
    this.#active.set(name, cell)
    if (cell.table === 'lease') this.#setLease(leaseIdOf(cell.key), cell.value)
  }

  /** What it changed may be views of the command, and few bytes of many: so all of it is counted. */
  changed (change: KvChange | undefined, command: number): void {
    this.#active.change(change, Math.max(change === undefined ? 0 : changeBytes(change), command))
  }

  #setLease (id: number, record: Uint8Array | undefined): void {
    if (record === undefined) {
      if (this.#leases.delete(id)) this.#ended.push(id)
      return
    }
    const { ttl } = decodeLease(record)
    if (!this.#leases.has(id)) this.#granted.push({ id, ttl })
    this.#leases.set(id, ttl)
  }

  // Reads.

  async row (key: Uint8Array): Promise<KvRow | undefined> {
    const pending = this.pending(cellName('row', key))
    if (pending !== undefined) return pending.row
    const tables = this.#tables
    const at = tables.at({ table: 'row', key })
    const stored = await this.#store.get(at)
    // A restore took force meanwhile: what was read, or not found, is of a state that is being deleted.
    if (tables !== this.#tables) return await this.row(key)
    return stored === undefined ? undefined : tables.decode('row', key, at, stored).row
  }

  async get (key: Uint8Array): Promise<Uint8Array | undefined> { return (await this.row(key))?.value }

  async rows (options: RowsOptions): Promise<RowsPage> { return await this.#page(options) }

  /** `bare`: nothing but keys is looked at, and all else in the rows means nothing. */
  async #page ({ limit, maxBytes = DEFAULT_PAGE_BYTES, keysOnly, ...span }: RowsOptions, bare = false): Promise<RowsPage> {
    const rows: KvRow[] = []
    const revision = this.#applied
    let more = false
    if (limit < 1) return { rows, more: true, revision }
    let [bytes, read] = [0, 0]
    await this.#atOnce(async moment => {
      for await (const { cell } of this.#tables.scan(moment, { table: 'row', limit: limit + 1, ...span, keysOnly: bare })) {
        const row = cell.row as KvRow
        bytes += row.key.length + (keysOnly === true ? 0 : row.value.length)
        if (!bare) read += row.value.length
        if (rows.length >= limit || (rows.length > 0 && (bytes > maxBytes || read > MAX_READ_BYTES))) {
          more = true
          break
        }
        rows.push(keysOnly === true ? outlineOfRow(row) : row)
      }
    })
    return { rows, more, revision }
  }

  async keys (prefix: Uint8Array, { limit, after }: { limit: number, after?: Uint8Array }): Promise<Uint8Array[]> {
    const from = after !== undefined && Buffer.compare(after, prefix) >= 0 ? Buffer.concat([after, Uint8Array.of(0)]) : prefix
    const to = prefix.every(byte => byte === 0xff) ? undefined : prefixEnd(prefix)
    if (to !== undefined && Buffer.compare(from, to) >= 0) return []
    const { rows } = await this.#page({ from: new Uint8Array(from), to, limit, keysOnly: true, maxBytes: Infinity }, true)
    return rows.map(({ key }) => key)
  }

  async changes (options: ChangesOptions): Promise<Changes> {
    const { from } = options
    this.#history.check(from)
    const { windowFrom } = this.#history
    if (from >= windowFrom) {
      const pending = [...this.#landing === undefined ? [] : [this.#landing.changes], this.#active.changes]
      return selectChanges([this.#history.window, ...pending], options, Math.max(from, this.#applied + 1))
    }
    const tables = this.#tables
    const frames: KvChange[][] = []
    let bytes = 0
    let end = windowFrom
    for await (const frame of tables.frames(from)) {
      frames.push(frame)
      const { revision } = frame[frame.length - 1]
      for (const change of frame) bytes += changeBytes(change)
      // It may well reach into the window.
      if (revision >= windowFrom) break
      if (bytes < HISTORY_BYTES) continue
      end = revision + 1
      break
    }
    // What was compacted meanwhile, or went with an older state, may have been missing from what was read.
    this.#history.check(from)
    if (tables !== this.#tables) return await this.changes(options)
    return selectChanges(frames.map(frame => frame.filter(({ revision }) => revision < end)), options, end)
  }

  leases (): ReadonlyMap<number, number> { return this.#leases }

  async leaseKeys (lease: number, limit: number): Promise<Uint8Array[]> {
    const from = u64(lease)
    const found = await this.load({ table: 'attached', from, to: prefixEnd(from), atLeast: limit })
    return found.slice(0, limit).map(({ cell }) => cell.key.slice(from.length))
  }

  observe (observer: KvObserver): () => void {
    this.#observers.add(observer)
    return () => { this.#observers.delete(observer) }
  }

  // Snapshots.

  async snapshot (): Promise<{ index: number, source: AsyncIterable<Uint8Array>, close: () => Promise<void> }> {
    this.#assertUsable()
    // What is pending is taken as it is now: what is applied while the store is read is of a later moment.
    const moment = { snapshot: this.#store.snapshot(), layers: this.#layers.map(layer => new Map(layer)) }
    const recent = [...this.#landing?.changes ?? [], ...this.#active.changes]
    const items = this.#tables.items(moment, this.compacted, recent)
    return { index: this.#applied, source: encodeKvSnapshot(items), close: async () => { await moment.snapshot.close() } }
  }

  async prepareRestore (source: AsyncIterable<Uint8Array>, meta: SnapshotMeta): Promise<PreparedRestore> {
    this.#assertUsable()
    await this.#cleaning
    const generation = this.#nextGeneration++
    const tables = this.#tables.of(generation)
    let restored: Awaited<ReturnType<typeof restoreInto>>
    try {
      restored = await restoreInto(tables, this.#store, source, this.#closing.signal)
      if (this.#held) throw new Error(`a restore of ${this.#namespace} is ready already: commit or abort it first`)
      this.#held = true
      this.#timer?.cancel()
      this.#timer = undefined
      await this.#flushing
      this.#assertUsable()
    } catch (error) {
      this.#clean([generation])
      throw error
    }
    return {
      ops: [tables.putMeta({ applied: meta.index, compacted: restored.compacted })],
      commit: async () => {
        const old = this.#tables.generation
        this.#tables = tables
        this.#outlines = new Outlines()
        this.#applied = this.#durable = meta.index
        this.#active = new Overlay()
        this.#history.reset(restored.frames, meta.index, restored.compacted)
        this.#leases.clear()
        for (const [id, ttl] of restored.leases) this.#leases.set(id, ttl)
        this.#held = false
        this.#clean([old])
        for (const observer of this.#observers) observer.replaced?.()
      },
      abort: async () => {
        this.#held = false
        this.#clean([generation])
        await this.#cleaning
        this.#startFlush()
      }
    }
  }

  async close (): Promise<void> {
    if (this.#closing.signal.aborted) return
    try {
      if (this.#failure === undefined && this.#store.failure === undefined && !this.#held) await this.flush()
    } finally {
      this.#closing.abort()
      this.#timer?.cancel()
      await this.#cleaning
    }
  }

  /** Resolves when no rows of an earlier generation, and no history that is compacted, are left to delete. */
  async cleaned (): Promise<void> { await this.#cleaning }

  get #layers (): Overlay[] { return this.#landing !== undefined ? [this.#landing, this.#active] : [this.#active] }

  /** For one scan that begins at once. */
  async #atOnce (read: (moment: Moment) => Promise<void>): Promise<void> {
    const snapshot = this.#store.snapshot()
    try {
      await read({ snapshot, layers: this.#layers })
    } finally {
      await snapshot.close()
    }
  }

  async #loadLeases (): Promise<void> {
    await this.#atOnce(async moment => {
      for await (const { cell } of this.#tables.scan(moment, { table: 'lease', from: EMPTY })) {
        if (cell.value !== undefined) this.#leases.set(leaseIdOf(cell.key), decodeLease(cell.value).ttl)
      }
    })
  }

  #isOver (rows: number, bytes: number): boolean { return this.#active.size >= rows || this.#active.bytes >= bytes }

  #mustWait (): boolean { return !this.#held && this.#isOver(this.#limits.maxRows, this.#limits.maxBytes) }

  async #waitForRoom (results: Uint8Array[]): Promise<Uint8Array[]> {
    while (this.#mustWait()) {
      this.#startFlush()
      await this.#flushing
      this.#assertUsable()
    }
    return results
  }

  /** Unless one is in flight, or held back by a restore. Its failure is kept for the next call of apply or flush. */
  #startFlush (): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#flushing !== undefined || this.#held || this.#failure !== undefined || this.#durable === this.#applied) return
    const index = this.#applied
    const landing = this.#active
    this.#active = new Overlay()
    this.#landing = landing
    const { compacted } = this
    const { ops, frames } = this.#flushOps(landing, { applied: index, compacted })
    this.#flushing = this.#store.batch(ops, { sync: true }).then(
      () => {
        this.#durable = index
        this.#landing = undefined
        this.#flushing = undefined
        this.#history.landed(frames)
        for (const [name, { table, row }] of landing) if (table === 'row') this.#outlines.set(name, row)
        this.#cleanHistory(compacted)
        if (this.#isOver(this.#limits.flushRows, this.#limits.flushBytes)) this.#startFlush()
        else if (this.#durable < this.#applied && !this.#held) this.#timer ??= this.clock.setTimer(this.#limits.delay, () => { this.#startFlush() })
      },
      (error: Error) => {
        // The rows stay in `#landing`, so that reads go on seeing what was applied.
        this.#failure = error
        this.#flushing = undefined
      })
  }

  #flushOps (landing: Overlay, meta: { applied: number, compacted: number }): { ops: StoreOp[], frames: LandedFrame[] } {
    const ops: StoreOp[] = []
    for (const cell of landing.cells()) ops.push(this.#tables.put(cell))
    const history = this.#tables.putFrames(landing.changes)
    ops.push(...history.ops)
    ops.push(this.#tables.putMeta(meta))
    return { ops, frames: history.frames }
  }

  /** Generations that have rows in the store, by hopping from each to the next. */
  async #generations (): Promise<number[]> {
    const { keys } = this.#tables
    const found: number[] = []
    const { lt } = keys.all
    for (let gte = keys.all.gte; ;) {
      const key = await firstKey(this.#store, { gte, lt })
      if (key === undefined) return found
      const generation = keys.generationOf(key)
      found.push(generation)
      gte = prefixEnd(keys.generation(generation))
    }
  }

  /** In the background, one generation after the other; what a close or crash leaves is found by the next open. */
  #clean (generations: readonly number[]): void {
    const { keys } = this.#tables
    this.#inBackground(generations.map(generation => prefixRange(keys.generation(generation))))
  }

  /** `compacted`: as the store says. What it does not say yet is not deleted: a restart must not find a gap in what it takes for history. */
  #cleanHistory (compacted: number): void {
    if (this.#history.forget(compacted)) this.#inBackground([this.#tables.framesUpTo(compacted)])
  }

  #inBackground (ranges: ReadonlyArray<{ gte: Uint8Array, lt: Uint8Array }>): void {
    const { signal } = this.#closing
    this.#cleaning = this.#cleaning.then(async () => {
      for (const range of ranges) await deleteRange(this.#store, range, { sync: false, signal })
    }).catch((error: unknown) => {
      if (!signal.aborted) this.#failure ??= error as Error
    })
  }

  #assertUsable (): void {
    const failure = this.#failure ?? this.#store.failure
    if (failure !== undefined) throw failure
    if (this.#closing.signal.aborted) throw new ClosedError(`the key-value machine of ${this.#namespace} is closed`)
  }
}

const EMPTY = new Uint8Array(0)
