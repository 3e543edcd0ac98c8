import { TypedEventEmitter } from 'main-event'
import { InvalidArgumentError } from '../errors.js'
import { emptyPolicy } from './policy.js'
import { authorizeEdit, deauthorizeEdit, policyOf, roleEdit, viewPolicy } from './policy-edits.js'
import { viewMembers, viewStats, emptyStats } from './group-view.js'
import { KvHandle } from './handle.js'
import { CronScheduler } from '../recipes/cron/scheduler.js'
import { checkCommand, checkKey, checkKvCommand } from './kv-limits.js'
import { copyOfRow } from './kv-operations.js'
import { checkIncarnation } from './member-operations.js'
import { checkPeer } from './options.js'
import { openSession } from './session.js'
import { checkExpectedIndex } from './validate.js'
import { queryNames } from './queries.js'
import type { ChangeOptions, Cluster as ClusterApi, ClusterEvents, ClusterState, ClusterStats, GroupPolicy, Member, Role, RoleOptions, Session, SessionOptions, WriteOptions } from './api.js'
import type { AskOptions, HandleContext, Proposed, ProposeOptions } from './handle.js'
import type { Manner, WantedChange } from './member-operations.js'
import type { PolicyEdit } from './policy-edits.js'
import type { NamespaceHost } from './namespace-host.js'
import type { Answer, Query, QueryType } from './queries.js'
import type { SessionInit } from './session.js'
import type { KvEvent } from '../machine/kv-types.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { EventHandler } from 'main-event'

type ListenerOptions = Parameters<TypedEventEmitter<ClusterEvents>['addEventListener']>[2]

/** Waits here cost nothing: looked at again now and then, so that a watch of quiet keys keeps up with history. */
const POLL_MS = 60_000
/** In the time that a request has. */
const SESSION_TRIES = 3

/** A member's handle on a namespace; see {@link ClusterApi}. */
export class Cluster extends KvHandle implements ClusterApi {
  readonly namespace: string
  protected readonly context: HandleContext
  protected readonly pollMs = POLL_MS
  private readonly events = new TypedEventEmitter<ClusterEvents>()

  constructor (private readonly host: NamespaceHost) {
    super()
    this.namespace = host.namespace
    const { clock, random } = host.node
    this.context = { clock, random, log: host.log, signal: host.signal }
  }

  get clusterId (): string | undefined { return this.host.clusterId }

  /** What decides on the jobs of the namespace while this member leads. */
  makeScheduler (): CronScheduler { return new CronScheduler(this.recipes) }

  async apply (command: Uint8Array, options?: WriteOptions): Promise<Proposed> {
    checkCommand(command, this.host.options.limits)
    if (this.host.options.machine === undefined) {
      throw new InvalidArgumentError(`${this.namespace} has the built-in KV: use set, delete or batch; apply is for a namespace that was joined with a machine of your own`)
    }
    // A copy: it is kept in the log, whatever the caller does with its own.
    return await this.host.operations.propose(new Uint8Array(command), false, this.manner(options))
  }

  async propose (what: string, command: Uint8Array, options?: ProposeOptions): Promise<Proposed> {
    this.host.needKv(what)
    checkKvCommand(command, this.host.options.limits)
    return await this.host.operations.propose(command, true, this.manner(options))
  }

  async ask<K extends QueryType> (query: Query<K>, options?: AskOptions): Promise<Answer<K>> {
    this.host.needKv(queryNames[query.type])
    if ('key' in query) checkKey(query.key, this.host.options.limits)
    const isStale = 'consistency' in query && query.consistency === 'stale'
    if (!isStale && this.host.isGuest) return await this.host.guest.ask(query, options)
    const manner = this.manner(options)
    const answer = await this.host.queries.ask(query, 'waitMs' in query ? { ...manner, timeoutMs: manner.timeoutMs + query.waitMs } : manner)
    return ownAnswer(query.type, answer)
  }

  async session (options?: SessionOptions): Promise<Session> {
    const { requestMs } = this.host.options
    const send: SessionInit['send'] = async (what, command, options) => await this.propose(what, command, options)
    return await openSession({ handle: this, context: this.context, newId: this.host.node.newId, pollMs: this.pollMs, requestMs, attemptMs: requestMs / SESSION_TRIES, send }, options)
  }

  async barrier (options?: AbortOptions): Promise<number> {
    return await this.host.operations.readIndex(false, this.manner(options))
  }

  isLeader (): boolean { return this.host.state === 'leader' }
  leader (): PeerId | undefined { return this.host.leader }
  state (): ClusterState { return this.host.state }

  async waitForLeader (options?: AbortOptions): Promise<PeerId> {
    // As long as the caller wants to wait: a group that is forming may take longer than any one request should.
    return await this.host.whenLeader(Infinity, options?.signal)
  }

  members (): Member[] {
    return this.host.group === undefined ? [] : viewMembers(this.host.group, this.host.addressesOf)
  }

  async addVoter (peer: PeerId | string, incarnation: string, options?: ChangeOptions): Promise<void> {
    checkIncarnation(incarnation)
    await this.change({ op: 'add-voter', peer: checkPeer(peer, 'peer').toString(), incarnation }, options)
  }

  async addLearner (peer: PeerId | string, incarnation: string, options?: ChangeOptions): Promise<void> {
    checkIncarnation(incarnation)
    await this.change({ op: 'add-learner', peer: checkPeer(peer, 'peer').toString(), incarnation }, options)
  }

  async removeServer (peer: PeerId | string, options?: ChangeOptions): Promise<void> {
    await this.change({ op: 'remove', peer: checkPeer(peer, 'peer').toString() }, options)
  }

  async transferLeadership (to?: PeerId | string, options?: AbortOptions): Promise<void> {
    await this.host.operations.transfer(to === undefined ? undefined : checkPeer(to, 'to').toString(), this.manner(options))
  }

  async authorize (peer: PeerId | string, options?: ChangeOptions): Promise<void> {
    await this.changePolicy(authorizeEdit(peer), options)
  }

  async deauthorize (peer: PeerId | string, options?: ChangeOptions): Promise<void> {
    await this.changePolicy(deauthorizeEdit(peer), options)
  }

  async setRole (peer: PeerId | string, role: Role | 'default', options?: RoleOptions): Promise<void> {
    const { signal, expectedIndex } = options ?? {}
    await this.changePolicy(roleEdit(peer, role, options), { signal, expectedIndex })
  }

  policy (): GroupPolicy {
    const { group } = this.host
    return viewPolicy(group === undefined ? emptyPolicy : policyOf(group.status().configuration))
  }

  stats (): ClusterStats {
    const { group, state, provisional, atRest } = this.host
    const stats = group === undefined ? emptyStats(this.namespace, state) : viewStats(group, { state, provisional, refused: this.host.membership.access.refused })
    return { ...stats, atRest }
  }

  async close (options?: AbortOptions): Promise<void> {
    await this.host.close(options)
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  addEventListener<T extends keyof ClusterEvents> (type: T, listener: EventHandler<ClusterEvents[T]> | null, options?: ListenerOptions): void {
    this.events.addEventListener(type, listener, options)
  }

  removeEventListener<T extends keyof ClusterEvents> (type: T, listener?: EventHandler<ClusterEvents[T]> | null, options?: ListenerOptions): void {
    this.events.removeEventListener(type, listener, options)
  }

  listenerCount (type: string): number { return this.events.listenerCount(type) }
  dispatchEvent (event: Event): boolean { return this.events.dispatchEvent(event) }
  safeDispatchEvent<Detail> (type: keyof ClusterEvents, detail?: { detail?: Detail }): boolean { return this.events.safeDispatchEvent(type, detail) }

  private async change (change: WantedChange, options: ChangeOptions | undefined): Promise<void> {
    await this.host.operations.changeMembers([change], checkExpectedIndex(options), this.manner(options))
  }

  private async changePolicy (edit: PolicyEdit, options: ChangeOptions | undefined): Promise<void> {
    await this.host.operations.changePolicy(edit, checkExpectedIndex(options), this.manner(options))
  }

  private manner (options: ProposeOptions | undefined): Manner {
    this.host.checkOpen()
    return { timeoutMs: options?.timeoutMs ?? this.host.options.requestMs, signal: options?.signal, forward: options?.forward }
  }
}

/** What the state machine holds must not change under it when a caller writes into what it got. */
function ownAnswer<K extends QueryType> (type: K, answer: Answer<K>): Answer<K>
function ownAnswer (type: QueryType, answer: unknown): unknown {
  if (type === 'row') {
    const found = answer as Answer<'row'>
    return found.row === undefined ? found : { ...found, row: copyOfRow(found.row) }
  }
  if (type === 'rows') {
    const found = answer as Answer<'rows'>
    return { ...found, rows: found.rows.map(copyOfRow) }
  }
  if (type !== 'changes') return answer
  const found = answer as Answer<'changes'>
  if (found.compacted !== undefined) return found
  return { ...found, changes: found.changes.map(({ revision, events }) => ({ revision, events: events.map(copyOfEvent) })) }
}

function copyOfEvent (event: KvEvent): KvEvent {
  return event.type === 'put' ? { type: 'put', row: copyOfRow(event.row) } : { type: 'delete', key: new Uint8Array(event.key) }
}
