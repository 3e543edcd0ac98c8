import {
  BusyError, InvalidArgumentError, LeaseNotFoundError, LockLostError, SessionExpiredError, TooLargeError, UnknownOutcomeError
} from '../errors.js'
import { decodeKvResult } from '../machine/index.js'
import { MAX_RANGE_DELETE, MAX_TXN_RANGES } from '../machine/kv-types.js'
import type { RaftMeshError } from '../errors.js'
import type { KvAnswer, KvResult, RefusalReason } from '../machine/kv-types.js'

type AnswerOf<T extends KvAnswer['type']> = Extract<KvAnswer, { type: T }>

/** What every member refused alike, as its caller gets it. Nothing was changed, and trying again at once will not help. */
const refusals: Readonly<Record<RefusalReason, () => RaftMeshError>> = {
  'unknown-command': () => new InvalidArgumentError('The group refused the command (unknown-command): its members may run an older version'),
  malformed: () => new InvalidArgumentError('The group refused the command (malformed): its members may run an older version'),
  'no-such-lease': () => new LeaseNotFoundError('There is no such lease (any more): it has expired or was revoked; grant another'),
  'no-such-session': () => new SessionExpiredError('The session is over: its lease has expired or was revoked; begin another'),
  'too-many-leases': () => new BusyError('The namespace has as many leases as it can hold: revoke those that nobody needs'),
  'lease-full': () => new TooLargeError('The lease holds as many keys as one can: use another for more'),
  'too-many-keys': () => new TooLargeError(`The range holds more keys than one command deletes (${MAX_RANGE_DELETE}): give a limit, and do it again until none are left`),
  'too-many-ranges': () => new TooLargeError(`The transaction deletes more than ${MAX_TXN_RANGES} ranges: make it several, or delete what is in them key by key`),
  'too-large': () => new TooLargeError('What the command reads is more than an answer can hold: read less in one transaction'),
  'session-full': () => new BusyError('The session has as many writes without an answer as it can keep: wait for some of them'),
  // It was run, some time, and how it went is not known any more.
  'answer-forgotten': () => new UnknownOutcomeError('The write was made before, and its answer is not kept any more: read to find out how it went'),
  'future-revision': () => new InvalidArgumentError('That revision is yet to come: compact up to one that is there'),
  'queue-full': () => new BusyError('The queue is full: wait until something in it is acknowledged, or discard dead letters'),
  'not-held': () => new LockLostError('That is not held by the one who asked (any more)')
}

/** @throws the error of the refusal */
export function readResult (bytes: Uint8Array): KvAnswer {
  const result = decode(bytes)
  if (!result.ok) throw refusals[result.reason]()
  return result
}

/** A result of one kind: what the command is answered with by every version that knows it. */
export function readResultOf<T extends KvAnswer['type']> (type: T, bytes: Uint8Array): AnswerOf<T> {
  const result = readResult(bytes)
  if (result.type !== type) throw unreadable(`it is "${result.type}" in place of "${type}"`)
  return result as AnswerOf<T>
}

export function unreadable (why: string, cause?: unknown): UnknownOutcomeError {
  return new UnknownOutcomeError(`The result of the write cannot be read (${why}): it may have happened, and the peer may run an incompatible version`, { cause })
}

function decode (bytes: Uint8Array): KvResult {
  try {
    return decodeKvResult(bytes) as KvResult
  } catch (cause) {
    throw unreadable((cause as Error).message, cause)
  }
}
