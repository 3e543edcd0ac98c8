import type { MemberId, Message } from '../../../src/raft/types.js'
import { Oracle } from '../oracle.js'
import type { NodeView } from '../oracle.js'

/**
 * What leases rest on (Ongaro §6.4.1): who has answered a heartbeat grants nobody a vote before a lease from the start of that heartbeat's
 * round is over, restarts or not, unless the leader itself asked the candidate to campaign.
 */
export class LeasePromise extends Oracle {
  readonly name = 'lease promise'
  /** When each leader began each round, and each voter's latest round that it answered. */
  private readonly rounds = new Map<string, number>()
  private readonly promised = new Map<MemberId, { leader: MemberId, term: number, until: number }>()
  /** Campaigns that a leader asked for, by term and candidate. */
  private readonly transfers = new Set<string>()

  override sent (node: NodeView, message: Message): void {
    const { leaseMs, now } = this.world
    if (leaseMs === undefined) return
    const { term, to } = message
    switch (message.type) {
      case 'heartbeat': {
        const round = `${node.id} ${term} ${message.read}`
        if (!this.rounds.has(round)) this.rounds.set(round, now)
        break
      }
      case 'heartbeat-reply': {
        const until = (this.rounds.get(`${to} ${term} ${message.read}`) ?? -Infinity) + leaseMs
        if (until > (this.promised.get(node.id)?.until ?? -Infinity)) this.promised.set(node.id, { leader: to, term, until })
        break
      }
      case 'vote':
        if (message.transfer) this.transfers.add(`${term} ${node.id}`)
        break
      case 'vote-reply':
        if (message.granted && !this.transfers.has(`${term} ${to}`)) this.checkVote(node, to, term)
        break
      default:
    }
  }

  private checkVote (node: NodeView, candidate: MemberId, term: number): void {
    const promise = this.promised.get(node.id)
    if (promise === undefined || promise.leader === candidate || promise.term >= term || promise.until <= this.world.now) return
    this.fail(`${node.id} votes for ${candidate} in term ${term}, ${(promise.until - this.world.now).toFixed(1)} ms before the lease is over that it gave ${promise.leader} in term ${promise.term}`)
  }
}
