import { isMember, isVoter, membersOf } from './configuration.js'
import { Inflights, Progress } from './progress.js'
import { jointValue } from './quorum.js'
import type { Configuration, MemberId, RaftOptions } from './types.js'

/** A leader's view of everyone, under the configuration in force. */
export class Tracker {
  readonly #options: RaftOptions
  readonly #byId = new Map<MemberId, Progress>()
  /** Sorted by id, so that the order in which messages leave is the same in every run. */
  all: readonly Progress[] = []
  #voters: readonly Progress[] = []
  #outgoing: readonly Progress[] = []

  constructor (options: RaftOptions) { this.#options = options }

  get (id: MemberId): Progress | undefined { return this.#byId.get(id) }
  /** The only voter needs to ask nobody. */
  isQuorumOf (id: MemberId): boolean { return this.#voters.length === 1 && this.#voters[0].id === id && this.#outgoing.length === 0 }
  get voters (): readonly Progress[] { return this.#voters }

  /** `now` in ticks. Who is new starts unknown at `next`; who is gone stays for a while, to be told. */
  configure (configuration: Configuration, next: number, now: number): void {
    const { electionTicks, maxInflight, maxInflightBytes } = this.#options
    for (const id of membersOf(configuration)) {
      // A member that comes back while it departs keeps its progress: it is the same log on the same disk.
      const progress = this.#byId.get(id) ?? new Progress(id, next, now, new Inflights(maxInflight, maxInflightBytes))
      progress.learner = !isVoter(configuration, id)
      progress.departsAt = 0
      this.#byId.set(id, progress)
    }
    for (const progress of this.#byId.values()) {
      if (!isMember(configuration, progress.id) && progress.departsAt === 0) progress.departsAt = now + 2 * electionTicks
    }
    this.#refresh(configuration)
  }

  /** Let go of departed members that know, or that had their time. */
  dismiss (configuration: Configuration, knownAt: number, now: number): void {
    const gone = this.all.filter(p => p.departsAt > 0 && (p.knownCommit >= knownAt || now >= p.departsAt))
    if (gone.length === 0) return
    for (const { id } of gone) this.#byId.delete(id)
    this.#refresh(configuration)
  }

  /** The value that a quorum has reached; both quorums while joint. */
  quorum (field: 'match' | 'ackedRound' | 'heardAt'): number {
    return jointValue(this.#voters.map(p => p[field]), this.#outgoing.map(p => p[field]))
  }

  #refresh (configuration: Configuration): void {
    const list = (ids: readonly MemberId[]): Progress[] => ids.map(id => this.#byId.get(id)).filter(p => p !== undefined)
    this.all = list([...this.#byId.keys()].sort((a, b) => a < b ? -1 : 1))
    this.#voters = list(configuration.voters)
    this.#outgoing = list(configuration.outgoing)
  }
}
