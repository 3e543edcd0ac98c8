import { asError } from './deferred.js'
import type { Clock } from '../clock.js'
import type { OrderedStore, StoreOp } from '../storage/types.js'
import type { LandedWrite, PendingWrites } from './pending-writes.js'

export interface Writer {
  readonly writes: PendingWrites
  /** All of these are durable. */
  landed: (writes: readonly LandedWrite[]) => void
  fail: (error: Error) => void
}

export interface WriteQueueEvents {
  /** A batch landed: there may be another to write, and more to do. */
  landed: () => void
  /** The store failed. Nothing that depended on the batch may leave this node. */
  failed: (error: Error) => void
}

/**
 * The group commit, within and across groups: at most one batch is on its way to the disk, and all that is written meanwhile, by
 * whichever group, is the next one. So the number of syncs follows the disk's speed, not the number of writes.
 */
export class WriteQueue {
  readonly #store: OrderedStore
  readonly #clock: Clock
  readonly #events: WriteQueueEvents
  #writers = new Set<Writer>()
  #inFlight = new Set<Writer>()
  #since: number | undefined
  #urgent = false
  #failed = false
  #batches = 0
  #waiting: Array<() => void> = []

  constructor (store: OrderedStore, clock: Clock, events: WriteQueueEvents) {
    this.#store = store
    this.#clock = clock
    this.#events = events
  }

  get batches (): number { return this.#batches }

  /** How long the disk has been at the batch in flight, ms. */
  stalledFor (now: number): number {
    return this.#since === undefined ? 0 : now - this.#since
  }

  /** `writer` has something in its pending writes. */
  add (writer: Writer): void {
    this.#writers.add(writer)
    this.#urgent ||= writer.writes.urgent
  }

  /** The group is gone: nothing of it is written any more. */
  remove (writer: Writer): void {
    writer.writes.clear()
    this.#writers.delete(writer)
  }

  /** What could have waited for a ride has waited for long enough. */
  nudge (writer: Writer): void {
    if (this.#writers.has(writer)) this.#urgent = true
  }

  /** Write what has gathered, unless a batch is in flight: then it is written when that has landed. */
  flush (): void {
    if (this.#failed || this.#since !== undefined || !this.#urgent) return
    const writers = this.#writers
    this.#writers = new Set()
    this.#urgent = false
    const ops: StoreOp[] = []
    const landed: Array<[Writer, LandedWrite[]]> = []
    let sync = false
    for (const writer of writers) {
      const before = ops.length
      try {
        const built = writer.writes.build(ops)
        landed.push([writer, built.landed])
        sync ||= built.sync
      } catch (thrown) {
        // One group's broken invariant must not take the others' writes with it, nor leave half of its own in the batch.
        ops.length = before
        writer.fail(asError(thrown))
      }
    }
    this.#inFlight = new Set(landed.map(([writer]) => writer))
    void this.#write(ops, sync, landed)
  }

  /** Resolves when nothing of `writer` is pending or in flight; at once if the store has failed. */
  async settled (writer: Writer): Promise<void> {
    while (!this.#failed && (this.#inFlight.has(writer) || this.#writers.has(writer))) {
      this.#urgent ||= this.#writers.has(writer)
      const landed = new Promise<void>(resolve => { this.#waiting.push(resolve) })
      this.flush()
      await landed
    }
  }

  fail (): void {
    this.#failed = true
    this.#writers.clear()
    this.#wakeWaiting()
  }

  async #write (ops: readonly StoreOp[], sync: boolean, landed: ReadonlyArray<[Writer, LandedWrite[]]>): Promise<void> {
    this.#since = this.#clock.now()
    try {
      if (ops.length > 0) {
        this.#batches++
        await this.#store.batch(ops, { sync })
      }
      if (this.#store.failure !== undefined) throw this.#store.failure
    } catch (thrown) {
      this.#since = undefined
      this.#inFlight.clear()
      this.#events.failed(asError(thrown))
      return
    }
    this.#since = undefined
    this.#inFlight.clear()
    if (this.#failed) return
    for (const [writer, writes] of landed) writer.landed(writes)
    this.#wakeWaiting()
    this.#events.landed()
  }

  #wakeWaiting (): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
