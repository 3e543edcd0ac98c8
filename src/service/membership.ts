import { peerIdFromString } from '@libp2p/peer-id'
import { EncryptionKeyError } from '../errors.js'
import { Discovery, Formation, Joiner, signJoin, Steward, Strangers, verifyJoin } from '../formation/index.js'
import { COMMAND_PROTOCOL, namespaceProtocol } from '../wire/index.js'
import { Access } from './access.js'
import { AddressBook } from './address-book.js'
import { parseAddresses } from './addresses.js'
import { pause, timeLimit } from './deadlines.js'
import { Departures } from './departures.js'
import { allMembers, isMember, memberList, peerPart } from './group-view.js'
import { MAX_PEERS_TOLD, PeerExchange } from './peer-exchange.js'
import { allowListOf, policyOf } from './policy-edits.js'
import { part } from './requests.js'
import type { Manner } from './member-operations.js'
import type { NamespaceHost } from './namespace-host.js'
import type { ResolvedJoinOptions } from './options.js'
import type { Timer } from '../clock.js'
import type { GroupHandle } from '../engine/index.js'
import type { FormationOptions, FormationOutcome, MembersReport, SignedJoin } from '../formation/index.js'
import type { GroupStorage, OrderedStore, StoreOp } from '../storage/index.js'
import type { Join, Joined, PeerInfo, RequestBody, Response } from '../wire/index.js'
import type { Multiaddr } from '@multiformats/multiaddr'

const FORMATION_RECORD = 'formation'
const PROVISIONAL = 'provisional'
const REQUEST_MS = 10_000
const TELL_AGAIN_MS = 1_000
const ENFORCE_AGAIN_MS = 500
/** A group that `auto` founded is no longer provisional once it has lived for this many formation phases, and this long. */
const PROVISIONAL_PHASES = 6
const PROVISIONAL_MS = 60_000

/**
 * Whoever founds is a voter. So a learner by choice founds nothing, and of many that start at the same time only as many found as may
 * vote; the rest join.
 */
function formationOptions ({ bootstrap, role, maxVoters }: ResolvedJoinOptions): FormationOptions {
  if (role === 'learner') return { mode: 'join', timeout: bootstrap.timeout, threshold: bootstrap.threshold }
  return { ...bootstrap, maxFounders: maxVoters }
}

/** How this node comes to be, and stays, a member of one namespace's group: formation, joining, the leader's care for the others. */
export class Membership {
  private formation!: Formation
  private discovery!: Discovery
  private exchanges!: PeerExchange
  private book: AddressBook | undefined
  private storage!: GroupStorage
  private joiner: Joiner | undefined
  private steward: Steward | undefined
  private strangers: Strangers | undefined
  private provisionalTimer: Timer | undefined
  private departures = new Departures()
  private enforcing = false
  readonly access: Access
  private startedAt = 0
  private ready = false

  constructor (private readonly host: NamespaceHost) {
    const { namespace, options, log, node: { clock, self } } = host
    this.access = new Access({ namespace, self: self.toString(), options, clock, log })
  }

  get isReady (): boolean { return this.ready }

  /** With storage loaded, before the group is opened: peers may ask from here on. */
  async start (storage: GroupStorage): Promise<void> {
    const { clock, components, random, self } = this.host.node
    const { namespace, options: { keys } } = this.host
    this.storage = storage
    this.startedAt = clock.now()
    this.discovery = new Discovery(components, { namespace, clock, random, protocols: keys === undefined ? [COMMAND_PROTOCOL, namespaceProtocol(namespace)] : [COMMAND_PROTOCOL], keys })
    this.exchanges = new PeerExchange(namespace, this.host.node, this.discovery, async to => await this.known(to), this.host.log)
    this.formation = new Formation({
      self: { peer: self.toString(), incarnation: storage.identity?.incarnation ?? this.host.node.newId() },
      namespace,
      clock,
      random,
      request: async (peer, message, { signal }) => {
        const response = await this.request(peer, { formation: { message: message as Uint8Array<ArrayBuffer> } }, signal)
        return part(response.formation, 'its view of the formation', peerIdFromString(peer)).message
      },
      promises: { load: async () => await this.storage.getStable(FORMATION_RECORD), save: async record => { await this.put(FORMATION_RECORD, record) } },
      discovery: this.discovery,
      onProgress: (phase, detail) => { this.tell(phase, detail) }
    }, formationOptions(this.host.options))
    if (storage.identity !== undefined) this.formation.setFormed(storage.identity.clusterId)
    await this.openBook(storage)
    this.ready = true
    await this.discovery.start()
    this.exchanges.start()
  }

  async stop (): Promise<void> {
    this.provisionalTimer?.cancel()
    this.exchanges?.stop()
    this.strangers?.close()
    await this.discovery?.close()
    await this.formation?.close()
    await this.steward?.close()
    await this.book?.stop()
  }

  /** The storage was destroyed and opened afresh. */
  async restart (storage: GroupStorage): Promise<void> {
    this.strangers?.close()
    await this.steward?.close()
    await this.book?.stop()
    this.storage = storage
    await this.openBook(storage)
  }

  async form (signal: AbortSignal): Promise<FormationOutcome> {
    const outcome = await this.formation.run({ signal })
    if (outcome.kind === 'join') {
      for (const peer of outcome.via) this.discovery.add(peer)
      this.host.setState('joining')
    }
    return outcome
  }

  /** The storage has its identity: peers are told the cluster id from now on. */
  async formed (outcome: FormationOutcome): Promise<void> {
    if (outcome.kind === 'founded' && outcome.provisional) await this.put(PROVISIONAL, Uint8Array.of(1))
    this.formation.setFormed(outcome.clusterId)
  }

  /** The group is open. */
  async opened (group: GroupHandle): Promise<void> {
    const { clock, random } = this.host.node
    const { maxVoters, bootstrap } = this.host.options
    const strangers = this.strangers = new Strangers({
      clock,
      group,
      clusterId: group.clusterId,
      // Whoever is not on the list that this node holds may not say who is.
      others: () => this.discovery.candidates().filter(peer => !this.access.isAllowList || this.access.isAuthorized(peer)),
      members: async (peer, { signal }) => await this.report(peer, signal),
      onProgress: detail => { this.tell('membership', detail) }
    })
    group.addEventListener('stranger', ({ detail }) => { strangers.met(detail) })
    this.steward = new Steward({ clock, group, admit: async (claim, { signal }) => { await this.access.checkJoin(claim, signal) }, onProgress: detail => { this.tell('membership', detail) } }, { maxVoters })
    this.joiner = new Joiner({
      clock,
      random,
      group,
      clusterId: group.clusterId,
      role: this.host.options.role,
      peers: () => [...new Set([...memberPeers(group), ...this.discovery.candidates()])],
      sign: async configurationIndex => await this.sign(group, configurationIndex),
      request: async (peer, join, { signal }) => {
        const response = await this.request(peer, { join: join as Join }, signal)
        const joined = part(response.joined, 'the outcome of joining', peerIdFromString(peer))
        strangers.introduced(peer, joined.members)
        return joined
      },
      trusts: async peer => await strangers.trusts(peer),
      members: async (peer, { signal }) => await this.report(peer, signal),
      onProgress: detail => { this.tell('joining', detail) }
    })
    this.departures = new Departures()
    this.onConfiguration(group)
    this.host.provisional = await this.storage.getStable(PROVISIONAL) !== undefined
    if (this.host.provisional) this.provisionalTimer = clock.setTimer(Math.max(PROVISIONAL_MS, bootstrap.timeout * PROVISIONAL_PHASES), () => { this.settleProvisional() })
  }

  /** Sees to it that this node is a member; resolves once it is one no more. */
  async keep (signal: AbortSignal): Promise<void> {
    await (this.joiner as Joiner).run({ signal })
  }

  onConfiguration (group: GroupHandle): void {
    const { configuration, configurationIndex, configurationPending } = group.status()
    this.access.update(configuration)
    this.book?.setMembers(new Set(memberPeers(group)))
    this.joiner?.changed()
    // By the status and not by the event, which may be of a configuration before this one.
    const gone = this.departures.note(allMembers(configuration), configurationPending)
    if (this.host.leading) for (const member of gone) this.tellRemoved(peerPart(member), configurationIndex)
  }

  /** Somebody, the leader as it should be, says that this node was removed. */
  suspect (from: string): void {
    if (this.host.group !== undefined && memberPeers(this.host.group).includes(from)) this.joiner?.suspect()
  }

  onLeader (group: GroupHandle, leading: boolean): void {
    if (leading) void this.enforceAllowList(group)
    this.steward?.setLeading(leading)
    this.joiner?.changed()
    const { configuration, leader } = group.status()
    this.discovery.setSettled(leader !== undefined && isMember(configuration, group.self))
  }

  /**
   * The first leader that was told to makes the list: of its founders, or of whoever is a member by now. Not in the first entry, which all
   * founders must write alike, whatever each of them was told.
   */
  private async enforceAllowList (group: GroupHandle): Promise<void> {
    const { host } = this
    if (host.options.admission !== 'allow-list' || this.enforcing) return
    this.enforcing = true
    try {
      while (host.leading && host.group === group && group.failure === undefined) {
        try {
          const { configuration, configurationIndex } = await host.configurationSettled()
          if (policyOf(configuration).admission === 'allow-list') return
          await group.changeMembers([], { expectedIndex: configurationIndex, policy: allowListOf(configuration) })
        } catch (error) {
          host.log('the list of authorized peers is not made yet: %s', (error as Error).message)
          await pause(host.node.clock, ENFORCE_AGAIN_MS)
        }
      }
    } finally {
      this.enforcing = false
    }
  }

  /** A node asks, by its own signature, to become a member. */
  async admit (join: Join, manner: Manner): Promise<Joined> {
    const group = this.host.group ?? await this.host.whenGroup(manner.timeoutMs, manner.signal)
    const claim = await verifyJoin(join, { namespace: this.host.namespace, clusterId: group.clusterId })
    // Or the leader's link would have nowhere to dial.
    const multiaddrs = parseAddresses(claim.addresses)
    if (multiaddrs.length > 0) await this.host.node.components.peerStore.merge(peerIdFromString(claim.peer), { multiaddrs })
    return await this.host.operations.atLeader('a request to join', false, manner,
      async () => {
        await (this.steward as Steward).join(claim, { signal: timeLimit(this.host.node.clock, manner.timeoutMs) })
        return { clusterId: group.clusterId, leader: this.host.node.self.toString(), members: memberList(this.host, group) }
      },
      { join },
      // As the leader gave it: who the members are is not known here yet.
      (response, peer) => part(response.joined, 'the outcome of joining', peer))
  }

  async formationMessage (from: string, message: Uint8Array): Promise<Uint8Array> {
    this.discovery.add(from)
    return await this.formation.handle(from, message)
  }

  /** What a caller that serves the namespace knows is taken as a hint; the answer is what this node knows. */
  async exchange (from: string, told: readonly PeerInfo[], serving: boolean): Promise<PeerInfo[]> {
    if (serving) {
      this.discovery.add(from)
      await this.exchanges.learn(told)
    }
    return await this.known(from)
  }

  addressesOf (peer: string): Multiaddr[] {
    if (peer === this.host.node.self.toString()) return this.host.node.components.addressManager.getAddresses()
    return this.book?.addressesOf(peer) ?? []
  }

  /** Asks for a vote, in this node's own name. */
  async sign (group: GroupHandle, configurationIndex: number): Promise<SignedJoin> {
    const { components } = this.host.node
    return await signJoin(components.privateKey, {
      namespace: this.host.namespace,
      clusterId: group.clusterId,
      incarnation: group.self.slice(group.self.indexOf('.') + 1),
      voter: this.host.options.role === 'voter',
      addresses: components.addressManager.getAddresses().map(String),
      configurationIndex
    })
  }

  private async known (except: string): Promise<PeerInfo[]> {
    const { group, node } = this.host
    const peers = new Set([node.self.toString(), ...(group === undefined ? [] : memberPeers(group)), ...this.discovery.candidates()])
    peers.delete(except)
    return await Promise.all([...peers].slice(0, MAX_PEERS_TOLD).map(async peer => ({ peer, addresses: (await this.reach(peer)).map(String), ageMs: 0 })))
  }

  private async reach (peer: string): Promise<Multiaddr[]> {
    const own = this.addressesOf(peer)
    if (own.length > 0) return own
    try {
      return (await this.host.node.components.peerStore.get(peerIdFromString(peer))).addresses.map(address => address.multiaddr)
    } catch {
      return [] // Heard of, never met.
    }
  }

  private async report (peer: string, signal: AbortSignal): Promise<MembersReport> {
    return part((await this.request(peer, { members: {} }, signal)).memberList, 'a list of members', peerIdFromString(peer))
  }

  private async request (peer: string, action: Partial<RequestBody>, signal: AbortSignal): Promise<Response> {
    try {
      const response = await this.host.node.port.request(peerIdFromString(peer), { namespace: this.host.namespace, forwarded: false, timeoutMs: REQUEST_MS, ...action }, { timeoutMs: REQUEST_MS, signal })
      this.host.keyTrouble = undefined
      return response
    } catch (error) {
      if (error instanceof EncryptionKeyError) this.host.keyTrouble = error.message
      throw error
    }
  }

  /** It gets nothing from the group any more, and may not miss it: a learner never does. One word is enough; it also asks now and then. */
  private tellRemoved (peer: string, configurationIndex: number, tries = 3): void {
    this.request(peer, { removed: { configurationIndex } }, timeLimit(this.host.node.clock, REQUEST_MS)).catch((error: Error) => {
      this.host.log('%s was not told that it was removed: %s', peer, error.message)
      // Its connection may have been closing just then.
      if (tries > 1) this.host.node.clock.setTimer(TELL_AGAIN_MS, () => { if (this.host.leading) this.tellRemoved(peer, configurationIndex, tries - 1) })
    })
  }

  private settleProvisional (): void {
    this.host.provisional = false
    this.put(PROVISIONAL, undefined).catch((error: Error) => { this.host.log.error('could not note that the group is no longer provisional: %s', error.message) })
  }

  private tell (phase: string, detail: string): void {
    this.host.emit('formation', { phase, detail, elapsedMs: this.host.node.clock.now() - this.startedAt })
  }

  private async put (name: string, value: Uint8Array | undefined): Promise<void> {
    const ops: StoreOp[] = []
    this.storage.putStable(ops, name, value)
    await this.store.batch(ops, { sync: true })
  }

  private get store (): OrderedStore { return this.host.node.store as OrderedStore }

  private async openBook (storage: GroupStorage): Promise<void> {
    const { clock, components, self } = this.host.node
    this.book = new AddressBook(storage, this.store, { peerStore: components.peerStore, events: components.events, clock, self, log: this.host.log })
    await this.book.start()
  }
}

function memberPeers (group: GroupHandle): string[] {
  return allMembers(group.status().configuration).map(peerPart)
}
