import { describe, expect, it, vi } from 'vitest'
import { BusyError, InvalidArgumentError, NoLeaderError, NotAuthorizedError, TooLargeError, UnavailableError, UnknownNamespaceError } from '../../src/errors.js'
import { Access } from '../../src/service/access.js'
import { emptyPolicy, encodePolicy, setRole } from '../../src/service/policy.js'
import { handleRequest } from '../../src/service/command-handlers.js'
import { encode, MAX_PAGE, PAGE, toSet, toTxn } from '../../src/service/kv-operations.js'
import { MemberQueries } from '../../src/service/member-queries.js'
import { PollLimit, SCANS } from '../../src/service/poll-limit.js'
import { resolveJoinOptions } from '../../src/service/options.js'
import { ChangeOp, Consistency } from '../../src/wire/index.js'
import type { Clock } from '../../src/clock.js'
import type { NamespaceHost } from '../../src/service/namespace-host.js'
import type { KvRow } from '../../src/machine/kv-types.js'
import type { RequestBody } from '../../src/wire/index.js'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const asker = { peer: 'asker' }
const facts = { createRevision: 4, modRevision: 7, version: 2, lease: 0 }

interface Fake { host: NamespaceHost, operations: Record<string, ReturnType<typeof vi.fn>>, membership: Record<string, unknown>, kv: Record<'row' | 'rows', ReturnType<typeof vi.fn>>, fields: Record<string, unknown> }

function fake (fields: Record<string, unknown> = {}): Fake {
  const operations = {
    propose: vi.fn(async () => ({ index: 5, result: Uint8Array.of(1) })), readIndex: vi.fn(async () => 9), changeMembers: vi.fn(async () => 6), transfer: vi.fn(async () => {})
  }
  const access = new Access({ namespace: '/raft/t', self: 'self', options: { admission: 'open' }, clock: { now: () => 0 } as Clock, log: () => {} })
  access.update({ voters: ['asker.1', 'other.1'], outgoing: [], learners: [], learnersNext: [], ...(typeof fields.policy === 'string' ? { policy: fields.policy } : {}) })
  const membership = { access, isReady: true, formationMessage: vi.fn(async () => Uint8Array.of(2)), exchange: vi.fn(async () => []), suspect: vi.fn() }
  const kv = {
    revision: 12,
    row: vi.fn(async (): Promise<KvRow | undefined> => ({ ...facts, key: utf8('k'), value: utf8('value') })),
    rows: vi.fn(async () => ({ rows: [{ ...facts, key: utf8('a'), value: utf8('') }], more: false, revision: 12 }))
  }
  const status = { configuration: { voters: ['asker.1', 'other.1'], outgoing: [], learners: [], learnersNext: [] }, commit: 4 }
  const host = {
    namespace: '/raft/t',
    options: resolveJoinOptions(),
    operations,
    membership,
    isGuest: false,
    leading: true,
    leader: { toString: () => 'leader' },
    group: { status: () => status, clusterId: new Uint8Array(32) },
    checkOpen: () => {},
    needKv: () => {},
    readable: vi.fn(async () => ({ kv, age: () => 3 })),
    node: { scans: new PollLimit(2, SCANS) },
    ...fields
  }
  Object.assign(host, { queries: new MemberQueries(host as unknown as NamespaceHost) })
  return { host: host as unknown as NamespaceHost, operations, membership, kv: kv as unknown as Fake['kv'], fields: host }
}

const request = (action: Partial<RequestBody>, more: Partial<RequestBody> = {}): RequestBody => ({ namespace: '/raft/t', forwarded: false, timeoutMs: 100, ...more, ...action })

describe('handleRequest', () => {
  it('refuses for a namespace that is not here, or not loaded yet', async () => {
    await expect(handleRequest(undefined, request({ barrier: {} }), asker)).rejects.toThrow(UnknownNamespaceError)
    await expect(handleRequest(fake({ membership: { isReady: false } }).host, request({ barrier: {} }), asker)).rejects.toThrow(UnavailableError)
    await expect(handleRequest(fake().host, request({}), asker)).rejects.toThrow(InvalidArgumentError)
  })

  it('proposes within the limits, and names the leader to those who could have gone there', async () => {
    const leading = fake()
    const command = encode(toSet('k', 'v'))
    expect(await handleRequest(leading.host, request({ propose: { command, kv: true } }), asker)).toEqual({ proposed: { index: 5, result: Uint8Array.of(1) } })
    expect(leading.operations.propose).toHaveBeenCalledWith(command, true, expect.objectContaining({ timeoutMs: 100, forwarded: false }))
    expect(await handleRequest(fake({ leading: false }).host, request({ propose: { command, kv: true } }), asker)).toMatchObject({ leader: 'leader' })
    await expect(handleRequest(leading.host, request({ propose: { command: encode(toSet('k'.repeat(5_000), '')), kv: true } }), asker)).rejects.toThrow(TooLargeError)
    await expect(handleRequest(leading.host, request({ propose: { command: Uint8Array.of(99), kv: true } }), asker)).rejects.toThrow(InvalidArgumentError)
    await expect(handleRequest(leading.host, request({ propose: { command, kv: false } }), asker)).rejects.toThrow(/built-in KV/)
    expect(leading.operations.propose).toHaveBeenCalledTimes(1)
  })

  it('hands forwarding and the time allowed on, and bounds the latter', async () => {
    const { host, operations } = fake()
    await handleRequest(host, request({ barrier: {} }, { forwarded: true, timeoutMs: 2 ** 32 - 1 }), asker)
    expect(operations.readIndex).toHaveBeenLastCalledWith(false, expect.objectContaining({ forwarded: true, timeoutMs: 600_000 }))
    await handleRequest(host, request({ barrier: {} }, { timeoutMs: 0 }), asker)
    expect(operations.readIndex).toHaveBeenLastCalledWith(false, expect.objectContaining({ timeoutMs: 10_000 }))
  })

  it('gets, and tells an empty value from none', async () => {
    const { host, kv, fields } = fake()
    expect(await handleRequest(host, request({ get: { key: utf8('k'), consistency: Consistency.STALE } }), asker)).toEqual({ got: { found: true, value: utf8('value'), facts, freshness: { revision: 12, ageMs: 3 } } })
    expect(fields.readable).toHaveBeenLastCalledWith(expect.objectContaining({ consistency: 'stale' }), expect.anything())
    kv.row.mockResolvedValueOnce({ ...facts, key: utf8('k'), value: new Uint8Array(0) })
    expect(await handleRequest(host, request({ get: { key: utf8('k'), consistency: Consistency.LINEARIZABLE } }), asker)).toMatchObject({ got: { found: true, value: new Uint8Array(0) } })
    kv.row.mockResolvedValueOnce(undefined)
    expect(await handleRequest(host, request({ get: { key: utf8('k'), consistency: 'FROM_A_LATER_VERSION' as Consistency } }), asker)).toMatchObject({ got: { found: false } })
    expect(fields.readable).toHaveBeenLastCalledWith(expect.objectContaining({ consistency: 'linearizable' }), expect.anything())
    await expect(handleRequest(host, request({ get: { key: new Uint8Array(5_000), consistency: Consistency.STALE } }), asker)).rejects.toThrow(TooLargeError)
  })

  it('scans in pages, whatever is asked', async () => {
    const { host, kv } = fake()
    const ask = async (limit: number): Promise<unknown> => {
      const scan = { from: utf8('a'), to: utf8('b'), limit, keysOnly: true, reverse: true, consistency: Consistency.BOUNDED, maxAgeMs: 50 }
      return (await handleRequest(host, request({ scan }), asker)).rowList
    }
    expect(await ask(10)).toEqual({ rows: [{ key: utf8('a'), value: utf8(''), facts }], more: false, freshness: { revision: 12, ageMs: 3 } })
    expect(kv.rows).toHaveBeenLastCalledWith({ from: utf8('a'), to: utf8('b'), limit: 10, keysOnly: true, reverse: true, maxBytes: 1 << 20 })
    expect(host.readable).toHaveBeenLastCalledWith(expect.objectContaining({ consistency: 'bounded', maxAge: 50 }), expect.anything())
    await ask(0)
    expect(kv.rows).toHaveBeenLastCalledWith(expect.objectContaining({ limit: PAGE }))
    await ask(2 ** 32 - 1)
    expect(kv.rows).toHaveBeenLastCalledWith(expect.objectContaining({ limit: MAX_PAGE }))
  })

  it('reads so many pages at a time for each peer, and any for its own program', async () => {
    const { host, kv } = fake()
    const ends: Array<() => void> = []
    kv.rows.mockImplementation(async () => {
      await new Promise<void>(resolve => { ends.push(resolve) })
      return { rows: [], more: false, revision: 12 }
    })
    Object.assign(await host.readable({ consistency: 'stale', maxAge: 0 }, { timeoutMs: 1 }).then(({ kv }) => kv), { leases: () => new Map([[1, 1_000]]) })
    const scan = async (peer: string): Promise<unknown> => await handleRequest(host, request({ scan: { from: utf8('a'), limit: 10, keysOnly: true, reverse: false, consistency: Consistency.STALE } }), { peer })
    const list = async (peer: string): Promise<unknown> => await handleRequest(host, request({ listLeases: { after: 0, limit: 1 } }), { peer })
    const first = [scan('guest'), scan('guest')]
    await vi.waitFor(() => { expect(ends).toHaveLength(2) })
    await expect(scan('guest')).rejects.toThrow(BusyError)
    await expect(list('guest')).rejects.toThrow(BusyError)
    const others = [scan('another'), host.queries.ask({ type: 'rows', span: { from: utf8('a') }, limit: 10, keysOnly: true, reverse: false, consistency: 'stale', maxAge: 0 }, { timeoutMs: 100 })]
    expect(await list('third')).toMatchObject({ leaseList: { more: false } })
    await vi.waitFor(() => { expect(ends).toHaveLength(4) })
    expect([host.node.scans.waiting, host.node.scans.refused]).toEqual([3, 2])
    for (const end of ends) end()
    await Promise.all([...first, ...others])
    expect(host.node.scans.waiting).toBe(0)
    expect(await list('guest')).toMatchObject({ leaseList: { leases: [{ id: 1, ttlMs: 1_000 }] } })
  })

  it('lists leases a page at a time, and looks at none behind it', async () => {
    const ids = [2, 3, 5, 8, 13, 21]
    let looked = 0
    const leases = { * [Symbol.iterator] () { for (const id of ids) { looked++; yield [id, id * 1_000] } } }
    const { host } = fake({ readable: async () => ({ kv: { leases: () => leases } }) })
    const list = async (after: number, limit: number): Promise<unknown> => (await handleRequest(host, request({ listLeases: { after, limit } }), asker)).leaseList
    expect(await list(2, 2)).toEqual({ leases: [{ id: 3, ttlMs: 3_000 }, { id: 5, ttlMs: 5_000 }], more: true })
    expect(looked).toBe(4)
    expect(await list(5, 3)).toMatchObject({ leases: [{ id: 8 }, { id: 13 }, { id: 21 }], more: false })
    expect(await list(21, 3)).toEqual({ leases: [], more: false })
  })

  it('checks what is to be written, even if somebody says that it has been', async () => {
    const { host, operations } = fake()
    const command = new Uint8Array(host.options.limits.command + 1).fill(1)
    for (const forwarded of [false, true]) {
      await expect(handleRequest(host, request({ propose: { command, kv: true } }, { forwarded }), asker)).rejects.toThrow(InvalidArgumentError)
    }
    expect(operations.propose).not.toHaveBeenCalled()
  })

  /** Whose leases hold as many keys as their number says; of 666, one that is not the stranger's. */
  function withLeases (): Fake & { leaseKeys: ReturnType<typeof vi.fn>, keepAlive: ReturnType<typeof vi.fn> } {
    const leaseKeys = vi.fn(async (lease: number) => lease === 666 ? [utf8('k'), utf8('other')] : Array.from({ length: lease }, (_, i) => utf8(`k${i}`)))
    const keepAlive = vi.fn(async (ids: number[]) => ids.map(id => ({ id, ttl: 1_000, remaining: 1_000 })))
    const policy = encodePolicy(setRole(setRole(emptyPolicy, 'stranger', new Uint8Array(0), 'read'), 'stranger', utf8('k'), 'write'))
    const made = fake({ readable: async () => ({ kv: { leaseKeys } }), atLeader: { leases: { keepAlive } }, policy })
    Object.assign(made.operations, { atLeader: async (_what: string, _write: boolean, _manner: unknown, here: () => Promise<unknown>) => await here() })
    return { ...made, leaseKeys, keepAlive }
  }

  it('looks at each lease that a stranger revokes once, and at no more keys than one command deletes', async () => {
    const { host, operations, leaseKeys } = withLeases()
    const revoke = async (...leases: number[]): Promise<unknown> => await handleRequest(host, request({ propose: { command: encode({ type: 'revoke', leases, expired: false }), kv: true } }), { peer: 'stranger' })
    await revoke(3, 3, 4, 3)
    expect(leaseKeys.mock.calls.map(([lease]) => lease)).toEqual([3, 4])
    await revoke(10_000)
    expect(operations.propose).toHaveBeenCalledTimes(2)
    leaseKeys.mockClear()
    await expect(revoke(9_999, 2, 3, 4, 5, 6)).rejects.toThrow(TooLargeError)
    expect(leaseKeys).toHaveBeenCalledTimes(2)
    expect(operations.propose).toHaveBeenCalledTimes(2)
    await expect(revoke(666)).rejects.toThrow(NotAuthorizedError)
  })

  it('lets a stranger keep alive only leases whose keys it may write, of so many at a time; and members, and who may write everything, any', async () => {
    const { host, keepAlive, leaseKeys } = withLeases()
    const keep = async (peer: string, ...leases: number[]): Promise<unknown> => (await handleRequest(host, request({ keepAlive: { leases } }), { peer })).leaseList?.leases.map(({ id }) => id)
    expect(await keep('stranger', 3, 0, 4)).toEqual([3, 0, 4])
    await expect(keep('stranger', 3, 666)).rejects.toThrow(NotAuthorizedError)
    await expect(keep('stranger', 9_999, 2, 3)).rejects.toThrow(TooLargeError)
    leaseKeys.mockClear()
    await expect(keep('stranger', ...Array.from({ length: 101 }, (_, i) => 10_000 + i))).rejects.toThrow(TooLargeError)
    expect(keepAlive).toHaveBeenCalledTimes(1)
    for (const peer of ['asker', 'guest']) expect(await keep(peer, 666)).toEqual([666])
    expect(leaseKeys).not.toHaveBeenCalled()
  })

  it('lets a stranger hang keys only on leases whose keys it may write: it would end, or not let end, what others hold', async () => {
    const { host, operations } = withLeases()
    const put = async (peer: string, lease: number): Promise<unknown> => await handleRequest(host, request({ propose: { command: encode(toSet('k', 'v', { lease })), kv: true } }), { peer })
    await put('stranger', 3)
    await expect(put('stranger', 666)).rejects.toThrow(NotAuthorizedError)
    expect(operations.propose).toHaveBeenCalledTimes(1)
    await put('guest', 666)
    expect(operations.propose).toHaveBeenCalledTimes(2)
  })

  it('lets a stranger hang keys on as many leases as a double barrier has participants, and no more', async () => {
    const { host, operations, leaseKeys } = withLeases()
    leaseKeys.mockImplementation(async () => [utf8('k')])
    const begin = async (count: number): Promise<unknown> => {
      const command = encode(toTxn({ then: Array.from({ length: count }, (_, i) => ({ type: 'set', key: `k${i}`, value: 'round', lease: i + 1 })) }))
      return await handleRequest(host, request({ propose: { command, kv: true } }), { peer: 'stranger' })
    }
    await begin(1_000)
    expect(operations.propose).toHaveBeenCalledTimes(1)
    await expect(begin(1_001)).rejects.toThrow(TooLargeError)
    expect(operations.propose).toHaveBeenCalledTimes(1)
  })

  it('lets members change the membership, and nobody else', async () => {
    const { host, operations } = fake()
    const other = '12D3KooWHFd1gyNYFqxt7ke9FY2VoVVWY2XSPhvL9vg2pB6wQGfa'
    const changeMembers = { changes: [{ op: ChangeOp.REMOVE, peer: other, incarnation: '' }], expectedIndex: 3 }
    expect(await handleRequest(host, request({ changeMembers }), asker)).toEqual({ index: { index: 6 } })
    expect(operations.changeMembers).toHaveBeenCalledWith([{ op: 'remove', peer: other, incarnation: '' }], 3, expect.anything())
    expect(await handleRequest(host, request({ transfer: { peer: 'other' } }), asker)).toEqual({ index: { index: 4 } })
    const stranger = { peer: 'stranger' }
    await expect(handleRequest(host, request({ changeMembers }), stranger)).rejects.toThrow(NotAuthorizedError)
    await expect(handleRequest(host, request({ transfer: {} }), stranger)).rejects.toThrow(NotAuthorizedError)
    await expect(handleRequest(host, request({ changeMembers: { changes: [] } }), asker)).rejects.toThrow(InvalidArgumentError)
    await expect(handleRequest(host, request({ changeMembers: { changes: [{ op: 'LATER' as ChangeOp, peer: 'x', incarnation: '' }] } }), asker)).rejects.toThrow(InvalidArgumentError)
    for (const change of [{ peer: 'nobody', incarnation: '' }, { peer: other, incarnation: 'no such/thing' }]) {
      await expect(handleRequest(host, request({ changeMembers: { changes: [{ op: ChangeOp.ADD_LEARNER, ...change }] } }), asker)).rejects.toThrow(InvalidArgumentError)
    }
    expect(operations.changeMembers).toHaveBeenCalledTimes(1)
    expect(operations.transfer).toHaveBeenCalledTimes(1)
  })

  it('sends callers elsewhere while this node is still joining, but takes part in forming', async () => {
    const { host, membership } = fake({ isGuest: true })
    await expect(handleRequest(host, request({ get: { key: utf8('k'), consistency: Consistency.STALE } }), asker)).rejects.toThrow(NoLeaderError)
    expect(await handleRequest(host, request({ formation: { message: Uint8Array.of(1) } }), asker)).toEqual({ formation: { message: Uint8Array.of(2) } })
    expect(membership.formationMessage).toHaveBeenCalledWith('asker', Uint8Array.of(1))
    expect(await handleRequest(host, request({ removed: { configurationIndex: 3 } }), asker)).toEqual({})
    expect(membership.suspect).toHaveBeenCalledWith('asker')
  })
  it('judges a request that a member passes on by the rights of whom it is passed on for, and believes nobody else that it was', async () => {
    const policy = encodePolicy(setRole(emptyPolicy, 'weak', new Uint8Array(0), 'none'))
    const { host, operations } = fake({ policy })
    const write = { propose: { command: encode(toSet('k', 'v')), kv: true } }
    await handleRequest(host, request(write, { forwarded: true }), asker)
    expect(operations.propose.mock.lastCall?.[2]).not.toHaveProperty('origin')
    await handleRequest(host, request(write, { forwarded: true, origin: 'strong' }), asker)
    expect(operations.propose).toHaveBeenLastCalledWith(expect.anything(), true, expect.objectContaining({ origin: 'strong' }))
    for (const [from, origin] of [['asker', 'weak'], ['weak', 'asker'], ['weak', undefined], ['weak', '']] as const) {
      await expect(handleRequest(host, request(write, { forwarded: true, origin }), { peer: from })).rejects.toThrow(NotAuthorizedError)
    }
    // Unless it says that it passes one on, a member asks for itself.
    await handleRequest(host, request(write, { origin: 'weak' }), asker)
    expect(operations.propose).toHaveBeenCalledTimes(3)
  })

  it('tells who may not read who leads, and about itself', async () => {
    const peers = ['12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq', '12D3KooWRndVhVZPCiQwHBBBdg769GyrPUW13zxwqQyf9r3ANaba', '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5']
    const status = { configuration: { voters: peers.map(peer => `${peer}.1`).sort(), outgoing: [], learners: [], learnersNext: [] }, configurationIndex: 7, configurationPending: false, term: 3, leader: `${peers[0]}.1` }
    const { host } = fake({ group: { status: () => status, clusterId: new Uint8Array(32), self: `${peers[1]}.1` }, addressesOf: () => [], policy: encodePolicy(setRole(emptyPolicy, '*', new Uint8Array(0), 'none')) })
    const told = async (peer: string): Promise<unknown> => (await handleRequest(host, request({ members: {} }), { peer })).memberList?.members.map(member => member.peer).sort()
    expect(await told('guest')).toEqual([peers[0]])
    expect(await told(peers[2])).toEqual([peers[0], peers[2]].sort())
    expect(await told('asker')).toHaveLength(3)
  })

  it('counts requests to join, those that are only said to be passed on too', async () => {
    const enter = vi.fn()
    const { host, membership } = fake({ node: { joins: { enter } } })
    membership.admit = vi.fn(async () => ({ clusterId: new Uint8Array(32) }))
    const join = { body: new Uint8Array(0), publicKey: new Uint8Array(0), signature: new Uint8Array(0) }
    await handleRequest(host, request({ join }, { forwarded: true }), asker)
    expect(enter).not.toHaveBeenCalled()
    await handleRequest(host, request({ join }), asker)
    await handleRequest(host, request({ join }, { forwarded: true }), { peer: 'guest' })
    expect(enter.mock.calls).toEqual([['asker'], ['guest']])
  })
})
