import './polyfill.js'

export { createNode } from './service/create-node.js'
export { raft } from './service/raft-service.js'
export { presets } from './service/presets.js'
export type * from './service/api.js'
export { ExactlyOnce } from './machine/exactly-once.js'
export type { ExactlyOnceOptions } from './machine/exactly-once.js'
export type { Command, StateMachine } from './machine/types.js'
export { once } from './recipes/once.js'
export type { NamedBarrier } from './recipes/barrier.js'
// By longer names: join has a history, and configurations have updates, too.
export type {
  CronApi, Delivery, HistoryOptions as CronHistoryOptions, Job, JobOptions, Missed, NewJob, Overlap, Retries, Run, RunContext, RunHandler, RunOptions, RunState, Schedule, Subscription,
  UpdateOptions as CronUpdateOptions
} from './recipes/cron/types.js'
export type { DoubleBarrier } from './recipes/double-barrier.js'
export type { Election, Leader, Leadership } from './recipes/election.js'
export type { Lock, LockOptions } from './recipes/lock.js'
export type { Held } from './recipes/place.js'
export type {
  Config, ConfigDeleteOptions, ConfigEntry, ConfigEvent, ConfigList, ConfigOptions, ConfigVersion, ConfigWatchOptions, ConfigWritten, UpdateOptions as ConfigUpdateOptions
} from './recipes/config.js'
export type { EventLog, EventLogOptions, EventReadOptions, FollowOptions, LogEvent } from './recipes/event-log.js'
export type { Listening, LogMessage } from './recipes/event-log-listening.js'
export type { Permit, Semaphore } from './recipes/semaphore.js'
export type { ConsumeOptions, DeadLetters, PeekOptions, PopOptions, Pushed, PushOptions, Queue, QueueEntry, QueueItem, QueueLength, QueueSettings, ReleaseOptions } from './recipes/queue.js'
export type { Applies, Once, OnceOptions } from './recipes/once.js'
export type { Recipes } from './recipes/recipes.js'
export type { TurnOptions } from './recipes/turns.js'
export type { Clock, Timer } from './clock.js'
export type { Configuration, MemberId, SnapshotMeta } from './raft/types.js'
export { openNodeStore } from './storage/index.js'
export type { AtRest, NodeStore } from './storage/index.js'
export type { RaftComponents } from './service/node-context.js'
export type { CommandServerStats, LinkStats } from './wire/index.js'
export type { LinkCounters } from './wire/link-stats.js'
export {
  BootstrapError, BusyError, ClosedError, ForeignClusterError, FormationError, GroupFailedError, InvalidArgumentError, InvalidNamespaceError, MalformedFrameError,
  MembershipError, NoLeaderError, NotAuthorizedError, NotLeaderError, ProtocolVersionError, RaftMeshError, StoreCorruptError, StoreIdentityError, StoreInUseError,
  StorePoisonedError, TooLargeError, UnavailableError, UnknownNamespaceError, UnknownOutcomeError
} from './errors.js'
export { CompactedError, ConflictError, EncryptionKeyError, LeaseLostError, LeaseNotFoundError, LockLostError, NotFoundError, SessionExpiredError } from './errors.js'
export { generateKey, KeyRing } from './keys/index.js'
export type { EncryptionKey, KeyRingInit, Secret } from './keys/index.js'
export type { Outcome } from './errors.js'
