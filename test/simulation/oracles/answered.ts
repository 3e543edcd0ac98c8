import type { MemberId } from '../../../src/raft/types.js'
import { Oracle } from '../oracle.js'
import type { NodeView, Read } from '../oracle.js'

/**
 * Callers never hang: a read is answered or refused within a few election timeouts of the node's own, whatever the network does. A leader
 * without a quorum must have stepped down by then. (One that waits for its disk, to commit in its term, may keep reads for as long as
 * that takes; and everything is answered once the run has healed: see progress.)
 */
export class Answered extends Oracle {
  readonly name = 'callers are answered'
  private readonly waiting = new Map<MemberId, Map<number, Read>>()
  /** When a leader was last seen that could not know the commit index yet. */
  private readonly unready = new Map<MemberId, number>()
  private readonly bound = 80

  override crashed (node: NodeView): void {
    this.waiting.delete(node.id)
    this.unready.delete(node.id)
  }

  override readBegan (node: NodeView, read: Read): void {
    let reads = this.waiting.get(node.id)
    if (reads === undefined) this.waiting.set(node.id, reads = new Map())
    reads.set(read.context, read)
  }

  override readAnswered (node: NodeView, read: Read): void {
    if (this.waiting.get(node.id)?.delete(read.context) !== true) this.fail(`the read ${read.context} on ${node.id} was answered twice, or never asked`)
  }

  override ticked (node: NodeView): void {
    const oldest = this.waiting.get(node.id)?.values().next().value
    if (oldest === undefined || node.raft.quiesced) return
    if (node.raft.role === 'leader' && !node.raft.status().termCommitted) this.unready.set(node.id, node.ticks)
    const since = Math.max(oldest.beganTick, this.unready.get(node.id) ?? 0)
    if (node.ticks - since > this.bound) this.fail(`the read ${oldest.context} on ${node.id} has not been answered in ${this.bound} ticks`)
  }
}
