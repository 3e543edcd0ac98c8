import { Inbox, introduce, wireNode } from './wire-nodes.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BusyError, NotLeaderError, ProtocolVersionError, TooLargeError, UnavailableError } from '../src/errors.js'
import { decodeCommandFrame, encodeCommandHello } from '../src/wire/commands.js'
import { FramedStream } from '../src/wire/framed-stream.js'
import { COMMAND_PROTOCOL, CommandConnections, CommandFrame, CommandServer, Consistency, RequestLostError, namespaceProtocol } from '../src/wire/index.js'
import type { WireNode } from './wire-nodes.js'
import type { CommandConnection, CommandHandler, CommandOptions, CommandServerOptions, Request, RequestBody, RequestContext, Response } from '../src/wire/index.js'
import type { Stream } from '@libp2p/interface'

const bytes = (s: string): Uint8Array => new TextEncoder().encode(s)
const string = (b: Uint8Array | undefined): string => new TextDecoder().decode(b)

function getOf (key: string, namespace = '/raft/test'): RequestBody {
  return { namespace, forwarded: false, timeoutMs: 1_000, get: { key: bytes(key), consistency: Consistency.LINEARIZABLE } }
}

const echo: CommandHandler = async request => ({ got: { found: true, value: request.get?.key ?? bytes('') } })

/** Requests that wait until the test answers them. */
class Held {
  readonly inbox = new Inbox<{ request: Request, context: RequestContext, answer: (response: Omit<Response, 'id'>) => void }>()
  readonly handle: CommandHandler = async (request, context) => new Promise(resolve => { this.inbox.push({ request, context, answer: resolve }) })
  async of (key: string): Promise<{ request: Request, context: RequestContext, answer: (response: Omit<Response, 'id'>) => void }> {
    return this.inbox.find(h => string(h.request.get?.key) === key)
  }
}

describe('command service', () => {
  let server: WireNode
  let client: WireNode
  const open: Array<{ close: () => Promise<void> }> = []

  beforeEach(async () => {
    [server, client] = await Promise.all([wireNode(), wireNode()])
    await introduce(client, server)
  })

  afterEach(async () => {
    await Promise.all(open.splice(0).map(async o => o.close()))
    await Promise.all([server.stop(), client.stop()])
  })

  async function serve (handle: CommandHandler, options: CommandServerOptions = {}): Promise<CommandServer> {
    const s = new CommandServer(server.components, handle, options)
    open.push(s)
    await s.start()
    return s
  }

  function connections (options: CommandOptions = {}): CommandConnections {
    const c = new CommandConnections(client.components, options)
    open.push(c)
    return c
  }

  async function connect (options: CommandOptions = {}): Promise<CommandConnection> {
    return connections(options).get(server.peer)
  }

  /** A stream of the test's own, to say what no client says. */
  async function raw (protocol = COMMAND_PROTOCOL): Promise<{ framed: FramedStream, frames: Inbox<CommandFrame>, closed: Promise<Error | undefined> }> {
    const stream = await client.components.connectionManager.openStream(server.libp2p.peerId, protocol)
    const frames = new Inbox<CommandFrame>()
    let framed!: FramedStream
    const closed = new Promise<Error | undefined>(resolve => {
      framed = new FramedStream(stream, { onFrame: b => { frames.push(decodeCommandFrame(b)) }, onClose: resolve })
    })
    return { framed, frames, closed }
  }

  it('answers many requests at once on one stream, each its own', async () => {
    await serve(echo)
    const all = connections()
    const results = await Promise.all(Array.from({ length: 1_000 }, async (_, i) => {
      const c = await all.get(server.peer)
      return (await c.request(getOf(`key ${i}`))).got?.value
    }))
    expect(results.map(string)).toEqual(Array.from({ length: 1_000 }, (_, i) => `key ${i}`))
    expect(client.libp2p.getConnections()[0].streams.filter(s => s.protocol === COMMAND_PROTOCOL)).toHaveLength(1)
  })

  it('answers in the order in which handlers finish', async () => {
    const held = new Held()
    await serve(held.handle)
    const c = await connect()
    const order: string[] = []
    const one = c.request(getOf('one')).then(() => order.push('one'))
    const two = c.request(getOf('two')).then(() => order.push('two'))
    const answer = { got: { found: false, value: bytes('') } }
    ;(await held.of('two')).answer(answer)
    await two
    ;(await held.of('one')).answer(answer)
    await one
    expect(order).toEqual(['two', 'one'])
  })

  it('gathers the requests of a turn in one send, and their answers in one', async () => {
    await serve(echo)
    const { framed, frames } = await raw()
    const requests = Array.from({ length: 100 }, (_, i): Request => ({ ...getOf(`k${i}`), id: i + 1 }))
    framed.send([encodeCommandHello()])
    framed.send([CommandFrame.encode({ requests, responses: [], cancels: [] })])
    const answers = await frames.find(f => f.responses.length > 0)
    expect(answers.responses.map(r => string(r.got?.value))).toEqual(requests.map(r => string(r.get?.key)))

    // The other way round: what the client sends.
    const seen = new Inbox<CommandFrame>()
    await client.libp2p.handle(COMMAND_PROTOCOL, stream => {
      void new FramedStream(stream, { onFrame: b => { seen.push(decodeCommandFrame(b)) } })
    })
    await introduce(server, client)
    const back = new CommandConnections(server.components)
    open.push(back)
    const c = await back.get(client.peer)
    const lost = Promise.allSettled(requests.map(async r => c.request(r)))
    expect((await seen.find(f => f.requests.length > 0)).requests).toHaveLength(100)
    await c.close()
    await lost
  })

  it('gives the peer\'s error its class, its outcome and its leader', async () => {
    await serve(async request => {
      if (string(request.get?.key) === 'leader') throw new NotLeaderError('not me', '12D3leader')
      throw new TypeError('a bug')
    })
    const c = await connect()
    await expect(c.request(getOf('leader'))).rejects.toMatchObject({ name: 'NotLeaderError', leader: '12D3leader', outcome: 'refused' })
    await expect(c.request(getOf('bug'))).rejects.toMatchObject({ name: 'UnknownOutcomeError', outcome: 'unknown', message: expect.stringContaining('a bug') })
  })

  it('a handler\'s answer that is none fails that request, or at worst that stream', async () => {
    await serve(async request => {
      if (string(request.get?.key) === 'sized') return { got: { found: true, value: undefined as unknown as Uint8Array } }
      return { index: { index: -1 } }
    })
    const all = connections()
    const c = await all.get(server.peer)
    await expect(c.request(getOf('sized'))).rejects.toMatchObject({ name: 'UnknownOutcomeError' })
    expect(c.open).toBe(true)
    await expect(c.request(getOf('encoded'))).rejects.toMatchObject({ name: 'RequestLostError', sent: true })
    expect(await all.get(server.peer)).not.toBe(c)
  })

  it('refuses over its own bound at once, and frees the place with the answer', async () => {
    const held = new Held()
    await serve(held.handle)
    const c = await connect({ maxInflight: 2 })
    const first = c.request(getOf('a'))
    const second = c.request(getOf('b'))
    await expect(c.request(getOf('c'))).rejects.toBeInstanceOf(BusyError)
    ;(await held.of('a')).answer({})
    await first
    const third = c.request(getOf('d'))
    ;(await held.of('d')).answer({})
    ;(await held.of('b')).answer({})
    await Promise.all([second, third])
    expect(c.inflight).toBe(0)
  })

  it('the server answers Busy over its bound for a peer, counts over all its streams, and goes on serving', async () => {
    const held = new Held()
    const s = await serve(held.handle, { maxInflight: 2 })
    const c = await connect()
    const other = await connect()
    const first = c.request(getOf('a'))
    const second = other.request(getOf('b'))
    await Promise.all([held.of('a'), held.of('b')])
    await expect(c.request(getOf('c'))).rejects.toMatchObject({ name: 'BusyError' })
    expect(s.stats()).toMatchObject({ busy: 1, inflight: 2, streams: 2 })
    ;(await held.of('a')).answer({})
    ;(await held.of('b')).answer({})
    await Promise.all([first, second])
    const again = c.request(getOf('d'))
    ;(await held.of('d')).answer({})
    await again
  })

  it('counts the bytes in flight too', async () => {
    const held = new Held()
    await serve(held.handle)
    const c = await connect({ maxInflightBytes: 10_000 })
    const first = c.request(getOf('x'.repeat(8_000)))
    await expect(c.request(getOf('y'.repeat(8_000)))).rejects.toBeInstanceOf(BusyError)
    ;(await held.inbox.find(() => true)).answer({})
    await first
  })

  it('refuses a request and an answer that no frame can hold', async () => {
    await serve(async () => ({ got: { found: true, value: new Uint8Array(70_000) } }), { maxFrameBytes: 65_536 })
    const c = await connect({ maxFrameBytes: 65_536 })
    await expect(c.request(getOf('x'.repeat(70_000)))).rejects.toBeInstanceOf(TooLargeError)
    await expect(c.request(getOf('small'))).rejects.toMatchObject({ name: 'TooLargeError' })
    expect(c.open).toBe(true)
  })

  it('a dead stream rejects what waits, and says whether it had been sent', async () => {
    const held = new Held()
    await serve(held.handle)
    const all = connections()
    const c = await all.get(server.peer)
    const sent = c.request(getOf('sent')).catch(err => err)
    const { context } = await held.of('sent')
    const aborted = new Promise(resolve => { context.signal.addEventListener('abort', resolve) })
    const queued = c.request(getOf('queued')).catch(err => err)
    c.abort(new Error('cut'))
    expect(await sent).toMatchObject({ name: 'RequestLostError', sent: true, outcome: 'unknown' })
    expect(await queued).toMatchObject({ name: 'RequestLostError', sent: false, outcome: 'refused' })
    await expect(c.request(getOf('late'))).rejects.toMatchObject({ sent: false })
    // The handler learns that nobody waits any more.
    await aborted
    // And the next caller gets a new stream.
    const next = await all.get(server.peer)
    expect(next).not.toBe(c)
    const fresh = next.request(getOf('fresh'))
    ;(await held.of('fresh')).answer({})
    await fresh
  })

  it('a server that stops rejects what waits as sent', async () => {
    const held = new Held()
    const s = await serve(held.handle)
    const c = await connect()
    const lost = c.request(getOf('a')).catch(err => err)
    await held.of('a')
    await s.close()
    expect(await lost).toBeInstanceOf(RequestLostError)
    expect(await lost).toMatchObject({ sent: true })
    await expect(connections().get(server.peer)).rejects.toBeInstanceOf(UnavailableError)
  })

  it('an abort frees the place, tells the server, and says whether it was sent', async () => {
    const held = new Held()
    await serve(held.handle)
    const c = await connect()
    const stop = new AbortController()
    const sent = c.request(getOf('a'), { signal: stop.signal }).catch(err => err)
    const { context } = await held.of('a')
    const told = new Promise(resolve => { context.signal.addEventListener('abort', resolve) })
    const unsent = c.request(getOf('b'), { signal: stop.signal }).catch(err => err)
    stop.abort(new Error('enough'))
    expect(await sent).toMatchObject({ name: 'RequestLostError', sent: true, cause: { message: 'enough' } })
    expect(await unsent).toMatchObject({ name: 'RequestLostError', sent: false })
    expect(c.inflight).toBe(0)
    await told
    await expect(c.request(getOf('c'), { signal: stop.signal })).rejects.toMatchObject({ sent: false })
    // `b` never left.
    const last = c.request(getOf('d'))
    ;(await held.of('d')).answer({})
    await last
    expect(held.inbox.all.map(h => string(h.request.get?.key))).toEqual(['a', 'd'])
  })

  it('shares one opening among callers; one that gives up does not end it for the others', async () => {
    await serve(echo)
    const all = connections()
    const stop = new AbortController()
    const quitter = all.get(server.peer, { signal: stop.signal })
    const [a, b] = [all.get(server.peer), all.get(server.peer)]
    stop.abort(new Error('enough'))
    await expect(quitter).rejects.toThrow('enough')
    expect(await a).toBe(await b)
  })

  it('a peer that cannot be reached is unavailable', async () => {
    const lone = await wireNode()
    await lone.stop()
    await expect(connections().get(lone.peer)).rejects.toBeInstanceOf(UnavailableError)
  })

  it('bytes that are no frame end that stream, and no other', async () => {
    const s = await serve(echo)
    const c = await connect()
    const { framed, closed } = await raw()
    framed.send([encodeCommandHello(), new Uint8Array([0xff, 0xff, 0xff])])
    await closed
    expect(s.stats().malformed).toBe(1)
    expect((await c.request(getOf('still here'))).got?.found).toBe(true)
  })

  it('a frame over the limit ends the stream before it is read', async () => {
    const s = await serve(echo, { maxFrameBytes: 4_096 })
    const { framed, closed } = await raw()
    framed.send([encodeCommandHello(), new Uint8Array(5_000)])
    await closed
    expect(s.stats().malformed).toBe(1)
  })

  it('another major version is refused, and the client can read why', async () => {
    await client.libp2p.handle(COMMAND_PROTOCOL, (stream: Stream) => {
      new FramedStream(stream, { onFrame: () => {} }).send([encodeCommandHello(2, 0)])
    })
    await introduce(server, client)
    const back = new CommandConnections(server.components)
    open.push(back)
    const c = await back.get(client.peer)
    const error = await c.request(getOf('a')).catch(err => err)
    expect(error).toBeInstanceOf(ProtocolVersionError)
    expect(error.message).toContain('version 2.0')

    await serve(echo)
    const { framed, frames, closed } = await raw()
    framed.send([encodeCommandHello(2, 0), CommandFrame.encode({ requests: [{ ...getOf('a'), id: 1 }], responses: [], cancels: [] })])
    expect((await frames.find(f => f.hello !== undefined)).hello).toMatchObject({ major: 1 })
    await closed
    expect(frames.all.flatMap(f => f.responses)).toEqual([])
  })

  it('a stream without a hello is no command stream', async () => {
    const s = await serve(echo)
    const { framed, closed } = await raw()
    framed.send([CommandFrame.encode({ requests: [], responses: [], cancels: [] }), CommandFrame.encode({ requests: [{ ...getOf('a'), id: 1 }], responses: [], cancels: [] })])
    // An empty frame is not even seen; the request comes first.
    await closed
    expect(s.stats()).toMatchObject({ malformed: 1, requests: 0 })
  })

  it('has a protocol for each of the first namespaces, and gives a freed one to the next', async () => {
    const s = await serve(async request => ({ got: { found: true, value: bytes(request.namespace) } }), { advertise: 2 })
    for (const n of ['/raft/a', '/raft/b', '/raft/c']) await s.addNamespace(n)
    const protocols = (): string[] => server.libp2p.getProtocols().filter(p => p.startsWith(COMMAND_PROTOCOL))
    expect(protocols()).toEqual([COMMAND_PROTOCOL, '/raft/v1/raft/a', '/raft/v1/raft/b'])
    await s.removeNamespace('/raft/a')
    expect(protocols()).toEqual([COMMAND_PROTOCOL, '/raft/v1/raft/b', '/raft/v1/raft/c'])

    // On a namespace's own protocol the namespace need not be said, and no other may be.
    const { framed, frames } = await raw(namespaceProtocol('/raft/b'))
    framed.send([encodeCommandHello(), CommandFrame.encode({ requests: [{ ...getOf('k', ''), id: 1 }, { ...getOf('k', '/raft/c'), id: 2 }], responses: [], cancels: [] })])
    const { responses } = await frames.find(f => f.responses.length > 0)
    expect(string(responses.find(r => r.id === 1)?.got?.value)).toBe('/raft/b')
    expect(responses.find(r => r.id === 2)?.failure?.name).toBe('InvalidArgumentError')
  })
})
