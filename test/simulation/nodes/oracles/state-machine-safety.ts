import { hex, NodeOracle } from '../oracle.js'
import type { SimNode } from '../sim-node.js'
import type { NamespaceHost } from '../../../../src/service/namespace-host.js'

/** No two members apply different entries at the same index (Raft, figure 3), and none applies them out of order. */
export class StateMachineSafety extends NodeOracle {
  readonly name = 'state machine safety'

  override applied (node: SimNode, host: NamespaceHost, from: number, index: number): void {
    const { group } = host
    if (group === undefined) return
    const { entries } = this.world.imageOf(node, host.namespace)
    const committed = this.world.committed.of(hex(group.clusterId))
    for (let i = from; i <= index; i++) {
      const stored = entries.get(i)
      const known = committed.get(i)
      // What a leader applies before its own disk has it is looked at when others apply it.
      if (stored === undefined || known === undefined || stored.term === known.term) continue
      this.fail(`${node.name} applied entry ${i} of term ${stored.term} of ${host.namespace}; it is committed with term ${known.term}`)
    }
  }
}
