import type { MemberId, ProgressView } from './types.js'

/** Appends under way to one follower: how many, of how many bytes, and up to which index each. */
export class Inflights {
  readonly #maxCount: number
  readonly #maxBytes: number
  #ends: number[] = []
  #sizes: number[] = []
  #head = 0
  #bytes = 0

  constructor (maxCount: number, maxBytes: number) {
    this.#maxCount = maxCount
    this.#maxBytes = maxBytes
  }

  get count (): number { return this.#ends.length - this.#head }
  get bytes (): number { return this.#bytes }
  get full (): boolean { return this.count >= this.#maxCount || this.#bytes >= this.#maxBytes }

  add (lastIndex: number, bytes: number): void {
    this.#ends.push(lastIndex)
    this.#sizes.push(bytes)
    this.#bytes += bytes
  }

  /** Everything up to `index` has arrived. */
  freeTo (index: number): void {
    while (this.#head < this.#ends.length && this.#ends[this.#head] <= index) this.#bytes -= this.#sizes[this.#head++]
    if (this.#head === this.#ends.length) this.reset()
    else if (this.#head >= 64 && this.#head * 2 > this.#ends.length) {
      this.#ends.splice(0, this.#head)
      this.#sizes.splice(0, this.#head)
      this.#head = 0
    }
  }

  reset (): void {
    if (this.#ends.length > 0) {
      this.#ends = []
      this.#sizes = []
    }
    this.#head = 0
    this.#bytes = 0
  }
}

/**
 * What a leader knows of one member. `probe`: where its log matches isn't known, so one append is sent at a time. `replicate`: it
 * matches, so appends are pipelined. `snapshot`: it needs entries that are gone, so nothing is sent until the snapshot has arrived.
 */
export class Progress {
  readonly id: MemberId
  readonly inflights: Inflights
  state: 'probe' | 'replicate' | 'snapshot' = 'probe'
  /** Highest index known to be durable there in the leader's version of the log. */
  match = 0
  next: number
  /** In `probe`: an append is out, and nothing more is sent before it is answered, or a heartbeat tick has passed. */
  probeSent = false
  /** A {@link LogFetch} from this index is out; 0 if none is. */
  fetching = 0
  /** Tick at which a snapshot had been sent to it, whole, that it hasn't acknowledged yet. */
  snapshotSentAt = -Infinity
  /** Highest commit index sent in an append. */
  sentCommit = 0
  /** Highest read round that it answered. */
  ackedRound = 0
  /** Tick at which it was last heard of. */
  heardAt: number
  /** Its connection was seen to close, and it hasn't been heard of since. */
  unreachable = false
  learner = false
  /**
   * Removed from the configuration: it counts for nothing, but is still sent the log for a while, so that it learns of its own removal.
   * Holds the tick at which that ends; 0 for a member.
   */
  departsAt = 0
  /** Commit index that it is known to know, and the one that the first heartbeat to carry it will confirm. */
  knownCommit = 0
  #toldCommit = 0
  #toldRound = 0
  /** Since the last heartbeat tick: whether a retry is due, see {@link heartbeatTick}. */
  #retryDue = false
  #matchAtTick = -1

  constructor (id: MemberId, next: number, now: number, inflights: Inflights) {
    this.id = id
    this.next = next
    this.heardAt = now
    this.inflights = inflights
  }

  /**
   * `first`: of the entries that the log still has. What a follower acknowledged to earlier leaders isn't known to this one, so it may have
   * more than `match` says: only its refusal there proves that it needs a snapshot. (Offered one that it didn't need it refused that, was
   * offered it again, and in an idle group never heard of anything else.)
   */
  becomeProbe (first = 0): void {
    this.state = 'probe'
    this.next = Math.max(this.match + 1, first)
    this.#resetFlow()
  }

  becomeReplicate (): void {
    this.state = 'replicate'
    this.next = this.match + 1
    this.#resetFlow()
  }

  becomeSnapshot (): void {
    this.state = 'snapshot'
    this.#resetFlow()
  }

  /** Log and leader agree up to `index`. Returns true if that is news. */
  acked (index: number): boolean {
    this.next = Math.max(this.next, index + 1)
    if (index <= this.match) return false
    this.match = index
    this.snapshotSentAt = -Infinity
    return true
  }

  /**
   * An append with `prevIndex` was refused. Returns false for a stale answer, which must not rewind what is known (a reordered or
   * duplicated refusal would otherwise undo a later success).
   */
  refused (prevIndex: number, hint: number): boolean {
    if (this.state === 'snapshot' || prevIndex <= this.match) return false
    if (this.state === 'replicate') this.becomeProbe()
    else if (this.next - 1 !== prevIndex) return false
    // The hint may be past `match`: entries that arrived, and aren't durable there yet.
    this.next = Math.max(Math.min(prevIndex, hint + 1), this.match + 1)
    this.probeSent = false
    return true
  }

  /** Every heartbeat tick: what was out at the last one and is still unanswered was lost, as far as can be told. */
  heartbeatTick (): void {
    // A probed follower is due even with no probe out: one that was unreachable has been sent nothing since.
    this.#retryDue = this.state === 'probe' || (this.match < this.next - 1 && this.match === this.#matchAtTick)
    this.#matchAtTick = this.match
  }

  /**
   * The follower answered a heartbeat, so it is there: true once for each tick after which a retry is due. Bounded by ticks, since
   * thousands of read rounds a second would otherwise repeat an append that is just slow to be stored.
   */
  takeRetry (): boolean {
    const due = this.#retryDue
    this.#retryDue = false
    return due
  }

  /** A heartbeat of `round` tells it `commit`. */
  tell (commit: number, round: number): void {
    if (commit > this.#toldCommit) {
      this.#toldCommit = commit
      this.#toldRound = round
    }
  }

  answered (round: number): void {
    this.ackedRound = Math.max(this.ackedRound, round)
    if (round >= this.#toldRound) this.knownCommit = Math.max(this.knownCommit, this.#toldCommit)
  }

  heard (now: number): void {
    this.heardAt = now
    this.unreachable = false
  }

  view (now: number, within: number): ProgressView {
    const { id, state, match, next, learner } = this
    const recentlyActive = !this.unreachable && now - this.heardAt < within
    return { member: id, state, match, next, recentlyActive, inflight: this.inflights.count, learner }
  }

  #resetFlow (): void {
    this.inflights.reset()
    this.probeSent = false
    this.fetching = 0
    this.#retryDue = false
  }
}
