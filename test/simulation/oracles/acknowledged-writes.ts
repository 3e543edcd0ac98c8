import type { Configuration, Ready } from '../../../src/raft/types.js'
import { Oracle } from '../oracle.js'
import type { NodeView, Write } from '../oracle.js'

/**
 * Nothing acknowledged is ever lost. What counts as committed is on the disks of a quorum at the moment at which the first node
 * hands it out, and what a client was told is in the log that everybody ends up with.
 */
export class AcknowledgedWrites extends Oracle {
  readonly name = 'acknowledged writes'
  private readonly writes: Write[] = []
  private checked = 0

  override ready (node: NodeView, ready: Ready): void {
    for (const { index, term } of ready.committed) {
      if (index <= this.checked) continue
      this.checked = index
      // The genesis entry is committed by the founders' agreement, not by a leader.
      if (index > 1 && !this.onQuorum(node, index, term)) this.fail(`${node.id} hands out ${index} of term ${term}, which no quorum holds on disk`)
    }
  }

  override acknowledged (node: NodeView, write: Write): void {
    const entry = this.world.committed.entry(write.index)
    if (entry === undefined) this.fail(`write ${write.id} was acknowledged by ${node.id} at ${write.index}, which nobody has committed`)
    if (commandId(entry.data) !== write.id) this.fail(`write ${write.id} was acknowledged at ${write.index}, where ${entry.kind} ${commandId(entry.data)} was committed`)
    this.writes.push(write)
  }

  override finished (): void {
    for (const write of this.writes) {
      const entry = this.world.committed.entry(write.index)
      if (entry === undefined || commandId(entry.data) !== write.id) this.fail(`acknowledged write ${write.id} is gone from index ${write.index}`)
    }
    for (const node of this.world.nodes) {
      if (node.digest !== this.world.committed.digest(node.applied)) this.fail(`${node.id} ends in another state at ${node.applied} than the rest`)
    }
  }

  /** By the configuration that the leader of the term went by. Where that leader is gone, by that of anybody. */
  private onQuorum (node: NodeView, index: number, term: number): boolean {
    const holders = new Set(this.world.nodes.filter(n => n.disk.holds(index, term)).map(n => n.id))
    const leader = this.world.nodes.find(n => n.up && n.raft.role === 'leader' && n.raft.term === node.raft.term)
    return (leader === undefined ? this.world.nodes : [leader]).some(n => governing(n, index).some(configuration => majorities(configuration, holders)))
  }
}

/**
 * Those that an entry can have been committed under: the one that it was appended under, or the next. A configuration itself is committed
 * under itself: the next one waits for that.
 */
function governing ({ image }: NodeView, index: number): Configuration[] {
  const all = image.configurations()
  const at = all.findLast(c => c.index <= index)
  const next = at?.index === index ? undefined : all.find(c => c.index > index)
  return [at, next].filter(c => c !== undefined).map(c => c.configuration)
}

function majorities ({ voters, outgoing }: Configuration, holders: ReadonlySet<string>): boolean {
  return [voters, outgoing].every(half => half.length === 0 || half.filter(id => holders.has(id)).length > half.length / 2)
}

/** The first four bytes of a command of the simulated clients. */
export function commandId (data: Uint8Array): number | undefined {
  return data.length < 4 ? undefined : new DataView(data.buffer, data.byteOffset, 4).getUint32(0)
}
