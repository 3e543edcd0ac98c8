import { Fifo } from './fifo.js'
import type { Clock, Timer } from '../clock.js'
import type { MemberId } from '../raft/types.js'
import type { Network } from '../wire/types.js'

export interface PeerGroup {
  /** Members of this group on that peer's node, by what this node knows. */
  membersAt: (peer: string) => MemberId[]
  readonly leader: MemberId | undefined
  peerUp: (member: MemberId) => void
  peerDown: (member: MemberId) => void
}

interface Hint<G> { readonly group: G, readonly member: MemberId, readonly up: boolean }

/**
 * Which groups share a node with us, and what the link layer says about it. A closed connection is told to the groups at once, but not
 * to all of them together: a thousand groups that lost the same leader would otherwise campaign in one breath, and each campaign is a
 * synced write and a vote request to everybody.
 */
export class Peers<G extends PeerGroup> {
  readonly #network: Network
  readonly #clock: Clock
  readonly #atOnce: number
  readonly #spacingMs: number
  readonly #byGroup = new Map<G, ReadonlySet<string>>()
  readonly #groups = new Map<string, Set<G>>()
  readonly #hints = new Fifo<Hint<G>>()
  #timer: Timer | undefined
  #changed = false

  constructor (network: Network, clock: Clock, options: { wakeAtOnce: number, wakeSpacingMs: number }) {
    this.#network = network
    this.#clock = clock
    this.#atOnce = options.wakeAtOnce
    this.#spacingMs = options.wakeSpacingMs
  }

  /** `group` now has members at exactly these peers (this node's own left out). */
  set (group: G, peers: ReadonlySet<string>): void {
    const before = this.#byGroup.get(group)
    if (peers.size === 0) this.#byGroup.delete(group)
    else this.#byGroup.set(group, peers)
    for (const peer of before ?? []) {
      if (!peers.has(peer)) this.#drop(peer, group)
    }
    for (const peer of peers) {
      const there = this.#groups.get(peer)
      if (there !== undefined) {
        there.add(group)
      } else {
        this.#groups.set(peer, new Set([group]))
        this.#changed = true
      }
    }
  }

  /** Tell the network, if the set of peers has changed. Once a turn, not once a group. */
  flush (): void {
    if (!this.#changed) return
    this.#changed = false
    this.#network.setPeers(new Set(this.#groups.keys()))
  }

  up (peer: string): void {
    for (const group of this.#groups.get(peer) ?? []) this.#hint(group, peer, true)
    this.#drain()
  }

  down (peer: string): void {
    const others: G[] = []
    // Whoever lost its leader is told first: the others have lost a follower, which can wait.
    for (const group of this.#groups.get(peer) ?? []) {
      if (group.membersAt(peer).includes(group.leader ?? '')) this.#hint(group, peer, false)
      else others.push(group)
    }
    for (const group of others) this.#hint(group, peer, false)
    this.#drain()
  }

  stop (): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#hints.drain()
  }

  #hint (group: G, peer: string, up: boolean): void {
    for (const member of group.membersAt(peer)) this.#hints.push({ group, member, up })
  }

  #drain (): void {
    if (this.#timer !== undefined) return
    for (let told = 0; told < this.#atOnce; told++) {
      const hint = this.#hints.shift()
      if (hint === undefined) return
      if (!this.#byGroup.has(hint.group)) continue
      if (hint.up) hint.group.peerUp(hint.member)
      else hint.group.peerDown(hint.member)
    }
    if (this.#hints.length > 0) {
      this.#timer = this.#clock.setTimer(this.#spacingMs, () => {
        this.#timer = undefined
        this.#drain()
      })
    }
  }

  #drop (peer: string, group: G): void {
    const there = this.#groups.get(peer)
    there?.delete(group)
    if (there?.size === 0) {
      this.#groups.delete(peer)
      this.#changed = true
    }
  }
}
