import { peerOf } from '../wire/member-id.js'
import type { Configuration, MemberId } from '../raft/types.js'

/** Strangers that others have vouched for. */
const MAX_VOUCHED = 1_024
/** Strangers that are told of in one turn. */
const MAX_STRANGERS = 16

/** Whose word may count, as the core knows it: the members of each configuration from the committed one, of `index`, on. */
export interface PossibleMembers { readonly index: number, readonly members: ReadonlySet<MemberId> }

/**
 * The members of a group by the node they are on, and whose messages are taken: a node of the mesh that is no member could otherwise depose
 * the leader with nothing but a later term.
 */
export class GroupMembers {
  readonly #ownPeer: string
  #possible: PossibleMembers = { index: 0, members: new Set() }
  #byPeer = new Map<string, MemberId[]>()
  #configuration: Configuration
  /**
   * By the index of the configuration in which a member that is known here, or who took this node in, names them. A joiner's log begins
   * empty, and that of a member that was away does not know its new leader: both must hear it to learn that it is one.
   */
  readonly #vouched = new Map<MemberId, number>()
  readonly #strangers = new Set<MemberId>()

  constructor (self: MemberId, configuration: Configuration, possible: PossibleMembers) {
    this.#ownPeer = peerOf(self)
    this.#configuration = configuration
    this.update(configuration, possible)
  }

  get peers (): ReadonlySet<string> { return new Set(this.#byPeer.keys()) }

  at (peer: string): MemberId[] { return this.#byPeer.get(peer) ?? [] }

  /** Those on whose nodes there is somebody whose messages are taken. */
  get trusted (): ReadonlySet<string> {
    const peers = new Set([...this.#possible.members, ...this.#vouched.keys()].map(peerOf))
    peers.delete(this.#ownPeer)
    return peers
  }

  accepts (member: MemberId): boolean { return this.#possible.members.has(member) || this.#vouched.has(member) }

  /** True once a turn for each, and for a few: a flood of strangers must not become a flood of events. */
  metStranger (member: MemberId): boolean {
    if (this.#strangers.size >= MAX_STRANGERS || this.#strangers.has(member)) return false
    this.#strangers.add(member)
    return true
  }

  forgetStrangers (): void { this.#strangers.clear() }

  update (configuration: Configuration, possible: PossibleMembers): void {
    this.#configuration = configuration
    this.#possible = possible
    // What is committed here is at least as new as what they were vouched for by: from here on it decides.
    for (const [member, index] of this.#vouched) if (index <= possible.index) this.#vouched.delete(member)
    this.#index()
  }

  /** False where the configuration held here is newer than the one of `index`. */
  vouch (members: Iterable<MemberId>, index: number): boolean {
    if (index < this.#possible.index) return false
    for (const member of members) {
      if (this.#possible.members.has(member) || this.#vouched.size >= MAX_VOUCHED) continue
      this.#vouched.set(member, Math.max(index, this.#vouched.get(member) ?? 0))
    }
    this.#index()
    return true
  }

  #index (): void {
    const { voters, outgoing, learners, learnersNext } = this.#configuration
    this.#byPeer = new Map()
    for (const member of new Set([...voters, ...outgoing, ...learners, ...learnersNext, ...this.#vouched.keys()])) {
      const peer = peerOf(member)
      // An earlier incarnation of this very node is still a member until it is removed; there is nobody to talk to.
      if (peer !== this.#ownPeer) this.#byPeer.set(peer, [...this.at(peer), member])
    }
  }
}
