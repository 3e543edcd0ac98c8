import type { LinkNode} from './wire-link-nodes.js';
import { clusterId, linkNode, linked } from './wire-link-nodes.js'
import { Inbox, introduce, wireNode } from './wire-nodes.js'
import { afterEach, describe, expect, it } from 'vitest'
import { FramedStream } from '../src/wire/framed-stream.js'
import { encodeBatches, encodeHello, decodeLinkFrame } from '../src/wire/link-frames.js'
import { encodeGroupMessages } from '../src/wire/messages.js'
import type { LinkFrame } from '../src/wire/pb/transport.js'
import { TRANSPORT_PROTOCOL } from '../src/wire/index.js'
import type { LinkOptions } from '../src/wire/index.js'
import type { WireNode } from './wire-nodes.js'

describe('links', () => {
  const nodes: LinkNode[] = []
  const bare: WireNode[] = []

  afterEach(async () => {
    await Promise.all(nodes.map(async n => n.links.close()))
    await Promise.all([...nodes.splice(0).map(n => n.node), ...bare.splice(0)].map(async n => n.stop()))
  })

  async function start (options: LinkOptions = {}): Promise<LinkNode> {
    const node = await linkNode(options)
    nodes.push(node)
    return node
  }

  /** A stream of the test's own to a node, to say what no link says. */
  async function raw (to: LinkNode, from?: WireNode): Promise<{ framed: FramedStream, replies: Inbox<LinkFrame>, closed: Promise<Error | undefined> }> {
    const node = from ?? await wireNode()
    if (from === undefined) bare.push(node)
    await introduce(node, to.node)
    const stream = await node.components.connectionManager.openStream(to.node.libp2p.peerId, TRANSPORT_PROTOCOL)
    const replies = new Inbox<LinkFrame>()
    let framed!: FramedStream
    const closed = new Promise<Error | undefined>(resolve => {
      framed = new FramedStream(stream, { onFrame: b => { replies.push(decodeLinkFrame(b)) }, onClose: resolve })
    })
    return { framed, replies, closed }
  }

  it('comes up on both sides, and carries messages on their lanes, with members from the connection', async () => {
    const [a, b] = [await start(), await start()]
    await linked(a, b)
    const message = a.append(b, 100)
    a.send(b, a.heartbeat(b, 9), message)
    const control = await b.frames.find(f => f.messages[0].type === 'heartbeat')
    const log = await b.frames.find(f => f.messages[0].type === 'append')
    expect(control).toEqual({ clusterId, from: a.member, to: b.member, messages: [a.heartbeat(b, 9)] })
    expect(log).toEqual({ clusterId, from: a.member, to: b.member, messages: [message] })
    b.send(a, b.heartbeat(a, 1))
    expect((await a.frames.find(() => true)).from).toBe(b.member)
  })

  it('gathers what a turn has to say on a lane into one send and one frame', async () => {
    const [a, b] = [await start(), await start()]
    await linked(a, b)
    const before = a.links.stats()
    for (let i = 0; i < 100; i++) a.send(b, a.heartbeat(b, i))
    const other = new Uint8Array(32).fill(8)
    a.links.send({ clusterId: other, from: a.member, to: b.member, messages: [a.heartbeat(b, 100)] })
    // Nothing leaves before the turn ends.
    expect(a.links.stats().sends).toBe(before.sends)
    const first = await b.frames.find(f => f.messages.length > 0)
    const second = await b.frames.find(f => f.clusterId[0] === 8)
    expect(first.messages.map(m => m.type === 'heartbeat' ? m.read : -1)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(second.messages).toHaveLength(1)
    const after = a.links.stats()
    expect(after.messagesOut - before.messagesOut).toBe(101)
    // One, and perhaps a ping that fell due while we looked.
    expect(after.sends - before.sends).toBeLessThanOrEqual(2)
  })

  it('flush sends at once', async () => {
    const [a, b] = [await start(), await start()]
    await linked(a, b)
    const before = a.links.stats().sends
    a.send(b, a.heartbeat(b))
    a.links.flush()
    expect(a.links.stats().sends).toBe(before + 1)
    await b.frames.find(() => true)
  })

  it('drops and counts without a link, and never throws', async () => {
    const [a, b] = [await start(), await start()]
    a.send(b, a.heartbeat(b), a.append(b, 10))
    expect(a.links.stats()).toMatchObject({ droppedNoLink: 2, messagesOut: 0 })
    expect(a.links.isUp(b.peer)).toBe(false)
    a.links.send({ clusterId, from: a.member, to: 'nobody', messages: [a.heartbeat(b)] })
    expect(a.links.stats().droppedNoLink).toBe(3)
    // A member whose peer id is none: the others are linked all the same.
    await introduce(a.node, b.node)
    a.links.setPeers(new Set(['no peer id', b.peer]))
    await a.up(b)
  })

  it('bounds what waits, and drops what no frame can hold', async () => {
    const [a, b] = [await start({ maxFrameBytes: 100_000, maxLogQueueBytes: 200_000 }), await start({ maxFrameBytes: 100_000 })]
    await linked(a, b)
    a.send(b, a.append(b, 100_000))
    expect(a.links.stats()).toMatchObject({ droppedFull: 1, queuedBytes: 0 })
    for (let i = 1; i <= 10; i++) a.send(b, a.append(b, 50_000, i))
    const { droppedFull, queuedBytes } = a.links.stats()
    expect(droppedFull).toBe(1 + 7)
    expect(queuedBytes).toBeLessThanOrEqual(200_000)
    // The queue of one lane says nothing about the other.
    a.send(b, a.heartbeat(b, 5))
    await b.frames.find(f => f.messages.some(m => m.type === 'heartbeat'))
    // What was queued arrives, in as many frames as it needs.
    await b.frames.find(f => f.messages.some(m => m.type === 'append' && m.prevIndex === 2))
    expect(a.links.stats().queuedBytes).toBe(0)
  })

  it('carries more than a stream\'s window, by waiting for it to drain', async () => {
    const [a, b] = [await start(), await start()]
    await linked(a, b)
    for (let i = 1; i <= 24; i++) a.send(b, a.append(b, 2_000_000, i))
    await b.frames.find(f => f.messages.some(m => m.type === 'append' && m.prevIndex === 23))
    const appends = b.frames.all.flatMap(f => f.messages).map(m => m.type === 'append' ? m.prevIndex : -1)
    expect(appends).toEqual(Array.from({ length: 24 }, (_, i) => i))
    expect(a.links.stats().droppedFull).toBe(0)
  })

  it('tells at once when the connection closes, and links again by itself', async () => {
    // Silence would take far longer than the test may.
    const [a, b] = [await start({ livenessMs: 60_000 }), await start({ livenessMs: 60_000 })]
    await linked(a, b)
    const down = Promise.all([a.events.next(e => e === `down ${b.peer}`), b.events.next(e => e === `down ${a.peer}`)])
    const up = Promise.all([a.events.next(e => e === `up ${b.peer}`), b.events.next(e => e === `up ${a.peer}`)])
    for (const c of a.node.libp2p.getConnections()) c.abort(new Error('cut'))
    await down
    await up
    a.send(b, a.heartbeat(b, 77))
    await b.frames.find(f => f.messages.some(m => m.type === 'heartbeat' && m.read === 77))
  })

  it('finds a peer that was down when it looked, whoever dials', async () => {
    const a = await start({ redialMinMs: 60_000, redialMaxMs: 60_000 })
    const b = await start()
    // `a` knows no address of `b`: it can only wait to be dialled, and its own next attempt is a minute away.
    a.links.setPeers(new Set([b.peer]))
    await introduce(b.node, a.node)
    const up = Promise.all([a.up(b), b.up(a)])
    b.links.setPeers(new Set([a.peer]))
    await up
  })

  it('two nodes that dial each other at the same time settle, and stay up', async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [await start(), await start()]
      await linked(a, b)
      // One more round trip, and nobody went down meanwhile.
      a.send(b, a.heartbeat(b))
      b.send(a, b.heartbeat(a))
      await Promise.all([a.frames.find(() => true), b.frames.find(() => true)])
      expect(a.events.all).toEqual([`up ${b.peer}`])
      expect(b.events.all).toEqual([`up ${a.peer}`])
    }
  })

  it('a peer that is held by one side only can answer, and the link ends when nobody holds it', async () => {
    const [a, b] = [await start(), await start()]
    await introduce(a.node, b.node)
    const up = Promise.all([a.up(b), b.up(a)])
    a.links.setPeers(new Set([b.peer]))
    await up
    b.send(a, b.heartbeat(a, 4))
    await a.frames.find(f => f.messages.some(m => m.type === 'heartbeat' && m.read === 4))
    const down = Promise.all([a.down(b), b.down(a)])
    a.links.setPeers(new Set())
    await down
    expect(a.links.stats().links).toBe(0)
    expect(b.links.stats().links).toBe(0)
    // The connection is not the link's: others use it.
    expect(a.node.libp2p.getConnections(b.node.libp2p.peerId)).toHaveLength(1)
  })

  it('a silent peer is down, and up when it is heard again', async () => {
    const a = await start({ livenessMs: 20, deadMs: 100 })
    const b = await start({ livenessMs: 20, deadMs: 60_000 })
    await linked(a, b)
    // `b` says nothing more: its streams are there, its pings are not.
    const paused = b.node.libp2p.getConnections().flatMap(c => c.streams).filter(s => s.protocol === TRANSPORT_PROTOCOL && s.direction === 'outbound')
    for (const s of paused) s.send = () => true
    await a.down(b)
    expect(a.links.stats().silences).toBe(1)
    for (const s of paused) Reflect.deleteProperty(s, 'send')
    await a.up(b)
  })

  it('gives up a connection on which nothing is heard, and dials anew', async () => {
    const a = await start({ livenessMs: 20, deadMs: 60, abandonMs: 120 })
    const b = await start({ livenessMs: 20, deadMs: 60_000 })
    await linked(a, b)
    for (const s of b.node.libp2p.getConnections().flatMap(c => c.streams)) s.send = () => true
    await a.down(b)
    await a.up(b)
    // More than once where this process was held up for longer than that.
    expect(a.links.stats().abandoned).toBeGreaterThan(0)
  })

  it('another major version is refused, and told why', async () => {
    const a = await start()
    const { framed, replies, closed } = await raw(a)
    framed.send([encodeHello('control', 2, 0)])
    const { refusal } = await replies.find(f => f.refusal !== undefined)
    expect(refusal).toMatchObject({ code: 'ProtocolVersionError', message: expect.stringContaining('not 2.0') })
    await closed
    expect(a.links.stats()).toMatchObject({ refusalsOut: 1, malformed: 0 })
  })

  it('a newer minor version may say more', async () => {
    const a = await start()
    const node = await wireNode()
    bare.push(node)
    const { framed } = await raw(a, node)
    const member = `${node.peer}.abc`
    const body = encodeGroupMessages(member, a.member, [{ type: 'timeout-now', from: member, to: a.member, term: 4 }])
    // A field that this version doesn't know, and a message of a kind that it doesn't: kind 99.
    const unknownField = new Uint8Array([0xfa, 0x3f, 1, 1])
    const unknownKind = new Uint8Array([0x1a, 4, 0x08, 99, 0x10, 4])
    framed.send([encodeHello('control', 1, 7), new Uint8Array([...encodeBatches([{ clusterId, body: new Uint8Array([...body, ...unknownKind]) }]), ...unknownField])])
    const frame = await a.frames.find(() => true)
    expect(frame.messages).toEqual([{ type: 'timeout-now', from: member, to: a.member, term: 4 }])
    expect(a.links.stats()).toMatchObject({ unknownKinds: 1, malformed: 0 })
  })

  it('a malformed frame closes that stream, and no other', async () => {
    const [a, b] = [await start(), await start()]
    await linked(a, b)
    const before = b.events.all.length
    for (const bad of [new Uint8Array([0xff, 0xff, 0xff]), encodeBatches([{ clusterId: new Uint8Array(5), body: new Uint8Array(0) }]), encodeBatches([{ clusterId, body: new Uint8Array([1, 2, 3]) }])]) {
      // On a connection of its own peer, and on that of the link.
      const { framed, closed } = await raw(b)
      framed.send([encodeHello('log'), bad])
      await closed
    }
    expect(b.links.stats().malformed).toBe(3)
    const { framed, closed } = await raw(b)
    framed.send([bad(), encodeHello('log')])
    await closed
    expect(b.links.stats().malformed).toBe(4)
    a.send(b, a.heartbeat(b, 31))
    await b.frames.find(f => f.messages.some(m => m.type === 'heartbeat' && m.read === 31))
    expect(b.events.all.slice(before).filter(e => e.endsWith(a.peer))).toEqual([])

    function bad (): Uint8Array { return encodeBatches([]).length === 0 ? new Uint8Array([0x22, 0]) : encodeBatches([]) }
  })

  it('a frame over the limit closes the stream before it is read', async () => {
    const a = await start({ maxFrameBytes: 10_000 })
    const { framed, closed } = await raw(a)
    framed.send([encodeHello('log'), new Uint8Array(10_001)])
    await closed
    expect(a.links.stats().malformed).toBe(1)
  })

  it('a new lane of a kind replaces the last one', async () => {
    const a = await start()
    const node = await wireNode()
    bare.push(node)
    const first = await raw(a, node)
    first.framed.send([encodeHello('control')])
    const second = await raw(a, node)
    second.framed.send([encodeHello('control')])
    await first.closed
    expect(second.framed.closed).toBe(false)
    expect(a.links.stats().links).toBe(1)
  })

  it('closing says goodbye: the other side is told at once', async () => {
    const [a, b] = [await start({ livenessMs: 60_000 }), await start({ livenessMs: 60_000 })]
    await linked(a, b)
    const down = b.down(a)
    await a.links.close()
    await down
    expect(a.links.stats().links).toBe(0)
    // Closing again, and speaking after it, are nothing.
    await a.links.close()
    a.send(b, a.heartbeat(b))
  })
})
