import { ConflictError, LockLostError } from '../errors.js'
import { keyText, numberedKey, sameBytes } from './names.js'
import { Place, reasonOf, revokeSoon } from './place.js'
import { persist, Tied, watchUntil } from './waiting.js'
import type { LeaseOptions, RecipeContext, Row } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

/** Who stands in a line at one revision, in the order in which they came. */
export interface Look { readonly places: readonly Row[], readonly revision: number }

/** A look at others in the line, which may refuse them. */
export type Check = (others: readonly Row[]) => void

/**
 * People in a line: each has a key of its own under `prefix`, which goes away with a lease of its own, and they stand in the order in which
 * those keys were made (their create revisions). Nobody can get ahead of somebody who is there: the log gives later writes higher
 * revisions. So once nobody is ahead, nobody will be, for as long as the lease lives.
 *
 * One small key a place, as many as the group has leases (100,000) at most; it goes with its lease.
 */
export class Line {
  /** `what`: such as `The lock "backup"`, for messages. */
  constructor (private readonly context: RecipeContext, readonly what: string, readonly prefix: Uint8Array) {}

  /** Takes the last place. Whoever cannot have it leaves no trace, or one that goes with a lease that nothing keeps alive. */
  async join (value: Uint8Array, options: LeaseOptions): Promise<Place> {
    const lease = await this.context.kv.lease(options).catch((error: unknown) => {
      options.signal?.throwIfAborted()
      throw error
    })
    using tied = new Tied([options.signal, lease.signal])
    try {
      const { key, token } = await this.put(lease.id, value, tied.signal)
      return new Place(this.context, this.what, lease, key, token)
    } catch (error) {
      await revokeSoon(this.context, lease)
      throw reasonOf(error, options.signal, lease.signal, this.what)
    }
  }

  /**
   * Sets the key of a lease, and returns its row. It may be made again after a lost answer: the key is set only if it is not there, and when an
   * old request lands after the lease has ended, it is refused for the lack of it.
   */
  private async put (lease: number, value: Uint8Array, signal: AbortSignal): Promise<{ key: Uint8Array, token: number }> {
    const { kv } = this.context
    const key = numberedKey(this.prefix, lease)
    return await persist(this.context, signal, async () => {
      const { succeeded, revision, results: [result] } = await kv.txn({
        compare: [{ key, exists: false }],
        then: [{ type: 'set', key, value, lease }],
        else: [{ type: 'get', key }]
      }, { signal })
      if (succeeded) return { key, token: revision }
      if (result?.type !== 'get' || result.row?.lease !== lease) throw new ConflictError(`${this.what}: the key of lease ${lease} was made by somebody else`)
      return { key, token: result.row.createRevision }
    })
  }

  /**
   * Those who have a place. More than a page is read page by page, each at its own revision: whoever leaves meanwhile may or may not be seen, but
   * whoever was there before the first page and still is after the last one is seen. `revision` is the first page's.
   */
  async look (options: AbortOptions): Promise<Look> {
    const { kv } = this.context
    const rows: Row[] = []
    let page = await kv.scan({ ...options, prefix: this.prefix })
    const { revision } = page
    rows.push(...page.rows)
    while (page.next !== undefined) {
      page = await kv.scan({ ...options, prefix: this.prefix, after: page.next })
      rows.push(...page.rows)
    }
    return { places: rows.sort((a, b) => a.createRevision - b.createRevision), revision }
  }

  /** Fewer than `permits` have a place now. */
  async hasRoom (permits: number, options: AbortOptions, check?: Check): Promise<boolean> {
    const { rows } = await this.context.kv.scan({ ...options, prefix: this.prefix, limit: permits })
    check?.(rows)
    return rows.length < permits
  }

  async isTurn (place: Place, permits: number, caller: AbortSignal | undefined, check?: Check): Promise<boolean> {
    using tied = new Tied([caller, place.signal])
    const { places } = await persist(this.context, tied.signal, async () => await this.ahead(place, tied.signal, check))
    // As in `turn`.
    if (place.signal.aborted) throw place.signal.reason
    return places.length < permits
  }

  /** Waits for any change behind a look. */
  async change (revision: number, signal: AbortSignal): Promise<void> {
    await watchUntil(this.context, { prefix: this.prefix }, revision, signal, () => true)
  }

  /** Who is ahead of a place now, the nearest one last. `check` may refuse what it sees. */
  private async ahead (place: Place, signal: AbortSignal, check?: Check): Promise<Look> {
    const { places, revision } = await this.look({ signal })
    const mine = places.findIndex(row => row.createRevision === place.token && sameBytes(row.key, place.key))
    if (mine === -1) throw new LockLostError(`${this.what}: the place in the line is gone, its lease has ended`)
    const ahead = places.slice(0, mine)
    check?.(ahead)
    return { places: ahead, revision }
  }

  /** Resolves once fewer than `permits` are ahead. Rejects when the signal aborts, or the place is lost. */
  async turn (place: Place, permits: number, signal: AbortSignal, check?: Check): Promise<void> {
    using tied = new Tied([signal, place.signal])
    for (;;) {
      // Whoever left may have given up without having held: only a look tells.
      const { places, revision } = await persist(this.context, tied.signal, async () => await this.ahead(place, tied.signal, check))
      // The answer may have waited for us, not we for it: in a process that stood still, the lease ran out meanwhile.
      if (place.signal.aborted) throw place.signal.reason
      if (places.length < permits) return
      await this.departures(places, permits, revision, tied.signal)
    }
  }

  /**
   * Waits until so many have left that it may be somebody's turn. With one permit that is the one next ahead, and its key alone is watched:
   * a release wakes one, not all who wait. With more, any of those ahead may be the one who leaves.
   */
  private async departures (ahead: readonly Row[], permits: number, revision: number, signal: AbortSignal): Promise<void> {
    const awaited = permits === 1 ? ahead.slice(-1) : ahead
    const staying = new Set(awaited.map(({ key }) => keyText(key)))
    const [last] = awaited
    const range = permits === 1 && last !== undefined ? { key: last.key } : { prefix: this.prefix }
    await watchUntil(this.context, range, revision, signal, batch => {
      for (const event of batch) if (event.type === 'delete') staying.delete(keyText(event.key))
      return staying.size < permits
    })
  }
}
