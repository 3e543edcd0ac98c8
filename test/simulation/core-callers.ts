import type { Entry, ReadResult } from '../../src/raft/types.js'
import { Violation } from './oracle.js'
import type { NodeView, Read, Write } from './oracle.js'
import { commandId } from './oracles/acknowledged-writes.js'
import type { Surroundings } from './surroundings.js'

/** Those who wait at one node for a write or a read, answered as the engine would answer them. */
export class CoreCallers {
  private readonly writes = new Map<number, Write>()
  private readonly reads = new Map<number, Read>()
  /** Their index is known, and not applied yet. */
  private due: Array<{ read: Read, index: number }> = []
  private contexts = 0

  constructor (private readonly node: NodeView, private readonly world: Surroundings) {}

  get waiting (): number { return this.writes.size + this.reads.size }
  get waitingWrites (): number { return this.writes.size }

  /** They die with their node; contexts start anew. */
  clear (): void {
    this.writes.clear()
    this.reads.clear()
    this.due = []
  }

  wrote (ids: readonly number[], lastIndex: number, term: number): void {
    ids.forEach((id, i) => {
      const index = lastIndex - ids.length + 1 + i
      this.writes.set(index, { id, index, term, beganAt: this.world.now })
    })
  }

  beginRead (lease: boolean): Read {
    const read: Read = { context: this.contexts++, lease, beganAt: this.world.now, beganTick: this.node.ticks, floor: this.world.floor }
    this.reads.set(read.context, read)
    for (const oracle of this.world.oracles) oracle.readBegan(this.node, read)
    return read
  }

  results (results: readonly ReadResult[]): void {
    for (const result of results) {
      const read = this.reads.get(result.context)
      if (read === undefined) throw new Violation('callers are answered', `${this.node.id} answers a read ${result.context} that was never asked`)
      for (const oracle of this.world.oracles) oracle.readAnswered(this.node, read, 'refused' in result ? undefined : result.index)
      if ('refused' in result) this.finishRead(read, undefined)
      else this.due.push({ read, index: result.index })
    }
    this.advance()
  }

  applied (entry: Entry): void {
    const write = this.writes.get(entry.index)
    if (write === undefined) return
    this.writes.delete(entry.index)
    // Its place in the log may have been taken by another term: then it was refused, whatever was accepted before.
    if (write.term !== entry.term) return
    if (commandId(entry.data) !== write.id) throw new Violation('acknowledged writes', `write ${write.id} found ${commandId(entry.data)} at ${entry.index} in its own term`)
    for (const oracle of this.world.oracles) oracle.acknowledged(this.node, write)
  }

  /** Whether writes up to there were committed is more than a snapshot can tell: unknown. */
  installed (index: number): void {
    for (const at of this.writes.keys()) if (at <= index) this.writes.delete(at)
    this.advance()
  }

  /** A write accepted by a leadership that has ended has an unknown outcome; its caller is told so at once. */
  roleChanged (): void {
    const { role, term } = this.node.raft
    for (const [index, write] of this.writes) if (role !== 'leader' || write.term !== term) this.writes.delete(index)
  }

  /** The state machine got further. */
  advance (): void {
    if (this.due.length === 0) return
    const ripe = this.due.filter(r => r.index <= this.node.applied)
    this.due = this.due.filter(r => r.index > this.node.applied)
    for (const { read, index } of ripe) this.finishRead(read, index)
  }

  private finishRead (read: Read, index: number | undefined): void {
    this.reads.delete(read.context)
    for (const oracle of this.world.oracles) oracle.readDone(this.node, read, index)
  }
}
