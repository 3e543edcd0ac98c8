import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.js'
import {
  atLeast, authorize, bestRole, checkPolicy, deauthorize, decodePolicy, emptyPolicy, encodePolicy, leastRoleWithin, roleAt, ROLES, setRole
} from '../../src/service/policy.js'
import { applyEdit, allowListOf, checkEdit, policyOf } from '../../src/service/policy-edits.js'
import { prefixEnd } from '../../src/storage/index.js'
import { PolicyOp } from '../../src/wire/index.js'
import type { KeySpan } from '../../src/machine/types.js'
import type { Policy, Role } from '../../src/service/policy.js'
import type { Configuration } from '../../src/raft/types.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const A = '12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq'
const B = '12D3KooWRndVhVZPCiQwHBBBdg769GyrPUW13zxwqQyf9r3ANaba'
const under = (prefix: string): KeySpan => prefix === '' ? { from: new Uint8Array(0) } : { from: bytes(prefix), to: prefixEnd(bytes(prefix)) }
const rules = (...list: Array<[string, string, Role]>): Policy => list.reduce((policy, [peer, prefix, role]) => setRole(policy, peer, bytes(prefix), role), emptyPolicy)

const key = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 4 }).map(parts => parts.join(''))
const rule = fc.tuple(fc.constantFrom('x', 'y', '*'), key, fc.constantFrom(...ROLES))
const policy = fc.tuple(fc.array(rule, { maxLength: 6 }), fc.array(fc.constantFrom(A, B, 'x'), { maxLength: 4 }), fc.boolean())
  .map(([list, peers, listed]): Policy => ({ ...authorize(rules(...list), ...peers), ...(listed ? { admission: 'allow-list' } : {}) }))

describe('roles', () => {
  it('include those before them', () => {
    expect(ROLES.map(role => atLeast('read', role))).toEqual([true, true, false, false])
  })

  it('are by the longest prefix; a peer\'s own go before everybody\'s, and what nothing covers has the default', () => {
    const p = rules(['x', 'app/', 'read'], ['x', 'app/own/', 'write'], ['*', 'app/own/deep/', 'none'], ['*', '', 'admin'])
    const at = (peer: string, k: string): Role => roleAt(p, peer, bytes(k), 'none')
    expect(['app/k', 'app/own/k', 'app/own/deep/k', 'k'].map(k => at('x', k))).toEqual(['read', 'write', 'write', 'admin'])
    expect(['app/k', 'app/own/deep/k'].map(k => at('y', k))).toEqual(['admin', 'none'])
    expect(roleAt(emptyPolicy, 'x', bytes('k'), 'write')).toBe('write')
  })

  it('under a prefix are no more than at any key there, and no less than at some', () => {
    fc.assert(fc.property(policy, fc.constantFrom('x', 'y', 'z'), key, key, fc.constantFrom(...ROLES), (p, peer, prefix, rest, fallback) => {
      const at = roleAt(p, peer, bytes(prefix + rest), fallback)
      expect(atLeast(at, leastRoleWithin(p, peer, under(prefix), fallback))).toBe(true)
      expect(atLeast(bestRole(p, peer, fallback), at)).toBe(true)
    }), { numRuns: 500 })
    // And they are reached: nothing is refused for a rule that holds nowhere.
    const p = rules(['*', 'a/', 'none'], ['x', '', 'read'])
    expect([leastRoleWithin(p, 'x', under(''), 'none'), leastRoleWithin(p, 'y', under('a'), 'read'), leastRoleWithin(p, 'y', under('b'), 'read')]).toEqual(['read', 'none', 'read'])
  })

  it('can be taken back', () => {
    expect(setRole(rules(['x', 'a', 'read']), 'x', bytes('a'), undefined)).toEqual(emptyPolicy)
    expect(rules(['x', 'a', 'read'], ['x', 'a', 'write']).roles).toEqual([{ peer: 'x', prefix: '61', role: 'write' }])
  })
})

describe('the text of a policy', () => {
  it('comes back, and is the same for the same policy', () => {
    fc.assert(fc.property(policy, p => {
      expect(decodePolicy(encodePolicy(p))).toEqual(p)
      expect(encodePolicy(decodePolicy(encodePolicy(p)))).toBe(encodePolicy(p))
    }))
  })

  it('is refused, whatever it is, unless it is one', () => {
    const mutated = fc.tuple(policy, fc.nat(), fc.string({ maxLength: 3 })).map(([p, at, put]) => {
      const good = encodePolicy(p)
      const i = at % good.length
      return good.slice(0, i) + put + good.slice(i + 1)
    })
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), mutated), text => {
      let decoded: Policy
      try {
        decoded = decodePolicy(text)
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidArgumentError)
        return
      }
      checkPolicy(decoded)
      expect(decodePolicy(encodePolicy(decoded))).toEqual(decoded)
    }), { numRuns: 2_000 })
  })

  it.each([
    '{"authorized":[]}', '{"authorized":[],"roles":[],"more":1}', '{"admission":"closed","authorized":[],"roles":[]}', '{"authorized":["b","a"],"roles":[]}', '{"authorized":["a","a"],"roles":[]}',
    '{"authorized":[1],"roles":[]}', '{"authorized":[],"roles":[["x","6","read"]]}', '{"authorized":[],"roles":[["x","","owner"]]}', '{"authorized":[],"roles":[["x","","read"],["x","","write"]]}'
  ])('is refused as %s', text => { expect(() => decodePolicy(text)).toThrow(InvalidArgumentError) })

  it('is bounded', () => {
    const many = Array.from({ length: 1_025 }, (_, i) => `peer${String(i).padStart(5, '0')}`)
    expect(() => { checkPolicy(authorize(emptyPolicy, ...many)) }).toThrow('deauthorize some')
    expect(() => { checkPolicy(rules(...many.map((peer): [string, string, Role] => [peer, '', 'read']))) }).toThrow('back to default')
  })
})

describe('an edit', () => {
  const group = (p?: Policy): Configuration => ({ voters: [`${A}.1`], outgoing: [], learners: [`${B}.1`], learnersNext: [], ...(p === undefined ? {} : { policy: encodePolicy(p) }) })
  const edit = (op: PolicyOp, peer: string, role = '', prefix = ''): Parameters<typeof applyEdit>[1] => ({ op, peer, role, prefix: bytes(prefix) })

  it('that takes the right away from a member removes it in the same step', () => {
    const listed = authorize(emptyPolicy, A, B)
    expect(applyEdit(group(listed), edit(PolicyOp.DEAUTHORIZE, B))).toEqual({ policy: encodePolicy(deauthorize(listed, B)), changes: [{ op: 'remove', member: `${B}.1` }] })
  })

  it('of what is so already is none', () => {
    expect(applyEdit(group(authorize(emptyPolicy, A)), edit(PolicyOp.AUTHORIZE, A))).toBeUndefined()
    expect(applyEdit(group(), edit(PolicyOp.SET_ROLE, A))).toBeUndefined()
    expect(applyEdit(group(), edit(PolicyOp.SET_ROLE, '*', 'read'))?.policy).toBe(encodePolicy(rules(['*', '', 'read'])))
  })

  it('makes a list of all members, and keeps what was set before', () => {
    const listed = policyOf({ ...group(), policy: allowListOf(group(rules(['x', '', 'read']))) })
    expect(listed).toEqual({ ...authorize(rules(['x', '', 'read']), A, B), admission: 'allow-list' })
  })

  it.each([
    edit('LATER' as PolicyOp, A), edit(PolicyOp.AUTHORIZE, 'nobody'), edit(PolicyOp.AUTHORIZE, '*'), edit(PolicyOp.SET_ROLE, A, 'owner'), edit(PolicyOp.SET_ROLE, A, 'read', 'p'.repeat(513))
  ])('is refused where it makes no sense: %#', wrong => { expect(() => { checkEdit(wrong) }).toThrow(InvalidArgumentError) })
})
