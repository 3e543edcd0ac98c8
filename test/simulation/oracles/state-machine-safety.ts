import { decodeConfiguration } from '../../../src/raft/configuration.js'
import type { Entry, Ready, SnapshotMeta } from '../../../src/raft/types.js'
import { sameEntry } from '../committed-log.js'
import { Oracle } from '../oracle.js'
import type { NodeView } from '../oracle.js'

/** Nobody ever applies another entry at an index that somebody has applied (Raft §5.4.3), and a snapshot is a prefix of that same history. */
export class StateMachineSafety extends Oracle {
  readonly name = 'state machine safety'

  override ready (node: NodeView, ready: Ready): void {
    for (const entry of ready.committed) {
      const known = this.world.committed.entry(entry.index)
      if (known !== undefined && !sameEntry(known, entry)) {
        this.fail(`${node.id} has ${entry.kind} of term ${entry.term} committed at ${entry.index}, where ${known.kind} of term ${known.term} was committed before`)
      }
    }
  }

  override applied (node: NodeView, entry: Entry): void {
    this.checkDigest(node, entry.index)
  }

  override installed (node: NodeView, meta: SnapshotMeta): void {
    const last = this.world.committed.entry(meta.index)
    if (last === undefined) this.fail(`${node.id} installed a snapshot at ${meta.index}, beyond anything committed`)
    if (last.term !== meta.term || last.time !== meta.time) this.fail(`the snapshot at ${meta.index} on ${node.id} claims term ${meta.term} and time ${meta.time}, not ${last.term} and ${last.time}`)
    this.checkDigest(node, meta.index)
    this.checkConfiguration(node, meta)
  }

  private checkDigest (node: NodeView, index: number): void {
    if (node.digest !== this.world.committed.digest(index)) this.fail(`${node.id} has another state at ${index} than those who applied it before`)
  }

  /** Committed as of the index: never one that is only in the log beyond it, nor an older one. */
  private checkConfiguration (node: NodeView, meta: SnapshotMeta): void {
    let index = meta.index
    while (index > 0 && this.world.committed.entry(index)?.kind !== 'config') index--
    const entry = this.world.committed.entry(index)
    if (index !== meta.configurationIndex || (entry !== undefined && JSON.stringify(decodeConfiguration(entry.data)) !== JSON.stringify(meta.configuration))) {
      this.fail(`the snapshot at ${meta.index} on ${node.id} carries the configuration of ${meta.configurationIndex}, not that of ${index}`)
    }
  }
}
