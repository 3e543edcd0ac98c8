import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Clock, Timer } from '../clock.js'
import type { GroupStorage, OrderedStore, StoreOp } from '../storage/index.js'
import type { Libp2pEvents, Logger, PeerId, PeerStore, PeerUpdate } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { TypedEventTarget } from 'main-event'

const NAME = 'addresses'
const MAX_PEERS = 64
const MAX_ADDRESSES = 16
/** The peer store forgets an address after an hour. */
const REFRESH_MS = 20 * 60_000

/**
 * Where the members of a group were last reached, kept with the group: libp2p's peer store forgets addresses after an hour, and a
 * mesh that was down overnight must find itself again even if nobody's bootstrap address is up.
 */
export class AddressBook {
  private readonly known = new Map<string, Multiaddr[]>()
  private members: ReadonlySet<string> = new Set()
  private timer: Timer | undefined
  private saving: Promise<void> = Promise.resolve()
  private readonly onUpdate = (event: CustomEvent<PeerUpdate>): void => {
    const { peer } = event.detail
    this.learn(peer.id.toString(), peer.addresses.map(address => address.multiaddr))
  }

  constructor (
    private readonly storage: GroupStorage, private readonly store: OrderedStore,
    private readonly init: { peerStore: PeerStore, events: TypedEventTarget<Libp2pEvents>, clock: Clock, self: PeerId, log: Logger }
  ) {}

  /** Reads what was kept and tells the peer store. */
  async start (): Promise<void> {
    const bytes = await this.storage.getStable(NAME)
    if (bytes !== undefined) {
      for (const [peer, addresses] of decode(bytes)) this.known.set(peer, addresses)
      await this.feed()
    }
    this.init.events.addEventListener('peer:update', this.onUpdate)
    this.refreshLater()
  }

  async stop (): Promise<void> {
    this.timer?.cancel()
    this.init.events.removeEventListener('peer:update', this.onUpdate)
    await this.saving
  }

  /** Only members' addresses are kept. */
  setMembers (peers: ReadonlySet<string>): void {
    this.members = peers
    for (const peer of peers) {
      if (this.known.has(peer) || peer === this.init.self.toString()) continue
      this.init.peerStore.get(peerIdFromString(peer)).then(
        found => { this.learn(peer, found.addresses.map(address => address.multiaddr)) },
        () => { /* not met yet: its update will come */ })
    }
  }

  addressesOf (peer: string): Multiaddr[] { return this.known.get(peer) ?? [] }

  peers (): Array<[string, Multiaddr[]]> { return [...this.known] }

  /** From the peer store, or from the peer's own signed request to join. */
  learn (peer: string, addresses: readonly Multiaddr[]): void {
    if (addresses.length === 0 || !this.members.has(peer)) return
    const kept = addresses.slice(0, MAX_ADDRESSES)
    if (same(kept, this.known.get(peer) ?? [])) return
    this.known.set(peer, kept)
    this.save()
  }

  private save (): void {
    const ops: StoreOp[] = []
    this.storage.putStable(ops, NAME, encode([...this.known].filter(([peer]) => this.members.has(peer)).slice(0, MAX_PEERS)))
    // Not synced: what a crash takes is found again on the network.
    this.saving = this.saving.then(async () => { await this.store.batch(ops, { sync: false }) })
      .catch((error: Error) => { this.init.log.error('could not keep the addresses of members: %s', error.message) })
  }

  private refreshLater (): void {
    this.timer = this.init.clock.setTimer(REFRESH_MS, () => {
      this.feed().catch((error: Error) => { this.init.log.error('could not refresh the addresses of members: %s', error.message) })
      this.refreshLater()
    })
  }

  private async feed (): Promise<void> {
    for (const [peer, multiaddrs] of this.known) {
      if (peer !== this.init.self.toString()) await this.init.peerStore.merge(peerIdFromString(peer), { multiaddrs })
    }
  }
}

function encode (entries: ReadonlyArray<[string, Multiaddr[]]>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(entries.map(([peer, addresses]) => [peer, addresses.map(String)])))
}

/** Hints only: what can't be read is left out. */
function decode (bytes: Uint8Array): Array<[string, Multiaddr[]]> {
  try {
    const entries = JSON.parse(new TextDecoder().decode(bytes)) as Array<[string, string[]]>
    return entries.map(([peer, addresses]): [string, Multiaddr[]] => [peerIdFromString(peer).toString(), addresses.map(address => multiaddr(address))])
  } catch {
    return []
  }
}

function same (a: readonly Multiaddr[], b: readonly Multiaddr[]): boolean {
  return a.length === b.length && a.every((address, i) => address.equals(b[i] as Multiaddr))
}
