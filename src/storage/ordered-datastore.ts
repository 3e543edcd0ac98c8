import { LevelDatastore } from 'datastore-level'
import type { RootLevel } from './level-store.js'
import type { OrderedStore, StoreOp } from './types.js'
import type { AbortOptions } from '@libp2p/interface'
import type { Batch, Key } from 'interface-datastore'

const SUBLEVEL = 'libp2p'
const utf8 = new TextEncoder()

/**
 * libp2p's datastore, whose writes take their turn among raftmesh's own. A write that fails half way, as on a full disk, leaves a torn record
 * in LevelDB's log, and LevelDB goes on behind it: whatever is written then, synced and acknowledged, is dropped by the next start in
 * silence. So libp2p's failed write must end all writing too, and nothing may be on its way to LevelDB beside it.
 */
export class OrderedDatastore extends LevelDatastore {
  readonly #write: (ops: readonly StoreOp[]) => Promise<void>
  readonly #keyOf: (key: Key) => Uint8Array

  constructor (level: RootLevel, store: OrderedStore) {
    const sublevel = level.sublevel<string, Uint8Array>(SUBLEVEL, { keyEncoding: 'utf8', valueEncoding: 'view' })
    super(sublevel as never)
    this.#keyOf = key => utf8.encode(sublevel.prefixKey(key.toString(), 'utf8', false))
    this.#write = async ops => { await store.batch(ops, { sync: false }) }
  }

  override async put (key: Key, value: Uint8Array, options?: AbortOptions): Promise<Key> {
    options?.signal?.throwIfAborted()
    await this.#write([{ type: 'put', key: this.#keyOf(key), value }])
    return key
  }

  override async delete (key: Key, options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    await this.#write([{ type: 'del', key: this.#keyOf(key) }])
  }

  override batch (): Batch {
    const ops: StoreOp[] = []
    return {
      put: (key, value) => { ops.push({ type: 'put', key: this.#keyOf(key), value }) },
      delete: key => { ops.push({ type: 'del', key: this.#keyOf(key) }) },
      commit: async options => {
        options?.signal?.throwIfAborted()
        await this.#write(ops)
      }
    }
  }
}
