import { asError } from './errors.js'
import { BATCH_OVERHEAD, MAX_BATCHES, encodeBatches } from './link-frames.js'
import { encodeGroupMessages, MAX_GROUP_MESSAGES, messageBytesBound } from './messages.js'
import type { Batch } from './link-frames.js'
import type { MemberId, Message } from '../raft/types.js'

interface Pending { readonly clusterId: Uint8Array, readonly from: MemberId, readonly to: MemberId, readonly messages: Message[], bytes: number }

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
    if (size + 2 * BATCH_OVERHEAD > this.maxFrameBytes || this.queued + size > this.maxBytes) return false
    let batch = this.open.get(clusterId)
    // A batch stays well within a frame, so that frames can be packed without taking batches apart.
    if (batch === undefined || batch.from !== from || batch.to !== to || batch.bytes + size + 2 * BATCH_OVERHEAD > this.maxFrameBytes || batch.messages.length >= MAX_GROUP_MESSAGES) {
      batch = { clusterId, from, to, messages: [], bytes: BATCH_OVERHEAD }
      this.open.set(clusterId, batch)
      this.pending.push(batch)
    }
    batch.messages.push(message)
    batch.bytes += size
    this.queued += size
    return true
  }

  /** The next frame, or undefined. */
  takeFrame (): Uint8Array | undefined {
    const batches: Batch[] = []
    let size = 0
    let taken = 0
    for (const p of this.pending) {
      // The bound and not the real size, so that a body is encoded once, into the frame that it leaves in.
      if (batches.length > 0 && (size + p.bytes > this.maxFrameBytes || batches.length >= MAX_BATCHES)) break
      try {
        batches.push({ clusterId: p.clusterId, body: encodeGroupMessages(p.from, p.to, p.messages) })
        size += p.bytes
      } catch (err) {
        this.onUnencodable(asError(err), p.messages.length)
      }
      this.queued -= p.bytes - BATCH_OVERHEAD
      taken++
      if (this.open.get(p.clusterId) === p) this.open.delete(p.clusterId)
    }
    this.pending.splice(0, taken)
    return batches.length > 0 ? encodeBatches(batches) : undefined
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
}
