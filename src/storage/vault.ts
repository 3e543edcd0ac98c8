import type { StoreOp } from './types.js'

/** What every record of a group passes on its way to the store and back. */
export interface Vault {
  /** Stores `value` under `key`. What it becomes on disk is settled when a store takes the operation, not before. */
  put: (key: Uint8Array, value: Uint8Array) => StoreOp
  /**
   * What was put, from what is stored.
   *
   * @throws CodecError
   */
  open: (key: Uint8Array, stored: Uint8Array) => Uint8Array
}

/** No encryption at rest: what is stored is what was put. */
export const plainVault: Vault = {
  put: (key, value) => ({ type: 'put', key, value }),
  open: (_key, stored) => stored
}

/** Where a group's encryption at rest stands. */
export interface AtRest {
  /** Id of the key that new records are sealed with; undefined without encryption. */
  readonly key?: string
  /** Ids of all keys that opening this storage needs now. More than one, or `plain`, while what is older is being rewritten. */
  readonly needs: readonly string[]
  /** Records from before encryption may be left. */
  readonly plain: boolean
  /** Bytes rewritten by this process. */
  readonly rewritten: number
}

export const NOT_ENCRYPTED: AtRest = { needs: [], plain: true, rewritten: 0 }
