import { hex, NodeOracle } from '../oracle.js'
import type { SimNode } from '../sim-node.js'
import type { GroupFrame } from '../../../../src/wire/index.js'

const ONLY_LEADERS = new Set(['append', 'heartbeat', 'commit', 'timeout-now', 'quiesce'])

/** At most one leader can be elected in a given term (Raft, figure 3). */
export class ElectionSafety extends NodeOracle {
  readonly name = 'election safety'
  private readonly leaders = new Map<string, string>()

  override sent (_node: SimNode, namespace: string, frame: GroupFrame): void {
    for (const message of frame.messages) {
      if (!ONLY_LEADERS.has(message.type)) continue
      const key = `${hex(frame.clusterId)} ${message.term}`
      const known = this.leaders.get(key)
      if (known === undefined) this.leaders.set(key, frame.from)
      else if (known !== frame.from) this.fail(`${known} and ${frame.from} both lead term ${message.term} of ${namespace}`)
    }
  }
}
