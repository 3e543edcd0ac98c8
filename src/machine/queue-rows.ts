import { CodecError, concat, equalBytes, Reader, u64, Writer } from '../storage/index.js'

/**
 * The rows of a queue, under `\0queue/<name>/\0`: a name has no zero byte, so that the one behind it keeps the rows of `a` apart from
 * those of `a/b`.
 *
 *   c             counters
 *   s             settings; absent: the defaults
 *   r<sequence>   an item that is ready
 *   t<sequence>   one that is taken, under the lease of whoever has it
 *   d<sequence>   a dead one
 *   i<id>         the sequence that the id was pushed as
 *   o<sequence>   its id, so that ids can be forgotten in the order of their pushes
 *
 * Nobody is kept from writing here by hand. What cannot be read counts as absent, on every member alike: a throw would stop the group.
 */
export interface QueueKeys {
  readonly prefix: Uint8Array
  readonly counters: Uint8Array
  readonly settings: Uint8Array
  /** What the keys of a table's items begin with. */
  readonly items: (table: ItemTable) => Uint8Array
  readonly item: (table: ItemTable, sequence: number) => Uint8Array
  readonly id: (id: Uint8Array) => Uint8Array
  readonly order: (sequence: number) => Uint8Array
}

export type ItemTable = 'ready' | 'taken' | 'dead'

export interface QueueCounters {
  /** The sequence of the next push. */
  readonly next: number
  /** No item below is ready. A scan from the very start would step over everything that was ever taken and is not compacted in the store yet. */
  readonly head: number
  readonly ready: number
  readonly taken: number
  readonly dead: number
  /** Ids that are remembered, and the sequence from which on they are. */
  readonly ids: number
  readonly firstId: number
}

export interface QueueSettings {
  /** How often an item is taken before it is dead; 0: it never is. */
  readonly maxAttempts: number
  /** Items at once: ready, taken and dead. */
  readonly maxLength: number
  /** Ids that are remembered: the newest. */
  readonly dedupe: number
}

export interface StoredItem { readonly attempts: number, readonly id?: Uint8Array, readonly value: Uint8Array }

/** Constants of the machine: members that differed in them would differ in their state. */
export const DEFAULT_QUEUE_SETTINGS: QueueSettings = { maxAttempts: 5, maxLength: 1_000_000, dedupe: 10_000 }
export const MAX_QUEUE_NAME = 255
export const MAX_QUEUE_ID = 255
/** Items that one command takes, gives back, redrives or discards. */
export const MAX_QUEUE_ITEMS = 100
/** Bytes of values after which a take takes no more, and a redrive brings no more back. */
export const MAX_TAKE_BYTES = 1024 * 1024
export const MAX_QUEUE_ATTEMPTS = 1_000_000
export const MAX_QUEUE_DEDUPE = 1_000_000

const ROOT = new TextEncoder().encode('\0queue/')
const SLASH = 0x2f
const tags = { counters: 0x63, settings: 0x73, ready: 0x72, taken: 0x74, dead: 0x64, id: 0x69, order: 0x6f } as const

export function queueKeys (name: string): QueueKeys {
  return keysUnder(concat(ROOT, new TextEncoder().encode(name), Uint8Array.of(SLASH, 0)))
}

/** The queue and sequence of a taken item's key; undefined for every other key. */
export function takenItem (key: Uint8Array): { keys: QueueKeys, sequence: number } | undefined {
  const zero = key.indexOf(0, ROOT.length)
  if (zero < ROOT.length + 2 || !equalBytes(key.subarray(0, ROOT.length), ROOT)) return undefined
  if (key[zero - 1] !== SLASH || key[zero + 1] !== tags.taken || key.length !== zero + 10) return undefined
  const sequence = sequenceOf(key)
  return sequence === undefined ? undefined : { keys: keysUnder(key.slice(0, zero + 1)), sequence }
}

/** The sequence at the end of an item's key. */
export function sequenceOf (key: Uint8Array): number | undefined {
  return whole(key.subarray(-8), input => input.u64())
}

function keysUnder (prefix: Uint8Array): QueueKeys {
  const under = (tag: number, rest: Uint8Array): Uint8Array => concat(prefix, Uint8Array.of(tag), rest)
  const nothing = new Uint8Array(0)
  return {
    prefix,
    counters: under(tags.counters, nothing),
    settings: under(tags.settings, nothing),
    items: table => under(tags[table], nothing),
    item: (table, sequence) => under(tags[table], u64(sequence)),
    id: id => under(tags.id, id),
    order: sequence => under(tags.order, u64(sequence))
  }
}

export function encodeCounters ({ next, head, ready, taken, dead, ids, firstId }: QueueCounters): Uint8Array {
  return new Writer().u64(next).u64(head).u64(ready).u64(taken).u64(dead).u64(ids).u64(firstId).finish()
}

/** So far nobody counts but by hand. From there it would run over some time, into a number that cannot be written. */
const MAX_COUNT = 2 ** 52

function readCount (input: Reader): number {
  const count = input.u64()
  if (count > MAX_COUNT) throw new CodecError(`a queue that has counted to ${count}`)
  return count
}

export function decodeCounters (value: Uint8Array | undefined): QueueCounters {
  const read = (input: Reader): QueueCounters => ({
    next: readCount(input), head: readCount(input), ready: readCount(input), taken: readCount(input), dead: readCount(input), ids: readCount(input), firstId: readCount(input)
  })
  return (value === undefined ? undefined : whole(value, read)) ?? { next: 1, head: 1, ready: 0, taken: 0, dead: 0, ids: 0, firstId: 1 }
}

export function encodeSettings ({ maxAttempts, maxLength, dedupe }: QueueSettings): Uint8Array {
  return new Writer().u64(maxAttempts).u64(maxLength).u64(dedupe).finish()
}

export function decodeSettings (value: Uint8Array | undefined): QueueSettings {
  const read = (input: Reader): QueueSettings => ({ maxAttempts: input.u64(), maxLength: input.u64(), dedupe: input.u64() })
  return (value === undefined ? undefined : whole(value, read)) ?? DEFAULT_QUEUE_SETTINGS
}

/** An id of no bytes stands for none: no item has such an id. */
export function encodeItem ({ attempts, id, value }: StoredItem): Uint8Array {
  return new Writer().u32(attempts).bytes(id ?? new Uint8Array(0)).raw(value).finish()
}

/** What cannot be read is an item of just these bytes. */
export function decodeItem (stored: Uint8Array): StoredItem {
  const item = whole(stored, (input): StoredItem => {
    const attempts = input.u32()
    const id = input.bytes()
    const value = input.raw(input.left)
    return id.length === 0 ? { attempts, value } : { attempts, id, value }
  })
  return item ?? { attempts: 0, value: stored }
}

export function decodeSequence (value: Uint8Array): number | undefined {
  return whole(value, input => input.u64())
}

function whole<T> (source: Uint8Array, read: (input: Reader) => T): T | undefined {
  const input = new Reader(source)
  try {
    const value = read(input)
    input.end()
    return value
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
