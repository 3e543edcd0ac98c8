import fc from 'fast-check'
import { ChangeOp, Consistency } from '../../src/wire/index.js'
import { bytesUpTo } from './support.js'
import type { Configuration } from '../../src/raft/types.js'
import type { CommandFrame, Request, Response } from '../../src/wire/pb/command.js'
import type { SealedBox } from '../../src/wire/pb/transport.js'
import type { View } from '../../src/formation/pure/view.js'
import type { FormationRecord, Proposal } from '../../src/formation/pure/proposal.js'

export const text = fc.string({ unit: 'grapheme', maxLength: 24 })
export const count = fc.oneof(fc.nat(300), fc.maxSafeNat())
const small = fc.nat(0xffff_ffff)
const blob = bytesUpTo(40) as fc.Arbitrary<Uint8Array<ArrayBuffer>>
const none = fc.constant({})

export const digits = fc.uint8Array({ minLength: 8, maxLength: 8 }).map(bytes => Buffer.from(bytes).toString('hex'))
export const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }) as fc.Arbitrary<Uint8Array<ArrayBuffer>>
export const peer = fc.stringMatching(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{4,8}$/)
const incarnation = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/)

const consistency = fc.constantFrom(Consistency.LINEARIZABLE, Consistency.LEASE, Consistency.BOUNDED, Consistency.STALE)
const freshness = fc.record({ revision: count, ageMs: small }, { requiredKeys: ['revision'] })
const row = fc.record({ key: blob, value: blob, facts: fc.record({ createRevision: count, modRevision: count, version: count, lease: count }) }, { requiredKeys: ['key', 'value'] })
const texts = fc.array(text, { maxLength: 4 })
const peers = fc.array(fc.record({ peer: text, addresses: texts, ageMs: small }), { maxLength: 4 })
const leader = fc.record({ leader: text }, { requiredKeys: [] })

function oneOf (kinds: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> {
  return fc.oneof(...Object.entries(kinds).map(([name, body]) => body.map(value => ({ [name]: value }))))
}

const requestBody = oneOf({
  propose: fc.record({ command: blob, kv: fc.boolean() }),
  get: fc.record({ key: blob, consistency }),
  scan: fc.record({ from: blob, to: blob, limit: small, keysOnly: fc.boolean(), reverse: fc.boolean(), consistency, maxAgeMs: small }, { requiredKeys: ['from', 'limit', 'keysOnly', 'reverse', 'consistency'] }),
  changes: fc.record({ from: blob, to: blob, revision: count, skip: small, waitMs: small, maxBytes: small }, { requiredKeys: ['from', 'revision', 'skip', 'waitMs', 'maxBytes'] }),
  keepAlive: fc.record({ leases: fc.array(count, { maxLength: 6 }) }),
  leaseStatus: fc.record({ lease: count }),
  listLeases: fc.record({ after: count, limit: small }),
  publish: fc.record({ topic: text, data: blob }),
  listen: fc.record({ topic: text, epoch: count, position: count, waitMs: small }),
  barrier: none,
  members: none,
  stats: none,
  changeMembers: fc.record({
    changes: fc.array(fc.record({ op: fc.constantFrom(ChangeOp.ADD_VOTER, ChangeOp.ADD_LEARNER, ChangeOp.REMOVE), peer: text, incarnation: text }), { maxLength: 4 }),
    expectedIndex: count
  }, { requiredKeys: ['changes'] }),
  transfer: fc.record({ peer: text }, { requiredKeys: [] }),
  join: fc.record({ body: blob, publicKey: blob, signature: blob }),
  exchangePeers: fc.record({ peers, serving: fc.boolean() }),
  formation: fc.record({ message: blob }),
  removed: fc.record({ configurationIndex: count })
})

const responseBody = oneOf({
  failure: fc.tuple(fc.record({ name: text, message: text }), leader).map(([a, b]) => ({ ...a, ...b })),
  leader: text,
  proposed: fc.record({ index: count, result: blob }),
  got: fc.record({ found: fc.boolean(), value: blob }),
  rowList: fc.record({ rows: fc.array(row, { maxLength: 6 }), more: fc.boolean(), freshness }, { requiredKeys: ['rows', 'more'] }),
  changeList: fc.record({ changes: fc.array(fc.record({ row, deleted: blob, revision: count }, { requiredKeys: ['deleted', 'revision'] }), { maxLength: 6 }), next: count, nextSkip: fc.nat(), compacted: count }, { requiredKeys: ['changes', 'next', 'nextSkip'] }),
  leaseList: fc.record({ leases: fc.array(fc.record({ id: count, ttlMs: fc.nat() }), { maxLength: 6 }), more: fc.boolean() }),
  leaseState: fc.record({ ttlMs: fc.nat(), remainingMs: fc.nat(), keys: fc.array(blob, { maxLength: 6 }) }),
  published: fc.record({ told: fc.nat() }),
  heard: fc.record({ sayings: fc.array(fc.record({ data: blob, publisher: text }), { maxLength: 6 }), epoch: count, position: count, missed: fc.boolean() }),
  index: fc.record({ index: count }),
  memberList: fc.tuple(fc.record({
    members: fc.array(fc.record({ peer: text, incarnation: text, voter: fc.boolean(), addresses: texts }), { maxLength: 4 }),
    clusterId: blob, configurationIndex: count, term: count, provisional: fc.boolean()
  }), leader).map(([a, b]) => ({ ...a, ...b })),
  stats: fc.record({ json: text }),
  joined: fc.tuple(fc.record({ clusterId: blob }), leader).map(([a, b]) => ({ ...a, ...b })),
  peerList: fc.tuple(fc.record({ peers, clusterId: blob }), leader).map(([a, b]) => ({ ...a, ...b })),
  formation: fc.record({ message: blob })
})

const id = count.map(n => Math.max(1, n))

export const request: fc.Arbitrary<Request> = fc.tuple(fc.record({ id, namespace: text, forwarded: fc.boolean(), timeoutMs: small }), requestBody).map(([head, body]) => ({ ...head, ...body }))
export const response: fc.Arbitrary<Response> = fc.tuple(id, responseBody).map(([id, body]) => ({ id, ...body }))

export const commandFrame: fc.Arbitrary<CommandFrame> = fc.record({
  requests: fc.array(request, { maxLength: 4 }),
  responses: fc.array(response, { maxLength: 4 }),
  cancels: fc.array(count, { maxLength: 4 }),
  hello: fc.record({ major: small, minor: small })
}, { requiredKeys: ['requests', 'responses', 'cancels'] })

const keyId = fc.uint8Array({ minLength: 8, maxLength: 8 })
const sealedBytes = fc.uint8Array({ maxLength: 60 })

/** A box of the Raft link, of no key that anybody has. */
export const linkBox: fc.Arbitrary<SealedBox> = fc.record({ clusterId: hash, keyId, sequence: count, sealed: sealedBytes })

export const sealedCommandFrame: fc.Arbitrary<CommandFrame> = fc.tuple(commandFrame, fc.record({
  boxes: fc.array(fc.record({ namespace: text, keyId, sequence: count, sealed: sealedBytes }), { maxLength: 3 }),
  refusals: fc.array(fc.record({ namespace: text, keyId, sequence: count, failure: fc.record({ name: text, message: text }) }), { maxLength: 3 })
}), fc.uint8Array({ minLength: 32, maxLength: 32 })).map(([frame, sealed, salt]) => ({ ...frame, sealed, ...(frame.hello === undefined ? {} : { hello: { ...frame.hello, salt } }) }))

/** Member ids, sorted, each peer once. */
export const memberIds = (minLength: number, maxLength: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.tuple(peer, incarnation), { minLength, maxLength, selector: ([name]) => name }).map(list => list.map(parts => parts.join('.')).sort())

export const configuration: fc.Arbitrary<Configuration> = fc.tuple(memberIds(1, 6), fc.nat(5), fc.nat(5), fc.boolean(), fc.option(text, { nil: undefined })).map(([ids, a, b, joint, policy]) => {
  const [from, to] = [1 + a % ids.length, 1 + b % ids.length].sort((x, y) => x - y)
  const [voters, middle, rest] = [ids.slice(0, from), ids.slice(from, to), ids.slice(to)]
  const lists = joint ? { outgoing: middle, learners: rest, learnersNext: middle.slice(0, 1) } : { outgoing: [], learners: [...middle, ...rest], learnersNext: [] }
  return { voters, ...lists, ...(policy === undefined ? {} : { policy }) }
})

const policy = fc.stringMatching(/^[a-z]{1,16}(:[0-9a-z]{1,20})?$/)

const promised: fc.Arbitrary<{ floor: number, promise?: Proposal }> = fc.oneof(
  fc.nat(500).map(floor => ({ floor })),
  fc.record({ attempt: fc.integer({ min: 1, max: 400 }), policy, founders: memberIds(1, 5), above: fc.nat(99) })
    .map(({ above, ...promise }) => ({ floor: promise.attempt + above, promise }))
)

export const formationRecord: fc.Arbitrary<FormationRecord> = fc.tuple(incarnation, promised).map(([incarnation, rest]) => ({ incarnation, ...rest }))

export const view: fc.Arbitrary<View> = fc.record({
  record: formationRecord, policy,
  contacts: fc.array(fc.record({ peer, incarnation, ageMs: small }), { maxLength: 5 }),
  frozenMs: fc.option(small, { nil: undefined }), founders: memberIds(0, 5), clusterId: fc.option(hash, { nil: undefined })
})
