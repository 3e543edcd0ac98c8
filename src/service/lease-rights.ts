import { TooLargeError } from '../errors.js'
import { MAX_LEASE_KEYS, MAX_REVOKED_LEASES } from '../machine/kv-types.js'
import type { KvState } from '../machine/types.js'

/** That one command may hang keys on: a double barrier of so many begins in one transaction. */
export const MAX_ATTACHED_LEASES = 1_000

/**
 * Leases belong to nobody: whoever is to end them, keep them alive, or hang more keys on them must have a right to all keys that they hold.
 * Else one could take away what others hold by them, or go on holding it in the name of one who is gone.
 *
 * A few bytes of a stranger's must not make a member look at millions of keys: no more than one command may delete.
 *
 * @param check - throws where a right to one of the keys is missing
 * @param most - leases that are looked at; to end, or to keep alive, as many as one command ends
 */
export async function checkLeaseKeys (leases: Iterable<number>, kv: Pick<KvState, 'leaseKeys'>, check: (keys: readonly Uint8Array[]) => void, most = MAX_REVOKED_LEASES): Promise<void> {
  const once = new Set(leases)
  if (once.size > most) throw new TooLargeError(`${once.size} leases in one request, at most ${most} are looked at: send fewer at a time`)
  let held = 0
  for (const lease of once) {
    const keys = await kv.leaseKeys(lease, MAX_LEASE_KEYS)
    check(keys)
    held += keys.length
    if (held > MAX_LEASE_KEYS) throw new TooLargeError(`The leases hold more than ${MAX_LEASE_KEYS} keys together: send fewer at a time`)
  }
}
