import type { InitialState, MemberId, Ready } from '../../../src/raft/types.js'
import { Oracle } from '../oracle.js'
import type { NodeView } from '../oracle.js'

/** Commit never goes back nor past the log; what is handed out for apply is durable here, in order, without a gap, and once. */
export class CommitOrder extends Oracle {
  readonly name = 'commit order'
  private readonly commit = new Map<MemberId, number>()
  private readonly handedOut = new Map<MemberId, number>()

  override started (node: NodeView, initial: InitialState): void {
    this.commit.set(node.id, 0)
    this.handedOut.set(node.id, initial.applied)
  }

  override ready (node: NodeView, ready: Ready): void {
    const { raft } = node
    const commit = this.commit.get(node.id) ?? 0
    if (raft.commit < commit) this.fail(`the commit of ${node.id} went back from ${commit} to ${raft.commit}`)
    if (raft.commit > raft.lastIndex) this.fail(`${node.id} commits ${raft.commit}, past the end of its log at ${raft.lastIndex}`)
    this.commit.set(node.id, raft.commit)
    let last = this.handedOut.get(node.id) ?? 0
    for (const entry of ready.committed) {
      if (entry.index !== last + 1) this.fail(`${node.id} hands out ${entry.index} after ${last}`)
      if (entry.index > raft.commit) this.fail(`${node.id} hands out ${entry.index}, which is not committed`)
      if (!node.disk.holds(entry.index, entry.term)) this.fail(`${node.id} hands out ${entry.index}, which is not durable there`)
      last = entry.index
    }
    // A snapshot takes the place of all that was still to come up to its index.
    if (ready.write?.snapshot !== undefined) {
      if (ready.write.snapshot.index <= last) this.fail(`${node.id} installs a snapshot at ${ready.write.snapshot.index} over ${last}, which it had already handed out`)
      last = ready.write.snapshot.index
    }
    this.handedOut.set(node.id, last)
  }
}
