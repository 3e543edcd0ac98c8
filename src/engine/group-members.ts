import { peerOf } from '../wire/member-id.js'
import type { Configuration, MemberId } from '../raft/types.js'

/** Members that are in touch with us and not (yet, as far as we know) in the configuration. */
const MAX_GUESTS = 16

/** The members of a group by the node they are on. */
export class GroupMembers {
  readonly #ownPeer: string
  #known = new Set<MemberId>()
  #byPeer = new Map<string, MemberId[]>()
  /**
   * A joiner's log begins empty: it knows of nobody until the leader's appends arrive, and must hold a link to answer them. So whoever
   * speaks for the group counts until a configuration says who does.
   */
  readonly #guests = new Set<MemberId>()

  constructor (self: MemberId, configuration: Configuration) {
    this.#ownPeer = peerOf(self)
    this.update(configuration)
  }

  get peers (): ReadonlySet<string> { return new Set(this.#byPeer.keys()) }

  at (peer: string): MemberId[] { return this.#byPeer.get(peer) ?? [] }

  update ({ voters, outgoing, learners, learnersNext }: Configuration): void {
    this.#guests.clear()
    this.#known = new Set()
    this.#byPeer = new Map()
    for (const member of new Set([...voters, ...outgoing, ...learners, ...learnersNext])) this.#add(member)
  }

  /** True if `member` is new to us. */
  heard (member: MemberId): boolean {
    if (this.#known.has(member) || this.#guests.size >= MAX_GUESTS) return false
    this.#guests.add(member)
    this.#add(member)
    return true
  }

  #add (member: MemberId): void {
    this.#known.add(member)
    const peer = peerOf(member)
    // An earlier incarnation of this very node is still a member until it is removed; there is nobody to talk to.
    if (peer !== this.#ownPeer) this.#byPeer.set(peer, [...this.at(peer), member])
  }
}
