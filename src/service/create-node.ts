import { guardedYamux } from './guarded-yamux.js'
import { loadOrCreateSelfKey } from '@libp2p/config'
import { identify, identifyPush } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { mdns } from '@libp2p/mdns'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { TypedEventEmitter } from 'main-event'
import { systemClock } from '../clock.js'
import { InvalidArgumentError } from '../errors.js'
import { openNodeStore } from '../storage/index.js'
import { tunedNoise, tunedYamux } from '../wire/index.js'
import { BootstrapDialer, parseBootstrap } from './bootstrap-dialer.js'
import { raft } from './raft-service.js'
import { checkBoolean, checkKeys, describe } from './validate.js'
import type { BootstrapStatus, Client, ClientOptions, Cluster, CreateNodeOptions, JoinOptions, Raft, RaftNode as RaftNodeApi, RaftNodeEvents } from './api.js'
import type { NodeStore } from '../storage/index.js'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { Libp2p, PeerId, PeerInfo, PrivateKey, ServiceMap } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'

const DEFAULT_LISTEN = ['/ip4/0.0.0.0/tcp/0']
/** A protocol of raftmesh's own, so that a node of it never mixes with a public DHT, and one whose address filter lets private addresses be. */
const DHT_PROTOCOL = '/raft/kad/1.0.0'

type Services = ServiceMap & { raft: Raft }

/**
 * A libp2p node with everything that raftmesh needs, started: tcp, noise, yamux, identify, ping, a DHT for rendezvous, one LevelDB for
 * all of it, and the node's identity kept in that.
 *
 * @throws InvalidArgumentError, BootstrapError (addresses given, none valid), StoreInUseError, StoreIdentityError, StoreCorruptError
 */
export async function createNode (options: CreateNodeOptions = {}): Promise<RaftNodeApi> {
  checkKeys(options, ['dataDir', 'listen', 'announce', 'bootstrap', 'privateKey', 'mdns', 'advertise', 'limits', 'libp2p', 'signal'], 'the options of createNode')
  const listen = checkAddresses(options.listen ?? (options.dataDir === undefined ? [] : DEFAULT_LISTEN), 'listen')
  const announce = checkAddresses(options.announce ?? [], 'announce')
  const useMdns = checkBoolean(options.mdns, false, 'mdns')
  const invalid: Error[] = []
  const bootstrap = parseBootstrap(options.bootstrap ?? [], error => { invalid.push(error) })
  options.signal?.throwIfAborted()

  const store = options.dataDir === undefined ? undefined : await openNodeStore(options.dataDir, { signal: options.signal })
  let libp2p: Libp2p<Services> | undefined
  try {
    const privateKey = options.privateKey ?? (store === undefined ? undefined : await loadOrCreateSelfKey(store.datastore))
    libp2p = await createLibp2p<Services>(libp2pOptions({ options, store, privateKey, listen, announce, useMdns }))
    return new RaftNode(libp2p, store, bootstrap, invalid, useMdns)
  } catch (error) {
    await libp2p?.stop()
    await store?.close()
    throw error
  }
}

interface Parts { options: CreateNodeOptions, store?: NodeStore, privateKey?: PrivateKey, listen: string[], announce: string[], useMdns: boolean }

function libp2pOptions ({ options, store, privateKey, listen, announce, useMdns }: Parts): Libp2pOptions<Services> {
  const own: Libp2pOptions = options.libp2p ?? {}
  const services: NonNullable<Libp2pOptions<Services>['services']> = {
    identify: identify(),
    identifyPush: identifyPush(),
    // kad-dht pings as well, several peers at a time; the default of one outbound stream makes those fail.
    ping: ping({ maxOutboundStreams: 8 }),
    dht: components => kadDHT({ protocol: DHT_PROTOCOL, clientMode: listen.length === 0, peerInfoMapper: passthroughMapper })(components as unknown as KadDHTComponents),
    ...own.services,
    raft: raft({ ...(store === undefined ? {} : { store }), ...(options.advertise === undefined ? {} : { advertise: options.advertise }), ...(options.limits === undefined ? {} : { limits: options.limits }) })
  }
  return {
    nodeInfo: { name: 'raftmesh' },
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(store === undefined ? {} : { datastore: store.datastore }),
    transports: [tcp()],
    connectionEncrypters: [tunedNoise()],
    // Reading has no back-pressure but this: a window that has grown past what a paused stream buffers (4 MiB) resets the stream.
    streamMuxers: [guardedYamux(tunedYamux({ streamOptions: { maxStreamWindowSize: 1 << 20 } }))],
    ...(useMdns ? { peerDiscovery: [mdns()] } : {}),
    ...own,
    addresses: { listen, ...(announce.length === 0 ? {} : { announce }), ...own.addresses },
    connectionManager: {
      // The defaults let in 5 connections a second from one host, and 10 at a time: of twenty nodes behind one address, nine got in.
      inboundConnectionThreshold: 256,
      maxIncomingPendingConnections: 256,
      ...own.connectionManager
    },
    // Raft links watch their peers themselves, and faster. This one aborts a connection whose ping is late, as pings are when the
    // machine is busy: it then cuts off members that are alive.
    connectionMonitor: { abortConnectionOnPingFailure: false, ...own.connectionMonitor },
    services
  }
}

class RaftNode extends TypedEventEmitter<RaftNodeEvents> implements RaftNodeApi {
  private readonly dialer: BootstrapDialer
  private stopped: Promise<void> | undefined
  // What mDNS finds is not dialled by anyone else.
  private readonly onDiscovery = (event: CustomEvent<PeerInfo>): void => {
    const { id } = event.detail
    if (this.libp2p.getConnections(id).length > 0) return
    this.libp2p.dial(id).catch((error: Error) => { this.libp2p.logger.forComponent('raft:node').trace('could not dial discovered peer %p: %s', id, error.message) })
  }

  constructor (readonly libp2p: Libp2p<Services>, private readonly store: NodeStore | undefined, bootstrap: Multiaddr[], invalid: readonly Error[], dialDiscovered: boolean) {
    super()
    const log = libp2p.logger.forComponent('raft:node')
    for (const error of invalid) log.error('%s', error.message)
    this.dialer = new BootstrapDialer(bootstrap, {
      connectionManager: {
        openConnection: async (target, options) => await libp2p.dial(target as Multiaddr, options),
        getConnections: peer => libp2p.getConnections(peer)
      },
      events: libp2p,
      self: libp2p.peerId,
      clock: systemClock,
      random: Math.random,
      log,
      onChange: status => { this.safeDispatchEvent('bootstrap', { detail: status }) }
    })
    if (dialDiscovered) libp2p.addEventListener('peer:discovery', this.onDiscovery)
    this.dialer.start()
  }

  get raft (): Raft { return this.libp2p.services.raft }
  get peerId (): PeerId { return this.libp2p.peerId }
  addresses (): Multiaddr[] { return this.libp2p.getMultiaddrs() }
  bootstrap (): BootstrapStatus[] { return this.dialer.status() }

  async join (namespace: string, options?: JoinOptions): Promise<Cluster> { return await this.raft.join(namespace, options) }
  client (namespace: string, options?: ClientOptions): Client { return this.raft.client(namespace, options) }

  async stop (): Promise<void> {
    this.stopped ??= this.stopOnce()
    await this.stopped
  }

  private async stopOnce (): Promise<void> {
    this.dialer.stop()
    this.libp2p.removeEventListener('peer:discovery', this.onDiscovery)
    try {
      await this.libp2p.stop()
    } finally {
      // After libp2p: it writes to its datastore until it has stopped.
      await this.store?.close()
    }
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.stop() }
}

function checkAddresses (addresses: unknown, what: string): string[] {
  if (!Array.isArray(addresses)) throw new InvalidArgumentError(`${what} must be an array of multiaddrs, got ${describe(addresses)}`)
  return addresses.map((address: string | Multiaddr) => {
    try {
      return multiaddr(address).toString()
    } catch (cause) {
      throw new InvalidArgumentError(`${what}: ${describe(address)} is not a multiaddr such as /ip4/0.0.0.0/tcp/4001`, { cause })
    }
  })
}
