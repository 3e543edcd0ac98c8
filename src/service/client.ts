import { peerIdFromString } from '@libp2p/peer-id'
import { toString as bytesToString } from 'uint8arrays/to-string'
import { EncryptionKeyError, InvalidArgumentError, MembershipError, NoLeaderError, NotLeaderError, RaftMeshError, UnavailableError, UnknownNamespaceError } from '../errors.js'
import { parseAddresses, peerIdOrNone } from './addresses.js'
import { ClientRouting } from './client-routing.js'
import { allKeys, resolveConsistency, resolveKeys, toBatch, toDelete, toKey, toPut, toWritten } from './kv-operations.js'
import { decodePolicy } from './policy.js'
import { authorizeEdit, deauthorizeEdit, roleEdit, viewPolicy } from './policy-edits.js'
import { encodeConsistency, part, told } from './requests.js'
import { ClosedHere, NobodyToAsk, retry } from './retry.js'
import { checkExpectedIndex } from './validate.js'
import { RequestLostError } from '../wire/index.js'
import type {
  BatchOperation, ChangeOptions, Client as ClientApi, ClusterStats, GroupPolicy, Key, KeysOptions, ReadOptions, RemoteMembers, Role, RoleOptions, Value, WriteOptions, Written
} from './api.js'
import type { ResolvedClientOptions } from './options.js'
import type { PolicyEdit } from './policy-edits.js'
import type { GroupNow } from './own-join.js'
import type { CommandPort } from './requests.js'
import type { Clock } from '../clock.js'
import type { Join, PeerInfo, RequestBody, Response } from '../wire/index.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** How a client finds peers that may serve its namespace; they are handed to its routing as they turn up. */
export interface PeerFinder {
  /** Sees to it that a peer, which `via` named, can be reached without a search: its address is asked for. False: it can't. */
  reach: (peer: PeerId, via: PeerId) => Promise<boolean>
  /** One round of looking; resolves when it is over. Never rejects. */
  search: (options: { signal: AbortSignal }) => Promise<void>
  close: () => void
}

export interface ClientInit {
  readonly namespace: string
  readonly options: ResolvedClientOptions
  readonly port: CommandPort
  readonly clock: Clock
  readonly random: () => number
  readonly finder: (routing: ClientRouting) => PeerFinder
  /** This node's own signed request to join, for `joinVoter`. */
  readonly signJoin: (group: GroupNow, incarnation: string | undefined) => Promise<Join>
  readonly onClose?: () => void
}

const FOLLOW_AGAIN_MS = 5_000
const JOIN_TRIES = 5

/** The part of a request that says what to do. */
type Action = Partial<Omit<RequestBody, 'namespace' | 'forwarded' | 'timeoutMs'>>

/** A handle for anyone in the mesh who is no member; see {@link ClientApi}. */
export class Client implements ClientApi {
  readonly namespace: string
  private readonly routing: ClientRouting
  private readonly finder: PeerFinder
  private readonly closing = new AbortController()
  private searching: Promise<void> | undefined
  /** The leader that is being reached, or could not be until then. */
  private following: { name: string, until: number } | undefined

  constructor (private readonly init: ClientInit) {
    this.namespace = init.namespace
    this.routing = new ClientRouting(init.clock)
    this.finder = init.finder(this.routing)
  }

  async set (key: Key, value: Value, options?: WriteOptions): Promise<Written> {
    return await this.write('set', toPut(key, value), options)
  }

  async delete (key: Key, options?: WriteOptions): Promise<Written> {
    return await this.write('delete', toDelete(key), options)
  }

  async batch (operations: readonly BatchOperation[], options?: WriteOptions): Promise<Written> {
    return await this.write('batch', toBatch(operations), options)
  }

  async apply (command: Uint8Array, options?: AbortOptions): Promise<{ index: number, result: Uint8Array }> {
    if (!(command instanceof Uint8Array)) throw new InvalidArgumentError('The command must be a Uint8Array')
    // A copy: it leaves later in this turn, or again after a failure, whatever the caller does with its own.
    return await this.propose('apply', new Uint8Array(command), false, options)
  }

  /** A command as it stands in the log. */
  async propose (what: string, command: Uint8Array, kv: boolean, options?: AbortOptions): Promise<{ index: number, result: Uint8Array }> {
    const { proposed } = await this.request(what, { propose: { command, kv } }, true, options)
    return proposed as NonNullable<typeof proposed>
  }

  async get (key: Key, options?: ReadOptions): Promise<Uint8Array | undefined> {
    const consistency = encodeConsistency(resolveConsistency(options?.consistency))
    const { got } = await this.request('get', { get: { key: toKey(key), consistency } }, false, options)
    return got?.found === true ? got.value : undefined
  }

  async keys (options?: KeysOptions): Promise<string[]> {
    const wanted = resolveKeys(options)
    const consistency = encodeConsistency(wanted.consistency)
    return await allKeys(wanted, async (after, limit) => {
      const { keyList } = await this.request('keys', { keys: { prefix: wanted.prefix, after: after ?? new Uint8Array(0), limit, consistency } }, false, options)
      return keyList as NonNullable<typeof keyList>
    })
  }

  async barrier (options?: AbortOptions): Promise<number> {
    const { index } = await this.request('barrier', { barrier: {} }, false, options)
    return (index as NonNullable<typeof index>).index
  }

  async members (options?: AbortOptions): Promise<RemoteMembers> {
    const { memberList } = await this.request('members', { members: {} }, false, options)
    const { members, clusterId, configurationIndex, leader, term, provisional } = memberList as NonNullable<typeof memberList>
    return readable('a list of members', () => ({
      clusterId: bytesToString(clusterId, 'base16'),
      ...(leader === undefined ? {} : { leader: peerIdFromString(leader) }),
      term,
      configurationIndex,
      provisional,
      members: members.map(({ peer, incarnation, voter, addresses }) => ({ peer: peerIdFromString(peer), incarnation, voter, addresses: parseAddresses(addresses) }))
    }))
  }

  async stats (options?: AbortOptions): Promise<ClusterStats> {
    const { stats } = await this.request('stats', { stats: {} }, false, options)
    return readable('a state', () => JSON.parse((stats as NonNullable<typeof stats>).json) as ClusterStats)
  }

  async authorize (peer: PeerId | string, options?: ChangeOptions): Promise<void> {
    await this.changePolicy('authorize', authorizeEdit(peer), options)
  }

  async deauthorize (peer: PeerId | string, options?: ChangeOptions): Promise<void> {
    await this.changePolicy('deauthorize', deauthorizeEdit(peer), options)
  }

  async setRole (peer: PeerId | string, role: Role | 'default', options?: RoleOptions): Promise<void> {
    const { signal, expectedIndex } = options ?? {}
    await this.changePolicy('setRole', roleEdit(peer, role, options), { signal, expectedIndex })
  }

  async policy (options?: AbortOptions): Promise<GroupPolicy> {
    const { policy } = await this.request('policy', { readPolicy: {} }, false, options)
    return readable('a policy', () => viewPolicy(decodePolicy((policy as NonNullable<typeof policy>).text)))
  }

  async joinVoter (options?: AbortOptions & { incarnation?: string }): Promise<void> {
    for (let tries = 1; ; tries++) {
      const { clusterId, configurationIndex } = await this.members(options)
      const join = await this.init.signJoin({ clusterId: Uint8Array.from(Buffer.from(clusterId, 'hex')), configurationIndex }, options?.incarnation)
      try {
        // Asking twice is as good as once: the members take each incarnation one time only. So it may be tried again like a read.
        await this.request('joinVoter', { join }, false, options)
        return
      } catch (error) {
        // Others may have joined meanwhile: a request counts only while the configuration is the one that it was made at.
        if (!(error instanceof MembershipError) || tries === JOIN_TRIES) throw error
      }
    }
  }

  async exchangePeers (options?: AbortOptions): Promise<Array<{ peer: PeerId, addresses: Multiaddr[] }>> {
    const { peerList } = await this.request('exchangePeers', { exchangePeers: { peers: [], serving: false } }, false, options)
    return (peerList as NonNullable<typeof peerList>).peers.flatMap((info: PeerInfo) => {
      const peer = peerIdOrNone(info.peer)
      if (peer === undefined) return []
      this.routing.add(peer)
      return [{ peer, addresses: parseAddresses(info.addresses) }]
    })
  }

  peers (): PeerId[] { return this.routing.peers() }

  async close (): Promise<void> {
    if (this.closing.signal.aborted) return
    this.closing.abort()
    this.finder.close()
    this.init.onClose?.()
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  private async write (what: string, command: Uint8Array, options: WriteOptions | undefined): Promise<Written> {
    return toWritten((await this.propose(what, command, true, options)).result)
  }

  private async changePolicy (what: string, edit: PolicyEdit, options: ChangeOptions | undefined): Promise<void> {
    const expectedIndex = checkExpectedIndex(options)
    await this.request(what, { changePolicy: { ...edit, ...(expectedIndex === undefined ? {} : { expectedIndex }) } }, true, options)
  }

  private async request (what: string, action: Action, write: boolean, options: AbortOptions | undefined): Promise<Response> {
    const { clock, random, options: { requestMs } } = this.init
    const signal = options?.signal
    signal?.throwIfAborted()
    const startedAt = clock.now()
    const attempt = async (remainingMs: number): Promise<Response> => await this.attempt(action, write, remainingMs, signal)
    try {
      return await attempt(requestMs)
    } catch (err) {
      return await retry(err, attempt, startedAt, { clock, random, signal, write, timeoutMs: requestMs, what: `${what} in ${this.namespace}` })
    }
  }

  /** One request to one peer, and what its answer, or the lack of one, teaches about where to go next. */
  private async attempt (action: Action, write: boolean, remainingMs: number, signal: AbortSignal | undefined): Promise<Response> {
    this.checkOpen()
    const peer = this.routing.pick() ?? await this.find(remainingMs, signal)
    // A read that hangs is tried elsewhere. A write can't be, so it may as well wait for its answer to the end.
    const timeoutMs = write ? remainingMs : Math.min(remainingMs, this.init.options.attemptMs)
    try {
      const response = await this.init.port.request(peer, { namespace: this.namespace, forwarded: false, timeoutMs: told(timeoutMs), ...action }, { timeoutMs, signal, keys: this.init.options.keys })
      checkAnswer(action, response, peer)
      this.routing.served(peer)
      if (response.leader !== undefined) this.follow(response.leader, peer)
      return response
    } catch (err) {
      this.learn(peer, err, signal)
      this.checkOpen()
      throw err
    }
  }

  private learn (peer: PeerId, error: unknown, signal: AbortSignal | undefined): void {
    if (!(error instanceof RaftMeshError) || signal?.aborted === true) return
    if (error instanceof NotLeaderError) {
      if (error.leader !== undefined && error.leader !== peer.toString()) this.follow(error.leader, peer)
      else this.routing.noLeader(peer)
    } else if (error instanceof UnknownNamespaceError) this.routing.failed(peer, true)
    else if (error instanceof RequestLostError || error instanceof NoLeaderError || error instanceof UnavailableError || error instanceof EncryptionKeyError || error.name === 'ClosedError' || error.outcome === 'unknown') this.routing.failed(peer)
  }

  /**
   * Goes to the leader that a member named, once it can be reached. Until then that member does the work: sending requests to a peer
   * whose address nobody has told us yet would have them all wait for a search of the DHT.
   */
  private follow (name: string, via: PeerId): void {
    const now = this.init.clock.now()
    if ((this.following?.name === name && now < this.following.until) || this.routing.leader?.toString() === name) return
    const leader = peerIdOrNone(name)
    if (leader === undefined) return
    this.following = { name, until: now + FOLLOW_AGAIN_MS }
    this.finder.reach(leader, via).then(reached => { if (reached) this.routing.leads(leader) }, () => { /* that member goes on doing the work */ })
  }

  private async find (ms: number, signal: AbortSignal | undefined): Promise<PeerId> {
    const { clock } = this.init
    const until = clock.now() + ms
    for (;;) {
      this.checkOpen()
      const peer = this.routing.pick()
      if (peer !== undefined) return peer
      const left = until - clock.now()
      if (left <= 0) {
        throw new NobodyToAsk(`No reachable peer serves ${this.namespace}: check that the node is connected to the mesh (bootstrap addresses, or the client's option peers) and that members are running`)
      }
      this.searching ??= this.finder.search({ signal: this.closing.signal }).finally(() => { this.searching = undefined })
      // Not longer than this before looking again: what a search finds is seen at once, but it may also have just ended.
      await this.routing.change(Math.min(left, 500), signal)
    }
  }

  private checkOpen (): void {
    if (this.closing.signal.aborted) throw new ClosedHere(`The client of ${this.namespace} is closed: make another with node.services.raft.client()`)
  }
}

/** The answer must hold what was asked for. */
function checkAnswer (action: Action, response: Response, peer: PeerId): void {
  if (action.propose !== undefined) part(response.proposed, 'the result of a proposal', peer, true)
  else if (action.get !== undefined) part(response.got, 'a value', peer)
  else if (action.keys !== undefined) part(response.keyList, 'a list of keys', peer)
  else if (action.barrier !== undefined) part(response.index, 'an index', peer)
  else if (action.members !== undefined) part(response.memberList, 'a list of members', peer)
  else if (action.stats !== undefined) part(response.stats, 'its state', peer)
  else if (action.join !== undefined) part(response.joined, 'the outcome of joining', peer)
  else if (action.changePolicy !== undefined) part(response.index, 'an index', peer, true)
  else if (action.readPolicy !== undefined) part(response.policy, 'a policy', peer)
  else if (action.exchangePeers !== undefined) part(response.peerList, 'a list of peers', peer)
}

/** What a peer answered with can be wrong in itself. These are reads: another peer may do better. */
function readable<T> (what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new UnavailableError(`A peer answered with ${what} that cannot be read: it may run an incompatible version`, { cause })
  }
}
