import type { Oracle, WorldView } from '../oracle.js'
import { AcknowledgedWrites } from './acknowledged-writes.js'
import { Answered } from './answered.js'
import { CommitOrder } from './commit-order.js'
import { ConfigurationSafety } from './configuration-safety.js'
import { ConfirmedReads } from './confirmed-reads.js'
import { Durability } from './durability.js'
import { ElectedByQuorum } from './elected-by-quorum.js'
import { ElectionSafety } from './election-safety.js'
import { LeaderCompleteness } from './leader-completeness.js'
import { LeasePromise } from './lease-promise.js'
import { LinearizableReads } from './linearizable-reads.js'
import { LogMatching } from './log-matching.js'
import { StateMachineSafety } from './state-machine-safety.js'

/** All of them. Progress after healing is the run's own to judge. */
export function oracles (world: WorldView): Oracle[] {
  const all = [ElectionSafety, ElectedByQuorum, LogMatching, LeaderCompleteness, StateMachineSafety, CommitOrder, Durability, AcknowledgedWrites, LeasePromise, ConfirmedReads, LinearizableReads, ConfigurationSafety, Answered]
  return all.map(OracleClass => new OracleClass(world))
}
