import type { KvRow } from './kv-types.js'

/** Entries of each of the two halves: some 5 MB in all. */
const HALF = 16_384
const NOTHING = new Uint8Array(0)

/**
 * What is known of rows that are in the store, without their keys and values: as much as another put of the same key asks for. These would keep
 * the whole blocks of the log alive that they are parts of. The half that was used least is dropped as one.
 */
export class Outlines {
  #young = new Map<string, KvRow | undefined>()
  #old = new Map<string, KvRow | undefined>()

  /** `{ row: undefined }`: it is known that there is none. Undefined: nothing is known. */
  get (name: string): { readonly row: KvRow | undefined } | undefined {
    const row = this.#young.get(name)
    if (row !== undefined || this.#young.has(name)) return { row }
    if (!this.#old.has(name)) return undefined
    const older = this.#old.get(name)
    this.#set(name, older)
    return { row: older }
  }

  set (name: string, row: KvRow | undefined): void {
    this.#set(name, row === undefined ? undefined : { ...row, key: NOTHING, value: NOTHING })
  }

  #set (name: string, row: KvRow | undefined): void {
    this.#young.set(name, row)
    if (this.#young.size < HALF) return
    this.#old = this.#young
    this.#young = new Map()
  }
}
