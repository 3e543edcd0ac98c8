import { InvalidArgumentError } from '../errors.js'
import { CodecError, Reader, Writer } from '../storage/index.js'
import type { Command, StateMachine } from './types.js'
import type { SnapshotMeta } from '../raft/types.js'

export interface ExactlyOnceOptions {
  /** Sessions that are remembered: the one that was silent for longest makes room for a new one. Set it alike on all members. Default 10,000. */
  sessions?: number
  /** Answers kept for a session, which are all those that it has not said it got. Set it alike on all members. Default 256. */
  answers?: number
}

const OPEN = 1
const RUN = 2

const DONE = 0
const EXPIRED = 1
const FULL = 2
const FORGOTTEN = 3
const MALFORMED = 4
const OPENED = 5

/** Of a session: random bytes that its holder makes. */
export const SECRET_BYTES = 16

/** How a command of a session ended; `refused`: it was not run, now or ever. */
export type OnceAnswer = { readonly ok: true, readonly result: Uint8Array } | { readonly ok: false, readonly refused: 'expired' | 'full' | 'forgotten' | 'malformed' }

const REFUSALS = { [EXPIRED]: 'expired', [FULL]: 'full', [FORGOTTEN]: 'forgotten', [MALFORMED]: 'malformed' } as const

/** A session is named by the index that opened it, which anybody may guess: `secret` is what shows that a command is its holder's. */
interface SessionCommand { readonly session: number, readonly secret: Uint8Array, readonly sequence: number, readonly acknowledged: number, readonly command: Uint8Array }

export const encodeOpen = (secret: Uint8Array): Uint8Array => new Writer().u8(OPEN).raw(secret).finish()

/** The answer to `encodeOpen`. It gives the secret back: another machine may answer what it does not know with anything, but not with that. */
export const encodeOpened = (secret: Uint8Array): Uint8Array => new Writer().u8(OPENED).raw(secret).finish()

export function encodeOnce ({ session, secret, sequence, acknowledged, command }: SessionCommand): Uint8Array {
  return new Writer().u8(RUN).u64(session).raw(secret).u64(sequence).u64(acknowledged).raw(command).finish()
}

/** Undefined: it is none, but what some other machine said. */
export function decodeOnceAnswer (bytes: Uint8Array): OnceAnswer | undefined {
  // A copy: the bytes may be the very ones that the machine of this process keeps, and the caller may write into what it got.
  if (bytes[0] === DONE) return { ok: true, result: new Uint8Array(bytes.subarray(1)) }
  const refused = bytes.length === 1 ? REFUSALS[bytes[0] as keyof typeof REFUSALS] : undefined
  return refused === undefined ? undefined : { ok: false, refused }
}

interface Session { readonly secret: Uint8Array, floor: number, bytes: number, readonly answers: Map<number, Uint8Array> }

/** Of the answers of a session: with more, only the oldest command that is under way finds room. */
const MAX_ANSWER_BYTES = 1 << 20

/**
 * A state machine of one's own, whose commands are run once however often they are sent (Ongaro §6.3): each carries its session and its
 * sequence, and the answer of each is kept until the session has said that it got it. Sessions and answers are part of the state, and of its
 * snapshots. A command of a session that is not remembered any more is refused, never run a second time. So is one that does not know the
 * session's secret: whoever may send commands could else send the next one of a session before its holder does, who would be given that answer
 * for a command that was never run. The secret is hidden from them, not from members, who have the log.
 *
 * Give it to `join` in place of the machine, and send commands with {@link once}. The machine must not keep durable state of its own
 * (`appliedIndex`): what was run, and that it was, would reach the disk apart from each other.
 *
 * Grows with the sessions and the answers that they have not confirmed, to the bounds of `options`.
 */
export class ExactlyOnce implements StateMachine {
  /** By id, which is the index that opened it. The one that was silent for longest is first. */
  readonly #sessions = new Map<number, Session>()
  readonly #machine: StateMachine
  readonly #most: Required<ExactlyOnceOptions>
  /** Only where the machine has one: whoever hosts it takes the lack of it to mean that a member that was removed stays so. */
  readonly reset?: () => Promise<void>

  constructor (machine: StateMachine, { sessions = 10_000, answers = 256 }: ExactlyOnceOptions = {}) {
    if (machine.appliedIndex !== undefined) throw new TypeError('ExactlyOnce needs a machine without durable state of its own (appliedIndex): the two would not be of one moment after a crash')
    for (const [name, value] of Object.entries({ sessions, answers })) {
      if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError(`${name} must be an integer of 1 or more, got ${String(value)}`)
    }
    this.#machine = machine
    this.#most = { sessions, answers }
    if (machine.reset !== undefined) {
      this.reset = async () => {
        await machine.reset?.()
        this.#sessions.clear()
      }
    }
  }

  async apply (commands: readonly Command[]): Promise<Uint8Array[]> {
    const results: Uint8Array[] = []
    for (const command of commands) results.push(await this.#one(command))
    return results
  }

  snapshot (): AsyncIterable<Uint8Array> {
    const count = new Writer().u32(this.#sessions.size).finish()
    const sessions = [...this.#sessions].map(([id, session]) => writeSession(id, session))
    // Asked for its first piece at the call, as the machine was promised: the body of an `async *` begins only then, and would find the
    // state after later commands.
    const pieces = this.#machine.snapshot()[Symbol.asyncIterator]()
    let next = pieces.next()
    next.catch(() => {}) // Whoever reads hears of it; nobody may.
    return (async function * () {
      try {
        yield count
        for (const session of sessions) yield new Writer().bytes(session).finish()
        for (let piece = await next; piece.done !== true; piece = await next) {
          yield piece.value
          next = pieces.next()
        }
      } finally {
        await pieces.return?.()
      }
    })()
  }

  async restore (source: AsyncIterable<Uint8Array>, meta: SnapshotMeta): Promise<void> {
    const input = new Pieces(source)
    const sessions: Array<[number, Session]> = []
    for (let left = new Reader(await input.take(4)).u32(); left > 0; left--) sessions.push(readSession(await input.take(new Reader(await input.take(4)).u32())))
    await this.#machine.restore(input.rest(), meta)
    this.#sessions.clear()
    for (const [id, session] of sessions) this.#sessions.set(id, session)
  }

  async close (): Promise<void> { await this.#machine.close?.() }

  async #one (command: Command): Promise<Uint8Array> {
    const input = new Reader(command.data)
    try {
      const kind = input.u8()
      if (kind === OPEN && input.left === SECRET_BYTES) return this.#open(command.index, input.raw(SECRET_BYTES))
      if (kind !== RUN) return Uint8Array.of(MALFORMED)
      const [session, secret, sequence, acknowledged] = [input.u64(), input.raw(SECRET_BYTES), input.u64(), input.u64()]
      // A command that confirmed its own answer, or those of later ones, would shut out what its session has yet to send.
      if (acknowledged > sequence) return Uint8Array.of(MALFORMED)
      return await this.#run(command, { session, secret, sequence, acknowledged, command: input.raw(input.left) })
    } catch (error) {
      if (error instanceof CodecError) return Uint8Array.of(MALFORMED)
      throw error
    }
  }

  #open (id: number, secret: Uint8Array): Uint8Array {
    if (this.#sessions.size >= this.#most.sessions) {
      const [silent] = this.#sessions.keys()
      this.#sessions.delete(silent)
    }
    this.#sessions.set(id, { secret: new Uint8Array(secret), floor: 0, bytes: 0, answers: new Map() })
    return encodeOpened(secret)
  }

  async #run (command: Command, { session: id, secret, sequence, acknowledged, command: data }: SessionCommand): Promise<Uint8Array> {
    const session = this.#sessions.get(id)
    if (session === undefined || Buffer.compare(session.secret, secret) !== 0) return Uint8Array.of(EXPIRED)
    this.#sessions.delete(id)
    this.#sessions.set(id, session)
    const known = session.answers.get(sequence)
    if (known !== undefined) return known
    if (sequence < session.floor) return Uint8Array.of(FORGOTTEN)
    session.floor = Math.max(session.floor, acknowledged)
    for (const [old, answer] of session.answers) {
      if (old >= session.floor) continue
      session.answers.delete(old)
      session.bytes -= answer.length
    }
    // The one that all others wait for always finds room, or it would wait for them.
    if (sequence > session.floor && (session.answers.size >= this.#most.answers || session.bytes >= MAX_ANSWER_BYTES)) return Uint8Array.of(FULL)
    const [result] = await this.#machine.apply([{ ...command, data }])
    const answer = new Writer().u8(DONE).raw(result).finish()
    session.answers.set(sequence, answer)
    session.bytes += answer.length
    return answer
  }
}

function writeSession (id: number, { secret, floor, answers }: Session): Uint8Array {
  const out = new Writer().u64(id).raw(secret).u64(floor).u32(answers.size)
  for (const [sequence, answer] of answers) out.u64(sequence).bytes(answer)
  return out.finish()
}

function readSession (body: Uint8Array): [number, Session] {
  const input = new Reader(body)
  const [id, session] = [input.u64(), { secret: new Uint8Array(input.raw(SECRET_BYTES)), floor: input.u64(), bytes: 0, answers: new Map<number, Uint8Array>() }]
  for (let kept = input.u32(); kept > 0; kept--) {
    const [sequence, answer] = [input.u64(), input.bytes().slice()]
    session.answers.set(sequence, answer)
    session.bytes += answer.length
  }
  input.end()
  return [id, session]
}

/** A stream, of which the first bytes are taken in exact numbers. */
class Pieces {
  readonly #source: AsyncIterator<Uint8Array>
  #held: Uint8Array = new Uint8Array(0)

  constructor (source: AsyncIterable<Uint8Array>) { this.#source = source[Symbol.asyncIterator]() }

  async take (length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (let missing = length; missing > 0;) {
      if (this.#held.length === 0) {
        const { done, value } = await this.#source.next()
        if (done === true) throw new CodecError('a snapshot that ends before its sessions do')
        this.#held = value
      }
      const part = this.#held.subarray(0, missing)
      this.#held = this.#held.subarray(part.length)
      missing -= part.length
      parts.push(part)
    }
    return Buffer.concat(parts)
  }

  async * rest (): AsyncGenerator<Uint8Array> {
    if (this.#held.length > 0) yield this.#held
    yield * { [Symbol.asyncIterator]: () => this.#source }
  }
}
