import { hex, NodeOracle } from '../oracle.js'
import type { Image } from '../image.js'
import type { Life } from '../life.js'
import type { SimNode } from '../sim-node.js'
import type { GroupHandle } from '../../../../src/engine/index.js'
import type { NamespaceHost } from '../../../../src/service/namespace-host.js'
import type { Entry } from '../../../../src/raft/types.js'
import type { GroupFrame } from '../../../../src/wire/index.js'

interface Known { readonly life: Life | undefined, readonly self: string, readonly commit: number, readonly applied: number }

/** What is committed stays committed: a member's commit index never goes back, nor does what its disk says of it, and nobody tells of more than it knows. */
export class CommitOrder extends NodeOracle {
  readonly name = 'commit never regresses'
  private readonly known = new Map<string, Known>()
  /** Of each disk, in this run of its process. */
  private readonly hints = new Map<string, { readonly incarnation: string, readonly commit: number }>()

  override started (node: SimNode): void {
    for (const namespace of node.wanted.keys()) this.note(`${node.name} ${namespace}`, this.world.imageOf(node, namespace))
  }

  override opened (node: SimNode, { group, namespace }: NamespaceHost): void {
    if (group === undefined) return
    const hint = this.hints.get(`${node.name} ${namespace}`)
    const commit = this.look(node, group)
    if (hint !== undefined && group.self.endsWith(`.${hint.incarnation}`) && commit < hint.commit) this.fail(`${node.name} opened ${namespace} as committed up to ${commit}; its disk says ${hint.commit}`)
  }

  override landed (node: SimNode, namespace: string, image: Image, entries: readonly Entry[]): void {
    const key = `${node.name} ${namespace}`
    const before = this.hints.get(key)
    const now = this.note(key, image)
    if (before !== undefined && before.incarnation === now?.incarnation && now.commit < before.commit) this.fail(`${key}: commit index ${before.commit} became ${now.commit} on disk`)
    const group = node.hosts.get(namespace)?.group
    if (group === undefined || image.identity === undefined || !group.self.endsWith(`.${image.identity.incarnation}`)) return
    this.look(node, group)
    const committed = this.world.committed.of(hex(group.clusterId))
    // By what the disk says is committed: of a slow one, an old write may land after this member has heard of the commit of what replaces
    // its entries, in a write that comes right behind.
    const commit = image.hard?.commit ?? 0
    for (const { index, term } of entries) {
      const known = committed.get(index)
      if (index <= commit && known !== undefined && known.term !== term) this.fail(`${key}: entry ${index} of term ${known.term} is committed, and one of term ${term} has taken its place`)
    }
  }

  override sent (node: SimNode, namespace: string, frame: GroupFrame): void {
    const told = frame.messages.reduce((max, message) => 'commit' in message ? Math.max(max, message.commit) : max, 0)
    const group = node.hosts.get(namespace)?.group
    if (told === 0 || group?.self !== frame.from) return
    const commit = this.look(node, group)
    if (told > commit) this.fail(`${frame.from} told ${frame.to} that ${namespace} is committed up to ${told}, and itself knows of ${commit}`)
  }

  override applied (node: SimNode, { group }: NamespaceHost, _from: number, index: number): void {
    if (group === undefined) return
    const commit = this.look(node, group)
    if (index > commit) this.fail(`${group.self} applied entry ${index}, and knows of ${commit} to be committed`)
  }

  /** Returns the commit index of a group's member. */
  private look (node: SimNode, group: GroupHandle): number {
    const { commit, applied } = group.status()
    const { self, namespace } = group
    const key = `${node.name} ${namespace}`
    const before = this.known.get(key)
    if (before?.self === self && before.life === node.life) {
      if (commit < before.commit) this.fail(`${self} of ${namespace} went back from commit index ${before.commit} to ${commit}`)
      if (applied < before.applied) this.fail(`${self} of ${namespace} had applied ${before.applied} entries, and now ${applied}`)
    }
    this.known.set(key, { life: node.life, self, commit, applied })
    return commit
  }

  private note (key: string, { identity, hard }: Image): { incarnation: string, commit: number } | undefined {
    const hint = identity === undefined || hard === undefined ? undefined : { incarnation: identity.incarnation, commit: hard.commit }
    if (hint === undefined) this.hints.delete(key)
    else this.hints.set(key, hint)
    return hint
  }
}
