import type { MemberId } from '../raft/types.js'

/**
 * Who was a member and is one no more, by committed configurations. Whoever looks may not see every configuration: a member that is added and
 * removed again at once may be seen in one that is not committed yet, and then no more. It is gone all the same, and must hear of it.
 */
export class Departures {
  readonly #seen = new Set<MemberId>()

  /** `pending`: the configuration is not known to be committed. Returns those who have gone, each once. */
  note (members: readonly MemberId[], pending: boolean): MemberId[] {
    for (const member of members) this.#seen.add(member)
    if (pending) return []
    const gone = [...this.#seen].filter(member => !members.includes(member))
    for (const member of gone) this.#seen.delete(member)
    return gone
  }
}
