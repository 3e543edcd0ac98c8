import { memberId, peerOf } from '../wire/member-id.js'
import { limited } from './limited.js'
import type { MembersReport } from './joiner.js'
import type { Clock, Timer } from '../clock.js'
import type { Configuration, MemberId } from '../raft/types.js'

/** What is needed of the group on this node (the engine's GroupHandle has it). */
export interface StrangersGroup {
  readonly self: MemberId
  status: () => { readonly configuration: Configuration }
  trustedPeers: () => ReadonlySet<string>
  vouch: (members: Iterable<MemberId>, index: number) => void
}

export interface StrangersPorts {
  readonly clock: Clock
  readonly clusterId: Uint8Array
  readonly group: StrangersGroup
  /** Who else may be believed, should none of the members known here be in reach: all of them may have been replaced while this one was away. */
  readonly others: () => string[]
  /** Ask a peer who the members are. */
  readonly members: (peer: string, options: { signal: AbortSignal }) => Promise<MembersReport>
  /** For people. */
  readonly onProgress: (detail: string) => void
}

interface Stranger { askAt: number, pauseMs: number }

const MIN_MS = 100
const MAX_MS = 10_000
/** Between two questions, whoever they are about. */
const SPACING_MS = 50
const ANSWER_MS = 3_000
/** Peers asked at a time, and strangers remembered: peer ids cost nothing to make. */
const MAX_ASKED = 16
const MAX_STRANGERS = 16

/**
 * Decides whose Raft messages are taken though they are no member by what is known here. Whom a member that is known here takes for a member
 * is one: Raft has no more to go by itself. A fresh node knows of nobody, and trusts whoever took it in. A question is about all members at
 * once, and is asked less and less often for the same peer: nobody can make this node ask for ever.
 */
export class Strangers {
  readonly #met = new Map<string, Stranger>()
  /** Took this node in, while it knew of no member. */
  readonly #introducers = new Set<string>()
  #asking: Promise<void> | undefined
  #askedAt = -Infinity
  #timer: Timer | undefined
  readonly #closing = new AbortController()

  constructor (private readonly ports: StrangersPorts) {}

  /** A message of this stranger was dropped. */
  met (member: MemberId): void {
    const { clock } = this.ports
    const peer = peerOf(member)
    const stranger = this.#met.get(peer) ?? this.#remember(peer)
    if (clock.now() < stranger.askAt || this.#asking !== undefined || this.#timer !== undefined || this.#closing.signal.aborted) return
    stranger.pauseMs = Math.min(MAX_MS, stranger.pauseMs * 2)
    stranger.askAt = clock.now() + stranger.pauseMs
    const wait = this.#askedAt + SPACING_MS - clock.now()
    if (wait <= 0) void this.ask()
    else {
      this.#timer = clock.setTimer(wait, () => {
        this.#timer = undefined
        void this.ask()
      })
    }
  }

  /** This node was taken in by that peer, which says who the members are. */
  introduced (peer: string, report: MembersReport | undefined): void {
    const { configuration } = this.ports.group.status()
    // Who knows members knows whom to ask.
    if (configuration.voters.length > 0) return
    this.#introducers.add(peer)
    if (report?.leader !== undefined) this.#introducers.add(report.leader)
    if (report !== undefined) this.#believe(report)
    // What it has sent meanwhile was dropped, and it may send again at any moment.
    this.#met.clear()
  }

  /** Some member of that peer is known here, or a member that is known here knows it. */
  async trusts (peer: string): Promise<boolean> {
    const { group } = this.ports
    if (!group.trustedPeers().has(peer)) await this.ask()
    return group.trustedPeers().has(peer)
  }

  /** Asks those known here who the members are. Never rejects. */
  async ask (): Promise<void> {
    this.#asking ??= this.#askAll().finally(() => { this.#asking = undefined })
    await this.#asking
  }

  close (): void {
    this.#closing.abort(new Error('the group is closing'))
    this.#timer?.cancel()
    this.#timer = undefined
  }

  async #askAll (): Promise<void> {
    const { clock, others } = this.ports
    this.#askedAt = clock.now()
    const known = this.#known()
    const answered = await this.#askEach(known)
    if (answered > 0 || known.length === 0 || this.#closing.signal.aborted) return
    const rest = others().filter(peer => !known.includes(peer))
    if (await this.#askEach(rest) > 0) this.ports.onProgress('no member that was known here is in reach: another peer that serves the namespace said who the members are now')
    else this.ports.onProgress('a stranger sends Raft messages, and nobody who is known here can say whether it is a member: they are dropped')
  }

  /** Resolves with how many gave an answer. */
  async #askEach (peers: readonly string[]): Promise<number> {
    const answers = await Promise.all(peers.slice(0, MAX_ASKED).map(async peer => await this.#askOne(peer)))
    return answers.filter(answered => answered).length
  }

  async #askOne (peer: string): Promise<boolean> {
    try {
      return this.#believe(await limited(this.ports.clock, ANSWER_MS, this.#closing.signal, async signal => await this.ports.members(peer, { signal })))
    } catch {
      return false // Out of reach, or it does not serve the namespace: as good as no answer.
    }
  }

  /**
   * An uncommitted configuration counts as well: it came from a leader that the one who tells of it followed, and where a quorum needs this
   * member's vote, waiting for it to commit would be waiting for oneself.
   */
  #believe ({ clusterId, members, configurationIndex }: MembersReport): boolean {
    if (Buffer.compare(clusterId, this.ports.clusterId) !== 0 || members.length === 0) return false
    const named: MemberId[] = []
    for (const { peer, incarnation } of members) {
      try {
        named.push(memberId(peer, incarnation))
      } catch {
        return false // It runs an incompatible version, or makes things up.
      }
    }
    this.ports.group.vouch(named.filter(member => member !== this.ports.group.self), configurationIndex)
    return true
  }

  #known (): string[] {
    const { group } = this.ports
    const isFresh = group.status().configuration.voters.length === 0
    return [...new Set([...group.trustedPeers(), ...(isFresh ? this.#introducers : [])])]
  }

  #remember (peer: string): Stranger {
    // Whoever was asked about longest makes room: one that has just come may well be the new leader.
    if (this.#met.size >= MAX_STRANGERS) this.#met.delete([...this.#met].reduce((a, b) => b[1].pauseMs > a[1].pauseMs ? b : a)[0])
    const stranger = { askAt: -Infinity, pauseMs: MIN_MS }
    this.#met.set(peer, stranger)
    return stranger
  }
}
