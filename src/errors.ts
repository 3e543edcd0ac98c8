/**
 * The errors that raftmesh throws. Each has a `name` that survives the wire, and each says what happened, to what, and what to do.
 *
 * A write has three outcomes. It is **done** when its promise resolves. A rejected write is **refused** (it did not happen and never
 * will: trying again is safe) or **unknown** (it may have happened, or may still happen: an answer was lost). `outcome` tells which;
 * for errors that are not about a write it says `refused`.
 */
export type Outcome = 'refused' | 'unknown'

export class RaftMeshError extends Error {
  static override readonly name: string = 'RaftMeshError'
  readonly outcome: Outcome = 'refused'
  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

/** An option, key, value, namespace or argument that cannot be accepted. Nothing was changed. */
export class InvalidArgumentError extends RaftMeshError { static override readonly name: string = 'InvalidArgumentError' }
/** Not `/raft/<segment>[/<segment>…]`, or longer than 255 bytes. */
export class InvalidNamespaceError extends InvalidArgumentError { static override readonly name: string = 'InvalidNamespaceError' }
/** A key or value over its limit. */
export class TooLargeError extends InvalidArgumentError { static override readonly name: string = 'TooLargeError' }

/** This member does not lead. `leader` is the peer id of the member that does, where it is known. */
export class NotLeaderError extends RaftMeshError {
  static override readonly name: string = 'NotLeaderError'
  constructor (message: string, readonly leader?: string, options?: ErrorOptions) { super(message, options) }
}
/** No leader was found within the time allowed. */
export class NoLeaderError extends RaftMeshError { static override readonly name: string = 'NoLeaderError' }
/** Over a bound (uncommitted bytes, requests in flight, queue). Try again after a pause. */
export class BusyError extends RaftMeshError { static override readonly name: string = 'BusyError' }
/** Another membership change is not committed yet, or the configuration moved on from the one expected. */
export class MembershipError extends RaftMeshError { static override readonly name: string = 'MembershipError' }
/** A write whose outcome is not known: its answer was lost, or its leader fell, before it was seen to commit. */
export class UnknownOutcomeError extends RaftMeshError {
  static override readonly name: string = 'UnknownOutcomeError'
  override readonly outcome = 'unknown' as const
}
/** A read or an admin request that could not be served in time; nothing was written. */
export class UnavailableError extends RaftMeshError { static override readonly name: string = 'UnavailableError' }
/** The peer does not host the namespace. */
export class UnknownNamespaceError extends RaftMeshError { static override readonly name: string = 'UnknownNamespaceError' }
/** The handle, group, node or client is closed. */
export class ClosedError extends RaftMeshError { static override readonly name: string = 'ClosedError' }
/** The peer's group under this namespace has another cluster id. */
export class ForeignClusterError extends RaftMeshError { static override readonly name: string = 'ForeignClusterError' }
/** The peer speaks another major version of a raftmesh protocol. */
export class ProtocolVersionError extends RaftMeshError { static override readonly name: string = 'ProtocolVersionError' }
/** Bytes from a peer that are no valid frame or message. */
export class MalformedFrameError extends RaftMeshError { static override readonly name: string = 'MalformedFrameError' }
/** The peer may not do this. */
export class NotAuthorizedError extends RaftMeshError { static override readonly name: string = 'NotAuthorizedError' }
/** A key that is missing, unknown, or not one: this node and the others, or its disk, do not share the namespace's encryption key. */
export class EncryptionKeyError extends RaftMeshError { static override readonly name: string = 'EncryptionKeyError' }
/** What was expected of the state does not hold (a version, an item that exists already): nothing was written. Read it again. */
export class ConflictError extends RaftMeshError { static override readonly name: string = 'ConflictError' }
/** History before that revision is compacted: no watch can begin there. Read the state, and watch from its revision on. */
export class CompactedError extends RaftMeshError {
  static override readonly name: string = 'CompactedError'
  /** `compacted`: the last revision that is gone, where it is known. */
  constructor (message: string, readonly compacted?: number, options?: ErrorOptions) { super(message, options) }
}
/** There is no such job, queue item, version or the like. */
export class NotFoundError extends RaftMeshError { static override readonly name: string = 'NotFoundError' }
/** The lease has expired or was revoked, or there never was one of that id. */
export class LeaseNotFoundError extends RaftMeshError { static override readonly name: string = 'LeaseNotFoundError' }
/** A lease that this program kept alive is gone, or may be: with it goes what it held. */
export class LeaseLostError extends RaftMeshError { static override readonly name: string = 'LeaseLostError' }
/** A lock, permit, leadership or queue item that was held is lost: somebody else may hold it. */
export class LockLostError extends LeaseLostError { static override readonly name: string = 'LockLostError' }
/**
 * The session is over, and with it the memory of which of its writes were done: a write is refused rather than run a second
 * time. Its `outcome` is `unknown` if an earlier try of that very write may have been done.
 */
export class SessionExpiredError extends RaftMeshError {
  static override readonly name: string = 'SessionExpiredError'
  constructor (message: string, override readonly outcome: Outcome = 'refused', options?: ErrorOptions) { super(message, options) }
}
/** Formation cannot go on without a person: peers with another `expect`, a founder lost in `expect` mode. */
export class FormationError extends RaftMeshError { static override readonly name: string = 'FormationError' }
/** A bootstrap address could not be dialled. */
export class BootstrapError extends RaftMeshError { static override readonly name: string = 'BootstrapError' }

/** The data directory is held by another process. */
export class StoreInUseError extends RaftMeshError { static override readonly name: string = 'StoreInUseError' }
/** The data directory belongs to another peer id, or is no raftmesh database. */
export class StoreIdentityError extends RaftMeshError { static override readonly name: string = 'StoreIdentityError' }
/** What storage holds contradicts itself: a hole in the log, a bad checksum, a log that does not cover what was acknowledged. */
export class StoreCorruptError extends RaftMeshError { static override readonly name: string = 'StoreCorruptError' }
/** A write or sync failed. The store is never used again; restart the process once the cause is mended. */
export class StorePoisonedError extends RaftMeshError {
  static override readonly name: string = 'StorePoisonedError'
  override readonly outcome = 'unknown' as const
}
/** A local invariant broke: the group stopped before it could answer. */
export class GroupFailedError extends RaftMeshError {
  static override readonly name: string = 'GroupFailedError'
  override readonly outcome = 'unknown' as const
}

const byName = new Map<string, new (message: string) => RaftMeshError>([
  InvalidArgumentError, InvalidNamespaceError, TooLargeError, NotLeaderError, NoLeaderError, BusyError, MembershipError, UnknownOutcomeError,
  UnavailableError, UnknownNamespaceError, ClosedError, ForeignClusterError, ProtocolVersionError, MalformedFrameError, NotAuthorizedError,
  ConflictError, CompactedError, NotFoundError, LeaseNotFoundError, LeaseLostError, LockLostError, SessionExpiredError,
  EncryptionKeyError, FormationError, BootstrapError, StoreInUseError, StoreIdentityError, StoreCorruptError, StorePoisonedError, GroupFailedError
].map(c => [c.name, c]))

/** Those that say of this very process that only a restart mends it. */
const FATAL: readonly string[] = [StorePoisonedError.name, GroupFailedError.name]

/**
 * The error that a peer named in its answer. An unknown name (a newer version's) is an unknown outcome: the safe reading. So is that the peer has
 * failed for good: others may serve what it does not.
 */
export function errorFromWire (name: string, message: string, leader?: string): RaftMeshError {
  if (name === NotLeaderError.name) return new NotLeaderError(message, leader)
  const Known = FATAL.includes(name) ? undefined : byName.get(name)
  return Known !== undefined ? new Known(message) : new UnknownOutcomeError(`${name}: ${message}`)
}

/** What went wrong, in words. Of whatever somebody else's code threw, which need not be an error, nor let itself be shown. */
export function messageOf (thrown: unknown): string {
  try {
    return thrown instanceof Error && typeof thrown.message === 'string' ? thrown.message : String(thrown)
  } catch {
    return 'something that cannot be shown was thrown'
  }
}
