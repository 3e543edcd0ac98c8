import { toString as bytesToString } from 'uint8arrays/to-string'
import { fromString } from 'uint8arrays/from-string'
import { InvalidArgumentError } from '../errors.js'
import { prefixEnd } from '../storage/index.js'
import type { KeySpan } from '../machine/types.js'

/** What a peer may do with the keys under a prefix: each role includes those before it. */
export const ROLES = ['none', 'read', 'write', 'admin'] as const
export type Role = typeof ROLES[number]

/** For all peers that have no rule of their own that covers a key. */
export const EVERYBODY = '*'

export interface RoleRule {
  /** Peer id, or {@link EVERYBODY}. */
  readonly peer: string
  /** Of the keys that it is about, as hex digits; empty: the whole namespace. */
  readonly prefix: string
  readonly role: Role
}

/** Who may become a member, and what those may do who are none. Replicated with the membership, and by the same rules. */
export interface Policy {
  /** Only peers in `authorized` become members. Absent: it is each leader's own option that decides. */
  readonly admission?: 'allow-list'
  /** Peer ids, sorted. */
  readonly authorized: readonly string[]
  /** Sorted by peer and prefix, one for each. */
  readonly roles: readonly RoleRule[]
}

export const emptyPolicy: Policy = Object.freeze({ authorized: [], roles: [] })

const MAX_PEERS = 1_024
const MAX_RULES = 1_024
const MAX_PEER_LENGTH = 128
const MAX_PREFIX_LENGTH = 512

export const atLeast = (role: Role, wanted: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(wanted)

export function isRole (role: unknown): role is Role { return ROLES.some(known => known === role) }

/** The same policy is the same text. */
export function encodePolicy ({ admission, authorized, roles }: Policy): string {
  return JSON.stringify({ ...(admission === undefined ? {} : { admission }), authorized, roles: roles.map(({ peer, prefix, role }) => [peer, prefix, role]) })
}

/** Throws {@link InvalidArgumentError} on anything but what {@link encodePolicy} makes. */
export function decodePolicy (text: string): Policy {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new InvalidArgumentError('The policy is not JSON', { cause })
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new InvalidArgumentError('The policy is no JSON object')
  const { admission, authorized, roles, ...rest } = parsed as Record<string, unknown>
  if (Object.keys(rest).length > 0) throw new InvalidArgumentError(`The policy has fields that this version does not know (${Object.keys(rest).join(', ').slice(0, 100)}): upgrade this node`)
  if (admission !== undefined && admission !== 'allow-list') throw new InvalidArgumentError('The policy has an admission that this version does not know: upgrade this node')
  if (!Array.isArray(authorized) || !Array.isArray(roles)) throw new InvalidArgumentError('The policy must have the lists authorized and roles')
  const policy: Policy = { ...(admission === undefined ? {} : { admission }), authorized: authorized.map(checkedPeer), roles: roles.map(readRule) }
  checkPolicy(policy)
  return policy
}

/** Throws {@link InvalidArgumentError} where it is over a bound, or not in order. */
export function checkPolicy ({ authorized, roles }: Policy): void {
  if (authorized.length > MAX_PEERS) throw new InvalidArgumentError(`The policy would authorize ${authorized.length} peers, and at most ${MAX_PEERS} are allowed: deauthorize some`)
  if (roles.length > MAX_RULES) throw new InvalidArgumentError(`The policy would hold ${roles.length} roles, and at most ${MAX_RULES} are allowed: set some back to default`)
  if (authorized.some((peer, i) => i > 0 && peer <= authorized[i - 1])) throw new InvalidArgumentError('The authorized peers of the policy are not in order')
  if (roles.some((rule, i) => i > 0 && order(roles[i - 1], rule) >= 0)) throw new InvalidArgumentError('The roles of the policy are not in order')
}

export function authorize (policy: Policy, ...peers: readonly string[]): Policy {
  return { ...policy, authorized: [...new Set([...policy.authorized, ...peers])].sort(byCodeUnit) }
}

export function deauthorize (policy: Policy, peer: string): Policy {
  return { ...policy, authorized: policy.authorized.filter(other => other !== peer) }
}

/** `role` undefined: as if it had never been set. */
export function setRole (policy: Policy, peer: string, prefix: Uint8Array, role: Role | undefined): Policy {
  const hex = bytesToString(prefix, 'base16')
  const roles = policy.roles.filter(rule => rule.peer !== peer || rule.prefix !== hex)
  if (role !== undefined) roles.push({ peer, prefix: hex, role })
  return { ...policy, roles: roles.sort(order) }
}

/** What `peer`, who is no member, may do with a key: by its own rules, or else by everybody's; the longest prefix wins. */
export function roleAt (policy: Policy, peer: string, key: Uint8Array, fallback: Role): Role {
  const hex = bytesToString(key, 'base16')
  const rule = longest(policy, peer, hex) ?? longest(policy, EVERYBODY, hex)
  return rule?.role ?? fallback
}

/** The least that `peer` may do with any key of a span. */
export function leastRoleWithin (policy: Policy, peer: string, { from, to }: KeySpan, fallback: Role): Role {
  let least = roleAt(policy, peer, from, fallback)
  // What holds changes only where a rule begins to, and behind the last key that it is about.
  for (const rule of rulesOf(policy, peer)) {
    for (const edge of edgesOf(rule)) {
      if (Buffer.compare(edge, from) < 0 || (to !== undefined && Buffer.compare(edge, to) >= 0)) continue
      const role = roleAt(policy, peer, edge, fallback)
      if (atLeast(least, role)) least = role
    }
  }
  return least
}

/** The most that `peer` may do with some key. */
export function bestRole (policy: Policy, peer: string, fallback: Role): Role {
  let best = roleAt(policy, peer, new Uint8Array(0), fallback)
  for (const { prefix } of rulesOf(policy, peer)) {
    // By what holds there: everybody's rule does not where the peer has one of its own.
    const role = roleAt(policy, peer, fromString(prefix, 'base16'), fallback)
    if (atLeast(role, best)) best = role
  }
  return best
}

function rulesOf ({ roles }: Policy, peer: string): RoleRule[] {
  return roles.filter(rule => rule.peer === peer || rule.peer === EVERYBODY)
}

function edgesOf ({ prefix }: RoleRule): Uint8Array[] {
  const first = fromString(prefix, 'base16')
  return first.some(byte => byte !== 0xff) ? [first, prefixEnd(first)] : [first]
}

function longest (policy: Policy, peer: string, hex: string): RoleRule | undefined {
  let found: RoleRule | undefined
  for (const rule of policy.roles) {
    if (rule.peer === peer && hex.startsWith(rule.prefix) && rule.prefix.length >= (found?.prefix.length ?? 0)) found = rule
  }
  return found
}

function readRule (value: unknown): RoleRule {
  if (!Array.isArray(value) || value.length !== 3) throw new InvalidArgumentError('A role of the policy is not [peer, prefix, role]')
  const [peer, prefix, role] = value as unknown[]
  if (typeof prefix !== 'string' || prefix.length > 2 * MAX_PREFIX_LENGTH || !/^(?:[0-9a-f]{2})*$/.test(prefix)) throw new InvalidArgumentError('A role of the policy has a prefix that is not hex digits')
  if (!isRole(role)) throw new InvalidArgumentError('A role of the policy is none that this version knows: upgrade this node')
  return { peer: checkedPeer(peer), prefix, role }
}

function checkedPeer (peer: unknown): string {
  if (typeof peer !== 'string' || peer.length === 0 || peer.length > MAX_PEER_LENGTH) throw new InvalidArgumentError('A peer of the policy is no peer id')
  return peer
}

function order (a: RoleRule, b: RoleRule): number {
  return byCodeUnit(a.peer, b.peer) || byCodeUnit(a.prefix, b.prefix)
}

/** Not by locale: the text must be the same on every node. */
function byCodeUnit (a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
