import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it, vi } from 'vitest'
import { UnavailableError } from '../../src/errors.js'
import { CommandStreams } from '../../src/service/command-port.js'
import { RequestLostError } from '../../src/wire/index.js'
import { ManualClock } from './support/manual-clock.js'
import type { CommandConnection, CommandConnections, RequestBody, Response } from '../../src/wire/index.js'
import type { PeerId } from '@libp2p/interface'

const makePeer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const [self, other] = await Promise.all([makePeer(), makePeer()])
const body: RequestBody = { namespace: '/raft/t', forwarded: false, timeoutMs: 1, barrier: {} }
const answer: Response = { id: 1, index: { index: 7 } }

type Connection = { open: boolean, request: ReturnType<typeof vi.fn> }

function setup (): { clock: ManualClock, streams: CommandStreams, connection: Connection, get: ReturnType<typeof vi.fn>, serve: ReturnType<typeof vi.fn> } {
  const clock = new ManualClock()
  const connection: Connection = {
    open: true,
    request: vi.fn(async (_body: RequestBody, { signal }: { signal: AbortSignal }) => await new Promise<Response>((resolve, reject) => {
      signal.addEventListener('abort', () => { reject(new RequestLostError('aborted', true, { cause: signal.reason })) })
      clock.setTimer(100, () => { resolve(answer) })
    }))
  }
  const get = vi.fn(async () => connection as unknown as CommandConnection)
  const serve = vi.fn(async () => ({ index: { index: 8 } }))
  return { clock, connection, get, serve, streams: new CommandStreams({ get } as unknown as CommandConnections, clock, self, serve) }
}

describe('CommandStreams', () => {
  it('opens a stream once, and then uses it', async () => {
    const { clock, streams, get } = setup()
    for (let i = 0; i < 3; i++) {
      const response = streams.request(other, body, { timeoutMs: 1_000 })
      await clock.advance(100)
      expect(await response).toBe(answer)
    }
    expect(get).toHaveBeenCalledTimes(1)
  })

  it('opens another when that one is over', async () => {
    const { clock, streams, connection, get } = setup()
    const first = streams.request(other, body, { timeoutMs: 1_000 })
    await clock.advance(100)
    await first
    connection.open = false
    const second = streams.request(other, body, { timeoutMs: 1_000 })
    await clock.advance(100)
    await second
    expect(get).toHaveBeenCalledTimes(2)
  })

  it('gives up in time, with one timer for requests that end together', async () => {
    const { clock, streams, connection } = setup()
    connection.request.mockImplementation(async (_body: RequestBody, { signal }: { signal: AbortSignal }) => await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => { reject(new RequestLostError('aborted', true)) })
    }))
    const before = clock.now()
    const ends: number[] = []
    for (let i = 0; i < 20; i++) streams.request(other, body, { timeoutMs: 500 }).catch(() => { ends.push(clock.now() - before) })
    await clock.advance(0)
    expect(clock.pending).toBe(1)
    await clock.advance(499)
    expect(ends).toEqual([])
    await clock.advance(60)
    expect(ends).toHaveLength(20)
  })

  it('gives up with its caller', async () => {
    const { clock, streams } = setup()
    const controller = new AbortController()
    const response = streams.request(other, body, { timeoutMs: 1_000, signal: controller.signal })
    await clock.advance(10)
    controller.abort(new Error('bored'))
    await expect(response).rejects.toMatchObject({ sent: true, cause: expect.objectContaining({ message: 'bored' }) as Error })
  })

  it('tells a stream that never opened from one that died', async () => {
    const { clock, streams, get } = setup()
    get.mockImplementation(async (_peer: string, { signal }: { signal: AbortSignal }) => await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => { reject(signal.reason as Error) })
    }))
    const response = streams.request(other, body, { timeoutMs: 300 })
    const seen = expect(response).rejects.toMatchObject({ name: 'RequestLostError', sent: false })
    await clock.advance(400)
    await seen
    get.mockRejectedValue(new UnavailableError('cannot be dialled'))
    await expect(streams.request(other, body, { timeoutMs: 300 })).rejects.toThrow(UnavailableError)
  })

  it('serves what is asked of this very node without a stream', async () => {
    const { streams, get, serve } = setup()
    expect(await streams.request(self, body, { timeoutMs: 300 })).toMatchObject({ index: { index: 8 } })
    expect(serve).toHaveBeenCalledWith(body)
    expect(get).not.toHaveBeenCalled()
  })
})
