import { describe, expect, it } from 'vitest'
import { BusyError, InvalidArgumentError, InvalidNamespaceError, MalformedFrameError, NotLeaderError } from '../../src/errors.js'
import { Backoff } from '../../src/wire/backoff.js'
import { failureOf } from '../../src/wire/commands.js'
import { LogLimit } from '../../src/wire/log-limit.js'
import { checkedIncarnation } from '../../src/wire/member-id.js'
import { incarnationOf, memberId, namespaceProtocol, peerOf } from '../../src/wire/index.js'
import type { Clock } from '../../src/clock.js'

describe('member ids', () => {
  it('are a peer and an incarnation', () => {
    const id = memberId('12D3KooWPeer', '0123456789abcdef')
    expect(id).toBe('12D3KooWPeer.0123456789abcdef')
    expect(peerOf(id)).toBe('12D3KooWPeer')
    expect(incarnationOf(id)).toBe('0123456789abcdef')
  })

  it('are refused when they are none', () => {
    for (const [peer, incarnation] of [['', 'a'], ['a.b', 'c'], ['a', ''], ['a', 'b.c'], ['a', 'ü'], ['a', 'x'.repeat(65)]]) {
      expect(() => memberId(peer, incarnation)).toThrow(InvalidArgumentError)
    }
    for (const bad of ['', 'abc', '.abc', 'abc.']) {
      expect(() => peerOf(bad)).toThrow(InvalidArgumentError)
      expect(() => incarnationOf(bad)).toThrow(InvalidArgumentError)
    }
    expect(() => checkedIncarnation('a.b')).toThrow(MalformedFrameError)
  })
})

describe('namespace protocols', () => {
  it('name the namespace', () => {
    expect(namespaceProtocol('/raft/cron')).toBe('/raft/v1/raft/cron')
    expect(() => namespaceProtocol('cron')).toThrow(InvalidNamespaceError)
  })
})

describe('back-off', () => {
  it('doubles up to its bound, jitters down to half of it, and starts over', () => {
    const most = new Backoff({ minMs: 50, maxMs: 1_000 }, () => 1)
    expect(Array.from({ length: 7 }, () => most.next())).toEqual([50, 100, 200, 400, 800, 1_000, 1_000])
    most.reset()
    expect(most.next()).toBe(50)
    const least = new Backoff({ minMs: 50, maxMs: 1_000 }, () => 0)
    expect([least.next(), least.next()]).toEqual([25, 50])
  })

  it('goes on for ever', () => {
    const backoff = new Backoff({ minMs: 50, maxMs: 5_000 }, () => 1)
    for (let i = 0; i < 5_000; i++) backoff.next()
    expect(backoff.next()).toBe(5_000)
  })
})

describe('failures', () => {
  it('keep their class; what is none of ours has an unknown outcome', () => {
    expect(failureOf(new BusyError('later'))).toEqual({ name: 'BusyError', message: 'later' })
    expect(failureOf(new NotLeaderError('not me', 'peer'))).toEqual({ name: 'NotLeaderError', message: 'not me', leader: 'peer' })
    expect(failureOf(new TypeError('x is undefined'))).toEqual({ name: 'UnknownOutcomeError', message: 'the peer failed: x is undefined' })
  })
})

describe('log limit', () => {
  it('lets one line through for each key and interval, and says how many it held back', () => {
    let now = 0
    const clock = { now: () => now } as Clock
    const limit = new LogLimit(clock, 1_000, 2)
    expect([limit.pass('a'), limit.pass('a'), limit.pass('a'), limit.pass('b')]).toEqual([0, undefined, undefined, 0])
    now = 1_000
    expect(limit.pass('a')).toBe(2)
    expect(limit.pass('a')).toBeUndefined()
    // Bounded in keys: a third makes room by forgetting.
    expect(limit.pass('c')).toBe(0)
    expect(limit.pass('a')).toBe(0)
  })
})
