import { ConflictError } from '../errors.js'
import { Line } from './line.js'
import { checkCount, checkOptions, ownPrefix } from './names.js'
import { HeldPlace } from './place.js'
import { takeIfFree, takeTurn } from './turns.js'
import type { Held } from './place.js'
import type { Turn, TurnOptions } from './turns.js'
import type { LeaseOptions, RecipeContext, Row } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

const MAX_PERMITS = 10_000

/** One of the permits, held; see {@link Held}. Its token is greater than those of all who came before, some of whom may hold theirs yet. */
export interface Permit extends Held {
  /** Lets another have it. Where it is lost already, this does nothing. */
  release: (options?: AbortOptions) => Promise<void>
}

export interface Semaphore {
  readonly name: string
  readonly permits: number
  /** Waits for its turn: who comes first has a permit first. */
  acquire: (options?: TurnOptions) => Promise<Permit>
  /** A permit if one is free, or undefined. It never waits for others. */
  tryAcquire: (options?: LeaseOptions) => Promise<Permit | undefined>
}

/**
 * At most so many holders at a time. The number stands in every place in the line, and nobody gets in behind a place that says another: so all
 * who hold permits at a time agree on it, and nothing remains of a semaphore that nobody uses. To change the number, let all go first.
 */
export function semaphore (context: RecipeContext, name: string, permits: number): Semaphore {
  const what = `The semaphore "${String(name)}"`
  const prefix = ownPrefix('sem', name)
  const turn: Turn = { value: new TextEncoder().encode(String(checkCount(permits, MAX_PERMITS, 'permits'))), permits, check: others => { sameNumber(what, permits, others) } }
  const line = new Line(context, what, prefix)
  return {
    name,
    permits,
    async acquire (options = {}) {
      checkOptions(options, ['ttl', 'signal', 'wait'], 'a permit')
      return new HeldPlace(context, name, await takeTurn(context, line, turn, options))
    },
    async tryAcquire (options = {}) {
      checkOptions(options, ['ttl', 'signal'], 'a permit')
      const place = await takeIfFree(line, turn, options)
      return place === undefined ? undefined : new HeldPlace(context, name, place)
    }
  }
}

function sameNumber (what: string, permits: number, others: readonly Row[]): void {
  for (const { value } of others) {
    const theirs = Number(new TextDecoder().decode(value))
    if (theirs !== permits) throw new ConflictError(`${what} has ${theirs} permits for those who use it now, not ${permits}: all must name the same number`)
  }
}
