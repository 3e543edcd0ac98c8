import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { MalformedFrameError, RaftMeshError } from '../../src/errors.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { openGroupStorage } from '../../src/storage/group-storage.js'
import { GroupKeys } from '../../src/wire/group-keys.js'
import { InboundStreams } from '../../src/wire/inbound-streams.js'
import { joinFrames } from '../../src/wire/frames.js'
import { decodeLinkFrame, encodeAccept, encodeAck, encodeBatches, encodeChunk, encodeDone, encodeHello, encodeOffer, encodePing, encodeRefusal } from '../../src/wire/link-frames.js'
import { encodeGroupMessages } from '../../src/wire/messages.js'
import { sendSnapshot } from '../../src/wire/snapshot-sender.js'
import { ManualClock, settle } from '../service/support/manual-clock.js'
import { collect, config, identity, metaAt, store, stream, write } from '../storage/support.js'
import { from, message, to } from '../wire/arbitraries.js'
import { hash } from './arbitraries.js'
import { FakeStream, fakeConnection } from './fake-stream.js'
import { joined, mutated } from './mutations.js'
import { expectRefusal, runs } from './support.js'
import type { InboundHost } from '../../src/wire/inbound-streams.js'
import type { GroupStorage, SnapshotChunk, SnapshotManifest } from '../../src/storage/types.js'
import type { ReceiverHost } from '../../src/wire/snapshot-receiver.js'

const NAMESPACE = '/raft/fuzz'
const MAX_FRAME = 1 << 20
const SELF = '12D3KooWTo'
const state = new Uint8Array(600_000).map((_, i) => (i * i) >> 7)

async function group (): Promise<GroupStorage> {
  const on = new MemoryOrderedStore()
  const group = await openGroupStorage(on, NAMESPACE)
  await group.create(identity, config(1, 1, 'a'))
  await store(group, on, write([], { term: 1, commit: 1 }))
  return group
}

function inbound (snapshots: ReceiverHost): { streams: InboundStreams, host: InboundHost, link: { accept: ReturnType<typeof vi.fn>, lost: ReturnType<typeof vi.fn> }, onFrame: ReturnType<typeof vi.fn>, malformed: () => number, clock: ManualClock } {
  const counters = { framesIn: 0, bytesIn: 0, malformed: 0, refusalsOut: 0 }
  const clock = new ManualClock()
  const link = { accept: vi.fn(), lost: vi.fn() }
  const onFrame = vi.fn()
  const host: InboundHost = {
    clock, counters: counters as never, maxFrameBytes: MAX_FRAME, maxSnapshotStreams: 4, self: SELF, groups: new GroupKeys(), salt: () => new Uint8Array(32),
    link: () => link as never, existing: () => link as never, onFrame, snapshots, warn: () => {}
  }
  return { streams: new InboundStreams(host), host, link, onFrame, malformed: () => counters.malformed, clock }
}

const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 })

function deliver (on: FakeStream, bytes: Uint8Array, sizes: readonly number[]): void {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const to = at + sizes[i % sizes.length]
    on.deliver(bytes.subarray(at, to))
    at = to
  }
}

describe('a lane of a peer', () => {
  const batches = fc.array(fc.record({ clusterId: hash, body: fc.array(message, { maxLength: 3 }).map(list => encodeGroupMessages(from, to, list)) }), { maxLength: 3 }).map(encodeBatches)
  const lane = fc.tuple(fc.constantFrom('control' as const, 'log' as const), fc.array(fc.oneof(batches, fc.constant(encodePing(true))), { maxLength: 4 }))
    .map(([lane, list]) => joinFrames([encodeHello(lane), ...list.filter(frame => frame.length > 0)]))

  it('is taken, or closed alone by a refusal, and is let go of once', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(lane, mutated(lane)), cuts, async (bytes, sizes) => {
      const { streams, link, malformed, clock } = inbound({ offered: async () => undefined, received: async () => {}, failed: () => {} })
      const on = new FakeStream()
      streams.onStream(on.asStream, fakeConnection)
      await Promise.resolve()
      deliver(on, bytes, sizes)
      if (on.abortedWith !== undefined) {
        expectRefusal(on.abortedWith, [MalformedFrameError])
        expect(malformed()).toBe(1)
      }
      streams.close()
      if (!on.ended) on.dispatchEvent(new Event('end') as never)
      expect(link.lost.mock.calls.length).toBe(link.accept.mock.calls.length)
      // No timer may wait for the hello of a stream that is gone.
      expect(clock.pending).toBe(0)
    }), runs(300))
  })
})

describe('a snapshot that a peer sends', () => {
  let manifest: SnapshotManifest
  let chunks: SnapshotChunk[]
  let frames: Uint8Array[]

  beforeAll(async () => {
    const source = await group()
    manifest = await source.saveSnapshot(metaAt(1, 1, 'a'), stream(state), { retain: 1 })
    chunks = (await collect(source.chunks(manifest, 0))).map(({ seq, hash, data }) => ({ seq, hash: hash.slice(), data: data.slice() }))
    frames = [encodeOffer({ clusterId: new Uint8Array(32), from, to, term: 1, manifest }), ...chunks.map(encodeChunk), encodeDone()]
  })

  /** The frames of a transfer in an order that may be wrong, some of them damaged. */
  const order = fc.oneof({ weight: 1, arbitrary: fc.constant([0, 1, 2, 3, 4]) }, { weight: 3, arbitrary: fc.array(fc.nat(5), { maxLength: 8 }).map(list => [0, ...list]) })
  const harm = fc.option(fc.record({ at: fc.nat(7), byte: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) }), { freq: 2 })

  it('is received as it was, or given up once with an error that says why', async () => {
    let received = 0
    await fc.assert(fc.asyncProperty(order, harm, async (order, harm) => {
      const target = await group()
      const failures: Error[] = []
      const got: Uint8Array[] = []
      const { streams } = inbound({
        offered: async offer => await target.stage(offer.manifest),
        received: async offer => { got.push(joined(...await collect(target.openStaged(offer.manifest)))) },
        failed: (_peer, error) => { failures.push(error) }
      })
      const on = new FakeStream()
      streams.onStream(on.asStream, fakeConnection)
      await Promise.resolve()
      on.deliver(joinFrames([encodeHello('snapshot')]))
      let at = 0
      for (const place of order) {
        const frame = (frames[place] ?? encodePing(false)).slice()
        if (harm !== null && harm.at === at++ && frame.length > 0) frame[harm.byte % frame.length] ^= harm.bits
        if (frame.length > 0 && !on.ended) on.deliver(joinFrames([frame]))
        // The window is what a sender keeps to: let the receiver catch up, as its acknowledgements would.
        const before = on.frames.length
        await vi.waitFor(() => { expect(on.ended || on.frames.length > before || place > 4).toBe(true) }, { interval: 1, timeout: 5_000 })
      }
      if (!on.ended) on.dispatchEvent(new Event('end') as never)
      await settle()
      expect(got.length + failures.length).toBe(1)
      for (const error of failures) expectRefusal(error, [RaftMeshError])
      for (const bytes of got) expect(Buffer.compare(bytes, state)).toBe(0)
      received += got.length
    }), runs(60))
    expect(received).toBeGreaterThan(0)
  })

  const answer = fc.oneof(fc.nat(5).map(encodeAccept), fc.nat(5).map(encodeAck), fc.constant(encodeDone()), fc.constant(encodePing(true)), fc.constant(encodeRefusal('BusyError', 'not now')))
  const answers = fc.oneof(fc.constant([encodeAccept(0), encodeAck(3), encodeDone()]), fc.array(fc.oneof(answer, mutated(answer)), { maxLength: 8 }))

  it('is sent, or given up with an error that says why, whatever the receiver answers', async () => {
    await fc.assert(fc.asyncProperty(answers, async answers => {
      const on = new FakeStream()
      const from = async function * (next: number): AsyncGenerator<SnapshotChunk> { yield * chunks.slice(next) }
      const offer = decodeLinkFrame(frames[0]).offer
      expect(offer).toBeDefined()
      const sent = sendSnapshot(on.asStream, { clusterId: new Uint8Array(32), from: 'a.1', to: 'b.1', term: 1, manifest }, from, { signal: new AbortController().signal, maxFrameBytes: MAX_FRAME })
      const outcome = sent.then(() => undefined, (error: unknown) => error)
      for (const frame of answers) {
        await settle()
        if (!on.ended && frame.length > 0) on.deliver(joinFrames([frame]))
      }
      await settle()
      if (!on.ended) on.dispatchEvent(new Event('end') as never)
      const error = await outcome
      if (error !== undefined) expectRefusal(error, [RaftMeshError])
      else expect(on.frames.length).toBeGreaterThanOrEqual(2)
      expect(on.ended).toBe(true)
    }), runs(200))
  })
})
