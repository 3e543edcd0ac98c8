import { assert, assertIndex } from './assert.js'
import { isVoter } from './configuration.js'
import { ConfigurationHistory } from './configuration-history.js'
import { RaftLog } from './log.js'
import { Tracker } from './tracker.js'
import type { ReadState } from './read-index.js'
import type { Configuration, InitialState, LogFetch, MemberId, Message, RaftOptions, ReadResult, Role, SnapshotMeta } from './types.js'

/** A transfer of leadership under way. */
export interface Transfer { readonly target: MemberId, readonly endsAt: number }

/**
 * Everything that one member of a group knows, and what is waiting to leave it. The handlers of messages are functions over this: each
 * in the module named after its part of the protocol.
 */
export class RaftState {
  readonly id: MemberId
  readonly options: RaftOptions
  readonly log: RaftLog
  readonly configurations: ConfigurationHistory

  term: number
  vote: MemberId | undefined
  role: Role = 'follower'
  leader: MemberId | undefined
  /** Who leads this term, even when `leader` was forgotten on a hint: a second one in a term is a broken invariant. */
  termLeader: MemberId | undefined
  /** The last term known to be durable here. */
  durableTerm: number

  /** Ticks since the start, and those at which something last happened. */
  ticks = 0
  /** The engine's monotonic ms, as last told. */
  now = 0
  electionElapsed = 0
  electionTimeout = 0
  heartbeatElapsed = 0
  /** When a leader was last heard from; -Infinity once that is void. Within an election timeout of it, votes are refused. */
  leaderHeardAt: number
  /** Ticks until the next pre-vote after a hint that the leader is gone, and how many such tries are left. */
  hintTicks = 0
  hintTries = 0

  /** A candidate's or pre-candidate's: who answered, and how. */
  readonly votes = new Map<MemberId, boolean>()

  /** A leader's. */
  tracker: Tracker
  /** Index of the no-op that its term began with. */
  termStart = 0
  replicatePending = false
  transfer: Transfer | undefined
  /** The target may bypass the voters' leases from here on, however late its campaign comes: no lease read in this term any more. */
  leaseVoid = false

  readonly reads: ReadState
  quiesced = false

  /** Leave at once. */
  messages: Message[] = []
  /** Leave once everything that is known here now is durable. */
  afterDurable: Message[] = []
  readResults: ReadResult[] = []
  fetches: LogFetch[] = []
  snapshotsNeeded: MemberId[] = []
  installing: SnapshotMeta | undefined

  constructor (options: RaftOptions, initial: InitialState, reads: ReadState) {
    validateOptions(options)
    const { hardState } = initial
    assertIndex(hardState.term, 'the term')
    this.id = options.id
    this.options = options
    this.log = new RaftLog(initial, options.maxCachedBytes)
    this.configurations = new ConfigurationHistory(initial.configurations)
    assert(this.configurations.effective.index <= this.log.lastIndex, 'a configuration is past the end of the log')
    // A founder's log starts with an entry of term 1 that no election led to: nobody can have voted in that term.
    this.term = Math.max(hardState.term, this.log.lastTerm)
    this.vote = this.term === hardState.term ? hardState.vote : undefined
    this.durableTerm = hardState.term
    this.tracker = new Tracker(options)
    this.reads = reads
    // A restart forgets that it had promised a leader its lease: with lease reads on, the promise is kept for as long as it could have run.
    // In the founders' term nobody led.
    this.leaderHeardAt = options.leaseReads && hardState.term > 1 ? 0 : -Infinity
    this.resetElectionTimer()
  }

  get configuration (): Configuration { return this.configurations.effective.configuration }
  /** The configuration in force could still be rolled back, unless this is a leader that has committed it. */
  get configurationPending (): boolean { return this.configurations.effective.index > this.log.commit }
  get termDurable (): boolean { return this.durableTerm === this.term }
  get isLeader (): boolean { return this.role === 'leader' }
  /** Only then does a leader know what is committed (Raft §5.4.2, §8). */
  get termCommitted (): boolean { return this.role === 'leader' && this.log.commit >= this.termStart }

  /**
   * A voter of the configuration in force, or of one that may yet come back: until its removal is committed, a member may be the only one
   * left who can win (Ongaro §4.2.2).
   */
  get mayCampaign (): boolean {
    return isVoter(this.configuration, this.id) ||
      (this.configurationPending && this.configurations.from(this.log.commit).some(c => isVoter(c.configuration, this.id)))
  }

  /** A leader lives, as far as is known here: nobody else gets a vote or pre-vote unless that leader asked for it. */
  get hearsLeader (): boolean { return this.role === 'leader' || this.ticks - this.leaderHeardAt < this.options.electionTicks }

  /** A new random timeout each time: members in step with each other would split every vote. */
  resetElectionTimer (): void {
    this.electionElapsed = 0
    this.electionTimeout = this.options.electionTicks + Math.floor(this.options.random() * this.options.electionTicks)
  }

  /** For messages that promise nothing. */
  send (message: Message): void { this.messages.push(message) }

  /** For what must not be said before it would survive a crash: votes, what was appended, and requests for votes. */
  sendAfterDurable (message: Message): void { this.afterDurable.push(message) }

  /** For answers, which tell a term: that must not be forgotten once told. */
  respond (message: Message): void {
    if (this.termDurable) this.messages.push(message)
    else this.afterDurable.push(message)
  }
}

const COUNTS = [
  'electionTicks', 'heartbeatTicks', 'maxAppendBytes', 'maxInflight', 'maxInflightBytes', 'maxUncommittedBytes', 'maxCommittedBytes', 'maxCachedBytes'
] as const

function validateOptions (options: RaftOptions): void {
  const { id, leaseMs, electionTicks, heartbeatTicks, maxInflight } = options
  assert(id.length > 0, 'a member needs an id')
  for (const name of COUNTS) assertIndex(options[name], name)
  assert(heartbeatTicks >= 1, 'a heartbeat takes one tick at least')
  assert(electionTicks > heartbeatTicks, `an election timeout of ${electionTicks} ticks is not longer than a heartbeat of ${heartbeatTicks}`)
  assert(maxInflight >= 1, 'at least one append must be allowed in flight')
  assert(leaseMs >= 0, `a lease of ${leaseMs} ms is no length of time`)
}
