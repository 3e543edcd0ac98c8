import { NotAuthorizedError } from '../errors.js'
import { LogLimit } from '../wire/index.js'
import { allMembers, peerPart } from './group-view.js'
import { atLeast, bestRole, decodePolicy, emptyPolicy, leastRoleWithin, roleAt } from './policy.js'
import { showKey } from './validate.js'
import type { AdmissionFunction } from './api.js'
import type { Need } from './kv-rights.js'
import type { Policy, Role } from './policy.js'
import type { ResolvedJoinOptions } from './options.js'
import type { Clock } from '../clock.js'
import type { JoinClaim } from '../formation/index.js'
import type { KeySpan } from '../machine/types.js'
import type { Configuration } from '../raft/types.js'

export interface AccessPorts {
  readonly namespace: string
  /** Peer id of this node. */
  readonly self: string
  readonly options: Pick<ResolvedJoinOptions, 'admission'>
  readonly clock: Clock
  readonly log: (message: string, ...details: unknown[]) => void
}

/** A peer and kind of refusal is logged this often. */
const LOG_MS = 60_000
const MAX_LOGGED = 256
const ALL = new Uint8Array(0)

/**
 * Who may do what here, by the configuration in force. It is asked with every request: what is withdrawn is withdrawn for streams that are
 * open as well.
 */
export class Access {
  refused = 0
  #members: ReadonlySet<string> = new Set()
  #text: string | undefined
  #policy: Policy | undefined = emptyPolicy
  /** Peer ids cost nothing to make. */
  readonly #logged: LogLimit

  constructor (private readonly ports: AccessPorts) { this.#logged = new LogLimit(ports.clock, LOG_MS, MAX_LOGGED) }

  /** Undefined: it was made by a later version, and cannot be read. */
  get policy (): Policy | undefined { return this.#policy }

  /** What decides whether a node may join: the group's own list, once it has one, whatever this node was told. */
  get isAllowList (): boolean { return this.#policy === undefined || this.#policy.admission === 'allow-list' || this.ports.options.admission === 'allow-list' }

  update (configuration: Configuration): void {
    this.#members = new Set(allMembers(configuration).map(peerPart))
    if (configuration.policy === this.#text) return
    this.#text = configuration.policy
    try {
      this.#policy = this.#text === undefined ? emptyPolicy : decodePolicy(this.#text)
    } catch (error) {
      // Nothing is known of what it allows, so it allows nothing.
      this.#policy = undefined
      this.ports.log('the policy of %s cannot be read, and nobody but members has any right here: %s', this.ports.namespace, (error as Error).message)
    }
  }

  /** Members hold everything and vote on everything: rules are about everybody else. */
  isMember (peer: string): boolean { return this.#members.has(peer) || peer === this.ports.self }

  isAuthorized (peer: string): boolean { return this.#members.has(peer) || this.#policy?.authorized.includes(peer) === true }

  /** Some right, at least, to some key. */
  mayRead (peer: string): boolean { return this.isMember(peer) || atLeast(this.#best(peer), 'read') }

  /** Whatever the key. */
  holdsAll (peer: string, role: 'read' | 'write'): boolean { return this.isMember(peer) || atLeast(this.#within(peer, { from: ALL }), role) }

  checkAnyRead (peer: string, what: string): void {
    if (!this.isMember(peer)) this.#need(peer, 'read', this.#best(peer), what, ALL)
  }

  /** Within a span there must be nothing that `peer` has no right to: a list that is cut in silence reads as if the rest were not there. */
  check (peer: string, needs: Iterable<Need>): void {
    if (this.isMember(peer)) return
    for (const need of needs) {
      if ('key' in need) this.#need(peer, need.role, this.#at(peer, need.key), `${need.role} ${showKey(need.key)}`, need.key)
      else if ('span' in need) this.#need(peer, need.role, this.#within(peer, need.span), `${need.role} all of the range from ${showKey(need.span.from)}`, need.span.from)
      else if ('some' in need) this.#need(peer, need.role, this.#best(peer), need.some, ALL)
      else this.checkAdmin(peer, need.what)
    }
  }

  /** A command of a machine of the program's own touches what only that knows: all of it. */
  checkApply (peer: string): void {
    if (!this.isMember(peer)) this.#need(peer, 'write', this.#at(peer, ALL), 'apply commands', ALL)
  }

  checkAdmin (peer: string, what: string): void {
    if (!this.isMember(peer)) this.#need(peer, 'admin', this.#at(peer, ALL), what, ALL)
  }

  /** Whether the node that makes this claim may become a member. Asked at the leader. */
  async checkJoin (claim: JoinClaim, signal?: AbortSignal): Promise<void> {
    const { namespace, options: { admission } } = this.ports
    if (this.isAllowList && !this.isAuthorized(claim.peer)) {
      throw this.#refusal(claim.peer, 'join', `Peer ${claim.peer} may not join ${namespace}: it is not on the list of the group; a member must call cluster.authorize('${claim.peer}')`)
    }
    if (typeof admission !== 'function') return
    if (!await asks(admission, claim, signal)) throw this.#refusal(claim.peer, 'join', `Peer ${claim.peer} may not join ${namespace}: the function that decides on admission at the leader did not let it in`)
  }

  /** A member, or an admin, adds a node by hand. */
  checkAdd (peer: string): void {
    if (this.isAllowList && !this.isAuthorized(peer)) throw new NotAuthorizedError(`Peer ${peer} may not become a member of ${this.ports.namespace}: it is not on the list of the group; call cluster.authorize('${peer}') first`)
  }

  #at (peer: string, key: Uint8Array): Role { return this.#policy === undefined ? 'none' : roleAt(this.#policy, peer, key, this.#default(peer)) }

  #within (peer: string, span: KeySpan): Role { return this.#policy === undefined ? 'none' : leastRoleWithin(this.#policy, peer, span, this.#default(peer)) }

  #best (peer: string): Role { return this.#policy === undefined ? 'none' : bestRole(this.#policy, peer, this.#default(peer)) }

  /** A list of who may be a member would be worth little where everybody else could write. */
  #default (peer: string): Role { return this.isAllowList && !this.isAuthorized(peer) ? 'none' : 'write' }

  #need (peer: string, wanted: Role, has: Role, what: string, key: Uint8Array): void {
    if (atLeast(has, wanted)) return
    const where = key.byteLength === 0 ? '' : ', or the same with { prefix } for some keys only'
    const message = `Peer ${peer} may not ${what} in ${this.ports.namespace}: that takes the role ${wanted}, and it has ${has}; a member must call cluster.setRole('${peer}', '${wanted}')${where}`
    throw this.#refusal(peer, wanted, message)
  }

  #refusal (peer: string, kind: string, message: string): NotAuthorizedError {
    this.refused++
    if (this.#logged.pass(`${kind} ${peer}`) !== undefined) this.ports.log('refused: %s', message)
    return new NotAuthorizedError(message)
  }
}

/** A throw is a refusal, and so is no answer in time. */
async function asks (admission: AdmissionFunction, { peer, voter, addresses }: JoinClaim, given: AbortSignal | undefined): Promise<boolean> {
  const signal = given ?? new AbortController().signal
  if (signal.aborted) return false
  let aborted = (): void => {}
  const late = new Promise<false>(resolve => {
    aborted = () => { resolve(false) }
    signal.addEventListener('abort', aborted)
  })
  try {
    const asked = (async () => await admission({ peer, voter, addresses }, { signal }))().catch(() => false)
    return await Promise.race([asked, late]) === true
  } finally {
    signal.removeEventListener('abort', aborted)
  }
}
