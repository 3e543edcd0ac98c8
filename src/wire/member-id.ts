import { InvalidArgumentError, MalformedFrameError } from '../errors.js'
import type { MemberId } from '../raft/types.js'

// No dot: it parts peer and incarnation. Storage makes 16 hex digits; the bound is what a peer may make us keep.
const incarnationPattern = /^[A-Za-z0-9_-]{1,64}$/

export function isIncarnation (text: string): boolean {
  return incarnationPattern.test(text)
}

/** A node's member of a group: `<peer id>.<incarnation>`. A wiped disk is a new incarnation, so a new member. */
export function memberId (peer: string, incarnation: string): MemberId {
  if (peer === '' || peer.includes('.') || !isIncarnation(incarnation)) {
    throw new InvalidArgumentError(`"${peer}.${incarnation}" is no member id: expected <peer id>.<incarnation>`)
  }
  return `${peer}.${incarnation}`
}

/** The peer id of a member. */
export function peerOf (member: MemberId): string {
  return member.slice(0, dotOf(member))
}

/** The incarnation of a member's storage. */
export function incarnationOf (member: MemberId): string {
  return member.slice(dotOf(member) + 1)
}

/** For an incarnation that came from a peer. */
export function checkedIncarnation (text: string): string {
  if (!isIncarnation(text)) throw new MalformedFrameError(`an incarnation of ${text.length} characters is not 1-64 of [A-Za-z0-9_-]: the peer sent a broken frame`)
  return text
}

function dotOf (member: MemberId): number {
  const dot = member.indexOf('.')
  if (dot <= 0 || dot === member.length - 1) throw new InvalidArgumentError(`"${member}" is no member id: expected <peer id>.<incarnation>`)
  return dot
}
