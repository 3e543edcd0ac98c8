import { afterWatch } from '../waiting.js'
import type { Key, RecipeContext, Row } from '../types.js'

export interface Follower {
  /** All that was told is to be forgotten: it is told anew. */
  reset: () => void
  /** `row` undefined: deleted. `revision`: as of then. */
  told: (key: Uint8Array, row: Row | undefined, revision: number) => void
  /** All that is known for now has been told. */
  settled: () => void
}

/**
 * Tells of the rows under a prefix and of each change, until `signal` aborts or it cannot go on. Pages of a scan are of different revisions and the watch begins
 * at the oldest one's, so something may be told twice: whoever hears of a change that is no newer than what they know must pass over it.
 */
export async function follow (context: RecipeContext, prefix: Key, signal: AbortSignal, follower: Follower): Promise<void> {
  for (;;) {
    try {
      const revision = await load(context, prefix, signal, follower)
      await using watch = await context.kv.watch({ prefix, revision: revision + 1, signal })
      for (;;) {
        for (const { key, row, revision } of await watch.nextBatch()) follower.told(key, row, revision)
        follower.settled()
      }
    } catch (error) {
      await afterWatch(context, error, signal)
    }
  }
}

/** The revision from which on changes are to be told. */
async function load ({ kv }: RecipeContext, prefix: Key, signal: AbortSignal, follower: Follower): Promise<number> {
  let first: number | undefined
  for (let after: Uint8Array | undefined; ;) {
    // Local state will do, and costs nobody a round: the watch brings what it lacks.
    const page = await kv.scan({ prefix, after, consistency: 'stale', signal })
    if (first === undefined) follower.reset()
    // Of a client, the next page may be another member's, which lags behind.
    first = Math.min(first ?? page.revision, page.revision)
    for (const row of page.rows) follower.told(row.key, row, row.modRevision)
    if (page.next === undefined) break
    after = page.next
  }
  follower.settled()
  return first
}
