import type { NamedBarrier } from './barrier.js'
import type { Config, ConfigOptions } from './config.js'
import type { CronApi } from './cron/types.js'
import type { DoubleBarrier } from './double-barrier.js'
import type { Election } from './election.js'
import type { EventLog, EventLogOptions } from './event-log.js'
import type { Lock, LockOptions } from './lock.js'
import type { Queue } from './queue.js'
import type { Semaphore } from './semaphore.js'
import type { LeaseOptions } from './types.js'

/** What is built on top of the state, for members and clients alike. */
export interface Recipes {
  /** Waits for its turn and holds the lock until it is released, disposed of, or lost with its lease: watch its `signal`, and pass its `token` on. */
  lock: (name: string, options?: LockOptions) => Promise<Lock>
  /** The lock if nobody has it, or undefined. It never waits for others. */
  tryLock: (name: string, options?: LeaseOptions) => Promise<Lock | undefined>
  /** At most `permits` holders at a time. All who use it at a time must name the same number. */
  semaphore: (name: string, permits: number) => Semaphore
  election: (name: string) => Election
  /** A gate that one closes and many wait at. Not `barrier()`, after which local state holds all that was committed. */
  namedBarrier: (name: string) => NamedBarrier
  /** So many begin together, and none goes on before all have ended. */
  doubleBarrier: (name: string, count: number) => DoubleBarrier
  /** First in, first out; each item is handed to one consumer at a time, until one says that it is done. */
  queue: (name: string) => Queue
  /** Keys with values and their versions, each of which must be named to be replaced. */
  config: (project: string, options?: ConfigOptions) => Config
  /** Events that are kept and read by all in one order, and others that are only told to whoever listens. */
  eventLog: (name: string, options?: EventLogOptions) => EventLog
  /** Jobs that are run at their times. */
  readonly cron: CronApi
}
