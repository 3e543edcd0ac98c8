import { NotAuthorizedError } from '../errors.js'
import { decodeKvCommand } from '../machine/index.js'
import { LogLimit } from '../wire/index.js'
import { allMembers, peerPart } from './group-view.js'
import { atLeast, bestRole, decodePolicy, emptyPolicy, leastRoleUnder, roleAt } from './policy.js'
import { showKey } from './validate.js'
import type { AdmissionFunction } from './api.js'
import type { Policy, Role } from './policy.js'
import type { ResolvedJoinOptions } from './options.js'
import type { Clock } from '../clock.js'
import type { JoinClaim } from '../formation/index.js'
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

  checkRead (peer: string, key: Uint8Array): void {
    if (!this.isMember(peer)) this.#need(peer, 'read', this.#at(peer, key), `read ${showKey(key)}`, key)
  }

  /** Under that prefix there must be nothing that `peer` may not read: a list that is cut in silence reads as if the rest were not there. */
  checkList (peer: string, prefix: Uint8Array): void {
    if (this.isMember(peer)) return
    const least = this.#policy === undefined ? 'none' : leastRoleUnder(this.#policy, peer, prefix, this.#default(peer))
    this.#need(peer, 'read', least, `list all keys that begin with ${showKey(prefix)}`, prefix)
  }

  checkAnyRead (peer: string, what: string): void {
    if (!this.isMember(peer)) this.#need(peer, 'read', this.#best(peer), what, ALL)
  }

  /** Each key that it touches. A command of a machine of the program's own touches what only that knows: all of it. */
  checkWrite (peer: string, command: Uint8Array, kv: boolean): void {
    if (this.isMember(peer)) return
    if (!kv) {
      this.#need(peer, 'write', this.#at(peer, ALL), 'apply commands', ALL)
      return
    }
    const decoded = decodeKvCommand(command)
    const ops = decoded.type === 'batch' ? decoded.ops : decoded.type === 'put' || decoded.type === 'delete' ? [decoded] : undefined
    if (ops === undefined) this.#need(peer, 'write', this.#at(peer, ALL), 'apply commands', ALL)
    else for (const { key } of ops) this.#need(peer, 'write', this.#at(peer, key), `write ${showKey(key)}`, key)
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
