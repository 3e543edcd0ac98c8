import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { COMMAND_PROTOCOL, namespaceProtocol } from '../../../src/wire/index.js'
import type { SimNode } from './sim-node.js'
import type { World } from './world.js'
import type { RaftComponents } from '../../../src/service/node-context.js'
import type { ComponentLogger, Libp2pEvents, Logger, PeerId, PrivateKey, Topology } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'

export interface Identity { readonly privateKey: PrivateKey, readonly peerId: PeerId }

const MAX_NODES = 12

/** Made once: keys cost more than many a run, and who is who must not depend on the seed of a run. */
export const identities: readonly Identity[] = await Promise.all(Array.from({ length: MAX_NODES }, async (_, i) => {
  const privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(i + 1))
  return { privateKey, peerId: peerIdFromPrivateKey(privateKey) }
}))

/** What the service asks of libp2p, as far as it asks: a mesh in which everybody is identified and a DHT that finds who provides. */
export class SimComponents {
  readonly logger: ComponentLogger
  private readonly topologies = new Map<string, { protocol: string, topology: Topology }>()
  private lastId = 0

  constructor (private readonly world: World, private readonly node: SimNode, private readonly identity: Identity) {
    this.logger = { forComponent: name => this.log(name) }
  }

  /** For the service: a plain object, as libp2p hands one over. */
  get forService (): RaftComponents {
    const { node, world, identity } = this
    return {
      peerId: identity.peerId,
      privateKey: identity.privateKey,
      logger: this.logger,
      events: new TypedEventEmitter<Libp2pEvents>(),
      addressManager: { getAddresses: () => [addressOf(node)] },
      registrar: {
        register: async (protocol: string, topology: Topology) => {
          const id = `t${++this.lastId}`
          this.topologies.set(id, { protocol, topology })
          for (const other of world.nodes) if (other !== node) world.mesh.refresh(node, other)
          return id
        },
        unregister: (id: string) => { this.topologies.delete(id) }
      },
      connectionManager: {
        getConnections: (peer?: PeerId) => world.nodes
          .filter(other => other !== node && world.mesh.reachable(node, other) && (peer === undefined || peer.equals(other.identity.peerId)))
          .map(other => ({ remotePeer: other.identity.peerId })),
        openConnection: async (peer: PeerId) => {
          const other = world.nodeOf(peer.toString())
          await node.alive.sleep(1)
          if (other === undefined || !world.mesh.reachable(node, other)) throw new Error(`no way to ${peer.toString()}`)
          return { remotePeer: peer }
        }
      },
      peerStore: {
        merge: async () => {},
        get: async (peer: PeerId) => {
          const other = world.nodeOf(peer.toString())
          if (other === undefined) throw new Error('never met')
          return { id: peer, addresses: [{ multiaddr: addressOf(other) }], protocols: other.protocols() }
        }
      },
      contentRouting: {
        provide: async (cid: CID, { signal }: { signal?: AbortSignal }) => {
          await this.reachSomebody(signal)
          world.provide(cid.toString(), node)
        },
        findProviders: (cid: CID, { signal }: { signal?: AbortSignal }) => this.findProviders(cid, signal)
      },
      peerRouting: {}
    } as unknown as RaftComponents
  }

  /** Identified, now or again: topologies hear of it. */
  met (other: SimNode): void {
    const protocols = other.protocols()
    for (const { protocol, topology } of [...this.topologies.values()]) {
      if (protocols.includes(protocol)) void topology.onConnect?.(other.identity.peerId, undefined as never)
    }
  }

  private async * findProviders (cid: CID, signal: AbortSignal | undefined): AsyncGenerator<{ id: PeerId, multiaddrs: [] }> {
    await this.reachSomebody(signal)
    for (const provider of this.world.providers(cid.toString())) if (provider !== this.node) yield { id: provider.identity.peerId, multiaddrs: [] }
  }

  /** As the real ones do, it hangs without a peer to ask, until its signal ends it. */
  private async reachSomebody (signal: AbortSignal | undefined): Promise<void> {
    const { node, world } = this
    await node.alive.sleep(5 + world.random.int(0, 40))
    if (world.nodes.some(other => other !== node && world.mesh.reachable(node, other))) return
    await new Promise<never>((_resolve, reject) => {
      if (signal?.aborted === true) reject(signal.reason as Error)
      signal?.addEventListener('abort', () => { reject(signal.reason as Error) })
    })
  }

  private log (component: string): Logger {
    const { node, world } = this
    // A stack is not the same in every run: it depends on what was compiled by then.
    const tell = (...args: unknown[]): void => { if (world.tracing) world.trace(`${node.name} ${component}: ${args.map(arg => String(arg).split('\n', 1)[0]).join(' ')}`) }
    return Object.assign((..._args: unknown[]) => {}, { error: tell, trace: () => {}, enabled: false, newScope: (name: string) => this.log(name) }) as unknown as Logger
  }
}

const addressOf = (node: SimNode): ReturnType<typeof multiaddr> => addresses[node.index]
const addresses = Array.from({ length: MAX_NODES }, (_, i) => multiaddr(`/ip4/127.0.0.1/tcp/${4_001 + i}`))

export function protocolsOf (namespaces: Iterable<string>): string[] {
  return [COMMAND_PROTOCOL, ...[...namespaces].map(namespaceProtocol)]
}
