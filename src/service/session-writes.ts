import { BusyError, NotLeaderError, RaftMeshError, SessionExpiredError, UnknownOutcomeError } from '../errors.js'
import { decodeKvResult, encodeKvCommand } from '../machine/index.js'
import { MAX_SESSION_ANSWERS } from '../machine/kv-types.js'
import { isPassing } from '../recipes/waiting.js'
import { pause } from './deadlines.js'
import type { Clock } from '../clock.js'
import type { RefusalReason } from '../machine/kv-types.js'
import type { WriteOptions } from '../recipes/types.js'

const FIRST_PAUSE_MS = 10
const LAST_PAUSE_MS = 500

export interface Proposed { readonly index: number, readonly result: Uint8Array }

export interface SessionWritesInit {
  readonly namespace: string
  /** Of the session. */
  readonly lease: number
  /** Known to nobody else but members: without it, whoever may write could write in this session's name. */
  readonly secret: Uint8Array
  readonly clock: Clock
  readonly random: () => number
  /** How long a write is tried, and how long its first try may take. */
  readonly requestMs: number
  readonly attemptMs: number
  /** One write as a handle makes it: tried again, for `timeoutMs`, only for as long as it is certain that it was not done. */
  readonly send: (what: string, command: Uint8Array, options: WriteOptions & { timeoutMs: number }) => Promise<Proposed>
  /** The group knows no such session. The error is of what the session has not sent yet. */
  readonly onOver: (error: SessionExpiredError) => void
}

/**
 * Writes that are done exactly once (Ongaro §6.3): each has a number of its own in the session, and the group keeps its answer. So a write
 * whose answer was lost is sent again, under its number, to whichever member leads, until it is answered or its time is up.
 *
 * `acknowledged` rises over all that is settled, and the group forgets those answers. A write that was given up (`unknown`) is settled, too, and its
 * number is never used again: once a write that was begun later is done, the one that was given up was done before it, or never will be,
 * for the group refuses what lies below `acknowledged`. So nothing that is given up can pile up here or there.
 */
export class SessionWrites {
  private next = 1
  /** Numbers under way, ascending. */
  private readonly open = new Set<number>()

  constructor (private readonly init: SessionWritesInit) {}

  async propose (what: string, command: Uint8Array, options: WriteOptions = {}): Promise<Proposed> {
    options.signal?.throwIfAborted()
    if (this.next - this.acknowledged >= MAX_SESSION_ANSWERS) {
      throw new BusyError(`A session of ${this.init.namespace} has ${MAX_SESSION_ANSWERS} writes in flight: wait until the first of them is done`)
    }
    const sequence = this.next++
    this.open.add(sequence)
    try {
      return await this.untilSettled(what, sequence, command, options)
    } finally {
      this.open.delete(sequence)
    }
  }

  /** All below is settled. */
  private get acknowledged (): number {
    const [first = this.next] = this.open
    return first
  }

  private async untilSettled (what: string, sequence: number, command: Uint8Array, options: WriteOptions): Promise<Proposed> {
    const { clock, random, requestMs, attemptMs, send, lease, secret, namespace } = this.init
    const { signal } = options
    const name = `${what} in ${namespace}`
    const endsAt = clock.now() + requestMs
    /** An earlier try may have been done, or may yet be. */
    let doubtful = false
    for (let tries = 0; ; tries++) {
      // A try that hangs must not use up the time of the next. One that is only slow is given more.
      const timeoutMs = Math.min(endsAt - clock.now(), attemptMs * 2 ** tries)
      let failure: unknown
      try {
        // It is known by its number. What is acknowledged may have risen since the last try, and made room.
        const bytes = encodeKvCommand({ type: 'session', lease, sequence, acknowledged: this.acknowledged, secret, command })
        const proposed = await send(what, bytes, { ...options, timeoutMs })
        const reason = refusalReason(proposed)
        if (reason === 'no-such-session') throw this.over(doubtful)
        if (reason !== 'session-full') return proposed
        failure = new BusyError(`The session ${lease} of ${namespace} has too many writes in flight`)
      } catch (error) {
        failure = error
      }
      doubtful ||= failure instanceof RaftMeshError && failure.outcome === 'unknown'
      if (!isWorthAnother(failure, options)) throw doubtful ? unknown(name, 'cannot be tried again', failure) : failure
      const left = endsAt - clock.now()
      if (left > 0 && signal?.aborted !== true) {
        const backOff = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) * (0.5 + random() / 2)
        // Whoever gives up is told below what is known.
        await pause(clock, Math.min(backOff, left), signal).catch(() => {})
      }
      if (signal?.aborted === true) throw doubtful ? unknown(name, 'was given up by its caller', signal.reason) : signal.reason
      if (clock.now() >= endsAt) throw doubtful ? unknown(name, `was not answered within ${Math.round(requestMs)} ms`, failure) : failure
    }
  }

  private over (doubtful: boolean): SessionExpiredError {
    const { namespace, lease, onOver } = this.init
    // One of its own: the doubt is about this write alone, and not about those that will be told of the session's end.
    onOver(new SessionExpiredError(`The session ${lease} of ${namespace} is over, the group does not know it any more: open another`))
    return doubtful
      ? new SessionExpiredError(`The session ${lease} of ${namespace} is over, and it is not known whether this write was done before: open another`, 'unknown')
      : new SessionExpiredError(`The session ${lease} of ${namespace} is over, and this write was not done: open another`)
  }
}

/** Why the command was not run, of the session or of the command itself. */
function refusalReason ({ result }: Proposed): RefusalReason | undefined {
  const decoded = decodeKvResult(result)
  return decoded.ok ? undefined : decoded.reason
}

/** Also what may have been done: that is what the number is for. */
function isWorthAnother (failure: unknown, { forward }: WriteOptions): boolean {
  if (failure instanceof SessionExpiredError) return false
  if (failure instanceof NotLeaderError) return forward !== false
  return isPassing(failure)
}

function unknown (name: string, why: string, cause: unknown): Error {
  if (cause instanceof SessionExpiredError) return cause
  return new UnknownOutcomeError(`${name} ${why}: it may have happened; once a later write of its session is done, it has or never will`, { cause })
}
