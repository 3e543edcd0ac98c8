import { memberId, peerOf } from '../../wire/member-id.js'
import { AutoFounders } from './auto-founders.js'
import { Contacts } from './contacts.js'
import { expectedFounders, namedFounders } from './fixed-founders.js'
import { clusterIdOf, MAX_ATTEMPT, MAX_FOUNDERS, promised, refused, refuses, released, sameList, sameProposal } from './proposal.js'
import { AUTO, FORCE, isFixed, JOIN } from './view.js'
import type { Contact } from './contacts.js'
import type { FormationRecord, Proposal } from './proposal.js'
import type { View } from './view.js'
import type { MemberId } from '../../raft/types.js'
import type { FormationPhase } from '../types.js'

export interface CoreOptions {
  readonly namespace: string
  readonly self: string
  /** What is on disk; at the very start only the incarnation. */
  readonly record: FormationRecord
  readonly policy: string
  /** `expect:n` only. */
  readonly expect?: number
  /** `founders:…` only: peer ids. */
  readonly founders?: readonly string[]
  /** `auto` only: of those seen in time, only so many found, the lowest; the rest join. */
  readonly maxFounders?: number
  /** All in ms. */
  readonly timeout: number
  readonly threshold: number
  readonly interval: number
  readonly fresh: number
  /** How long an agreement must stand before it is proposed. */
  readonly margin: number
  readonly random: () => number
}

export type CoreOutcome =
  | { readonly kind: 'founded', readonly clusterId: Uint8Array, readonly founders: readonly MemberId[], readonly policy: string }
  | { readonly kind: 'join', readonly clusterId: Uint8Array, readonly via: readonly string[] }

/** What to do after a step, in this order: make `core.record` durable, then answer and send `core.view()`, then act on the outcome. */
export interface Effects {
  readonly save: boolean
  readonly send: readonly string[]
  readonly outcome?: CoreOutcome
  readonly progress: ReadonlyArray<readonly [FormationPhase, string]>
}

/** At most this many peers, and this many seen in time, are told in a view. */
export const MAX_CONTACTS = 256

/**
 * How one node forms a group with others, or finds the one to join. Pure: time, chance and what others say are handed in; what to do
 * comes out.
 *
 * Safety rests on promises alone. A node holds one promise at a time, durable before anyone hears of it. A set is founded once all
 * its founders were heard to have promised it. With a fixed policy a promise ends only when a founder of the set has durably refused it, and then
 * that set can never be founded: so of two sets that share a node at most one is. In `auto` a promise also ends when a founder has been
 * out of reach for a whole timeout; there two groups need a partition or a crash of that length.
 */
export class FormationCore {
  readonly #contacts: Contacts
  readonly #auto: AutoFounders
  readonly #member: MemberId
  #startedAt: number
  #active = false
  #record: FormationRecord
  #formed: Uint8Array | undefined
  #outcome: CoreOutcome | undefined
  #promisedAt: number
  #agreed: { readonly founders: readonly MemberId[], readonly since: number } | undefined
  #refusals = 0
  #proposeAfter = -Infinity
  #lastStep: number
  #saidSeen = ''
  #saidWaiting = ''
  // Gathered by the step that runs.
  #save = false
  #send = new Set<string>()
  #progress: Array<readonly [FormationPhase, string]> = []

  constructor (private readonly options: CoreOptions, now: number) {
    this.#record = options.record
    this.#member = memberId(options.self, options.record.incarnation)
    this.#contacts = new Contacts(options.self, { ...options, maxBackoff: Math.max(options.interval, Math.min(5_000, options.timeout / 4)) })
    this.#auto = new AutoFounders(this.#member)
    this.#startedAt = now
    this.#lastStep = now
    this.#promisedAt = now // of a promise found on disk: a founder gets a whole timeout from here
  }

  get record (): FormationRecord { return this.#record }
  get outcome (): CoreOutcome | undefined { return this.#outcome }

  /** What this node tells of itself. Only for use once the last step's record is durable. */
  view (now: number): View {
    const fresh = this.#contacts.fresh(now)
    const frozenAt = this.#auto.frozenAt
    const founders = this.#auto.set(fresh)
    const listed = fresh.length <= MAX_CONTACTS ? fresh : [...fresh].sort((a, b) => b.lastHeard - a.lastHeard).slice(0, MAX_CONTACTS)
    // While it joins, it is nobody's founder any more, and tells who is a member.
    const joining = this.#outcome?.kind === 'join' && this.#formed === undefined
    const told = (joining && this.#outcome?.kind === 'join' ? this.#outcome.via : undefined)?.map(peer => this.#contacts.get(peer)).filter(c => c !== undefined) ?? listed
    return {
      record: this.#record,
      policy: joining || !this.#active ? JOIN : this.options.policy,
      contacts: told.map(c => ({ peer: c.peer, incarnation: c.view.record.incarnation, ageMs: now - c.lastHeard })),
      frozenMs: frozenAt === undefined || founders.length > MAX_CONTACTS ? undefined : now - frozenAt,
      founders: founders.length > MAX_CONTACTS ? [] : founders,
      clusterId: this.#formed
    }
  }

  /** From here on it takes part, and its phase begins. Before, it answers, but is nobody's founder. */
  activate (now: number): Effects {
    this.#active = true
    this.#startedAt = this.#promisedAt = this.#lastStep = now
    return this.#step(now)
  }

  /** Storage has this group, founded or joined. From now on the node says so, and refuses every proposal. */
  setFormed (now: number, clusterId: Uint8Array): Effects {
    this.#formed = clusterId
    for (const { peer } of this.#contacts.fresh(now)) this.#send.add(peer)
    return this.#step(now)
  }

  candidate (now: number, peer: string): Effects {
    this.#contacts.candidate(now, peer)
    return this.#step(now)
  }

  failed (now: number, peer: string): Effects {
    this.#contacts.failed(now, peer)
    return this.#step(now)
  }

  tick (now: number): Effects { return this.#step(now) }

  /** A peer's view: as a request (answer with `view()` after the effects) or as an answer. */
  receive (now: number, from: string, view: View): Effects {
    this.#noticeStall(now)
    const contact = this.#contacts.heard(now, from, view)
    for (const seen of view.contacts) this.#contacts.mentioned(now, seen.peer)
    this.#checkRefusal(contact)
    this.#consider(now, contact)
    return this.#step(now)
  }

  /**
   * After a stall of this very process (suspended, a long pause) all contacts look gone. They are not: nobody was listening. Without
   * this, a node that was stopped for a while founds a group alone as soon as it goes on.
   */
  #noticeStall (now: number): void {
    if (now - this.#lastStep > this.options.fresh / 2) {
      this.#promisedAt = now
      this.#proposeAfter = Math.max(this.#proposeAfter, now + this.options.fresh)
    }
    this.#lastStep = now
  }

  #step (now: number): Effects {
    this.#noticeStall(now)
    const forming = (): boolean => this.#active && this.#outcome === undefined && this.#formed === undefined
    if (forming()) this.#evaluate(now)
    if (forming()) for (const peer of this.#contacts.due(now)) this.#send.add(peer)
    const effects: Effects = { save: this.#save, send: [...this.#send], outcome: this.#outcome, progress: this.#progress }
    this.#save = false
    this.#send = new Set()
    this.#progress = []
    return effects
  }

  #evaluate (now: number): void {
    const fresh = this.#contacts.fresh(now)
    this.#tellSeen(fresh)
    if (this.#record.promise !== undefined) this.#pursue(now, this.#record.promise)
    if (this.#outcome !== undefined) return
    this.#joinIfFormed(fresh)
    if (this.#outcome !== undefined || this.#record.promise !== undefined) return
    this.#propose(now, fresh)
  }

  // --- promises ---

  /** A founder of the promised set has refused it for ever: then so may we. */
  #checkRefusal (contact: Contact): void {
    const promise = this.#record.promise
    if (promise === undefined || this.#formed !== undefined || this.#outcome?.kind === 'founded') return
    if (!promise.founders.includes(contact.member) || !refuses(contact.view.record, promise)) return
    this.#release(`${short(contact.peer)} refused attempt ${promise.attempt}: promise released`)
  }

  #release (why: string): void {
    this.#record = released(this.#record)
    this.#save = true
    this.#agreed = undefined
    this.#refusals++
    this.#say('agreeing', why)
  }

  /** A view that holds a promise proposes it to each founder in it. The answer, promise or refusal, is in our own view. */
  #consider (now: number, { member, view }: Contact): void {
    const proposal = view.record.promise
    if (proposal === undefined || !proposal.founders.includes(this.#member) || !proposal.founders.includes(member)) return
    // Before it takes part, and before it knows whether storage has a group, it neither promises nor refuses.
    if (sameProposal(this.#record.promise, proposal) || (!this.#active && this.#formed === undefined)) return
    const free = this.#record.promise === undefined && this.#outcome === undefined && this.#formed === undefined && proposal.attempt > this.#record.floor
    if (free && this.#acceptable(now, proposal)) {
      this.#promise(now, proposal)
      return
    }
    const record = refused(this.#record, proposal)
    if (record !== this.#record) {
      this.#record = record
      this.#save = true
    }
  }

  #acceptable (now: number, proposal: Proposal): boolean {
    const { policy, expect, founders } = this.options
    if (proposal.policy !== policy) return false
    if (policy === AUTO) return !this.#isWaiting(this.#contacts.fresh(now))
    if (expect !== undefined) return proposal.founders.length === expect
    return founders !== undefined && sameList(proposal.founders.map(peerOf), founders)
  }

  #promise (now: number, proposal: Proposal): void {
    this.#record = promised(this.#record, proposal)
    this.#save = true
    this.#promisedAt = now
    this.#say('promising', `attempt ${proposal.attempt}: promised to found with ${names(proposal.founders)}`)
    for (const founder of this.#others(proposal)) this.#send.add(founder)
  }

  /** Found if all have promised; in `auto`, give up once a founder was out of reach for a whole timeout. */
  #pursue (now: number, promise: Proposal): void {
    const clusterId = clusterIdOf(this.options.namespace, promise.founders)
    const others = this.#others(promise).map(peer => this.#contacts.get(peer))
    const founded = others.some(c => c?.view.clusterId !== undefined && promise.founders.includes(c.member) && sameBytes(c.view.clusterId, clusterId))
    const complete = others.every(c => c !== undefined && promise.founders.includes(c.member) && sameProposal(c.view.record.promise, promise))
    if (founded || complete) {
      this.#outcome = { kind: 'founded', clusterId, founders: promise.founders, policy: promise.policy }
      // The cluster id is told only once storage has it (setFormed): joiners must not wait for a group that a crash undid. A founder that
      // crashes before that finds its promise on disk, and the others' answers lead it here again.
      for (const founder of this.#others(promise)) this.#send.add(founder)
      for (const { peer } of this.#contacts.fresh(now)) this.#send.add(peer)
      this.#say('founded', `cluster ${hex(clusterId)} founded by ${names(promise.founders)}, ${elapsed(now - this.#startedAt)} after the start`)
      return
    }
    for (const founder of this.#others(promise)) {
      const contact = this.#contacts.get(founder)
      const seen = contact !== undefined && promise.founders.includes(contact.member) ? contact.lastHeard : -Infinity
      const silence = now - Math.max(seen, this.#promisedAt)
      if (silence < this.options.timeout) continue
      if (promise.policy === AUTO) {
        this.#release(`${short(founder)} was out of reach for ${elapsed(silence)}: promise released, going on without it`)
        return
      }
      this.#sayWaiting(`founder ${short(founder)} has promised or may yet promise to found this group, and is out of reach: start it again, or, if it is lost ` +
        'for good, delete this namespace\'s data on all of its founders and start them together')
    }
  }

  #others (proposal: Proposal): string[] {
    return proposal.founders.filter(member => member !== this.#member).map(peerOf)
  }

  // --- joining ---

  #joinIfFormed (fresh: readonly Contact[]): void {
    const formed = fresh.filter(c => c.view.clusterId !== undefined)
    const promise = this.#record.promise
    if (formed.length === 0 || this.options.policy === FORCE) return
    const ids = [...new Set(formed.map(c => Buffer.from(c.view.clusterId!).toString('hex')))].sort()
    if (ids.length > 1) this.#say('conflict', `this namespace has ${ids.length} groups: ${ids.map(id => id.slice(0, 8)).join(', ')}; joining ${ids[0].slice(0, 8)}`)
    if (promise !== undefined) {
      // Our own group, told by one that joined it: its founders will say so too.
      if (ids.includes(Buffer.from(clusterIdOf(this.options.namespace, promise.founders)).toString('hex'))) return
      // A fixed set's promise ends with that set's fate only: leaving now could strand founders that count on it, or split the group.
      if (isFixed(promise.policy)) {
        this.#sayWaiting(`a group exists (${ids[0].slice(0, 8)}), but this node has promised to found another with ${names(promise.founders)}: waiting until that is decided`)
        return
      }
      this.#release('a group exists: promise released')
    }
    const clusterId = Buffer.from(ids[0], 'hex')
    const via = formed.filter(c => sameBytes(c.view.clusterId!, clusterId)).map(c => c.peer)
    this.#outcome = { kind: 'join', clusterId: new Uint8Array(clusterId), via }
    this.#say('joining', `${names(via)} ${via.length > 1 ? 'are' : 'is'} in cluster ${hex(clusterId)}: joining it`)
  }

  // --- proposing ---

  #propose (now: number, fresh: readonly Contact[]): void {
    if (this.options.policy === JOIN) return
    if (this.options.policy === FORCE) {
      this.#promise(now, this.#proposal([this.#member]))
      this.#pursue(now, this.#record.promise!)
      return
    }
    const set = this.#founderSet(now, fresh)
    if (set.length === 0) {
      this.#agreed = undefined
      return
    }
    const { ready, overdue } = this.#readiness(now, fresh, set)
    if (set[0] !== this.#member || !(ready || overdue) || now < this.#proposeAfter) return
    // After a refusal, a pause that grows: whoever refused needs time to finish or drop what it has promised.
    this.#proposeAfter = now + Math.min(this.options.timeout / 4, this.options.margin * 2 ** Math.min(this.#refusals, 20))
    const most = this.options.policy === AUTO ? Math.min(this.options.maxFounders ?? MAX_FOUNDERS, MAX_FOUNDERS) : set.length
    const proposal = this.#proposal(set.slice(0, most))
    if (proposal.attempt > MAX_ATTEMPT) {
      this.#sayWaiting(`${MAX_ATTEMPT} attempts to found a group have failed: see why the founders refuse each other, then restart with mode "join" or "force"`)
      return
    }
    this.#promise(now, proposal)
    this.#pursue(now, proposal) // alone: all of one have promised
  }

  #founderSet (now: number, fresh: readonly Contact[]): MemberId[] {
    const { policy, expect, founders, timeout, threshold } = this.options
    if (expect !== undefined) return expectedFounders(this.#member, policy, expect, fresh)
    if (founders !== undefined) return namedFounders(this.#member, policy, founders, fresh)
    const wasFrozen = this.#auto.frozenAt !== undefined
    this.#auto.update(now, fresh, !this.#hasFixed(fresh) && now - this.#startedAt >= threshold * timeout)
    // A set is fixed: whoever was out of reach so far may have one too.
    if (!wasFrozen && this.#auto.frozenAt !== undefined) this.#contacts.lastCall(now)
    if (this.#isWaiting(fresh)) {
      this.#sayWaiting('others are forming the group: waiting to join it')
      return []
    }
    const set = this.#auto.set(fresh)
    if (!wasFrozen && set.length > 0) this.#say('agreeing', `founders seen in time: ${names(set)}; whoever comes later joins`)
    return set
  }

  #isWaiting (fresh: readonly Contact[]): boolean { return this.#hasFixed(fresh) || this.#auto.isWaiting(fresh) }

  /** Peers with a fixed founder set know more than an `auto` node does: it waits for them and joins. */
  #hasFixed (fresh: readonly Contact[]): boolean {
    return fresh.some(c => c.view.clusterId === undefined && isFixed(c.view.policy))
  }

  #readiness (now: number, fresh: readonly Contact[], set: readonly MemberId[]): { ready: boolean, overdue: boolean } {
    const auto = this.options.policy === AUTO
    if (auto && !this.#auto.agreed(fresh)) {
      this.#agreed = undefined
    } else if (this.#agreed === undefined || !sameList(this.#agreed.founders, set)) {
      this.#agreed = { founders: set, since: now }
      this.#say('agreeing', `${set.length} founders agree: ${names(set)}`)
    }
    // No agreement by the end of the phase (peers that can't reach each other): the lowest goes on with those that it reaches.
    const left = Math.max((1 - this.options.threshold) * this.options.timeout, 2 * this.options.margin)
    return {
      ready: this.#agreed !== undefined && now - this.#agreed.since >= this.options.margin,
      // Counted from its own start where that was later: a founder that has just been started again must first hear who is there.
      overdue: auto && this.#auto.frozenAt !== undefined && now - Math.max(this.#auto.frozenAt, this.#startedAt) >= left
    }
  }

  /** Above every attempt that this node, or a founder as far as it has told, has promised or refused. */
  #proposal (founders: readonly MemberId[]): Proposal {
    const floors = founders.map(member => this.#contacts.get(peerOf(member))?.view.record.floor ?? 0)
    return { attempt: Math.max(this.#record.floor, ...floors) + 1, policy: this.options.policy, founders }
  }

  // --- telling people ---

  #say (phase: FormationPhase, detail: string): void { this.#progress.push([phase, detail]) }

  #sayWaiting (detail: string): void {
    if (this.#saidWaiting !== detail) this.#say('waiting', detail)
    this.#saidWaiting = detail
  }

  #tellSeen (fresh: readonly Contact[]): void {
    const seen = names(fresh.map(c => c.peer))
    if (seen === this.#saidSeen) return
    this.#saidSeen = seen
    this.#say('discovering', fresh.length === 0 ? 'no peer in sight' : `${fresh.length} ${fresh.length === 1 ? 'peer' : 'peers'} seen: ${seen}`)
    for (const c of fresh) {
      if (isFixed(c.view.policy) && isFixed(this.options.policy) && c.view.policy !== this.options.policy && c.view.clusterId === undefined) {
        this.#say('conflict', `${short(c.peer)} forms by "${c.view.policy}", this node by "${this.options.policy}": they never found together; set bootstrap.mode and expect or founders alike on all nodes`)
      }
    }
  }
}

function sameBytes (a: Uint8Array, b: Uint8Array): boolean { return Buffer.compare(a, b) === 0 }
function hex (bytes: Uint8Array): string { return Buffer.from(bytes).toString('hex', 0, 4) }
/** The end of a peer id: its beginning is the same for all keys of a kind. */
function short (peer: string): string { return peer.length > 8 ? `…${peer.slice(-6)}` : peer }
function names (list: readonly string[]): string { return list.map(item => short(item.includes('.') ? peerOf(item) : item)).join(', ') }
function elapsed (ms: number): string { return `${Math.round(ms)} ms` }
