import { yamux } from '@chainsafe/libp2p-yamux'
import { serviceCapabilities } from '@libp2p/interface'
import { describe, expect, it, vi } from 'vitest'
import { guardedYamux } from '../../src/service/guarded-yamux.js'
import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'

type Sender = StreamMuxer & { sendFrame: (...frame: unknown[]) => unknown }

function setup (sendFrame?: () => unknown): { connection: { status: string }, muxer: Sender, abort: ReturnType<typeof vi.fn> } {
  const abort = vi.fn()
  const connection = { status: 'open' }
  const factory = guardedYamux(() => ({ protocol: '/yamux/1.0.0', createStreamMuxer: () => ({ abort, sendFrame }) }) as unknown as StreamMuxerFactory)()
  return { connection, muxer: factory.createStreamMuxer(connection as unknown as MessageStream) as Sender, abort }
}

describe('guardedYamux', () => {
  it('lets frames through', () => {
    const send = vi.fn(() => true)
    const { muxer } = setup(send)
    expect(muxer.sendFrame('a', 'b')).toBe(true)
    expect(send).toHaveBeenCalledWith('a', 'b')
  })

  it('swallows the frame of a connection that has closed, and aborts the muxer', () => {
    const error = new Error('Cannot write to a stream that is closed')
    const { connection, muxer, abort } = setup(() => { throw error })
    connection.status = 'closed'
    expect(() => muxer.sendFrame()).not.toThrow()
    expect(abort).toHaveBeenCalledWith(error)
  })

  it('swallows nothing else', () => {
    const { muxer, abort } = setup(() => { throw new Error('a bug') })
    expect(() => muxer.sendFrame()).toThrow('a bug')
    expect(abort).not.toHaveBeenCalled()
  })

  it('leaves a muxer alone that it does not know, and the factory what it is', () => {
    expect(setup(undefined).muxer.sendFrame).toBeUndefined()
    const factory = guardedYamux(yamux())() as StreamMuxerFactory & Record<symbol, unknown>
    expect(factory.protocol).toBe('/yamux/1.0.0')
    expect(factory[serviceCapabilities]).toContain('@libp2p/stream-multiplexing')
  })
})
