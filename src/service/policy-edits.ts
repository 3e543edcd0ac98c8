import { fromString } from 'uint8arrays/from-string'
import { InvalidArgumentError } from '../errors.js'
import { PolicyOp } from '../wire/index.js'
import { toBytes } from './bytes.js'
import { checkPeer } from './options.js'
import { allMembers, peerPart } from './group-view.js'
import { authorize, checkPolicy, deauthorize, decodePolicy, emptyPolicy, encodePolicy, EVERYBODY, isRole, setRole } from './policy.js'
import { checkKeys, checkOneOf } from './validate.js'
import type { GroupPolicy, Role, RoleOptions } from './api.js'
import type { Policy } from './policy.js'
import type { Configuration, MemberChange } from '../raft/types.js'
import type { ChangePolicy } from '../wire/index.js'

/** One edit of the policy, as it travels. */
export type PolicyEdit = Omit<ChangePolicy, 'expectedIndex'>

const MAX_PREFIX = 512
const NO_PREFIX = new Uint8Array(0)

export function authorizeEdit (peer: unknown): PolicyEdit {
  return { op: PolicyOp.AUTHORIZE, peer: checkPeer(peer, 'peer').toString(), prefix: NO_PREFIX, role: '' }
}

export function deauthorizeEdit (peer: unknown): PolicyEdit {
  return { op: PolicyOp.DEAUTHORIZE, peer: checkPeer(peer, 'peer').toString(), prefix: NO_PREFIX, role: '' }
}

export function roleEdit (peer: unknown, role: unknown, options: RoleOptions | undefined): PolicyEdit {
  checkKeys(options, ['signal', 'expectedIndex', 'prefix'], 'the options of setRole')
  const wanted = checkOneOf<Role | 'default'>(role, ['none', 'read', 'write', 'admin', 'default'], 'default', 'role')
  if (role === undefined) throw new InvalidArgumentError('role must be given: "default" takes back what was set')
  const edit = { op: PolicyOp.SET_ROLE, peer: peer === EVERYBODY ? EVERYBODY : checkPeer(peer, 'peer').toString(), prefix: toBytes(options?.prefix ?? '', 'prefix'), role: wanted === 'default' ? '' : wanted }
  checkEdit(edit)
  return edit
}

/** Wherever it comes from: what is in the log is there for ever, and every member must be able to read it. */
export function checkEdit ({ op, peer, prefix, role }: PolicyEdit): void {
  if (op === PolicyOp.SET_ROLE) {
    if (peer !== EVERYBODY) checkPeer(peer, 'the peer of a role')
    if (prefix.byteLength > MAX_PREFIX) throw new InvalidArgumentError(`The prefix of a role has ${prefix.byteLength} bytes, at most ${MAX_PREFIX} are allowed`)
    if (role !== '' && !isRole(role)) throw new InvalidArgumentError(`"${role.slice(0, 40)}" is no role that this version knows`)
    return
  }
  if (op !== PolicyOp.AUTHORIZE && op !== PolicyOp.DEAUTHORIZE) throw new InvalidArgumentError('The edit of the policy is of no kind that this version knows: upgrade this node')
  checkPeer(peer, 'the peer to authorize')
}

/** What an edit makes of a configuration; undefined: it is so already. */
export function applyEdit (configuration: Configuration, edit: PolicyEdit): { policy: string, changes: MemberChange[] } | undefined {
  const before = policyOf(configuration)
  const after = edited(before, edit)
  checkPolicy(after)
  const gone = edit.op === PolicyOp.DEAUTHORIZE ? allMembers(configuration).filter(member => peerPart(member) === edit.peer) : []
  const policy = encodePolicy(after)
  if (policy === encodePolicy(before) && gone.length === 0) return undefined
  return { policy, changes: gone.map(member => ({ op: 'remove', member })) }
}

/** From here on the group has an allow-list. Who is a member was let in by those before, and founders by each other. */
export function allowListOf (configuration: Configuration): string {
  return encodePolicy({ ...authorize(policyOf(configuration), ...allMembers(configuration).map(peerPart)), admission: 'allow-list' })
}

export function policyOf ({ policy }: Configuration): Policy {
  return policy === undefined ? emptyPolicy : decodePolicy(policy)
}

export function viewPolicy ({ admission, authorized, roles }: Policy): GroupPolicy {
  return {
    ...(admission === undefined ? {} : { admission }),
    authorized: [...authorized],
    roles: roles.map(({ peer, prefix, role }) => ({ peer, prefix: fromString(prefix, 'base16'), role }))
  }
}

function edited (policy: Policy, { op, peer, prefix, role }: PolicyEdit): Policy {
  if (op === PolicyOp.AUTHORIZE) return authorize(policy, peer)
  if (op === PolicyOp.DEAUTHORIZE) return deauthorize(policy, peer)
  return setRole(policy, peer, prefix, isRole(role) ? role : undefined)
}
