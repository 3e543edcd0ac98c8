import { Oracle } from '../oracle.js'
import type { NodeView, Read } from '../oracle.js'

/** A read sees everything that anybody knew to be committed before it began (Raft §8, Ongaro §6.4). */
export class LinearizableReads extends Oracle {
  readonly name = 'linearizable reads'

  override readDone (node: NodeView, read: Read, index: number | undefined): void {
    if (index === undefined) return
    if (index < read.floor) this.fail(`a ${read.lease ? 'lease ' : ''}read on ${node.id} that began at ${read.beganAt} was served at index ${index}, but ${read.floor} had been committed before`)
    if (node.applied < index) this.fail(`a read at ${index} was answered by ${node.id}, which has applied ${node.applied} only`)
  }
}
