import type { Configuration, MemberId, Message } from '../../../src/raft/types.js'
import { Oracle } from '../oracle.js'
import type { NodeView, Read } from '../oracle.js'

interface Answer { readonly at: number, readonly roundBeganAt: number }

/**
 * A leader answers a read when a quorum has said, after the read began, that it still follows (Ongaro §6.4); by its lease, while one is left
 * that began with a round which a quorum answered (§6.4.1). A stale read needs a second leader at the right moment; this sees it without.
 */
export class ConfirmedReads extends Oracle {
  readonly name = 'confirmed reads'
  private readonly rounds = new Map<string, number>()
  /** The last answer of each member to each leadership. */
  private readonly answers = new Map<string, Map<MemberId, Answer>>()

  override sent (node: NodeView, message: Message): void {
    if (message.type === 'heartbeat') {
      const round = `${node.id} ${message.term} ${message.read}`
      if (!this.rounds.has(round)) this.rounds.set(round, this.world.now)
    } else if (message.type === 'heartbeat-reply' && message.read > 0) {
      const { to, term, read } = message
      const before = this.answersTo(to, term).get(node.id)?.roundBeganAt ?? -Infinity
      const roundBeganAt = Math.max(before, this.rounds.get(`${to} ${term} ${read}`) ?? -Infinity)
      this.answersTo(to, term).set(node.id, { at: this.world.now, roundBeganAt })
    }
  }

  override readAnswered (node: NodeView, read: Read, index: number | undefined): void {
    if (index === undefined || node.raft.role !== 'leader') return
    const { leaseMs } = this.world
    const since = this.answersTo(node.id, node.raft.term)
    const confirms = ({ at, roundBeganAt }: Answer): boolean =>
      at >= read.beganAt || (read.lease && leaseMs !== undefined && roundBeganAt + leaseMs > read.beganAt)
    const confirmed = (id: MemberId): boolean => {
      const answer = since.get(id)
      return id === node.id || (answer !== undefined && confirms(answer))
    }
    // A change may have come between its being confirmed and its being told.
    const last = node.image.configurations().slice(-2)
    if (!last.some(({ configuration }) => majorities(configuration, confirmed))) {
      this.fail(`a ${read.lease ? 'lease ' : ''}read on ${node.id}, leader of term ${node.raft.term}, was answered that began at ${read.beganAt}, and no quorum has confirmed that it still led`)
    }
  }

  private answersTo (leader: MemberId, term: number): Map<MemberId, Answer> {
    const key = `${leader} ${term}`
    let answers = this.answers.get(key)
    if (answers === undefined) this.answers.set(key, answers = new Map())
    return answers
  }
}

function majorities ({ voters, outgoing }: Configuration, has: (id: MemberId) => boolean): boolean {
  return [voters, outgoing].every(half => half.length === 0 || half.filter(has).length > half.length / 2)
}
