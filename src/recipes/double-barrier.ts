import { ConflictError, LockLostError } from '../errors.js'
import { Line } from './line.js'
import { checkCount, checkOptions, ownPrefix, sameBytes } from './names.js'
import { standing } from './place.js'
import { persist, Tied } from './waiting.js'
import type { Look } from './line.js'
import type { Place } from './place.js'
import type { LeaseOptions, RecipeContext, Row } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

const MAX_COUNT = 1_000

/**
 * So many begin together, and none goes on before all of them have ended. Each one who enters has a place in a line; the last of `count` who wait writes
 * the round into all their places, in one transaction. Whoever comes later waits for the next round. A participant that dies is gone with its lease.
 */
export interface DoubleBarrier {
  readonly name: string
  readonly count: number
  /** Resolves when `count` have entered. The signal aborts if our place is lost: the others may then leave without us. */
  enter: (options?: LeaseOptions) => Promise<AbortSignal>
  /** Resolves when all of the round have left, or are gone with their leases. */
  leave: (options?: AbortOptions) => Promise<void>
}

export function doubleBarrier (context: RecipeContext, name: string, count: number): DoubleBarrier {
  return new Rounds(context, name, checkCount(count, MAX_COUNT, 'count'))
}

class Rounds implements DoubleBarrier {
  private readonly line: Line
  private entering = false
  private entered: { readonly place: Place, readonly round: Uint8Array } | undefined

  constructor (private readonly context: RecipeContext, readonly name: string, readonly count: number) {
    this.line = new Line(context, `The double barrier "${String(name)}"`, ownPrefix('barrier/all', name))
  }

  async enter (options: LeaseOptions = {}): Promise<AbortSignal> {
    checkOptions(options, ['ttl', 'signal'], 'enter')
    if (this.entering) throw new ConflictError(`${this.line.what} has been entered by this object already: leave first, or make another for a second participant`)
    this.entering = true
    try {
      const place = await this.line.join(new TextEncoder().encode(String(this.count)), options)
      const round = await standing(place, options.signal, async () => await this.together(place, options.signal))
      this.entered = { place, round }
      return place.signal
    } catch (error) {
      this.entering = false
      throw error
    }
  }

  async leave (options: AbortOptions = {}): Promise<void> {
    checkOptions(options, ['signal'], 'leave')
    if (this.entered === undefined) throw new ConflictError(`${this.line.what} has not been entered`)
    const { place, round } = this.entered
    const signal = options.signal ?? this.context.signal
    await persist(this.context, signal, async () => { await place.leave({ signal }) })
    await this.settle(signal, ({ places }) => places.some(({ value }) => sameBytes(value, round)) ? undefined : round)
    this.entered = undefined
    this.entering = false
  }

  /** Waits for the round that the place is in. */
  private async together (place: Place, caller: AbortSignal | undefined): Promise<Uint8Array> {
    using tied = new Tied([caller, place.signal])
    return await this.settle(tied.signal, async look => {
      const mine = look.places.find(row => row.createRevision === place.token)
      if (mine === undefined) throw new LockLostError(`${this.line.what}: the place is gone, its lease has ended`)
      if (!isWaiting(mine)) return mine.value
      const waiting = look.places.filter(isWaiting)
      // Who came first names the number.
      this.checkCounts(waiting.slice(0, waiting.indexOf(mine)))
      const group = waiting.slice(0, this.count)
      // One is enough to do it: were it to die before, it would not be in the group any more.
      if (group.length === this.count && group.at(-1) === mine) await this.begin(group, tied.signal)
      return undefined
    })
  }

  /** All of them are in, or none is: one who died meanwhile is not counted. */
  private async begin (group: readonly Row[], signal: AbortSignal): Promise<void> {
    const round = `round ${String(group.at(-1)?.createRevision)}`
    await this.context.kv.txn({
      compare: group.map(({ key, createRevision }) => ({ key, createRevision, version: 1 })),
      then: group.map(({ key, lease }) => ({ type: 'set', key, value: round, lease }))
    }, { signal })
  }

  private checkCounts (ahead: readonly Row[]): void {
    for (const { value } of ahead) {
      const theirs = Number(new TextDecoder().decode(value))
      if (theirs !== this.count) throw new ConflictError(`${this.line.what} waits for ${theirs} participants, not for ${this.count}: all must name the same number`)
    }
  }

  /** Looks after every change until there is an answer. */
  private async settle<T> (signal: AbortSignal, answer: (look: Look) => T | undefined | Promise<T | undefined>): Promise<T> {
    for (;;) {
      const look = await persist(this.context, signal, async () => {
        const seen = await this.line.look({ signal })
        const found = await answer(seen)
        return { ...seen, found }
      })
      if (look.found !== undefined) return look.found
      await this.line.change(look.revision, signal)
    }
  }
}

/** A place is written once by who waits there, and a second time when its round begins. */
function isWaiting ({ version }: Row): boolean { return version === 1 }
