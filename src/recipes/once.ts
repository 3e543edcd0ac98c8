import { BusyError, InvalidArgumentError, NoLeaderError, NotLeaderError, RaftMeshError, SessionExpiredError, UnavailableError, UnknownOutcomeError } from '../errors.js'
import { decodeOnceAnswer, encodeOnce, encodeOpen } from '../machine/exactly-once.js'
import type { OnceAnswer } from '../machine/exactly-once.js'
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
  readonly #underWay = new Set<number>()
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
    this.#underWay.add(sequence)
    try {
      return await this.#send(sequence, command, this.#now() + timeout, signal)
    } finally {
      // One that was given up, too: once a later one says so, a copy of it that is still on its way is refused.
      this.#underWay.delete(sequence)
    }
  }

  async #send (sequence: number, command: Uint8Array, until: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    let sent = false
    for (;;) {
      const bytes = encodeOnce({ session: this.id, sequence, acknowledged: Math.min(...this.#underWay), command })
      let trouble: Error
      try {
        const answer = decodeOnceAnswer((await this.#group.apply(bytes, { signal })).result)
        if (answer.ok) return answer.result
        // A copy of it may yet find room where this one found none.
        if (answer.refused !== 'full' || !sent) throw this.#refusal(answer.refused, sent)
        trouble = this.#refusal('full', sent)
      } catch (error) {
        const isUnknown = error instanceof RaftMeshError && error.outcome === 'unknown' && !(error instanceof SessionExpiredError)
        if (!isUnknown && !(sent && wasTried(error))) throw sent && !(error instanceof SessionExpiredError) ? unanswered(this.id, error as Error) : error
        sent = true
        trouble = error as Error
      }
      if (signal?.aborted === true || this.#now() >= until) throw trouble instanceof UnknownOutcomeError ? trouble : unanswered(this.id, trouble)
    }
  }

  #refusal (refused: Exclude<OnceAnswer, { ok: true }>['refused'], sent: boolean): RaftMeshError {
    switch (refused) {
      case 'expired': return new SessionExpiredError(`Session ${this.id} is not remembered any more: open another`, sent ? 'unknown' : 'refused')
      case 'full': return new BusyError(`Session ${this.id} has too many commands under way: wait for some of them`)
      case 'forgotten':
      case 'malformed': return new InvalidArgumentError(`The group did not take the command of session ${this.id} (${refused}): its members may run another version`)
    }
  }
}

const unanswered = (id: number, cause: Error): UnknownOutcomeError => new UnknownOutcomeError(`A command of session ${id} was sent and never answered: it may have been run (${cause.message})`, { cause })

/** What was tried for a while already, and may go better the next time. Anything else would come again at once, and hold up the whole process. */
const wasTried = (error: unknown): boolean => [NoLeaderError, NotLeaderError, UnavailableError, BusyError].some(passing => error instanceof passing)

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
