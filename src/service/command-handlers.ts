import { InvalidArgumentError, NoLeaderError, UnavailableError, UnknownNamespaceError } from '../errors.js'
import { memberList } from './group-view.js'
import { checkCommand, checkKey, checkKvCommand } from './kv-limits.js'
import { leasesOf, needsOf, needsOfQuery } from './kv-rights.js'
import { checkLeaseKeys, MAX_ATTACHED_LEASES } from './lease-rights.js'
import { checkIncarnation } from './member-operations.js'
import { checkPeer } from './options.js'
import { checkEdit, policyOf } from './policy-edits.js'
import { encodePolicy } from './policy.js'
import { answering, askedQuery } from './query-codec.js'
import { ChangeOp } from '../wire/index.js'
import type { Manner } from './member-operations.js'
import type { Inquirer } from './member-queries.js'
import type { NamespaceHost } from './namespace-host.js'
import type { Query } from './queries.js'
import type { KvCommand } from '../machine/kv-types.js'
import type { Request, Response } from '../wire/index.js'

export interface Asker { readonly peer: string, readonly signal?: AbortSignal }

type Answer = Omit<Response, 'id'>
/** `peer`: who sent it. `by`: by whose rights it is judged. */
interface Judged extends Asker { readonly by: string }
type Handler<T> = (host: NamespaceHost, body: T, manner: Manner, asker: Judged) => Promise<Answer>

/** Longest that a peer may have a request wait here. */
const MAX_TIMEOUT_MS = 10 * 60_000

/** Carries out one request of a peer; one function for each kind. What it throws crosses the wire as a Failure. */
export async function handleRequest (host: NamespaceHost | undefined, request: Omit<Request, 'id'>, from: Asker): Promise<Answer> {
  if (host === undefined) throw new UnknownNamespaceError(`This node does not host ${request.namespace.slice(0, 255)}: ask another`)
  // Between join() and the end of loading, peers may ask already.
  if (!host.membership.isReady) throw new UnavailableError(`${host.namespace} is being loaded on this node: ask another, or again in a moment`)
  const { access } = host.membership
  const asker = judge(host, request, from)
  const manner: Manner = {
    timeoutMs: request.timeoutMs > 0 ? Math.min(request.timeoutMs, MAX_TIMEOUT_MS) : host.options.requestMs,
    // No signal: the wait is bounded, and making one for each request costs more than a wait that nobody needs any more.
    // That it was sent on once is believed of anybody: it only means that it isn't sent on again.
    forwarded: request.forwarded,
    ...(access.isMember(asker.by) ? {} : { origin: asker.by })
  }
  if (request.formation !== undefined) return await formation(host, request.formation, manner, asker)
  if (request.exchangePeers !== undefined) return await exchangePeers(host, request.exchangePeers, manner, asker)
  if (request.removed !== undefined) {
    host.membership.suspect(asker.peer)
    return {}
  }
  if (request.stats !== undefined) {
    access.checkAnyRead(asker.by, 'see the state of this member')
    return { stats: { json: JSON.stringify(host.cluster.stats()) } }
  }
  host.checkOpen()
  // A node that is still joining is of no use to others; they would wait for it while members stand ready.
  if (host.isGuest) throw new NoLeaderError(`This node is still joining ${host.namespace}: ask a member`)
  if (request.propose !== undefined) return await propose(host, request.propose, manner, asker)
  const query = askedQuery(request)
  if (query !== undefined) return await answer(host, query, manner, asker)
  if (request.barrier !== undefined) return await barrier(host, request.barrier, manner, asker)
  if (request.members !== undefined) return await members(host, request.members, manner, asker)
  if (request.changeMembers !== undefined) return await changeMembers(host, request.changeMembers, manner, asker)
  if (request.changePolicy !== undefined) return await changePolicy(host, request.changePolicy, manner, asker)
  if (request.readPolicy !== undefined) return await readPolicy(host, request.readPolicy, manner, asker)
  if (request.transfer !== undefined) return await transfer(host, request.transfer, manner, asker)
  if (request.join !== undefined) return await join(host, request.join, manner, asker)
  throw new InvalidArgumentError('The request holds nothing that this version knows: upgrade this node, or ask another')
}

/**
 * A request that a member has sent on is its caller's, by whose rights it is judged once more: the member may not have heard yet that they
 * were withdrawn. Of anybody else, what it says about that is not believed.
 */
function judge (host: NamespaceHost, { forwarded, origin }: Omit<Request, 'id'>, asker: Asker): Judged {
  const isForOther = forwarded && origin !== undefined && origin !== '' && host.membership.access.isMember(asker.peer)
  return { ...asker, by: isForOther ? origin : asker.peer }
}

/** Named in answers to those who could have gone there at once. */
function leaderHint (host: NamespaceHost): { leader?: string } {
  const leader = host.leading ? undefined : host.leader?.toString()
  return leader === undefined ? {} : { leader }
}

const propose: Handler<NonNullable<Request['propose']>> = async (host, { command, kv }, manner, { by }) => {
  const { access } = host.membership
  if (kv) {
    host.needKv('the commands of the KV')
    // Forwarded or not: any peer can say that it is a member which has checked already, and what is in the log is there for ever.
    const decoded = checkKvCommand(command, host.options.limits)
    if (!access.isMember(by)) await checkWrite(host, decoded, manner, by)
  } else {
    if (host.options.machine === undefined) throw new InvalidArgumentError(`${host.namespace} has the built-in KV: use set, delete or batch, not apply`)
    checkCommand(command, host.options.limits)
    access.checkApply(by)
  }
  const proposed = await host.operations.propose(command, kv, manner)
  return { proposed: proposed as NonNullable<Response['proposed']>, ...leaderHint(host) }
}

/** Each key that it touches, and those of its leases as well. */
async function checkWrite (host: NamespaceHost, command: KvCommand, manner: Manner, by: string): Promise<void> {
  const { access } = host.membership
  access.check(by, needsOf(command))
  const leases = leasesOf(command)
  if (leases.length === 0 || access.holdsAll(by, 'write')) return
  const { kv } = await host.readable({ consistency: 'linearizable', maxAge: 0 }, manner)
  await checkLeaseKeys(leases, kv, keys => { access.check(by, keys.map(key => ({ role: 'write', key }))) }, MAX_ATTACHED_LEASES)
}

async function answer (host: NamespaceHost, query: Query, manner: Manner, { by, signal }: Judged): Promise<Answer> {
  host.needKv(query.type)
  if ('key' in query) checkKey(query.key, host.options.limits)
  const { access } = host.membership
  const needs = needsOfQuery(query)
  const check = (): void => { access.check(by, needs) }
  check()
  const checkKeys: Inquirer['checkKeys'] = (role, keys) => { access.check(by, keys.map(key => ({ role, key }))) }
  const found = await host.queries.ask(query, manner, { by, signal, check, checkKeys, holdsAll: role => access.holdsAll(by, role) })
  return { ...answering(query.type, found), ...leaderHint(host) }
}

const barrier: Handler<unknown> = async (host, _body, manner, { by }) => {
  host.membership.access.checkAnyRead(by, 'ask for a barrier')
  return { index: { index: await host.operations.readIndex(false, manner) } }
}

/** Whoever may not read is told who leads, and about itself: a member that was removed must be able to find out. */
const members: Handler<unknown> = async (host, _body, manner, { by }) => {
  const group = host.group ?? await host.whenGroup(manner.timeoutMs, manner.signal)
  const list = memberList(host, group)
  if (host.membership.access.mayRead(by)) return { memberList: list }
  return { memberList: { ...list, members: list.members.filter(({ peer }) => peer === by || peer === list.leader) } }
}

const changeMembers: Handler<NonNullable<Request['changeMembers']>> = async (host, { changes, expectedIndex }, manner, asker) => {
  host.membership.access.checkAdmin(asker.by, 'change the members')
  const ops = { [ChangeOp.ADD_VOTER]: 'add-voter', [ChangeOp.ADD_LEARNER]: 'add-learner', [ChangeOp.REMOVE]: 'remove' } as const
  const wanted = changes.map(({ op, peer, incarnation }) => ({ op: ops[op], peer, incarnation }))
  if (wanted.length === 0 || wanted.some(change => change.op === undefined)) throw new InvalidArgumentError('A membership change names at least one change, of a kind that this version knows')
  // What is in the log is there for ever, and every member must be able to read it as a name.
  for (const { peer, incarnation } of wanted) {
    checkPeer(peer, 'the peer of a membership change')
    if (incarnation !== '') checkIncarnation(incarnation)
  }
  return { index: { index: await host.operations.changeMembers(wanted, expectedIndex, manner) } }
}

const changePolicy: Handler<NonNullable<Request['changePolicy']>> = async (host, { expectedIndex, ...edit }, manner, { by }) => {
  host.membership.access.checkAdmin(by, 'change the policy')
  checkEdit(edit)
  return { index: { index: await host.operations.changePolicy(edit, expectedIndex, manner) } }
}

const readPolicy: Handler<unknown> = async (host, _body, manner, { by }) => {
  host.membership.access.checkAdmin(by, 'see the policy')
  const group = host.group ?? await host.whenGroup(manner.timeoutMs, manner.signal)
  const { configuration, configurationIndex } = group.status()
  return { policy: { text: encodePolicy(policyOf(configuration)), configurationIndex } }
}

const transfer: Handler<NonNullable<Request['transfer']>> = async (host, { peer }, manner, { by }) => {
  host.membership.access.checkAdmin(by, 'hand leadership over')
  await host.operations.transfer(peer, manner)
  return { index: { index: host.group?.status().commit ?? 0 } }
}

const join: Handler<NonNullable<Request['join']>> = async (host, signed, manner, asker) => {
  // A member that passes a request on has counted it; of anybody else, that it was passed on is not believed.
  if (manner.forwarded !== true || !host.membership.access.isMember(asker.peer)) host.node.joins.enter(asker.peer)
  return { joined: await host.membership.admit(signed, manner) }
}

const exchangePeers: Handler<NonNullable<Request['exchangePeers']>> = async (host, { peers, serving }, _manner, asker) => {
  const known = await host.membership.exchange(asker.peer, peers, serving)
  return {
    peerList: {
      peers: known,
      clusterId: (host.group?.clusterId ?? new Uint8Array(0)) as Uint8Array<ArrayBuffer>,
      ...(host.leader === undefined ? {} : { leader: host.leader.toString() })
    }
  }
}

const formation: Handler<NonNullable<Request['formation']>> = async (host, { message }, _manner, asker) => {
  const answer = await host.membership.formationMessage(asker.peer, message)
  if (answer === undefined) throw new UnavailableError(`${host.namespace} is closing on this node: ask another`)
  return { formation: { message: answer as Uint8Array<ArrayBuffer> } }
}

