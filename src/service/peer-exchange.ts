import { peerIdFromString } from '@libp2p/peer-id'
import { parseAddresses, peerIdOrNone } from './addresses.js'
import type { NodeContext } from './node-context.js'
import type { Discovery } from '../formation/index.js'
import type { PeerInfo } from '../wire/index.js'
import type { Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const TIMEOUT_MS = 2_000
/** One peer is asked no more often than this. */
const PAUSE_MS = 2_000
const MAX_ASKED = 1_024
/** Peers told, and listened to, in one exchange. */
export const MAX_PEERS_TOLD = 256

/**
 * "A saw C" becomes "B knows C", addresses included: every peer that turns up is asked whom it knows. The DHT alone takes seconds for
 * that in a young mesh, and a peer's name without its address can't be dialled.
 */
export class PeerExchange {
  private readonly askedAt = new Map<string, number>()
  private readonly stopping = new AbortController()
  private stopListening: (() => void) | undefined

  constructor (
    private readonly namespace: string, private readonly node: Pick<NodeContext, 'components' | 'port' | 'clock' | 'self'>,
    private readonly discovery: Discovery, private readonly told: (to: string) => Promise<PeerInfo[]>, private readonly log: Logger
  ) {}

  start (): void {
    this.stopListening = this.discovery.onCandidate(peer => { this.ask(peer) })
    for (const peer of this.discovery.candidates()) this.ask(peer)
  }

  stop (): void {
    this.stopping.abort()
    this.stopListening?.()
  }

  /** Hints from a peer: candidates, never membership. */
  async learn (infos: readonly PeerInfo[]): Promise<void> {
    for (const { peer, addresses } of infos.slice(0, MAX_PEERS_TOLD)) await this.introduce(peer, parseAddresses(addresses))
  }

  private async introduce (peer: string, multiaddrs: Multiaddr[]): Promise<void> {
    const id = peerIdOrNone(peer)
    if (id === undefined || id.equals(this.node.self)) return
    if (multiaddrs.length > 0) await this.node.components.peerStore.merge(id, { multiaddrs })
    this.discovery.add(peer)
  }

  private ask (peer: string): void {
    const now = this.node.clock.now()
    if (this.stopping.signal.aborted || now - (this.askedAt.get(peer) ?? -Infinity) < PAUSE_MS) return
    if (this.askedAt.size >= MAX_ASKED) this.askedAt.clear()
    this.askedAt.set(peer, now)
    this.exchange(peer).catch((error: Error) => { this.log('%s told no peers: %s', peer, error.message) })
  }

  private async exchange (peer: string): Promise<void> {
    const { port } = this.node
    const exchangePeers = { peers: await this.told(peer), serving: true }
    const { peerList } = await port.request(peerIdFromString(peer), {
      namespace: this.namespace, forwarded: false, timeoutMs: TIMEOUT_MS, exchangePeers
    }, { timeoutMs: TIMEOUT_MS, signal: this.stopping.signal })
    await this.learn(peerList?.peers ?? [])
  }
}
