import { checkOptions, ownPrefix } from './names.js'
import { persist, watchUntil } from './waiting.js'
import type { RecipeContext } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

/**
 * A gate that many wait at until somebody opens it. It is one key, with no lease: it stays closed when whoever closed it is gone, until anyone opens
 * it. (`barrier()` of a cluster is something else: it waits until local state holds all that was committed.)
 */
export interface NamedBarrier {
  readonly name: string
  /** Closes the gate; where it is closed already, this does nothing. */
  hold: (options?: AbortOptions) => Promise<void>
  /** Opens the gate; where it is open already, this does nothing. */
  release: (options?: AbortOptions) => Promise<void>
  /** Resolves once the gate is open, or has been since the first look that found it closed. */
  wait: (options?: AbortOptions) => Promise<void>
}

export function namedBarrier (context: RecipeContext, name: string): NamedBarrier {
  const { kv } = context
  const key = ownPrefix('barrier/one', name)
  return {
    name,
    // An unknown outcome is the caller's: made again unasked, a request that lands late could close what was opened meanwhile.
    async hold (options) {
      checkOptions(options, ['signal'], 'hold')
      await kv.txn({ compare: [{ key, exists: false }], then: [{ type: 'set', key, value: '' }] }, options)
    },
    async release (options) {
      checkOptions(options, ['signal'], 'release')
      await kv.delete(key, options)
    },
    async wait (options) {
      checkOptions(options, ['signal'], 'wait')
      const signal = options?.signal ?? context.signal
      let closed: number | undefined
      for (;;) {
        const { row, revision } = await persist(context, signal, async () => await kv.read(key, { signal }))
        // Closed, but not as it was: it was opened between two looks, where history is compacted before a watch has told of it.
        if (row === undefined || (closed !== undefined && row.createRevision !== closed)) return
        closed = row.createRevision
        if (await watchUntil(context, { key }, revision, signal, batch => batch.some(({ type }) => type === 'delete'))) return
      }
    }
  }
}
