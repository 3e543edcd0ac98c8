import fc from 'fast-check'
import { from, message, offer, to } from './arbitraries.js'
import { describe, expect, it } from 'vitest'
import { ChangeOp, CommandFrame, Consistency } from '../../src/wire/index.js'
import { encodeBatches, encodeOffer } from '../../src/wire/link-frames.js'
import { encodeGroupMessages } from '../../src/wire/messages.js'
import { GroupMessages, LinkFrame } from '../../src/wire/pb/transport.js'
import { encodeFrame } from '../../src/wire/writer.js'

const key = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 100, max: 20_000 }).map(n => new Uint8Array(n).fill(n)))
const text = fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 80 }))
const count = fc.oneof(fc.nat(300), fc.maxSafeNat())

const frame: fc.Arbitrary<CommandFrame> = fc.record({
  requests: fc.array(fc.record({
    id: count, namespace: text, forwarded: fc.boolean(), timeoutMs: fc.nat(2 ** 31),
    get: fc.option(fc.record({ key, consistency: fc.constantFrom(Consistency.LINEARIZABLE, Consistency.LEASE, Consistency.STALE) }), { nil: undefined }),
    propose: fc.option(fc.record({ command: key, kv: fc.boolean() }), { nil: undefined }),
    changeMembers: fc.option(fc.record({ changes: fc.array(fc.record({ op: fc.constantFrom(ChangeOp.ADD_VOTER, ChangeOp.ADD_LEARNER, ChangeOp.REMOVE), peer: text, incarnation: text }), { maxLength: 3 }), expectedIndex: fc.option(count, { nil: undefined }) }), { nil: undefined }),
    exchangePeers: fc.option(fc.record({ peers: fc.array(fc.record({ peer: text, addresses: fc.array(text, { maxLength: 3 }), ageMs: fc.nat() }), { maxLength: 3 }), serving: fc.boolean() }), { nil: undefined })
  }), { maxLength: 5 }),
  responses: fc.array(fc.record({
    id: count,
    failure: fc.option(fc.record({ name: text, message: text, leader: fc.option(text, { nil: undefined }) }), { nil: undefined }),
    got: fc.option(fc.record({ found: fc.boolean(), value: key }), { nil: undefined }),
    rowList: fc.option(fc.record({ rows: fc.array(fc.record({ key, value: key }), { maxLength: 4 }), more: fc.boolean() }), { nil: undefined })
  }), { maxLength: 5 }),
  cancels: fc.array(count, { maxLength: 4 }),
  hello: fc.option(fc.record({ major: fc.nat(), minor: fc.nat() }), { nil: undefined })
})

describe('encodeFrame', () => {
  it('writes what the library writes, byte for byte', () => {
    fc.assert(fc.property(frame, f => {
      const ours = encodeFrame(CommandFrame.codec(), f)
      expect(Buffer.compare(ours, CommandFrame.encode(f))).toBe(0)
    }))
  })

  it('also for the link', () => {
    fc.assert(fc.property(fc.array(message, { maxLength: 5 }), offer, (messages, o) => {
      const body = encodeGroupMessages(from, to, messages)
      expect(Buffer.compare(body, GroupMessages.encode(GroupMessages.decode(body)))).toBe(0)
      for (const bytes of [encodeOffer(o), encodeBatches([{ clusterId: o.clusterId, body }, { clusterId: o.clusterId, body: new Uint8Array(0) }])]) {
        expect(Buffer.compare(bytes, LinkFrame.encode(LinkFrame.decode(bytes)))).toBe(0)
      }
    }))
  })

  it('is as good after a large frame, a failed one and a nested one', () => {
    const small: CommandFrame = { requests: [], responses: [], cancels: [1, 2, 3] }
    const expected = CommandFrame.encode(small)
    const large: CommandFrame = { requests: [], responses: [{ id: 1, got: { found: true, value: new Uint8Array(3_000_000).fill(9) } }], cancels: [] }
    expect(Buffer.compare(encodeFrame(CommandFrame.codec(), large), CommandFrame.encode(large))).toBe(0)
    expect(encodeFrame(CommandFrame.codec(), small)).toEqual(expected)
    expect(() => encodeFrame(CommandFrame.codec(), { requests: [], responses: [], cancels: [2 ** 53] })).toThrow(RangeError)
    expect(() => encodeFrame(CommandFrame.codec(), { requests: [], responses: [], cancels: [-1] })).toThrow(RangeError)
    expect(encodeFrame(CommandFrame.codec(), small)).toEqual(expected)
  })

  it('hands out bytes that no later frame overwrites', () => {
    const first = encodeFrame(CommandFrame.codec(), { requests: [], responses: [], cancels: [5] })
    const copy = first.slice()
    encodeFrame(CommandFrame.codec(), { requests: [], responses: [], cancels: [99] })
    expect(first).toEqual(copy)
  })
})
