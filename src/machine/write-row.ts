import { attach, detach } from './leases.js'
import type { KvOp, Moment, RefusalReason, View } from './kv-types.js'

/** Returns why not; nothing is changed then. */
export function putKey (view: View, { key, value, lease = 0 }: Omit<Extract<KvOp, { type: 'put' }>, 'type'>, { revision }: Moment): RefusalReason | undefined {
  const before = view.row(key)
  const held = before?.lease ?? 0
  if (lease !== held) {
    const refusal = lease === 0 ? undefined : attach(view, lease, key)
    if (refusal !== undefined) return refusal
    if (held !== 0) detach(view, held, key)
  }
  view.putRow({ key, value, createRevision: before?.createRevision ?? revision, modRevision: revision, version: (before?.version ?? 0) + 1, lease })
  return undefined
}

/** Returns whether it was there. */
export function deleteKey (view: View, key: Uint8Array): boolean {
  const row = view.row(key)
  if (row === undefined) return false
  dropRow(view, key, row.lease)
  return true
}

/** The row is there, and hangs on that lease (0: none). */
export function dropRow (view: View, key: Uint8Array, lease: number): void {
  if (lease !== 0) detach(view, lease, key)
  view.deleteRow(key)
}
