import { CodecError, concat, Reader, u64, Writer } from '../storage/index.js'
import { MAX_SESSION_ANSWERS, MAX_SESSION_BYTES } from './kv-types.js'
import { encodeKvRefused } from './kv-result.js'
import type { KvCommand, View } from './kv-types.js'

/**
 * What is remembered of a session beside its answers: below `floor`, answers were forgotten, and nothing is ever run again. `kept`: the
 * sequences whose answers are kept, in order, and how large each is; it spares a listing of them. `secret`: of its first command.
 */
export interface SessionRecord { readonly floor: number, readonly secret: Uint8Array, readonly kept: ReadonlyArray<{ readonly sequence: number, readonly bytes: number }> }

/** Both are in the table `answer`: a session's record, and one for each answer. */
export const sessionKey = (lease: number): Uint8Array => u64(lease)
export const answerKey = (lease: number, sequence: number): Uint8Array => concat(u64(lease), u64(sequence))

const NO_SECRET = new Uint8Array(0)

export function encodeSession ({ floor, secret, kept }: SessionRecord): Uint8Array {
  const out = new Writer().u64(floor).bytes(secret).u32(kept.length)
  for (const { sequence, bytes } of kept) out.u64(sequence).u32(bytes)
  return out.finish()
}

/** @throws CodecError */
export function decodeSession (value: Uint8Array): SessionRecord {
  const input = new Reader(value)
  const floor = input.u64()
  const secret = input.bytes()
  const count = input.u32()
  if (count * 12 !== input.left) throw new CodecError(`${count} answers of a session in ${input.left} bytes`)
  const kept = Array.from({ length: count }, () => ({ sequence: input.u64(), bytes: input.u32() }))
  return { floor, secret, kept }
}

/**
 * A command that is run once, however often it is sent: its answer is kept, refusals included, until the session says that it has arrived or
 * ends. What is refused for the session's own sake (`no-such-session`, `answer-forgotten`, `session-full`) changes nothing and is not kept.
 *
 * A session is its first command's: later ones have the same secret, or there is no such session for them. Leases are numbered, and belong to
 * nobody; so anybody could send a session's next sequence before its owner does, who would be given that answer for a write that was never
 * done, or acknowledge what was not sent yet, and have it refused as forgotten. The secret is hidden from those who may write, not from members,
 * who have the log. Who is first in a session that is not used yet has it: its owner is told that there is none, and is not deceived.
 *
 * `run`: answers the command, and changes nothing if it refuses it.
 */
export function runSession (
  view: View, { lease, sequence, acknowledged, secret = NO_SECRET, command }: Extract<KvCommand, { type: 'session' }>, run: (command: Uint8Array) => Uint8Array
): Uint8Array {
  if (!isThere(view, lease)) return encodeKvRefused('no-such-session')
  const stored = view.record('answer', sessionKey(lease))
  const before: SessionRecord = stored === undefined ? { floor: 0, secret, kept: [] } : decodeSession(stored)
  if (Buffer.compare(before.secret, secret) !== 0) return encodeKvRefused('no-such-session')
  // A late copy of a command whose answer has arrived long since: it was done, and is not done again.
  if (sequence < before.floor) return encodeKvRefused('answer-forgotten')
  const after: SessionRecord = { floor: Math.max(before.floor, acknowledged), secret, kept: before.kept.filter(answer => answer.sequence >= acknowledged) }
  const known = before.kept.some(answer => answer.sequence === sequence) ? answerOf(view, lease, sequence) : undefined
  // The one that all others wait for finds room: only once it is answered can those behind it be forgotten.
  if (known === undefined && sequence > after.floor && isFull(after)) return encodeKvRefused('session-full')
  const answer = known ?? run(command)
  // The command may have ended its own session: nothing of that may be left behind.
  if (!isThere(view, lease)) return answer
  for (const { sequence } of before.kept) if (sequence < acknowledged) view.deleteRecord('answer', answerKey(lease, sequence))
  if (known === undefined) view.putRecord('answer', answerKey(lease, sequence), answer)
  const kept = known !== undefined ? after.kept : [...after.kept, { sequence, bytes: answer.length }].sort((a, b) => a.sequence - b.sequence)
  view.putRecord('answer', sessionKey(lease), encodeSession({ ...after, kept }))
  return answer
}

/** How many answers are kept for it. */
export function answersOf (view: View, lease: number): number {
  const stored = view.record('answer', sessionKey(lease))
  return stored === undefined ? 0 : decodeSession(stored).kept.length
}

/** With the lease that it hangs on. */
export function forgetSession (view: View, lease: number): void {
  const stored = view.record('answer', sessionKey(lease))
  if (stored === undefined) return
  for (const { sequence } of decodeSession(stored).kept) view.deleteRecord('answer', answerKey(lease, sequence))
  view.deleteRecord('answer', sessionKey(lease))
}

/** It is said to be there: were it taken for one that never was, its command would be run again. */
function answerOf (view: View, lease: number, sequence: number): Uint8Array {
  const answer = view.record('answer', answerKey(lease, sequence))
  if (answer === undefined) throw new CodecError(`the answer ${sequence} of session ${lease} is gone`)
  return answer
}

const isThere = (view: View, lease: number): boolean => view.record('lease', u64(lease)) !== undefined

const isFull = ({ kept }: SessionRecord): boolean =>
  kept.length >= MAX_SESSION_ANSWERS || kept.reduce((sum, { bytes }) => sum + bytes, 0) >= MAX_SESSION_BYTES
