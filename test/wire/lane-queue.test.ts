import { describe, expect, it } from 'vitest'
import { from, fromPeer, to, toPeer } from './arbitraries.js'
import { GroupKeys } from '../../src/wire/group-keys.js'
import { LaneQueue } from '../../src/wire/lane-queue.js'
import { LinkSeal } from '../../src/wire/link-seal.js'
import { generateKey, KeyRing } from '../../src/keys/index.js'
import { decodeLinkFrame } from '../../src/wire/link-frames.js'
import { decodeGroupMessages } from '../../src/wire/messages.js'
import type { Message } from '../../src/raft/types.js'

const group = (n: number): Uint8Array => new Uint8Array(32).fill(n)
const heartbeat = (read: number): Message => ({ type: 'heartbeat', from, to, term: 1, commit: 0, read })
const append = (bytes: number, index = 1): Message => ({
  type: 'append', from, to, term: 1, prevIndex: index - 1, prevTerm: index === 1 ? 0 : 1, entries: [{ index, term: 1, kind: 'command', time: 0, data: new Uint8Array(bytes) }], commit: 0
})

const ends = { lane: 'log', opener: fromPeer, acceptor: toPeer, openerSalt: new Uint8Array(32), acceptorSalt: new Uint8Array(32) } as const

function queue (maxBytes: number, maxFrameBytes: number): { queue: LaneQueue, errors: Error[] } {
  const errors: Error[] = []
  return { queue: new LaneQueue(maxBytes, maxFrameBytes, new GroupKeys(), err => { errors.push(err) }), errors }
}

function takeAll (q: LaneQueue): Uint8Array[] {
  const frames: Uint8Array[] = []
  for (let f = q.takeFrame(); f !== undefined; f = q.takeFrame()) frames.push(f)
  return frames
}

function messagesOf (frames: Uint8Array[]): Array<{ group: number, message: Message }> {
  return frames.flatMap(f => decodeLinkFrame(f).batches.flatMap(b => decodeGroupMessages(b.body, fromPeer, toPeer).messages.map(message => ({ group: b.clusterId[0], message }))))
}

describe('LaneQueue', () => {
  it('gathers by group, in order, into one frame', () => {
    const { queue: q } = queue(1e6, 1e6)
    const ids = [group(1), group(2)]
    for (let i = 0; i < 6; i++) expect(q.push(ids[i % 2], from, to, heartbeat(i))).toBe(true)
    const frames = takeAll(q)
    expect(frames).toHaveLength(1)
    expect(decodeLinkFrame(frames[0]).batches).toHaveLength(2)
    expect(messagesOf(frames).map(m => [m.group, m.message.type === 'heartbeat' ? m.message.read : -1])).toEqual([[1, 0], [1, 2], [1, 4], [2, 1], [2, 3], [2, 5]])
    expect(q.empty).toBe(true)
    expect(q.bytes).toBe(0)
  })

  it('holds back what is to be sealed until it can be, in its order and within its bounds, and nothing else', () => {
    const groups = new GroupKeys()
    const [open, sealed] = [group(1), group(2)]
    groups.open(sealed, { namespace: '/raft/sealed', keys: new KeyRing(generateKey()) })
    const q = new LaneQueue(1e6, 700, groups, error => { throw error })
    for (let i = 0; i < 12; i++) expect(q.push(i % 2 === 0 ? open : sealed, from, to, heartbeat(i))).toBe(true)
    expect(messagesOf(takeAll(q)).map(m => m.group)).toEqual(Array.from({ length: 6 }, () => 1))
    expect(q.empty).toBe(false)
    const counters = { sealedOut: 0, sealedIn: 0, sealBroken: 0 }
    const seal = new LinkSeal(groups, counters, toPeer, { ...ends, side: 'opener' })
    const reader = new LinkSeal(groups, counters, fromPeer, { ...ends, side: 'acceptor' })
    const frames: Uint8Array[] = []
    for (let frame = q.takeFrame(seal); frame !== undefined; frame = q.takeFrame(seal)) frames.push(frame)
    expect(frames.length).toBeGreaterThan(1)
    expect(Math.max(...frames.map(frame => frame.length))).toBeLessThanOrEqual(700)
    expect(frames.every(frame => decodeLinkFrame(frame).batches.length === 0)).toBe(true)
    const bodies = frames.flatMap(frame => decodeLinkFrame(frame).sealed?.boxes ?? []).flatMap(box => {
      const opened = reader.open(box)
      return 'frame' in opened ? opened.frame.batches : []
    })
    expect(bodies.flatMap(b => decodeGroupMessages(b.body, fromPeer, toPeer).messages.map(m => m.type === 'heartbeat' ? m.read : -1))).toEqual([1, 3, 5, 7, 9, 11])
    expect([q.empty, q.bytes]).toEqual([true, 0])
    q.push(sealed, from, to, heartbeat(1))
    q.push(open, from, to, heartbeat(2))
    expect(q.dropSealed()).toBe(1)
    expect(messagesOf(takeAll(q)).map(m => m.group)).toEqual([1])
    expect([q.empty, q.bytes]).toEqual([true, 0])
  })

  it('keeps members of one group apart', () => {
    const { queue: q } = queue(1e6, 1e6)
    const id = group(1)
    const reborn = `${toPeer}.0000000000000002`
    q.push(id, from, to, heartbeat(1))
    q.push(id, from, reborn, { ...heartbeat(2), to: reborn })
    q.push(id, from, to, heartbeat(3))
    expect(messagesOf(takeAll(q)).map(m => m.message.to)).toEqual([to, reborn, to])
  })

  it('makes as many frames as the limit asks for, none over it, and loses none', () => {
    const { queue: q } = queue(1e9, 10_000)
    const id = group(1)
    for (let i = 1; i <= 50; i++) expect(q.push(i % 3 === 0 ? group(2) : id, from, to, append(2_500, i))).toBe(true)
    const frames = takeAll(q)
    expect(frames.length).toBeGreaterThan(10)
    expect(Math.max(...frames.map(f => f.byteLength))).toBeLessThanOrEqual(10_000)
    expect(messagesOf(frames)).toHaveLength(50)
    expect(q.bytes).toBe(0)
  })

  it('drops over its bound, and takes again when there is room', () => {
    const { queue: q } = queue(10_000, 100_000)
    const id = group(1)
    const taken = Array.from({ length: 5 }, (_, i) => q.push(id, from, to, append(3_000, i + 1)))
    expect(taken).toEqual([true, true, true, false, false])
    expect(q.bytes).toBeLessThanOrEqual(10_000)
    takeAll(q)
    expect(q.push(id, from, to, append(3_000))).toBe(true)
    expect(q.clear()).toBe(1)
    expect(q.bytes).toBe(0)
    expect(takeAll(q)).toEqual([])
  })

  it('drops what no frame can hold', () => {
    const { queue: q } = queue(1e9, 10_000)
    expect(q.push(group(1), from, to, append(10_000))).toBe(false)
    expect(q.push(group(1), from, to, append(9_000))).toBe(true)
    expect(takeAll(q)[0].byteLength).toBeLessThanOrEqual(10_000)
  })

  it('reports what cannot be encoded, and sends the rest', () => {
    const { queue: q, errors } = queue(1e6, 1e6)
    q.push(group(1), from, to, { ...append(1), entries: [{ index: 0, term: 0, kind: 'command', time: 0, data: new Uint8Array(1) }] } as Message)
    q.push(group(2), from, to, heartbeat(1))
    expect(messagesOf(takeAll(q)).map(m => m.group)).toEqual([2])
    expect(errors).toHaveLength(1)
    expect(q.bytes).toBe(0)
  })

  it('never sends a message that the engine makes for itself', () => {
    const { queue: q } = queue(1e6, 1e6)
    const meta = { index: 1, term: 1, time: 0, configuration: { voters: [from], outgoing: [], learners: [], learnersNext: [] }, configurationIndex: 1 }
    expect(q.push(group(1), from, to, { type: 'install-snapshot', from, to, term: 1, meta })).toBe(false)
  })
})
