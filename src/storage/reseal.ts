import { concat } from './bytes.js'
import type { ByteRange } from './bytes.js'
import type { OrderedStore } from './types.js'

/** In one go at most: other groups' batches wait for it, and so does the event loop while it is sealed. */
const ROWS = 128
const BYTES = 128 * 1024
/** Compacted in one go: closing the store waits for it. */
const SLICE_BYTES = 32 * 1024 * 1024

export interface Reseal {
  /** Whether this record is to be looked at. */
  readonly wanted: (key: Uint8Array, stored: Uint8Array) => boolean
  /** Its new form; undefined leaves it alone. */
  readonly change: (key: Uint8Array, stored: Uint8Array) => Uint8Array | undefined
  readonly signal: AbortSignal
}

/**
 * Walks a range and has the store change what is wanted, a little at a time. What was read here only says which keys to look at: the store
 * changes what stands there when its turn comes, so nothing that was written, or deleted, meanwhile is undone.
 *
 * Returns keys that cut the range into slices that can be compacted one by one.
 */
export async function reseal (store: OrderedStore, { gte, lt }: ByteRange, { wanted, change, signal }: Reseal): Promise<Uint8Array[]> {
  const cuts: Uint8Array[] = [gte]
  let slice = 0
  for (let from = gte; ;) {
    signal.throwIfAborted()
    const page = await firstPage(store, { gte: from, lt })
    if (page.length === 0) return [...cuts, lt]
    for (const keys of inBits(page.filter(([key, stored]) => wanted(key, stored)))) {
      signal.throwIfAborted()
      // Synced: an unsynced one could vanish in a power cut that the end of the old key survives.
      await store.rewrite(keys, change, { sync: true })
    }
    from = concat(page[page.length - 1][0], Uint8Array.of(0))
    slice += page.reduce((sum, [key, stored]) => sum + key.length + stored.length, 0)
    if (slice < SLICE_BYTES) continue
    cuts.push(from)
    slice = 0
  }
}

/** No longer than that: an iterator left open holds on to all that is deleted or replaced meanwhile. */
async function firstPage (store: OrderedStore, range: ByteRange): Promise<Array<[Uint8Array, Uint8Array]>> {
  for await (const page of store.range(range)) return page
  return []
}

function * inBits (rows: ReadonlyArray<[Uint8Array, Uint8Array]>): Generator<Uint8Array[]> {
  let keys: Uint8Array[] = []
  let bytes = 0
  for (const [key, stored] of rows) {
    if (keys.length === ROWS || (keys.length > 0 && bytes + stored.length > BYTES)) {
      yield keys
      keys = []
      bytes = 0
    }
    keys.push(key)
    bytes += stored.length
  }
  if (keys.length > 0) yield keys
}
