import { InvalidArgumentError, LockLostError } from '../errors.js'
import { Following } from './following.js'
import { Line } from './line.js'
import { checkOptions, keyText, ownPrefix, sameBytes } from './names.js'
import { HeldPlace } from './place.js'
import { takeTurn } from './turns.js'
import { afterWatch, orAborted, persist, Tied } from './waiting.js'
import type { Held, Place } from './place.js'
import type { TurnOptions } from './turns.js'
import type { RecipeContext, Row, Value, WatchEvent } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

/** What a leader proclaims, and the token of its leadership. */
export interface Leader { readonly value: Uint8Array, readonly token: number }

/** A leadership that is held; see {@link Held}. */
export interface Leadership extends Held {
  /** Tells observers another value. Throws LockLostError once this is not the leadership any more. */
  proclaim: (value: Value, options?: AbortOptions) => Promise<void>
  /** Lets the next candidate lead. Where the leadership is lost already, this does nothing. */
  resign: (options?: AbortOptions) => Promise<void>
}

export interface Election {
  readonly name: string
  /** Waits until all candidates who came before are gone. `value` says who leads: an address, a name. */
  campaign: (value: Value, options?: TurnOptions) => Promise<Leadership>
  leader: (options?: AbortOptions) => Promise<Leader | undefined>
  /**
   * Who leads now (undefined: nobody), and from then on each change of leader or value, in order. None is left out, unless history is compacted
   * before it is read: then it goes on with who leads at that time.
   */
  observe: (options?: AbortOptions) => AsyncIterableIterator<Leader | undefined>
}

export function election (context: RecipeContext, name: string): Election {
  const line = new Line(context, `The leadership of "${String(name)}"`, ownPrefix('election', name))
  return {
    name,
    async campaign (value, options = {}) {
      checkOptions(options, ['ttl', 'signal', 'wait'], 'a campaign')
      const bytes = toBytes(value)
      return new HeldLeadership(context, name, await takeTurn(context, line, { value: bytes, permits: 1 }, options))
    },
    async leader (options = {}) {
      return leaderOf((await line.look(options)).places)
    },
    observe (options = {}) {
      checkOptions(options, ['signal'], 'observe')
      return new Following(left => observe(context, line, [options.signal, left]))
    }
  }
}

class HeldLeadership extends HeldPlace implements Leadership {
  /** The key's last write, by us: nobody else writes it. */
  private written: number
  private proclaiming: Promise<unknown> = Promise.resolve()

  constructor (private readonly own: RecipeContext, name: string, place: Place) {
    super(own, name, place)
    this.written = place.token
  }

  async proclaim (value: Value, options?: AbortOptions): Promise<void> {
    const bytes = toBytes(value)
    // One after the other: each names the write before it.
    const said = this.proclaiming.then(async () => { await this.write(bytes, options?.signal) })
    this.proclaiming = said.catch(() => { /* its caller is told */ })
    // Whoever gives up does not wait for those before; when its turn comes, it is passed over.
    await orAborted(said, options?.signal)
  }

  async resign (options?: AbortOptions): Promise<void> { await this.release(options) }

  /**
   * Made again after a lost answer, it finds either its own value or the one before. An old request that lands late names a write that is not the
   * last any more, and changes nothing: so an older value never comes back.
   */
  private async write (value: Uint8Array, caller: AbortSignal | undefined): Promise<void> {
    const { key, place: { lease } } = this
    using tied = new Tied([caller, this.signal])
    await persist(this.own, tied.signal, async () => {
      const { succeeded, revision, results: [found] } = await this.own.kv.txn({
        compare: [{ ...this.fence(), modRevision: this.written }],
        then: [{ type: 'set', key, value, lease: lease.id }],
        else: [{ type: 'get', key }]
      }, { signal: tied.signal })
      const row = found?.type === 'get' ? found.row : undefined
      if (succeeded) this.written = revision
      else if (row === undefined || row.createRevision !== this.token) throw new LockLostError(`${this.place.what} is lost: its lease has ended`)
      else {
        // A proclamation that was given up may have landed: then this one goes on from there.
        this.written = row.modRevision
        if (!sameBytes(row.value, value)) return await this.write(value, tied.signal)
      }
    })
  }
}

async function * observe (context: RecipeContext, line: Line, until: ReadonlyArray<AbortSignal | undefined>): AsyncGenerator<Leader | undefined, void, undefined> {
  using tied = new Tied([context.signal, ...until])
  const { signal } = tied
  let told: { leader: Leader | undefined } | undefined
  const news = (leader: Leader | undefined): boolean => {
    const same = told !== undefined && told.leader?.token === leader?.token && (leader === undefined || told.leader === undefined || sameBytes(told.leader.value, leader.value))
    told = { leader }
    return !same
  }
  for (;;) {
    const { places, revision } = await persist(context, signal, async () => await line.look({ signal }))
    const candidates = new Map(places.map(row => [keyText(row.key), row]))
    const now = leaderOf(places)
    if (news(now)) yield now
    try {
      await using watch = await context.kv.watch({ prefix: line.prefix, revision: revision + 1, signal })
      for (;;) {
        for (const events of byRevision(await watch.nextBatch())) {
          for (const { key, row } of events) {
            if (row === undefined) candidates.delete(keyText(key))
            // A look of several pages may have seen a later value already.
            else if (row.modRevision >= (candidates.get(keyText(key))?.modRevision ?? 0)) candidates.set(keyText(key), row)
          }
          const next = leaderOf(candidates.values())
          if (news(next)) yield next
        }
      }
    } catch (error) {
      await afterWatch(context, error, signal)
    }
  }
}

/** A leader that leads for one revision only is one all the same: each revision is looked at by itself. */
function byRevision (events: readonly WatchEvent[]): Iterable<WatchEvent[]> {
  const revisions = new Map<number, WatchEvent[]>()
  for (const event of events) {
    const before = revisions.get(event.revision)
    if (before === undefined) revisions.set(event.revision, [event])
    else before.push(event)
  }
  return revisions.values()
}

function leaderOf (rows: Iterable<Row>): Leader | undefined {
  let first: Row | undefined
  for (const row of rows) if (first === undefined || row.createRevision < first.createRevision) first = row
  return first === undefined ? undefined : { value: first.value, token: first.createRevision }
}

function toBytes (value: Value): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value)
  if (value instanceof Uint8Array) return new Uint8Array(value)
  throw new InvalidArgumentError(`The value of a leader must be a string or a Uint8Array, got ${typeof value}`)
}
