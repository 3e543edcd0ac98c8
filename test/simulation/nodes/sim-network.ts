import { peerOf } from '../../../src/wire/index.js'
import type { SimNode } from './sim-node.js'
import type { World } from './world.js'
import type { SnapshotChunk } from '../../../src/storage/index.js'
import type { GroupFrame, Network, NetworkHandler, SnapshotOffer } from '../../../src/wire/index.js'

/** A node's Raft links, in place of LinkManager. */
export class SimNetwork implements Network {
  handler: NetworkHandler | undefined
  wanted: ReadonlySet<string> = new Set()

  constructor (private readonly world: World, private readonly node: SimNode) {}

  setHandler (handler: NetworkHandler): void { this.handler = handler }

  setPeers (peers: ReadonlySet<string>): void {
    this.wanted = peers
    for (const peer of peers) {
      const other = this.world.nodeOf(peer)
      if (other !== undefined) this.world.mesh.refresh(this.node, other)
    }
  }

  isUp (peer: string): boolean {
    const other = this.world.nodeOf(peer)
    return other !== undefined && this.world.mesh.linked(this.node, other)
  }

  send (frame: GroupFrame): void {
    const { node, world } = this
    // A dead process may go on for a while in this one, but says nothing.
    if (node.network !== this || !node.up) return
    const to = world.nodeOf(peerOf(frame.to))
    if (to === undefined) return
    world.watch.sent(node, frame)
    world.nemesis.foreigner.heard(frame)
    const lane = frame.messages.some(m => m.type === 'append') ? 'log' : 'control'
    world.mesh.carry(node, to, lane, () => { to.network.handler?.onFrame(frame) })
  }

  async sendSnapshot (offer: SnapshotOffer, chunks: (from: number) => AsyncIterable<SnapshotChunk>, { signal }: { signal: AbortSignal }): Promise<void> {
    const { node, world } = this
    const to = world.nodeOf(peerOf(offer.to))
    if (to === undefined || !world.mesh.linked(node, to) || !node.up) throw new Error(`no link to ${offer.to}`)
    world.nemesis.foreigner.heardOffer(offer)
    const { error, release } = world.mesh.broken(node, to)
    const there = async <T> (what: (handler: NetworkHandler) => Promise<T>): Promise<T> => {
      signal.throwIfAborted()
      await Promise.race([node.alive.sleep(world.mesh.delay(node, to)), error])
      const { handler } = to.network
      if (handler === undefined) throw new Error(`${to.name} is down`)
      return await Promise.race([what(handler), error])
    }
    try {
      const staging = await there(async handler => await handler.onSnapshotOffer(offer))
      if (staging === undefined) throw new Error(`${to.name} refused the snapshot`)
      for await (const chunk of chunks(staging.next)) await there(async () => { await staging.write(chunk) })
      await there(async () => { await staging.finish() })
      await there(async handler => { await handler.onSnapshotReceived(offer) })
    } finally {
      release()
    }
  }
}
