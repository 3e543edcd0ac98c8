import { NodeOracle } from '../oracle.js'
import type { SimNode } from '../sim-node.js'
import type { NamespaceHost } from '../../../../src/service/namespace-host.js'

/** A member that lost part of what it has promised, and can know it, takes no part in the group any more: it would vote twice, or elect a leader without it. */
export class Remembers extends NodeOracle {
  readonly name = 'nobody goes on without its memory'

  override opened (node: SimNode, { namespace }: NamespaceHost): void {
    if (node.forgets.has(namespace)) this.fail(`${node.name} opened ${namespace} though part of its log or vote is gone`)
  }
}
