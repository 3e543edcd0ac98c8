import { isMultiaddr } from '@multiformats/multiaddr'
import { rendezvousCids } from '../formation/index.js'
import { COMMAND_PROTOCOL, namespaceProtocol } from '../wire/index.js'
import { parseAddresses, peerIdOrNone } from './addresses.js'
import { MAX_PEERS_TOLD } from './peer-exchange.js'
import type { ClientRouting } from './client-routing.js'
import type { PeerFinder } from './client.js'
import type { NodeContext } from './node-context.js'
import type { KeyRing } from '../keys/index.js'
import type { Logger, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** One look for peers may take this long: a DHT that knows nobody hangs until its signal. */
const SEARCH_MS = 5_000
const EXCHANGE_MS = 2_000

/** Finds peers that may serve a namespace: those named by the program, those connected, those that these know, and the DHT's. */
export class ClientFinder implements PeerFinder {
  private readonly closing = new AbortController()
  private readonly topologies: Promise<string[]>
  private readonly log: Logger

  constructor (
    private readonly namespace: string, private readonly named: ReadonlyArray<PeerId | Multiaddr>,
    private readonly node: Pick<NodeContext, 'components' | 'port' | 'self' | 'logger'>, private readonly routing: ClientRouting,
    private readonly keys: () => KeyRing | undefined,
    /** This node hosts the namespace, and may be asked. */
    private readonly hostsIt: () => boolean
  ) {
    this.log = node.logger.forComponent('raft:client')
    for (const peer of named) if (!isMultiaddr(peer)) this.add(peer)
    this.addSelf()
    const { registrar } = node.components
    // Tells of peers that are connected already, too.
    this.topologies = Promise.all([
      registrar.register(COMMAND_PROTOCOL, { onConnect: peer => { this.add(peer) } }),
      registrar.register(namespaceProtocol(namespace), { onConnect: peer => { if (!peer.equals(node.self)) routing.hosts(peer) } })
    ])
    this.topologies.catch((error: Error) => { this.log.error('cannot watch for peers: %s', error.message) })
  }

  async search ({ signal }: { signal: AbortSignal }): Promise<void> {
    const limit = AbortSignal.any([signal, this.closing.signal, AbortSignal.timeout(SEARCH_MS)])
    this.addSelf()
    await Promise.all([this.dialNamed(limit), this.askConnected(limit), this.lookUp(limit)])
  }

  async reach (peer: PeerId, via: PeerId): Promise<boolean> {
    const { connectionManager } = this.node.components
    if (peer.equals(this.node.self)) return this.hostsIt()
    if (connectionManager.getConnections(peer).length > 0) return true
    const signal = AbortSignal.any([this.closing.signal, AbortSignal.timeout(SEARCH_MS)])
    await this.askPeers(via, signal)
    await connectionManager.openConnection(peer, { signal })
    return true
  }

  close (): void {
    this.closing.abort()
    this.topologies.then(ids => { for (const id of ids) this.node.components.registrar.unregister(id) }, () => { /* told above */ })
  }

  private add (peer: PeerId): void {
    if (!peer.equals(this.node.self)) this.routing.seen(peer)
  }

  private addSelf (): void {
    if (this.hostsIt()) this.routing.add(this.node.self)
  }

  private async dialNamed (signal: AbortSignal): Promise<void> {
    const { connectionManager } = this.node.components
    await Promise.all(this.named.map(async peer => {
      try {
        this.add((await connectionManager.openConnection(peer, { signal })).remotePeer)
      } catch (error) {
        this.log('could not dial %s: %s', peer.toString(), (error as Error).message)
      }
    }))
  }

  /** Whoever is connected and hosts the namespace knows others that do. */
  private async askConnected (signal: AbortSignal): Promise<void> {
    const connected = this.routing.peers().filter(peer => this.node.components.connectionManager.getConnections(peer).length > 0)
    await Promise.all(connected.map(async peer => {
      try {
        await this.askPeers(peer, signal)
      } catch (error) {
        this.log('%p told no other peers: %s', peer, (error as Error).message)
      }
    }))
  }

  private async askPeers (peer: PeerId, signal: AbortSignal): Promise<void> {
    const { peerList } = await this.node.port.request(peer, {
      namespace: this.namespace, forwarded: false, timeoutMs: EXCHANGE_MS, exchangePeers: { peers: [], serving: false }
    }, { timeoutMs: EXCHANGE_MS, signal, keys: this.keys() })
    for (const info of (peerList?.peers ?? []).slice(0, MAX_PEERS_TOLD)) await this.introduce(info.peer, parseAddresses(info.addresses))
  }

  private async introduce (name: string, multiaddrs: Multiaddr[]): Promise<void> {
    const peer = peerIdOrNone(name)
    if (peer === undefined || peer.equals(this.node.self)) return
    if (multiaddrs.length > 0) await this.node.components.peerStore.merge(peer, { multiaddrs })
    this.routing.add(peer)
  }

  private async lookUp (signal: AbortSignal): Promise<void> {
    await Promise.all(rendezvousCids(this.namespace, this.keys()).map(async cid => {
      try {
        for await (const provider of this.node.components.contentRouting.findProviders(cid, { signal })) await this.introduce(provider.id.toString(), provider.multiaddrs)
      } catch (error) {
        // No content routing, nobody in the DHT yet, or time was up: any of these is how it goes in a young mesh.
        this.log('the search for providers of %s ended: %s', this.namespace, (error as Error).message)
      }
    }))
  }
}
