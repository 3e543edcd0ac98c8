import fc from 'fast-check'
import { damaged, from, fromPeer, message, offer, to, toPeer } from './arbitraries.js'
import { describe, expect, it } from 'vitest'
import { MalformedFrameError } from '../../src/errors.js'
import { decodeCommandFrame, encodeCommandHello } from '../../src/wire/commands.js'
import { MAX_BATCHES, decodeLinkFrame, decodeOffer, encodeAck, encodeBatches, encodeChunk, encodeHello, encodeOffer, encodePing, encodeRefusal, helloOf } from '../../src/wire/link-frames.js'
import { decodeGroupMessages, encodeGroupMessages, messageBytesBound } from '../../src/wire/messages.js'
import { CommandFrame, Consistency } from '../../src/wire/index.js'
import { GroupMessages } from '../../src/wire/pb/transport.js'
import type { Message } from '../../src/raft/types.js'

const clusterId = new Uint8Array(32).fill(3)

/** It decodes, or throws the one error that a caller expects: nothing else, and no hang. */
function tolerates (decode: (bytes: Uint8Array) => unknown): (bytes: Uint8Array) => void {
  return bytes => {
    try {
      decode(bytes)
    } catch (err) {
      if (!(err instanceof MalformedFrameError)) throw err
    }
  }
}

describe('Raft messages', () => {
  it('come back as they were', () => {
    fc.assert(fc.property(fc.array(message, { maxLength: 8 }), messages => {
      expect(decodeGroupMessages(encodeGroupMessages(from, to, messages), fromPeer, toPeer)).toEqual({ from, to, messages, unknown: 0 })
    }))
  })

  it('are never larger than their bound', () => {
    fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), messages => {
      const bound = messages.reduce((sum, m) => sum + messageBytesBound(m), 64)
      expect(encodeGroupMessages(from, to, messages).byteLength).toBeLessThanOrEqual(bound)
    }))
  })

  it('own their bytes', () => {
    const entry = { index: 1, term: 1, kind: 'command' as const, time: 1, data: new Uint8Array([1, 2, 3]) }
    const body = encodeGroupMessages(from, to, [{ type: 'append', from, to, term: 1, prevIndex: 0, prevTerm: 0, entries: [entry], commit: 0 }])
    const [decoded] = decodeGroupMessages(body, fromPeer, toPeer).messages
    body.fill(0)
    expect(decoded).toMatchObject({ entries: [entry] })
  })

  it('name the connection\'s peer, whoever sends them', () => {
    const body = encodeGroupMessages(from, to, [{ type: 'timeout-now', from, to, term: 1 }])
    expect(decodeGroupMessages(body, '12D3KooWMallory', toPeer).messages[0].from).toBe('12D3KooWMallory.00112233aabbccdd')
  })

  it('of an unknown kind are skipped and counted, of none refused', () => {
    const wire = (kind: number): Uint8Array => GroupMessages.encode({
      fromIncarnation: 'a', toIncarnation: 'b',
      messages: [{ kind, term: 1, index: 0, logTerm: 0, commit: 0, granted: false, rejected: false, transfer: false, hintIndex: 0, context: 0, block: new Uint8Array(0) }]
    })
    expect(decodeGroupMessages(wire(99), fromPeer, toPeer)).toMatchObject({ messages: [], unknown: 1 })
    expect(() => decodeGroupMessages(wire(0), fromPeer, toPeer)).toThrow(MalformedFrameError)
  })

  const entry = (index: number, term: number): { index: number, term: number, kind: 'command', time: number, data: Uint8Array } => ({ index, term, kind: 'command', time: 0, data: new Uint8Array(1) })
  const broken: Array<[string, Message]> = [
    ['a vote of term 0', { type: 'vote', from, to, term: 0, lastIndex: 1, lastTerm: 1, transfer: false }],
    ['a heartbeat of term 0', { type: 'heartbeat', from, to, term: 0, commit: 0, read: 0 }],
    ['a term for an empty log', { type: 'pre-vote', from, to, term: 2, lastIndex: 0, lastTerm: 1 }],
    ['a term before the first entry', { type: 'append', from, to, term: 2, prevIndex: 0, prevTerm: 1, entries: [], commit: 0 }],
    ['entries that leave a gap', { type: 'append', from, to, term: 2, prevIndex: 3, prevTerm: 1, entries: [entry(5, 1)], commit: 0 }],
    ['entries that overlap', { type: 'append', from, to, term: 2, prevIndex: 3, prevTerm: 1, entries: [entry(3, 1)], commit: 0 }],
    ['entries of a term to come', { type: 'append', from, to, term: 2, prevIndex: 3, prevTerm: 1, entries: [entry(4, 3)], commit: 0 }],
    ['entries of an earlier term than the one before', { type: 'append', from, to, term: 5, prevIndex: 3, prevTerm: 4, entries: [entry(4, 3)], commit: 0 }]
  ]
  it.each(broken)('refuses %s', (_, m) => {
    expect(() => decodeGroupMessages(encodeGroupMessages(from, to, [m]), fromPeer, toPeer)).toThrow(MalformedFrameError)
  })

  it('refuses numbers that a double cannot hold', () => {
    // timeout-now (kind 9) of term 2^53, and quiesce (12) of term 1 with commit 2^64 - 1.
    const term = [0x08, 9, 0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]
    const commit = [0x08, 12, 0x10, 1, 0x28, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    for (const message of [term, commit]) {
      const body = new Uint8Array([0x0a, 1, 0x61, 0x12, 1, 0x62, 0x1a, message.length, ...message])
      expect(() => decodeGroupMessages(body, fromPeer, toPeer)).toThrow(MalformedFrameError)
    }
  })

  it('refuses an incarnation that is none', () => {
    for (const bad of ['', 'a.b', 'x'.repeat(65), 'a b']) {
      const body = GroupMessages.encode({ fromIncarnation: bad, toIncarnation: 'b', messages: [] })
      expect(() => decodeGroupMessages(body, fromPeer, toPeer)).toThrow(MalformedFrameError)
    }
  })

  it('refuses more messages than a frame may hold before it has built them', () => {
    const body = new Uint8Array(2 * 100_000)
    for (let i = 0; i < body.length; i += 2) body[i] = 0x1a
    expect(() => decodeGroupMessages(body, fromPeer, toPeer)).toThrow(/too many/)
  })

  it('has no place for a message that the engine makes for itself', () => {
    const meta = { index: 1, term: 1, time: 0, configuration: { voters: [from], outgoing: [], learners: [], learnersNext: [] }, configurationIndex: 1 }
    expect(() => encodeGroupMessages(from, to, [{ type: 'install-snapshot', from, to, term: 1, meta }])).toThrow('never crosses the wire')
  })
})

describe('link frames', () => {
  it('say what they said', () => {
    expect(helloOf(decodeLinkFrame(encodeHello('log')))).toEqual({ major: 1, minor: 0, lane: 'log' })
    expect(decodeLinkFrame(encodePing(true)).ping).toEqual({ holding: true })
    expect(decodeLinkFrame(encodePing(false)).ping).toEqual({ holding: false })
    expect(decodeLinkFrame(encodeRefusal('BusyError', 'later')).refusal).toEqual({ code: 'BusyError', message: 'later' })
    expect(decodeLinkFrame(encodeAck(0)).ack).toEqual({ next: 0 })
    const batches = [{ clusterId, body: new Uint8Array([1, 2]) }, { clusterId: new Uint8Array(32), body: new Uint8Array(0) }]
    expect(decodeLinkFrame(encodeBatches(batches)).batches).toEqual(batches)
  })

  it('a hello of an unknown lane has none', () => {
    expect(helloOf(decodeLinkFrame(new Uint8Array([0x0a, 4, 0x08, 1, 0x18, 9]))).lane).toBeUndefined()
    expect(() => helloOf(decodeLinkFrame(encodePing(true)))).toThrow(MalformedFrameError)
  })

  it('refuses a cluster id of another length, and too many groups', () => {
    expect(() => decodeLinkFrame(encodeBatches([{ clusterId: new Uint8Array(31), body: new Uint8Array(0) }]))).toThrow(MalformedFrameError)
    const many = new Uint8Array(2 * (MAX_BATCHES + 1))
    for (let i = 0; i < many.length; i += 2) many[i] = 0x12
    expect(() => decodeLinkFrame(many)).toThrow(/too many/)
  })

  it('a snapshot offer comes back as it was', () => {
    fc.assert(fc.property(offer, o => {
      const frame = decodeLinkFrame(encodeOffer(o))
      expect(frame.offer === undefined ? undefined : decodeOffer(frame.offer, fromPeer, toPeer)).toEqual(o)
    }))
  })
})

describe('whatever bytes come', () => {
  const link = tolerates(bytes => {
    const frame = decodeLinkFrame(bytes)
    for (const b of frame.batches) decodeGroupMessages(b.body, fromPeer, toPeer)
    if (frame.offer !== undefined) decodeOffer(frame.offer, fromPeer, toPeer)
  })
  const group = tolerates(bytes => decodeGroupMessages(bytes, fromPeer, toPeer))
  const command = tolerates(decodeCommandFrame)

  const groupBytes = fc.array(message, { minLength: 1, maxLength: 5 }).map(m => encodeGroupMessages(from, to, m))
  const linkBytes = fc.oneof(
    groupBytes.map(body => encodeBatches([{ clusterId, body }])),
    offer.map(encodeOffer),
    fc.constant(encodeHello('control')),
    fc.uint8Array({ maxLength: 100 }).map(data => encodeChunk({ seq: 3, hash: new Uint8Array(32), data }))
  )
  const commandBytes = fc.uint8Array({ maxLength: 60 }).map(key => CommandFrame.encode({
    requests: [{ id: 1, namespace: '/raft/test', forwarded: false, timeoutMs: 10, get: { key, consistency: Consistency.STALE } }],
    responses: [{ id: 2, got: { found: true, value: key } }, { id: 3, failure: { name: 'BusyError', message: 'later' } }, { id: 4, rowList: { rows: [{ key, value: key, facts: { createRevision: 1, modRevision: 2, version: 3, lease: 0 } }], more: false, freshness: { revision: 9, ageMs: 4 } } }],
    cancels: [7, 8],
    hello: { major: 1, minor: 0 }
  }))

  it('garbage is decoded or refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), bytes => { link(bytes); group(bytes); command(bytes) }), { numRuns: 2_000 })
  })

  it('damaged messages are decoded or refused', () => {
    fc.assert(fc.property(damaged(groupBytes), group), { numRuns: 2_000 })
  })

  it('damaged link frames are decoded or refused', () => {
    fc.assert(fc.property(damaged(linkBytes), link), { numRuns: 2_000 })
  })

  it('damaged command frames are decoded or refused', () => {
    fc.assert(fc.property(damaged(fc.oneof(commandBytes, fc.constant(encodeCommandHello()))), command), { numRuns: 2_000 })
  })

  it('nested groups, deep enough for any stack, are refused', () => {
    const deep = new Uint8Array(1_000_000).fill(0x0b | 0x70)
    expect(() => { decodeLinkFrame(deep) }).toThrow(MalformedFrameError)
    expect(() => { decodeCommandFrame(deep) }).toThrow(MalformedFrameError)
  })

  it('requests need an id', () => {
    const frame = CommandFrame.encode({ requests: [{ id: 0, namespace: '', forwarded: false, timeoutMs: 0 }], responses: [], cancels: [] })
    expect(() => decodeCommandFrame(frame)).toThrow(MalformedFrameError)
  })
})
