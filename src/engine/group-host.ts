import type { Clock } from '../clock.js'
import type { Core } from '../raft/types.js'
import type { Network } from '../wire/types.js'
import type { Group } from './group.js'
import type { GroupSnapshots } from './group-snapshots.js'
import type { EngineLog, EngineOptions, GroupInit, GroupLimits, TickPlan } from './options.js'
import type { Peers } from './peers.js'
import type { SnapshotBuilder } from './snapshot-builder.js'
import type { SnapshotSender } from './snapshot-sender.js'
import type { Ticker } from './ticker.js'
import type { WriteQueue } from './write-queue.js'

/** What the engine lends to each of its groups. */
export interface GroupHost {
  readonly clock: Clock
  readonly random: () => number
  readonly network: Network
  readonly log: EngineLog
  readonly options: EngineOptions
  readonly writes: WriteQueue
  readonly ticker: Ticker<Group>
  readonly peers: Peers<Group>
  readonly builder: SnapshotBuilder<GroupSnapshots>
  readonly sender: SnapshotSender<GroupSnapshots>
  /** The group has work: give it a turn. */
  mark: (group: Group) => void
  /** Its handle was closed: its cluster id may be opened again. */
  closed: (group: Group) => void
}

export interface GroupParts {
  readonly init: GroupInit
  readonly clusterId: Uint8Array
  readonly core: Core
  readonly plan: TickPlan
  readonly limits: GroupLimits
}
