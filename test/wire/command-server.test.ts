import { describe, expect, it } from 'vitest'
import { BusyError } from '../../src/errors.js'
import { CommandServer } from '../../src/wire/command-server.js'
import { FakeStream, fakeConnection } from '../fuzz/fake-stream.js'
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
})
