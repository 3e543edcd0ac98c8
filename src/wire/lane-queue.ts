import { asError } from './errors.js'
import { BATCH_OVERHEAD, BOX_OVERHEAD, MAX_BATCHES, encodeBatches } from './link-frames.js'
import { encodeGroupMessages, MAX_GROUP_MESSAGES, messageBytesBound } from './messages.js'
import type { GroupKeys, SealedGroup } from './group-keys.js'
import type { Batch } from './link-frames.js'
import type { LinkSeal } from './link-seal.js'
import type { MemberId, Message } from '../raft/types.js'

interface Pending { readonly clusterId: Uint8Array, readonly from: MemberId, readonly to: MemberId, readonly messages: Message[], readonly group: SealedGroup | undefined, bytes: number }

/**
 * What waits to leave on one lane to one peer, gathered by group. Bounded in bytes: over it new messages are dropped, which Raft
 * allows, because what is queued is older and its loss would only make the receiver ask for it again.
 */
export class LaneQueue {
  private readonly pending: Pending[] = []
  /** The open batch of each group, by the identity of its cluster id: the engine has one array for a group. */
  private readonly open = new Map<Uint8Array, Pending>()
  private queued = 0

  constructor (
    readonly maxBytes: number,
    readonly maxFrameBytes: number,
    private readonly groups: Pick<GroupKeys, 'sealed'>,
    /** A batch that cannot be encoded is a bug in whoever made it. It is dropped, as a lossy network might, but never in silence. */
    private readonly onUnencodable: (error: Error, messages: number) => void
  ) {}

  get bytes (): number { return this.queued }
  get empty (): boolean { return this.pending.length === 0 }

  /** False: dropped, the queue is full, or the message alone is over the frame limit. */
  push (clusterId: Uint8Array, from: MemberId, to: MemberId, message: Message): boolean {
    // The engine makes that one for itself; sent, it would be a bug.
    if (message.type === 'install-snapshot') return false
    const size = messageBytesBound(message)
    if (size + 2 * MOST_OVERHEAD > this.maxFrameBytes || this.queued + size > this.maxBytes) return false
    let batch = this.open.get(clusterId)
    // A batch stays well within a frame, so that frames can be packed without taking batches apart.
    if (batch === undefined || batch.from !== from || batch.to !== to || batch.bytes + size + 2 * MOST_OVERHEAD > this.maxFrameBytes || batch.messages.length >= MAX_GROUP_MESSAGES) {
      const group = this.groups.sealed(clusterId)
      batch = { clusterId, from, to, messages: [], group, bytes: overhead(group) }
      this.open.set(clusterId, batch)
      this.pending.push(batch)
    }
    batch.messages.push(message)
    batch.bytes += size
    this.queued += size
    return true
  }

  /** The next frame, or undefined. Without a seal, what is to be sealed stays, and nothing else waits for it. */
  takeFrame (seal?: LinkSeal): Uint8Array | undefined {
    const packed = new Packing()
    const held: Pending[] = []
    let size = 0
    let looked = 0
    for (const p of this.pending) {
      if (p.group === undefined || seal !== undefined) {
        // The bound and not the real size, so that a body is encoded once, into the frame that it leaves in.
        if (packed.count > 0 && (size + p.bytes > this.maxFrameBytes || packed.count >= MAX_BATCHES)) break
        if (this.pack(p, packed)) size += p.bytes
        this.queued -= p.bytes - overhead(p.group)
        if (this.open.get(p.clusterId) === p) this.open.delete(p.clusterId)
      } else held.push(p)
      looked++
    }
    this.pending.splice(0, looked, ...held)
    return packed.frame(seal)
  }

  /** Drop what waits for a seal; returns how many messages that were. */
  dropSealed (): number {
    let dropped = 0
    for (const p of this.pending) {
      if (p.group === undefined) continue
      dropped += p.messages.length
      this.queued -= p.bytes - overhead(p.group)
      if (this.open.get(p.clusterId) === p) this.open.delete(p.clusterId)
    }
    if (dropped > 0) this.pending.splice(0, this.pending.length, ...this.pending.filter(p => p.group === undefined))
    return dropped
  }

  /** Drop everything; returns how many messages that were. */
  clear (): number {
    let dropped = 0
    for (const p of this.pending) dropped += p.messages.length
    this.pending.length = 0
    this.open.clear()
    this.queued = 0
    return dropped
  }

  private pack (p: Pending, packed: Packing): boolean {
    try {
      packed.add(p.group, { clusterId: p.clusterId, body: encodeGroupMessages(p.from, p.to, p.messages) })
      return true
    } catch (err) {
      this.onUnencodable(asError(err), p.messages.length)
      return false
    }
  }
}

/** A frame in the making: batches in clear, and one box for each group that is sealed. */
class Packing {
  count = 0
  private readonly clear: Batch[] = []
  private sealed: Map<SealedGroup, Batch[]> | undefined

  add (group: SealedGroup | undefined, batch: Batch): void {
    this.count++
    if (group === undefined) this.clear.push(batch)
    else {
      this.sealed ??= new Map<SealedGroup, Batch[]>()
      const batches = this.sealed.get(group)
      if (batches === undefined) this.sealed.set(group, [batch])
      else batches.push(batch)
    }
  }

  frame (seal: LinkSeal | undefined): Uint8Array | undefined {
    if (this.count === 0) return undefined
    if (this.sealed === undefined || seal === undefined) return encodeBatches(this.clear)
    return encodeBatches(this.clear, [...this.sealed].map(([group, batches]) => seal.box(group, encodeBatches(batches))))
  }
}

const MOST_OVERHEAD = BATCH_OVERHEAD + BOX_OVERHEAD

function overhead (group: SealedGroup | undefined): number { return group === undefined ? BATCH_OVERHEAD : MOST_OVERHEAD }
