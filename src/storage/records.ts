import { decodeConfiguration, encodeConfiguration } from '../raft/configuration.js'
import { CodecError, Reader, seal, unseal, Writer } from './codec.js'
import type { GroupIdentity, SnapshotManifest } from './types.js'
import type { HardState, SnapshotMeta } from '../raft/types.js'

/**
 * Format numbers are never reused: a record of a later format is refused, not misread. 1 to 4 were without their key in the checksum,
 * so that another group's vote or identity, under the wrong key, would have passed for this one's.
 */
const NAMED = 5
const HARD_STATE = 6
const IDENTITY = 7
const LOG_START = 8
const MANIFEST = 9

/**
 * The hard state and what it proves: when it was written, the log reached `lastIndex` with `lastTerm`. LevelDB drops a damaged part of
 * its own log in silence at open; a log shorter than this has lost entries that may have been acknowledged.
 */
export interface HardStateRecord { readonly hardState: HardState, readonly lastIndex: number, readonly lastTerm: number }

export function encodeHardState (key: Uint8Array, { hardState, lastIndex, lastTerm }: HardStateRecord): Uint8Array {
  const { term, vote, commit } = hardState
  const body = new Writer().u64(term).u64(commit).u64(lastIndex).u64(lastTerm).u8(vote !== undefined ? 1 : 0)
  if (vote !== undefined) body.text(vote)
  return seal(HARD_STATE, key, body.finish())
}

export function decodeHardState (key: Uint8Array, bytes: Uint8Array): HardStateRecord {
  const body = new Reader(unseal(HARD_STATE, key, bytes))
  const term = body.u64()
  const commit = body.u64()
  const lastIndex = body.u64()
  const lastTerm = body.u64()
  const voted = body.u8()
  // Read as "no vote", anything else than these two would let this member vote a second time.
  if (voted > 1) throw new CodecError(`a vote marked ${voted}`)
  const vote = voted === 1 ? body.text() : undefined
  body.end()
  return { hardState: { term, commit, ...(vote !== undefined ? { vote } : {}) }, lastIndex, lastTerm }
}

export function encodeIdentity (key: Uint8Array, { clusterId, incarnation }: GroupIdentity): Uint8Array {
  if (clusterId.length !== 32) throw new TypeError(`a cluster id has 32 bytes, not ${clusterId.length}`)
  if (!isId(incarnation)) throw new TypeError(`an incarnation is 16 hex digits, not '${incarnation}'`)
  return seal(IDENTITY, key, new Writer().bytes(clusterId).text(incarnation).finish())
}

export function decodeIdentity (key: Uint8Array, bytes: Uint8Array): GroupIdentity {
  const body = new Reader(unseal(IDENTITY, key, bytes))
  const clusterId = new Uint8Array(body.bytes())
  const incarnation = body.text()
  body.end()
  if (clusterId.length !== 32 || !isId(incarnation)) throw new CodecError('no valid identity')
  return { clusterId, incarnation }
}

/**
 * Where compaction or an installed snapshot cut the log: index and term of the entry before its first, and the first index of the oldest
 * frame that still counts, with the checksum of the one before. Frames before that one are leftovers of a compaction that a power cut undid,
 * though not the one after it.
 */
export interface LogStart { readonly index: number, readonly term: number, readonly frame: number, readonly before: number }

export const encodeLogStart = (key: Uint8Array, { index, term, frame, before }: LogStart): Uint8Array => seal(LOG_START, key, new Writer().u64(index).u64(term).u64(frame).u32(before).finish())

export function decodeLogStart (key: Uint8Array, bytes: Uint8Array): LogStart {
  const body = new Reader(unseal(LOG_START, key, bytes))
  const start = { index: body.u64(), term: body.u64(), frame: body.u64(), before: body.u32() }
  body.end()
  return start
}

/** A value that another layer keeps under a name, for instance a promise given while a group is formed. */
export const encodeNamed = (key: Uint8Array, value: Uint8Array): Uint8Array => seal(NAMED, key, value)
export const decodeNamed = (key: Uint8Array, bytes: Uint8Array): Uint8Array => unseal(NAMED, key, bytes)

/** Snapshot ids and incarnations. */
export const isId = (id: string): boolean => /^[0-9a-f]{16}$/.test(id)

export function encodeManifest (key: Uint8Array, manifest: SnapshotManifest): Uint8Array {
  const { meta, id, chunks, storedBytes, bytes, digest } = manifest
  return seal(MANIFEST, key, new Writer()
    .text(id).u32(chunks).u64(storedBytes).u64(bytes).bytes(digest)
    .u64(meta.index).u64(meta.term).u64(meta.time).u64(meta.configurationIndex).bytes(encodeConfiguration(meta.configuration))
    .finish())
}

export function decodeManifest (key: Uint8Array, bytes: Uint8Array): SnapshotManifest {
  const body = new Reader(unseal(MANIFEST, key, bytes))
  const [id, chunks, storedBytes, rawBytes, digest] = [body.text(), body.u32(), body.u64(), body.u64(), new Uint8Array(body.bytes())]
  const [index, term, time, configurationIndex] = [body.u64(), body.u64(), body.u64(), body.u64()]
  const configuration = decodeConfiguration(new Uint8Array(body.bytes()))
  body.end()
  if (!isId(id) || digest.length !== 32) throw new CodecError('no valid snapshot manifest')
  const meta: SnapshotMeta = { index, term, time, configuration, configurationIndex }
  return { meta, id, chunks, storedBytes, bytes: rawBytes, digest }
}
