import { assert, assertIndex } from './assert.js'
import { membersOf } from './configuration.js'
import { campaign, onPreVote, onPreVoteReply, onVote, onVoteReply, refuseVote, tally, tickElection } from './election.js'
import { answerStaleLeader, onAppend, onCommit, onHeartbeat, onInstallSnapshot } from './follower.js'
import { afterCommit, changeMembers } from './membership.js'
import { canQuiesce, onQuiesce, quiesce, wake } from './quiesce.js'
import {
  confirmReads, onReadIndexReply, onReadIndexRequest, readIndex, ReadState, releaseEarlyReads, tickEarlyReads, tickForwarded
} from './read-index.js'
import {
  advanceCommit, appendOwn, onAppendReply, onFetched, onHeartbeatReply, onOwnStored, onSnapshotFailed, onSnapshotSent, replicate, sendHeartbeats
} from './replication.js'
import { becomeFollower, setLeader, startHint } from './roles.js'
import { RaftState } from './state.js'
import { continueTransfer, onTimeoutNow, startTransfer, tickTransfer } from './transfer.js'
import { dataBytes } from './window.js'
import type {
  Core, Entry, HardState, InitialState, MemberChange, MemberId, Message, Proposed, RaftOptions, RaftStatus, Ready, Role, SnapshotMeta, SoftState,
  StorageAck, StorageWrite
} from './types.js'

/** Shared by all readies that have nothing of a kind. */
const NONE: readonly never[] = Object.freeze([])

/**
 * One member of one Raft group: pure, synchronous and deterministic. Feed it messages, ticks and requests; after each, do what
 * {@link Raft.ready} says. An {@link InvariantError} means that it must not be used any further.
 *
 * Bytes that are handed in are kept, not copied: they must not change afterwards.
 */
export class Raft implements Core {
  readonly #s: RaftState
  /** What storage was handed last, to tell what is new. */
  #savedTerm: number
  #savedVote: MemberId | undefined
  #savedCommit: number
  #saveCommit = false
  #softTold: SoftState
  #configurationTold: { index: number, committed: boolean }

  constructor (options: RaftOptions, initial: InitialState) {
    const s = this.#s = new RaftState(options, initial, new ReadState(options.random))
    this.#savedTerm = initial.hardState.term
    this.#savedVote = initial.hardState.vote
    this.#savedCommit = initial.hardState.commit
    this.#softTold = { role: s.role, term: s.term, leader: s.leader }
    this.#configurationTold = { index: s.configurations.effective.index, committed: !s.configurationPending }
  }

  get id (): MemberId { return this.#s.id }
  get role (): Role { return this.#s.role }
  get term (): number { return this.#s.term }
  get leader (): MemberId | undefined { return this.#s.leader }
  get commit (): number { return this.#s.log.commit }
  get lastIndex (): number { return this.#s.log.lastIndex }
  get quiesced (): boolean { return this.#s.quiesced }

  step (m: Message): void {
    const s = this.#s
    assert(m.to === s.id && m.from !== s.id, `a message from '${m.from}' to '${m.to}' was handed to '${s.id}'`)
    assertIndex(m.term, `the term of a ${m.type}`)
    if (s.quiesced && !this.#sleepsThrough(m)) wake(s)
    if (m.term > s.term) {
      if (!this.#enterTermOf(m)) return
    } else if (m.term < s.term) {
      this.#answerStale(m)
      return
    }
    this.#dispatch(m)
    this.#settle()
  }

  /** An answer that was under way when the leader went to sleep tells nothing new. */
  #sleepsThrough (m: Message): boolean {
    return this.#s.isLeader && m.type === 'heartbeat-reply' && m.term === this.#s.term && m.read > 0
  }

  /** A later term than the own. Returns false if the message is to be ignored. */
  #enterTermOf (m: Message): boolean {
    const s = this.#s
    switch (m.type) {
      // A pre-vote, and its being granted, are about a term that may never begin.
      case 'pre-vote': return true
      case 'pre-vote-reply': if (m.granted) return true; break
      // A member that was removed, or cut off, must not depose a leader that everyone else hears.
      case 'vote': if (s.hearsLeader && !m.transfer) return false; break
      default: break
    }
    becomeFollower(s, m.term, undefined)
    return true
  }

  /** An earlier term than the own: its sender is told where it would otherwise wait, or go on in vain. */
  #answerStale (m: Message): void {
    const s = this.#s
    switch (m.type) {
      case 'append':
      case 'commit':
      case 'heartbeat':
      case 'install-snapshot':
      case 'quiesce':
        answerStaleLeader(s, m.from)
        return
      case 'pre-vote':
        onPreVote(s, m)
        return
      case 'pre-vote-reply':
        // From a voter that is behind, and refuses since it hears a leader.
        if (!m.granted) onPreVoteReply(s, m)
        return
      case 'vote':
        refuseVote(s, m)
        return
      case 'read-index':
        s.respond({ type: 'read-index-reply', from: s.id, to: m.from, term: s.term, context: m.context, index: 0, refused: true })
        return
      // Answers to what an earlier leadership or campaign of this node asked for, and commands of a leader that is gone.
      case 'vote-reply':
      case 'append-reply':
      case 'heartbeat-reply':
      case 'read-index-reply':
      case 'timeout-now':
    }
  }

  #dispatch (m: Message): void {
    const s = this.#s
    switch (m.type) {
      case 'pre-vote': onPreVote(s, m); break
      case 'pre-vote-reply': onPreVoteReply(s, m); break
      case 'vote': onVote(s, m); break
      case 'vote-reply': onVoteReply(s, m); break
      case 'append': onAppend(s, m); break
      case 'append-reply':
        onAppendReply(s, m)
        // Writes are paused: not a tick longer than it takes the target to catch up.
        if (m.from === s.transfer?.target && !m.rejected) continueTransfer(s)
        break
      case 'commit': onCommit(s, m); break
      case 'heartbeat': onHeartbeat(s, m); break
      case 'heartbeat-reply': onHeartbeatReply(s, m); break
      case 'install-snapshot': onInstallSnapshot(s, m); break
      case 'timeout-now': onTimeoutNow(s, m); break
      case 'read-index': onReadIndexRequest(s, m); break
      case 'read-index-reply': onReadIndexReply(s, m); break
      case 'quiesce': onQuiesce(s, m); break
    }
  }

  /** What follows for a leader from whatever it has just learnt. */
  #settle (): void {
    const s = this.#s
    while (s.isLeader && advanceCommit(s)) {
      // It only moves with an entry of this term.
      releaseEarlyReads(s)
      afterCommit(s)
    }
    if (!s.isLeader) return
    confirmReads(s)
  }

  tick (now: number): void {
    const s = this.#s
    s.now = Math.max(s.now, now)
    if (s.quiesced) return
    s.ticks++
    if (this.#savedCommit !== s.log.commit) this.#saveCommit = true
    if (s.isLeader) this.#tickLeader()
    else {
      tickForwarded(s)
      tickElection(s)
    }
    this.#settle()
  }

  #tickLeader (): void {
    const s = this.#s
    const own = s.tracker.get(s.id)
    if (own !== undefined) own.heardAt = s.ticks
    // Check-quorum (Ongaro §6.2): a leader that a majority hasn't answered for an election timeout can't commit, nor know whether it still leads.
    if (s.ticks - s.tracker.quorum('heardAt') >= s.options.electionTicks) {
      becomeFollower(s, s.term, undefined)
      return
    }
    tickTransfer(s)
    tickEarlyReads(s)
    s.tracker.dismiss(s.configuration, s.configurations.effective.index, s.ticks)
    if (++s.heartbeatElapsed < s.options.heartbeatTicks) return
    s.heartbeatElapsed = 0
    for (const p of s.tracker.all) p.heartbeatTick()
    sendHeartbeats(s)
    continueTransfer(s)
  }

  propose (data: readonly Uint8Array[], time: number): Proposed {
    const s = this.#s
    assert(data.length > 0, 'a proposal of nothing')
    if (!s.isLeader) return { ok: false, reason: 'not-leader', detail: 'this member does not lead the group' }
    if (s.transfer !== undefined) return { ok: false, reason: 'transferring', detail: `leadership is being handed to '${s.transfer.target}'` }
    let bytes = 0
    for (let i = 0; i < data.length; i++) bytes += dataBytes(data[i])
    const { uncommittedBytes } = s.log
    const { maxUncommittedBytes } = s.options
    if (uncommittedBytes > 0 && uncommittedBytes + bytes > maxUncommittedBytes) {
      const detail = `${uncommittedBytes} bytes wait to be committed, and ${bytes} more are over the bound of ${maxUncommittedBytes}`
      return { ok: false, reason: 'busy', detail }
    }
    wake(s)
    for (let i = 0; i < data.length; i++) appendOwn(s, 'command', data[i], time)
    return { ok: true, index: s.log.lastIndex, term: s.term }
  }

  changeMembers (changes: readonly MemberChange[], time: number, expectedIndex?: number, policy?: string): Proposed {
    wake(this.#s)
    const proposed = changeMembers(this.#s, changes, time, expectedIndex, policy)
    this.#settle()
    return proposed
  }

  possibleMembers (): { index: number, members: ReadonlySet<MemberId> } {
    const { configurations, log: { commit } } = this.#s
    return { index: configurations.at(commit).index, members: new Set(configurations.from(commit).flatMap(({ configuration }) => membersOf(configuration))) }
  }

  transfer (to?: MemberId): Proposed {
    wake(this.#s)
    return startTransfer(this.#s, to)
  }

  readIndex (context: number, now: number, lease = false): void {
    const s = this.#s
    s.now = Math.max(s.now, now)
    wake(s)
    readIndex(s, context, lease)
    this.#settle()
  }

  campaign (pre = true): void {
    wake(this.#s)
    campaign(this.#s, pre)
    this.#settle()
  }

  unreachable (member: MemberId): void {
    const s = this.#s
    wake(s)
    if (s.isLeader) {
      const p = s.tracker.get(member)
      if (p === undefined || member === s.id) return
      p.unreachable = true
      if (p.state === 'replicate') p.becomeProbe(s.log.prevIndex + 1)
      return
    }
    // Forgetting a leader that lives would break the lease that it reads by.
    if (member !== s.leader || s.options.leaseReads || !s.mayCampaign) return
    setLeader(s, undefined)
    s.leaderHeardAt = -Infinity
    startHint(s)
  }

  reachable (member: MemberId): void {
    const s = this.#s
    wake(s)
    const p = s.tracker.get(member)
    if (!s.isLeader || p === undefined || member === s.id) return
    p.unreachable = false
    // Whatever was in flight is lost with the connection that carried it.
    if (p.state === 'replicate' && p.match < p.next - 1) p.becomeProbe(s.log.prevIndex + 1)
    p.probeSent = false
    s.replicatePending = true
  }

  snapshotSent (member: MemberId, index: number): void { onSnapshotSent(this.#s, member, index) }
  snapshotFailed (member: MemberId): void { onSnapshotFailed(this.#s, member) }
  fetched (member: MemberId, from: number, entries: readonly Entry[]): void { onFetched(this.#s, member, from, entries) }

  hasReady (): boolean {
    const s = this.#s
    return s.replicatePending || s.messages.length > 0 || s.log.hasCommitted || this.#hasWrite() ||
      s.readResults.length > 0 || s.fetches.length > 0 || s.snapshotsNeeded.length > 0 || this.#softChanged() || this.#configurationChanged()
  }

  #hasWrite (): boolean {
    const { log, afterDurable, installing, term, vote } = this.#s
    return log.written < log.lastIndex || afterDurable.length > 0 || installing !== undefined || term !== this.#savedTerm || vote !== this.#savedVote ||
      (this.#saveCommit && log.commit !== this.#savedCommit)
  }

  ready (): Ready {
    const s = this.#s
    if (s.replicatePending) replicate(s)
    s.reads.open = undefined
    const write = this.#takeWrite()
    const ready: Ready = {
      write,
      messages: s.messages.length > 0 ? s.messages : NONE,
      committed: s.log.takeCommitted(s.options.maxCommittedBytes),
      reads: s.readResults.length > 0 ? s.readResults : NONE,
      fetches: s.fetches.length > 0 ? s.fetches : NONE,
      snapshots: s.snapshotsNeeded.length > 0 ? s.snapshotsNeeded : NONE,
      soft: this.#takeSoft(),
      configuration: this.#takeConfiguration()
    }
    if (s.messages.length > 0) s.messages = []
    if (s.readResults.length > 0) s.readResults = []
    if (s.fetches.length > 0) s.fetches = []
    if (s.snapshotsNeeded.length > 0) s.snapshotsNeeded = []
    return ready
  }

  #takeWrite (): StorageWrite | undefined {
    if (!this.#hasWrite()) return undefined
    const s = this.#s
    const { log } = s
    const entries = log.written < log.lastIndex ? log.takeUnwritten() : NONE
    const snapshot = s.installing
    const changed = s.term !== this.#savedTerm || s.vote !== this.#savedVote
    const mustSync = snapshot !== undefined || entries.length > 0 || changed
    const commitMoved = log.commit !== this.#savedCommit
    const hardState: HardState | undefined = changed || commitMoved ? { term: s.term, vote: s.vote, commit: log.commit } : undefined
    const messages = s.afterDurable.length > 0 ? s.afterDurable : NONE
    if (s.afterDurable.length > 0) s.afterDurable = []
    s.installing = undefined
    this.#savedTerm = s.term
    this.#savedVote = s.vote
    this.#savedCommit = log.commit
    this.#saveCommit = false
    return { snapshot, entries, hardState, mustSync, messages, ack: { term: log.lastTerm, lastIndex: log.lastIndex, generation: log.generation } }
  }

  #softChanged (): boolean {
    const { role, term, leader } = this.#s
    return role !== this.#softTold.role || term !== this.#softTold.term || leader !== this.#softTold.leader
  }

  #takeSoft (): SoftState | undefined {
    if (!this.#softChanged()) return undefined
    const { role, term, leader } = this.#s
    return this.#softTold = { role, term, leader }
  }

  #configurationChanged (): boolean {
    const told = this.#configurationTold
    return this.#s.configurations.effective.index !== told.index || this.#s.configurationPending === told.committed
  }

  #takeConfiguration (): Ready['configuration'] {
    if (!this.#configurationChanged()) return undefined
    const { index, configuration } = this.#s.configurations.effective
    const committed = !this.#s.configurationPending
    this.#configurationTold = { index, committed }
    return { configuration, index, committed }
  }

  stored (ack: StorageAck): void {
    const s = this.#s
    // What was written in an earlier generation may have been overwritten since, even by entries that reach as far (etcd's and ra's
    // async append bug). A write of the current generation always follows, and its acknowledgement covers what is left of the earlier.
    if (ack.generation !== s.log.generation) return
    assert(s.log.termAt(ack.lastIndex) === ack.term, `storage acknowledged index ${ack.lastIndex} of term ${ack.term}, which the log does not have`)
    // The first write of a generation carries the term that it began with.
    s.durableTerm = s.term
    s.log.storedTo(ack.lastIndex)
    if (s.role === 'candidate') tally(s)
    if (s.isLeader) onOwnStored(s)
    this.#settle()
  }

  applied (index: number): void { this.#s.log.appliedTo(index) }

  compact (meta: SnapshotMeta, trailing: number): number {
    const { log, configurations } = this.#s
    assertIndex(trailing, 'the number of trailing entries')
    const index = Math.min(meta.index - trailing, log.applied)
    if (index > log.prevIndex) configurations.compact(index)
    return log.compact(index)
  }

  snapshotMeta (index: number): SnapshotMeta {
    const { log, configurations } = this.#s
    assert(index <= log.handedOut, `a snapshot of index ${index} was asked for, but only ${log.handedOut} was handed out to apply`)
    const term = log.termAt(index)
    assert(term !== undefined, `a snapshot of index ${index} was asked for, which is no longer in the log`)
    const { configuration, index: configurationIndex } = configurations.at(index)
    return { index, term, time: log.timeAt(index), configuration, configurationIndex }
  }

  canQuiesce (): boolean { return canQuiesce(this.#s) }
  quiesce (): void { quiesce(this.#s) }
  wake (): void { wake(this.#s) }

  stepDown (): void {
    const s = this.#s
    wake(s)
    if (s.role !== 'follower') becomeFollower(s, s.term, undefined)
    s.hintTries = 0
  }

  status (): RaftStatus {
    const s = this.#s
    const { log } = s
    const { index: configurationIndex, configuration } = s.configurations.effective
    return {
      id: s.id,
      role: s.role,
      term: s.term,
      vote: s.vote,
      leader: s.leader,
      commit: log.commit,
      handedOut: log.handedOut,
      applied: log.applied,
      firstIndex: log.prevIndex + 1,
      lastIndex: log.lastIndex,
      storedIndex: log.stored,
      configuration,
      configurationIndex,
      configurationPending: s.configurationPending,
      committedConfigurationIndex: s.configurations.at(s.log.commit).index,
      lastTerm: s.log.lastTerm,
      transferTarget: s.transfer?.target,
      quiesced: s.quiesced,
      uncommittedBytes: log.uncommittedBytes,
      progress: s.isLeader ? s.tracker.all.filter(p => p.departsAt === 0).map(p => p.view(s.ticks, s.options.electionTicks)) : [],
      termCommitted: s.termCommitted
    }
  }
}
