import { peerOf } from '../../../src/wire/index.js'
import type { SimNode } from './sim-node.js'
import type { World } from './world.js'
import type { Message } from '../../../src/raft/types.js'
import type { GroupFrame, SnapshotOffer } from '../../../src/wire/index.js'
import type { Random } from '../random.js'

/** Terms of what the foreigner says begin here: no group of a run comes near, so one of these in a group shows that it was listened to. */
export const FOREIGN_TERM = 1_000_000
const REMEMBERED = 24

/** A peer of the mesh that says what it has heard once more, in the name of another group, or to another than it was meant for. */
export class Foreigner {
  private frames: GroupFrame[] = []
  private offers: SnapshotOffer[] = []

  constructor (private readonly world: World, private readonly random: Random) {}

  heard (frame: GroupFrame): void { this.frames = [...this.frames.slice(1 - REMEMBERED), frame] }

  heardOffer (offer: SnapshotOffer): void { this.offers = [...this.offers.slice(1 - REMEMBERED), offer] }

  speak (): void {
    if (this.offers.length > 0 && this.random.chance(0.3)) this.offer(this.random.pick(this.offers))
    if (this.frames.length > 0) this.say(this.random.pick(this.frames))
  }

  private say (frame: GroupFrame): void {
    const to = this.world.nodeOf(peerOf(frame.to))
    if (to === undefined) return
    const messages = frame.messages.map(raised)
    const addressed: GroupFrame = this.random.chance(0.7)
      ? { ...frame, clusterId: this.otherGroup(to, frame), messages }
      : { ...frame, to: `${peerOf(frame.to)}.ffffffffffffffff`, messages: messages.map(message => ({ ...message, to: `${peerOf(frame.to)}.ffffffffffffffff` })) }
    to.life?.deliver(() => { to.network.handler?.onFrame(addressed) })
  }

  private offer (offer: SnapshotOffer): void {
    const to = this.world.nodeOf(peerOf(offer.to))
    const foreign = { ...offer, clusterId: this.otherGroup(to, offer), term: offer.term + FOREIGN_TERM }
    to?.life?.deliver(() => {
      const told = to.network.handler?.onSnapshotOffer(foreign)
      told?.then(staging => { if (staging !== undefined) this.world.fail('nothing crosses between groups', `${to.name} takes a snapshot of another group`) }, () => { /* refused */ })
    })
  }

  /** One that this node is in as well, under another name; or one of which nobody has ever heard. */
  private otherGroup (to: SimNode | undefined, { clusterId, to: member }: { clusterId: Uint8Array, to: string }): Uint8Array {
    const others = [...to?.hosts.values() ?? []].flatMap(({ group }) => group === undefined || group.self === member || Buffer.compare(group.clusterId, clusterId) === 0 ? [] : [group.clusterId])
    return others.length > 0 ? this.random.pick(others) : Uint8Array.from({ length: 32 }, () => this.random.int(0, 255))
  }
}

function raised (message: Message): Message {
  const term = message.term + FOREIGN_TERM
  if (message.type === 'append') return { ...message, term, entries: message.entries.map(entry => ({ ...entry, term: entry.term + FOREIGN_TERM })) }
  return { ...message, term }
}
