import { randomBytes } from 'node:crypto'
import { systemClock } from '../clock.js'
import { BusyError, InvalidArgumentError, messageOf, RaftMeshError, SessionExpiredError, UnknownOutcomeError } from '../errors.js'
import { decodeOnceAnswer, encodeOnce, encodeOpen, encodeOpened, SECRET_BYTES } from '../machine/exactly-once.js'
import { checkOptions, sameBytes } from './names.js'
import { isPassing, pause } from './waiting.js'
import type { Clock } from '../clock.js'
import type { OnceAnswer } from '../machine/exactly-once.js'
import type { AbortOptions } from '@libp2p/interface'

const FIRST_PAUSE_MS = 10
const LAST_PAUSE_MS = 500
const OPEN_TRIES = 5

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
  readonly #secret: Uint8Array
  readonly #clock: Clock
  /** Ascending. */
  readonly #underWay = new Set<number>()
  #next = 1

  /** `id`: the index at which the session was opened. */
  constructor (group: Applies, readonly id: number, secret: Uint8Array, clock: Clock) {
    this.#group = group
    this.#secret = secret
    this.#clock = clock
  }

  /**
   * What the machine answered, to keep.
   *
   * @throws SessionExpiredError, UnknownOutcomeError after `timeout`, BusyError when too many are under way; and what `apply` throws
   */
  async apply (command: Uint8Array, options: OnceOptions = {}): Promise<Uint8Array> {
    checkOptions(options, ['timeout', 'signal'], 'apply')
    const { signal, timeout = 30_000 } = options
    if (typeof timeout !== 'number' || !(timeout >= 0)) throw new InvalidArgumentError(`timeout must be a number of ms, got ${String(timeout)}`)
    if (!(command instanceof Uint8Array)) throw new InvalidArgumentError(`A command must be a Uint8Array, got ${typeof command}`)
    // What is sent again must be what was sent before, whatever its caller writes into it meanwhile.
    const own = new Uint8Array(command)
    const sequence = this.#next++
    this.#underWay.add(sequence)
    try {
      return await this.#untilAnswered(sequence, own, this.#clock.now() + timeout, signal)
    } finally {
      // One that was given up, too: once a later one says so, a copy of it that is still on its way is refused.
      this.#underWay.delete(sequence)
    }
  }

  async #untilAnswered (sequence: number, command: Uint8Array, until: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    /** An earlier try may have been run, or may yet be. */
    let doubtful = false
    for (let tries = 0; ; tries++) {
      let trouble: unknown
      try {
        const answer = await this.#send(sequence, command, signal)
        if (answer.ok) return answer.result
        // Also `full`, of a copy: it may yet find room where this one found none.
        trouble = this.#refusal(answer.refused, doubtful)
      } catch (error) {
        trouble = error
      }
      if (trouble instanceof SessionExpiredError || trouble instanceof ForeignMachineError) throw trouble
      doubtful ||= trouble instanceof RaftMeshError && trouble.outcome === 'unknown'
      if (!doubtful) throw trouble
      // A member that is broken for good says so at once, and would be asked again and again without a turn for anything else in this process.
      if (!isPassing(trouble)) throw unanswered(this.id, trouble)
      await pauseBefore(tries, this.#clock, until, signal)
      if (signal?.aborted === true || this.#clock.now() >= until) throw unanswered(this.id, trouble)
    }
  }

  async #send (sequence: number, command: Uint8Array, signal: AbortSignal | undefined): Promise<OnceAnswer> {
    const [acknowledged = sequence] = this.#underWay
    const { result } = await this.#group.apply(encodeOnce({ session: this.id, secret: this.#secret, sequence, acknowledged, command }), { signal })
    const answer = decodeOnceAnswer(result)
    if (answer === undefined) throw new ForeignMachineError(`A command of session ${this.id} was answered by a machine that is no ExactlyOnce, and may have been run: give one to join, on all members`)
    return answer
  }

  #refusal (refused: Exclude<OnceAnswer, { ok: true }>['refused'], doubtful: boolean): RaftMeshError {
    switch (refused) {
      case 'expired': return new SessionExpiredError(`Session ${this.id} is not remembered any more: open another`, doubtful ? 'unknown' : 'refused')
      case 'full': return new BusyError(`Session ${this.id} has too many commands under way: wait for some of them`)
      case 'forgotten':
      case 'malformed': return new InvalidArgumentError(`The group did not take the command of session ${this.id} (${refused}): its members may run another version`)
    }
  }
}

/** To send the command again would run it again. */
class ForeignMachineError extends UnknownOutcomeError { static override readonly name: string = 'UnknownOutcomeError' }

function unanswered (id: number, cause: unknown): UnknownOutcomeError {
  return cause instanceof UnknownOutcomeError ? cause : new UnknownOutcomeError(`A command of session ${id} was sent and never answered: it may have been run (${messageOf(cause)})`, { cause })
}

/** Before trying again; not beyond `until`, nor once the signal aborts. */
async function pauseBefore (tries: number, clock: Clock, until: number, signal: AbortSignal = new AbortController().signal): Promise<void> {
  const ms = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries, until - clock.now())
  // Whoever gave up is told what is known.
  if (ms > 0) await pause(clock, ms, signal).catch(() => {})
}

/** Opens a session. One whose opening was answered by nobody is of no harm: it is forgotten when others need its room. */
export async function once (group: Applies, { signal, clock = systemClock }: AbortOptions & { clock?: Clock } = {}): Promise<Once> {
  const secret = new Uint8Array(randomBytes(SECRET_BYTES))
  for (let tries = 0; ; tries++) {
    try {
      const { index, result } = await group.apply(encodeOpen(secret), { signal })
      if (!sameBytes(result, encodeOpened(secret))) throw new InvalidArgumentError('The machine of this namespace is no ExactlyOnce: give one to join, on all members')
      return new Once(group, index, secret, clock)
    } catch (error) {
      if (!(error instanceof UnknownOutcomeError) || tries + 1 === OPEN_TRIES) throw error
      await pauseBefore(tries, clock, Infinity, signal)
      signal?.throwIfAborted()
    }
  }
}
