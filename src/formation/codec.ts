import { FormationError, MalformedFrameError, ProtocolVersionError, StoreCorruptError } from '../errors.js'
import { decoding } from '../wire/checks.js'
import { checkedIncarnation, isIncarnation } from '../wire/member-id.js'
import { FormationRecord as RecordPb, FormationView as ViewPb } from './pb/formation.js'
import { MAX_CONTACTS } from './pure/core.js'
import { MAX_ATTEMPT, MAX_FOUNDERS } from './pure/proposal.js'
import type { Proposal as ProposalPb } from './pb/formation.js'
import type { FormationRecord, Proposal } from './pure/proposal.js'
import type { View } from './pure/view.js'

const VERSION = 1
const MAX_PEER_LENGTH = 128
const MAX_DURATION = 0xffff_ffff
/** 256 contacts, 256 seen in time and 64 founders, each with room: nothing longer is even decoded. */
const MAX_VIEW_BYTES = 128 * 1024

export function encodeView (view: View): Uint8Array {
  return ViewPb.encode({
    version: VERSION,
    incarnation: view.record.incarnation,
    policy: view.policy,
    contacts: view.contacts.map(c => ({ ...c, ageMs: duration(c.ageMs) })),
    frozenMs: view.frozenMs === undefined ? undefined : duration(view.frozenMs),
    founders: [...view.founders],
    floor: view.record.floor,
    promise: toPb(view.record.promise),
    clusterId: view.clusterId?.slice() ?? new Uint8Array(0)
  })
}

/** Throws MalformedFrameError, or ProtocolVersionError for a version that this one may misread. */
export function decodeView (bytes: Uint8Array): View {
  if (bytes.length > MAX_VIEW_BYTES) throw new MalformedFrameError(`a formation message of ${bytes.length} bytes is over the limit of ${MAX_VIEW_BYTES}: the peer sent a broken message`)
  const pb = decoding('a formation message', () => ViewPb.decode(bytes, { limits: { contacts: MAX_CONTACTS, founders: MAX_CONTACTS, promise: { founders: MAX_FOUNDERS } } }))
  if (pb.version !== VERSION) throw new ProtocolVersionError(`the peer forms groups by version ${pb.version} of the protocol, this node by ${VERSION}: run the same release on all nodes`)
  checkedIncarnation(pb.incarnation)
  checkPolicy(pb.policy)
  for (const contact of pb.contacts) {
    checkPeer(contact.peer)
    checkedIncarnation(contact.incarnation)
  }
  checkMembers(pb.founders)
  check(pb.clusterId.length === 0 || pb.clusterId.length === 32, `a cluster id of ${pb.clusterId.length} bytes`)
  return {
    record: { incarnation: pb.incarnation, ...checkPromise(pb.floor, pb.promise) },
    policy: pb.policy,
    contacts: pb.contacts,
    frozenMs: pb.frozenMs,
    founders: pb.founders,
    // A copy: the message may be a view of a socket's buffer.
    clusterId: pb.clusterId.length === 0 ? undefined : pb.clusterId.slice()
  }
}

export function encodeRecord (record: FormationRecord): Uint8Array {
  return RecordPb.encode({ version: VERSION, incarnation: record.incarnation, floor: record.floor, promise: toPb(record.promise) })
}

/** Throws StoreCorruptError, or FormationError for a record of a newer version: to form on a guess could make a second group. */
export function decodeRecord (bytes: Uint8Array, namespace: string): FormationRecord {
  let version
  try {
    const pb = RecordPb.decode(bytes, { limits: { promise: { founders: MAX_FOUNDERS } } })
    version = pb.version
    if (version === VERSION && isIncarnation(pb.incarnation)) return { incarnation: pb.incarnation, ...checkPromise(pb.floor, pb.promise) }
  } catch (cause) {
    throw new StoreCorruptError(`the formation record of ${namespace} cannot be read: delete this namespace's data on this node and start it again, it then joins as a new member`, { cause })
  }
  if (version > VERSION) throw new FormationError(`the formation record of ${namespace} was written by a newer release (version ${version}, this one knows ${VERSION}): start that release again`)
  throw new StoreCorruptError(`the formation record of ${namespace} is damaged: delete this namespace's data on this node and start it again, it then joins as a new member`)
}

function toPb (proposal: Proposal | undefined): ProposalPb | undefined {
  return proposal === undefined ? undefined : { ...proposal, founders: [...proposal.founders] }
}

function checkPromise (floor: number, promise: ProposalPb | undefined): { floor: number, promise?: Proposal } {
  check(floor <= MAX_ATTEMPT, `a floor of ${floor}`)
  if (promise === undefined) return { floor }
  check(promise.attempt >= 1 && promise.attempt <= floor, `a promise to attempt ${promise.attempt} under a floor of ${floor}`)
  check(promise.founders.length > 0, 'a promise without founders')
  checkPolicy(promise.policy)
  checkMembers(promise.founders)
  return { floor, promise }
}

/** Sorted member ids, each peer once: two incarnations of a peer are one node, which would count twice. */
function checkMembers (members: readonly string[]): void {
  let before = ''
  let peerBefore = ''
  for (const member of members) {
    const dot = member.indexOf('.')
    const peer = member.slice(0, dot)
    check(dot > 0 && isIncarnation(member.slice(dot + 1)), 'a founder that is no member id')
    checkPeer(peer)
    check(member > before && peer !== peerBefore, 'founders out of order, or one of them twice')
    before = member
    peerBefore = peer
  }
}

function checkPeer (peer: string): void {
  check(peer.length > 0 && peer.length <= MAX_PEER_LENGTH && /^[A-Za-z0-9]+$/.test(peer), 'a peer id that is none')
}

/** Policies of newer versions are let through: they are never equal to ours. */
function checkPolicy (policy: string): void {
  check(/^[a-z]{1,16}(:[0-9a-z]{1,64})?$/.test(policy), 'a policy that is none')
}

function check (ok: boolean, what: string): void {
  if (!ok) throw new MalformedFrameError(`${what} in a formation message: the peer sent a broken message`)
}

function duration (ms: number): number { return Math.max(0, Math.min(MAX_DURATION, Math.round(ms))) }
