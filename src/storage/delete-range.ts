import type { ByteRange } from './bytes.js'
import type { OrderedStore } from './types.js'

const KEYS_PER_BATCH = 1000

/**
 * Deletes a range in bounded batches, so that neither memory nor the wait of other writers grows with what is deleted. Not atomic: only
 * for what nothing refers to any more. Unsynced deletions may come back after a power cut, so with `sync: false` only what the next
 * start looks for and deletes again.
 */
export async function deleteRange (store: OrderedStore, range: ByteRange, options: { sync: boolean, signal?: AbortSignal }): Promise<void> {
  while (true) {
    options.signal?.throwIfAborted()
    const keys: Uint8Array[] = []
    for await (const page of store.range({ ...range, limit: KEYS_PER_BATCH, keysOnly: true })) keys.push(...page.map(([key]) => key))
    if (keys.length === 0) return
    await store.batch(keys.map(key => ({ type: 'del', key })), { sync: options.sync })
  }
}

/** The first key of a range. */
export async function firstKey (store: OrderedStore, range: ByteRange): Promise<Uint8Array | undefined> {
  for await (const page of store.range({ ...range, limit: 1, keysOnly: true })) return page[0]?.[0]
  return undefined
}
