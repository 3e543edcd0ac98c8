import { BusyError } from '../errors.js'

/** Over all peers, of what each may have. */
const ALL = 8

/** How many requests of peers may wait here for something to happen. They cost nothing but their place, and would cost that for ever. */
export class PollLimit {
  readonly #peers = new Map<string, number>()
  #waiting = 0
  #refused = 0

  constructor (private readonly perPeer: number) {}

  get waiting (): number { return this.#waiting }
  get refused (): number { return this.#refused }

  /** Returns how to leave. @throws BusyError */
  enter (peer: string): () => void {
    const waiting = this.#peers.get(peer) ?? 0
    if (waiting >= this.perPeer || this.#waiting >= ALL * this.perPeer) {
      this.#refused++
      throw new BusyError(`${this.#waiting} requests wait on this node for something to happen, ${waiting} of them yours: ask another node, or watch less`)
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
