import { UnavailableError } from '../errors.js'
import { abortReason } from './deferred.js'
import type { Core, ReadResult } from '../raft/types.js'

/** Rounds on their way at a time; what comes meanwhile shares the next one. */
const MAX_ROUNDS = 64

class Read {
  settled = false
  index = 0

  constructor (
    readonly lease: boolean,
    readonly deadline: number,
    readonly signal: AbortSignal | undefined,
    readonly resolve: (index: number) => void,
    readonly reject: (error: Error) => void
  ) {
    signal?.addEventListener('abort', this)
  }

  handleEvent (): void { this.fail(abortReason(this.signal as AbortSignal)) }

  done (): void {
    if (this.settled) return
    this.#settle()
    this.resolve(this.index)
  }

  fail (error: Error): void {
    if (this.settled) return
    this.#settle()
    this.reject(error)
  }

  #settle (): void {
    this.settled = true
    this.signal?.removeEventListener('abort', this)
  }
}

/**
 * Linearizable reads (Raft §6.4): the reads that gathered in a turn share one context of the core, and the core shares one heartbeat
 * round between the contexts that wait for it. A context is used once, and only for reads that came before it was issued: an answer to
 * an older question must never serve a newer read.
 */
export class Reads {
  readonly #namespace: string
  /** Engine ms after which a read that found no leader is given up. */
  readonly #patienceMs: number
  #waiting: Read[] = []
  readonly #rounds = new Map<number, readonly Read[]>()
  /** Refused for want of a leader: asked again at the next tick, or as soon as there is one. */
  #parked: Read[] = []
  /** Confirmed; waits for this node to have applied that far. */
  #confirmed: Read[] = []
  #nextContext = 1

  constructor (namespace: string, patienceMs: number) {
    this.#namespace = namespace
    this.#patienceMs = patienceMs
  }

  get pending (): boolean { return this.#waiting.length + this.#rounds.size + this.#parked.length + this.#confirmed.length > 0 }
  /** There are reads to issue, and room for another round. */
  get issuable (): boolean { return this.#waiting.length > 0 && this.#rounds.size < MAX_ROUNDS }

  add (now: number, lease: boolean, signal: AbortSignal | undefined): Promise<number> {
    if (signal?.aborted === true) return Promise.reject(abortReason(signal))
    return new Promise((resolve, reject) => { this.#waiting.push(new Read(lease, now + this.#patienceMs, signal, resolve, reject)) })
  }

  issue (core: Core, now: number): void {
    if (!this.issuable) return
    const reads = this.#waiting.filter(read => !read.settled)
    this.#waiting = []
    this.#ask(core, now, reads.filter(read => !read.lease), false)
    this.#ask(core, now, reads.filter(read => read.lease), true)
  }

  #ask (core: Core, now: number, reads: readonly Read[], lease: boolean): void {
    if (reads.length === 0) return
    const context = this.#nextContext++
    this.#rounds.set(context, reads)
    core.readIndex(context, now, lease)
  }

  /** What the core answered. Returns how many reads it answered by that. */
  results (results: readonly ReadResult[], applied: number): number {
    let answered = 0
    for (const result of results) {
      const reads = this.#rounds.get(result.context)
      if (reads === undefined) continue
      this.#rounds.delete(result.context)
      if ('refused' in result) {
        this.#parked.push(...reads)
        continue
      }
      for (const read of reads) {
        read.index = result.index
        if (result.index <= applied) {
          read.done()
          answered++
        } else {
          this.#confirmed.push(read)
        }
      }
    }
    return answered
  }

  applied (index: number): number {
    if (this.#confirmed.length === 0) return 0
    const ready = this.#confirmed.filter(read => read.index <= index)
    if (ready.length === 0) return 0
    this.#confirmed = this.#confirmed.filter(read => read.index > index)
    for (const read of ready) read.done()
    return ready.length
  }

  /** Ask again for the reads that were refused. */
  retry (): void {
    if (this.#parked.length === 0) return
    this.#waiting.push(...this.#parked)
    this.#parked = []
  }

  /** Give up what has waited for too long. */
  expire (now: number): void {
    const late = (read: Read): boolean => {
      if (!read.settled && read.deadline <= now) {
        read.fail(new UnavailableError(
          `no leader of ${this.#namespace} confirmed a read within ${Math.round(this.#patienceMs)} ms: check that a majority of its members can be reached, then try again`))
      }
      return read.settled
    }
    this.#waiting = this.#waiting.filter(read => !late(read))
    this.#parked = this.#parked.filter(read => !late(read))
    this.#confirmed = this.#confirmed.filter(read => !late(read))
    for (const [context, reads] of this.#rounds) {
      // Every read of a round, not only some: an answer that comes after all would otherwise find nobody, which is harmless.
      if (reads.filter(read => !late(read)).length === 0) this.#rounds.delete(context)
    }
  }

  end (error: Error): void {
    const reads = [...this.#waiting, ...[...this.#rounds.values()].flat(), ...this.#parked, ...this.#confirmed]
    this.#waiting = this.#parked = this.#confirmed = []
    this.#rounds.clear()
    for (const read of reads) read.fail(error)
  }
}
