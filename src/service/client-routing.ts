import type { Clock, Timer } from '../clock.js'
import type { PeerId } from '@libp2p/interface'

const FIRST_REST_MS = 50
const LAST_REST_MS = 5_000
/** Hints come from peers, who may name anybody: no more of them are kept than any group has use for. */
const MAX_PEERS = 256
/** For which a member that has no room for one more wait is asked for none. */
const BUSY_MS = 1_000
/** For which one that has failed serves no watches, where others do: one that hangs would hold up a watch each time that its turn comes. */
const DISTRUST_MS = 30_000

interface PeerRecord {
  readonly id: PeerId
  readonly key: string
  /** Has answered for the namespace. */
  serving: boolean
  /** Says of itself, by the protocols that it speaks, that it hosts the namespace. */
  hosting: boolean
  failures: number
  /** Not asked again before (monotonic ms). */
  restsUntil: number
  busyUntil: number
  distrustedUntil: number
}

/**
 * Which peer to ask next. Knows nothing of sockets: it is told who may serve the namespace, who did, who failed, and who leads.
 * Sticks to the leader for as long as it works; without one, to the peer that worked last.
 */
export class ClientRouting {
  private readonly records = new Map<string, PeerRecord>()
  private readonly waiting = new Set<() => void>()
  private leaderRecord: PeerRecord | undefined
  private current: PeerRecord | undefined
  /** Counts polls of watches. Clients that begin elsewhere are not all at the same member. */
  private turn: number

  constructor (private readonly clock: Clock, random: () => number) { this.turn = Math.floor(random() * MAX_PEERS) }

  get leader (): PeerId | undefined { return this.leaderRecord?.id }

  /** A peer that may serve the namespace. */
  add (id: PeerId): void {
    if (this.records.has(id.toString())) return
    this.ensure(id)
    this.wake()
  }

  /** In sight again: its rest is over. */
  seen (id: PeerId): void {
    const record = this.records.get(id.toString())
    if (record === undefined) {
      this.add(id)
      return
    }
    record.restsUntil = 0
    this.wake()
  }

  /** In sight, and it says that it hosts the namespace. */
  hosts (id: PeerId): void {
    this.ensure(id).hosting = true
    this.seen(id)
  }

  forget (id: PeerId): void {
    const record = this.records.get(id.toString())
    if (record !== undefined) this.drop(record)
  }

  /** The peer answered. `poll`: a question that any member answers, which says nothing of where to go with others. */
  served (id: PeerId, poll = false): void {
    // Hot path: nothing to learn from a leader that does its work.
    if (this.leaderRecord?.id === id) return
    const record = this.ensure(id)
    record.serving = true
    record.failures = 0
    record.restsUntil = 0
    if (!poll) this.current = record
  }

  /** From an answer of a member: a hint, which another answer may contradict. */
  leads (leader: PeerId): void {
    if (this.leaderRecord?.key === leader.toString()) return
    this.leaderRecord = this.ensure(leader)
    this.wake()
  }

  /** It said that it does not lead, and does not know who does. */
  noLeader (id: PeerId): void {
    if (this.leaderRecord?.key === id.toString()) this.leaderRecord = undefined
  }

  /** No answer, or one that says that it can't serve. `gone`: it doesn't host the namespace. */
  failed (id: PeerId, gone = false): void {
    const record = this.records.get(id.toString())
    if (record === undefined) return
    if (this.leaderRecord === record) this.leaderRecord = undefined
    if (this.current === record) this.current = undefined
    record.serving = record.serving && !gone
    record.hosting = record.hosting && !gone
    record.failures++
    record.distrustedUntil = this.clock.now() + DISTRUST_MS
    record.restsUntil = this.clock.now() + Math.min(LAST_REST_MS, FIRST_REST_MS * 2 ** Math.min(record.failures, 10))
  }

  /** It has no room for one more wait. */
  busy (id: PeerId): void {
    const record = this.records.get(id.toString())
    if (record !== undefined) record.busyUntil = this.clock.now() + BUSY_MS
  }

  /** Leader first, then who served last, then who served before, then who might. Undefined: all rest, or nobody is known. */
  pick (): PeerId | undefined {
    const now = this.clock.now()
    return this.best(record => record.restsUntil <= now)
  }

  /** As `pick`, for what waits there: not one that has no room for it, unless none has. */
  pickToWait (): PeerId | undefined {
    const now = this.clock.now()
    return this.best(record => Math.max(record.restsUntil, record.busyUntil) <= now) ?? this.pick()
  }

  /** Each of the members in turn, for what any of them answers: the leader has enough to do. */
  pickAny (): PeerId | undefined {
    const now = this.clock.now()
    const members = [...this.records.values()].filter(record =>
      (record.serving || record.hosting || record === this.leaderRecord) && Math.max(record.restsUntil, record.busyUntil, record.distrustedUntil) <= now)
    return members.length === 0 ? this.pickToWait() : members[this.turn++ % members.length]?.id
  }

  private best (ready: (record: PeerRecord) => boolean): PeerId | undefined {
    if (this.leaderRecord !== undefined && ready(this.leaderRecord)) return this.leaderRecord.id
    if (this.current !== undefined && ready(this.current)) return this.current.id
    let best: PeerRecord | undefined
    for (const record of this.records.values()) {
      if (!ready(record)) continue
      if (best === undefined || (record.serving && !best.serving) || (record.serving === best.serving && record.failures < best.failures)) best = record
    }
    return best?.id
  }

  /** Peers that have answered for the namespace, and if there are none those that may. */
  peers (): PeerId[] {
    const all = [...this.records.values()]
    const serving = all.filter(record => record.serving)
    return (serving.length > 0 ? serving : all).map(record => record.id)
  }

  /** Resolves when `pick` may give another answer: a peer came up, or the first rest is over, or `ms` have passed. */
  async change (ms: number, signal?: AbortSignal): Promise<void> {
    const now = this.clock.now()
    let wait = ms
    for (const record of this.records.values()) wait = Math.min(wait, Math.max(0, record.restsUntil - now))
    await new Promise<void>((resolve, reject) => {
      const end = (): void => {
        timer.cancel()
        this.waiting.delete(wake)
        signal?.removeEventListener('abort', onAbort)
      }
      const wake = (): void => { end(); resolve() }
      const onAbort = (): void => { end(); reject(signal?.reason) }
      const timer: Timer = this.clock.setTimer(wait, wake)
      this.waiting.add(wake)
      if (signal?.aborted === true) onAbort()
      else signal?.addEventListener('abort', onAbort)
    })
  }

  private ensure (id: PeerId): PeerRecord {
    const key = id.toString()
    let record = this.records.get(key)
    if (record === undefined) {
      if (this.records.size >= MAX_PEERS) this.dropWorst()
      record = { id, key, serving: false, hosting: false, failures: 0, restsUntil: 0, busyUntil: 0, distrustedUntil: 0 }
      this.records.set(key, record)
    }
    return record
  }

  private drop (record: PeerRecord): void {
    this.records.delete(record.key)
    if (this.leaderRecord === record) this.leaderRecord = undefined
    if (this.current === record) this.current = undefined
  }

  private dropWorst (): void {
    let worst: PeerRecord | undefined
    for (const record of this.records.values()) {
      if (!record.serving && record !== this.leaderRecord && (worst === undefined || record.failures > worst.failures)) worst = record
    }
    worst ??= this.records.values().next().value
    if (worst !== undefined) this.drop(worst)
  }

  private wake (): void {
    for (const wake of [...this.waiting]) wake()
  }
}
