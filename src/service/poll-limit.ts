import { BusyError } from '../errors.js'

/** Over all peers, of what each may have. */
const ALL = 8

/** What {@link PollLimit} counts, for its refusals. */
const POLLS = 'wait on this node for something to happen'
export const SCANS = 'have this node read many rows, or leases'

/**
 * How many requests of peers of one kind may be under way here at a time: those that wait for something to happen, which cost nothing but their
 * place, and would cost that for ever; or those whose answers are large.
 */
export class PollLimit {
  readonly #peers = new Map<string, number>()
  #waiting = 0
  #refused = 0

  constructor (private readonly perPeer: number, private readonly what = POLLS) {}

  get waiting (): number { return this.#waiting }
  get refused (): number { return this.#refused }

  /** Returns how to leave. @throws BusyError */
  enter (peer: string): () => void {
    const waiting = this.#peers.get(peer) ?? 0
    if (waiting >= this.perPeer || this.#waiting >= ALL * this.perPeer) {
      this.#refused++
      throw new BusyError(`${this.#waiting} requests ${this.what}, ${waiting} of them yours: ask another node, or less at a time`)
    }
    this.#waiting++
    this.#peers.set(peer, waiting + 1)
    return () => {
      this.#waiting--
      const left = (this.#peers.get(peer) ?? 1) - 1
      if (left === 0) this.#peers.delete(peer)
      else this.#peers.set(peer, left)
    }
  }
}
