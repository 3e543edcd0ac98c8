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
export type {
  CronApi, Delivery, HistoryOptions, Job, JobOptions, Missed, NewJob, Overlap, Retries, Run, RunContext, RunHandler, RunOptions, RunState, Schedule, Subscription, UpdateOptions
} from './recipes/cron/types.js'
export type { DoubleBarrier } from './recipes/double-barrier.js'
export type { Election, Leader, Leadership } from './recipes/election.js'
export type { Lock, LockOptions } from './recipes/lock.js'
export type { Held } from './recipes/place.js'
export type { Config, ConfigEntry, ConfigEvent, ConfigList, ConfigOptions, ConfigVersion, ConfigWritten } from './recipes/config.js'
export type { EventLog, EventLogOptions, LogEvent } from './recipes/event-log.js'
export type { Listening, LogMessage } from './recipes/event-log-listening.js'
export type { Permit, Semaphore } from './recipes/semaphore.js'
export type { ConsumeOptions, DeadLetters, PopOptions, Pushed, PushOptions, Queue, QueueEntry, QueueItem, QueueLength, QueueSettings } from './recipes/queue.js'
export type { Once, OnceOptions } from './recipes/once.js'
export type { Configuration, SnapshotMeta } from './raft/types.js'
export { openNodeStore } from './storage/index.js'
export type { NodeStore } from './storage/index.js'
export {
  BootstrapError, BusyError, ClosedError, ForeignClusterError, FormationError, GroupFailedError, InvalidArgumentError, InvalidNamespaceError, MalformedFrameError,
  MembershipError, NoLeaderError, NotAuthorizedError, NotLeaderError, ProtocolVersionError, RaftMeshError, StoreCorruptError, StoreIdentityError, StoreInUseError,
  StorePoisonedError, TooLargeError, UnavailableError, UnknownNamespaceError, UnknownOutcomeError
} from './errors.js'
export { CompactedError, ConflictError, EncryptionKeyError, LeaseLostError, LeaseNotFoundError, LockLostError, NotFoundError, SessionExpiredError } from './errors.js'
export { generateKey, KeyRing } from './keys/index.js'
export type { KeyRingInit, Secret } from './keys/index.js'
export type { Outcome } from './errors.js'
