import type { Entry, Ready } from '../../../src/raft/types.js'
import { sameEntry } from '../committed-log.js'
import { Oracle } from '../oracle.js'
import type { NodeView } from '../oracle.js'

const TERMS = 65_536

/**
 * Two logs that hold an entry of the same index and term are the same up to there (Raft §5.3). By induction it is enough that an
 * index and a term decide the entry and the term before it. Times never go back along a log either.
 */
export class LogMatching extends Oracle {
  readonly name = 'log matching'
  private readonly seen = new Map<number, { entry: Entry, prevTerm: number }>()

  override ready (node: NodeView, ready: Ready): void {
    for (const entry of ready.write?.entries ?? []) {
      const prevTerm = node.image.term(entry.index - 1)
      if (prevTerm === undefined) this.fail(`${node.id} appended ${entry.index} without holding the entry before`)
      if (entry.term < prevTerm) this.fail(`${node.id} holds an entry of term ${entry.term} at ${entry.index}, after one of term ${prevTerm}`)
      const before = node.image.entry(entry.index - 1)
      if (before !== undefined && before.time > entry.time) this.fail(`on ${node.id} time goes back at ${entry.index}: from ${before.time} to ${entry.time}`)
      const key = entry.index * TERMS + entry.term
      const known = this.seen.get(key)
      if (known === undefined) {
        this.seen.set(key, { entry, prevTerm })
      } else if (!sameEntry(known.entry, entry) || known.prevTerm !== prevTerm) {
        this.fail(`two different logs up to index ${entry.index} of term ${entry.term}; the second on ${node.id}`)
      }
    }
  }
}
