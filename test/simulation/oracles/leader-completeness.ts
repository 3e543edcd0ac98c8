import type { MemberId, Ready } from '../../../src/raft/types.js'
import { Oracle } from '../oracle.js'
import type { NodeView } from '../oracle.js'

/**
 * A leader holds every entry that was committed in an earlier term (Raft §5.4.3), and counts replicas only for an entry of its own
 * term (§5.4.2, figure 8): a commit index that a leader moves by itself points at its own term.
 */
export class LeaderCompleteness extends Oracle {
  readonly name = 'leader completeness'
  /** For each committed index, the lowest term that is known to have committed it. */
  private readonly committedIn: number[] = [0]
  private readonly led = new Map<MemberId, { term: number, commit: number }>()

  override ready (node: NodeView, ready: Ready): void {
    for (const { index } of ready.committed) {
      if (index === this.committedIn.length) this.committedIn.push(node.raft.term)
    }
    if (ready.soft?.role === 'leader') this.checkHolds(node)
    this.checkCommit(node)
  }

  override crashed (node: NodeView): void {
    this.led.delete(node.id)
  }

  private checkHolds (node: NodeView): void {
    // A stale leader may still be elected in an old term, after a newer one has committed: it owes nothing to that one.
    let index = this.committedIn.length - 1
    while (index > 0 && this.committedIn[index] >= node.raft.term) index--
    const entry = this.world.committed.entry(index)
    if (entry !== undefined && !node.image.holds(index, entry.term)) {
      this.fail(`${node.id} leads term ${node.raft.term} without entry ${index} of term ${entry.term}, committed in term ${this.committedIn[index]}`)
    }
  }

  private checkCommit (node: NodeView): void {
    const { raft } = node
    if (raft.role !== 'leader') {
      this.led.delete(node.id)
      return
    }
    const before = this.led.get(node.id)
    if (before?.term === raft.term && raft.commit > before.commit) {
      const term = node.image.term(raft.commit)
      if (term !== undefined && term !== raft.term) this.fail(`${node.id}, leading term ${raft.term}, committed ${raft.commit} of term ${term} by counting`)
    }
    this.led.set(node.id, { term: raft.term, commit: raft.commit })
  }
}
