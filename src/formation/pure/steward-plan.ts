import { peerOf } from '../../wire/member-id.js'
import type { MemberChange, MemberId, ProgressView, RaftStatus } from '../../raft/types.js'

export interface StewardOptions {
  /** Voters that the group grows to by itself. */
  readonly maxVoters: number
  /** ms for which a learner must have kept up before it gets a vote. */
  readonly stableMs: number
  /** ms of silence after which a voter may be replaced by a healthy learner. */
  readonly deadMs: number
  /** ms that a single learner waits for a second one, where its vote alone would make the number of voters even. */
  readonly pairMs: number
  /** ms of silence that mean nothing yet: a lost heartbeat. */
  readonly graceMs: number
  /** Entries behind the commit index that still count as kept up. */
  readonly maxLag: number
  /** Members that the group grows to by itself, learners included. */
  readonly maxMembers: number
}

export const stewardDefaults: StewardOptions = {
  maxVoters: 5, stableMs: 2_000, deadMs: 10 * 60_000, pairMs: 20_000, graceMs: 2_000, maxLag: 1_000, maxMembers: 128
}

export interface Plan { readonly changes: readonly MemberChange[], readonly why: string }

/** Since when members have kept up, or been silent, as this leader saw it. Forgotten with the leadership: a new leader judges anew. */
export class MemberHealth {
  readonly #activeAt = new Map<MemberId, number>()
  readonly #steadySince = new Map<MemberId, number>()

  constructor (private readonly options: Pick<StewardOptions, 'graceMs' | 'maxLag'>) {}

  observe (now: number, status: RaftStatus): void {
    const present = new Set(status.progress.map(p => p.member))
    for (const known of [...this.#activeAt.keys()]) {
      if (!present.has(known)) {
        this.#activeAt.delete(known)
        this.#steadySince.delete(known)
      }
    }
    for (const progress of status.progress) {
      const { member } = progress
      // A group goes quiet only when all members are alive and hold everything, and a death wakes it: silence in it says nothing.
      const active = member === status.id || status.quiesced || progress.recentlyActive
      if (active || !this.#activeAt.has(member)) this.#activeAt.set(member, now)
      if (active && this.#keepsUp(progress, status)) {
        if (!this.#steadySince.has(member)) this.#steadySince.set(member, now)
      } else if (!active ? this.silentFor(now, member) > this.options.graceMs : true) this.#steadySince.delete(member)
    }
  }

  isActive (now: number, member: MemberId): boolean { return this.silentFor(now, member) <= this.options.graceMs }
  silentFor (now: number, member: MemberId): number { return now - (this.#activeAt.get(member) ?? now) }
  /** 0 for a member that does not keep up, or is silent. */
  steadyFor (now: number, member: MemberId): number {
    const since = this.#steadySince.get(member)
    return since === undefined ? 0 : now - since
  }

  #keepsUp (progress: ProgressView, status: RaftStatus): boolean {
    return progress.member === status.id || (progress.state === 'replicate' && progress.match > 0 && progress.match + this.options.maxLag >= status.commit)
  }
}

export interface StewardView {
  readonly now: number
  readonly status: RaftStatus
  readonly health: MemberHealth
  /** Nodes that ask, with their own signature, to be members. */
  readonly applicants: readonly MemberId[]
  /** Those that want a vote, and said so of late. A learner that doesn't ask for one never gets it. */
  readonly candidates: ReadonlySet<MemberId>
  readonly options: StewardOptions
}

/** The next change of membership that the leader should make; undefined: none. One at a time, and only while the quorum is healthy. */
export function planStewardship (view: StewardView): Plan | undefined {
  const { status } = view
  if (status.role !== 'leader' || !status.termCommitted || status.configurationPending || status.configuration.outgoing.length > 0 || status.transferTarget !== undefined) return undefined
  if (!isHealthy(view, status.configuration.voters)) return undefined
  return admit(view) ?? replaceDead(view) ?? promote(view)
}

/** The configuration's members of the same peer, under another incarnation. */
export function formerMembers (status: RaftStatus, member: MemberId): MemberId[] {
  const { voters, learners } = status.configuration
  return [...voters, ...learners].filter(other => other !== member && peerOf(other) === peerOf(member))
}

/**
 * Takes in whoever asks, as a learner: it has no say until it has caught up. A peer that comes back with a fresh disk takes the place of what
 * it was in the same change, so that no two incarnations of one node ever count, and only once the old one has fallen silent: a node
 * that answers under its old incarnation has not lost its disk, whatever an old request says.
 */
function admit ({ now, status, health, applicants, options }: StewardView): Plan | undefined {
  const { voters, learners } = status.configuration
  const changes: MemberChange[] = []
  let left: readonly MemberId[] = voters
  let size = voters.length + learners.length
  const peers = new Set<string>()
  for (const member of [...applicants].sort()) {
    if (voters.includes(member) || learners.includes(member) || peers.has(peerOf(member)) || peerOf(member) === peerOf(status.id)) continue
    const former = formerMembers(status, member)
    if (former.some(old => health.isActive(now, old))) continue
    const without = left.filter(voter => !former.includes(voter))
    const losesVoter = without.length < left.length
    // One voter goes at a time: with two at once a majority of the rest might not be one of the old configuration.
    if (losesVoter && (left.length < voters.length || without.length === 0 || !isHealthy({ now, health }, without))) continue
    if (former.length === 0 && size >= options.maxMembers) continue
    left = without
    size += 1 - former.length
    peers.add(peerOf(member))
    changes.push(...former.map(old => ({ op: 'remove' as const, member: old })), { op: 'add-learner', member })
  }
  return changes.length === 0 ? undefined : { changes, why: `${[...peers].length === 1 ? 'a node asks' : `${peers.size} nodes ask`} to join` }
}

function replaceDead (view: StewardView): Plan | undefined {
  const { now, status, health, options } = view
  const { voters } = status.configuration
  const dead = voters.filter(voter => voter !== status.id && health.silentFor(now, voter) >= options.deadMs)
    .sort((a, b) => health.silentFor(now, b) - health.silentFor(now, a) || (a < b ? -1 : 1))[0]
  const [heir] = readyLearners(view)
  if (dead === undefined || heir === undefined || !isHealthy(view, [...voters.filter(voter => voter !== dead), heir])) return undefined
  return {
    changes: [{ op: 'remove', member: dead }, { op: 'add-voter', member: heir }],
    why: `a voter was silent for ${Math.round(health.silentFor(now, dead) / 1_000)} s: a learner that is well takes its place`
  }
}

/**
 * Gives votes to learners that have kept up. An even number of voters survives no more failures than one less, so from three on
 * learners are promoted in pairs where there are two; a single one waits a while for a second.
 */
function promote (view: StewardView): Plan | undefined {
  const { now, status, health, options } = view
  const { voters } = status.configuration
  const ready = readyLearners(view)
  let count = Math.min(ready.length, options.maxVoters - voters.length)
  if (count <= 0) return undefined
  if ((voters.length + count) % 2 === 0) {
    if (count > 1) count--
    // One voter and one learner: two copies before a write is acknowledged are worth more than an odd number.
    else if (voters.length > 1 && health.steadyFor(now, ready[0]) < options.pairMs) return undefined
  }
  const chosen = ready.slice(0, count)
  if (!isHealthy(view, [...voters, ...chosen])) return undefined
  return { changes: chosen.map(member => ({ op: 'add-voter', member })), why: `${chosen.length === 1 ? 'a learner has' : `${chosen.length} learners have`} kept up` }
}

/** Learners that want a vote and have earned it, the steadiest first. */
function readyLearners ({ now, status, health, candidates, options }: StewardView): MemberId[] {
  return status.configuration.learners
    .filter(member => candidates.has(member) && health.steadyFor(now, member) >= options.stableMs)
    // A peer with two incarnations must not get two votes.
    .filter(member => formerMembers(status, member).length === 0)
    .sort((a, b) => health.steadyFor(now, b) - health.steadyFor(now, a) || (a < b ? -1 : 1))
}

/** A majority of these voters answers: a change to them can commit, and leave the group able to go on. */
function isHealthy ({ now, health }: Pick<StewardView, 'now' | 'health'>, voters: readonly MemberId[]): boolean {
  return voters.filter(voter => health.isActive(now, voter)).length > Math.floor(voters.length / 2)
}
