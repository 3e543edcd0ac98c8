import { FOREIGN_TERM } from '../foreigner.js'
import { decodeConfiguration } from '../../../../src/raft/configuration.js'
import { decodeKvCommand } from '../../../../src/machine/kv-command.js'
import { memberId, peerOf } from '../../../../src/wire/index.js'
import { ownWrites } from './own-writes.js'
import { hex, NodeOracle } from '../oracle.js'
import type { Image, Stored } from '../image.js'
import type { SimNode } from '../sim-node.js'
import type { Configuration, Entry } from '../../../../src/raft/types.js'
import type { GroupFrame } from '../../../../src/wire/index.js'

const text = new TextDecoder()

/** A group hears nobody but its own: no entry, vote, term or member comes from another, and only its own word makes a member leave it. */
export class NoCrossing extends NodeOracle {
  readonly name = 'nothing crosses between groups'
  /** By cluster id, the one of the plan. */
  private readonly groups = new Map<string, string>()
  /** Cluster id of the group in which a value was written. */
  private readonly values = new Map<string, string>()
  private readonly members = new Map<string, { readonly cluster: string, readonly member: string }>()
  /** Of each group, those that any of its logs has held, by index and term. */
  private readonly configurations = new Map<string, Map<string, { readonly index: number, readonly members: readonly string[] }>>()

  override landed (node: SimNode, namespace: string, { identity, hard }: Image, entries: readonly Entry[]): void {
    const key = `${node.name} ${namespace}`
    if (identity === undefined) {
      const left = this.members.get(key)
      this.members.delete(key)
      if (left !== undefined && !this.wasRemoved(left)) this.fail(`${left.member} left ${namespace}, and nobody has removed it`)
      return
    }
    const cluster = hex(identity.clusterId)
    const group = groupOf(node, namespace)
    this.members.set(key, { cluster, member: memberId(node.peer, identity.incarnation) })
    const known = this.groups.get(cluster)
    if (known === undefined) this.groups.set(cluster, group)
    else if (known !== group) this.fail(`${node.name} of ${group} is in ${cluster}, which is the group ${known}`)
    if (hard !== undefined && hard.term >= FOREIGN_TERM) this.fail(`${node.name} is in the term ${hard.term} of a stranger in ${namespace}`)
    if (hard?.vote !== undefined) this.checkMember(node, namespace, hard.vote, 'voted for')
    for (const entry of entries) {
      if (entry.term >= FOREIGN_TERM) this.fail(`${node.name} holds the entry ${entry.index} of a stranger in ${namespace}`)
      if (entry.kind !== 'config') continue
      const members = everyone(decodeConfiguration(entry.data))
      for (const member of members) this.checkMember(node, namespace, member, `has in the configuration of ${entry.index}`)
      this.configurationsOf(cluster).set(`${entry.index} ${entry.term}`, { index: entry.index, members })
    }
  }

  /** With an empty disk, it was an operator who made it leave. */
  override started (node: SimNode): void {
    for (const namespace of node.wanted.keys()) if (this.world.imageOf(node, namespace).identity === undefined) this.members.delete(`${node.name} ${namespace}`)
  }

  override sent (node: SimNode, namespace: string, frame: GroupFrame): void {
    const group = this.groups.get(hex(frame.clusterId))
    if (group !== undefined && group !== groupOf(node, namespace)) this.fail(`${node.name} of ${groupOf(node, namespace)} speaks in ${group}`)
    this.checkMember(node, namespace, frame.to, 'speaks to')
    for (const { term } of frame.messages) if (term >= FOREIGN_TERM) this.fail(`${node.name} speaks of the term ${term} of a stranger in ${namespace}`)
  }

  override committed (cluster: string, { entry }: Stored): void {
    if (entry.kind !== 'command') return
    for (const op of ownWrites(decodeKvCommand(entry.data))) {
      const value = text.decode(op.value)
      const known = this.values.get(value)
      if (known !== undefined && known !== cluster) this.fail(`the write of ${value} is committed in ${known} and in ${cluster}`)
      this.values.set(value, cluster)
    }
  }

  private checkMember (node: SimNode, namespace: string, member: string, does: string): void {
    const other = this.world.nodes.find(({ peer }) => peer === peerOf(member))
    if (other === undefined || groupOf(other, namespace) !== groupOf(node, namespace)) this.fail(`${node.name} ${does} ${other?.name ?? member}, which is not of its group of ${namespace}`)
  }

  private wasRemoved ({ cluster, member }: { readonly cluster: string, readonly member: string }): boolean {
    const all = [...this.configurationsOf(cluster).values()]
    // A founder may be in none of them: the first was on the disks from the start.
    const since = Math.min(...all.filter(({ members }) => members.includes(member)).map(({ index }) => index))
    // At one index, a configuration that was never committed may name it, and the one that took its place be its removal.
    return all.some(({ index, members }) => (since === Infinity || index >= since) && !members.includes(member))
  }

  private configurationsOf (cluster: string): Map<string, { readonly index: number, readonly members: readonly string[] }> {
    let known = this.configurations.get(cluster)
    if (known === undefined) this.configurations.set(cluster, known = new Map())
    return known
  }
}

const groupOf = (node: SimNode, namespace: string): string => node.wanted.get(namespace)?.group ?? 'none'

const everyone = ({ voters, outgoing, learners, learnersNext }: Configuration): string[] => [...voters, ...outgoing, ...learners, ...learnersNext]
