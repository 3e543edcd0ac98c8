import { hex, NodeOracle } from '../oracle.js'
import type { SimNode } from '../sim-node.js'
import type { GroupFrame } from '../../../../src/wire/index.js'

/** Entries that are looked at, back from the last committed one. */
const DEPTH = 40

/** What is committed in one term is in the logs of the leaders of all later terms (Raft, figure 3). */
export class LeaderCompleteness extends NodeOracle {
  readonly name = 'leader completeness'
  private readonly seen = new Set<string>()

  override sent (node: SimNode, namespace: string, frame: GroupFrame): void {
    for (const { type, term } of frame.messages) {
      if (type !== 'append' && type !== 'heartbeat') continue
      const key = `${hex(frame.clusterId)} ${term}`
      if (this.seen.has(key)) continue
      this.seen.add(key)
      this.check(node, namespace, hex(frame.clusterId), term)
    }
  }

  private check (node: SimNode, namespace: string, cluster: string, term: number): void {
    const image = this.world.imageOf(node, namespace)
    const committed = this.world.committed.of(cluster)
    let last = 0
    for (const index of committed.keys()) last = Math.max(last, index)
    for (let index = last; index > Math.max(image.start, last - DEPTH); index--) {
      const entry = committed.get(index)
      if (entry === undefined || entry.term >= term) continue
      const own = image.entries.get(index)
      if (own?.term !== entry.term) this.fail(`${node.name} leads term ${term} of ${namespace} without the committed entry ${index} of term ${entry.term} (it has ${own === undefined ? 'nothing' : `term ${own.term}`} there)`)
    }
  }
}
