import type { Configuration, MemberChange, MemberId } from './types.js'

/** A configuration, or a change of one, that makes no sense. Nothing was changed. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  constructor (message: string, readonly reason: 'invalid-change' | 'unknown-member' = 'invalid-change') { super(message) }
}

const MAX_MEMBERS = 1_024
const MAX_ID_LENGTH = 512
/** Characters: a configuration travels in a frame, and is kept in memory for each change in the log. */
export const MAX_POLICY_LENGTH = 64 * 1024
const LISTS = ['voters', 'outgoing', 'learners', 'learnersNext'] as const

/** That of a joiner, which knows no member yet. */
export const emptyConfiguration: Configuration = Object.freeze({ voters: [], outgoing: [], learners: [], learnersNext: [] })

/** A configuration with these voters and learners, in any order. */
export function makeConfiguration (voters: readonly MemberId[], learners: readonly MemberId[] = []): Configuration {
  const configuration = { voters: sorted(voters), outgoing: [], learners: sorted(learners), learnersNext: [] }
  validateConfiguration(configuration)
  return configuration
}

export const isJoint = (c: Configuration): boolean => c.outgoing.length > 0
/** In either half of a joint configuration. */
export const isVoter = (c: Configuration, id: MemberId): boolean => c.voters.includes(id) || c.outgoing.includes(id)
export const isMember = (c: Configuration, id: MemberId): boolean => isVoter(c, id) || c.learners.includes(id)

/** Everyone who gets the log, sorted. */
export function membersOf (c: Configuration): MemberId[] {
  return sorted(new Set([...c.voters, ...c.outgoing, ...c.learners]))
}

/** Everyone who is asked for a vote, sorted. */
export function votersOf (c: Configuration): MemberId[] {
  return isJoint(c) ? sorted(new Set([...c.voters, ...c.outgoing])) : [...c.voters]
}

export function equalConfigurations (a: Configuration, b: Configuration): boolean {
  return a.policy === b.policy && LISTS.every(list => a[list].length === b[list].length && a[list].every((id, i) => id === b[list][i]))
}

/** Throws {@link ConfigurationError} unless the lists are sorted, disjoint where they must be, and not absurdly long. */
export function validateConfiguration (c: Configuration): void {
  for (const list of LISTS) {
    const ids = c[list]
    if (ids.length > MAX_MEMBERS) throw new ConfigurationError(`${ids.length} ${list} are over the bound of ${MAX_MEMBERS}`)
    for (const { length } of ids) {
      if (length === 0 || length > MAX_ID_LENGTH) throw new ConfigurationError(`${list} holds an id of ${length} characters: 1 to ${MAX_ID_LENGTH} are needed`)
    }
    const unsorted = ids.findIndex((id, i) => i > 0 && id <= ids[i - 1])
    if (unsorted > 0) throw new ConfigurationError(`${list} is not sorted without duplicates: '${ids[unsorted - 1]}' comes before '${ids[unsorted]}'`)
  }
  if (c.policy !== undefined && c.policy.length > MAX_POLICY_LENGTH) throw new ConfigurationError(`a policy of ${c.policy.length} characters is over the bound of ${MAX_POLICY_LENGTH}`)
  const others = c.outgoing.length + c.learners.length
  if (c.voters.length === 0 && others > 0) throw new ConfigurationError('no voter is left: a group needs at least one')
  for (const id of c.learners) {
    if (isVoter(c, id)) throw new ConfigurationError(`'${id}' is both a voter and a learner`)
  }
  for (const id of c.learnersNext) {
    const leaving = c.outgoing.includes(id) && !c.voters.includes(id)
    if (!leaving) throw new ConfigurationError(`'${id}' is to become a learner, but is no voter that is leaving`)
  }
}

/**
 * The configuration that `changes` lead to: at once where one voter at most comes, goes or is demoted (adjacent majorities then always
 * overlap, Ongaro §4.1), by way of a joint one otherwise (Raft §6). The policy is that of before, unless another is given: that one is in
 * force at once, joint or not. Throws {@link ConfigurationError}.
 */
export function changeConfiguration (from: Configuration, changes: readonly MemberChange[], policy = from.policy): Configuration {
  if (isJoint(from)) throw new ConfigurationError('the configuration is joint: it must be left before the next change')
  if (changes.length === 0 && policy === from.policy) throw new ConfigurationError('no change was given')
  const voters = new Set(from.voters)
  const learners = new Set(from.learners)
  const named = new Set<MemberId>()
  for (const { op, member } of changes) {
    if (named.has(member)) throw new ConfigurationError(`'${member}' is named by two changes: give one for each member`)
    named.add(member)
    const known = [voters.delete(member), learners.delete(member)].includes(true)
    if (op === 'add-voter') voters.add(member)
    else if (op === 'add-learner') learners.add(member)
    else if (!known) throw new ConfigurationError(`'${member}' is no member, so it can't be removed`, 'unknown-member')
  }
  if (voters.size === 0) throw new ConfigurationError('the change would leave no voter: a group needs at least one')
  const target: Configuration = { voters: sorted(voters), outgoing: [], learners: sorted(learners), learnersNext: [], ...policed(policy) }
  validateConfiguration(target)
  if (equalConfigurations(from, target)) throw new ConfigurationError('the configuration already is as the change would make it')
  const joined = target.voters.filter(id => !from.voters.includes(id)).length
  const left = from.voters.filter(id => !voters.has(id)).length
  return joined + left <= 1 ? target : enterJoint(from, target)
}

/** A voter of the outgoing half can't be a learner too: it becomes one when the joint configuration is left. */
function enterJoint (from: Configuration, target: Configuration): Configuration {
  const joint: Configuration = {
    voters: target.voters,
    outgoing: from.voters,
    learners: target.learners.filter(id => !from.voters.includes(id)),
    learnersNext: target.learners.filter(id => from.voters.includes(id)),
    ...policed(target.policy)
  }
  validateConfiguration(joint)
  return joint
}

export function leaveJoint (joint: Configuration): Configuration {
  if (!isJoint(joint)) throw new ConfigurationError('the configuration is not joint: there is nothing to leave')
  return { voters: joint.voters, outgoing: [], learners: sorted([...joint.learners, ...joint.learnersNext]), learnersNext: [], ...policed(joint.policy) }
}

/** The data of an entry of kind `config`. */
export function encodeConfiguration (configuration: Configuration): Uint8Array {
  validateConfiguration(configuration)
  const { voters, outgoing, learners, learnersNext, policy } = configuration
  return new TextEncoder().encode(JSON.stringify({ voters, outgoing, learners, learnersNext, ...policed(policy) }))
}

/** Throws {@link ConfigurationError} on anything but what {@link encodeConfiguration} makes. */
export function decodeConfiguration (bytes: Uint8Array): Configuration {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new ConfigurationError(`${bytes.length} bytes are no configuration: not JSON in UTF-8`)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new ConfigurationError('a configuration is a JSON object')
  const fields = new Map(Object.entries(parsed))
  const [voters, outgoing, learners, learnersNext] = LISTS.map(list => idList(fields.get(list), list))
  // One that was written before there were policies has none.
  const policy: unknown = fields.get('policy')
  if (fields.has('policy') && typeof policy !== 'string') throw new ConfigurationError('the policy of a configuration is not text')
  if (fields.size !== LISTS.length + (fields.has('policy') ? 1 : 0)) throw new ConfigurationError(`a configuration has the fields ${LISTS.join(', ')}, maybe policy, and no others`)
  const configuration: Configuration = { voters, outgoing, learners, learnersNext, ...policed(policy as string | undefined) }
  validateConfiguration(configuration)
  return configuration
}

/** Absent is absent, and not a field that is undefined: configurations are compared field by field. */
function policed (policy: string | undefined): { policy?: string } {
  return policy === undefined ? {} : { policy }
}

function idList (value: unknown, list: string): MemberId[] {
  if (!Array.isArray(value) || !value.every(id => typeof id === 'string')) throw new ConfigurationError(`${list} is not a list of member ids`)
  return value
}

/** By code unit, not by locale: the order must be the same on every node. */
function sorted (ids: Iterable<MemberId>): MemberId[] {
  return [...ids].sort((a, b) => a < b ? -1 : a > b ? 1 : 0)
}
