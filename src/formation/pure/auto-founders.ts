import { AUTO } from './view.js'
import { sameList } from './proposal.js'
import type { Contact } from './contacts.js'
import type { MemberId } from '../../raft/types.js'

/**
 * The founder set of `auto`: which peers were seen before the first of them passed its threshold.
 *
 * Each node fixes ("freezes") its candidates when its own threshold passes, or as soon as a peer says that it has fixed a set with this
 * node in it: the first to pass it sets the clock for all. What the frozen nodes of a set know is united, so that they come to the same
 * list; whoever is seen later by all of them is a late joiner. This is about liveness and good manners: that two sets are never both
 * founded is the promises' business.
 */
export class AutoFounders {
  readonly #eligible = new Set<MemberId>()
  #frozenAt: number | undefined

  constructor (private readonly self: MemberId) {}

  get frozenAt (): number | undefined { return this.#frozenAt }

  /** The founders that this node would have: itself, and who was seen in time, and is alive. Sorted. */
  set (fresh: readonly Contact[]): MemberId[] {
    if (this.#frozenAt === undefined) return []
    return [this.self, ...fresh.filter(c => isCandidate(c) && this.#eligible.has(c.member)).map(c => c.member)].sort()
  }

  /** Take in what contacts say of their sets, then freeze if it is time. */
  update (now: number, fresh: readonly Contact[], thresholdPassed: boolean): void {
    if (this.#frozenAt === undefined) {
      const inviting = fresh.filter(c => isFrozen(c) && c.view.founders.includes(this.self))
      if (inviting.length > 0) {
        // The earliest freeze counts: a peer first heard after it is late, even if this very node had not heard of the freeze yet.
        this.#freeze(Math.min(now, ...inviting.map(c => now - c.view.frozenMs!)), fresh)
      } else if (thresholdPassed && !this.isWaiting(fresh)) {
        this.#freeze(now, fresh)
      } else return
    }
    // Grows only, over a finite set of nodes, so it settles. Whoever is in the union but dead is left out by `set`.
    let size
    do {
      size = this.#eligible.size
      const mine = new Set(this.set(fresh))
      for (const c of fresh) {
        if (isFrozen(c) && mine.has(c.member) && c.view.founders.includes(this.self)) for (const member of c.view.founders) this.#eligible.add(member)
      }
    } while (this.#eligible.size > size)
  }

  /**
   * True while others are about to form without this node: it then neither freezes, proposes nor promises, and joins what they form.
   * Of two frozen sets that don't overlap (they met too late), the one without the lowest id waits.
   */
  isWaiting (fresh: readonly Contact[]): boolean {
    const mine = this.set(fresh)
    return fresh.some(c => {
      if (!isFrozen(c) || c.view.founders.length === 0 || c.view.founders.includes(this.self)) return false
      return this.#frozenAt === undefined || (!c.view.founders.some(member => mine.includes(member)) && c.view.founders[0] < mine[0])
    })
  }

  /** All of the set have said that it is theirs too. */
  agreed (fresh: readonly Contact[]): boolean {
    const mine = this.set(fresh)
    return mine.length > 1 && mine.every(member => member === this.self || fresh.some(c => c.member === member && isFrozen(c) && sameList(c.view.founders, mine)))
  }

  #freeze (at: number, fresh: readonly Contact[]): void {
    this.#frozenAt = at
    for (const c of fresh) {
      if (isCandidate(c) && (c.firstHeard <= at || c.view.founders.includes(this.self))) this.#eligible.add(c.member)
    }
  }
}

function isCandidate (contact: Contact): boolean {
  return contact.view.policy === AUTO && contact.view.clusterId === undefined
}

function isFrozen (contact: Contact): boolean {
  return isCandidate(contact) && contact.view.frozenMs !== undefined
}
