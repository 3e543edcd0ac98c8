import { changeBytes } from './kv-change.js'
import { decodeLease, leaseIdOf } from './leases.js'
import { decodeKvSnapshot } from './kv-snapshot.js'
import type { Frame } from './history.js'
import type { KvTables } from './kv-tables.js'
import type { KvChange } from './kv-types.js'
import type { OrderedStore, StoreOp } from '../storage/index.js'

const BATCH_ITEMS = 1000
const BATCH_BYTES = 1024 * 1024
const GATHERED_BYTES = 256 * 1024

export interface Restored { readonly compacted: number, readonly frames: Frame[], readonly leases: Map<number, number> }

/**
 * Writes a snapshot as a generation of its own, beside the one in force.
 *
 * @throws MalformedFrameError if it is none
 */
export async function restoreInto (tables: KvTables, store: OrderedStore, source: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Restored> {
  const frames: Frame[] = []
  const leases = new Map<number, number>()
  let compacted = 0
  let ops: StoreOp[] = []
  let bytes = 0
  let changes: KvChange[] = []
  let changed = 0
  const endFrame = (): void => {
    if (changes.length === 0) return
    const put = tables.putFrames(changes)
    ops.push(...put.ops)
    frames.push(...put.frames.map(({ last, bytes }) => ({ last, bytes })))
    bytes += changed
    changes = []
    changed = 0
  }
  for await (const item of decodeKvSnapshot(source)) {
    signal.throwIfAborted()
    switch (item.type) {
      case 'head': compacted = item.compacted; break
      case 'row':
        ops.push(tables.put({ table: 'row', key: item.row.key, row: item.row }))
        bytes += item.row.key.length + item.row.value.length
        break
      case 'record':
        ops.push(tables.put({ table: item.table, key: item.key, value: item.value }))
        bytes += item.key.length + item.value.length
        if (item.table === 'lease') leases.set(leaseIdOf(item.key), decodeLease(item.value).ttl)
        break
      case 'change':
        changes.push(item.change)
        changed += changeBytes(item.change)
        if (changed >= GATHERED_BYTES) endFrame()
    }
    if (ops.length < BATCH_ITEMS && bytes < BATCH_BYTES) continue
    await store.batch(ops, { sync: true })
    ops = []
    bytes = 0
  }
  endFrame()
  await store.batch(ops, { sync: true })
  return { compacted, frames, leases }
}
