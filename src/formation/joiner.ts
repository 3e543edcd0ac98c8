import { peerOf } from '../wire/member-id.js'
import { limited } from './limited.js'
import { Repeater } from './repeater.js'
import type { JoinerGroup, SignedJoin } from './types.js'
import type { Clock } from '../clock.js'
import type { Configuration, MemberId } from '../raft/types.js'

/** What a member says of the group (command.proto `MemberList`). */
export interface MembersReport {
  readonly clusterId: Uint8Array
  readonly members: ReadonlyArray<{ readonly peer: string, readonly incarnation: string }>
  readonly configurationIndex: number
  /** The configuration is not known to be committed, and may be rolled back. */
  readonly pending: boolean
  readonly term: number
  /** Peer id. */
  readonly leader?: string
}

export interface JoinerPorts {
  readonly clock: Clock
  readonly random: () => number
  readonly clusterId: Uint8Array
  readonly group: JoinerGroup
  /** What this node wants to be. */
  readonly role: 'voter' | 'learner'
  /** Peers that may serve the namespace, best first: members known, then candidates. */
  readonly peers: () => string[]
  /** A fresh signed request (see `signJoin`); `voter` as in `role`, made at the configuration of that index. */
  readonly sign: (configurationIndex: number) => Promise<SignedJoin>
  /** Send it to a peer, which passes it to the leader. Resolves once this node is a member by a committed configuration. */
  readonly request: (peer: string, join: SignedJoin, options: { signal: AbortSignal }) => Promise<{ leader?: string }>
  /** Ask a peer who the members are. */
  readonly members: (peer: string, options: { signal: AbortSignal }) => Promise<MembersReport>
  /** Whether that peer's word on the membership counts: any other could have this member give up its disk. */
  readonly trusts: (peer: string) => Promise<boolean>
  /** For people. */
  readonly onProgress: (detail: string) => void
}

const MIN_MS = 200
const MAX_MS = 10_000
/** How often a learner that wants a vote says so; see `Steward`, which forgets after a few of these. */
const REMIND_MS = 25_000
/** How often a member with all that it wants looks whether it still has it. */
const LOOK_MS = 60_000
/** Without a leader for this long, a member asks whether it has been removed. */
const DOUBT_MS = 3_000
/** One peer's answer. Passing a request on to the leader takes a few round trips and a commit. */
const ATTEMPT_MS = 10_000
/** Peers asked in one round. */
const MAX_ASKED = 8

/**
 * Sees to it that this node is, and stays, a member of its group: asks to be taken in, asks for a vote while it is a learner that wants
 * one, and notices that it was removed. Never gives up; ends only by its signal or by removal.
 */
export class Joiner {
  readonly #repeater: Repeater
  #attempts = 0
  #wasMember = false
  #leaderlessSince: number | undefined
  #hint: string | undefined
  #suspected = false
  #isRemoved = false
  #lookedAt: number
  #said = ''
  #onRemoved: (() => void) | undefined

  constructor (private readonly ports: JoinerPorts) {
    this.#lookedAt = ports.clock.now()
    this.#repeater = new Repeater(ports.clock, async ({ signal }) => await this.#look(signal), error => { this.#say(`asking to join failed: ${message(error)}`) })
  }

  /**
   * Resolves with 'removed' once this member is out of the group for good: by a committed configuration in its own log, or, when it hears
   * of no leader, by the word of one. It must then come back with fresh storage and a new incarnation, or stay out. Rejects with the
   * signal's reason.
   */
  async run ({ signal }: { signal: AbortSignal }): Promise<'removed'> {
    signal.throwIfAborted()
    let aborted = (): void => {}
    try {
      return await new Promise<'removed'>((resolve, reject) => {
        aborted = () => { reject(signal.reason as Error) }
        signal.addEventListener('abort', aborted)
        this.#onRemoved = () => { resolve('removed') }
        this.#repeater.kick()
      })
    } finally {
      signal.removeEventListener('abort', aborted)
      await this.#repeater.stop(signal.reason)
    }
  }

  /** The configuration, the leader or the known peers changed: look now rather than when it is due. */
  changed (): void {
    // Noted at once: while a look is under way, this member may be added and removed again, and the next look must not take a removed member
    // for one that was never let in, and ask it back in under an incarnation that is no more.
    if (isIn(this.ports.group.status().configuration, this.ports.group.self)) this.#wasMember = true
    if (this.#onRemoved === undefined) return
    this.#attempts = 0
    this.#repeater.kick()
  }

  /** Somebody says that this member was removed: ask the leader now. */
  suspect (): void {
    this.#suspected = true
    this.changed()
  }

  /** Resolves with the ms until it should look again. */
  async #look (signal: AbortSignal): Promise<number> {
    const { configuration, configurationPending, leader } = this.ports.group.status()
    const { self } = this.ports.group
    const voter = configuration.voters.includes(self) || configuration.outgoing.includes(self)
    const member = isIn(configuration, self)
    if (member) this.#wasMember = true
    else if (this.#wasMember && !configurationPending) return this.#removed('this member was removed from the group')
    if (leader !== undefined) this.#leaderlessSince = undefined
    else this.#leaderlessSince ??= this.ports.clock.now()
    // Its removal is in its log and may yet be rolled back. Asking to be let in now would undo what somebody wants.
    const leaving = !member && this.#wasMember

    if ((member || leaving) && this.#leaderlessSince !== undefined) return await this.#doubt(this.#leaderlessSince, signal)
    // A learner, or a member of a group that is quiet, does not miss a leader that no longer sends to it. So it asks, now and then. One that
    // is leaving does as well: the leader may have let go of it before it could say that the removal is committed.
    if ((member || leaving) && leader !== self && (this.#suspected || this.ports.clock.now() - this.#lookedAt >= LOOK_MS)) {
      this.#lookedAt = this.ports.clock.now()
      const pause = await this.#doubt(-Infinity, signal, leader === undefined ? undefined : peerOf(leader))
      if (this.#isRemoved) return LOOK_MS // or it would ask back in under an incarnation that is no more
      // Nobody who leads could be asked: the word stands until one says otherwise.
      if (this.#suspected) return pause
    }
    if (leaving) return MIN_MS
    if (voter || (member && this.ports.role === 'learner')) {
      this.#attempts = 0
      return LOOK_MS
    }
    const asked = await this.#ask(leader === undefined ? undefined : peerOf(leader), signal)
    // A learner that wants a vote waits for it and says so now and then; one that is no member yet asks again soon.
    if (asked) return REMIND_MS * (0.75 + this.ports.random() / 4)
    return this.#pause()
  }

  /** True once a peer has answered that this node is a member. */
  async #ask (leader: string | undefined, signal: AbortSignal): Promise<boolean> {
    let problem = 'no peer that serves the namespace is known'
    for (const peer of this.#order(leader)) {
      signal.throwIfAborted()
      try {
        const at = await limited(this.ports.clock, ATTEMPT_MS, signal, async limit => await this.ports.members(peer, { signal: limit }))
        if (this.#isOurs(at)) this.#hint = at.leader ?? this.#hint
        // It was taken in while it asked, and is out again: a request made now would undo what somebody wanted.
        if (this.#isOurs(at) && this.#wasMember && at.members.length > 0 && !names(at, this.ports.group.self)) {
          this.#suspected = true
          return false
        }
        const join = await this.ports.sign(at.configurationIndex)
        const { leader: told } = await limited(this.ports.clock, ATTEMPT_MS, signal, async limit => await this.ports.request(peer, join, { signal: limit }))
        this.#hint = told ?? this.#hint
        this.#attempts = 0
        return true
      } catch (error) {
        signal.throwIfAborted()
        this.#hint = leaderNamedBy(error) ?? (this.#hint === peer ? undefined : this.#hint)
        problem = `${peer}: ${message(error)}`
      }
    }
    this.#say(`not taken in yet (${problem}): asking again`)
    return false
  }

  /** A removed member that was away hears of nobody: no one sends to it any more. Then the group's leader says so, on asking. */
  async #doubt (since: number, signal: AbortSignal, leader?: string): Promise<number> {
    const left = since + DOUBT_MS - this.ports.clock.now()
    if (left > 0) return left
    for (const peer of this.#order(leader)) {
      signal.throwIfAborted()
      try {
        const report = await limited(this.ports.clock, ATTEMPT_MS, signal, async limit => await this.ports.members(peer, { signal: limit }))
        // The leader of another group under this name knows nothing of ours: taken for it, it was asked each time, and nobody else.
        if (!this.#isOurs(report)) continue
        if (this.#provesRemoval(peer, report) && await this.ports.trusts(peer)) return this.#removed(`the leader (${peer}) says that this member was removed`)
        this.#hint = report.leader ?? this.#hint
        if (report.leader === peer) {
          // It leads, and does not say so; or it may yet say so, when what it does now is committed.
          if (!report.pending) this.#suspected = false
          break
        }
      } catch (error) {
        signal.throwIfAborted()
        this.#say(`no leader in sight; ${peer} could not tell who the members are: ${message(error)}`)
      }
    }
    return this.#pause()
  }

  /**
   * Only the word of who leads the group now, by a committed configuration later than what is committed here, counts: a member that lags knows
   * less than we do, and a removal that is rolled back must not have cost a member its disk. What is in the log here and not committed says
   * nothing: its index may be that of the removal, or be higher. A leader of a term that is no earlier than the last entry's has that
   * entry, or it was never committed.
   */
  #provesRemoval (peer: string, report: MembersReport): boolean {
    const { group } = this.ports
    const { committedConfigurationIndex, lastTerm } = group.status()
    return this.#isOurs(report) && report.leader === peer && !report.pending &&
      report.configurationIndex > committedConfigurationIndex && report.term >= lastTerm && report.members.length > 0 &&
      !names(report, group.self)
  }

  #isOurs ({ clusterId }: MembersReport): boolean { return Buffer.compare(clusterId, this.ports.clusterId) === 0 }

  #removed (why: string): number {
    this.#isRemoved = true
    this.#say(why)
    this.#onRemoved?.()
    return LOOK_MS
  }

  /** The leader first; the rest from a different start each time, so that a dead first one doesn't hold up every round. */
  #order (leader: string | undefined): string[] {
    const self = peerOf(this.ports.group.self)
    const peers = [...new Set(this.ports.peers())].filter(peer => peer !== self)
    const shift = peers.length === 0 ? 0 : this.#attempts % peers.length
    const first = [leader, this.#hint].filter((peer): peer is string => peer !== undefined && peer !== self)
    return [...new Set([...first, ...peers.slice(shift), ...peers.slice(0, shift)])].slice(0, MAX_ASKED)
  }

  #pause (): number {
    const ceiling = Math.min(MAX_MS, MIN_MS * 2 ** Math.min(this.#attempts++, 16))
    return ceiling * (0.5 + this.ports.random() / 2)
  }

  #say (detail: string): void {
    if (detail === this.#said) return
    this.#said = detail
    this.ports.onProgress(detail)
  }
}

function names ({ members }: MembersReport, member: MemberId): boolean {
  return members.some(({ peer, incarnation }) => `${peer}.${incarnation}` === member)
}

function isIn ({ voters, outgoing, learners }: Configuration, member: MemberId): boolean {
  return voters.includes(member) || outgoing.includes(member) || learners.includes(member)
}

function message (error: unknown): string { return error instanceof Error ? error.message : String(error) }

function leaderNamedBy (error: unknown): string | undefined {
  const leader = error instanceof Error ? (error as { leader?: unknown }).leader : undefined
  return typeof leader === 'string' ? leader : undefined
}

