import { concat, equalBytes, u64 } from '../storage/index.js'
import { attachedKey, endLease, grant, leaseAt } from './leases.js'
import { decodeCounters, decodeItem, decodeSequence, decodeSettings, encodeCounters, encodeItem, encodeSettings, MAX_QUEUE_ITEMS, MAX_TAKE_BYTES, sequenceOf } from './queue-rows.js'
import { deleteKey, putKey } from './write-row.js'
import type { KvResult, KvRow, Moment, QueueItem, View } from './kv-types.js'
import type { ItemTable, QueueCounters, QueueKeys, QueueSettings, StoredItem } from './queue-rows.js'

/** Ids that one push forgets at most: one comes, and where fewer are to be kept than before, some more go. */
const FORGET = 100
/** Rows that are asked for at once: values may be large. */
const TAKE_PAGE = 10

interface Taken { readonly sequence: number, readonly row: KvRow }

/** One queue, for the length of one command. Each method looks first and changes after: a refused command has changed nothing. */
export class Queue {
  readonly #counters: { -readonly [K in keyof QueueCounters]: QueueCounters[K] }
  readonly #settings: QueueSettings

  constructor (readonly view: View, readonly keys: QueueKeys, readonly moment: Moment) {
    this.#counters = { ...decodeCounters(view.row(keys.counters)?.value) }
    this.#settings = decodeSettings(view.row(keys.settings)?.value)
  }

  push (id: Uint8Array | undefined, value: Uint8Array): KvResult {
    const { revision } = this.moment
    // Those that are remembered from before count no more, even if they are not all forgotten yet.
    const known = id === undefined || this.#settings.dedupe === 0 ? undefined : this.#sequenceOfId(id)
    if (known !== undefined) {
      if (this.#forget()) this.#save()
      return { ok: true, type: 'pushed', revision, sequence: known, fresh: false }
    }
    const { ready, taken, dead } = this.#counters
    if (ready + taken + dead >= this.#settings.maxLength) return { ok: false, reason: 'queue-full' }
    const sequence = this.#counters.next++
    this.#put('ready', sequence, { attempts: 0, id, value })
    if (id !== undefined && this.#settings.dedupe > 0) this.#remember(id, sequence)
    this.#forget()
    this.#save()
    return { ok: true, type: 'pushed', revision, sequence, fresh: true }
  }

  take (limit: number, visibility: number): KvResult {
    const { revision } = this.moment
    const found = this.#counters.ready === 0 ? [] : this.#first('ready', this.#counters.head, this.#counters.next, limit)
    if (found.length === 0) return { ok: true, type: 'taken', revision, items: [] }
    const refused = grant(this.view, visibility, this.moment)
    if (refused !== undefined) return { ok: false, reason: refused }
    const items = found.map(({ sequence, row }): QueueItem => {
      const { attempts, ...item } = decodeItem(row.value)
      this.#remove('ready', row)
      this.#put('taken', sequence, { ...item, attempts: attempts + 1 }, revision)
      return { sequence, attempts: attempts + 1, ...item }
    })
    this.#counters.head = items[items.length - 1].sequence + 1
    this.#save()
    return { ok: true, type: 'taken', revision, items }
  }

  /** The items that the lease still holds, and the lease with them if it holds nothing else. */
  giveUp (lease: number, wanted: readonly number[], why: 'done' | 'not done' | 'not tried'): KvResult {
    const taken = this.#takenBy(lease, wanted)
    if (taken.length === 0) return { ok: false, reason: 'not-held' }
    for (const { sequence, row } of taken) {
      this.#remove('taken', row)
      if (why === 'done') continue
      const item = decodeItem(row.value)
      this.#giveBack(sequence, why === 'not tried' ? { ...item, attempts: Math.max(0, item.attempts - 1) } : item)
    }
    if (leaseAt(this.view, lease)?.keys === 0) endLease(this.view, lease, this.moment)
    this.#save()
    return this.#counted(taken.length)
  }

  /** Whoever ends the lease sees to the lease itself. */
  leaseEnded (row: KvRow, sequence: number): void {
    this.#remove('taken', row)
    this.#giveBack(sequence, decodeItem(row.value))
    this.#save()
  }

  redrive (limit: number): KvResult {
    const dead = this.#first('dead', 0, Number.MAX_SAFE_INTEGER, limit)
    for (const { sequence, row } of dead) {
      this.#remove('dead', row)
      this.#ready(sequence, { ...decodeItem(row.value), attempts: 0 })
    }
    if (dead.length > 0) this.#save()
    return this.#counted(dead.length)
  }

  discard (items: readonly number[]): KvResult {
    const dead = [...new Set(items)].map(sequence => this.view.row(this.keys.item('dead', sequence))).filter(row => row !== undefined)
    for (const row of dead) this.#remove('dead', row)
    if (dead.length > 0) this.#save()
    return this.#counted(dead.length)
  }

  configure ({ maxAttempts = this.#settings.maxAttempts, maxLength = this.#settings.maxLength, dedupe = this.#settings.dedupe }: Partial<QueueSettings>): KvResult {
    this.#write(this.keys.settings, encodeSettings({ maxAttempts, maxLength, dedupe }))
    return { ok: true, type: 'written', revision: this.moment.revision }
  }

  /** The first of a table, as many as one command may rewrite: at most `limit`, and of one MiB together, but one in any case. */
  #first (table: ItemTable, from: number, to: number, limit: number): Taken[] {
    const found: Taken[] = []
    let bytes = 0
    for (let next = this.keys.item(table, from); ;) {
      const wanted = Math.min(TAKE_PAGE, limit - found.length)
      const page = this.view.rows({ from: next, to: this.keys.item(table, to), limit: wanted })
      for (const row of page) {
        const sequence = sequenceOf(row.key)
        // A key that somebody made up: it is longer than an item's.
        if (sequence === undefined || !equalBytes(row.key, this.keys.item(table, sequence))) continue
        bytes += row.value.length
        if (found.length > 0 && bytes > MAX_TAKE_BYTES) return found
        found.push({ sequence, row })
      }
      if (found.length >= limit || page.length < wanted) return found
      next = concat(page[page.length - 1].key, Uint8Array.of(0))
    }
  }

  #takenBy (lease: number, wanted: readonly number[]): Taken[] {
    const sequences = wanted.length > 0 ? [...new Set(wanted)] : this.#attached(lease)
    return sequences.flatMap(sequence => {
      const row = this.view.row(this.keys.item('taken', sequence))
      return row === undefined || row.lease !== lease || lease === 0 ? [] : [{ sequence, row }]
    })
  }

  /** A lease that was taken by hand may hold other things too: only what is this queue's is looked at. */
  #attached (lease: number): number[] {
    const from = attachedKey(lease, this.keys.item('taken', 0))
    const to = attachedKey(lease, this.keys.item('taken', Number.MAX_SAFE_INTEGER))
    return this.view.records('attached', { from, to, limit: MAX_QUEUE_ITEMS }).map(({ key }) => sequenceOf(key)).filter(sequence => sequence !== undefined)
  }

  #giveBack (sequence: number, item: StoredItem): void {
    const { maxAttempts } = this.#settings
    if (maxAttempts > 0 && item.attempts >= maxAttempts) this.#put('dead', sequence, item)
    else this.#ready(sequence, item)
  }

  #ready (sequence: number, item: StoredItem): void {
    this.#put('ready', sequence, item)
    this.#counters.head = Math.min(this.#counters.head, sequence)
  }

  #put (table: ItemTable, sequence: number, item: StoredItem, lease = 0): void {
    this.#write(this.keys.item(table, sequence), encodeItem(item), lease)
    this.#counters[table]++
  }

  #remove (table: ItemTable, row: KvRow): void {
    deleteKey(this.view, row.key)
    // Never below 0, which could not be written: whoever put rows here by hand did not count them.
    this.#counters[table] = Math.max(0, this.#counters[table] - 1)
  }

  #sequenceOfId (id: Uint8Array): number | undefined {
    const row = this.view.row(this.keys.id(id))
    return row === undefined ? undefined : decodeSequence(row.value)
  }

  #remember (id: Uint8Array, sequence: number): void {
    this.#write(this.keys.id(id), u64(sequence))
    this.#write(this.keys.order(sequence), id)
    this.#counters.ids++
  }

  /** The oldest ids beyond what is to be kept. False: there are none. */
  #forget (): boolean {
    const over = this.#counters.ids - this.#settings.dedupe
    if (over <= 0) return false
    const { firstId, next } = this.#counters
    for (const row of this.view.rows({ from: this.keys.order(firstId), to: this.keys.order(next), limit: Math.min(over, FORGET) })) {
      deleteKey(this.view, this.keys.id(row.value))
      deleteKey(this.view, row.key)
      this.#counters.ids = Math.max(0, this.#counters.ids - 1)
      // Of a key that somebody made longer, what comes first: the range has bounded that alone.
      this.#counters.firstId = (sequenceOf(row.key.subarray(0, this.keys.order(0).length)) ?? firstId) + 1
    }
    return true
  }

  #save (): void {
    this.#write(this.keys.counters, encodeCounters(this.#counters))
  }

  #write (key: Uint8Array, value: Uint8Array, lease = 0): void {
    // No refusal is possible: the only lease that is ever written was granted by this command, for fewer keys than a lease may hold.
    putKey(this.view, { key, value, lease }, this.moment)
  }

  #counted (count: number): KvResult {
    return { ok: true, type: 'counted', revision: this.moment.revision, count }
  }
}
