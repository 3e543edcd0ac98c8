import { hex, NodeOracle } from '../oracle.js'
import type { Image } from '../image.js'
import type { SimNode } from '../sim-node.js'

/** A namespace is founded once (by each of two meshes that did not see each other then), and nobody becomes a member of another group. */
export class OneGroup extends NodeOracle {
  readonly name = 'one group for each namespace'
  private readonly clusters = new Map<string, string>()

  override landed (node: SimNode, namespace: string, { identity }: Image): void {
    if (identity === undefined) return
    const cluster = hex(identity.clusterId)
    const group = node.wanted.get(namespace)?.group ?? namespace
    const known = this.clusters.get(group)
    if (known === undefined) this.clusters.set(group, cluster)
    else if (known !== cluster) this.fail(`${node.name} is in the group ${cluster} of ${namespace}, others are in ${known}`)
  }
}
