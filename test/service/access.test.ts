import { beforeEach, describe, expect, it } from 'vitest'
import { NotAuthorizedError } from '../../src/errors.js'
import { Access } from '../../src/service/access.js'
import { encode, toBatch, toGrant, toSet, toTxn } from '../../src/service/kv-operations.js'
import { leasesOf, needsOf, needsOfQuery } from '../../src/service/kv-rights.js'
import { toSpan } from '../../src/service/spans.js'
import { authorize, emptyPolicy, encodePolicy, setRole } from '../../src/service/policy.js'
import { ManualClock } from '../formation/clock.js'
import type { AdmissionFunction, KeyRange } from '../../src/service/api.js'
import type { KvCommand, KvOp } from '../../src/machine/kv-types.js'
import type { KeySpan } from '../../src/machine/types.js'
import type { Query } from '../../src/service/queries.js'
import type { Need } from '../../src/service/kv-rights.js'
import type { JoinClaim } from '../../src/formation/index.js'
import type { Policy } from '../../src/service/policy.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const claim = (peer: string): JoinClaim => ({ namespace: '/raft/t', clusterId: new Uint8Array(32), peer, incarnation: '1', voter: true, addresses: [], nonce: new Uint8Array(16), configurationIndex: 1 })
const put = needsOf(toSet('k', 'v'))
const read = needsOfQuery({ type: 'row', key: bytes('k'), consistency: 'stale', maxAge: 0 })
const listed: Policy = { ...authorize(emptyPolicy, 'member', 'friend'), admission: 'allow-list' }

let clock: ManualClock
let logged: string[]

function access (policy?: Policy | string, admission: 'open' | 'allow-list' | AdmissionFunction = 'open'): Access {
  const made = new Access({ namespace: '/raft/t', self: 'self', options: { admission }, clock, log: (...all) => { logged.push(all.join(' ')) } })
  const text = policy === undefined || typeof policy === 'string' ? policy : encodePolicy(policy)
  made.update({ voters: ['member.1'], outgoing: [], learners: [], learnersNext: [], ...(text === undefined ? {} : { policy: text }) })
  return made
}

beforeEach(() => {
  clock = new ManualClock()
  logged = []
})

describe('access', () => {
  it('is everything for members and this node itself, and to write for others, by default', () => {
    const a = access()
    for (const peer of ['member', 'self']) a.checkAdmin(peer, 'change the members')
    a.check('guest', put)
    expect(() => { a.checkAdmin('guest', 'change the members') }).toThrow(/guest may not change the members in \/raft\/t: that takes the role admin, and it has write; .*setRole\('guest', 'admin'\)/)
  })

  it('is nothing for who is not on the list, where there is one', () => {
    const a = access(listed)
    a.check('friend', put)
    expect(() => { a.check('guest', read) }).toThrow(NotAuthorizedError)
    expect([a.mayRead('guest'), a.mayRead('friend'), a.mayRead('member')]).toEqual([false, true, true])
  })

  it('is nothing for anybody but members where the policy cannot be read', async () => {
    const a = access('{"of":"a later version"}')
    expect(logged).toHaveLength(1)
    a.checkAdmin('member', 'x')
    expect(() => { a.check('guest', read) }).toThrow(NotAuthorizedError)
    await expect(a.checkJoin(claim('guest'))).rejects.toThrow(NotAuthorizedError)
  })

  it('needs the right to each key of a batch, and to all keys for a machine of the program\'s own', () => {
    const a = access(setRole(setRole(emptyPolicy, '*', bytes(''), 'read'), 'guest', bytes('a/'), 'write'))
    const batch = (...keys: string[]): Need[] => needsOf(toBatch(keys.map(key => ({ type: 'set', key, value: 'v' }))))
    a.check('guest', batch('a/1', 'a/2'))
    expect(() => { a.check('guest', batch('a/1', 'b/2')) }).toThrow('write "b/2"')
    expect(() => { a.checkApply('guest') }).toThrow('apply commands')
    a.checkAnyRead('guest', 'see the members')
    a.check('guest', [{ role: 'read', span: toSpan({}) }])
  })

  it('changes with the configuration', () => {
    const a = access()
    a.check('guest', read)
    a.update({ voters: ['other.1'], outgoing: [], learners: [], learnersNext: [], policy: encodePolicy(setRole(emptyPolicy, '*', bytes(''), 'none')) })
    expect(() => { a.check('guest', read) }).toThrow(NotAuthorizedError)
    expect(() => { a.checkAdmin('member', 'x') }).toThrow(NotAuthorizedError)
  })

  it('counts each refusal, and logs one for each peer and kind, now and then', async () => {
    const a = access(listed)
    const ask = (peer: string): void => { expect(() => { a.check(peer, read) }).toThrow() }
    for (let i = 0; i < 5; i++) ask('guest')
    ask('another')
    expect([a.refused, logged.length]).toEqual([6, 2])
    await clock.advance(60_000)
    ask('guest')
    expect(logged).toHaveLength(3)
  })
})

describe('what it takes', () => {
  const span = (prefix: string): KeySpan => toSpan({ prefix })
  const wanted = { consistency: 'linearizable', maxAge: 0 } as const

  it.each<[KvCommand, Need[]]>([
    [toSet('k', 'v', { lease: 3 }), [{ role: 'write', key: bytes('k') }]],
    [toSet('k', 'v', { version: 3 }), [{ role: 'read', key: bytes('k') }, { role: 'write', key: bytes('k') }, { role: 'read', key: bytes('k') }]],
    [toTxn({ compare: [{ key: 'a', exists: true }], then: [{ type: 'deleteRange', prefix: 'b' }], else: [{ type: 'append', prefix: 'c', value: '' }, { type: 'get', key: 'd' }, { type: 'delete', key: 'e' }] }), [
      { role: 'read', key: bytes('a') }, { role: 'write', span: { type: 'delete-range', ...span('b') } as KeySpan }, { role: 'write', span: span('c') }, { role: 'read', key: bytes('d') }, { role: 'write', key: bytes('e') }
    ]],
    [toTxn({ then: [{ type: 'append', prefix: '', value: '' }] }), [{ role: 'write', span: { from: bytes('') } }]],
    [toGrant(1_000), [{ role: 'write', some: 'grant leases' }]],
    [{ type: 'revoke', leases: [1], expired: false }, [{ role: 'write', some: 'revoke leases' }]],
    [{ type: 'compact', revision: 1 }, [{ role: 'admin', what: 'compact history' }]],
    [{ type: 'session', lease: 1, sequence: 1, acknowledged: 0, command: encode(toSet('k', 'v')) }, [{ role: 'write', key: bytes('k') }]],
    [{ type: 'queue-take', queue: 'q', limit: 1, visibility: 1 }, [{ role: 'write', span: span('\0queue/q/') }]],
    [{ type: 'queue-push', queue: 'q', value: bytes('v') }, [{ role: 'write', span: span('\0queue/q/') }]]
  ])('to propose %j', (command, needs) => {
    expect(needsOf(command)).toEqual(needs)
  })

  it.each<[Query, Need[]]>([
    [{ type: 'row', key: bytes('k'), ...wanted }, [{ role: 'read', key: bytes('k') }]],
    [{ type: 'rows', span: span('a'), limit: 1, keysOnly: true, reverse: false, ...wanted }, [{ role: 'read', span: span('a') }]],
    [{ type: 'changes', span: span('a'), position: { revision: 1, skip: 0 }, waitMs: 0, maxBytes: 0 }, [{ role: 'read', span: span('a') }]],
    [{ type: 'keepAlive', leases: [1] }, [{ role: 'write', some: 'keep leases alive' }]],
    [{ type: 'leaseStatus', lease: 1 }, [{ role: 'read', some: 'look at leases' }]],
    [{ type: 'leases', after: 0, limit: 1 }, [{ role: 'read', some: 'look at leases' }]],
    [{ type: 'publish', topic: 't', data: bytes('') }, [{ role: 'write', key: bytes('t') }]],
    [{ type: 'listen', topic: 't', position: { epoch: 0, position: 0 }, waitMs: 0 }, [{ role: 'read', key: bytes('t') }]]
  ])('to ask %j', (query, needs) => {
    expect(needsOfQuery(query)).toEqual(needs)
  })

  it('of a range is the right to each key in it, also to those that a longer rule is about', () => {
    const a = access(setRole(setRole(emptyPolicy, '*', bytes('app/secret/'), 'none'), '*', bytes('z'), 'read'))
    const may = (role: 'read' | 'write', range: KeyRange): boolean => {
      try {
        a.check('guest', [{ role, span: toSpan(range) }])
        return true
      } catch (error) {
        expect(error).toBeInstanceOf(NotAuthorizedError)
        return false
      }
    }
    expect([may('read', { prefix: 'app/' }), may('read', { prefix: 'app/secret/deep' }), may('read', { prefix: 'app/t' })]).toEqual([false, false, true])
    expect([may('read', { from: 'app/secret', to: 'app/secret/' }), may('read', { from: 'a', to: 'app/secret/x' }), may('read', { from: 'app/secret0' })]).toEqual([true, false, true])
    expect([may('write', { from: 'app/secret0' }), may('write', { from: 'app/secret0', to: 'z' }), may('write', { prefix: '\0' })]).toEqual([false, true, true])
    for (const role of ['read', 'write'] as const) expect(may(role, {})).toBe(false)
  })

  it('to revoke leases, and to hang keys on them, is found in each kind of command, also within a session', () => {
    const revoke = { type: 'revoke', leases: [4, 5], expired: false } as const
    const key = bytes('k')
    const put = (lease?: number): KvOp => ({ type: 'put', key, value: key, lease })
    for (const [command, leases] of [
      [revoke, [4, 5]], [put(), []], [put(0), []], [put(3), [3]],
      [{ type: 'batch', ops: [put(3), { type: 'delete', key }, put(4)] }, [3, 4]],
      [{ type: 'txn', compare: [], then: [{ type: 'get', key }, put(5)], else: [{ type: 'append', prefix: key, value: key, lease: 6 }] }, [5, 6]],
      [toGrant(1_000), []], [{ type: 'compact', revision: 1 }, []]
    ] satisfies Array<[KvCommand, number[]]>) {
      expect(leasesOf(command)).toEqual(leases)
      expect(leasesOf({ type: 'session', lease: 1, sequence: 1, acknowledged: 0, command: encode(command) })).toEqual(leases)
    }
  })

  it('is held whatever the key by who has it without exception', () => {
    const but = (role: 'none' | 'read'): Policy => setRole(emptyPolicy, '*', bytes('x'), role)
    const held = (a: Access): boolean[] => [a.holdsAll('guest', 'read'), a.holdsAll('guest', 'write'), a.holdsAll('member', 'write')]
    expect([held(access()), held(access(but('read'))), held(access(but('none'))), held(access(listed))]).toEqual([
      [true, true, true], [true, false, true], [false, false, true], [false, false, true]
    ])
    expect(held(access(setRole(emptyPolicy, '*', Uint8Array.of(0), 'none')))).toEqual([false, false, true])
  })
})

describe('admission', () => {
  it('by list takes who is on it, by the group\'s list or, until there is one, by its members', async () => {
    for (const a of [access(listed), access(undefined, 'allow-list')]) {
      await a.checkJoin(claim('member'))
      await expect(a.checkJoin(claim('guest'))).rejects.toThrow(/cluster\.authorize\('guest'\)/)
      expect(() => { a.checkAdd('guest') }).toThrow(NotAuthorizedError)
    }
    await access(listed).checkJoin(claim('friend'))
    await access().checkJoin(claim('guest'))
  })

  it('by a function takes whom that lets in; a throw, a no, or no answer in time is a refusal', async () => {
    const asked: string[] = []
    await access(undefined, async ({ peer, voter }) => { asked.push(`${peer} ${String(voter)}`); return true }).checkJoin(claim('guest'))
    expect(asked).toEqual(['guest true'])
    for (const no of [() => false, () => { throw new Error('no') }, async () => await Promise.reject(new Error('no')), (() => 'yes') as unknown as AdmissionFunction]) {
      await expect(access(undefined, no).checkJoin(claim('guest'))).rejects.toThrow(NotAuthorizedError)
    }
    const late = new AbortController()
    const refused = expect(access(undefined, async () => await new Promise(() => {})).checkJoin(claim('guest'), late.signal)).rejects.toThrow(NotAuthorizedError)
    late.abort()
    await refused
  })

  it('needs both, where there is a list and a function', async () => {
    await expect(access(listed, () => true).checkJoin(claim('guest'))).rejects.toThrow('list')
    await expect(access(listed, () => false).checkJoin(claim('friend'))).rejects.toThrow('function')
  })
})
