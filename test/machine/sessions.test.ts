import { beforeEach, describe, expect, it } from 'vitest'
import { encodeKvCommand } from '../../src/machine/kv-command.js'
import { encodeKvOk } from '../../src/machine/kv-result.js'
import { MAX_LEASE_KEYS, MAX_SESSION_ANSWERS, MAX_SESSION_BYTES, MAX_TXN_READ } from '../../src/machine/kv-types.js'
import { answerKey, decodeSession, encodeSession, sessionKey } from '../../src/machine/sessions.js'
import { byteString, CodecError } from '../../src/storage/index.js'
import { bytes } from '../storage/support.js'
import { MemoryKv } from './memory-view.js'
import { kvPut } from './support.js'
import type { KvCommand, TxnOp } from '../../src/machine/kv-types.js'
import type { Applied } from './memory-view.js'

let kv: MemoryKv
let lease: number
beforeEach(() => {
  kv = new MemoryKv()
  lease = kv.apply({ type: 'grant', ttl: 1000 }).revision
})

const send = (sequence: number, command: KvCommand | Uint8Array, acknowledged = 0, session = lease): Applied =>
  kv.apply({ type: 'session', lease: session, sequence, acknowledged, command: command instanceof Uint8Array ? command : encodeKvCommand(command) })
const refusal = ({ result }: Applied): string | undefined => result.ok ? undefined : result.reason
const version = (key: string): number => kv.row(bytes(key))?.version ?? 0
const answers = (): number => kv.view.tables.answer.size

describe('a session', () => {
  it('runs a command once, and gives the answer of that one time again, to the byte', () => {
    const first = send(1, kvPut('k', 'v'))
    expect(first.result).toEqual({ ok: true, type: 'written', revision: 2 })
    kv.apply(kvPut('other', ''))
    const again = send(1, kvPut('k', 'v'))
    expect(again.answer).toEqual(first.answer)
    expect(again.changes).toEqual([])
    expect(version('k')).toBe(1)
    // By its number, not by what it says.
    expect(send(1, kvPut('k', 'something else')).answer).toEqual(first.answer)
  })

  it('runs commands that come out of order', () => {
    send(3, kvPut('k', '3'))
    send(1, kvPut('k', '1'))
    const second = send(2, kvPut('k', '2'))
    send(1, kvPut('k', '1'))
    expect(send(2, kvPut('k', '2')).answer).toEqual(second.answer)
    expect(version('k')).toBe(3)
  })

  it('remembers refusals too: what was refused stays refused', () => {
    const put: KvCommand = { type: 'put', key: bytes('k'), value: bytes(''), lease: 4 }
    expect(refusal(send(1, put))).toBe('no-such-lease')
    // Revision 4: from now on there is such a lease.
    kv.apply(kvPut('x', ''))
    kv.apply({ type: 'grant', ttl: 1000 })
    expect(kv.leases().has(4)).toBe(true)
    expect(refusal(send(1, put))).toBe('no-such-lease')
    expect(send(2, put).result.ok).toBe(true)
    expect(refusal(send(3, Uint8Array.of(250)))).toBe('unknown-command')
    expect(refusal(send(4, Uint8Array.of(2)))).toBe('malformed')
    expect(answers()).toBe(1 + 4)
  })

  it('forgets what has arrived, and never runs that again', () => {
    for (let sequence = 1; sequence <= 5; sequence++) send(sequence, kvPut(`k${sequence}`, ''))
    expect(answers()).toBe(1 + 5)
    send(6, kvPut('k6', ''), 5)
    expect(answers()).toBe(1 + 2)
    for (const late of [1, 4]) expect(refusal(send(late, kvPut(`k${late}`, '')))).toBe('answer-forgotten')
    expect([1, 4, 5].map(sequence => version(`k${sequence}`))).toEqual([1, 1, 1])
    expect(send(5, kvPut('k5', '')).result).toEqual({ ok: true, type: 'written', revision: 6 })
    // A number that was never run, and given up: it is not run late either.
    send(9, kvPut('k9', ''), 9)
    expect(refusal(send(8, kvPut('k8', '')))).toBe('answer-forgotten')
    expect(version('k8')).toBe(0)
  })

  it('does not go back when an older acknowledgement comes late', () => {
    send(5, kvPut('k', ''), 5)
    send(6, kvPut('k', ''), 2)
    expect(refusal(send(3, kvPut('k', '')))).toBe('answer-forgotten')
  })

  it('ends with its lease, and leaves nothing behind', () => {
    for (let sequence = 1; sequence <= 3; sequence++) send(sequence, kvPut('k', ''))
    kv.apply({ type: 'revoke', leases: [lease], expired: true })
    expect(answers()).toBe(0)
    expect(refusal(send(3, kvPut('k', '')))).toBe('no-such-session')
    expect(refusal(send(4, kvPut('k', '')))).toBe('no-such-session')
    expect(version('k')).toBe(3)
    expect(answers()).toBe(0)
  })

  it('can end itself, which leaves nothing behind either', () => {
    send(1, kvPut('k', ''))
    expect(send(2, { type: 'revoke', leases: [lease], expired: false }).result).toMatchObject({ ok: true, count: 1 })
    expect(answers()).toBe(0)
    expect(refusal(send(2, { type: 'revoke', leases: [lease], expired: false }))).toBe('no-such-session')
  })

  it('is left for another revoke where those before it have very many answers, but never the first', () => {
    const others = Array.from({ length: 10 }, () => kv.apply({ type: 'grant', ttl: 1000 }).revision)
    const sessions = [lease, ...others]
    const kept = Array.from({ length: MAX_SESSION_ANSWERS }, (_, i) => ({ sequence: i + 1, bytes: 9 }))
    // As if all of it had been sent, one by one.
    for (const session of sessions) {
      kv.view.tables.answer.set(byteString(sessionKey(session)), encodeSession({ floor: 0, secret: new Uint8Array(0), kept }))
      for (const { sequence } of kept) kv.view.tables.answer.set(byteString(answerKey(session, sequence)), encodeKvOk(1))
    }
    const revoke = (): number => {
      const { result } = kv.apply({ type: 'revoke', leases: sessions, expired: true })
      return result.ok && result.type === 'counted' ? result.count : 0
    }
    const fit = Math.floor(MAX_LEASE_KEYS / MAX_SESSION_ANSWERS)
    expect(revoke()).toBe(fit)
    expect([...kv.leases().keys()]).toEqual(sessions.slice(fit))
    expect(answers()).toBe((sessions.length - fit) * (1 + MAX_SESSION_ANSWERS))
    expect(revoke()).toBe(sessions.length - fit)
    expect(answers()).toBe(0)
  })

  it('is apart from others', () => {
    const other = kv.apply({ type: 'grant', ttl: 1000 }).revision
    send(1, kvPut('k', 'a'))
    send(1, kvPut('k', 'b'), 0, other)
    expect(version('k')).toBe(2)
    kv.apply({ type: 'revoke', leases: [lease], expired: true })
    send(1, kvPut('k', 'b'), 0, other)
    expect(version('k')).toBe(2)
  })

  it('keeps so many answers; only the one that all wait for finds room beyond', () => {
    for (let sequence = 2; sequence <= MAX_SESSION_ANSWERS + 1; sequence++) send(sequence, kvPut('k', ''), 1)
    const before = kv.view.state()
    expect(refusal(send(MAX_SESSION_ANSWERS + 2, kvPut('k', ''), 1))).toBe('session-full')
    expect(kv.view.state()).toBe(before)
    expect(send(1, kvPut('first', ''), 1).result.ok).toBe(true)
    expect(send(1, kvPut('first', ''), 1).result.ok).toBe(true)
    expect(version('first')).toBe(1)
    expect(refusal(send(MAX_SESSION_ANSWERS + 2, kvPut('k', ''), 2))).toBe('session-full')
    expect(send(MAX_SESSION_ANSWERS + 2, kvPut('k', ''), 3).result.ok).toBe(true)
    expect(version('k')).toBe(MAX_SESSION_ANSWERS + 1)
  })

  it('keeps answers of so many bytes', () => {
    kv.apply({ type: 'put', key: bytes('big'), value: new Uint8Array(MAX_TXN_READ) })
    const get: TxnOp = { type: 'get', key: bytes('big') }
    const read = (sequence: number, acknowledged = 1): Applied => send(sequence, { type: 'txn', compare: [], then: [get], else: [] }, acknowledged)
    const room = MAX_SESSION_BYTES / MAX_TXN_READ
    for (let i = 0; i < room; i++) expect(read(2 + i).result.ok).toBe(true)
    expect(refusal(read(2 + room))).toBe('session-full')
    expect(read(2 + room, 3).result.ok).toBe(true)
  })

  it('is damaged, and not run again, when an answer is missing that was kept', () => {
    send(1, kvPut('k', ''))
    kv.view.tables.answer.delete(byteString(answerKey(lease, 1)))
    expect(() => send(1, kvPut('k', ''))).toThrow(CodecError)
  })

  it('is not opened within another', () => {
    expect(refusal(kv.apply(Uint8Array.of(9, lease, 1, 0, 0, 9, lease, 1, 0, 0, 2, 0x61)))).toBe('malformed')
    expect(refusal(kv.apply(Uint8Array.of(9, lease, 1, 0, 0)))).toBe('malformed')
    // It acknowledges the answer to what it asks.
    expect(refusal(kv.apply(Uint8Array.of(9, lease, 1, 2, 0, 2, 0x61)))).toBe('malformed')
    expect(answers()).toBe(0)
  })

  it('is its first command\'s: whoever has another secret changes nothing, and is not answered', () => {
    const own = (sequence: number, secret: string | undefined, acknowledged = 0): Applied => kv.apply({
      type: 'session', lease, sequence, acknowledged, ...(secret === undefined ? {} : { secret: bytes(secret) }), command: encodeKvCommand(kvPut('k', ''))
    })
    const first = own(1, 'mine')
    const before = kv.view.state()
    for (const other of ['guessed', 'min', 'mine!', '', undefined]) {
      // What was answered, what comes next, and what lies far ahead.
      for (const [sequence, acknowledged] of [[1, 0], [2, 0], [2 ** 40, 2 ** 40]]) expect(refusal(own(sequence, other, acknowledged)), String(other)).toBe('no-such-session')
    }
    expect(kv.view.state()).toBe(before)
    expect(own(1, 'mine').answer).toEqual(first.answer)
    expect(own(2, 'mine').result.ok).toBe(true)
    expect(version('k')).toBe(2)
    // Without one, it is of those without.
    send(1, kvPut('other', ''), 0, kv.apply({ type: 'grant', ttl: 1000 }).revision)
    expect(refusal(kv.apply({ type: 'session', lease: kv.revision - 1, sequence: 2, acknowledged: 0, secret: bytes('mine'), command: encodeKvCommand(kvPut('other', '')) }))).toBe('no-such-session')
    expect(refusal(kv.apply({ type: 'session', lease, sequence: 3, acknowledged: 0, secret: new Uint8Array(33), command: encodeKvCommand(kvPut('k', '')) }))).toBe('malformed')
    expect(version('other')).toBe(1)
  })

  it('has a record that comes back as it was', () => {
    const record = { floor: 2 ** 40, secret: bytes('secret'), kept: [{ sequence: 2 ** 40 + 1, bytes: 9 }, { sequence: 2 ** 41, bytes: 2 ** 31 }] }
    expect(decodeSession(encodeSession(record))).toEqual(record)
    expect(() => decodeSession(encodeSession(record).subarray(0, 20))).toThrow(CodecError)
  })
})
