import { InvalidArgumentError, UnavailableError } from '../errors.js'
import { standing } from './place.js'
import { Tied } from './waiting.js'
import type { Check, Line } from './line.js'
import type { Place } from './place.js'
import type { LeaseOptions, RecipeContext } from './types.js'

export interface TurnOptions extends LeaseOptions {
  /**
   * ms: how long to wait for those ahead, from when it is known that there are any; then UnavailableError is thrown. What is free is had with
   * any `wait`, also of 0. Default: for as long as it takes.
   */
  wait?: number
}

/** What it may take, at least, to get a place and to look who is ahead: however short the wait, what is free is to be had. */
const ARRIVAL_MS = 10_000

/** Others were ahead for longer than the caller would wait: as against a group that could not be reached. */
export class WaitOverError extends UnavailableError { static override readonly name: string = 'UnavailableError' }

/** What a place says, how many may hold at a time, and a look at those ahead that may refuse them. */
export interface Turn { readonly value: Uint8Array, readonly permits: number, readonly check?: Check }

/** Takes a place and waits until it is its turn. Whoever gives up, by `signal` or `wait`, leaves no trace. */
export async function takeTurn ({ clock }: RecipeContext, line: Line, turn: Turn, { wait, ttl, signal }: TurnOptions): Promise<Place> {
  if (wait !== undefined && (typeof wait !== 'number' || !(wait >= 0))) throw new InvalidArgumentError(`wait must be a number of ms, got ${String(wait)}`)
  signal?.throwIfAborted()
  const { what } = line
  const { value, permits, check } = turn
  const limit = (tied: Tied, ms: number, late: () => Error): void => { if (wait !== undefined && Number.isFinite(wait)) tied.limit(clock, ms, late) }

  using arriving = new Tied([signal])
  limit(arriving, Math.max(wait ?? 0, ARRIVAL_MS), () => new UnavailableError(`${what}: the group did not answer in time, nobody knows whether others have it`))
  const place = await line.join(value, { ttl, signal: arriving.signal })
  if (wait !== undefined && await standing(place, arriving.signal, async () => await line.isTurn(place, permits, arriving.signal, check))) return place

  using waiting = new Tied([signal])
  limit(waiting, wait ?? 0, () => new WaitOverError(`${what} was not free within ${wait} ms: others hold it or wait for it`))
  await standing(place, waiting.signal, async () => { await line.turn(place, permits, waiting.signal, check) })
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
