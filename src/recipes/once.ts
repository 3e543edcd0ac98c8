import { BusyError, ClosedError, InvalidArgumentError, NoLeaderError, NotLeaderError, RaftMeshError, SessionExpiredError, UnavailableError, UnknownOutcomeError } from '../errors.js'
import { decodeOnceAnswer, encodeOnce, encodeOpen } from '../machine/exactly-once.js'
import type { AbortOptions } from '@libp2p/interface'

/** A `Cluster` or `Client` of a namespace whose machine is an `ExactlyOnce`. */
export interface Applies { apply: (command: Uint8Array, options?: AbortOptions) => Promise<{ index: number, result: Uint8Array }> }

export interface OnceOptions extends AbortOptions {
  /** ms for which a command is sent again while nobody knows whether it was run. Default 30,000. */
  timeout?: number
}

/**
 * Commands of one session, each run exactly once: where an answer was lost, the same command is sent again, and answered from what the group
 * remembers.
 */
export class Once {
  readonly #group: Applies
  readonly #now: () => number
  readonly #unanswered = new Set<number>()
  #next = 1

  /** `id`: the index at which the session was opened. */
  constructor (group: Applies, readonly id: number, now: () => number) {
    this.#group = group
    this.#now = now
  }

  /**
   * What the machine answered.
   *
   * @throws SessionExpiredError, UnknownOutcomeError after `timeout`, BusyError when too many are under way; and what `apply` throws
   */
  async apply (command: Uint8Array, { signal, timeout = 30_000 }: OnceOptions = {}): Promise<Uint8Array> {
    const sequence = this.#next++
    this.#unanswered.add(sequence)
    const bytes = encodeOnce({ session: this.id, sequence, acknowledged: Math.min(...this.#unanswered), command })
    const until = this.#now() + timeout
    let sent = false
    for (;;) {
      let result: Uint8Array | undefined
      try {
        result = (await this.#group.apply(bytes, { signal })).result
      } catch (error) {
        const isUnknown = error instanceof RaftMeshError && error.outcome === 'unknown'
        // Its number stays among those that are not answered: what may yet be run must not be forgotten before that.
        if (isUnknown) sent = true
        else if (!sent) {
          this.#unanswered.delete(sequence)
          throw error
        }
        if (signal?.aborted === true || error instanceof ClosedError || !(isUnknown || isPassing(error)) || this.#now() >= until) {
          throw isUnknown ? error : new UnknownOutcomeError(`A command of session ${this.id} was sent and never answered: it may have been run (${(error as Error).message})`, { cause: error })
        }
      }
      if (result === undefined) continue
      this.#unanswered.delete(sequence)
      return this.#read(result, sent)
    }
  }

  #read (bytes: Uint8Array, sent: boolean): Uint8Array {
    const answer = decodeOnceAnswer(bytes)
    if (answer.ok) return answer.result
    switch (answer.refused) {
      case 'expired': throw new SessionExpiredError(`Session ${this.id} is not remembered any more: open another`, sent ? 'unknown' : 'refused')
      case 'full': throw new BusyError(`Session ${this.id} has too many commands under way: wait for some of them`)
      case 'forgotten':
      case 'malformed': throw new InvalidArgumentError(`The group did not take the command of session ${this.id} (${answer.refused}): its members may run another version`)
    }
  }
}

/** What was tried for a while already, and may go better the next time. Anything else would come again at once, and hold up the whole process. */
const isPassing = (error: unknown): boolean => [NoLeaderError, NotLeaderError, UnavailableError, BusyError].some(passing => error instanceof passing)

/** Opens a session. One whose opening was answered by nobody is of no harm: it is forgotten when others need its room. */
export async function once (group: Applies, { signal, now = () => performance.now() }: AbortOptions & { now?: () => number } = {}): Promise<Once> {
  for (let tries = 1; ; tries++) {
    try {
      const { index, result } = await group.apply(encodeOpen(), { signal })
      if (!decodeOnceAnswer(result).ok) throw new InvalidArgumentError('The machine of this namespace is no ExactlyOnce: give one to join, on all members')
      return new Once(group, index, now)
    } catch (error) {
      if (!(error instanceof UnknownOutcomeError) || tries === 5) throw error
    }
  }
}
