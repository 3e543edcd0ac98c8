import type { Entry, MemberId, Message, SnapshotMeta } from '../../src/raft/types.js'
import type { Oracle } from './oracle.js'
import type { Plan } from './plan.js'
import type { Random } from './random.js'
import type { Sabotage } from './sabotage.js'

/** What a node needs of the world around it. */
export interface Surroundings {
  readonly now: number
  /** Faults are over. */
  readonly healed: boolean
  readonly plan: Plan
  readonly random: Random
  readonly sabotage: Sabotage
  readonly oracles: readonly Oracle[]
  after: (delay: number, run: () => void) => void
  send: (message: Message) => void
  /** Streams a snapshot; the outcome comes back through `done`. */
  sendSnapshot: (from: MemberId, to: MemberId, term: number, meta: SnapshotMeta, digest: number, done: (sent: boolean) => void) => void
  /** Highest index that anybody has handed out as committed. */
  readonly floor: number
  /** A ready shows entries as committed. */
  learnCommitted: (entries: readonly Entry[]) => void
  trace: (line: () => string) => void
}
