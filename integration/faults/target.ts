import { NAMESPACE } from './serving.js'
import type { Child } from '../../examples/support/child.js'
import type { BatchOperation, KeyValue } from '../../src/index.js'
import type { FaultNodeMethods } from './node-api.js'

/** Whom operations go to: an outside client, or a node of the group. */
export interface Target {
  readonly set: (key: string, value: string) => Promise<unknown>
  readonly get: (key: string) => Promise<string | undefined>
  readonly delete: (key: string) => Promise<unknown>
  readonly batch: (operations: readonly BatchOperation[]) => Promise<unknown>
}

/** In this process. */
export function clientTarget (client: KeyValue): Target {
  return {
    set: async (key, value) => await client.set(key, value),
    get: async key => {
      const bytes = await client.get(key)
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
    },
    delete: async key => await client.delete(key),
    batch: async operations => await client.batch(operations)
  }
}

/** In a process of its own, which may be another one each time. */
export function processTarget (child: () => Child<FaultNodeMethods>): Target {
  const namespace = NAMESPACE
  return {
    set: async (key, value) => await child().call('set', { namespace, key, value }),
    get: async key => await child().call('get', { namespace, key }),
    delete: async key => await child().call('delete', { namespace, key }),
    batch: async operations => await child().call('batch', { namespace, operations })
  }
}
