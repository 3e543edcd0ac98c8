import { UnavailableError, UnknownOutcomeError } from '../errors.js'
import { Consistency as WireConsistency } from '../wire/index.js'
import type { Consistency } from './api.js'
import type { KeyRing } from '../keys/index.js'
import type { RequestBody, Response } from '../wire/index.js'
import type { PeerId } from '@libp2p/interface'

/**
 * One long-lived, pipelined stream to each peer, opened on demand. Rejects with the error that the peer answered with, and with
 * RequestLostError where there is no answer, after `timeoutMs` at the latest. Sealed with `keys`; by default with those that this node
 * hosts the namespace with, if it does.
 */
export interface CommandPort {
  request: (peer: PeerId, body: RequestBody, options: RequestOptions) => Promise<Response>
}

export interface RequestOptions { readonly timeoutMs: number, readonly signal?: AbortSignal, readonly keys?: KeyRing }

/**
 * How long the peer is told to try, of the ms that we wait: a little less, so that its own word on how it went (refused, or not known)
 * arrives before we give up and know nothing.
 */
export function told (remainingMs: number): number {
  return Math.max(1, Math.floor(remainingMs - Math.min(250, remainingMs / 10)))
}

/** A part that the answer must have. For a write, an answer that is no answer leaves its outcome open. */
export function part<T> (value: T | undefined, name: string, peer: PeerId, write = false): T {
  if (value !== undefined) return value
  const message = `Peer ${peer.toString()} answered without ${name}: it may run an incompatible version`
  throw write ? new UnknownOutcomeError(message) : new UnavailableError(message)
}

const toWireConsistency: Readonly<Record<Consistency, WireConsistency>> = {
  linearizable: WireConsistency.LINEARIZABLE, lease: WireConsistency.LEASE, bounded: WireConsistency.BOUNDED, stale: WireConsistency.STALE
}
const fromWireConsistency: Readonly<Record<WireConsistency, Consistency>> = {
  [WireConsistency.LINEARIZABLE]: 'linearizable', [WireConsistency.LEASE]: 'lease', [WireConsistency.BOUNDED]: 'bounded', [WireConsistency.STALE]: 'stale'
}

export function encodeConsistency (consistency: Consistency): WireConsistency { return toWireConsistency[consistency] }

/** An unknown value (a newer version's) reads as the strictest one. */
export function decodeConsistency (consistency: WireConsistency | undefined): Consistency {
  return consistency === undefined ? 'linearizable' : fromWireConsistency[consistency] ?? 'linearizable'
}
