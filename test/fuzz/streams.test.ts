import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedFrameError, ProtocolVersionError, RaftMeshError } from '../../src/errors.js'
import { CommandConnection } from '../../src/wire/command-connection.js'
import { CommandStream } from '../../src/wire/command-stream.js'
import { decodeCommandFrame, encodeCommandHello, requestBytes } from '../../src/wire/commands.js'
import { RequestLostError } from '../../src/wire/errors.js'
import { FrameDecoder, joinFrames } from '../../src/wire/frames.js'
import { FramedStream } from '../../src/wire/framed-stream.js'
import { CommandFrame } from '../../src/wire/pb/command.js'
import { encodeFrame } from '../../src/wire/writer.js'
import { ManualClock } from '../service/support/manual-clock.js'
import { commandFrame, request, response } from './arbitraries.js'
import { FakeStream, PEER, fakeConnection } from './fake-stream.js'
import { joined, mutated } from './mutations.js'
import { bytesUpTo, expectRefusal, expectSame, hex, runs } from './support.js'
import type { Request, Response } from '../../src/wire/pb/command.js'

const MAX_FRAME = 1 << 16

const frames = fc.array(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.uint8Array({ minLength: 120, maxLength: 140 })), { maxLength: 6 })
const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 })
/** Frames, and then what is none, or is one of any bytes. */
const stream = fc.tuple(frames, fc.oneof(bytesUpTo(300), mutated(frames.map(joinFrames)))).map(([before, after]) => ({ before, bytes: joined(joinFrames(before), after) }))

/** `bytes` in pieces of these sizes, again and again. */
function * pieces (bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const to = from + sizes[i % sizes.length]
    yield bytes.subarray(from, to)
    from = to
  }
}

/** What the decoder makes of it: the frames, and whether it then refused. */
function cutInto (parts: Iterable<Uint8Array>, maxFrame: number): { frames: string[], refused: boolean } {
  const decoder = new FrameDecoder(maxFrame)
  const frames: string[] = []
  try {
    for (const part of parts) {
      for (const frame of decoder.decode(part)) {
        expect(frame.length).toBeLessThanOrEqual(maxFrame)
        frames.push(hex(frame))
      }
    }
  } catch (error) {
    expectRefusal(error, [MalformedFrameError])
    return { frames, refused: true }
  }
  return { frames, refused: false }
}

describe('a stream of frames', () => {
  it('is cut into the same frames, and refused at the same place, however it arrives', () => {
    fc.assert(fc.property(stream, cuts, fc.constantFrom(150, MAX_FRAME), ({ before, bytes }, sizes, maxFrame) => {
      const whole = cutInto([bytes], maxFrame)
      expectSame(cutInto(pieces(bytes, sizes), maxFrame), whole)
      expectSame(cutInto(pieces(bytes, [1]), maxFrame), whole)
      expectSame(whole.frames.slice(0, before.length), before.map(hex))
    }), runs(250))
  })

  it('ends once, with the error of whoever could not read it, and hands over nothing more', async () => {
    await fc.assert(fc.asyncProperty(stream, cuts, fc.nat(8), fc.boolean(), async ({ bytes }, sizes, failsAt, throws) => {
      const on = new FakeStream()
      const ends: Array<Error | undefined> = []
      let seen = 0
      let after = 0
      const framed: FramedStream = new FramedStream(on.asStream, {
        maxFrameBytes: MAX_FRAME,
        onFrame: () => {
          if (ends.length > 0) after++
          if (seen++ !== failsAt) return
          const error = new MalformedFrameError('no message at all')
          if (throws) throw error
          framed.abort(error)
        },
        onClose: error => { ends.push(error) }
      })
      // Nobody is called back before the turn that made it is over.
      await Promise.resolve()
      for (const piece of pieces(bytes, sizes)) on.deliver(piece)
      if (!on.ended) on.dispatchEvent(new Event('end') as never)
      expect(framed.closed).toBe(true)
      expect(ends).toHaveLength(1)
      expect(after).toBe(0)
      expect(seen).toBeLessThanOrEqual(failsAt + 1)
      if (on.abortedWith !== undefined) expectRefusal(ends[0], [MalformedFrameError])
    }), runs(300))
  })
})

describe('a request', () => {
  // Admission counts them: what is not counted is not bounded.
  const isCounted = (r: Request): void => {
    const bytes = encodeFrame(CommandFrame.codec(), { requests: [r], responses: [], cancels: [] })
    expect(bytes.length).toBeLessThanOrEqual(requestBytes(r) + 2 * r.namespace.length)
  }

  it('takes no more bytes than it is counted for', () => {
    fc.assert(fc.property(request, isCounted), runs(300))
    isCounted({ id: 1, namespace: '', forwarded: false, timeoutMs: 0, transfer: { peer: 'x'.repeat(9_000) } })
  })
})

const frameOf = (requests: Request[]): Uint8Array => encodeFrame(CommandFrame.codec(), { requests, responses: [], cancels: [] })
const requests = fc.uniqueArray(request, { maxLength: 5, selector: ({ id }) => id })
/** Valid frames, of which one may be damaged. */
const conversation = fc.tuple(fc.array(requests.map(frameOf), { maxLength: 4 }), fc.option(mutated(commandFrame.map(frame => encodeFrame(CommandFrame.codec(), frame)))))
  .map(([valid, bad]) => joinFrames([encodeCommandHello(), ...valid, ...(bad === null || bad.length === 0 ? [] : [bad])]))

describe('the server\'s end of a command stream', () => {
  it('answers each request once, gives its slot back, and ends by a refusal if at all', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(conversation, mutated(conversation)), cuts, fc.boolean(), async (bytes, sizes, fails) => {
      const clock = new ManualClock()
      const on = new FakeStream()
      const trouble: string[] = []
      const asked = new Map<number, number>()
      let inside = 0
      let ends = 0
      const server = new CommandStream(on.asStream, fakeConnection, {
        clock,
        maxFrameBytes: MAX_FRAME,
        maxQueueBytes: 1 << 24,
        self: PEER,
        salt: new Uint8Array(32),
        keys: { ringOf: () => undefined, hosts: () => true },
        onSealedWrong: () => {},
        admission: { enter: () => { inside++; return undefined }, leave: () => { inside-- } },
        handle: async ({ id }) => {
          asked.set(id, (asked.get(id) ?? 0) + 1)
          if (fails) throw new MalformedFrameError('a request for nothing')
          return { index: { index: id } }
        },
        onError: words => { trouble.push(words) },
        onClose: () => { ends++ }
      })
      for (const piece of pieces(bytes, sizes)) on.deliver(piece)
      await clock.advance(1)
      expect(trouble).toEqual([])
      expect(inside).toBe(0)
      const answers = on.frames.slice(1).flatMap(frame => decodeCommandFrame(frame).responses)
      if (on.abortedWith !== undefined) expectRefusal(on.abortedWith, [MalformedFrameError])
      else if (!on.ended) {
        for (const id of asked.keys()) expect(answers.filter(answer => answer.id === id).length, `answers to ${id}`).toBeGreaterThanOrEqual(asked.get(id) as number)
      }
      for (const answer of answers) expect(asked.has(answer.id)).toBe(true)
      await server.close(new AbortController().signal)
      expect(ends).toBe(1)
      await clock.advance(2_000)
      expect(clock.pending).toBe(0)
    }), runs(250))
  })
})

describe('the client\'s end of a command stream', () => {
  const answers = fc.array(fc.array(response.map((r): Response => ({ ...r, id: 1 + r.id % 6 })), { maxLength: 4 }), { maxLength: 4 })
    .map(list => joinFrames([encodeCommandHello(), ...list.map(responses => encodeFrame(CommandFrame.codec(), { requests: [], responses, cancels: [] }))]))

  it('settles each request once, by an answer or with an error that says whether it was sent', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(answers, mutated(answers)), cuts, async (bytes, sizes) => {
      const clock = new ManualClock()
      const on = new FakeStream()
      const client = new CommandConnection(on.asStream, PEER, { clock, maxFrameBytes: MAX_FRAME, maxInflight: 10, maxInflightBytes: 1 << 20, self: PEER, salt: new Uint8Array(32) })
      const asked = Array.from({ length: 6 }, () => client.request({ namespace: '/raft/fuzz', forwarded: false, timeoutMs: 10, barrier: {} }))
      const outcomes = Promise.allSettled(asked)
      await clock.advance(1)
      for (const piece of pieces(bytes, sizes)) on.deliver(piece)
      if (!on.ended) on.dispatchEvent(new Event('end') as never)
      for (const outcome of await outcomes) {
        if (outcome.status === 'fulfilled') expect(outcome.value.failure).toBeUndefined()
        // What a peer says in a failure is its own.
        else expect(outcome.reason).toBeInstanceOf(RaftMeshError)
      }
      expect(client.inflight).toBe(0)
      expect(client.open).toBe(false)
      if (on.abortedWith !== undefined) expectRefusal(on.abortedWith, [MalformedFrameError, ProtocolVersionError])
      await expect(client.request({ namespace: '/raft/fuzz', forwarded: false, timeoutMs: 10, barrier: {} })).rejects.toSatisfy(error => error instanceof RequestLostError || error instanceof ProtocolVersionError)
    }), runs(250))
  })
})
