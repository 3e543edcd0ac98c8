import { MalformedFrameError, RaftMeshError } from '../errors.js'
import { blockHeader, decodeBlock, encodeBlock } from '../raft/block.js'
import { checkedInteger, decoding } from './checks.js'
import { checkedIncarnation, incarnationOf, memberId } from './member-id.js'
import { GroupMessages } from './pb/transport.js'
import { encodeFrame } from './writer.js'
import type { RaftMessage } from './pb/transport.js'
import type { Append, Entry, MemberId, Message } from '../raft/types.js'

/** Messages of one group in one frame. A gathered send has a handful; the bound is on what a peer can make us build from 8 MiB of zeros. */
export const MAX_GROUP_MESSAGES = 65_536

/**
 * Entries of one frame. A sender counts 48 bytes and more for each (`messageBytesBound`), and so fills a frame with fewer; an entry of two
 * bytes is an object and a view, of which 8 MiB would be 700 MB.
 */
export const MAX_FRAME_ENTRIES = 262_144

/** What may yet be decoded of a frame. */
export interface EntryBudget { entries: number }

/** Numbers of the kinds on the wire; never reused. `install-snapshot` has none: the engine makes it locally when a transfer is complete. */
const kinds = {
  'pre-vote': 1,
  'pre-vote-reply': 2,
  vote: 3,
  'vote-reply': 4,
  append: 5,
  'append-reply': 6,
  heartbeat: 7,
  'heartbeat-reply': 8,
  'timeout-now': 9,
  'read-index': 10,
  'read-index-reply': 11,
  quiesce: 12,
  commit: 13
} as const

type WireType = keyof typeof kinds
const byKind = new Map<number, WireType>(Object.entries(kinds).map(([type, kind]) => [kind, type as WireType]))

const noBytes = new Uint8Array(0)
const blank: Omit<RaftMessage, 'kind' | 'term'> = {
  index: 0, logTerm: 0, commit: 0, granted: false, rejected: false, transfer: false, hintIndex: 0, context: 0, block: noBytes
}

/** The body of a GroupBatch: what one group says to one member in one send. Throws if a message has no place on the wire. */
export function encodeGroupMessages (from: MemberId, to: MemberId, messages: readonly Message[]): Uint8Array {
  return encodeFrame(GroupMessages.codec(), { fromIncarnation: incarnationOf(from), toIncarnation: incarnationOf(to), messages: messages.map(toWire) })
}

/** How many bytes a message takes on the wire, at most, without encoding it. */
export function messageBytesBound (message: Message): number {
  let size = 96
  if (message.type === 'append') for (const e of message.entries) size += e.data.byteLength + 48
  return size
}

function toWire (m: Message): RaftMessage {
  switch (m.type) {
    case 'pre-vote':
      return { ...blank, kind: kinds[m.type], term: m.term, index: m.lastIndex, logTerm: m.lastTerm }
    case 'vote':
      return { ...blank, kind: kinds[m.type], term: m.term, index: m.lastIndex, logTerm: m.lastTerm, transfer: m.transfer }
    case 'pre-vote-reply':
    case 'vote-reply':
      return { ...blank, kind: kinds[m.type], term: m.term, granted: m.granted }
    case 'append':
      return {
        ...blank, kind: kinds[m.type], term: m.term, index: m.prevIndex, logTerm: m.prevTerm, commit: m.commit,
        block: m.entries.length > 0 ? encodeBlock(m.entries) : noBytes
      }
    case 'append-reply':
      return { ...blank, kind: kinds[m.type], term: m.term, index: m.index, rejected: m.rejected, hintIndex: m.hintIndex, logTerm: m.hintTerm }
    case 'heartbeat':
      return { ...blank, kind: kinds[m.type], term: m.term, commit: m.commit, context: m.read }
    case 'heartbeat-reply':
      return { ...blank, kind: kinds[m.type], term: m.term, context: m.read }
    case 'timeout-now':
      return { ...blank, kind: kinds[m.type], term: m.term }
    case 'read-index':
      return { ...blank, kind: kinds[m.type], term: m.term, context: m.context }
    case 'read-index-reply':
      return { ...blank, kind: kinds[m.type], term: m.term, context: m.context, index: m.index, rejected: m.refused }
    case 'commit':
    case 'quiesce':
      return { ...blank, kind: kinds[m.type], term: m.term, commit: m.commit }
    case 'install-snapshot':
      throw new RaftMeshError('install-snapshot never crosses the wire: a snapshot goes by its own stream')
  }
}

export interface DecodedGroup {
  readonly from: MemberId
  readonly to: MemberId
  readonly messages: Message[]
  /** Messages of kinds that a newer version added: skipped. */
  readonly unknown: number
}

/**
 * The reverse. `fromPeer` is the connection's authenticated peer and `toPeer` this node: neither is read from the frame. The result
 * owns its bytes. `budget` is what all groups of a frame share. Throws MalformedFrameError.
 */
export function decodeGroupMessages (body: Uint8Array, fromPeer: string, toPeer: string, budget: EntryBudget = { entries: MAX_FRAME_ENTRIES }): DecodedGroup {
  const wire = decoding('a group\'s messages', () => GroupMessages.decode(body, { limits: { messages: MAX_GROUP_MESSAGES } }))
  const from = memberId(fromPeer, checkedIncarnation(wire.fromIncarnation))
  const to = memberId(toPeer, checkedIncarnation(wire.toIncarnation))
  const messages: Message[] = []
  let unknown = 0
  for (const m of wire.messages) {
    const message = fromWire(m, from, to, budget)
    if (message === undefined) unknown++
    else messages.push(message)
  }
  return { from, to, messages, unknown }
}

function fromWire (m: RaftMessage, from: MemberId, to: MemberId, budget: EntryBudget): Message | undefined {
  const type = byKind.get(m.kind)
  if (type === undefined) {
    if (m.kind === 0) throw new MalformedFrameError('a message without a kind')
    return undefined
  }
  const term = checkedInteger(m.term, `term of ${type}`, termless(type) ? 0 : 1)
  const base = { from, to, term }
  switch (type) {
    case 'pre-vote':
      return { type, ...base, ...logEnd(m, type) }
    case 'vote':
      return { type, ...base, ...logEnd(m, type), transfer: m.transfer }
    case 'pre-vote-reply':
    case 'vote-reply':
      return { type, ...base, granted: m.granted }
    case 'append':
      return decodeAppend(m, base, budget)
    case 'append-reply':
      return {
        type, ...base, index: checkedInteger(m.index, 'index of append-reply'), rejected: m.rejected,
        hintIndex: checkedInteger(m.hintIndex, 'hint index of append-reply'), hintTerm: checkedInteger(m.logTerm, 'hint term of append-reply')
      }
    case 'heartbeat':
      return { type, ...base, commit: checkedInteger(m.commit, 'commit of heartbeat'), read: checkedInteger(m.context, 'read round of heartbeat') }
    case 'heartbeat-reply':
      return { type, ...base, read: checkedInteger(m.context, 'read round of heartbeat-reply') }
    case 'timeout-now':
      return { type, ...base }
    case 'read-index':
      return { type, ...base, context: checkedInteger(m.context, 'context of read-index') }
    case 'read-index-reply':
      return { type, ...base, context: checkedInteger(m.context, 'context of read-index-reply'), index: checkedInteger(m.index, 'index of read-index-reply'), refused: m.rejected }
    case 'commit':
    case 'quiesce':
      return { type, ...base, commit: checkedInteger(m.commit, `commit of ${type}`) }
  }
}

/** A node that has never seen a term may still say no. */
function termless (type: WireType): boolean {
  return type === 'pre-vote-reply' || type === 'vote-reply' || type === 'read-index' || type === 'read-index-reply' || type === 'append-reply' || type === 'heartbeat-reply'
}

function logEnd (m: RaftMessage, type: string): { lastIndex: number, lastTerm: number } {
  const lastIndex = checkedInteger(m.index, `last index of ${type}`)
  const lastTerm = checkedInteger(m.logTerm, `last term of ${type}`)
  if (lastIndex === 0 && lastTerm !== 0) throw new MalformedFrameError(`${type} for an empty log with last term ${lastTerm}`)
  return { lastIndex, lastTerm }
}

function decodeAppend (m: RaftMessage, base: { from: MemberId, to: MemberId, term: number }, budget: EntryBudget): Append {
  const prevIndex = checkedInteger(m.index, 'previous index of append')
  const prevTerm = checkedInteger(m.logTerm, 'previous term of append')
  const commit = checkedInteger(m.commit, 'commit of append')
  if (prevIndex === 0 && prevTerm !== 0) throw new MalformedFrameError(`append after index 0 with previous term ${prevTerm}`)
  if (m.block.byteLength > 0) {
    budget.entries -= decoding('the entries of an append', () => blockHeader(m.block).count)
    if (budget.entries < 0) throw new MalformedFrameError(`a frame of more than ${MAX_FRAME_ENTRIES} entries`)
  }
  // A copy: `block` is a view of a socket's buffer, and entries live on in the log's cache.
  const entries = m.block.byteLength > 0 ? decoding('the entries of an append', () => decodeBlock(m.block.slice())) : []
  checkEntries(entries, prevIndex, prevTerm, base.term)
  return { type: 'append', ...base, prevIndex, prevTerm, entries, commit }
}

/** What the core relies on, and a block alone does not say: it goes on where `prev` ends, and no entry is of a term to come. */
function checkEntries (entries: readonly Entry[], prevIndex: number, prevTerm: number, term: number): void {
  let index = prevIndex
  let last = prevTerm
  for (const e of entries) {
    if (e.index !== index + 1) throw new MalformedFrameError(`append has entry ${e.index} after ${index}`)
    if (e.term < last || e.term > term) throw new MalformedFrameError(`append of term ${term} has entry ${e.index} of term ${e.term} after term ${last}`)
    index = e.index
    last = e.term
  }
}
