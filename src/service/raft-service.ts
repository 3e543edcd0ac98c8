import { randomBytes } from 'node:crypto'
import { serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import { systemClock } from '../clock.js'
import { ClosedError, InvalidArgumentError, UnavailableError } from '../errors.js'
import { Engine } from '../engine/index.js'
import { openNodeStore } from '../storage/index.js'
import { CommandConnections, CommandServer, LinkManager, PartialFrames } from '../wire/index.js'
import { Client } from './client.js'
import { ClientFinder } from './client-finder.js'
import { handleRequest } from './command-handlers.js'
import { CommandStreams } from './command-port.js'
import { Deadlines } from './deadlines.js'
import { JoinLimit } from './join-limit.js'
import { registerMetrics } from './metrics.js'
import { NamespaceHost } from './namespace-host.js'
import { signOwnJoin } from './own-join.js'
import { PollLimit, SCANS } from './poll-limit.js'
import { resolveClientOptions, resolveInit, resolveJoinOptions } from './options.js'
import { checkNamespace } from './validate.js'
import type { Client as ClientApi, ClientOptions, Cluster, JoinOptions, NodeStats, Raft, RaftInit } from './api.js'
import type { NodeContext, RaftComponents } from './node-context.js'
import type { Asker } from './command-handlers.js'
import type { NodeStore } from '../storage/index.js'
import type { NamespaceKeys, Request } from '../wire/index.js'
import type { Logger, Startable } from '@libp2p/interface'

/** Everything that runs while the service is started. */
interface Running {
  readonly node: NodeContext
  readonly store: NodeStore | undefined
  readonly ownStore: boolean
  readonly links: LinkManager
  readonly server: CommandServer
  readonly connections: CommandConnections
  readonly partial: PartialFrames
}

/** `node.services.raft`: the groups that a node hosts, and clients of groups elsewhere. */
class RaftService implements Raft, Startable {
  private readonly init: ReturnType<typeof resolveInit>
  private readonly log: Logger
  private readonly hosts = new Map<string, NamespaceHost>()
  private readonly clients = new Set<Client>()
  private running: Running | undefined
  private started = false

  constructor (private readonly components: RaftComponents, init: RaftInit) {
    this.init = resolveInit(init)
    this.log = components.logger.forComponent('raft')
  }

  readonly [Symbol.toStringTag] = '@raftmesh/raft'
  readonly [serviceCapabilities]: string[] = ['@raftmesh/raft']
  /** Without identify, peers never learn who speaks raftmesh, and the DHT never gets a routing table. */
  readonly [serviceDependencies]: string[] = ['@libp2p/identify']

  async start (): Promise<void> {
    if (this.running !== undefined) return
    const { components } = this
    const clock = systemClock
    const random = Math.random
    const peerId = components.peerId.toString()
    const store = this.init.store ?? (this.init.dataDir === undefined ? undefined : await openNodeStore(this.init.dataDir))
    try {
      await store?.bindPeerId(peerId)
      const { limits } = this.init
      const partial = new PartialFrames(limits.partialBytes)
      const links = new LinkManager(components, {
        clock, random, partial, maxFrameBytes: limits.frameBytes, maxControlQueueBytes: limits.controlQueueBytes, maxLogQueueBytes: limits.logQueueBytes,
        maxSnapshotStreams: limits.snapshots
      })
      const requests = { clock, maxFrameBytes: limits.frameBytes, maxInflight: limits.requests, maxInflightBytes: limits.requestBytes }
      const connections = new CommandConnections(components, requests)
      const keys: NamespaceKeys = { ringOf: namespace => this.hosts.get(namespace)?.options.keys, hosts: namespace => this.hosts.has(namespace) }
      const handle = async (request: Omit<Request, 'id'>, asker: Asker): ReturnType<typeof handleRequest> => await handleRequest(this.hosts.get(request.namespace), request, asker)
      const node: NodeContext = {
        self: components.peerId,
        components,
        logger: components.logger,
        clock,
        random,
        deadlines: new Deadlines(clock),
        port: new CommandStreams(connections, clock, components.peerId, async body => await handle(body, { peer: peerId }), keys.ringOf),
        engine: store === undefined ? undefined : new Engine({ store: store.store, network: links, clock, random, logger: components.logger.forComponent('raft:engine') }),
        store: store?.store,
        groupKeys: links.groupKeys,
        newId: () => randomBytes(8).toString('hex'),
        joins: new JoinLimit(clock, limits.joins),
        polls: new PollLimit(limits.watches),
        scans: new PollLimit(limits.scans, SCANS),
        makeGuest: (namespace, options) => this.makeClient(namespace, options, false)
      }
      const server = new CommandServer(components, handle, { ...requests, partial, keys, advertise: this.init.advertise, maxStreams: limits.streams })
      this.running = { node, store, ownStore: this.init.store === undefined, links, connections, server, partial }
      // Protocols are registered here, so that identify's first exchange shows them; streams are opened after start only, for other
      // services start at the same time as this one.
      if (store !== undefined) {
        node.engine?.start()
        await links.start()
        await server.start()
      }
    } catch (error) {
      this.running = undefined
      if (this.init.store === undefined) await store?.close()
      throw error
    }
    if (components.metrics !== undefined) registerMetrics(components.metrics, { node: () => this.stats(), namespaces: () => [...this.hosts.values()].map(host => host.cluster.stats()) })
  }

  afterStart (): void { this.started = true }

  /** The connections are still up here: leadership can be handed over. */
  async beforeStop (): Promise<void> {
    this.started = false
    await Promise.all([...this.clients].map(async client => { await client.close() }))
    const results = await Promise.allSettled([...this.hosts.values()].map(async host => { await host.close() }))
    for (const result of results) if (result.status === 'rejected') this.log.error('a namespace did not close cleanly: %e', result.reason)
  }

  async stop (): Promise<void> {
    const { running } = this
    if (running === undefined) return
    await this.beforeStop()
    this.running = undefined
    const { node, server, connections, links, store, ownStore } = running
    node.deadlines.close()
    await server.close()
    await connections.close()
    await node.engine?.stop()
    await links.close()
    if (ownStore) await store?.close()
  }

  async join (namespace: string, options?: JoinOptions): Promise<Cluster> {
    checkNamespace(namespace)
    const resolved = resolveJoinOptions(options)
    options?.signal?.throwIfAborted()
    const { node, server } = this.open()
    if (node.store === undefined) throw new InvalidArgumentError(`This node has no dataDir, so it can host no namespace: give raft() or createNode() one, or use client('${namespace}')`)
    if (this.hosts.has(namespace)) throw new InvalidArgumentError(`This node hosts ${namespace} already: use the Cluster of the first join, or close it before joining again`)
    const host = new NamespaceHost(namespace, resolved, node, () => {
      this.hosts.delete(namespace)
      // Its protocol's name may pass to another namespace, which libp2p notes on disk: with a full one that fails.
      server.removeNamespace(namespace).catch((error: Error) => { this.log.error('%s is closed, and the protocols served could not be noted: %e', namespace, error) })
    })
    this.hosts.set(namespace, host)
    try {
      await host.open({ signal: options?.signal })
      // identify shows protocols to everybody: a namespace with a key is served by the common one only.
      if (resolved.keys === undefined) await server.addNamespace(namespace)
    } catch (error) {
      await host.close()
      throw error
    }
    return host.cluster
  }

  client (namespace: string, options?: ClientOptions): ClientApi {
    checkNamespace(namespace)
    return this.makeClient(namespace, options, true)
  }

  private makeClient (namespace: string, options: ClientOptions | undefined, useSelf: boolean): Client {
    const resolved = resolveClientOptions(options)
    const { node } = this.open()
    const client: Client = new Client({
      namespace,
      options: resolved,
      port: node.port,
      clock: node.clock,
      random: node.random,
      newId: node.newId,
      log: node.logger.forComponent(`raft:client:${namespace}`),
      finder: routing => new ClientFinder(namespace, resolved.peers, node, routing, () => resolved.keys ?? this.hosts.get(namespace)?.options.keys, () => useSelf && this.hosts.has(namespace)),
      signJoin: async (clusterId, incarnation) => await signOwnJoin(node, namespace, clusterId, incarnation ?? this.hosts.get(namespace)?.incarnation),
      onClose: () => { this.clients.delete(client) }
    })
    this.clients.add(client)
    return client
  }

  stats (): NodeStats {
    if (this.running === undefined) throw new UnavailableError('The libp2p node is not started: call node.start() first')
    const { node, server, links, partial } = this.running
    const [commands, linked] = [server.stats(), links.stats()]
    return {
      commands,
      links: linked,
      used: {
        partialBytes: partial.bytes, partialEvicted: partial.evicted, streams: commands.streams, requests: commands.inflight, queuedBytes: linked.queuedBytes,
        joinsRefused: node.joins.refused, watches: node.polls.waiting, watchesRefused: node.polls.refused, scans: node.scans.waiting, scansRefused: node.scans.refused
      }
    }
  }

  namespaces (): string[] { return [...this.hosts.keys()].sort() }

  private open (): Running {
    if (this.running === undefined || !this.started) {
      throw this.running === undefined && this.started ? new ClosedError('This node is stopped') : new UnavailableError('The libp2p node is not started: call node.start() first')
    }
    return this.running
  }
}

/**
 * The raft service of a libp2p node.
 *
 * @example
 *
 * ```ts
 * const node = await createLibp2p({ …, services: { identify: identify(), raft: raft({ dataDir: './data' }) } })
 * const cron = await node.services.raft.join('/raft/cron')
 * ```
 *
 * @throws InvalidArgumentError at once; StoreInUseError, StoreIdentityError and StoreCorruptError when the node starts
 */
export function raft (init: RaftInit = {}): (components: RaftComponents) => Raft {
  return components => new RaftService(components, init)
}
