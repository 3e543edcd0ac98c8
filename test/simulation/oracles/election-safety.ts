import type { MemberId, Ready } from '../../../src/raft/types.js'
import { Oracle } from '../oracle.js'
import type { NodeView } from '../oracle.js'

/** At most one leader per term (Raft §5.2), and nobody follows another in that term. */
export class ElectionSafety extends Oracle {
  readonly name = 'election safety'
  private readonly leaders = new Map<number, MemberId>()

  override ready (node: NodeView, ready: Ready): void {
    const { soft } = ready
    if (soft?.leader === undefined) return
    if ((soft.role === 'leader') !== (soft.leader === node.id)) this.fail(`${node.id} is ${soft.role} of term ${soft.term} and names ${soft.leader} as its leader`)
    const known = this.leaders.get(soft.term)
    if (known === undefined) this.leaders.set(soft.term, soft.leader)
    else if (known !== soft.leader) this.fail(`term ${soft.term} has two leaders: ${known} and, says ${node.id}, ${soft.leader}`)
  }
}
