import { createHash } from 'node:crypto'
import { clusterId, linkNode, linked } from './wire-link-nodes.js'
import { introduce } from './wire-nodes.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BusyError, MalformedFrameError, TooLargeError, UnavailableError } from '../src/errors.js'
import { TRANSPORT_PROTOCOL } from '../src/wire/index.js'
import type { LinkNode } from './wire-link-nodes.js'
import type { SnapshotChunk, SnapshotStaging } from '../src/storage/types.js'
import type { LinkOptions, SnapshotOffer } from '../src/wire/index.js'

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(data).digest())

function chunk (seq: number, bytes = 1_000): SnapshotChunk {
  const data = new Uint8Array(bytes).fill(seq)
  return { seq, data, hash: sha256(data) }
}

/** What storage does, in memory: verifies the order and the hash, and keeps what it has. */
class Staging implements SnapshotStaging {
  readonly data: Uint8Array[] = []
  finished = false
  gate: (chunk: SnapshotChunk) => Promise<void> | void = () => {}
  get next (): number { return this.data.length }

  async write (c: SnapshotChunk): Promise<void> {
    await this.gate(c)
    if (c.seq !== this.next || !Buffer.from(c.hash).equals(sha256(c.data))) throw new MalformedFrameError(`chunk ${c.seq} is not the one expected`)
    this.data.push(c.data)
  }

  async finish (): Promise<void> { this.finished = true }
}

describe('snapshot transfer', () => {
  let a: LinkNode
  let b: LinkNode
  const signal = new AbortController().signal

  async function start (options: LinkOptions = {}): Promise<void> {
    [a, b] = [await linkNode(options), await linkNode(options)]
    await linked(a, b)
  }

  beforeEach(async () => { await start() })

  afterEach(async () => {
    await Promise.all([a.links.close(), b.links.close()])
    await Promise.all([a.node.stop(), b.node.stop()])
  })

  function offer (chunks: number): SnapshotOffer {
    return {
      clusterId, from: a.member, to: b.member, term: 4,
      manifest: {
        id: '00112233aabbccdd', chunks, storedBytes: chunks * 1_000, bytes: chunks * 3_000, digest: sha256(new Uint8Array([chunks])),
        meta: { index: 90, term: 3, time: 1_700_000_000_000, configuration: { voters: [a.member], outgoing: [], learners: [b.member], learnersNext: [] }, configurationIndex: 12 }
      }
    }
  }

  async function * chunksFrom (from: number, count: number, sent: number[] = [], bytes = 1_000): AsyncIterable<SnapshotChunk> {
    for (let i = from; i < count; i++) {
      sent.push(i)
      yield chunk(i, bytes)
    }
  }

  it('brings the offer, every chunk in order, and resolves when the group has taken it', async () => {
    const staging = new Staging()
    b.staging = () => staging
    const o = offer(20)
    await a.links.sendSnapshot(o, from => chunksFrom(from, 20), { signal })
    expect(staging.data.map(d => d[0])).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(staging.finished).toBe(true)
    expect(b.received.all).toEqual([o])
    expect(a.links.stats().snapshotsOut).toBe(1)
    expect(b.links.stats().snapshotsIn).toBe(1)
  })

  it('an empty snapshot has no chunks, and is one all the same', async () => {
    const staging = new Staging()
    b.staging = () => staging
    await a.links.sendSnapshot(offer(0), from => chunksFrom(from, 0), { signal })
    expect(staging.finished).toBe(true)
  })

  it('resumes at the first chunk that the receiver lacks', async () => {
    const staging = new Staging()
    b.staging = () => staging
    let cut = false
    staging.gate = c => {
      if (c.seq !== 5 || cut) return
      cut = true
      const streams = a.node.libp2p.getConnections().flatMap(x => x.streams).filter(s => s.protocol === TRANSPORT_PROTOCOL && s.direction === 'outbound')
      streams[streams.length - 1].abort(new Error('cut'))
    }
    await expect(a.links.sendSnapshot(offer(12), from => chunksFrom(from, 12), { signal })).rejects.toBeInstanceOf(UnavailableError)
    expect(staging.finished).toBe(false)
    const kept = staging.next
    expect(kept).toBeGreaterThanOrEqual(5)
    expect(kept).toBeLessThan(12)

    const sent: number[] = []
    await a.links.sendSnapshot(offer(12), from => chunksFrom(from, 12, sent), { signal })
    expect(sent[0]).toBe(staging.data.length - sent.length)
    expect(sent[0]).toBeGreaterThanOrEqual(kept)
    expect(staging.data.map(d => d[0])).toEqual(Array.from({ length: 12 }, (_, i) => i))
    expect(staging.finished).toBe(true)
    // Votes and heartbeats never noticed.
    expect(a.events.all).toEqual([`up ${b.peer}`])
  })

  it('sends no more than a window ahead of what is staged', async () => {
    const staging = new Staging()
    b.staging = () => staging
    const sent: number[] = []
    let most = 0
    staging.gate = c => { most = Math.max(most, sent.length - c.seq) }
    await a.links.sendSnapshot(offer(40), from => chunksFrom(from, 40, sent), { signal })
    // Four on their way, and the next one in hand.
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(5)
  })

  it('bulk does not delay a heartbeat', async () => {
    const staging = new Staging()
    b.staging = () => staging
    let release!: () => void
    const held = new Promise<void>(resolve => { release = resolve })
    staging.gate = async c => { if (c.seq === 6) await held }
    const done = a.links.sendSnapshot(offer(30), from => chunksFrom(from, 30, [], 1_000_000), { signal })
    a.send(b, a.heartbeat(b, 1))
    await b.frames.find(f => f.messages.some(m => m.type === 'heartbeat'))
    release()
    await done
    expect(staging.data).toHaveLength(30)
  })

  it('a refusal rejects, and says so', async () => {
    const error = await a.links.sendSnapshot(offer(3), from => chunksFrom(from, 3), { signal }).catch(err => err)
    expect(error).toBeInstanceOf(BusyError)
    expect(error.message).toContain('was refused')
  })

  it('a chunk that does not verify is refused, and what was good is kept', async () => {
    const staging = new Staging()
    b.staging = () => staging
    async function * bad (from: number): AsyncIterable<SnapshotChunk> {
      for (let i = from; i < 6; i++) yield i === 3 ? { ...chunk(i), hash: new Uint8Array(32) } : chunk(i)
    }
    await expect(a.links.sendSnapshot(offer(6), bad, { signal })).rejects.toBeInstanceOf(MalformedFrameError)
    expect(staging.next).toBe(3)
    await a.links.sendSnapshot(offer(6), from => chunksFrom(from, 6), { signal })
    expect(staging.data).toHaveLength(6)
  })

  it('an abort ends it, whatever it waits for', async () => {
    const staging = new Staging()
    b.staging = () => staging
    const stop = new AbortController()
    staging.gate = async () => {
      stop.abort(new Error('enough'))
      await new Promise(() => {})
    }
    await expect(a.links.sendSnapshot(offer(6), from => chunksFrom(from, 6), { signal: stop.signal })).rejects.toThrow('enough')
    await expect(a.links.sendSnapshot(offer(6), from => chunksFrom(from, 6), { signal: stop.signal })).rejects.toThrow('enough')
  })

  it('storage that gives other chunks than the manifest says fails the transfer', async () => {
    b.staging = () => new Staging()
    await expect(a.links.sendSnapshot(offer(6), from => chunksFrom(from, 4), { signal })).rejects.toThrow('gave 4 chunks')
    await expect(a.links.sendSnapshot(offer(6), () => chunksFrom(2, 6), { signal })).rejects.toThrow('gave chunk 2')
    await expect(a.links.sendSnapshot(offer(1), () => chunksFrom(0, 1, [], 9_000_000), { signal })).rejects.toBeInstanceOf(TooLargeError)
  })

  it('without a connection it is unavailable', async () => {
    const lone = await linkNode()
    await introduce(lone.node, b.node)
    await expect(lone.links.sendSnapshot({ ...offer(1), from: lone.member }, from => chunksFrom(from, 1), { signal })).rejects.toBeInstanceOf(UnavailableError)
    await lone.links.close()
    await lone.node.stop()
  })

  it('bounds the snapshots that a peer sends at a time', async () => {
    const stagings: Staging[] = []
    const entered: Array<() => void> = []
    const arrivals = Array.from({ length: 4 }, async () => new Promise<void>(resolve => { entered.push(resolve) }))
    const stop = new AbortController()
    b.staging = () => {
      const s = new Staging()
      s.gate = async () => {
        entered[stagings.indexOf(s)]?.()
        await new Promise(() => {})
      }
      stagings.push(s)
      return s
    }
    const running = Array.from({ length: 4 }, async () => a.links.sendSnapshot(offer(3), from => chunksFrom(from, 3), { signal: stop.signal }).catch(err => err))
    await Promise.all(arrivals)
    await expect(a.links.sendSnapshot(offer(3), from => chunksFrom(from, 3), { signal })).rejects.toThrow('already receiving 4')
    stop.abort(new Error('enough'))
    await Promise.all(running)
  })
})
