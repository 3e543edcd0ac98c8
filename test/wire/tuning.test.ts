import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { corkSocket, quietDecoder, rareWindowUpdates } from '../../src/wire/tuning.js'

describe('tuning leaves alone what it doesn\'t know', () => {
  const strangers = [undefined, null, 5, 'text', {}, { socket: {}, sendData: () => 1 }, { socket: null, sendData: () => 1 }, { decoder: {} }, { decoder: { lengthDecoder: () => 0, maxDataLength: 5 } }, { _newStream: 5 }]

  it('any object of another shape', () => {
    for (const stranger of strangers) {
      const before = stranger !== null && typeof stranger === 'object' ? { ...stranger } : stranger
      expect([corkSocket(stranger), quietDecoder(stranger), rareWindowUpdates(stranger)]).toEqual([false, false, false])
      expect(stranger).toEqual(before)
    }
  })

  it('a stream of another shape, from a muxer that it knows', () => {
    const stream = { sendWindowUpdate: () => 'stock' }
    const muxer = { _newStream: () => stream, decoder: {} }
    expect(rareWindowUpdates(muxer)).toBe(true)
    expect(muxer._newStream()).toBe(stream)
    expect(stream.sendWindowUpdate()).toBe('stock')
  })
})

describe('what tuning does', () => {
  it('holds a socket for the rest of the callback, and no longer', async () => {
    const socket = new Socket()
    const sent: unknown[] = []
    const connection = {
      socket,
      sendData (data: unknown) {
        sent.push([data, socket.writableCorked])
        return { sentBytes: 1, canSendMore: true }
      }
    }
    expect(corkSocket(connection)).toBe(true)
    // Node's own 16 KiB cut a gathered send in two.
    expect(socket.writableHighWaterMark).toBe(1024 * 1024)
    expect(connection.sendData('a')).toEqual({ sentBytes: 1, canSendMore: true })
    connection.sendData('b')
    // One cork for both, so that one uncork ends it.
    expect(sent).toEqual([['a', 1], ['b', 1]])
    await new Promise<void>(resolve => { process.nextTick(resolve) })
    expect(socket.writableCorked).toBe(0)
    connection.sendData('c')
    expect(sent[2]).toEqual(['c', 1])
    socket.destroy()
  })

  it('reads a length as before, and asks for more without a new error', () => {
    const decode = Object.assign((data: Uint8Array): number => (data[0] << 8) + data[1], { bytes: 2 })
    const stream = { decoder: { lengthDecoder: decode as (data: Uint8Array) => number, maxDataLength: 65_535 } }
    expect(quietDecoder(stream)).toBe(true)
    expect(stream.decoder.lengthDecoder(new Uint8Array([1, 2]))).toBe(258)
    const errors = [new Uint8Array(0), new Uint8Array(1)].map(bytes => {
      try {
        return stream.decoder.lengthDecoder(bytes)
      } catch (err) {
        return err
      }
    })
    expect(errors[0]).toBeInstanceOf(RangeError)
    expect(errors[1]).toBe(errors[0])
  })

  it('updates a window when half of it is used, and always when a flag must be sent', () => {
    let updates = 0
    const stream = { state: 3, recvWindow: 1_000, recvWindowCapacity: 1_000, sendWindowUpdate: () => { updates++ }, getSendFlags: () => 0 }
    const muxer = { _newStream: () => stream, decoder: {} }
    rareWindowUpdates(muxer)
    const tuned = muxer._newStream()
    for (const [state, capacity, expected] of [[3, 900, 0], [3, 501, 0], [3, 500, 1], [3, 0, 2], [0, 1_000, 3], [2, 1_000, 4], [5, 1_000, 5]]) {
      tuned.state = state
      tuned.recvWindowCapacity = capacity
      tuned.sendWindowUpdate()
      expect(updates).toBe(expected)
    }
  })
})
