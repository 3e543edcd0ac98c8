import type { MemberId, Message, Ready } from '../../../src/raft/types.js'
import { Oracle } from '../oracle.js'
import type { NodeView } from '../oracle.js'

/**
 * Whoever leads has the votes of a majority, of both while joint, in that very term (Raft §5.2, §6). Two leaders of a term are
 * rare even where an election went wrong; this sees it at the first one.
 */
export class ElectedByQuorum extends Oracle {
  readonly name = 'elected by a quorum'
  /** By term and candidate: who has told it of its vote. That such a vote is on disk by then is another promise. */
  private readonly votes = new Map<string, Set<MemberId>>()
  private readonly checked = new Map<MemberId, number>()

  override sent (node: NodeView, message: Message): void {
    if (message.type === 'vote-reply' && message.granted) this.votesFor(message.to, message.term).add(node.id)
    else if (message.type === 'vote') this.votesFor(node.id, message.term).add(node.id)
  }

  override ready (node: NodeView, { soft }: Ready): void {
    if (soft?.role !== 'leader' || this.checked.get(node.id) === soft.term) return
    this.checked.set(node.id, soft.term)
    const votes = this.votesFor(node.id, soft.term).add(node.id)
    // Its own term's entries are its own doing since: those before are what it was elected under.
    const configuration = node.image.configurations().findLast(c => node.image.term(c.index) !== soft.term)?.configuration
    for (const half of [configuration?.voters ?? [], configuration?.outgoing ?? []]) {
      if (half.length > 0 && half.filter(id => votes.has(id)).length <= half.length / 2) {
        this.fail(`${node.id} leads term ${soft.term} by the votes of ${[...votes].join(',') || 'nobody'}, of the voters ${half.join(',')}`)
      }
    }
  }

  private votesFor (candidate: MemberId, term: number): Set<MemberId> {
    const key = `${term} ${candidate}`
    let votes = this.votes.get(key)
    if (votes === undefined) this.votes.set(key, votes = new Set())
    return votes
  }
}
