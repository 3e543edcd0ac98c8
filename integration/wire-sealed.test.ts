import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { introduce, wireNode } from './wire-nodes.js'
import { clusterId, linked, linkNode } from './wire-link-nodes.js'
import { KeyRing, generateKey } from '../src/keys/index.js'
import { FramedStream } from '../src/wire/framed-stream.js'
import { CommandConnections, CommandFrame, CommandServer, Consistency, TRANSPORT_PROTOCOL } from '../src/wire/index.js'
import { decodeLinkFrame, encodeBatches, encodeHello } from '../src/wire/link-frames.js'
import { encodeGroupMessages } from '../src/wire/messages.js'
import { Inbox } from './wire-nodes.js'
import type { LinkNode } from './wire-link-nodes.js'
import type { WireNode } from './wire-nodes.js'
import type { LinkFrame } from '../src/wire/pb/transport.js'
import type { CommandHandler, NamespaceKeys, RequestBody } from '../src/wire/index.js'
import type { SnapshotManifest, SnapshotStaging } from '../src/storage/types.js'

const NS = '/raft/sealed'
const other = new Uint8Array(32).fill(8)
const secret = generateKey()
const ring = (): KeyRing => new KeyRing(secret)

describe('sealed groups on a link', () => {
  let a: LinkNode
  let b: LinkNode
  beforeEach(async () => { [a, b] = await Promise.all([linkNode(), linkNode()]) })
  afterEach(async () => {
    await Promise.all([a, b].map(async n => { await n.links.close(); await n.node.stop() }))
  })
  const plainly = (read: number): void => { a.links.send({ clusterId: other, from: a.member, to: b.member, messages: [a.heartbeat(b, read)] }) }
  const arrived = async (read: number): Promise<Uint8Array> => (await b.frames.find(f => f.messages.some(m => m.type === 'heartbeat' && m.read === read))).clusterId

  it('come through beside those in clear, each in its order', async () => {
    for (const n of [a, b]) n.links.groupKeys.open(clusterId, { namespace: NS, keys: ring() })
    await linked(a, b)
    for (let i = 1; i <= 20; i++) {
      a.send(b, a.heartbeat(b, 2 * i))
      plainly(2 * i + 1)
    }
    await arrived(40)
    await arrived(41)
    const reads = (id: Uint8Array): number[] => b.frames.all.filter(f => f.clusterId[0] === id[0]).flatMap(f => f.messages.map(m => m.type === 'heartbeat' ? m.read : -1))
    expect(reads(clusterId)).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i + 2))
    expect(reads(other)).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i + 3))
    expect(a.links.stats().sealedOut).toBeGreaterThan(0)
    expect(b.links.stats().sealedIn).toBe(a.links.stats().sealedOut)
    expect(b.links.stats().sealRefused).toBe(0)
  })

  it.each<[string, KeyRing | undefined, KeyRing | undefined]>([['in clear where it is sealed', undefined, ring()], ['sealed where it is in clear', ring(), undefined], ['sealed with a key that is not known', new KeyRing(generateKey()), ring()]])('what comes %s is dropped and counted, and the lane goes on', async (_what, ours, theirs) => {
    a.links.groupKeys.open(clusterId, { namespace: NS, keys: ours })
    b.links.groupKeys.open(clusterId, { namespace: NS, keys: theirs })
    await linked(a, b)
    a.send(b, a.heartbeat(b, 1))
    plainly(2)
    expect(await arrived(2)).toEqual(other)
    // What is sealed may wait for the greeting that what is in clear does not wait for.
    while (b.links.stats().sealRefused === 0) await new Promise(resolve => { setImmediate(resolve) })
    plainly(3)
    await arrived(3)
    expect(b.frames.all.every(f => f.clusterId[0] === other[0])).toBe(true)
    expect(b.links.stats().malformed).toBe(0)
    expect(a.links.stats().lanesLost).toBe(0)
  })

  /** A lane of the test's own, and the hello that answers its own. */
  async function lane (hello: Uint8Array): Promise<{ framed: FramedStream, frames: Inbox<LinkFrame>, closed: Promise<Error | undefined> }> {
    await introduce(a.node, b.node)
    const connection = await a.node.components.connectionManager.openConnection(b.node.libp2p.peerId)
    const stream = await connection.newStream(TRANSPORT_PROTOCOL)
    const frames = new Inbox<LinkFrame>()
    let framed!: FramedStream
    const closed = new Promise<Error | undefined>(resolve => { framed = new FramedStream(stream, { onFrame: bytes => { frames.push(decodeLinkFrame(bytes)) }, onClose: resolve }) })
    framed.send([hello])
    return { framed, frames, closed }
  }

  it('a box under a known key that does not open closes its stream, and is counted', async () => {
    const keys = ring()
    b.links.groupKeys.open(clusterId, { namespace: NS, keys })
    const { framed, frames, closed } = await lane(encodeHello('control', 1, 0, new Uint8Array(32)))
    expect((await frames.find(f => f.hello !== undefined)).hello?.salt).toHaveLength(32)
    framed.send([encodeBatches([], [{ clusterId, keyId: keys.current.idBytes, sequence: 0, sealed: new Uint8Array(64) }])])
    await closed
    expect(b.links.stats().sealBroken).toBe(1)
    expect(b.frames.all).toEqual([])
  })

  it('a node of a version that seals nothing is served as before, and gets no salt', async () => {
    const { framed, frames } = await lane(encodeHello('control'))
    const body = encodeGroupMessages(a.member, b.member, [a.heartbeat(b, 5)])
    framed.send([encodeBatches([{ clusterId: other, body }])])
    await arrived(5)
    expect(frames.all).toEqual([])
    framed.abort(new Error('done'))
  })

  describe('snapshots', () => {
    const manifest: SnapshotManifest = {
      id: 'snap-1', chunks: 2, storedBytes: 20, bytes: 20, digest: new Uint8Array(32).fill(1),
      meta: { index: 10, term: 2, time: 7, configuration: { voters: [], outgoing: [], learners: [], learnersNext: [] }, configurationIndex: 1 }
    }
    const said = new TextEncoder().encode('state that is secret')
    async function * chunks (from: number): AsyncGenerator<{ seq: number, hash: Uint8Array, data: Uint8Array }> {
      for (let seq = from; seq < 2; seq++) yield { seq, hash: new Uint8Array(32), data: said }
    }
    const send = async (): Promise<void> => {
      await a.links.sendSnapshot({ clusterId, from: a.member, to: b.member, term: 3, manifest }, chunks, { signal: AbortSignal.timeout(20_000) })
    }
    function staging (): { written: Uint8Array[], staging: SnapshotStaging } {
      const written: Uint8Array[] = []
      const staging = { get next () { return written.length }, write: async ({ data }: { data: Uint8Array }) => { written.push(data.slice()) }, finish: async () => {}, discard: async () => {} }
      return { written, staging: staging as unknown as SnapshotStaging }
    }

    it('go sealed, both ways', async () => {
      for (const n of [a, b]) n.links.groupKeys.open(clusterId, { namespace: NS, keys: ring() })
      await linked(a, b)
      const { written, staging: target } = staging()
      b.staging = () => target
      await send()
      expect(written.map(data => new TextDecoder().decode(data))).toEqual(['state that is secret', 'state that is secret'])
      // Offer, two chunks, done; accept, two acknowledgements, done.
      expect(b.links.stats().sealedIn).toBe(4)
      expect(a.links.stats().sealedIn).toBe(4)
    })

    it.each<[string, KeyRing | undefined, KeyRing | undefined]>([['in clear where it is sealed', undefined, ring()], ['with another key', new KeyRing(generateKey()), ring()], ['sealed where it is in clear', ring(), undefined]])('%s are refused, and their sender reads why', async (_what, ours, theirs) => {
      a.links.groupKeys.open(clusterId, { namespace: NS, keys: ours })
      b.links.groupKeys.open(clusterId, { namespace: NS, keys: theirs })
      await linked(a, b)
      b.staging = () => { throw new Error('an offer that should not have got here') }
      await expect(send()).rejects.toMatchObject({ name: 'EncryptionKeyError', message: expect.stringContaining(`${NS}`) })
      expect(b.links.stats().sealRefused).toBe(1)
    })
  })
})

describe('sealed commands', () => {
  const said = new TextEncoder().encode('nobody reads this')
  const get = (namespace = NS): RequestBody => ({ namespace, forwarded: false, timeoutMs: 1_000, get: { key: said, consistency: Consistency.LINEARIZABLE } })
  const echo: CommandHandler = async request => ({ got: { found: true, value: request.get?.key ?? new Uint8Array(0) } })
  let server: WireNode
  let client: WireNode
  let connections: CommandConnections
  let served: CommandServer
  let hosted: KeyRing | undefined

  beforeEach(async () => {
    [server, client] = await Promise.all([wireNode(), wireNode()])
    await introduce(client, server)
    hosted = ring()
    const keys: NamespaceKeys = { ringOf: namespace => namespace === NS ? hosted : undefined, hosts: namespace => namespace !== '/raft/elsewhere' }
    served = new CommandServer(server.components, echo, { keys })
    await served.start()
    connections = new CommandConnections(client.components)
  })
  afterEach(async () => {
    await connections.close()
    await served.close()
    await Promise.all([server.stop(), client.stop()])
  })

  it('are answered beside those in clear, on one stream', async () => {
    const c = await connections.get(server.peer)
    const answers = await Promise.all(Array.from({ length: 200 }, async (_, i) => await (i % 2 === 0 ? c.request(get(), { keys: ring() }) : c.request(get('/raft/plain')))))
    expect(answers.every(answer => answer.got?.found === true && Buffer.compare(answer.got.value, said) === 0)).toBe(true)
    expect(c.inflight).toBe(0)
    expect(served.stats()).toMatchObject({ requests: 200, sealRefused: 0, streams: 1 })
  })

  it('that cannot be opened are refused by name, carry out nothing, and leave the stream to the others', async () => {
    const c = await connections.get(server.peer)
    const wrong = new KeyRing(generateKey())
    await expect(c.request(get(), { keys: wrong })).rejects.toMatchObject({ name: 'EncryptionKeyError', outcome: 'refused', message: expect.stringContaining(`asked with key ${wrong.current.id}`) })
    await expect(c.request(get())).rejects.toMatchObject({ name: 'EncryptionKeyError', message: expect.stringContaining('in clear') })
    await expect(c.request(get('/raft/plain'), { keys: wrong })).rejects.toMatchObject({ name: 'EncryptionKeyError', message: expect.stringContaining('/raft/plain is not sealed') })
    await expect(c.request(get('/raft/elsewhere'), { keys: wrong })).rejects.toMatchObject({ name: 'UnknownNamespaceError' })
    expect((await c.request(get('/raft/plain'))).got?.found).toBe(true)
    expect(served.stats()).toMatchObject({ requests: 1, sealRefused: 3, streams: 1 })
  })

  it('are answered with the key that they came with: who has not got the new one yet goes on', async () => {
    const next = generateKey()
    hosted = new KeyRing({ keys: [secret, next] })
    hosted.use(new KeyRing(next).current.id)
    const c = await connections.get(server.peer)
    expect((await c.request(get(), { keys: ring() })).got?.found).toBe(true)
    hosted.drop(ring().current.id)
    await expect(c.request(get(), { keys: ring() })).rejects.toMatchObject({ name: 'EncryptionKeyError' })
  })

  it('take no answer in clear from whoever cannot seal one', async () => {
    await served.close()
    await server.libp2p.handle('/raft/v1', stream => {
      const framed: FramedStream = new FramedStream(stream, {
        onFrame: bytes => {
          const sealed = CommandFrame.decode(bytes).sealed?.boxes[0]
          if (sealed === undefined) return
          const got = { found: true, value: new TextEncoder().encode('forged') }
          framed.send([CommandFrame.encode({ requests: [], responses: [{ id: 1, got }], cancels: [] }), CommandFrame.encode({
            requests: [], responses: [], cancels: [], sealed: { boxes: [], refusals: [{ namespace: sealed.namespace, keyId: sealed.keyId, sequence: sealed.sequence, failure: { name: 'BusyError', message: 'no key' } }] }
          })])
        }
      })
      framed.send([CommandFrame.encode({ requests: [], responses: [], cancels: [], hello: { major: 1, minor: 0, salt: new Uint8Array(32) } })])
    })
    const c = await connections.get(server.peer)
    await expect(c.request(get(), { keys: ring() })).rejects.toMatchObject({ name: 'EncryptionKeyError', message: 'no key' })
    expect(connections.dropped).toBe(1)
  })

  it('are not sent to a version that seals nothing', async () => {
    await served.close()
    const heard: number[] = []
    await server.libp2p.handle('/raft/v1', stream => {
      const framed: FramedStream = new FramedStream(stream, { onFrame: bytes => { const { requests, sealed } = CommandFrame.decode(bytes); heard.push(requests.length + (sealed?.boxes.length ?? 0)) } })
      framed.send([CommandFrame.encode({ requests: [], responses: [], cancels: [], hello: { major: 1, minor: 0 } })])
    })
    const c = await connections.get(server.peer)
    await expect(c.request(get(), { keys: ring() })).rejects.toMatchObject({ name: 'EncryptionKeyError', message: expect.stringContaining('seals nothing'), outcome: 'refused' })
    expect(heard.every(count => count === 0)).toBe(true)
  })
})
