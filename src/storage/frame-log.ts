import { blockHeader, decodeBlock, encodeBlock } from '../raft/block.js'
import { decodeConfiguration } from '../raft/configuration.js'
import { concat, prefixRange } from './bytes.js'
import { readU32, readU64, seal, u32, unseal } from './codec.js'
import { corrupt, readable } from './damage.js'
import { deleteRange } from './delete-range.js'
import { decodeLogStart, encodeLogStart } from './records.js'
import type { GroupKeys } from './keys.js'
import type { Vault } from './vault.js'
import type { LogStart } from './records.js'
import type { OrderedStore, StoreOp } from './types.js'
import type { Configuration, Entry } from '../raft/types.js'

/** 1 was without the checksum of the frame before. */
const FRAME = 2

/** One value of the log: entries [first, first + count) of a packed block that may go on beyond them. */
interface Frame {
  readonly first: number
  /** Entries that still count: a later frame that starts inside this one replaces the rest. */
  count: number
  readonly bytes: number
  readonly checksum: number
  /** Checksum of the frame before, or 0; see {@link context}. */
  readonly before: number
  /** False until the frame was seen in the store: its batch may still be on the way. */
  landed: boolean
}

/** The entry before the log's first. */
export interface LogPosition { readonly index: number, readonly term: number }

/**
 * What a frame's checksum covers besides its block: its place, and the frame that it goes on from. Without the latter, a frame that cut
 * off a tail could vanish and bring that tail back unseen: nothing would be missing.
 */
const context = (key: Uint8Array, before: number): Uint8Array => concat(key, u32(before))

const lastOf = (frame: Frame): number => frame.first + frame.count - 1

/** What a scan of the log found besides its frames. */
export interface LogContents {
  /** First index and term of each run of equal terms. */
  readonly terms: Array<{ index: number, term: number }>
  readonly configurations: Array<{ index: number, configuration: Configuration }>
}

/**
 * The log: one value for each append, because a batch costs by its operations and hardly by its bytes. The index of frames is in
 * memory, so a read needs no scan.
 *
 * Truncation rewrites nothing. The frame that replaces a tail starts inside an older one, and from then on the older one ends where the
 * newer begins; whole frames behind that are deleted in the same batch. So "cut and append" is one put, and it is atomic.
 */
export class FrameLog {
  readonly #store: OrderedStore
  readonly #keys: GroupKeys
  readonly #namespace: string
  readonly #vault: Vault
  readonly #frames: Frame[] = []
  #start: LogStart = { index: 0, term: 0, frame: 1, before: 0 }
  #lastTerm = 0
  #bytes = 0
  /** Moves whenever frames go away: a read that began before must not mistake that for damage. */
  #epoch = 0

  private constructor (store: OrderedStore, keys: GroupKeys, namespace: string, vault: Vault) {
    this.#store = store
    this.#vault = vault
    this.#keys = keys
    this.#namespace = namespace
  }

  /** Reads the whole log once, and refuses it unless every frame is whole and follows the one before. */
  static async load (store: OrderedStore, keys: GroupKeys, namespace: string, vault: Vault): Promise<{ log: FrameLog, contents: LogContents }> {
    const log = new FrameLog(store, keys, namespace, vault)
    const contents: LogContents = { terms: [], configurations: [] }
    const start = await store.get(keys.logStart)
    if (start !== undefined) log.#start = readable(namespace, 'the mark where the log begins', () => decodeLogStart(keys.logStart, vault.open(keys.logStart, start)))
    log.#lastTerm = log.#start.term
    const { lt } = prefixRange(keys.log)
    await deleteRange(store, { gte: keys.log, lt: keys.frame(log.#start.frame) }, { sync: false })
    for await (const page of store.range({ gte: keys.frame(log.#start.frame), lt })) {
      for (const [key, stored] of page) log.#found(key, stored, contents)
    }
    return { log, contents }
  }

  get start (): LogStart { return this.#start }
  get lastTerm (): number { return this.#lastTerm }
  get bytes (): number { return this.#bytes }
  get isEmpty (): boolean { return this.#frames.length === 0 }

  get lastIndex (): number {
    const frame = this.#frames.at(-1)
    return frame !== undefined ? lastOf(frame) : this.#start.index
  }

  /** One put, whatever the number of entries; also true if it replaced part of the log. */
  append (ops: StoreOp[], entries: readonly Entry[]): boolean {
    const first = entries[0].index
    if (first > this.lastIndex + 1 || first <= this.#start.index) {
      throw new Error(`entries from ${first} do not fit the log of ${this.#namespace}, which holds ${this.#start.index + 1} to ${this.lastIndex}`)
    }
    const truncates = first <= this.lastIndex
    if (truncates) this.#truncate(ops, first)
    const key = this.#keys.frame(first)
    const before = this.#lastChecksum
    const value = seal(FRAME, context(key, before), encodeBlock(entries))
    ops.push(this.#vault.put(key, value))
    this.#push({ first, count: entries.length, bytes: value.length, checksum: readU32(value, 1), before, landed: false })
    this.#lastTerm = entries[entries.length - 1].term
    return truncates
  }

  /** An installed snapshot replaces the whole log. */
  reset (ops: StoreOp[], start: LogPosition): void {
    for (const frame of this.#frames) ops.push({ type: 'del', key: this.#keys.frame(frame.first) })
    this.#frames.length = 0
    this.#bytes = 0
    this.#epoch++
    this.#lastTerm = start.term
    this.#setStart(ops, start, 0)
  }

  /**
   * Deletes whole frames at or below `start.index`; a frame that goes on beyond it stays until all of it may go. The batch need not be
   * synced: lost, it leaves more than there should be, and the next compaction's mark says which frames those are. (Without that mark, a
   * frame that came back would bring back entries that a newer frame, deleted meanwhile, had replaced.)
   */
  compact (ops: StoreOp[], start: LogPosition): void {
    if (start.index <= this.#start.index) return
    if (start.index > this.lastIndex) throw new Error(`compaction to ${start.index} is beyond the log of ${this.#namespace}, which ends at ${this.lastIndex}`)
    let gone = 0
    let before = this.#start.before
    while (gone < this.#frames.length && lastOf(this.#frames[gone]) <= start.index) gone++
    for (const frame of this.#frames.splice(0, gone)) {
      ops.push({ type: 'del', key: this.#keys.frame(frame.first) })
      this.#bytes -= frame.bytes
      before = frame.checksum
    }
    this.#epoch++
    this.#setStart(ops, start, before)
  }

  /**
   * Entries from `from` on, up to `maxBytes` of data and at least one; empty if `from` is compacted or beyond the end. Ask only from an
   * index that is durable: what is still on its way to the disk ends the answer early.
   */
  async read (from: number, maxBytes: number): Promise<Entry[]> {
    const entries: Entry[] = []
    let bytes = 0
    const epoch = this.#epoch
    if (from <= this.#start.index) return entries
    for (let place = this.#frameOf(from); place < this.#frames.length; place++) {
      const frame = this.#frames[place]
      const block = await this.#load(frame)
      // Part of what was read may just have been replaced by another leader's entries: sent on, it would be a log that nobody has.
      if (epoch !== this.#epoch) return await this.read(from, maxBytes)
      if (block === undefined) break
      for (const entry of block.slice(Math.max(from - frame.first, 0), frame.count)) {
        if (entries.length > 0 && bytes + entry.data.length > maxBytes) return entries
        entries.push(entry)
        bytes += entry.data.length
      }
    }
    return entries
  }

  /** The first index whose entries up to the end are at most `maxBytes` on disk, and never later than `latest`. */
  tailStart (latest: number, maxBytes: number): number {
    let place = this.#frameOf(latest)
    let bytes = 0
    for (let i = place; i < this.#frames.length; i++) bytes += this.#frames[i].bytes
    while (place > 0 && bytes + this.#frames[place - 1].bytes <= maxBytes) bytes += this.#frames[--place].bytes
    const frame = this.#frames[place]
    return frame === undefined ? latest : Math.max(Math.min(frame.first, latest), this.#start.index + 1)
  }

  /** Place of the frame that holds `index`, or of the first one behind it. */
  #frameOf (index: number): number {
    let low = 0
    let high = this.#frames.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (lastOf(this.#frames[middle]) < index) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Of the frame that the next one goes on from. */
  get #lastChecksum (): number { return this.#frames.at(-1)?.checksum ?? this.#start.before }

  #push (frame: Frame): void {
    this.#frames.push(frame)
    this.#bytes += frame.bytes
  }

  /** `before`: checksum of the frame before the oldest that is left. */
  #setStart (ops: StoreOp[], { index, term }: LogPosition, before: number): void {
    this.#start = { index, term, frame: this.#frames[0]?.first ?? index + 1, before }
    ops.push(this.#vault.put(this.#keys.logStart, encodeLogStart(this.#keys.logStart, this.#start)))
  }

  #truncate (ops: StoreOp[], from: number): void {
    const place = this.#frameOf(from)
    const cut = this.#frames[place]
    // A frame that begins at `from` is overwritten under its own key; deleting it as well is harmless and keeps one rule.
    const gone = this.#frames.splice(cut.first < from ? place + 1 : place)
    if (cut.first < from) cut.count = from - cut.first
    for (const frame of gone) {
      ops.push({ type: 'del', key: this.#keys.frame(frame.first) })
      this.#bytes -= frame.bytes
    }
    this.#epoch++
  }

  /** The frame's whole block; undefined if the frame went away meanwhile, or has not landed yet. */
  async #load (frame: Frame): Promise<Entry[] | undefined> {
    const epoch = this.#epoch
    const key = this.#keys.frame(frame.first)
    const stored = await this.#store.get(key)
    const value = stored === undefined ? undefined : readable(this.#namespace, `the log at index ${frame.first}`, () => this.#vault.open(key, stored))
    if (value !== undefined && value.length >= 5 && readU32(value, 1) === frame.checksum) {
      frame.landed = true
      return readable(this.#namespace, `the log at index ${frame.first}`, () => decodeBlock(unseal(FRAME, context(key, frame.before), value)))
    }
    if (epoch !== this.#epoch || !frame.landed) return undefined
    throw corrupt(this.#namespace, `the log at index ${frame.first} ${value === undefined ? 'is gone' : 'has changed on disk'}`)
  }

  #found (key: Uint8Array, stored: Uint8Array, contents: LogContents): void {
    const at = readable(this.#namespace, 'a key of the log', () => {
      if (key.length !== this.#keys.log.length + 8) throw new Error(`${key.length} bytes long`)
      return readU64(key, this.#keys.log.length)
    })
    const expected = this.lastIndex + 1
    if (at > expected) throw corrupt(this.#namespace, `entries ${expected} to ${at - 1} are missing from the log, which goes on at ${at}`)
    const before = this.#lastChecksum
    const { value, entries } = readable(this.#namespace, `the log at index ${at}`, () => {
      const value = this.#vault.open(key, stored)
      const block = unseal(FRAME, context(key, before), value)
      const header = blockHeader(block)
      const entries = decodeBlock(block)
      if (header.firstIndex !== at || header.count !== entries.length || entries.length === 0) throw new Error(`a block of entries from ${header.firstIndex}`)
      return { value, entries }
    })
    const frame: Frame = { first: at, count: entries.length, bytes: value.length, checksum: readU32(value, 1), before, landed: true }
    if (lastOf(frame) <= this.#start.index) throw corrupt(this.#namespace, `entries ${at} to ${lastOf(frame)} are compacted, and their frame counts: the log begins after ${this.#start.index}`)
    if (at < expected) this.#cut(at, contents)
    this.#push(frame)
    for (const entry of entries) this.#note(entry, contents)
  }

  /** The frame found next starts inside the one before: from there on the older one no longer counts. */
  #cut (at: number, contents: LogContents): void {
    const before = this.#frames.at(-1)
    if (before !== undefined) {
      if (at <= this.#start.index) throw corrupt(this.#namespace, `the log was replaced from ${at} on, which is compacted (it begins after ${this.#start.index})`)
      before.count = at - before.first
    }
    const { terms, configurations } = contents
    while (terms.length > 0 && (terms.at(-1)?.index ?? 0) >= at) terms.pop()
    while (configurations.length > 0 && (configurations.at(-1)?.index ?? 0) >= at) configurations.pop()
    this.#lastTerm = terms.at(-1)?.term ?? this.#start.term
  }

  #note (entry: Entry, { terms, configurations }: LogContents): void {
    if (entry.index <= this.#start.index) return
    if (entry.term < this.#lastTerm) throw corrupt(this.#namespace, `term ${entry.term} at index ${entry.index} follows term ${this.#lastTerm}`)
    if (terms.at(-1)?.term !== entry.term) terms.push({ index: entry.index, term: entry.term })
    this.#lastTerm = entry.term
    if (entry.kind === 'config') {
      const configuration = readable(this.#namespace, `the configuration at index ${entry.index}`, () => decodeConfiguration(entry.data))
      configurations.push({ index: entry.index, configuration })
    }
  }
}

/** Term of `index`, by the runs of a log that begins after `start`; undefined where the log doesn't know. */
export function termAt (contents: LogContents, start: LogPosition, lastIndex: number, index: number): number | undefined {
  if (index === start.index) return start.term
  if (index < start.index || index > lastIndex) return undefined
  let term: number | undefined
  for (const run of contents.terms) {
    if (run.index > index) break
    term = run.term
  }
  return term
}
