import type { InitialState, MemberId, Message, StorageWrite } from '../../../src/raft/types.js'
import { Oracle } from '../oracle.js'
import type { NodeView } from '../oracle.js'

/**
 * What a message promises is on disk before it leaves (Raft figure 2), and nobody votes twice in a term, restarts or not.
 * A request for votes is a promise too: a candidate that forgets its term in a crash, and maybe the end of its log with it, can ask
 * again in the same term, and be elected by an answer to the first request that was still under way.
 */
export class Durability extends Oracle {
  readonly name = 'durability'
  /** Votes that are durable, and votes that were told. */
  private readonly durable = new Map<MemberId, Map<number, MemberId>>()
  private readonly told = new Map<MemberId, Map<number, MemberId>>()

  override started (node: NodeView, { hardState }: InitialState): void {
    if (hardState.vote !== undefined) of(this.durable, node.id).set(hardState.term, hardState.vote)
  }

  override stored (node: NodeView, { hardState }: StorageWrite): void {
    if (hardState?.vote !== undefined) of(this.durable, node.id).set(hardState.term, hardState.vote)
  }

  override sent (node: NodeView, message: Message): void {
    if (message.from !== node.id) this.fail(`${node.id} sends a message in the name of ${message.from}`)
    switch (message.type) {
      case 'vote-reply':
        if (message.granted) this.checkVote(node, message.term, message.to)
        break
      case 'vote':
        this.checkVote(node, message.term, node.id)
        break
      case 'append-reply':
        if (!message.rejected) this.checkAppended(node, message.to, message.term, message.index)
        break
      default:
    }
  }

  private checkVote (node: NodeView, term: number, candidate: MemberId): void {
    const durable = of(this.durable, node.id).get(term)
    // With a later term on disk this one is past for good, and so is every other vote in it.
    if (durable !== candidate && node.disk.hardState.term <= term) this.fail(`${node.id} tells its vote for ${candidate} in term ${term}, but on its disk it is ${durable ?? 'none'}`)
    const told = of(this.told, node.id).get(term)
    if (told !== undefined && told !== candidate) this.fail(`${node.id} votes twice in term ${term}: for ${told} and for ${candidate}`)
    of(this.told, node.id).set(term, candidate)
  }

  private checkAppended (node: NodeView, to: MemberId, term: number, index: number): void {
    const { disk } = node
    if (disk.hardState.term < term) this.fail(`${node.id} acknowledges an append of term ${term}, but its disk knows of term ${disk.hardState.term} only`)
    // A later term on the disk: what was held in this one was overwritten since, in a write that landed together with it.
    if (disk.hardState.term > term) return
    if (disk.lastIndex < index) this.fail(`${node.id} acknowledges ${index}, but its disk ends at ${disk.lastIndex}`)
    const leader = this.world.nodes.find(n => n.id === to)
    if (leader === undefined || !leader.up || leader.raft.role !== 'leader' || leader.raft.term !== term) return
    const theirs = leader.image.term(index)
    if (theirs !== undefined && !disk.holds(index, theirs)) {
      this.fail(`${node.id} acknowledges ${index} to ${to}, but holds another entry there than the leader of term ${term}: term ${disk.term(index)}, not ${theirs}`)
    }
  }
}

function of (map: Map<MemberId, Map<number, MemberId>>, id: MemberId): Map<number, MemberId> {
  let inner = map.get(id)
  if (inner === undefined) {
    inner = new Map()
    map.set(id, inner)
  }
  return inner
}
