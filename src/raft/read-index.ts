import { fail } from './assert.js'
import { sendHeartbeats } from './replication.js'
import type { RaftState } from './state.js'
import type { MemberId, ReadIndexReply, ReadIndexRequest, ReadResult } from './types.js'

/** Linearizable reads without a log entry (Ongaro §6.4): the commit index, once a quorum confirmed that this is still the leader. */

/** Over it, a read is refused: its caller may ask again. */
export const MAX_READS = 10_000

interface WaitingRead { readonly from: MemberId, readonly context: number, readonly index: number, readonly round: number }
interface ForwardedReads { readonly request: number, readonly contexts: number[], age: number }

export class ReadState {
  /** Number of the last heartbeat round of this term. */
  round = 0
  /** Highest round that a quorum answered. */
  confirmed = 0
  /** When the last confirmed round began: from then on, for the length of a lease, no other leader can have been elected. */
  leaseStart = -Infinity
  #starts: Array<{ round: number, at: number }> = []
  /** A leader's, by round, those waiting for `round + 1` last. */
  #waiting: WaitingRead[] = []
  /** A leader's that came before it had committed in its term. */
  early: Array<{ from: MemberId, context: number, at: number }> = []
  /** A follower's, by the context that its request to the leader carries. */
  readonly forwarded = new Map<number, ForwardedReads>()
  /** Not handed to the engine yet: reads that come now can join. */
  open: ForwardedReads | undefined
  forwardedCount = 0
  #nextRequest: number

  /** A random start for each run: an answer to a request of an earlier run must never pass for one to a request of this one. */
  constructor (random: () => number) { this.#nextRequest = Math.floor(random() * 2 ** 52) }

  get waiting (): number { return this.#waiting.length + this.early.length }

  nextRequest (): number { return this.#nextRequest++ }

  startRound (now: number): number {
    this.round++
    this.#starts.push({ round: this.round, at: now })
    return this.round
  }

  wait (from: MemberId, context: number, index: number, round: number): void { this.#waiting.push({ from, context, index, round }) }

  /** Reads whose round is confirmed by now, in the order in which they came. */
  confirm (round: number): readonly WaitingRead[] {
    if (round <= this.confirmed) return []
    this.confirmed = round
    let started = 0
    while (started < this.#starts.length && this.#starts[started].round <= round) this.leaseStart = this.#starts[started++].at
    this.#starts.splice(0, started)
    let served = 0
    while (served < this.#waiting.length && this.#waiting[served].round <= round) served++
    return this.#waiting.splice(0, served)
  }

  /** Forget this term's rounds. Returns the reads that were waiting for them. */
  reset (): ReadonlyArray<{ from: MemberId, context: number }> {
    const waiting = [...this.#waiting, ...this.early]
    this.round = this.confirmed = 0
    this.leaseStart = -Infinity
    this.#starts = []
    this.#waiting = []
    this.early = []
    return waiting
  }

  takeForwarded (): ForwardedReads[] {
    const all = [...this.forwarded.values()]
    this.forwarded.clear()
    this.open = undefined
    this.forwardedCount = 0
    return all
  }
}

export function readIndex (s: RaftState, context: number, lease: boolean): void {
  if (!s.isLeader) forward(s, context)
  else if (lease && holdsLease(s)) s.readResults.push({ context, index: s.log.commit })
  else readAsLeader(s, s.id, context)
}

/**
 * A quorum answered a heartbeat round that began less than a lease ago, so its members grant no vote yet, unless this leader itself asked
 * a target of a transfer to campaign.
 */
function holdsLease (s: RaftState): boolean {
  return s.options.leaseReads && s.termCommitted && s.transfer === undefined && !s.leaseVoid && s.now < s.reads.leaseStart + s.options.leaseMs
}

export function onReadIndexRequest (s: RaftState, m: ReadIndexRequest): void {
  if (s.isLeader) readAsLeader(s, m.from, m.context)
  else answer(s, m.from, m.context, undefined)
}

function readAsLeader (s: RaftState, from: MemberId, context: number): void {
  const { reads } = s
  if (reads.waiting >= MAX_READS) answer(s, from, context, undefined, 'not-ready')
  // Before its no-op is committed, a leader's commit index may be behind what its predecessor acknowledged (Raft §8).
  else if (!s.termCommitted) reads.early.push({ from, context, at: s.ticks })
  else waitForRound(s, from, context)
}

/** Each read waits for a round that began after it came. While one is under way the next gathers, so that one round serves many. */
function waitForRound (s: RaftState, from: MemberId, context: number): void {
  const { reads, log } = s
  if (s.tracker.isQuorumOf(s.id)) {
    answer(s, from, context, log.commit)
    return
  }
  const inFlight = reads.confirmed < reads.round
  reads.wait(from, context, log.commit, reads.round + 1)
  if (!inFlight) sendHeartbeats(s)
}

/** The term's no-op has committed. */
export function releaseEarlyReads (s: RaftState): void {
  if (s.reads.early.length === 0) return
  const early = s.reads.early
  s.reads.early = []
  for (const { from, context } of early) waitForRound(s, from, context)
}

/** A leader that can't get its no-op committed keeps nobody waiting for ever. */
export function tickEarlyReads (s: RaftState): void {
  const { early } = s.reads
  const inTime = early.findIndex(({ at }) => s.ticks - at < s.options.electionTicks)
  for (const { from, context } of early.splice(0, inTime < 0 ? early.length : inTime)) answer(s, from, context, undefined, 'not-ready')
}

/** Serve what the quorum has confirmed by now. */
export function confirmReads (s: RaftState): void {
  const { reads } = s
  for (let round = s.tracker.quorum('ackedRound'); round > reads.confirmed; round = s.tracker.quorum('ackedRound')) {
    for (const read of reads.confirm(round)) answer(s, read.from, read.context, read.index)
    // Those that gathered meanwhile. Where this leader has become the only voter, that round is confirmed as soon as it is begun.
    if (reads.confirmed === reads.round && reads.waiting > reads.early.length) sendHeartbeats(s)
  }
}

type Refused = 'leader-changed' | 'not-ready'

function answer (s: RaftState, to: MemberId, context: number, index: number | undefined, refused: Refused = 'leader-changed'): void {
  if (to === s.id) s.readResults.push(index !== undefined ? { context, index } : { context, refused })
  else s.respond({ type: 'read-index-reply', from: s.id, to, term: s.term, context, index: index ?? 0, refused: index === undefined })
}

/** One request to the leader for all reads that come before it leaves. */
function forward (s: RaftState, context: number): void {
  const { reads } = s
  if (s.leader === undefined) s.readResults.push({ context, refused: 'no-leader' })
  else if (reads.forwardedCount >= MAX_READS) s.readResults.push({ context, refused: 'not-ready' })
  else {
    if (reads.open === undefined) {
      reads.open = { request: reads.nextRequest(), contexts: [], age: 0 }
      reads.forwarded.set(reads.open.request, reads.open)
      request(s, reads.open, s.leader)
    }
    reads.open.contexts.push(context)
    reads.forwardedCount++
  }
}

function request (s: RaftState, forwarded: ForwardedReads, leader: MemberId): void {
  s.send({ type: 'read-index', from: s.id, to: leader, term: s.term, context: forwarded.request })
}

export function onReadIndexReply (s: RaftState, m: ReadIndexReply): void {
  const { reads } = s
  const forwarded = reads.forwarded.get(m.context)
  if (forwarded === undefined || m.from !== s.leader) return
  reads.forwarded.delete(m.context)
  reads.forwardedCount -= forwarded.contexts.length
  for (const context of forwarded.contexts) s.readResults.push(m.refused ? { context, refused: 'leader-changed' } : { context, index: m.index })
}

/** A request or its answer may be lost: it is asked again each heartbeat, and given up after an election timeout. */
export function tickForwarded (s: RaftState): void {
  const { reads } = s
  for (const forwarded of reads.forwarded.values()) {
    forwarded.age++
    if (forwarded.age > s.options.electionTicks) {
      reads.forwarded.delete(forwarded.request)
      reads.forwardedCount -= forwarded.contexts.length
      for (const context of forwarded.contexts) s.readResults.push({ context, refused: 'no-leader' })
    } else if (forwarded.age % s.options.heartbeatTicks === 0) {
      request(s, forwarded, s.leader ?? fail('reads wait for a leader that is not known'))
    }
  }
}

/** The leader that they were sent to is not the leader any more, as far as is known here. */
export function refuseForwarded (s: RaftState): void {
  for (const { contexts } of s.reads.takeForwarded()) {
    const results: ReadResult[] = contexts.map(context => ({ context, refused: 'leader-changed' }))
    s.readResults.push(...results)
  }
}

/** This leader stepped down: what waited can't be confirmed any more. */
export function refuseWaiting (s: RaftState): void {
  for (const { from, context } of s.reads.reset()) answer(s, from, context, undefined)
}
