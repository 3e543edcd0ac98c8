import { Fifo } from './fifo.js'
import { asError } from './deferred.js'
import type { HostedMachine } from '../machine/types.js'
import type { Entry } from '../raft/types.js'

/** Entries given to the machine at a time, so that a turn stays short. */
const PAGE = 512

export interface ApplyEvents {
  /** A page was applied. */
  applied: (entries: readonly Entry[], results: readonly Uint8Array[]) => void
  failed: (error: Error) => void
  /** There is more to do in a later turn. */
  more: () => void
}

/**
 * Hands committed entries to the state machine: in order, without a gap, one page at a time. Everything that must not happen in the
 * middle of an apply (taking a snapshot, installing one) goes through here too, so that it cannot race (openraft lost state to that).
 */
export class ApplyQueue {
  readonly #machine: HostedMachine
  readonly #events: ApplyEvents
  readonly #batches = new Fifo<readonly Entry[]>()
  readonly #atRest: Array<() => void> = []
  /** How much of the first batch is applied. */
  #offset = 0
  #queuedTo: number
  #applied: number
  #busy = false
  /** Holds on applying: a snapshot being installed, or being begun. */
  #holds = 0
  #stopped = false

  constructor (machine: HostedMachine, applied: number, events: ApplyEvents) {
    this.#machine = machine
    this.#events = events
    this.#applied = applied
    this.#queuedTo = applied
  }

  get applied (): number { return this.#applied }
  get busy (): boolean { return this.#busy }
  /** Nothing queued, nothing being applied, nobody looking at the state as it is. */
  get idle (): boolean { return !this.#busy && this.#holds === 0 && this.#batches.length === 0 }

  push (entries: readonly Entry[]): void {
    if (entries.length === 0) return
    if (entries[0].index !== this.#queuedTo + 1) throw new Error(`entry ${entries[0].index} was handed out for apply after entry ${this.#queuedTo}: entries were skipped or repeated`)
    this.#queuedTo = entries[entries.length - 1].index
    this.#batches.push(entries)
  }

  /** Run `work` between two pages: at once if no apply is under way. */
  atRest (work: () => void): void {
    if (this.#busy) this.#atRest.push(work)
    else work()
  }

  /** Apply until `done()` says that the turn is over. */
  run (done: () => boolean): void {
    while (!this.#busy && this.#holds === 0 && !this.#stopped && this.#batches.length > 0) {
      const page = this.#nextPage()
      const results = this.#machine.apply(page)
      if (Array.isArray(results)) {
        this.#finish(page, results)
      } else {
        this.#busy = true
        void this.#settle(page, results)
        return
      }
      if (this.#batches.length > 0 && done()) {
        this.#events.more()
        return
      }
    }
  }

  /** Apply nothing until `resume`. Only between two pages. */
  pause (): void { this.#holds++ }

  resume (): void {
    this.#holds--
    if (!this.#stopped) this.#events.more()
  }

  /** A snapshot up to `index` is being installed: apply nothing until it is in force. Only while idle. */
  beginInstall (index: number): void {
    if (!this.idle || index <= this.#queuedTo) throw new Error(`a snapshot up to ${index} cannot be installed while entries up to ${this.#queuedTo} are being applied`)
    this.pause()
    this.#queuedTo = index
  }

  installed (index: number): void {
    this.#applied = index
    this.resume()
  }

  /** Apply no more. An apply under way is let finish, and its outcome counts for nothing. */
  stop (): void {
    this.#stopped = true
    this.#batches.drain()
  }

  /** Resolves when no apply is under way. */
  async rest (): Promise<void> {
    if (this.#busy) await new Promise<void>(resolve => { this.#atRest.push(resolve) })
  }

  #nextPage (): readonly Entry[] {
    const batch = this.#batches.first as readonly Entry[]
    const end = Math.min(this.#offset + PAGE, batch.length)
    const page = this.#offset === 0 && end === batch.length ? batch : batch.slice(this.#offset, end)
    if (end === batch.length) {
      this.#batches.shift()
      this.#offset = 0
    } else {
      this.#offset = end
    }
    return page
  }

  async #settle (page: readonly Entry[], results: Promise<Uint8Array[]>): Promise<void> {
    try {
      const settled = await results
      this.#busy = false
      if (!this.#stopped) this.#finish(page, settled)
    } catch (thrown) {
      this.#busy = false
      if (!this.#stopped) this.#events.failed(asError(thrown))
    }
    this.#rested()
    if (!this.#stopped) this.#events.more()
  }

  #rested (): void {
    for (const work of this.#atRest.splice(0)) {
      try {
        work()
      } catch (thrown) {
        this.#events.failed(asError(thrown))
      }
    }
  }

  #finish (page: readonly Entry[], results: readonly Uint8Array[]): void {
    if (results.length !== page.length) throw new Error(`the state machine answered ${page.length} entries with ${results.length} results`)
    this.#applied = page[page.length - 1].index
    this.#events.applied(page, results)
  }
}
