import { Inbox, introduce, wireNode } from './wire-nodes.js'
import { LinkManager, memberId } from '../src/wire/index.js'
import type { WireNode } from './wire-nodes.js'
import type { Entry, MemberId, Message } from '../src/raft/types.js'
import type { SnapshotStaging } from '../src/storage/types.js'
import type { GroupFrame, LinkOptions, NetworkHandler, SnapshotOffer } from '../src/wire/index.js'

export const clusterId = new Uint8Array(32).fill(7)

/** A node with a LinkManager, and everything that it was told. */
export class LinkNode implements NetworkHandler {
  readonly frames = new Inbox<GroupFrame>()
  /** `up <peer>` and `down <peer>`, in order. */
  readonly events = new Inbox<string>()
  readonly member: MemberId
  readonly links: LinkManager
  staging: ((offer: SnapshotOffer) => SnapshotStaging | undefined) = () => undefined
  readonly received = new Inbox<SnapshotOffer>()

  constructor (readonly node: WireNode, options: LinkOptions) {
    this.member = memberId(node.peer, '0123456789abcdef')
    this.links = new LinkManager(node.components, { livenessMs: 100, redialMinMs: 10, redialMaxMs: 100, ...options })
    this.links.setHandler(this)
  }

  get peer (): string { return this.node.peer }

  onFrame (frame: GroupFrame): void { this.frames.push(frame) }
  onPeerUp (peer: string): void { this.events.push(`up ${peer}`) }
  onPeerDown (peer: string): void { this.events.push(`down ${peer}`) }
  async onSnapshotOffer (offer: SnapshotOffer): Promise<SnapshotStaging | undefined> { return this.staging(offer) }
  async onSnapshotReceived (offer: SnapshotOffer): Promise<void> { this.received.push(offer) }

  send (to: LinkNode, ...messages: Message[]): void {
    this.links.send({ clusterId, from: this.member, to: to.member, messages })
  }

  heartbeat (to: LinkNode, read = 0): Message {
    return { type: 'heartbeat', from: this.member, to: to.member, term: 3, commit: 0, read }
  }

  append (to: LinkNode, bytes: number, index = 1): Message {
    const entry: Entry = { index, term: 3, kind: 'command', time: 5, data: new Uint8Array(bytes).fill(index) }
    return { type: 'append', from: this.member, to: to.member, term: 3, prevIndex: index - 1, prevTerm: index === 1 ? 0 : 3, entries: [entry], commit: 0 }
  }

  /** Resolves when the link is up, now or later. */
  async up (peer: LinkNode): Promise<void> {
    if (!this.links.isUp(peer.peer)) await this.events.next(e => e === `up ${peer.peer}`)
  }

  async down (peer: LinkNode): Promise<void> {
    if (this.links.isUp(peer.peer)) await this.events.next(e => e === `down ${peer.peer}`)
  }
}

export async function linkNode (options: LinkOptions = {}, stack: 'stock' | 'tuned' = 'stock'): Promise<LinkNode> {
  const node = new LinkNode(await wireNode(stack), options)
  await node.links.start()
  return node
}

/** Each holds a link to the other, and both are up. */
export async function linked (a: LinkNode, b: LinkNode): Promise<void> {
  await Promise.all([introduce(a.node, b.node), introduce(b.node, a.node)])
  const up = Promise.all([a.up(b), b.up(a)])
  a.links.setPeers(new Set([b.peer]))
  b.links.setPeers(new Set([a.peer]))
  await up
}
