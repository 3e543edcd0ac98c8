import { TypedEventEmitter } from 'main-event'
import { InvalidArgumentError } from '../errors.js'
import { emptyPolicy } from './policy.js'
import { authorizeEdit, deauthorizeEdit, policyOf, roleEdit, viewPolicy } from './policy-edits.js'
import { viewMembers, viewStats, emptyStats } from './group-view.js'
import { allKeys, checkCommand, checkKey, checkKvCommand, resolveConsistency, resolveKeys, toBatch, toDelete, toKey, toPut, toWritten } from './kv-operations.js'
import { checkIncarnation } from './member-operations.js'
import { checkPeer } from './options.js'
import { checkExpectedIndex } from './validate.js'
import type {
  BatchOperation, ChangeOptions, Cluster as ClusterApi, ClusterEvents, ClusterState, ClusterStats, GroupPolicy, Key, KeysOptions, Member, ReadOptions, Role, RoleOptions, Value, WriteOptions, Written
} from './api.js'
import type { Manner, WantedChange } from './member-operations.js'
import type { PolicyEdit } from './policy-edits.js'
import type { NamespaceHost } from './namespace-host.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

/** A member's handle on a namespace; see {@link ClusterApi}. */
export class Cluster extends TypedEventEmitter<ClusterEvents> implements ClusterApi {
  readonly namespace: string

  constructor (private readonly host: NamespaceHost) {
    super()
    this.namespace = host.namespace
  }

  get clusterId (): string | undefined { return this.host.clusterId }

  async set (key: Key, value: Value, options?: WriteOptions): Promise<Written> {
    return await this.write(toPut(key, value), options)
  }

  async delete (key: Key, options?: WriteOptions): Promise<Written> {
    return await this.write(toDelete(key), options)
  }

  async batch (operations: readonly BatchOperation[], options?: WriteOptions): Promise<Written> {
    return await this.write(toBatch(operations), options)
  }

  async apply (command: Uint8Array, options?: WriteOptions): Promise<{ index: number, result: Uint8Array }> {
    checkCommand(command, this.host.options.limits)
    if (this.host.options.machine === undefined) {
      throw new InvalidArgumentError(`${this.namespace} has the built-in KV: use set, delete or batch; apply is for a namespace that was joined with a machine of your own`)
    }
    // A copy: it is kept in the log, whatever the caller does with its own.
    return await this.host.operations.propose(new Uint8Array(command), false, this.manner(options))
  }

  async get (key: Key, options?: ReadOptions): Promise<Uint8Array | undefined> {
    const bytes = toKey(key)
    checkKey(bytes, this.host.options.limits)
    const consistency = resolveConsistency(options?.consistency)
    this.host.needKv('get')
    if (consistency !== 'stale' && this.host.isGuest) return await this.host.guest.get(key, options)
    const kv = await this.host.readable(consistency, this.manner(options))
    const value = await kv.get(bytes)
    // A copy: what the state machine holds must not change under it when a caller writes into what it got.
    return value === undefined ? undefined : new Uint8Array(value)
  }

  async keys (options?: KeysOptions): Promise<string[]> {
    const wanted = resolveKeys(options)
    this.host.needKv('keys')
    if (wanted.consistency !== 'stale' && this.host.isGuest) return await this.host.guest.keys(options)
    const kv = await this.host.readable(wanted.consistency, this.manner(options))
    return await allKeys(wanted, async (after, limit) => {
      const keys = await kv.keys(wanted.prefix, { after, limit })
      return { keys, more: keys.length === limit }
    })
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

  private async write (command: Uint8Array, options: WriteOptions | undefined): Promise<Written> {
    this.host.needKv('set, delete and batch')
    checkKvCommand(command, this.host.options.limits)
    const { result } = await this.host.operations.propose(command, true, this.manner(options))
    return toWritten(result)
  }

  private async change (change: WantedChange, options: ChangeOptions | undefined): Promise<void> {
    await this.host.operations.changeMembers([change], checkExpectedIndex(options), this.manner(options))
  }

  private async changePolicy (edit: PolicyEdit, options: ChangeOptions | undefined): Promise<void> {
    await this.host.operations.changePolicy(edit, checkExpectedIndex(options), this.manner(options))
  }

  private manner (options: WriteOptions | undefined): Manner {
    this.host.checkOpen()
    return { timeoutMs: this.host.options.requestMs, signal: options?.signal, forward: options?.forward }
  }
}
