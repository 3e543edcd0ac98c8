import { concat, prefixEnd, Reader, u64, Writer } from '../storage/index.js'
import { MAX_LEASE_KEYS, MAX_LEASE_TTL, MAX_LEASES, MIN_LEASE_TTL } from './kv-types.js'
import { queueLeaseEnded } from './queues.js'
import { answersOf, forgetSession } from './sessions.js'
import type { KvResult, Moment, RefusalReason, View } from './kv-types.js'

/** `keys`: how many it holds, so that the bound on them costs no listing. */
export interface LeaseRecord { readonly ttl: number, readonly keys: number }

/** Of the tables `lease`, and the first bytes of a lease's keys in `attached`. */
export const leaseKey = (id: number): Uint8Array => u64(id)
export const leaseIdOf = (key: Uint8Array): number => new Reader(key).u64()
export const attachedKey = (lease: number, key: Uint8Array): Uint8Array => concat(leaseKey(lease), key)
/** The row that an `attached` record stands for. */
export const keyOfAttached = (key: Uint8Array): Uint8Array => key.subarray(8)

const NOTHING = new Uint8Array(0)

export const encodeLease = ({ ttl, keys }: LeaseRecord): Uint8Array => new Writer().u64(ttl).u32(keys).finish()

/** @throws CodecError */
export function decodeLease (value: Uint8Array): LeaseRecord {
  const input = new Reader(value)
  const lease = { ttl: input.u64(), keys: input.u32() }
  input.end()
  return lease
}

export function leaseAt (view: View, id: number): LeaseRecord | undefined {
  const value = view.record('lease', leaseKey(id))
  return value === undefined ? undefined : decodeLease(value)
}

/** Why a lease of that ttl cannot be granted now. */
export function grantRefusal (view: View, ttl: number): RefusalReason | undefined {
  if (ttl < MIN_LEASE_TTL || ttl > MAX_LEASE_TTL) return 'malformed'
  return view.leases >= MAX_LEASES ? 'too-many-leases' : undefined
}

/** Its id is the revision: no two commands have the same, so none may grant two. Returns why it was not granted. */
export function grant (view: View, ttl: number, { revision }: Moment): RefusalReason | undefined {
  const refusal = grantRefusal(view, ttl)
  if (refusal === undefined) putLease(view, revision, { ttl, keys: 0 })
  return refusal
}

/** For a key that it does not hold yet. Returns why not; nothing is changed then. */
export function attach (view: View, id: number, key: Uint8Array): RefusalReason | undefined {
  const lease = leaseAt(view, id)
  if (lease === undefined) return 'no-such-lease'
  if (lease.keys >= MAX_LEASE_KEYS) return 'lease-full'
  putLease(view, id, { ...lease, keys: lease.keys + 1 })
  view.putRecord('attached', attachedKey(id, key), NOTHING)
  return undefined
}

/** For a key that it holds; of a lease that has ended meanwhile, it does nothing. */
export function detach (view: View, id: number, key: Uint8Array): void {
  const lease = leaseAt(view, id)
  if (lease === undefined) return
  putLease(view, id, { ...lease, keys: lease.keys - 1 })
  view.deleteRecord('attached', attachedKey(id, key))
}

/** With all that hangs on it: its keys, and the answers of its session. Returns whether there was one. */
export function endLease (view: View, id: number, moment: Moment): boolean {
  const lease = leaseAt(view, id)
  if (lease === undefined) return false
  const held = heldBy(view, id, lease)
  // First the lease, then its keys: whatever is done with a key must not find it held by a lease that is half gone.
  view.deleteRecord('lease', leaseKey(id))
  forgetSession(view, id)
  for (const { key: at } of held) {
    view.deleteRecord('attached', at)
    const row = view.row(keyOfAttached(at))
    if (row !== undefined && !queueLeaseEnded(view, row, moment)) view.deleteRow(row.key)
  }
  return true
}

function heldBy (view: View, id: number, { keys }: LeaseRecord): Array<{ key: Uint8Array }> {
  return keys === 0 ? [] : view.records('attached', { from: leaseKey(id), to: prefixEnd(leaseKey(id)), limit: MAX_LEASE_KEYS })
}

/** Each list that is not in memory makes a command begin anew: so before it does anything, or a hundred leases cost a hundred times their work. */
function listAll (view: View, ids: readonly number[]): void {
  let keys = 0
  for (const id of ids) {
    const lease = leaseAt(view, id)
    if (lease === undefined) continue
    keys += lease.keys
    if (keys > MAX_LEASE_KEYS) return
    heldBy(view, id, lease)
  }
}

/**
 * In the order given, those that are there, until they hold more than {@link MAX_LEASE_KEYS} keys and answers together (the first one in any case):
 * one command must not stop the group for as long as a million deletions take. The rest is left for another revoke.
 */
export function revoke (view: View, ids: readonly number[], moment: Moment): KvResult {
  if (ids.length > 1) listAll(view, ids)
  let held = 0
  let count = 0
  for (const id of ids) {
    held += (leaseAt(view, id)?.keys ?? 0) + answersOf(view, id)
    if (held > MAX_LEASE_KEYS && count > 0) break
    if (endLease(view, id, moment)) count++
  }
  return { ok: true, type: 'counted', revision: moment.revision, count }
}

function putLease (view: View, id: number, lease: LeaseRecord): void {
  view.putRecord('lease', leaseKey(id), encodeLease(lease))
}
