import { linkNode, linked } from './wire-link-nodes.js'
import { wireNode } from './wire-nodes.js'
import { afterEach, describe, expect, it } from 'vitest'
import { FramedStream } from '../src/wire/framed-stream.js'
import type { LinkNode } from './wire-link-nodes.js'
import type { WireNode } from './wire-nodes.js'
import type { Connection } from '@libp2p/interface'

const PROTOCOL = '/test/bulk'

/** Whether what the libraries made is what the tuning knows: a new version that it doesn't know would be silently slower. */
function tunedParts (connection: Connection): { socket: boolean, decoder: boolean, muxer: boolean } {
  const { maConn, muxer } = connection as unknown as { maConn: object, muxer: { maConn: { decoder: { lengthDecoder: { name: string } } } } }
  return { socket: Object.hasOwn(maConn, 'sendData'), decoder: muxer.maConn.decoder.lengthDecoder.name !== 'uint16BEDecode', muxer: Object.hasOwn(muxer, '_newStream') }
}

async function opened (node: WireNode): Promise<Connection> {
  return new Promise(resolve => { node.libp2p.addEventListener('connection:open', event => { resolve(event.detail) }, { once: true }) })
}

describe('tuned libp2p', () => {
  const nodes: WireNode[] = []
  const links: LinkNode[] = []

  afterEach(async () => {
    await Promise.all(links.splice(0).map(async l => l.links.close()))
    await Promise.all(nodes.splice(0).map(async n => n.stop()))
  })

  it('knows the versions of the libraries that are installed', async () => {
    const [a, b] = await Promise.all([wireNode('tuned'), wireNode('stock')])
    nodes.push(a, b)
    const accepted = opened(b)
    const ours = await a.libp2p.dial(b.libp2p.getMultiaddrs())
    expect(tunedParts(ours)).toEqual({ socket: true, decoder: true, muxer: true })
    expect(tunedParts(await accepted)).toEqual({ socket: false, decoder: false, muxer: false })
    const c = await wireNode('tuned')
    nodes.push(c)
    const inbound = opened(c)
    await b.libp2p.dial(c.libp2p.getMultiaddrs())
    expect(tunedParts(await inbound)).toEqual({ socket: true, decoder: true, muxer: true })
  })

  it.each([['tuned', 'tuned'], ['tuned', 'stock'], ['stock', 'tuned']] as const)('carries bulk and small frames both ways, %s to %s', async (one, two) => {
    const [a, b] = await Promise.all([wireNode(one), wireNode(two)])
    nodes.push(a, b)
    // Echo, frame by frame.
    await b.libp2p.handle(PROTOCOL, stream => {
      const waiting: Uint8Array[] = []
      const flush = (): void => { while (waiting.length > 0 && framed.writable) framed.send(waiting.splice(0, 1)) }
      const framed: FramedStream = new FramedStream(stream, {
        onFrame: bytes => {
          waiting.push(bytes.slice())
          flush()
        },
        onDrain: flush
      })
    })
    const connection = await a.libp2p.dial(b.libp2p.getMultiaddrs())
    const sizes = [1, 100, 1_000_000, 5, 70_000, 4_000_000, 1, 300_000, 2_000_000, 12, 65_519, 65_535, 65_536]
    const echoed = new Promise<Array<[number, boolean]>>((resolve, reject) => {
      const seen: Array<[number, boolean]> = []
      connection.newStream(PROTOCOL).then(stream => {
        const waiting = sizes.map((size, i) => new Uint8Array(size).fill(i + 1))
        const flush = (): void => { while (waiting.length > 0 && framed.writable) framed.send(waiting.splice(0, 1)) }
        const framed: FramedStream = new FramedStream(stream, {
          onFrame: bytes => {
            const value = seen.length + 1
            seen.push([bytes.byteLength, bytes.every(b => b === value)])
            if (seen.length === sizes.length) resolve(seen)
          },
          onDrain: flush,
          onClose: reject
        })
        flush()
      }, reject)
    })
    expect(await echoed).toEqual(sizes.map(s => [s, true]))
  })

  it('links tuned and stock nodes', async () => {
    const [a, b] = [await linkNode({}, 'tuned'), await linkNode({}, 'stock')]
    links.push(a, b)
    nodes.push(a.node, b.node)
    await linked(a, b)
    for (let i = 1; i <= 8; i++) {
      a.send(b, a.append(b, 1_500_000, i), a.heartbeat(b, i))
      b.send(a, b.append(a, 1_500_000, i))
    }
    await Promise.all([
      b.frames.find(f => f.messages.some(m => m.type === 'append' && m.prevIndex === 7)),
      a.frames.find(f => f.messages.some(m => m.type === 'append' && m.prevIndex === 7)),
      b.frames.find(f => f.messages.some(m => m.type === 'heartbeat' && m.read === 8))
    ])
    expect(a.links.stats().droppedFull + b.links.stats().droppedFull).toBe(0)
  })
})
