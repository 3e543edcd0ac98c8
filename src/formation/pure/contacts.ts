import { memberId } from '../../wire/member-id.js'
import type { MemberId } from '../../raft/types.js'
import type { View } from './view.js'

/** A peer that has told its view, directly, over a connection that authenticated it. */
export interface Contact {
  readonly peer: string
  readonly member: MemberId
  readonly firstHeard: number
  readonly lastHeard: number
  readonly view: View
}

interface Pace { nextAt: number, failures: number, heardAt: number }

export interface PacingOptions {
  /** ms between two exchanges with a peer that answers. */
  readonly interval: number
  /** ms without a word after which a peer counts as gone. */
  readonly fresh: number
  /** Longest pause between tries of a peer that doesn't answer. */
  readonly maxBackoff: number
  readonly random: () => number
}

/** Peers tried, dead ones included: provider records name them for two days. */
export const MAX_KNOWN = 512

/** Whom to talk to, when, and what each said last. */
export class Contacts {
  readonly #heard = new Map<string, Contact>()
  readonly #pace = new Map<string, Pace>()

  constructor (private readonly self: string, private readonly options: PacingOptions) {}

  /** A peer that may serve the namespace. One that is known and silent is tried again at once: something brought it up. */
  candidate (now: number, peer: string): void {
    if (peer === this.self) return
    const pace = this.#pace.get(peer)
    if (pace !== undefined) {
      if (pace.failures > 0) pace.nextAt = Math.min(pace.nextAt, now)
      pace.failures = 0
      return
    }
    if (this.#pace.size >= MAX_KNOWN && !this.#evict()) return
    this.#pace.set(peer, { nextAt: now, failures: 0, heardAt: -Infinity })
  }

  /** A peer that another has heard from; one that is known and silent keeps its pace: it may be out of reach for this node only. */
  mentioned (now: number, peer: string): void {
    if (!this.#pace.has(peer)) this.candidate(now, peer)
  }

  heard (now: number, peer: string, view: View): Contact {
    const before = this.#heard.get(peer)
    const member = memberId(peer, view.record.incarnation)
    // A wiped disk is another node: what the old one was seen as doesn't carry over.
    const firstHeard = before?.member === member ? before.firstHeard : now
    const contact: Contact = { peer, member, firstHeard, lastHeard: now, view }
    this.candidate(now, peer)
    const pace = this.#pace.get(peer)
    if (pace === undefined) return contact // no room, and every peer known is alive
    this.#heard.set(peer, contact)
    Object.assign(pace, { failures: 0, heardAt: now, nextAt: now + this.#interval() })
    return contact
  }

  failed (now: number, peer: string): void {
    const pace = this.#pace.get(peer)
    if (pace === undefined) return
    pace.failures++
    const pause = Math.min(this.options.maxBackoff, this.options.interval * 2 ** Math.min(pace.failures, 20))
    pace.nextAt = now + pause * (0.5 + this.options.random() / 2)
  }

  /** Try all that are silent, whatever their pace: what they would say matters now or never. */
  lastCall (now: number): void {
    for (const pace of this.#pace.values()) if (pace.failures > 0) pace.nextAt = Math.min(pace.nextAt, now)
  }

  /** Talk to these now. Each is handed out once, until it answers, fails or an interval has passed. */
  due (now: number): string[] {
    const peers = [...this.#pace].filter(([, pace]) => pace.nextAt <= now).map(([peer]) => peer)
    for (const peer of peers) this.#pace.get(peer)!.nextAt = now + this.#interval()
    return peers
  }

  get (peer: string): Contact | undefined { return this.#heard.get(peer) }

  /** Sorted by peer id. */
  fresh (now: number): Contact[] {
    return [...this.#heard.values()].filter(contact => this.isFresh(now, contact)).sort((a, b) => a.peer < b.peer ? -1 : 1)
  }

  isFresh (now: number, contact: Contact): boolean { return now - contact.lastHeard < this.options.fresh }

  /** Exchanges go up with the square of the number of peers: many of them talk less often. */
  #interval (): number {
    return Math.min(this.options.fresh / 3, this.options.interval * (1 + this.#heard.size / 16)) * (0.75 + this.options.random() / 4)
  }

  /** Make room by forgetting the peer that failed most; false if all of them answer. */
  #evict (): boolean {
    let worst: string | undefined
    let failures = 0
    for (const [peer, pace] of this.#pace) {
      if (pace.failures > failures) [worst, failures] = [peer, pace.failures]
    }
    if (worst === undefined) return false
    this.#pace.delete(worst)
    this.#heard.delete(worst)
    return true
  }
}
