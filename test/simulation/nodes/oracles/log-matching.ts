import { hex, NodeOracle } from '../oracle.js'
import type { Image } from '../image.js'
import type { SimNode } from '../sim-node.js'
import type { Entry } from '../../../../src/raft/types.js'

/** If two logs contain an entry with the same index and term, the logs are identical up to that index (Raft, figure 3). */
export class LogMatching extends NodeOracle {
  readonly name = 'log matching'
  private readonly known = new Map<string, { sum: number, previous: number }>()

  override landed (node: SimNode, namespace: string, image: Image, entries: readonly Entry[]): void {
    const { identity } = image
    if (identity === undefined) return
    const cluster = hex(identity.clusterId)
    for (const { index, term } of entries) {
      const stored = image.entries.get(index)
      if (stored?.term !== term) continue
      const key = `${cluster} ${index} ${term}`
      const previous = image.entries.get(index - 1)?.term ?? 0
      const known = this.known.get(key)
      if (known === undefined) this.known.set(key, { sum: stored.sum, previous })
      else {
        if (known.sum !== stored.sum) this.fail(`${node.name} holds another entry ${index} of term ${term} of ${namespace} than others do`)
        if (previous !== 0 && known.previous !== 0 && known.previous !== previous) this.fail(`before entry ${index} of term ${term} of ${namespace} ${node.name} has one of term ${previous}, others of term ${known.previous}`)
        if (known.previous === 0) known.previous = previous
      }
    }
  }
}
