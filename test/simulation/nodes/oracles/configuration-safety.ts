import { decodeConfiguration } from '../../../../src/raft/configuration.js'
import { hex, NodeOracle } from '../oracle.js'
import type { Image, Stored } from '../image.js'
import type { SimNode } from '../sim-node.js'
import type { GroupHandle } from '../../../../src/engine/index.js'
import type { NamespaceHost } from '../../../../src/service/namespace-host.js'
import type { Configuration, Entry } from '../../../../src/raft/types.js'
import type { GroupFrame } from '../../../../src/wire/index.js'

interface Change { readonly index: number, readonly configuration: string }

/**
 * A leader makes one change at a time, and none before it has committed in its own term (Ongaro 2015). A member stands by the latest
 * configuration of its own log, so by the one before when that is truncated; where the log is committed, all stand by the same.
 */
export class ConfigurationSafety extends NodeOracle {
  readonly name = 'configuration safety'
  /** Of each leadership, the last change that was seen. */
  private readonly made = new Map<string, number>()
  /** Of each group, in order. */
  private readonly committedChanges = new Map<string, Change[]>()

  override landed (node: SimNode, namespace: string, _image: Image, entries: readonly Entry[]): void {
    const group = node.hosts.get(namespace)?.group
    if (group !== undefined && entries.some(isConfiguration)) this.checkMade(node, group, entries)
  }

  override sent (node: SimNode, namespace: string, frame: GroupFrame): void {
    const group = node.hosts.get(namespace)?.group
    if (group?.self !== frame.from) return
    let acknowledged = false
    for (const message of frame.messages) {
      if (message.type === 'append' && message.entries.some(isConfiguration)) this.checkMade(node, group, message.entries)
      acknowledged ||= message.type === 'append-reply' && !message.rejected
    }
    if (acknowledged) this.checkInForce(node, group)
  }

  override committed (cluster: string, { entry }: Stored): void {
    if (!isConfiguration(entry)) return
    const changes = this.committedChanges.get(cluster) ?? []
    changes.push({ index: entry.index, configuration: show(decodeConfiguration(entry.data)) })
    this.committedChanges.set(cluster, changes.sort((a, b) => a.index - b.index))
  }

  override applied (node: SimNode, { group }: NamespaceHost): void {
    if (group === undefined) return
    this.checkInForce(node, group)
    const { commit, configuration, configurationIndex } = group.status()
    const latest = this.committedChanges.get(hex(group.clusterId))?.findLast(({ index }) => index <= commit)
    if (latest === undefined || configurationIndex > commit) return
    if (configurationIndex < latest.index || (configurationIndex === latest.index && show(configuration) !== latest.configuration)) {
      this.fail(`${group.self} has committed up to ${commit}, and stands by the configuration of ${configurationIndex}, ${show(configuration)}; the group by that of ${latest.index}, ${latest.configuration}`)
    }
  }

  /** By a leader, of its own term, as soon as anybody can see it. */
  private checkMade (node: SimNode, group: GroupHandle, entries: readonly Entry[]): void {
    const { role, term, commit, termCommitted } = group.status()
    if (role !== 'leader') return
    const key = `${hex(group.clusterId)} ${term}`
    const image = this.world.imageOf(node, group.namespace)
    for (const { index } of entries.filter(entry => isConfiguration(entry) && entry.term === term)) {
      const last = this.made.get(key) ?? 0
      if (index <= last) continue
      this.made.set(key, index)
      const before = Math.max(last, ...[...image.configurations.keys()].filter(at => at < index))
      if (before > commit) this.fail(`${group.self} changed the members of ${group.namespace} at ${index} in term ${term} while the change at ${before} is not committed`)
      if (!termCommitted) this.fail(`${group.self} changed the members of ${group.namespace} at ${index} before it had committed in its term ${term}`)
    }
  }

  /** Where all of its log is on its disk, and so the same as what it goes by. */
  private checkInForce (node: SimNode, group: GroupHandle): void {
    const { lastIndex, storedIndex, configuration, configurationIndex } = group.status()
    const image = this.world.imageOf(node, group.namespace)
    if (storedIndex !== lastIndex || image.lastIndex !== lastIndex) return
    const latest = [...image.configurations.values()].at(-1)
    if (latest === undefined ? configurationIndex > image.start : configurationIndex !== latest.index || show(configuration) !== show(decodeConfiguration(latest.data))) {
      this.fail(`${group.self} of ${group.namespace} stands by the configuration of ${configurationIndex}, ${show(configuration)}; the latest in its log is ${latest === undefined ? `before ${image.start}` : `that of ${latest.index}`}`)
    }
  }
}

const isConfiguration = ({ kind }: Entry): boolean => kind === 'config'

function show ({ voters, outgoing, learners, learnersNext }: Configuration): string {
  return [voters, outgoing, learners, learnersNext].map(members => members.join(',')).join(' | ')
}
