import { peerOf } from '../../wire/member-id.js'
import type { Contact } from './contacts.js'
import type { MemberId } from '../../raft/types.js'

/**
 * The founder set of `expect: n`: of this node and the peers of the same policy, the n lowest that acknowledge each other. Empty while
 * there are fewer than n, or when this node is not among them (it joins what they found). Peers that have promised another set still count: were they
 * passed over, the next n would found a second group.
 */
export function expectedFounders (self: MemberId, policy: string, n: number, fresh: readonly Contact[]): MemberId[] {
  const peers = new Map(fresh.filter(c => c.view.policy === policy && c.view.clusterId === undefined).map(c => [c.member, c]))
  const chosen: MemberId[] = []
  for (const member of [self, ...peers.keys()].sort()) {
    if (chosen.length === n) break
    if (chosen.every(other => acknowledge(peers.get(member), other) && acknowledge(peers.get(other), member))) chosen.push(member)
  }
  return chosen.length === n && chosen.includes(self) ? chosen : []
}

/** The founder set of `founders`: the named peers, each with the incarnation that it has; empty until all of them are in contact. */
export function namedFounders (self: MemberId, policy: string, names: readonly string[], fresh: readonly Contact[]): MemberId[] {
  const members = [self, ...fresh.filter(c => c.view.policy === policy && c.view.clusterId === undefined).map(c => c.member)]
    .filter(member => names.includes(peerOf(member)))
  return members.length === names.length && members.includes(self) ? members.sort() : []
}

/** Has the contact heard from `member` directly? (This node itself, which is no contact, has heard from all that are asked about.) */
function acknowledge (contact: Contact | undefined, member: MemberId): boolean {
  return contact === undefined || contact.view.contacts.some(seen => `${seen.peer}.${seen.incarnation}` === member)
}
