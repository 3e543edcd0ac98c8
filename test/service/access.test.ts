import { beforeEach, describe, expect, it } from 'vitest'
import { NotAuthorizedError } from '../../src/errors.js'
import { Access } from '../../src/service/access.js'
import { toBatch, toSet } from '../../src/service/kv-operations.js'
import { needsOf, needsOfQuery } from '../../src/service/kv-rights.js'
import { toSpan } from '../../src/service/spans.js'
import { authorize, emptyPolicy, encodePolicy, setRole } from '../../src/service/policy.js'
import { ManualClock } from '../formation/clock.js'
import type { AdmissionFunction } from '../../src/service/api.js'
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
