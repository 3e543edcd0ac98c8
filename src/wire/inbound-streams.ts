import { BusyError, EncryptionKeyError, MalformedFrameError, ProtocolVersionError, UnavailableError } from '../errors.js'
import { FramedStream } from './framed-stream.js'
import { MAJOR, MINOR, decodeLinkFrame, encodeHello, encodeRefusal, helloOf } from './link-frames.js'
import { LinkSeal } from './link-seal.js'
import { SnapshotChannel } from './snapshot-channel.js'
import { SnapshotReceiver } from './snapshot-receiver.js'
import type { GroupKeys } from './group-keys.js'
import type { Link } from './link.js'
import type { Lane } from './link-frames.js'
import type { LinkCounters } from './link-stats.js'
import type { PartialFrames } from './partial-frames.js'
import type { LinkFrame } from './pb/transport.js'
import type { ReceiverHost } from './snapshot-receiver.js'
import type { Clock } from '../clock.js'
import type { Connection, Stream } from '@libp2p/interface'

const HELLO_TIMEOUT_MS = 10_000
const CLOSE_TIMEOUT_MS = 1_000

/** Streams that one peer may have open here: three kinds of lane, each while its replacement arrives, and snapshots. */
export function mostStreams (snapshots: number): number { return 8 + 2 * snapshots }

export interface InboundHost {
  readonly clock: Clock
  readonly counters: LinkCounters
  readonly maxFrameBytes: number
  readonly partial?: PartialFrames
  readonly maxSnapshotStreams: number
  /** This node's peer id. */
  readonly self: string
  readonly groups: GroupKeys
  /** A new salt for each stream. */
  readonly salt: () => Uint8Array
  /** The link to a peer, made if there is none; and the one there is. */
  link: (peer: string) => Link
  existing: (peer: string) => Link | undefined
  /** `seal`: of the lane that it came on, unless its opener seals nothing. */
  onFrame: (frame: LinkFrame, peer: string, seal: LinkSeal | undefined) => void
  readonly snapshots: ReceiverHost
  warn: (key: string, text: string) => void
}

/** One stream that a peer opened: not proven to be anything until its hello is read. */
interface Inbound {
  readonly peer: string
  readonly framed: FramedStream
  readonly connection: Connection
  lane?: Lane
  seal?: LinkSeal
  receiver?: SnapshotReceiver
  channel?: SnapshotChannel
}

/** The streams that peers open to this node: their lanes, which go to their links, and the snapshots that they send. */
export class InboundStreams {
  private readonly unproven = new Set<FramedStream>()
  private readonly receivers = new Map<string, Set<SnapshotReceiver>>()
  /** Streams of each peer, over all its connections. */
  private readonly open = new Map<string, number>()
  private closing = false

  constructor (private readonly host: InboundHost) {}

  readonly onStream = (stream: Stream, connection: Connection): void => {
    const remote = connection.remotePeer.toString()
    const open = this.open.get(remote) ?? 0
    if (open >= mostStreams(this.host.maxSnapshotStreams)) {
      this.host.counters.refusalsOut++
      this.host.warn(`streams ${remote}`, `refusing a stream of ${remote}, which has ${open} of the Raft link`)
      stream.abort(new BusyError(`${remote} has ${open} streams of the Raft link open already`))
      return
    }
    this.open.set(remote, open + 1)
    const timer = this.host.clock.setTimer(HELLO_TIMEOUT_MS, () => { inbound.framed.abort(new Error('no hello in time')) })
    const inbound: Inbound = {
      peer: remote,
      connection,
      framed: new FramedStream(stream, {
        maxFrameBytes: this.host.maxFrameBytes,
        partial: this.host.partial,
        onFrame: bytes => {
          timer.cancel()
          this.onBytes(inbound, bytes)
        },
        onClose: error => {
          timer.cancel()
          this.forget(remote)
          this.onClose(inbound, error)
        }
      })
    }
    this.unproven.add(inbound.framed)
  }

  private forget (peer: string): void {
    const left = (this.open.get(peer) ?? 1) - 1
    if (left === 0) this.open.delete(peer)
    else this.open.set(peer, left)
  }

  close (): void {
    this.closing = true
    const gone = new UnavailableError('the node is closing')
    for (const framed of this.unproven) framed.abort(gone)
    for (const set of this.receivers.values()) for (const receiver of set) receiver.abort(gone)
  }

  private onBytes (inbound: Inbound, bytes: Uint8Array): void {
    this.host.counters.framesIn++
    this.host.counters.bytesIn += bytes.byteLength
    const frame = decodeLinkFrame(bytes)
    if (inbound.lane === undefined) this.onHello(inbound, frame)
    else if (inbound.receiver !== undefined) this.onSnapshotFrame(inbound, inbound.receiver, frame)
    else this.host.onFrame(frame, inbound.peer, inbound.seal)
  }

  private onSnapshotFrame (inbound: Inbound, receiver: SnapshotReceiver, frame: LinkFrame): void {
    try {
      receiver.onFrame(inbound.channel?.read(frame) ?? frame)
    } catch (err) {
      if (!(err instanceof EncryptionKeyError || err instanceof UnavailableError)) throw err
      if (err instanceof EncryptionKeyError) this.host.counters.sealRefused++
      this.refuse(inbound, err.name, err.message)
    }
  }

  private onHello (inbound: Inbound, frame: LinkFrame): void {
    const { major, minor, lane, salt } = helloOf(frame)
    this.unproven.delete(inbound.framed)
    if (major !== MAJOR) {
      this.refuse(inbound, ProtocolVersionError.name, `this node speaks version ${MAJOR}.${MINOR} of the Raft link, not ${major}.${minor}: upgrade the older of the two`)
    } else if (lane === undefined) {
      this.refuse(inbound, ProtocolVersionError.name, `this node (version ${MAJOR}.${MINOR}) has no lane ${frame.hello?.lane}: upgrade it, or use the lanes it has`)
    } else if (this.closing) {
      this.refuse(inbound, UnavailableError.name, 'the node is closing')
    } else {
      inbound.lane = lane
      if (salt !== undefined) this.greet(inbound, lane, salt)
      if (lane === 'snapshot') this.receive(inbound)
      else this.host.link(inbound.peer).accept(lane, inbound.framed, inbound.connection)
    }
  }

  /** Whoever opened the stream waits with what is to be sealed, and with nothing else. */
  private greet (inbound: Inbound, lane: Lane, openerSalt: Uint8Array): void {
    const { self, groups, counters } = this.host
    const acceptorSalt = this.host.salt()
    inbound.framed.send([encodeHello(lane, MAJOR, MINOR, acceptorSalt)])
    inbound.seal = new LinkSeal(groups, counters, inbound.peer, { lane, side: 'acceptor', opener: inbound.peer, acceptor: self, openerSalt, acceptorSalt })
  }

  private receive (inbound: Inbound): void {
    const { peer, framed } = inbound
    const set = this.receivers.get(peer) ?? new Set()
    if (set.size >= this.host.maxSnapshotStreams) {
      this.refuse(inbound, BusyError.name, `already receiving ${set.size} snapshots from this node: try again when one is done`)
      return
    }
    inbound.channel = new SnapshotChannel(framed, peer, inbound.seal, this.host.groups)
    inbound.receiver = new SnapshotReceiver(framed, inbound.channel, peer, this.host.self, this.host.snapshots)
    set.add(inbound.receiver)
    this.receivers.set(peer, set)
  }

  private onClose ({ peer, framed, lane, receiver }: Inbound, error?: Error): void {
    this.unproven.delete(framed)
    if (error instanceof MalformedFrameError) {
      this.host.counters.malformed++
      this.host.warn(`malformed ${peer}`, `closed a ${lane ?? 'new'} stream of ${peer}: ${error.message}`)
    } else if (error instanceof BusyError) this.host.warn(`busy ${peer}`, `closed a ${lane ?? 'new'} stream of ${peer}: ${error.message}`)
    if (receiver !== undefined) {
      receiver.onClose(error)
      const set = this.receivers.get(peer)
      set?.delete(receiver)
      if (set?.size === 0) this.receivers.delete(peer)
    } else if (lane !== undefined) {
      this.host.existing(peer)?.lost(lane, framed)
    }
  }

  private refuse ({ framed, peer }: Inbound, code: string, message: string): void {
    this.host.counters.refusalsOut++
    this.host.warn(`refuse ${peer}`, `refusing a stream of ${peer}: ${message}`)
    framed.send([encodeRefusal(code, message)])
    void framed.close(AbortSignal.timeout(CLOSE_TIMEOUT_MS))
  }
}
