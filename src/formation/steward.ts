import { BusyError, ClosedError, MembershipError, NotLeaderError } from '../errors.js'
import { memberId, peerOf } from '../wire/member-id.js'
import { formerMembers, MemberHealth, planStewardship, stewardDefaults } from './pure/steward-plan.js'
import { Repeater } from './repeater.js'
import type { Clock } from '../clock.js'
import type { MemberId, RaftStatus } from '../raft/types.js'
import type { StewardOptions } from './pure/steward-plan.js'
import type { JoinClaim, StewardGroup } from './types.js'

export interface StewardPorts {
  readonly clock: Clock
  readonly group: StewardGroup
  /** Whether that node may become a member at all. Rejects with NotAuthorizedError. */
  readonly admit: (claim: JoinClaim, options: { signal?: AbortSignal }) => Promise<void>
  /** For people: what was changed and why, and what could not be. */
  readonly onProgress: (detail: string) => void
}

/** Joins that wait for their change to commit. */
const MAX_WAITING = 256
const LOOK_MS = 500
/** Where nobody waits for anything, the leader only watches for voters that have died. */
const IDLE_MS = 5_000
/** A learner says again and again that it wants a vote (see Joiner); after this long without a word it doesn't. */
const CANDIDATE_MS = 90_000

/** While this member leads. */
interface Term { readonly repeater: Repeater, readonly health: MemberHealth }

interface Waiting { readonly settle: (error?: Error) => void }

/**
 * Tends the membership of one group, on its leader: takes in who asks, promotes learners that keep up, replaces wiped nodes and dead
 * voters. What to do is decided by `planStewardship`; here it is done, one change at a time. Call `setLeading` on each change of
 * leadership. It remembers nothing beyond its leadership: joiners ask again.
 */
export class Steward implements AsyncDisposable {
  readonly #options: StewardOptions
  readonly #waiting = new Map<MemberId, Set<Waiting>>()
  readonly #candidates = new Map<MemberId, number>()
  #term: Term | undefined
  #stopped: Promise<void> = Promise.resolve()
  #closed = false

  constructor (private readonly ports: StewardPorts, options: Partial<StewardOptions> = {}) {
    this.#options = { ...stewardDefaults, ...options }
  }

  /** Idempotent. Followers do nothing, at no cost. */
  setLeading (leading: boolean): void {
    if (leading === (this.#term !== undefined) || this.#closed) return
    if (leading) {
      const health = new MemberHealth(this.#options)
      const repeater = new Repeater(this.ports.clock, async ({ signal }) => {
        await this.#tend(health, signal)
        return this.#waiting.size > 0 || this.ports.group.status().configuration.learners.length > 0 ? LOOK_MS : IDLE_MS
      }, error => { this.ports.onProgress(`membership could not be changed: ${error instanceof Error ? error.message : String(error)}`) }, LOOK_MS)
      this.#term = { repeater, health }
      repeater.kick()
    } else this.#resign(new NotLeaderError('this member no longer leads: ask the leader', this.#leader()))
  }

  /**
   * A verified request to join (see `verifyJoin`). Resolves once the node is a member by a committed configuration, voter or not; rejects with
   * NotLeaderError (which names the leader), MembershipError (not now: ask again), NotAuthorizedError, BusyError or ClosedError. Asking again
   * is safe, and is how a learner says that it still wants a vote.
   *
   * A request counts while the configuration is the one that it was made at. Whoever was removed since did not make it as what it is now,
   * and somebody else may be repeating it: an incarnation that was removed never comes back.
   */
  async join (claim: JoinClaim, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted()
    this.#checkTimely(claim)
    await this.ports.admit(claim, { signal })
    // Asking may have taken a while.
    signal?.throwIfAborted()
    const term = this.#checkTimely(claim)
    const member = memberId(claim.peer, claim.incarnation)
    if (claim.voter) this.#noteCandidate(member)
    else this.#candidates.delete(member)
    const status = this.ports.group.status()
    if (isCommittedMember(status, member)) {
      term.repeater.kick() // it may have a vote coming
      return
    }
    const now = this.ports.clock.now()
    const { health } = term
    health.observe(now, status)
    if (claim.peer === peerOf(this.ports.group.self)) throw new MembershipError(`${claim.peer} leads this group under another incarnation: two nodes run with one key, or an old request was repeated`)
    const live = formerMembers(status, member).find(old => health.isActive(now, old))
    if (live !== undefined) throw new MembershipError(`${claim.peer} is a member with another incarnation that was heard from a moment ago: ask again when that one has been silent for ${this.#options.graceMs} ms`)
    if (this.#waiting.size >= MAX_WAITING && !this.#waiting.has(member)) throw new BusyError(`${MAX_WAITING} nodes are waiting to join: ask again`)
    await this.#wait(member, signal)
  }

  #checkTimely ({ peer, configurationIndex }: JoinClaim): Term {
    if (this.#closed) throw new ClosedError('the group is closing on this node: ask another member')
    if (this.#term === undefined) throw new NotLeaderError('only the leader takes members in: ask it', this.#leader())
    const now = this.ports.group.status().configurationIndex
    if (configurationIndex !== now) throw new MembershipError(`${peer} asked to join at configuration ${configurationIndex}, and that of ${now} is in force: ask again, or somebody repeats an old request`)
    return this.#term
  }

  async close (): Promise<void> {
    this.#closed = true
    this.#resign(new ClosedError('the group is closing on this node: ask another member'))
    await this.#stopped
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  async #tend (health: MemberHealth, signal: AbortSignal): Promise<void> {
    const { clock, group } = this.ports
    const now = clock.now()
    const status = group.status()
    health.observe(now, status)
    this.#settleMembers(status)
    const candidates = new Set([...this.#candidates].filter(([, at]) => now - at < CANDIDATE_MS).map(([member]) => member))
    const plan = planStewardship({ now, status, health, applicants: [...this.#waiting.keys()], candidates, options: this.#options })
    if (plan === undefined) return
    await group.changeMembers(plan.changes, { signal, expectedIndex: status.configurationIndex })
    this.ports.onProgress(`${plan.why}: ${plan.changes.map(({ op, member }) => `${op} ${member}`).join(', ')}`)
    // By what was committed just now, and not by what is in force since: somebody may have removed a member again at once, and its request,
    // still waiting, would bring it back.
    for (const { op, member } of plan.changes) if (op !== 'remove') this.#settle(member)
    this.#term?.repeater.kick() // there may be more to do
  }

  async #wait (member: MemberId, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        settle: error => {
          signal?.removeEventListener('abort', aborted)
          const all = this.#waiting.get(member)
          all?.delete(waiting)
          if (all?.size === 0) this.#waiting.delete(member)
          if (error === undefined) resolve()
          else reject(error)
        }
      }
      const aborted = (): void => { waiting.settle(signal!.reason as Error) }
      signal?.addEventListener('abort', aborted)
      let all = this.#waiting.get(member)
      if (all === undefined) this.#waiting.set(member, all = new Set())
      all.add(waiting)
      this.#term?.repeater.kick()
    })
  }

  #settleMembers (status: RaftStatus): void {
    for (const member of [...this.#waiting.keys()]) if (isCommittedMember(status, member)) this.#settle(member)
  }

  #settle (member: MemberId): void {
    for (const waiting of [...this.#waiting.get(member) ?? []]) waiting.settle()
  }

  #resign (reason: Error): void {
    const term = this.#term
    this.#term = undefined
    this.#candidates.clear()
    for (const all of [...this.#waiting.values()]) for (const waiting of [...all]) waiting.settle(reason)
    if (term !== undefined) this.#stopped = Promise.all([this.#stopped, term.repeater.stop(reason)]).then(() => {})
  }

  #noteCandidate (member: MemberId): void {
    // Ordered by when they asked: the oldest goes first when there are too many.
    this.#candidates.delete(member)
    this.#candidates.set(member, this.ports.clock.now())
    if (this.#candidates.size > 2 * MAX_WAITING) this.#candidates.delete(this.#candidates.keys().next().value as MemberId)
  }

  #leader (): string | undefined {
    const { leader } = this.ports.group.status()
    return leader === undefined || leader === this.ports.group.self ? undefined : peerOf(leader)
  }
}

function isCommittedMember (status: RaftStatus, member: MemberId): boolean {
  const { voters, learners } = status.configuration
  return !status.configurationPending && (voters.includes(member) || learners.includes(member))
}
