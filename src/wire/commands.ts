import { InvalidNamespaceError, MalformedFrameError, NotLeaderError, ProtocolVersionError, RaftMeshError, UnknownOutcomeError } from '../errors.js'
import { checkedInteger, decoding } from './checks.js'
import { checkLists } from './list-budget.js'
import { CommandFrame } from './pb/command.js'
import { checkSalt, keyName } from './stream-seal.js'
import { encodeFrame } from './writer.js'
import type { Lists } from './list-budget.js'
import type { Failure, Request, Response, Row } from './pb/command.js'

export const COMMAND_MAJOR = 1
export const COMMAND_MINOR = 0

/** The command service of a node, for all its namespaces. */
export const COMMAND_PROTOCOL = '/raft/v1'

/** The command service of one namespace: `/raft/cron` → `/raft/v1/raft/cron`. */
export function namespaceProtocol (namespace: string): string {
  if (!namespace.startsWith('/')) throw new InvalidNamespaceError(`"${namespace}" is no namespace: expected /raft/<segment>[/<segment>…]`)
  return COMMAND_PROTOCOL + namespace
}

/** Requests, answers or cancels in one frame. */
const MAX_ITEMS = 16_384
/** Of one answer: rows, changes, leases, keys, sayings. */
const MAX_LIST = 65_536
/** Leases that one request keeps alive. */
const MAX_KEPT = 1_024

const limits = {
  requests: MAX_ITEMS,
  responses: MAX_ITEMS,
  cancels: MAX_ITEMS,
  sealed$: { boxes: MAX_ITEMS, refusals: MAX_ITEMS },
  requests$: { changeMembers: { changes: 1_024 }, keepAlive: { leases: MAX_KEPT }, exchangePeers: { peers: 4_096, peers$: { addresses: 256 } } },
  responses$: {
    joined: { members: { members: 4_096, members$: { addresses: 256 } } },
    rowList: { rows: MAX_LIST }, changeList: { changes: MAX_LIST }, leaseList: { leases: MAX_LIST }, leaseState: { keys: MAX_LIST }, heard: { sayings: MAX_LIST },
    memberList: { members: 4_096, members$: { addresses: 256 } }, peerList: { peers: 4_096, peers$: { addresses: 256 } }
  }
}

/**
 * The lists of a frame by field number: requests with changes of members, or peers and their addresses; answers with rows, members, peers,
 * changes of rows, leases, keys of a lease, sayings; boxes.
 */
export const COMMAND_LISTS: Lists = {
  1: { 16: { 1: {} }, 19: { 1: { 2: {} } } },
  2: { 12: { 1: {} }, 14: { 1: { 4: {} } }, 16: { 3: { 1: { 4: {} } } }, 17: { 1: { 2: {} } }, 20: { 1: {} }, 21: { 1: {} }, 22: { 3: {} }, 24: { 1: {} } },
  5: { 1: {}, 2: {} }
}
/** Elements of all lists of a frame. */
const MAX_ELEMENTS = 262_144
/** What an element is counted for, at least, where a frame is filled: of the largest frame, 8 MiB, this makes no more than a peer takes. */
const ELEMENT_BYTES = 32
/** A frame that is smaller can't hold enough of anything to matter, and most are: they are not looked through twice. */
const SMALL_BYTES = 64 * 1024

/** Throws MalformedFrameError. `bytes` fields are views of `bytes`. */
export function decodeCommandFrame (bytes: Uint8Array): CommandFrame {
  if (bytes.length > SMALL_BYTES) checkLists(bytes, COMMAND_LISTS, MAX_ELEMENTS)
  const frame = decoding('a command frame', () => CommandFrame.decode(bytes, { limits }))
  for (const r of frame.requests) checkedInteger(r.id, 'id of a request', 1)
  for (const r of frame.responses) checkedInteger(r.id, 'id of a response', 1)
  if (frame.sealed !== undefined) for (const box of [...frame.sealed.boxes, ...frame.sealed.refusals]) checkBox(box)
  return frame
}

function checkBox ({ keyId, sequence }: { keyId: Uint8Array, sequence: number }): void {
  keyName(keyId)
  checkedInteger(sequence, 'sequence of a sealed box')
}

export function encodeCommandHello (major = COMMAND_MAJOR, minor = COMMAND_MINOR, salt?: Uint8Array): Uint8Array {
  return encodeFrame(CommandFrame.codec(), { requests: [], responses: [], cancels: [], hello: { major, minor, salt } })
}

/** The first frame of a stream, from both sides; its salt, where the sender seals anything. Throws MalformedFrameError or ProtocolVersionError. */
export function checkCommandHello (frame: CommandFrame): Uint8Array | undefined {
  if (frame.hello === undefined) throw new MalformedFrameError('a command stream that does not begin with a hello')
  const { major, minor, salt } = frame.hello
  if (major !== COMMAND_MAJOR) {
    throw new ProtocolVersionError(`the peer speaks version ${major}.${minor} of the command service, this node ${COMMAND_MAJOR}.${COMMAND_MINOR}: upgrade the older of the two`)
  }
  return salt === undefined ? undefined : checkSalt(salt)
}

/** How an error crosses the wire. One that is not ours says nothing of its outcome, so the outcome is unknown: the safe reading. */
export function failureOf (err: unknown): Failure {
  const message = (err instanceof Error ? err.message : String(err)).slice(0, MAX_MESSAGE)
  if (err instanceof NotLeaderError) return { name: err.name, message, leader: err.leader }
  if (err instanceof RaftMeshError) return { name: err.name, message }
  return { name: UnknownOutcomeError.name, message: `the peer failed: ${message}` }
}

/** Characters of a failure's message. */
const MAX_MESSAGE = 4_096

/** The bytes that a request takes in a frame, at most or nearly. Asked of each: the common kinds come first, and cost next to nothing. */
export function requestBytes (r: Request): number {
  let size = 128 + r.namespace.length + (r.origin?.length ?? 0)
  if (r.propose !== undefined) return size + r.propose.command.byteLength
  if (r.get !== undefined) return size + r.get.key.byteLength
  if (r.changes !== undefined) return size + r.changes.from.byteLength + (r.changes.to?.byteLength ?? 0)
  if (r.scan !== undefined) size += r.scan.from.byteLength + (r.scan.to?.byteLength ?? 0)
  if (r.keepAlive !== undefined) size += 10 * r.keepAlive.leases.length
  if (r.publish !== undefined) size += r.publish.data.byteLength + textBytes(r.publish.topic)
  if (r.listen !== undefined) size += textBytes(r.listen.topic)
  if (r.formation !== undefined) size += r.formation.message.byteLength
  if (r.join !== undefined) size += r.join.body.byteLength + r.join.publicKey.byteLength + r.join.signature.byteLength
  if (r.transfer?.peer !== undefined) size += textBytes(r.transfer.peer)
  if (r.changePolicy !== undefined) size += r.changePolicy.prefix.byteLength + textBytes(r.changePolicy.peer, r.changePolicy.role)
  if (r.changeMembers !== undefined) for (const c of r.changeMembers.changes) size += textBytes(c.peer, c.incarnation)
  if (r.exchangePeers !== undefined) for (const p of r.exchangePeers.peers) size += textBytes(p.peer, ...p.addresses)
  return size
}

export function responseBytes (r: Response): number {
  let size = 128
  if (r.got !== undefined) return size + r.got.value.byteLength
  if (r.proposed !== undefined) return size + r.proposed.result.byteLength
  if (r.failure !== undefined) size += textBytes(r.failure.name, r.failure.message, r.failure.leader ?? '')
  if (r.stats !== undefined) size += textBytes(r.stats.json)
  if (r.formation !== undefined) size += r.formation.message.byteLength
  if (r.rowList !== undefined) for (const row of r.rowList.rows) size += rowBytes(row)
  if (r.changeList !== undefined) for (const { row, deleted } of r.changeList.changes) size += row === undefined ? deleted.byteLength + ELEMENT_BYTES : rowBytes(row) + 16
  if (r.leaseList !== undefined) size += ELEMENT_BYTES * r.leaseList.leases.length
  if (r.leaseState !== undefined) for (const k of r.leaseState.keys) size += k.byteLength + ELEMENT_BYTES
  if (r.heard !== undefined) for (const { data, publisher } of r.heard.sayings) size += data.byteLength + textBytes(publisher)
  if (r.policy !== undefined) size += textBytes(r.policy.text)
  for (const m of [...r.memberList?.members ?? [], ...r.joined?.members?.members ?? []]) size += textBytes(m.peer, m.incarnation, ...m.addresses)
  if (r.peerList !== undefined) for (const p of r.peerList.peers) size += textBytes(p.peer, ...p.addresses)
  return size
}

/** Key and value, and what is known of them in numbers. */
function rowBytes ({ key, value }: Row): number { return key.byteLength + value.byteLength + 2 * ELEMENT_BYTES }

/** UTF-8 takes three bytes at most for each unit of a string; and tags and lengths. */
function textBytes (...texts: string[]): number {
  let size = 16
  for (const t of texts) size += 3 * t.length + ELEMENT_BYTES
  return size
}
