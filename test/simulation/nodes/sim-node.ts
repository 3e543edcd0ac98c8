import { createHash } from 'node:crypto'
import { Client } from '../../../src/service/client.js'
import { Deadlines } from '../../../src/service/deadlines.js'
import { JoinLimit } from '../../../src/service/join-limit.js'
import { PollLimit } from '../../../src/service/poll-limit.js'
import { NamespaceHost } from '../../../src/service/namespace-host.js'
import { resolveClientOptions, resolveJoinOptions } from '../../../src/service/options.js'
import { signOwnJoin } from '../../../src/service/own-join.js'
import { Engine } from '../../../src/engine/index.js'
import { genesisEntry } from '../../../src/formation/genesis.js'
import { openGroupStorage } from '../../../src/storage/index.js'
import { memberId } from '../../../src/wire/index.js'
import { Life } from './life.js'
import { identities, protocolsOf, SimComponents } from './sim-components.js'
import { SimDisk } from './sim-disk.js'
import { SimNetwork } from './sim-network.js'
import { SimPort } from './sim-port.js'
import type { Identity } from './sim-components.js'
import type { NamespacePlan } from './plan.js'
import type { World } from './world.js'
import type { ClientOptions, JoinOptions } from '../../../src/service/api.js'
import type { NodeContext } from '../../../src/service/node-context.js'

/** One computer: a disk that stays, and processes that come and go. Without namespaces to host it is a client's. */
export class SimNode {
  readonly name: string
  readonly identity: Identity
  readonly peer: string
  readonly disk: SimDisk
  readonly hosts = new Map<string, NamespaceHost>()
  life: Life | undefined
  network: SimNetwork
  components: SimComponents
  wallOffset = 0
  /** Namespaces that it hosts whenever it runs. */
  readonly wanted = new Map<string, NamespacePlan>()
  /** A bit of its disk was flipped, or a block was lost. */
  damaged = false
  /** Namespaces of which its disk lost something that it can miss. */
  forgets: ReadonlySet<string> = new Set()
  private context: NodeContext | undefined
  private engine: Engine | undefined
  private clients = new Set<Client>()

  constructor (private readonly world: World, readonly index: number, private readonly rate: number, readonly isClient: boolean) {
    this.name = isClient ? `c${index}` : `n${index}`
    this.identity = identities[index]
    this.peer = this.identity.peerId.toString()
    this.disk = new SimDisk(world.random.fork(), () => world.scheduler.now, world.plan.disk, world.plan.every.lostBlock !== Infinity, { landed: batch => { world.watch.landed(this, batch) } })
    this.network = new SimNetwork(world, this)
    this.components = new SimComponents(world, this, this.identity)
  }

  get up (): boolean { return this.life !== undefined }

  /** The process that runs; throws when none does. */
  get alive (): Life {
    if (this.life === undefined) throw new Error(`${this.name} is down`)
    return this.life
  }

  wants (other: SimNode): boolean { return this.network.wanted.has(other.peer) }

  protocols (): string[] { return this.isClient ? [] : protocolsOf(this.hosts.keys()) }

  start (): void {
    const { world } = this
    if (this.life !== undefined) return
    world.trace(`${this.name} starts`)
    const life = new Life(world.scheduler, this.rate, () => this.wallOffset)
    this.life = life
    this.network = new SimNetwork(world, this)
    this.components = new SimComponents(world, this, this.identity)
    const { clock } = life
    const random = world.random.fork().next
    const store = this.isClient ? undefined : this.disk.open(life)
    const components = this.components.forService
    const engine = store === undefined ? undefined : new Engine({ store, network: this.network, clock, random, logger: this.components.logger.forComponent('engine') })
    this.engine = engine
    this.context = {
      self: this.identity.peerId,
      components,
      logger: this.components.logger,
      clock,
      random,
      deadlines: new Deadlines(clock),
      port: new SimPort(world, this),
      engine,
      store,
      newId: () => Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join(''),
      joins: new JoinLimit(clock, 30),
      polls: new PollLimit(1_024),
      scans: new PollLimit(16),
      makeGuest: (namespace, options) => this.client(this.wanted.get(namespace) as NamespacePlan, options)
    }
    engine?.start()
    for (const plan of this.wanted.values()) this.join(plan)
    world.mesh.refreshAll()
  }

  /** As if it had founded the group with these some time ago. */
  async found (plan: NamespacePlan, founders: readonly SimNode[]): Promise<void> {
    const clusterId = new Uint8Array(createHash('sha256').update(plan.group).digest())
    const incarnation = (node: SimNode): string => `${node.index}`.padStart(16, '0')
    const storage = await openGroupStorage(this.disk.store, plan.name)
    await storage.create({ clusterId, incarnation: incarnation(this) }, genesisEntry(founders.map(node => memberId(node.peer, incarnation(node)))))
  }

  /** Gone, in the middle of whatever it was doing. */
  crash (): void {
    const { life } = this
    if (life === undefined) return
    this.world.trace(`${this.name} crashes`)
    this.life = undefined
    this.world.mesh.died(this)
    life.die()
    this.disk.crash()
    this.forget()
  }

  /** As on SIGTERM: leadership is handed over, what is in hand is finished. */
  async stop (): Promise<void> {
    const { life, engine } = this
    if (life === undefined) return
    this.world.trace(`${this.name} stops`)
    await Promise.all([...this.hosts.values()].map(async host => { await host.close() }))
    for (const client of this.clients) await client.close()
    await engine?.stop()
    if (this.life !== life) return
    this.world.trace(`${this.name} has stopped`)
    this.life = undefined
    this.world.mesh.died(this)
    life.die()
    // What was written and not synced is still in the operating system's hands: a stopped process loses nothing.
    this.disk.crash(true)
    this.forget()
  }

  join (plan: NamespacePlan): void {
    this.wanted.set(plan.name, plan)
    const context = this.context as NodeContext
    const { life } = this
    const host = new NamespaceHost(plan.name, resolveJoinOptions(this.joinOptions(plan)), context, () => { if (this.hosts.get(plan.name) === host) this.hosts.delete(plan.name) })
    this.hosts.set(plan.name, host)
    this.world.watch.hosted(this, host)
    host.cluster.addEventListener('failed', event => {
      if (this.life === life) this.world.nemesis.failed(this, event.detail)
    })
    host.open().then(() => { this.world.watch.opened(this, host) }).catch((error: Error) => {
      if (this.life === life) this.world.nemesis.failed(this, error)
    })
  }

  /** Of a group, whose members are all that it ever meets: it would not know two groups of one name apart. */
  client ({ name: namespace, group }: NamespacePlan, options: ClientOptions): Client {
    const members = this.world.nodes.filter(other => other !== this && other.wanted.get(namespace)?.group === group)
    const context = this.context as NodeContext
    const client = new Client({
      namespace,
      options: resolveClientOptions(options),
      port: context.port,
      clock: context.clock,
      random: context.random,
      newId: context.newId,
      log: () => {},
      finder: routing => ({
        reach: async peer => {
          const other = this.world.nodeOf(peer.toString())
          return other !== undefined && members.includes(other) && this.world.mesh.reachable(this, other)
        },
        search: async () => { for (const other of members) routing.add(other.identity.peerId) },
        close: () => {}
      }),
      signJoin: async (clusterId, incarnation) => await signOwnJoin(context, namespace, clusterId, incarnation ?? this.hosts.get(namespace)?.incarnation),
      onClose: () => { this.clients.delete(client) }
    })
    this.clients.add(client)
    return client
  }

  private joinOptions (plan: NamespacePlan): JoinOptions {
    const { requestMs } = this.world.plan
    return {
      bootstrap: plan.late.includes(this.index)
        ? { mode: 'join', timeout: 1_500 }
        : plan.mode === 'expect' ? { mode: 'expect', expect: plan.founders.length, timeout: 1_500 } : { mode: 'auto', timeout: 1_500 },
      timeouts: { heartbeat: plan.heartbeat, election: plan.election, request: requestMs },
      snapshots: { interval: 150, threshold: plan.snapshotEvery, trailing: plan.trailing, retain: 2 },
      limits: { uncommitted: plan.uncommitted },
      leaseReads: plan.leaseReads,
      role: plan.learners.includes(this.index) ? 'learner' : 'voter'
    }
  }

  private forget (): void {
    this.hosts.clear()
    this.clients = new Set()
    this.context = undefined
    this.engine = undefined
  }
}
