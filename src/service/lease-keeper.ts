import { NotLeaderError, RaftMeshError } from '../errors.js'
import { decodeKvResult, encodeKvCommand } from '../machine/index.js'
import { pause } from './deadlines.js'
import type { Clock, Timer } from '../clock.js'
import type { KvState } from '../machine/types.js'

/** Leases that one command ends. */
const BATCH = 100
/** Commands under way at a time: a hundred thousand leases that end together must not fill the leader's queue. */
const BATCHES = 4
const LOOK_AGAIN_MS = 50
const TRY_AGAIN_MS = 250

/** The group, as far as leases need it. */
export interface LeasingGroup {
  /** The term in which this member leads, as its core sees it at this moment; undefined while it does not. */
  leads: () => number | undefined
  /** Resolves once a leader was confirmed by a majority, after the call, and all that was committed before is applied here. */
  readIndex: () => Promise<unknown>
  /** Rejects with outcome `unknown` only when this member stops leading. */
  propose: (command: Uint8Array) => Promise<{ readonly result: Uint8Array }>
}

export interface LeaseKeeperInit {
  readonly namespace: string
  readonly state: Pick<KvState, 'leases' | 'observe'>
  readonly group: LeasingGroup
  readonly clock: Clock
  readonly heartbeatMs: number
  readonly log: (format: string, ...args: unknown[]) => void
}

/** `ttl` 0: there is no such lease (any more). `remaining`: ms, as this leader sees it. */
export interface LeaseTime { readonly id: number, readonly ttl: number, readonly remaining: number }

interface Kept {
  readonly id: number
  readonly ttl: number
  /** Of the monotonic clock. */
  deadline: number
  /** Its end is proposed: settles, never rejects, when it is known how that went. */
  ending: Promise<void> | undefined
}

/** One leadership: what was begun in it counts for nothing in the next. */
interface Leadership { readonly term: number, readonly leases: Map<number, Kept>, over: boolean, /** Commands under way. */ batches: number }

/**
 * Keeps the time of a namespace's leases, on the member that leads it, by that member's own monotonic clock. Nothing of it is in the log but
 * the end of a lease: `revoke`, marked as expired.
 *
 * Why a holder always gives up before its lease is taken from it: it counts its ttl from the moment it *sent* the grant or the last keep-alive
 * that was answered. The leader that answered counts from when that *arrived*, which is later. Another leader counts from when its own
 * leadership began; and that is later, too, for the answer is only given after a majority has confirmed, in a round that began after the
 * arrival, that there is no other leader yet (ReadIndex, Ongaro §6.4). A leader that was deposed gets no such answer, so it can tell nobody
 * that they are safe. A new leader can't know what the old one has promised, so all leases begin anew with it: that only ever makes them longer.
 * All this needs clocks that run at about the same rate: `2 × heartbeat` of grace make up for what differs.
 *
 * Why nobody is told "kept alive" and then expired by an expiry that was under way: while the end of a lease is proposed, its keep-alives wait
 * for the outcome. Refused: it goes on, and they are answered. Committed: there is no such lease. Unknown happens only when this member stops
 * leading, and then they are told so, and ask the next leader, who has applied that revoke or will never see it.
 *
 * One timer for all; it looks when the first may be due. A timer that fires late means that the process stood still (GC, SIGSTOP) while requests
 * waited in its sockets: all deadlines move by as much. Grows with the leases there are (at most 100,000), and only where it leads.
 */
export class LeaseKeeper {
  private leadership: Leadership | undefined
  private timer: Timer | undefined
  /** When it fires. */
  private planned = Infinity
  private closed = false
  private readonly stopObserving: () => void

  constructor (private readonly init: LeaseKeeperInit) {
    this.stopObserving = init.state.observe({
      leases: ({ granted, ended }) => {
        const { leadership } = this
        if (leadership === undefined) return
        for (const { id, ttl } of granted) this.keep(leadership, id, ttl)
        for (const id of ended) leadership.leases.delete(id)
      },
      replaced: () => { if (this.leadership !== undefined) this.begin(this.leadership.term) }
    })
  }

  /** Told whenever it may have changed who leads: looks itself. To be called only once an entry of the leader's own term is applied. */
  update (leading: boolean): void {
    const term = leading && !this.closed ? this.init.group.leads() : undefined
    if (term === this.leadership?.term) return
    this.end()
    if (term !== undefined) this.begin(term)
  }

  /**
   * Extends those that are there; of those that are not, says so with a ttl of 0. In the order of `ids`.
   *
   * @throws NotLeaderError where this member does not lead, or stopped leading before it was certain
   */
  async keepAlive (ids: readonly number[]): Promise<LeaseTime[]> {
    const arrived = this.init.clock.now()
    const leadership = await this.confirmed()
    return await Promise.all(ids.map(async id => await this.extend(leadership, id, arrived)))
  }

  /** How long they live for, without making it any longer. */
  async timeToLive (ids: readonly number[]): Promise<LeaseTime[]> {
    const { leases } = await this.confirmed()
    return ids.map(id => this.view(id, leases.get(id)))
  }

  close (): void {
    this.closed = true
    this.end()
    this.stopObserving()
  }

  /** This member led when this was called, and some time later still does, in the same term; so it has led all the while. */
  private async confirmed (): Promise<Leadership> {
    const { leadership } = this
    this.check(leadership)
    // A follower's read index is confirmed as well, by the leader that there is then: so both looks are needed.
    await this.init.group.readIndex()
    this.check(leadership)
    return leadership
  }

  private check (leadership: Leadership | undefined): asserts leadership is Leadership {
    if (leadership === undefined || leadership.over || this.init.group.leads() !== leadership.term) {
      throw new NotLeaderError(`This member does not lead ${this.init.namespace}, so it can't say whether a lease lives`)
    }
  }

  private async extend (leadership: Leadership, id: number, arrived: number): Promise<LeaseTime> {
    for (;;) {
      const lease = leadership.leases.get(id)
      if (lease?.ending === undefined) {
        if (lease !== undefined) lease.deadline = Math.max(lease.deadline, arrived + lease.ttl)
        return this.view(id, lease)
      }
      await lease.ending
      this.check(leadership)
    }
  }

  private view (id: number, lease: Kept | undefined): LeaseTime {
    return { id, ttl: lease?.ttl ?? 0, remaining: lease === undefined ? 0 : Math.max(0, lease.deadline - this.init.clock.now()) }
  }

  private begin (term: number): void {
    this.end()
    const leadership: Leadership = { term, leases: new Map(), over: false, batches: 0 }
    this.leadership = leadership
    for (const [id, ttl] of this.init.state.leases()) this.keep(leadership, id, ttl)
  }

  private end (): void {
    this.timer?.cancel()
    this.planned = Infinity
    if (this.leadership !== undefined) this.leadership.over = true
    this.leadership = undefined
  }

  private keep (leadership: Leadership, id: number, ttl: number): void {
    const deadline = this.init.clock.now() + ttl
    leadership.leases.set(id, { id, ttl, deadline, ending: undefined })
    this.lookBy(leadership, deadline)
  }

  /** A look that comes too early costs little: so a deadline that moves on moves no timer. */
  private lookBy (leadership: Leadership, at: number): void {
    if (leadership.over || at >= this.planned) return
    const { clock } = this.init
    this.timer?.cancel()
    this.planned = at
    this.timer = clock.setTimer(Math.max(0, at - clock.now()), () => { this.look(leadership) })
  }

  /**
   * A lease is judged by the second look that finds it due, a grace after the first, unless the process stood still in between: what waited
   * in its sockets when it went on must be heard first.
   */
  private look (leadership: Leadership): void {
    const { clock, heartbeatMs } = this.init
    const now = clock.now()
    const late = now - this.planned
    const stoodStill = late > heartbeatMs ? late : 0
    const grace = 2 * heartbeatMs
    this.planned = Infinity
    const due: Kept[] = []
    let next = Infinity
    for (const lease of leadership.leases.values()) {
      lease.deadline += stoodStill
      if (lease.ending !== undefined) continue
      if (lease.deadline + grace <= now) due.push(lease)
      else next = Math.min(next, lease.deadline > now ? lease.deadline : lease.deadline + grace)
    }
    if (due.length > 0) this.expire(leadership, due)
    // However many there are and however they are spread, looking takes a small part of the time.
    this.lookBy(leadership, Math.max(next, now + Math.max(LOOK_AGAIN_MS, leadership.leases.size / 1_000)))
  }

  /** What there is no room for now is found again as soon as there is. */
  private expire (leadership: Leadership, due: readonly Kept[]): void {
    const batches = Array.from({ length: Math.ceil(due.length / BATCH) }, (_, i) => due.slice(i * BATCH, (i + 1) * BATCH))
    for (const batch of batches.slice(0, BATCHES - leadership.batches)) {
      leadership.batches++
      const ending = this.revoke(leadership, batch).then(nextTry => {
        leadership.batches--
        for (const lease of batch) lease.ending = undefined
        this.lookBy(leadership, this.init.clock.now() + nextTry)
      })
      for (const lease of batch) lease.ending = ending
    }
  }

  /** Resolves, with the ms after which to look again, when it is certain how it went. */
  private async revoke (leadership: Leadership, batch: readonly Kept[]): Promise<number> {
    const { group, state, clock, namespace, log } = this.init
    const command = encodeKvCommand({ type: 'revoke', leases: batch.map(lease => lease.id), expired: true })
    for (let doubtful = false; !leadership.over; await pause(clock, TRY_AGAIN_MS)) {
      try {
        const result = decodeKvResult((await group.propose(command)).result)
        if (!result.ok) {
          log('%s: leases could not be ended: %s', namespace, result.reason)
          return TRY_AGAIN_MS
        }
        // What holds very many keys may be left for the next command.
        const leases = state.leases()
        for (const { id } of batch) if (!leases.has(id)) leadership.leases.delete(id)
        return 0
      } catch (error) {
        // Once a command may be in the log, only a later one that is done tells for certain that nothing of it is to come.
        doubtful ||= !(error instanceof RaftMeshError && error.outcome === 'refused')
        if (!doubtful || group.leads() !== leadership.term) return TRY_AGAIN_MS
      }
    }
    return TRY_AGAIN_MS
  }
}
