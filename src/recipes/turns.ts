import { InvalidArgumentError, UnavailableError } from '../errors.js'
import { standing } from './place.js'
import { Tied } from './waiting.js'
import type { Check, Line } from './line.js'
import type { Place } from './place.js'
import type { LeaseOptions, RecipeContext } from './types.js'

export interface TurnOptions extends LeaseOptions {
  /** ms: how long to wait for those ahead, after which UnavailableError is thrown. Default: for as long as it takes. */
  wait?: number
}

/** What a place says, how many may hold at a time, and a look at those ahead that may refuse them. */
export interface Turn { readonly value: Uint8Array, readonly permits: number, readonly check?: Check }

/** Takes a place and waits until it is its turn. Whoever gives up, by `signal` or `wait`, leaves no trace. */
export async function takeTurn ({ clock }: RecipeContext, line: Line, turn: Turn, { wait, ttl, signal }: TurnOptions): Promise<Place> {
  if (wait !== undefined && (typeof wait !== 'number' || !(wait >= 0))) throw new InvalidArgumentError(`wait must be a number of ms, got ${String(wait)}`)
  signal?.throwIfAborted()
  using limited = new Tied([signal])
  if (wait !== undefined && Number.isFinite(wait)) limited.limit(clock, wait, () => new UnavailableError(`${line.what} was not free within ${wait} ms: others hold it or wait for it`))
  const place = await line.join(turn.value, { ttl, signal: limited.signal })
  await standing(place, limited.signal, async () => { await line.turn(place, turn.permits, limited.signal, turn.check) })
  return place
}

/** The same for one who does not wait: undefined, if so many are there already. */
export async function takeIfFree (line: Line, turn: Turn, { ttl, signal }: LeaseOptions): Promise<Place | undefined> {
  signal?.throwIfAborted()
  // A look costs no write: most who are refused leave nothing in the log.
  if (!await line.hasRoom(turn.permits, { signal }, turn.check)) return undefined
  const place = await line.join(turn.value, { ttl, signal })
  const first = await standing(place, signal, async () => await line.isTurn(place, turn.permits, signal, turn.check))
  if (first) return place
  await place.giveUp()
  return undefined
}
