import { AppliedOnce } from './applied-once.js'
import { CommitOrder } from './commit-order.js'
import { ConfigurationSafety } from './configuration-safety.js'
import { Durability } from './durability.js'
import { ElectionSafety } from './election-safety.js'
import { LeaderCompleteness } from './leader-completeness.js'
import { LogMatching } from './log-matching.js'
import { NoCrossing } from './no-crossing.js'
import { OneGroup } from './one-group.js'
import { QueueOrder } from './queue-order.js'
import { Remembers } from './remembers.js'
import { StateMachineSafety } from './state-machine-safety.js'
import type { NodeOracle, OracleWorld } from '../oracle.js'

/** All that watch a run; histories of clients are judged at its end, in ../verdict.ts. */
export const nodeOracles = (world: OracleWorld): NodeOracle[] => [
  new ElectionSafety(world), new Durability(world), new LogMatching(world), new LeaderCompleteness(world), new StateMachineSafety(world), new OneGroup(world), new AppliedOnce(world), new Remembers(world),
  new CommitOrder(world), new ConfigurationSafety(world), new NoCrossing(world), new QueueOrder(world)
]
