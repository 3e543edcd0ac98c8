/**
 * An invariant of consensus broke: a bug here, a bug in a peer, or a disk that lost what it had acknowledged. The core must not be
 * used any further: whoever drives it stops the group, loudly, before it can answer anyone.
 */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Stays on in production. Where building the message would cost on a hot path, test first and call {@link fail}. */
export function assert (condition: unknown, message: string): asserts condition {
  if (condition !== true) throw new InvariantError(message)
}

export function fail (message: string): never {
  throw new InvariantError(message)
}

/** Indexes, terms and times are numbers: beyond 2^53 two of them would compare equal. */
export function assertIndex (value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new InvariantError(`${what} is ${value}: a safe integer of 0 or more is needed`)
}
