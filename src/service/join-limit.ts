import { BusyError } from '../errors.js'
import type { Clock } from '../clock.js'

const WINDOW_MS = 60_000
/** Peers remembered. A peer needs a key pair, and a connection, for each. */
const MAX_PEERS = 4_096

/**
 * How often a peer may ask to become a member. Each request costs the checking of a signature, and one that is granted costs the group a
 * change of its configuration: without a bound, a peer that comes back under ever new incarnations keeps it busy with nothing else.
 */
export class JoinLimit {
  readonly #asked = new Map<string, { since: number, times: number }>()
  #refused = 0

  constructor (private readonly clock: Clock, private readonly perMinute: number) {}

  /** Requests that were refused. */
  get refused (): number { return this.#refused }

  /** @throws BusyError */
  enter (peer: string): void {
    const now = this.clock.now()
    let asked = this.#asked.get(peer)
    if (asked === undefined || now - asked.since >= WINDOW_MS) {
      // Last in the order again, so that those at the front are the oldest.
      this.#asked.delete(peer)
      asked = { since: now, times: 0 }
      this.#asked.set(peer, asked)
      if (this.#asked.size > MAX_PEERS) this.#forgetOldest()
    }
    if (asked.times >= this.perMinute) {
      this.#refused++
      throw new BusyError(`${peer} has asked to join ${asked.times} times within a minute: ask again in ${Math.ceil((asked.since + WINDOW_MS - now) / 1_000)} s`)
    }
    asked.times++
  }

  #forgetOldest (): void {
    const [oldest] = this.#asked.keys()
    this.#asked.delete(oldest)
  }
}
