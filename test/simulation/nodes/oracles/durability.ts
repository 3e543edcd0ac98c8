import { NodeOracle } from '../oracle.js'
import type { Image } from '../image.js'
import type { SimNode } from '../sim-node.js'
import type { Entry, HardState } from '../../../../src/raft/types.js'
import type { GroupFrame } from '../../../../src/wire/index.js'

interface Durable { readonly incarnation: string, readonly hard: HardState, readonly lastIndex: number }

/** Term and vote never go back, and nothing is promised to others before what it rests on is synced (Raft, figure 2). */
export class Durability extends NodeOracle {
  readonly name = 'vote, term and log are durable'
  private readonly synced = new Map<string, Durable>()

  override landed (node: SimNode, namespace: string, { identity, hard, lastIndex }: Image, _entries: readonly Entry[], synced: boolean): void {
    const key = `${node.name} ${namespace}`
    if (identity === undefined || hard === undefined) {
      this.synced.delete(key)
      return
    }
    const before = this.synced.get(key)
    if (before?.incarnation === identity.incarnation) {
      if (hard.term < before.hard.term) this.fail(`${key}: term ${before.hard.term} became ${hard.term}`)
      if (hard.term === before.hard.term && before.hard.vote !== undefined && hard.vote !== before.hard.vote) this.fail(`${key}: the vote of term ${hard.term} for ${before.hard.vote} became one for ${hard.vote ?? 'nobody'}`)
    }
    if (synced) this.synced.set(key, { incarnation: identity.incarnation, hard, lastIndex })
  }

  override started (node: SimNode): void {
    for (const key of this.synced.keys()) {
      const [name, namespace] = key.split(' ')
      if (name === node.name && this.world.imageOf(node, namespace).identity === undefined) this.synced.delete(key)
    }
  }

  override sent (node: SimNode, namespace: string, frame: GroupFrame): void {
    const durable = this.synced.get(`${node.name} ${namespace}`)
    for (const message of frame.messages) {
      if (message.type === 'vote-reply' && message.granted && (durable === undefined || durable.hard.term < message.term || (durable.hard.term === message.term && durable.hard.vote !== message.to))) {
        this.fail(`${node.name} told ${message.to} of its vote in term ${message.term} of ${namespace} before that was durable`)
      }
      // One of an earlier term may leave late, when a later leader has replaced the entry in the same write: it can't make up a majority then, for
      // whoever voted for that leader had compared logs with the entry in its own.
      const lacks = durable === undefined || durable.hard.term < message.term || (durable.hard.term === message.term && durable.lastIndex < ('index' in message ? message.index : 0))
      if (message.type === 'append-reply' && !message.rejected && lacks) {
        this.fail(`${node.name} acknowledged entry ${message.index} of ${namespace} in term ${message.term}, and has ${durable?.lastIndex ?? 'nothing'} of term ${durable?.hard.term ?? 0} durable`)
      }
    }
  }
}
