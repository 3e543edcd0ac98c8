import { systemClock } from '../clock.js'
import { ClosedError } from '../errors.js'
import { byteString, concat, deleteRange, firstKey, plainVault, prefixEnd, prefixRange } from '../storage/index.js'
import { decodeKvCommand, KvCommandError } from './kv-command.js'
import { encodeKvOk, encodeKvRefused } from './kv-result.js'
import { decodeMeta, decodeRow, encodeMeta, encodeRow, KvKeys, overlaid } from './kv-rows.js'
import { decodeKvSnapshot, encodeKvSnapshot } from './kv-snapshot.js'
import { Overlay, pendingRows } from './overlay.js'
import type { HostedMachine, KvReader, PreparedRestore } from './types.js'
import type { KvRow } from './kv-rows.js'
import type { Clock, Timer } from '../clock.js'
import type { OrderedStore, StoreOp, StoreSnapshot, Vault } from '../storage/index.js'
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
  readonly clock?: Pick<Clock, 'setTimer'>
}

const EMPTY = new Uint8Array(0)
const RESTORE_ROWS = 1000
const RESTORE_BYTES = 1024 * 1024

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
export class KvMachine implements HostedMachine, KvReader {
  readonly #store: OrderedStore
  readonly #namespace: string
  readonly #keys: KvKeys
  readonly #vault: Vault
  readonly #limits: { flushRows: number, flushBytes: number, maxRows: number, maxBytes: number, delay: number }
  readonly #clock: Pick<Clock, 'setTimer'>
  readonly #closing = new AbortController()

  #generation = 1
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

  constructor (options: KvMachineOptions) {
    this.#store = options.store
    this.#namespace = options.namespace
    this.#keys = new KvKeys(options.namespace)
    this.#vault = options.vault ?? plainVault
    this.#clock = options.clock ?? systemClock
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

  /** The machine's state is in the store: it needs no snapshot to open. */
  async open (): Promise<number> {
    const meta = await this.#store.get(this.#keys.meta)
    const found = await this.#generations()
    if (meta !== undefined) {
      const { generation, applied } = decodeMeta(this.#namespace, meta, stored => this.#vault.open(this.#keys.meta, stored))
      this.#generation = generation
      this.#applied = this.#durable = applied
    } else {
      this.#generation = Math.max(0, ...found) + 1
    }
    this.#nextGeneration = Math.max(this.#generation, ...found) + 1
    this.#clean(found.filter(generation => generation !== this.#generation))
    return this.#applied
  }

  apply (entries: readonly Entry[]): Uint8Array[] | Promise<Uint8Array[]> {
    this.#assertUsable()
    const results = entries.map(entry => this.#applyOne(entry))
    if (this.#isOver(this.#limits.flushRows, this.#limits.flushBytes)) this.#startFlush()
    else if (this.#flushing === undefined && !this.#held) this.#timer ??= this.#clock.setTimer(this.#limits.delay, () => { this.#startFlush() })
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

  async get (key: Uint8Array): Promise<Uint8Array | undefined> {
    const name = byteString(key)
    const pending = this.#active.get(name) ?? this.#landing?.get(name)
    if (pending !== undefined) return pending.value
    const generation = this.#generation
    const at = concat(this.#keys.generation(generation), key)
    const stored = await this.#store.get(at)
    // A restore took force meanwhile: what was read, or not found, is of a state that is being deleted.
    if (generation !== this.#generation) return await this.get(key)
    return stored === undefined ? undefined : this.#decode(at, key, stored).value
  }

  async keys (prefix: Uint8Array, { limit, after }: { limit: number, after?: Uint8Array }): Promise<Uint8Array[]> {
    if (limit < 1) return []
    const wanted = byteString(prefix)
    const beyond = after !== undefined ? byteString(after) : undefined
    const pending = pendingRows(this.#overlays(), name => name.startsWith(wanted) && (beyond === undefined || name > beyond))
    const rows = this.#keys.generation(this.#generation)
    const first = concat(rows, prefix)
    const next = after !== undefined ? concat(rows, after, Uint8Array.of(0)) : first
    const range = { gte: Buffer.compare(next, first) > 0 ? next : first, lt: prefixEnd(first) }
    // The store's rows and what is pending are taken in the same moment, so that no write falls between them.
    const snapshot = this.#store.snapshot()
    const keys: Uint8Array[] = []
    try {
      const pages = this.#store.range({ ...range, snapshot, keysOnly: true, limit: limit + pending.length })
      for await (const key of overlaid(pages, rows.length, pending, key => key, row => row.key)) {
        keys.push(key)
        if (keys.length >= limit) break
      }
    } finally {
      await snapshot.close()
    }
    return keys
  }

  async snapshot (): Promise<{ index: number, source: AsyncIterable<Uint8Array>, close: () => Promise<void> }> {
    this.#assertUsable()
    const snapshot = this.#store.snapshot()
    const pending = pendingRows(this.#overlays())
    const rows = this.#rowsOf(snapshot, this.#keys.generation(this.#generation), pending)
    return { index: this.#applied, source: encodeKvSnapshot(rows), close: async () => { await snapshot.close() } }
  }

  async prepareRestore (source: AsyncIterable<Uint8Array>, meta: SnapshotMeta): Promise<PreparedRestore> {
    this.#assertUsable()
    await this.#cleaning
    const generation = this.#nextGeneration++
    try {
      await this.#writeGeneration(generation, source)
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
      ops: [this.#vault.put(this.#keys.meta, encodeMeta({ generation, applied: meta.index }))],
      commit: async () => {
        const old = this.#generation
        this.#generation = generation
        this.#applied = this.#durable = meta.index
        this.#active = new Overlay()
        this.#held = false
        this.#clean([old])
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

  /** Resolves when no rows of an earlier generation are left to delete. */
  async cleaned (): Promise<void> { await this.#cleaning }

  #applyOne (entry: Entry): Uint8Array {
    if (entry.index !== this.#applied + 1) throw new Error(`entry ${entry.index} of ${this.#namespace} was to be applied after ${this.#applied}`)
    this.#applied = entry.index
    if (entry.kind !== 'command') return EMPTY
    try {
      const command = decodeKvCommand(entry.data)
      if (command.type !== 'put' && command.type !== 'delete' && command.type !== 'batch') return encodeKvRefused('unknown-command')
      this.#active.apply(command, entry.index)
      return encodeKvOk(entry.index)
    } catch (error) {
      if (error instanceof KvCommandError) return encodeKvRefused(error.reason)
      throw error
    }
  }

  /** Oldest first. */
  #overlays (): Overlay[] { return this.#landing !== undefined ? [this.#landing, this.#active] : [this.#active] }

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
    this.#flushing = this.#store.batch(this.#flushOps(landing, index), { sync: true }).then(
      () => {
        this.#durable = index
        this.#landing = undefined
        this.#flushing = undefined
        if (this.#isOver(this.#limits.flushRows, this.#limits.flushBytes)) this.#startFlush()
        else if (this.#durable < this.#applied && !this.#held) this.#timer ??= this.#clock.setTimer(this.#limits.delay, () => { this.#startFlush() })
      },
      (error: Error) => {
        // The rows stay in `#landing`, so that reads go on seeing what was applied.
        this.#failure = error
        this.#flushing = undefined
      })
  }

  #flushOps (rows: Overlay, applied: number): StoreOp[] {
    const prefix = this.#keys.generation(this.#generation)
    const ops: StoreOp[] = []
    for (const { key, value, revision } of rows.values()) {
      const at = concat(prefix, key)
      ops.push(value === undefined ? { type: 'del', key: at } : this.#vault.put(at, encodeRow(key, value, revision)))
    }
    ops.push(this.#vault.put(this.#keys.meta, encodeMeta({ generation: this.#generation, applied })))
    return ops
  }

  #rowsOf (snapshot: StoreSnapshot, prefix: Uint8Array, pending: ReturnType<typeof pendingRows>): AsyncGenerator<KvRow> {
    return overlaid<KvRow>(
      this.#store.range({ ...prefixRange(prefix), snapshot }), prefix.length, pending,
      (key, stored, at) => this.#decode(at, key, stored), ({ key, value, revision }) => ({ key, value, revision }))
  }

  #decode (at: Uint8Array, key: Uint8Array, stored: Uint8Array): KvRow {
    return decodeRow(this.#namespace, key, stored, stored => this.#vault.open(at, stored))
  }

  async #writeGeneration (generation: number, source: AsyncIterable<Uint8Array>): Promise<void> {
    const prefix = this.#keys.generation(generation)
    let ops: StoreOp[] = []
    let bytes = 0
    for await (const { key, value, revision } of decodeKvSnapshot(source)) {
      this.#closing.signal.throwIfAborted()
      ops.push(this.#vault.put(concat(prefix, key), encodeRow(key, value, revision)))
      bytes += key.length + value.length
      if (ops.length < RESTORE_ROWS && bytes < RESTORE_BYTES) continue
      await this.#store.batch(ops, { sync: true })
      ops = []
      bytes = 0
    }
    await this.#store.batch(ops, { sync: true })
  }

  /** Generations that have rows in the store, by hopping from each to the next. */
  async #generations (): Promise<number[]> {
    const found: number[] = []
    const { lt } = this.#keys.rows
    for (let gte = this.#keys.rows.gte; ;) {
      const key = await firstKey(this.#store, { gte, lt })
      if (key === undefined) return found
      const generation = this.#keys.generationOf(key)
      found.push(generation)
      gte = prefixEnd(this.#keys.generation(generation))
    }
  }

  /** In the background, one generation after the other; what a close or crash leaves is found by the next open. */
  #clean (generations: readonly number[]): void {
    const { signal } = this.#closing
    this.#cleaning = this.#cleaning.then(async () => {
      for (const generation of generations) await deleteRange(this.#store, prefixRange(this.#keys.generation(generation)), { sync: false, signal })
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
