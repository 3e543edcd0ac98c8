import { BusyError, MalformedFrameError, ProtocolVersionError, UnavailableError } from '../errors.js'
import { FramedStream } from './framed-stream.js'
import { MAJOR, MINOR, decodeLinkFrame, encodeRefusal, helloOf } from './link-frames.js'
import { SnapshotReceiver } from './snapshot-receiver.js'
import type { Link } from './link.js'
import type { Lane } from './link-frames.js'
import type { LinkCounters } from './link-stats.js'
import type { LinkFrame } from './pb/transport.js'
import type { ReceiverHost } from './snapshot-receiver.js'
import type { Clock } from '../clock.js'
import type { Connection, Stream } from '@libp2p/interface'

const HELLO_TIMEOUT_MS = 10_000
const CLOSE_TIMEOUT_MS = 1_000

export interface InboundHost {
  readonly clock: Clock
  readonly counters: LinkCounters
  readonly maxFrameBytes: number
  readonly maxSnapshotStreams: number
  /** This node's peer id. */
  readonly self: string
  /** The link to a peer, made if there is none; and the one there is. */
  link: (peer: string) => Link
  existing: (peer: string) => Link | undefined
  onFrame: (frame: LinkFrame, peer: string) => void
  readonly snapshots: ReceiverHost
  warn: (key: string, text: string) => void
}

/** One stream that a peer opened: not proven to be anything until its hello is read. */
interface Inbound { readonly peer: string, readonly framed: FramedStream, readonly connection: Connection, lane?: Lane, receiver?: SnapshotReceiver }

/** The streams that peers open to this node: their lanes, which go to their links, and the snapshots that they send. */
export class InboundStreams {
  private readonly unproven = new Set<FramedStream>()
  private readonly receivers = new Map<string, Set<SnapshotReceiver>>()
  private closing = false

  constructor (private readonly host: InboundHost) {}

  readonly onStream = (stream: Stream, connection: Connection): void => {
    const timer = this.host.clock.setTimer(HELLO_TIMEOUT_MS, () => { inbound.framed.abort(new Error('no hello in time')) })
    const inbound: Inbound = {
      peer: connection.remotePeer.toString(),
      connection,
      framed: new FramedStream(stream, {
        maxFrameBytes: this.host.maxFrameBytes,
        onFrame: bytes => {
          timer.cancel()
          this.onBytes(inbound, bytes)
        },
        onClose: error => {
          timer.cancel()
          this.onClose(inbound, error)
        }
      })
    }
    this.unproven.add(inbound.framed)
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
    else if (inbound.receiver !== undefined) inbound.receiver.onFrame(frame)
    else this.host.onFrame(frame, inbound.peer)
  }

  private onHello (inbound: Inbound, frame: LinkFrame): void {
    const { major, minor, lane } = helloOf(frame)
    this.unproven.delete(inbound.framed)
    if (major !== MAJOR) {
      this.refuse(inbound, ProtocolVersionError.name, `this node speaks version ${MAJOR}.${MINOR} of the Raft link, not ${major}.${minor}: upgrade the older of the two`)
    } else if (lane === undefined) {
      this.refuse(inbound, ProtocolVersionError.name, `this node (version ${MAJOR}.${MINOR}) has no lane ${frame.hello?.lane}: upgrade it, or use the lanes it has`)
    } else if (this.closing) {
      this.refuse(inbound, UnavailableError.name, 'the node is closing')
    } else {
      inbound.lane = lane
      if (lane === 'snapshot') this.receive(inbound)
      else this.host.link(inbound.peer).accept(lane, inbound.framed, inbound.connection)
    }
  }

  private receive (inbound: Inbound): void {
    const { peer, framed } = inbound
    const set = this.receivers.get(peer) ?? new Set()
    if (set.size >= this.host.maxSnapshotStreams) {
      this.refuse(inbound, BusyError.name, `already receiving ${set.size} snapshots from this node: try again when one is done`)
      return
    }
    inbound.receiver = new SnapshotReceiver(framed, peer, this.host.self, this.host.snapshots)
    set.add(inbound.receiver)
    this.receivers.set(peer, set)
  }

  private onClose ({ peer, framed, lane, receiver }: Inbound, error?: Error): void {
    this.unproven.delete(framed)
    if (error instanceof MalformedFrameError) {
      this.host.counters.malformed++
      this.host.warn(`malformed ${peer}`, `closed a ${lane ?? 'new'} stream of ${peer}: ${error.message}`)
    }
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
