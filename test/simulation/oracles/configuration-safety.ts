import { decodeConfiguration } from '../../../src/raft/configuration.js'
import type { Configuration, Entry, MemberId, Ready } from '../../../src/raft/types.js'
import { Oracle } from '../oracle.js'
import type { NodeView } from '../oracle.js'

/**
 * A leader has one change under way at most, none before it has committed in its own term (Ongaro 2015), and each step is safe by
 * itself: one voter at a time, or into and out of a joint configuration (Raft §6). Everyone uses the latest configuration of its own
 * log, and goes back to the one before when that is truncated. Who has no vote doesn't lead: not from the start, and not once its removal
 * is committed.
 */
export class ConfigurationSafety extends Oracle {
  readonly name = 'configuration safety'

  override ready (node: NodeView, ready: Ready): void {
    const entries = ready.write?.entries ?? []
    const configurations = entries.some(e => e.kind === 'config') || ready.write?.snapshot !== undefined || ready.configuration !== undefined
    // A truncation can take a configuration away without bringing one.
    if (configurations || entries.length > 0) this.checkEffective(node)
    if (node.raft.role === 'leader') {
      // Told again when it is committed.
      if (ready.soft !== undefined || ready.configuration !== undefined) this.checkVoter(node)
      for (const entry of entries) if (entry.kind === 'config' && entry.term === node.raft.term) this.checkChange(node, entry)
    }
  }

  private checkVoter (node: NodeView): void {
    const all = node.image.configurations()
    const committed = all.findLastIndex(c => c.index <= node.raft.commit)
    const mayCount = all.slice(Math.max(0, committed))
    const { id } = node
    if (!mayCount.some(({ configuration: { voters, outgoing } }) => voters.includes(id) || outgoing.includes(id))) {
      this.fail(`${id} leads term ${node.raft.term}, but has no vote: ${mayCount.map(c => `${c.index}: ${show(c.configuration)}`).join('; ')}`)
    }
  }

  private checkEffective (node: NodeView): void {
    const { configuration, configurationIndex } = node.raft.status()
    const inLog = node.image.configurations().at(-1)
    if (inLog === undefined) return
    if (configurationIndex !== inLog.index || show(configuration) !== show(inLog.configuration)) {
      this.fail(`${node.id} uses the configuration of ${configurationIndex}, ${show(configuration)}, but the latest in its log is that of ${inLog.index}, ${show(inLog.configuration)}`)
    }
  }

  private checkChange (node: NodeView, entry: Entry): void {
    const { image, raft } = node
    const before = image.configurations().filter(c => c.index < entry.index).at(-1)
    if (before === undefined) this.fail(`${node.id} changes members at ${entry.index} without knowing any`)
    if (before.index > raft.commit) this.fail(`${node.id} changes members at ${entry.index} while the change at ${before.index} is not committed`)
    const commit = raft.commit
    if (image.term(commit) !== undefined && image.term(commit) !== raft.term) this.fail(`${node.id} changes members at ${entry.index} before it has committed in its term ${raft.term}`)
    const next = decodeConfiguration(entry.data)
    if (!safeStep(before.configuration, next)) this.fail(`the change at ${entry.index} from ${show(before.configuration)} to ${show(next)} is not safe in one step`)
  }
}

function safeStep (from: Configuration, to: Configuration): boolean {
  if (to.voters.length === 0) return false
  if (to.outgoing.length > 0) return from.outgoing.length === 0 && same(to.outgoing, from.voters)
  if (from.outgoing.length > 0) return same(to.voters, from.voters)
  const changed = to.voters.filter(v => !from.voters.includes(v)).length + from.voters.filter(v => !to.voters.includes(v)).length
  return changed <= 1
}

function same (a: readonly MemberId[], b: readonly MemberId[]): boolean {
  return a.join() === b.join()
}

function show ({ voters, outgoing, learners, learnersNext }: Configuration): string {
  return [`voters ${voters.join(',')}`, outgoing.length > 0 && `outgoing ${outgoing.join(',')}`, learners.length > 0 && `learners ${learners.join(',')}`, learnersNext.length > 0 && `next learners ${learnersNext.join(',')}`]
    .filter(part => part !== false).join(' ')
}
