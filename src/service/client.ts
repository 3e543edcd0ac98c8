import { setMaxListeners } from 'node:events'
import { peerIdFromString } from '@libp2p/peer-id'
import { toString as bytesToString } from 'uint8arrays/to-string'
import { BusyError, EncryptionKeyError, InvalidArgumentError, MembershipError, NoLeaderError, NotLeaderError, RaftMeshError, UnavailableError, UnknownNamespaceError } from '../errors.js'
import { parseAddresses, peerIdOrNone } from './addresses.js'
import { ClientRouting } from './client-routing.js'
import { KvHandle } from './handle.js'
import { decodePolicy } from './policy.js'
import { authorizeEdit, deauthorizeEdit, roleEdit, viewPolicy } from './policy-edits.js'
import { queryCodecs } from './query-codec.js'
import { part, told } from './requests.js'
import { ClosedHere, NobodyToAsk, retry } from './retry.js'
import { openSession } from './session.js'
import { checkExpectedIndex } from './validate.js'
import { RequestLostError } from '../wire/index.js'
import { queryNames } from './queries.js'
import type { ChangeOptions, Client as ClientApi, ClusterStats, GroupPolicy, RemoteMembers, Role, RoleOptions, Session, SessionOptions } from './api.js'
import type { AskOptions, HandleContext, Proposed, ProposeOptions } from './handle.js'
import type { Answer, Query, QueryType } from './queries.js'
import type { ResolvedClientOptions } from './options.js'
import type { PolicyEdit } from './policy-edits.js'
import type { SessionInit } from './session.js'
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
  /** 16 hex digits, never the same twice, and not to be guessed. */
  readonly newId: () => string
  readonly finder: (routing: ClientRouting) => PeerFinder
  /** This node's own signed request to join, for `joinVoter`. */
  readonly signJoin: (group: GroupNow, incarnation: string | undefined) => Promise<Join>
  readonly log: (format: string, ...args: unknown[]) => void
  readonly onClose?: () => void
}

const FOLLOW_AGAIN_MS = 5_000
const JOIN_TRIES = 5
/** Of a poll, however patient the client is: a member that dies without a word is noticed by the lack of its answer. */
const MAX_POLL_MS = 10_000

/** The part of a request that says what to do. */
type Action = Partial<Omit<RequestBody, 'namespace' | 'forwarded' | 'timeoutMs'>>
type Read<T> = (response: Response, peer: PeerId) => T
/** `waitMs`: for which the peer may wait for something to happen, as it was asked to. `anyone`: any member answers it as well as the leader. */
interface RequestManner extends AbortOptions { readonly write?: boolean, readonly waitMs?: number, readonly anyone?: boolean, readonly timeoutMs?: number }

/** A handle for anyone in the mesh who is no member; see {@link ClientApi}. */
export class Client extends KvHandle implements ClientApi {
  readonly namespace: string
  protected readonly context: HandleContext
  private readonly routing: ClientRouting
  private readonly finder: PeerFinder
  private readonly closing = new AbortController()
  private searching: Promise<void> | undefined
  /** The leader that is being reached, or could not be until then. */
  private following: { name: string, until: number } | undefined

  constructor (private readonly init: ClientInit) {
    super()
    const { clock, random, log } = init
    this.namespace = init.namespace
    // Every watch and lease of a program listens to it: many are no leak.
    setMaxListeners(0, this.closing.signal)
    this.context = { clock, random, log, signal: this.closing.signal }
    this.routing = new ClientRouting(clock, random)
    this.finder = init.finder(this.routing)
  }

  /** No longer than a member that does not answer at all is waited for. */
  protected get pollMs (): number { return Math.min(MAX_POLL_MS, this.init.options.attemptMs) }

  async apply (command: Uint8Array, options?: AbortOptions): Promise<Proposed> {
    if (!(command instanceof Uint8Array)) throw new InvalidArgumentError('The command must be a Uint8Array')
    // A copy: it leaves later in this turn, or again after a failure, whatever the caller does with its own.
    return await this.send('apply', new Uint8Array(command), false, options)
  }

  async propose (what: string, command: Uint8Array, options?: ProposeOptions): Promise<Proposed> {
    return await this.send(what, command, true, options)
  }

  /** A command as it stands in the log. */
  async send (what: string, command: Uint8Array, kv: boolean, options?: ProposeOptions): Promise<Proposed> {
    return await this.request(what, { propose: { command: command as Uint8Array<ArrayBuffer>, kv } }, (response, peer) => part(response.proposed, 'the result of a proposal', peer, true), { signal: options?.signal, write: true, timeoutMs: options?.timeoutMs })
  }

  async ask<K extends QueryType> (query: Query<K>, options?: AskOptions): Promise<Answer<K>> {
    const { asking, answered } = queryCodecs[query.type as K]
    // A member that is none for a while asks through here, with the long waits of a member's own: a lost answer must not make it deaf for as long.
    const brief: Query<K> = 'waitMs' in query ? { ...query, waitMs: Math.min(query.waitMs, this.pollMs) } : query
    // Said twice is said twice: what nobody keeps, nobody can tell apart.
    return await this.request(queryNames[query.type], asking(brief), (response, peer) => answered(response, peer, brief), { signal: options?.signal, timeoutMs: options?.timeoutMs, write: query.type === 'publish', waitMs: 'waitMs' in brief ? brief.waitMs : 0, anyone: query.type === 'changes' })
  }

  async session (options?: SessionOptions): Promise<Session> {
    const { requestMs, attemptMs } = this.init.options
    const send: SessionInit['send'] = async (what, command, options) => await this.propose(what, command, options)
    return await openSession({ handle: this, context: this.context, newId: this.init.newId, pollMs: this.pollMs, requestMs, attemptMs, send }, options)
  }

  async barrier (options?: AbortOptions): Promise<number> {
    return await this.request('barrier', { barrier: {} }, (response, peer) => part(response.index, 'an index', peer).index, { signal: options?.signal })
  }

  async members (options?: AbortOptions): Promise<RemoteMembers> {
    const list = await this.request('members', { members: {} }, (response, peer) => part(response.memberList, 'a list of members', peer), options)
    const { members, clusterId, configurationIndex, leader, term, provisional } = list
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
    const { json } = await this.request('stats', { stats: {} }, (response, peer) => part(response.stats, 'its state', peer), options)
    return readable('a state', () => JSON.parse(json) as ClusterStats)
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
    const { text } = await this.request('policy', { readPolicy: {} }, (response, peer) => part(response.policy, 'a policy', peer), options)
    return readable('a policy', () => viewPolicy(decodePolicy(text)))
  }

  async joinVoter (options?: AbortOptions & { incarnation?: string }): Promise<void> {
    for (let tries = 1; ; tries++) {
      const { clusterId, configurationIndex } = await this.members(options)
      const join = await this.init.signJoin({ clusterId: Uint8Array.from(Buffer.from(clusterId, 'hex')), configurationIndex }, options?.incarnation)
      try {
        // Asking twice is as good as once: the members take each incarnation one time only. So it may be tried again like a read.
        await this.request('joinVoter', { join }, (response, peer) => part(response.joined, 'the outcome of joining', peer), options)
        return
      } catch (error) {
        // Others may have joined meanwhile: a request counts only while the configuration is the one that it was made at.
        if (!(error instanceof MembershipError) || tries === JOIN_TRIES) throw error
      }
    }
  }

  async exchangePeers (options?: AbortOptions): Promise<Array<{ peer: PeerId, addresses: Multiaddr[] }>> {
    const { peers } = await this.request('exchangePeers', { exchangePeers: { peers: [], serving: false } }, (response, peer) => part(response.peerList, 'a list of peers', peer), options)
    return peers.flatMap((info: PeerInfo) => {
      const peer = peerIdOrNone(info.peer)
      if (peer === undefined) return []
      this.routing.add(peer)
      return [{ peer, addresses: parseAddresses(info.addresses) }]
    })
  }

  peers (): PeerId[] { return this.routing.peers() }

  async close (): Promise<void> {
    if (this.closing.signal.aborted) return
    this.closing.abort(this.closed())
    this.finder.close()
    this.init.onClose?.()
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  private async changePolicy (what: string, edit: PolicyEdit, options: ChangeOptions | undefined): Promise<void> {
    const expectedIndex = checkExpectedIndex(options)
    const action = { changePolicy: { ...edit, ...(expectedIndex === undefined ? {} : { expectedIndex }) } }
    await this.request(what, action, (response, peer) => part(response.index, 'an index', peer, true), { signal: options?.signal, write: true })
  }

  /** `read`: takes what was asked for out of the answer. */
  private async request<T> (what: string, action: Action, read: Read<T>, { signal, write = false, waitMs = 0, anyone = false, ...own }: RequestManner = {}): Promise<T> {
    const { clock, random, options: { requestMs } } = this.init
    signal?.throwIfAborted()
    const startedAt = clock.now()
    const timeoutMs = (own.timeoutMs ?? requestMs) + waitMs
    const attempt = async (remainingMs: number): Promise<T> => await this.attempt(action, read, remainingMs, { signal, write, waitMs, anyone })
    try {
      return await attempt(timeoutMs)
    } catch (err) {
      return await retry(err, attempt, startedAt, { clock, random, signal, write, timeoutMs, what: `${what} in ${this.namespace}` })
    }
  }

  /** One request to one peer, and what its answer, or the lack of one, teaches about where to go next. */
  private async attempt<T> (action: Action, read: Read<T>, remainingMs: number, { signal, write, waitMs, anyone }: Required<Pick<RequestManner, 'write' | 'waitMs' | 'anyone'>> & AbortOptions): Promise<T> {
    this.checkOpen()
    const peer = this.pick(waitMs > 0, anyone) ?? await this.find(remainingMs, signal)
    // A read that hangs is tried elsewhere. A write can't be, so it may as well wait for its answer to the end.
    const timeoutMs = write ? remainingMs : Math.min(remainingMs, this.init.options.attemptMs + waitMs)
    try {
      const response = await this.init.port.request(peer, { namespace: this.namespace, forwarded: false, timeoutMs: told(timeoutMs), ...action }, { timeoutMs, signal, keys: this.init.options.keys })
      const answer = read(response, peer)
      this.routing.served(peer, anyone)
      if (response.leader !== undefined) this.follow(response.leader, peer)
      return answer
    } catch (err) {
      this.learn(peer, err, signal)
      if (err instanceof BusyError && waitMs > 0) this.routing.busy(peer)
      this.checkOpen()
      throw err
    }
  }

  private pick (waits: boolean, anyone: boolean): PeerId | undefined {
    if (anyone) return this.routing.pickAny()
    return waits ? this.routing.pickToWait() : this.routing.pick()
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
    if (this.closing.signal.aborted) throw this.closed()
  }

  private closed (): ClosedHere { return new ClosedHere(`The client of ${this.namespace} is closed: make another with node.services.raft.client()`) }
}

/** What a peer answered with can be wrong in itself. These are reads: another peer may do better. */
function readable<T> (what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new UnavailableError(`A peer answered with ${what} that cannot be read: it may run an incompatible version`, { cause })
  }
}
