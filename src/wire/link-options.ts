import type { PartialFrames } from './partial-frames.js'
import type { Clock } from '../clock.js'
import type { ComponentLogger, Libp2pEvents, PeerId, PeerStore, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'

/** What {@link LinkManager} needs of a libp2p node. */
export interface LinkComponents {
  readonly registrar: Registrar
  readonly connectionManager: ConnectionManager
  readonly peerStore: PeerStore
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly peerId: PeerId
  readonly logger: ComponentLogger
}

export interface LinkOptions {
  /** Ping a peer when nothing else was sent for this long, in ms. Default 500. */
  livenessMs?: number
  /** Declare a peer down when nothing was heard for this long, in ms. Default 4 × `livenessMs`. */
  deadMs?: number
  /** Give up a connection on which nothing was heard for this long, in ms, and dial anew. Default 5 × `deadMs`. */
  abandonMs?: number
  /** One attempt to dial and open the lanes, in ms. Default 10,000. */
  dialTimeoutMs?: number
  /** Back-off between attempts, in ms, jittered. Default 50 to 5,000. */
  redialMinMs?: number
  redialMaxMs?: number
  /** Largest frame, in bytes, both ways; set it alike on all nodes. Default 8 MiB. */
  maxFrameBytes?: number
  /** Bytes that may wait for one peer. Default 4 MiB of control and 64 MiB of log; more is dropped and counted. */
  maxControlQueueBytes?: number
  maxLogQueueBytes?: number
  /** Snapshots that one peer may be sending here at a time. Default 4. */
  maxSnapshotStreams?: number
  /** Shared by all that reads streams of peers. */
  partial?: PartialFrames
  /** Use relayed connections, which are limited in time and bytes. Default false. */
  runOnLimitedConnection?: boolean
  clock?: Clock
  /** [0, 1), for the jitter of back-off. Default Math.random. */
  random?: () => number
  /** For the salts of streams. Default node:crypto's. */
  randomBytes?: (length: number) => Uint8Array
}
