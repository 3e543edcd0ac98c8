import { nodeKey } from '../storage/keys.js'
import type { OrderedStore } from '../storage/index.js'

/**
 * Which group a namespace on this node is about to come back to, kept outside the namespace's own storage while that is destroyed.
 * A crash between destroying and creating must not leave a node that knows nothing: alone after a restart, it would found a second
 * group beside the one that it was a member of.
 */
export class RejoinMark {
  private readonly key: Uint8Array

  constructor (private readonly store: OrderedStore, namespace: string) {
    this.key = nodeKey(`rejoin${namespace}`)
  }

  async read (): Promise<Uint8Array | undefined> {
    return await this.store.get(this.key)
  }

  async write (clusterId: Uint8Array): Promise<void> {
    await this.store.batch([{ type: 'put', key: this.key, value: clusterId }], { sync: true })
  }

  async clear (): Promise<void> {
    await this.store.batch([{ type: 'del', key: this.key }], { sync: true })
  }
}
