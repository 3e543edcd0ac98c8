import type { ClientOptions } from './api.js'
import type { Client } from './client.js'
import type { Deadlines } from './deadlines.js'
import type { JoinLimit } from './join-limit.js'
import type { PollLimit } from './poll-limit.js'
import type { CommandPort } from './requests.js'
import type { Clock } from '../clock.js'
import type { Engine } from '../engine/index.js'
import type { OrderedStore } from '../storage/index.js'
import type { GroupKeys } from '../wire/index.js'
import type { ComponentLogger, ContentRouting, Libp2pEvents, Metrics, PeerId, PeerRouting, PeerStore, PrivateKey } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { TypedEventTarget } from 'main-event'

/** What the raft service needs of libp2p. */
export interface RaftComponents {
  readonly peerId: PeerId
  readonly privateKey: PrivateKey
  readonly registrar: Registrar
  readonly connectionManager: ConnectionManager
  readonly addressManager: AddressManager
  readonly peerStore: PeerStore
  readonly contentRouting: ContentRouting
  readonly peerRouting: PeerRouting
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly logger: ComponentLogger
  /** Where the program has one. */
  readonly metrics?: Metrics
}

/** What all namespaces of a node share. */
export interface NodeContext {
  readonly self: PeerId
  readonly components: RaftComponents
  readonly logger: ComponentLogger
  readonly clock: Clock
  readonly random: () => number
  readonly deadlines: Deadlines
  readonly port: CommandPort
  /** Absent, as the store is, on a node without a data directory. */
  readonly engine: Engine | undefined
  readonly store: OrderedStore | undefined
  /** Told which groups are sealed, before they are opened; absent where nothing is (simulations). */
  readonly groupKeys?: GroupKeys
  /** 16 hex digits, never the same twice, and not to be guessed: incarnations, snapshots, secrets of sessions. */
  readonly newId: () => string
  readonly joins: JoinLimit
  /** What waits here for peers. */
  readonly polls: PollLimit
  /** What reads here for peers, a page each. */
  readonly scans: PollLimit
  /** A client that asks other nodes only. */
  readonly makeGuest: (namespace: string, options: ClientOptions) => Client
}
