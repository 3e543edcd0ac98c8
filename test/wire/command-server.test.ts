import { describe, expect, it } from 'vitest'
import { BusyError } from '../../src/errors.js'
import { CommandServer } from '../../src/wire/command-server.js'
import { encodeCommandHello } from '../../src/wire/commands.js'
import { CommandFrame, Consistency } from '../../src/wire/pb/command.js'
import { joinFrames } from '../../src/wire/frames.js'
import { encodeFrame } from '../../src/wire/writer.js'
import { FakeStream, fakeConnection } from '../fuzz/fake-stream.js'
import type { Request } from '../../src/wire/pb/command.js'
import type { Connection, Logger, Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'

const silent = Object.assign(() => {}, { error: () => {}, trace: () => {}, enabled: false, newScope: () => silent }) as unknown as Logger

/** A stream as libp2p hands it over when the peer has reset it meanwhile. */
function gone (): FakeStream {
  const stream = new FakeStream()
  stream.status = 'reset'
  stream.writeStatus = 'closed'
  stream.send = () => { throw new Error('Cannot write to a stream that is closed') }
  return stream
}

describe('the streams of a peer', () => {
  it('are forgotten, also those that were reset before they were handed over', async () => {
    let open: (stream: Stream, connection: Connection) => void = () => {}
    const registrar = { handle: async (_protocol: string, handler: typeof open) => { open = handler }, unhandle: async () => {} } as unknown as Registrar
    const server = new CommandServer({ registrar, logger: { forComponent: () => silent }, peerId: fakeConnection.remotePeer }, async () => ({}), { maxStreams: 2 })
    await server.start()
    for (let i = 0; i < 3; i++) open(gone().asStream, fakeConnection)
    await Promise.resolve()
    expect(server.stats().streams).toBe(0)
    const [first, second, third] = [new FakeStream(), new FakeStream(), new FakeStream()]
    for (const stream of [first, second, third]) open(stream.asStream, fakeConnection)
    expect([first.ended, second.ended]).toEqual([false, false])
    expect(third.abortedWith).toBeInstanceOf(BusyError)
    await server.close()
  })

  it('keep nothing of a frame while a request of it waits', async () => {
    let open: (stream: Stream, connection: Connection) => void = () => {}
    const registrar = { handle: async (_protocol: string, handler: typeof open) => { open = handler }, unhandle: async () => {} } as unknown as Registrar
    const waiting: Request[] = []
    const server = new CommandServer({ registrar, logger: { forComponent: () => silent }, peerId: fakeConnection.remotePeer }, async request => {
      waiting.push(request)
      return await new Promise(() => {})
    })
    await server.start()
    const stream = new FakeStream()
    open(stream.asStream, fakeConnection)
    await Promise.resolve()
    const bytes = Uint8Array.of(1, 2, 3)
    const base = { namespace: '/raft/t', forwarded: false, timeoutMs: 1 }
    const requests: Request[] = [
      { ...base, id: 1, get: { key: bytes, consistency: Consistency.STALE } },
      { ...base, id: 2, scan: { from: bytes, to: bytes, limit: 1, keysOnly: false, reverse: false, consistency: Consistency.STALE } },
      { ...base, id: 3, changes: { from: bytes, to: bytes, revision: 1, skip: 0, waitMs: 1, maxBytes: 1 } },
      { ...base, id: 4, publish: { topic: 't', data: bytes } },
      { ...base, id: 5, propose: { command: bytes, kv: true } }
    ]
    stream.deliver(joinFrames([encodeCommandHello(), encodeFrame(CommandFrame.codec(), { requests, responses: [], cancels: [] })]))
    const kept = waiting.flatMap(({ get, scan, changes, publish, propose }) => [get?.key, scan?.from, scan?.to, changes?.from, changes?.to, publish?.data, propose?.command]).filter(found => found !== undefined)
    expect(kept.map(found => [[...found], found.buffer.byteLength])).toEqual(Array.from({ length: 7 }, () => [[1, 2, 3], 3]))
    await server.close()
  })
})
