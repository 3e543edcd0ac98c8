import { InvalidArgumentError, MembershipError, NoLeaderError, NotLeaderError, UnavailableError, UnknownOutcomeError } from '../errors.js'
import { incarnationOf, memberId, peerOf } from '../wire/index.js'
import { ChangeOp } from '../wire/index.js'
import { bounded } from './deadlines.js'
import { allMembers, isMember } from './group-view.js'
import { applyEdit } from './policy-edits.js'
import { part, told } from './requests.js'
import { retry } from './retry.js'
import type { PolicyEdit } from './policy-edits.js'
import type { NamespaceHost } from './namespace-host.js'
import type { GroupHandle } from '../engine/types.js'
import type { MemberChange, MemberId } from '../raft/types.js'
import type { RequestBody, Response } from '../wire/index.js'
import type { PeerId } from '@libp2p/interface'

/** How a request is to be carried out, whether it comes from this program or from a peer. */
export interface Manner {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** False: this program wants NotLeaderError on a follower. */
  readonly forward?: boolean
  /** A member has sent it on already. It is served here or refused, never sent on again: two members that each believe in the other would play ball with it. */
  readonly forwarded?: boolean
  /** Peer id of the one who asks, where that is no member: who it is sent on to judges it by its own policy, which may be newer. */
  readonly origin?: string
}

/** A change as it is asked for: without an incarnation, of whichever the peer is a member with. */
export interface WantedChange { readonly op: MemberChange['op'], readonly peer: string, readonly incarnation?: string }

type Action = Partial<Omit<RequestBody, 'namespace' | 'forwarded' | 'timeoutMs' | 'origin'>>

/** Times that an edit of the policy is made anew, since something else changed first. */
const POLICY_TRIES = 10

/** What a member does for callers, its own program's and remote ones alike: on the leader itself, elsewhere by sending it on. */
export class MemberOperations {
  constructor (private readonly host: NamespaceHost) {}

  async propose (command: Uint8Array, kv: boolean, manner: Manner): Promise<{ index: number, result: Uint8Array }> {
    // Not a member yet: those that are do the work.
    if (this.host.isGuest && manner.forwarded !== true && manner.forward !== false) return await this.host.guest.send('a write', command, kv, { signal: manner.signal })
    return await this.atLeader('a write', true, manner,
      async group => {
        const [done] = await group.propose([command])
        if (done === undefined) throw new UnknownOutcomeError('The engine answered a proposal with nothing')
        return done
      },
      { propose: { command, kv } },
      (response, peer) => part(response.proposed, 'the result of a proposal', peer, true))
  }

  /** Afterwards, this member's applied state holds all that was committed before the call. */
  async readIndex (lease: boolean, manner: Manner): Promise<number> {
    const { clock, deadlines } = this.host.node
    const startedAt = clock.now()
    const attempt = async (remainingMs: number): Promise<number> => {
      const group = this.host.group ?? await this.host.whenGroup(remainingMs, manner.signal)
      const callAt = clock.now()
      const left = startedAt + manner.timeoutMs - callAt
      const index = await bounded(group.readIndex({ lease: lease && this.host.options.leaseReads }), {
        deadlines,
        ms: left,
        signal: manner.signal,
        late: () => new UnavailableError(`A read in ${this.host.namespace} was not confirmed by a leader within ${Math.round(manner.timeoutMs)} ms: a majority of the voters may be out of reach`)
      })
      // From before the round began. What a lease says stands by the clocks, and no more.
      if (!lease) this.host.confirmed(group, callAt)
      return index
    }
    try {
      return await attempt(manner.timeoutMs)
    } catch (error) {
      return await this.again(error, attempt, startedAt, 'a read', false, manner)
    }
  }

  async changeMembers (wanted: readonly WantedChange[], expectedIndex: number | undefined, manner: Manner): Promise<number> {
    const ops = { 'add-voter': ChangeOp.ADD_VOTER, 'add-learner': ChangeOp.ADD_LEARNER, remove: ChangeOp.REMOVE } as const
    const changes = wanted.map(({ op, peer, incarnation = '' }) => ({ op: ops[op], peer, incarnation }))
    return await this.atLeader('a membership change', true, manner,
      async group => await this.changeHere(group, wanted, expectedIndex),
      { changeMembers: { changes, ...(expectedIndex === undefined ? {} : { expectedIndex }) } },
      (response, peer) => part(response.index, 'an index', peer, true).index)
  }

  async changePolicy (edit: PolicyEdit, expectedIndex: number | undefined, manner: Manner): Promise<number> {
    return await this.atLeader('a change of the policy', true, manner,
      async group => await this.changePolicyHere(group, edit, expectedIndex),
      { changePolicy: { ...edit, ...(expectedIndex === undefined ? {} : { expectedIndex }) } },
      (response, peer) => part(response.index, 'an index', peer, true).index)
  }

  async transfer (to: string | undefined, manner: Manner): Promise<void> {
    await this.atLeader('a transfer of leadership', true, manner,
      async group => {
        await group.transfer(to === undefined ? undefined : this.memberOf(group, to))
        return 0
      },
      { transfer: to === undefined ? {} : { peer: to } },
      (response, peer) => part(response.index, 'an index', peer, true).index)
  }

  /** Without an expected index, another change that comes between is no reason to refuse: the edit is made to what there is then. */
  private async changePolicyHere (group: GroupHandle, edit: PolicyEdit, expectedIndex: number | undefined): Promise<number> {
    for (let tries = 1; ; tries++) {
      const { configuration, configurationIndex } = expectedIndex === undefined ? await this.host.configurationSettled() : group.status()
      const change = applyEdit(configuration, edit)
      if (change === undefined) return configurationIndex
      try {
        return await group.changeMembers(change.changes, { expectedIndex: expectedIndex ?? configurationIndex, policy: change.policy })
      } catch (error) {
        if (!(error instanceof MembershipError) || expectedIndex !== undefined || tries === POLICY_TRIES) throw error
      }
    }
  }

  private async changeHere (group: GroupHandle, wanted: readonly WantedChange[], expectedIndex: number | undefined): Promise<number> {
    const changes = wanted.map(({ op, peer, incarnation }): MemberChange => ({
      op, member: incarnation === undefined || incarnation === '' ? this.memberOf(group, peer) : memberId(peer, incarnation)
    }))
    // A voter that has nothing yet counts towards the quorum and can't contribute to it: from three voters, one of them down, a fourth
    // that has to be caught up first stops all writes. So a newcomer learns first, and gets its vote when it has what we have.
    const { configuration } = group.status()
    for (const { op, member } of changes) if (op !== 'remove') this.host.membership.access.checkAdd(peerOf(member))
    const newcomers = changes.filter(change => change.op === 'add-voter' && !isMember(configuration, change.member)).map(change => change.member)
    if (newcomers.length === 0) return await group.changeMembers(changes, { expectedIndex })
    const index = await group.changeMembers(changes.map(change => newcomers.includes(change.member) ? { ...change, op: 'add-learner' as const } : change), { expectedIndex })
    for (const member of newcomers) await this.host.caughtUp(member, index)
    return await this.promote(group, newcomers)
  }

  /** The leader's steward promotes learners as well: whoever is first, the outcome is the same. */
  private async promote (group: GroupHandle, members: readonly MemberId[]): Promise<number> {
    for (;;) {
      const { configuration, configurationIndex } = await this.host.configurationSettled()
      const waiting = members.filter(member => !configuration.voters.includes(member))
      if (waiting.length === 0) return configurationIndex
      try {
        return await group.changeMembers(waiting.map(member => ({ op: 'add-voter' as const, member })), { expectedIndex: configurationIndex })
      } catch (error) {
        if (!(error instanceof MembershipError)) throw error
      }
    }
  }

  private memberOf (group: GroupHandle, peer: string): MemberId {
    const found = allMembers(group.status().configuration).filter(member => peerOf(member) === peer)
    const [member] = found
    if (member === undefined) throw new MembershipError(`Peer ${peer} is no member of ${this.host.namespace}: members() lists those that are`)
    if (found.length > 1) throw new MembershipError(`Peer ${peer} is a member of ${this.host.namespace} with ${found.length} incarnations (${found.map(incarnationOf).join(', ')}): wait until one has replaced the other`)
    return member
  }

  /** Serves it here if this member leads, or else sends it on to who does; waits for a leader while there is none. */
  async atLeader<T> (
    what: string, write: boolean, manner: Manner,
    here: (group: GroupHandle) => Promise<T>, action: Action, read: (response: Response, peer: PeerId) => T
  ): Promise<T> {
    const { host } = this
    const { clock, deadlines, port } = host.node
    const { signal, timeoutMs } = manner
    signal?.throwIfAborted()
    const startedAt = clock.now()
    const attempt = async (remainingMs: number): Promise<T> => {
      host.checkOpen()
      if (host.leading && host.group !== undefined) {
        return await bounded(here(host.group), {
          deadlines,
          ms: remainingMs,
          signal,
          late: () => new UnknownOutcomeError(`${what} in ${host.namespace} was not seen to commit within ${Math.round(timeoutMs)} ms: it may have happened or may still happen; a majority of the voters may be out of reach`),
          aborted: reason => new UnknownOutcomeError(`${what} in ${host.namespace} was given up by its caller while under way: it may have happened or may still happen`, { cause: reason })
        })
      }
      const leader = host.leader
      if (manner.forwarded === true || (manner.forward === false && host.group !== undefined)) {
        throw new NotLeaderError(`This member does not lead ${host.namespace}${leader === undefined ? ', and knows nobody who does' : `, ${leader.toString()} does`}`, leader?.toString())
      }
      if (leader === undefined) {
        await host.whenLeader(remainingMs, signal)
        const left = startedAt + timeoutMs - clock.now()
        if (left <= 0) throw new NoLeaderError(`${host.namespace} has no leader: a majority of its voters may be out of reach`)
        return await attempt(left)
      }
      const response = await port.request(leader, { namespace: host.namespace, forwarded: true, timeoutMs: told(remainingMs), ...(manner.origin === undefined ? {} : { origin: manner.origin }), ...action }, { timeoutMs: remainingMs, signal })
      return read(response, leader)
    }
    try {
      return await attempt(timeoutMs)
    } catch (error) {
      if (manner.forward === false || manner.forwarded === true) throw error
      return await this.again(error, attempt, startedAt, what, write, manner)
    }
  }

  private async again<T> (error: unknown, attempt: (ms: number) => Promise<T>, startedAt: number, what: string, write: boolean, manner: Manner): Promise<T> {
    const { clock, random } = this.host.node
    return await retry(error, attempt, startedAt, {
      clock, random, write, what: `${what} in ${this.host.namespace}`, timeoutMs: manner.timeoutMs, signal: manner.signal
    })
  }
}

/** For addVoter and the like. */
export function checkIncarnation (incarnation: unknown): asserts incarnation is string {
  if (typeof incarnation !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(incarnation)) {
    throw new InvalidArgumentError('incarnation must be the one that the node reports of itself (16 hex digits): it tells a node from the same one with a wiped disk')
  }
}
