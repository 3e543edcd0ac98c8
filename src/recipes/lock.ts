import { Line } from './line.js'
import { checkOptions, ownPrefix } from './names.js'
import { HeldPlace } from './place.js'
import { takeIfFree, takeTurn } from './turns.js'
import type { Held } from './place.js'
import type { Turn, TurnOptions } from './turns.js'
import type { LeaseOptions, RecipeContext } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

export type LockOptions = TurnOptions

/** A lock that is held; see {@link Held}. */
export interface Lock extends Held {
  /** Lets the next in the line have it. Where it is lost already, this does nothing. */
  release: (options?: AbortOptions) => Promise<void>
}

/** Nothing but the place itself is said. */
const TURN: Turn = { value: new Uint8Array(0), permits: 1 }

/**
 * Waits for its turn, and holds the lock until it is released or its lease is lost. Who comes first has it first: the order of arrival is the
 * order of holding, and the token is the revision of the arrival, so tokens rise strictly from holder to holder.
 */
export async function lock (context: RecipeContext, name: string, options: LockOptions = {}): Promise<Lock> {
  checkOptions(options, ['ttl', 'signal', 'wait'], 'a lock')
  return new HeldPlace(context, name, await takeTurn(context, lineOf(context, name), TURN, options))
}

/** The lock if nobody has it, or undefined. It never waits for others. */
export async function tryLock (context: RecipeContext, name: string, options: LeaseOptions = {}): Promise<Lock | undefined> {
  checkOptions(options, ['ttl', 'signal'], 'a lock')
  const place = await takeIfFree(lineOf(context, name), TURN, options)
  return place === undefined ? undefined : new HeldPlace(context, name, place)
}

function lineOf (context: RecipeContext, name: string): Line {
  return new Line(context, `The lock "${String(name)}"`, ownPrefix('lock', name))
}
