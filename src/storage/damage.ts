import { StoreCorruptError } from '../errors.js'

/** What a member's storage can't be trusted with any more, and the way out that keeps the group safe. */
export function corrupt (namespace: string, what: string, cause?: unknown): StoreCorruptError {
  return new StoreCorruptError(
    `the storage of ${namespace} on this node is damaged: ${what}. It may have acknowledged what it no longer holds, so it must not vote: ` +
    'remove this namespace\'s data on this node and join again (it comes back as a new member and is caught up by the others)',
    cause !== undefined ? { cause } : undefined)
}

/** Runs a decoder; whatever damaged bytes make it throw becomes one clear error. */
export function readable<T> (namespace: string, what: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw corrupt(namespace, `${what} cannot be read (${(error as Error).message})`, error)
  }
}
