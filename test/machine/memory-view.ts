import { decodeKvResult } from '../../src/machine/kv-result.js'
import { encodeKvCommand } from '../../src/machine/kv-command.js'
import { decodeLease, leaseIdOf } from '../../src/machine/leases.js'
import { run } from '../../src/machine/run-command.js'
import { byteString } from '../../src/storage/index.js'
import type { KvChange, KvCommand, KvEvent, KvResult, KvRow, RecordTable, View } from '../../src/machine/kv-types.js'

interface Range { readonly from: Uint8Array, readonly to?: Uint8Array, readonly limit: number }
type Table = 'row' | RecordTable

const TABLES = ['row', 'lease', 'attached', 'answer'] as const

/** A view over maps. It remembers what the command changes, so that it can be told of afterwards, or taken back. */
export class MemoryView implements View {
  compacted = 0
  readonly tables = { row: new Map<string, KvRow>(), lease: new Map<string, Uint8Array>(), attached: new Map<string, Uint8Array>(), answer: new Map<string, Uint8Array>() }
  /** What was there before this command, in the order in which each was changed last. */
  #before = new Map<string, { table: Table, name: string, value: unknown }>()
  #compactedBefore = 0

  /** @param look - called before each look at the state; what it throws, the command throws */
  constructor (readonly look: () => void = () => {}) {}

  get leases (): number { return this.tables.lease.size }

  row (key: Uint8Array): KvRow | undefined {
    this.look()
    return this.tables.row.get(byteString(key))
  }

  rows (range: Range): KvRow[] { return this.#range('row', range).map(([, row]) => row as KvRow) }

  putRow (row: KvRow): void { this.#set('row', row.key, row) }

  deleteRow (key: Uint8Array): void { this.#set('row', key, undefined) }

  record (table: RecordTable, key: Uint8Array): Uint8Array | undefined {
    this.look()
    return this.tables[table].get(byteString(key))
  }

  records (table: RecordTable, range: Range): Array<{ key: Uint8Array, value: Uint8Array }> {
    return this.#range(table, range).map(([name, value]) => ({ key: bytesOf(name), value: value as Uint8Array }))
  }

  putRecord (table: RecordTable, key: Uint8Array, value: Uint8Array): void { this.#set(table, key, value) }

  deleteRecord (table: RecordTable, key: Uint8Array): void { this.#set(table, key, undefined) }

  attempt (run: () => KvResult): KvResult {
    const outer = { before: this.#before, compacted: this.#compactedBefore }
    this.begin()
    const result = run()
    if (!result.ok) this.undo()
    for (const [id, inner] of this.#before) {
      const before = outer.before.get(id) ?? inner
      outer.before.delete(id)
      outer.before.set(id, before)
    }
    this.#before = outer.before
    this.#compactedBefore = outer.compacted
    return result
  }

  /** What the next command changes begins here. */
  begin (): void {
    this.#before = new Map()
    this.#compactedBefore = this.compacted
  }

  undo (): void {
    for (const { table, name, value } of this.#before.values()) this.#put(table, name, value)
    this.compacted = this.#compactedBefore
    this.begin()
  }

  get touched (): boolean { return this.#before.size > 0 || this.compacted !== this.#compactedBefore }

  events (): KvEvent[] {
    const events: KvEvent[] = []
    for (const { table, name, value: before } of this.#before.values()) {
      const row = table === 'row' ? this.tables.row.get(name) : undefined
      if (row !== undefined) events.push({ type: 'put', row })
      else if (table === 'row' && before !== undefined) events.push({ type: 'delete', key: bytesOf(name) })
    }
    return events
  }

  leaseChanges (): { granted: Array<{ id: number, ttl: number }>, ended: number[] } {
    const changed = [...this.#before.values()].filter(({ table }) => table === 'lease')
    return {
      granted: changed.flatMap(({ name, value }) => {
        const lease = this.tables.lease.get(name)
        return value === undefined && lease !== undefined ? [{ id: leaseIdOf(bytesOf(name)), ttl: decodeLease(lease).ttl }] : []
      }),
      ended: changed.flatMap(({ name, value }) => value !== undefined && !this.tables.lease.has(name) ? [leaseIdOf(bytesOf(name))] : [])
    }
  }

  /** Equal states are equal texts. */
  state (): string {
    const hex = (_: string, value: unknown): unknown => value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
    return JSON.stringify([this.compacted, ...TABLES.map(table => [...this.tables[table]].sort(([a], [b]) => a < b ? -1 : 1))], hex)
  }

  #range (table: Table, { from, to, limit }: Range): Array<[string, unknown]> {
    this.look()
    const [first, end] = [byteString(from), to === undefined ? undefined : byteString(to)]
    return [...this.tables[table] as Map<string, unknown>].filter(([name]) => name >= first && (end === undefined || name < end)).sort(([a], [b]) => a < b ? -1 : 1).slice(0, limit)
  }

  #set (table: Table, key: Uint8Array, value: unknown): void {
    const name = byteString(key)
    const id = `${table} ${name}`
    const before = this.#before.get(id) ?? { table, name, value: this.tables[table].get(name) }
    this.#before.delete(id)
    this.#before.set(id, before)
    this.#put(table, name, value)
  }

  #put (table: Table, name: string, value: unknown): void {
    const values = this.tables[table] as Map<string, unknown>
    if (value === undefined) values.delete(name)
    else values.set(name, value)
  }
}

export interface Applied {
  readonly revision: number
  readonly result: KvResult
  /** The result's bytes. */
  readonly answer: Uint8Array
  readonly changes: readonly KvEvent[]
  readonly granted: ReadonlyArray<{ readonly id: number, readonly ttl: number }>
  readonly ended: readonly number[]
}

/** The KV machine in memory: for tests of what is built on it. */
export class MemoryKv {
  revision = 0
  /** All that ever changed. */
  readonly history: KvChange[] = []
  readonly view: MemoryView

  constructor (view = new MemoryView()) { this.view = view }

  apply (command: KvCommand | Uint8Array, time = 0): Applied {
    const bytes = command instanceof Uint8Array ? command : encodeKvCommand(command)
    const revision = this.revision + 1
    this.view.begin()
    let answer: Uint8Array
    try {
      answer = run(this.view, bytes, { revision, time })
    } catch (error) {
      this.view.undo()
      throw error
    }
    this.revision = revision
    const changes = this.view.events()
    if (changes.length > 0) this.history.push({ revision, events: changes })
    return { revision, answer, result: decodeKvResult(answer), changes, ...this.view.leaseChanges() }
  }

  row (key: Uint8Array): KvRow | undefined { return this.view.row(key) }

  rows (range: { from: Uint8Array, to?: Uint8Array, limit?: number } = { from: new Uint8Array(0) }): KvRow[] {
    return this.view.rows({ ...range, limit: range.limit ?? Infinity })
  }

  /** Ids and ttl. */
  leases (): Map<number, number> {
    return new Map([...this.view.tables.lease].map(([name, value]) => [leaseIdOf(bytesOf(name)), decodeLease(value).ttl]))
  }
}

const bytesOf = (name: string): Uint8Array => new Uint8Array(Buffer.from(name, 'latin1'))
