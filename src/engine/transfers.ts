import { UnavailableError } from '../errors.js'
import { defer } from './deferred.js'
import type { Deferred } from './deferred.js'
import type { Core, SoftState } from '../raft/types.js'

/** Who waits for another member to lead. */
export class Transfers {
  readonly #namespace: string
  #waiting: Array<{ readonly deferred: Deferred<void>, readonly deadline: number }> = []

  constructor (namespace: string) {
    this.#namespace = namespace
  }

  get pending (): boolean { return this.#waiting.length > 0 }

  async wait (deadline: number): Promise<void> {
    const deferred = defer()
    this.#waiting.push({ deferred, deadline })
    await deferred.promise
  }

  soft ({ role, leader }: SoftState): void {
    if (role === 'leader' || leader === undefined) return
    for (const { deferred } of this.#waiting.splice(0)) deferred.resolve()
  }

  /** Once a tick: the core gives a transfer up after an election timeout, and then leads on. */
  tick (core: Core, now: number): void {
    if (this.#waiting.length === 0) return
    const kept = core.role === 'leader' && core.status().transferTarget === undefined
    const over = this.#waiting.filter(({ deadline }) => kept || deadline <= now)
    this.#waiting = this.#waiting.filter(waiting => !over.includes(waiting))
    const outcome = kept ? 'the target did not take over in time, and this node leads on' : 'nobody is known to lead yet'
    for (const { deferred } of over) deferred.reject(new UnavailableError(`leadership of ${this.#namespace} was not handed over: ${outcome}`))
  }

  end (error: Error): void {
    for (const { deferred } of this.#waiting.splice(0)) deferred.reject(error)
  }
}
