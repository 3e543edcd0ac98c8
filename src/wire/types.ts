import type { MemberId, Message } from '../raft/types.js'
import type { SnapshotChunk, SnapshotManifest, SnapshotStaging } from '../storage/types.js'

/**
 * What one group says to one member in one turn: the unit that leaves in one piece, and that a namespace's key seals as one piece.
 * `from` and `to` are `<peer id>.<incarnation>`; on arrival the peer id of `from` is the connection's authenticated one, never a
 * field, and only the incarnation is carried.
 */
export interface GroupFrame {
  /** 32 bytes. A frame of a cluster id that this node doesn't host is dropped, counted, and never processed. */
  readonly clusterId: Uint8Array
  readonly from: MemberId
  readonly to: MemberId
  readonly messages: readonly Message[]
}

export interface SnapshotOffer { readonly clusterId: Uint8Array, readonly from: MemberId, readonly to: MemberId, readonly term: number, readonly manifest: SnapshotManifest }

/** What the engine gives the network. All of it may be called at any time between `setHandler` and `close`. */
export interface NetworkHandler {
  /** Messages are decoded and bounded, and own their bytes (copied out of the socket's buffers). */
  onFrame: (frame: GroupFrame) => void
  /** A link to the peer's node is up (first stream open, both ways) / is gone (connection closed, or silent for too long). */
  onPeerUp: (peer: string) => void
  onPeerDown: (peer: string) => void
  /** A member offers a snapshot: where to stage it, or undefined to refuse (not our group, not needed, busy). */
  onSnapshotOffer: (offer: SnapshotOffer) => Promise<SnapshotStaging | undefined>
  /** All chunks are staged and verified. Resolves when the group has taken or dropped it. */
  onSnapshotReceived: (offer: SnapshotOffer) => Promise<void>
}

/** Raft links of a node: one for each peer, shared by all groups. Implemented over libp2p by `LinkManager`, and by simulations. */
export interface Network {
  setHandler: (handler: NetworkHandler) => void
  /**
   * Queue a frame; all that is queued in a turn for one peer and lane leaves in one `send`. Never throws: without a link, or over
   * the queue bound, the frame is dropped and counted, as Raft allows. Votes, heartbeats, replies and reads go on the control lane, appends on the log
   * lane, so that bulk never delays a heartbeat.
   */
  send: (frame: GroupFrame) => void
  /** Which peers to hold a link to (all members of all groups): dialled with back-off until told otherwise. */
  setPeers: (peers: ReadonlySet<string>) => void
  isUp: (peer: string) => boolean
  /** Stream a snapshot from where the receiver's staging ends. Rejects on refusal, a broken stream (try again: it resumes) or abort. */
  sendSnapshot: (offer: SnapshotOffer, chunks: (from: number) => AsyncIterable<SnapshotChunk>, options: { signal: AbortSignal }) => Promise<void>
}
