import type { GroupFrame, Network, NetworkHandler, SnapshotOffer } from '../../../src/wire/types.js'
import type { SnapshotChunk } from '../../../src/storage/types.js'
import type { SimClock } from './sim-clock.js'

/** All the nodes' links: 1 ms from node to node, in order, until told otherwise. */
export class SimWire {
  readonly nodes = new Map<string, SimNetwork>()
  readonly frames: GroupFrame[] = []
  readonly #cuts = new Set<string>()
  /** Frames for which this is true are lost. */
  loses: (frame: GroupFrame) => boolean = () => false
  /** Called before each chunk that is handed over; a throw breaks the stream, a promise delays it. */
  onChunk: (chunk: SnapshotChunk, to: string) => void | Promise<void> = () => {}
  latencyMs = 1

  constructor (readonly clock: SimClock) {}

  connected (a: string, b: string): boolean {
    return this.nodes.get(a)?.handler !== undefined && this.nodes.get(b)?.handler !== undefined && !this.#cuts.has(`${a} ${b}`)
  }

  /** `quietly`: nobody's link layer notices. */
  cut (a: string, b: string, { quietly = false } = {}): void {
    this.#cuts.add(`${a} ${b}`).add(`${b} ${a}`)
    if (quietly) return
    this.nodes.get(a)?.handler?.onPeerDown(b)
    this.nodes.get(b)?.handler?.onPeerDown(a)
  }

  heal (a: string, b: string): void {
    this.#cuts.delete(`${a} ${b}`)
    this.#cuts.delete(`${b} ${a}`)
    this.nodes.get(a)?.handler?.onPeerUp(b)
    this.nodes.get(b)?.handler?.onPeerUp(a)
  }

  isolate (peer: string, options?: { quietly?: boolean }): void {
    for (const other of this.nodes.keys()) if (other !== peer) this.cut(peer, other, options)
  }

  rejoin (peer: string): void {
    for (const other of this.nodes.keys()) if (other !== peer) this.heal(peer, other)
  }

  /** The node is gone: its connections close. */
  kill (peer: string): void {
    const dead = this.nodes.get(peer)
    if (dead === undefined) return
    dead.handler = undefined
    this.nodes.delete(peer)
    for (const other of this.nodes.values()) other.handler?.onPeerDown(peer)
  }
}

export class SimNetwork implements Network {
  handler: NetworkHandler | undefined
  peers: ReadonlySet<string> = new Set()
  setPeersCalls = 0
  snapshotsOffered = 0

  constructor (readonly wire: SimWire, readonly peer: string) {
    wire.nodes.set(peer, this)
  }

  setHandler (handler: NetworkHandler): void {
    this.handler = handler
    for (const other of this.wire.nodes.values()) if (other !== this) other.handler?.onPeerUp(this.peer)
  }

  send (frame: GroupFrame): void {
    const { wire, peer } = this
    const to = frame.to.slice(0, frame.to.indexOf('.'))
    // A dead process goes on in this one, but says nothing.
    if (this.handler === undefined) return
    wire.frames.push(frame)
    if (!wire.connected(peer, to) || wire.loses(frame)) return
    wire.clock.setTimer(wire.latencyMs, () => {
      if (wire.connected(peer, to)) wire.nodes.get(to)?.handler?.onFrame(frame)
    })
  }

  setPeers (peers: ReadonlySet<string>): void {
    this.peers = peers
    this.setPeersCalls++
  }

  isUp (peer: string): boolean { return this.wire.connected(this.peer, peer) }

  async sendSnapshot (offer: SnapshotOffer, chunks: (from: number) => AsyncIterable<SnapshotChunk>, { signal }: { signal: AbortSignal }): Promise<void> {
    this.snapshotsOffered++
    const to = offer.to.slice(0, offer.to.indexOf('.'))
    const remote = (): NetworkHandler => {
      const handler = this.wire.nodes.get(to)?.handler
      if (handler === undefined || !this.wire.connected(this.peer, to)) throw new Error(`no link to ${to}`)
      return handler
    }
    const staging = await remote().onSnapshotOffer(offer)
    if (staging === undefined) throw new Error(`${to} refused the snapshot`)
    for await (const chunk of chunks(staging.next)) {
      signal.throwIfAborted()
      remote()
      await this.wire.onChunk(chunk, to)
      signal.throwIfAborted()
      await staging.write(chunk)
    }
    await staging.finish()
    await remote().onSnapshotReceived(offer)
  }
}
