import { Socket } from 'node:net'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { StreamState } from '@chainsafe/libp2p-yamux/stream'

/**
 * noise and yamux as they are, less four costs that they have for each frame, which is what a Raft link mostly pays for:
 *
 * 1. noise hands the socket a length, and two or more pieces of a body, and each becomes a system call. Corking the socket for the turn
 *    makes them one, together with whatever else the turn says.
 * 2. The decoder of noise throws a new RangeError, with a stack, whenever it has read all that there is.
 * 3. yamux answers each frame that it reads with a window update: a frame for a frame. Half a window is soon enough, as in the Go
 *    implementation.
 *
 * 4. A socket says that it has enough at 16 KiB, and libp2p then waits until all is gone. So a noise message of 20 KB went in two halves: the
 *    second, the 16 bytes of its tag, a turn later, while the receiver could do nothing with the first.
 *
 * What goes over the wire stays the same protocol: a tuned node talks to any other. Each of the four looks at the objects that it is to
 * change, and leaves them alone if they are not as it knows them, so that another version of a library is merely slower.
 */

type Factory<T extends (...args: never[]) => unknown> = ReturnType<T>
type Encrypter = ReturnType<Factory<typeof noise>>
type Secured = Awaited<ReturnType<Encrypter['secureInbound']>>

/** In place of `noise()` among the `connectionEncrypters`. */
export function tunedNoise (...args: Parameters<typeof noise>): Factory<typeof noise> {
  const stock = noise(...args)
  return components => {
    const encrypter = stock(components)
    const { secureInbound, secureOutbound } = encrypter
    const tune = (connection: unknown, secured: Secured): Secured => {
      corkSocket(connection)
      quietDecoder(secured.connection)
      return secured
    }
    encrypter.secureInbound = async (connection, options) => tune(connection, await secureInbound.call(encrypter, connection, options))
    encrypter.secureOutbound = async (connection, options) => tune(connection, await secureOutbound.call(encrypter, connection, options))
    return encrypter
  }
}

/** In place of `yamux()` among the `streamMuxers`. */
export function tunedYamux (...args: Parameters<typeof yamux>): Factory<typeof yamux> {
  const stock = yamux(...args)
  return () => {
    const factory = stock()
    const { createStreamMuxer } = factory
    factory.createStreamMuxer = connection => {
      const muxer = createStreamMuxer.call(factory, connection)
      rareWindowUpdates(muxer)
      return muxer
    }
    return factory
  }
}

interface SocketConnection { socket: Socket, sendData: (data: unknown) => unknown }

/** Returns whether it knew the object. */
export function corkSocket (connection: unknown): boolean {
  if (!hasFields(connection, { socket: 'object', sendData: 'function' })) return false
  const known = connection as unknown as SocketConnection
  const { socket, sendData } = known
  if (!(socket instanceof Socket)) return false
  takeMore(socket)
  let corked = false
  const uncork = (): void => {
    corked = false
    socket.uncork()
  }
  known.sendData = data => {
    if (!corked) {
      corked = true
      socket.cork()
      // Before the event loop goes on: nothing waits longer than the callback that sends it.
      process.nextTick(uncork)
    }
    return sendData.call(known, data)
  }
  return true
}

/** What a gathered send comes to, and more than once. */
const SOCKET_BYTES = 1024 * 1024

/** The one field of Node's that says when a stream has enough; there is an option for it, but libp2p makes the socket. */
function takeMore (socket: Socket): void {
  const state = (socket as unknown as { _writableState?: unknown })._writableState
  if (hasFields(state, { highWaterMark: 'number' })) state.highWaterMark = Math.max(SOCKET_BYTES, state.highWaterMark as number)
}

const needMore = new RangeError('need two bytes of length')

interface EncryptedStream { decoder: { lengthDecoder: (data: Lengths) => number } }
interface Lengths { readonly byteLength: number }

/** Returns whether it knew the object. */
export function quietDecoder (stream: unknown): boolean {
  if (!hasFields(stream, { decoder: 'object' })) return false
  const { decoder } = stream as unknown as EncryptedStream
  if (!hasFields(decoder, { lengthDecoder: 'function', maxDataLength: 'number' })) return false
  const decode = decoder.lengthDecoder
  // Of two bytes, and no other: then there is nothing to be known before there are two.
  if ((decode as unknown as { bytes?: number }).bytes !== 2) return false
  decoder.lengthDecoder = data => {
    if (data.byteLength < 2) throw needMore
    return decode(data)
  }
  return true
}

interface WindowedStream { state: StreamState, recvWindow: number, recvWindowCapacity: number, sendWindowUpdate: () => void }
interface StreamMaker { _newStream: (...args: unknown[]) => unknown }

/** Returns whether it knew the object. Its streams are looked at as they are made. */
export function rareWindowUpdates (muxer: unknown): boolean {
  if (!hasFields(muxer, { _newStream: 'function', decoder: 'object' })) return false
  const maker = muxer as unknown as StreamMaker
  const newStream = maker._newStream
  maker._newStream = (...args) => {
    const stream = newStream.apply(maker, args)
    lateUpdates(stream)
    return stream
  }
  return true
}

function lateUpdates (stream: unknown): void {
  if (!hasFields(stream, { state: 'number', recvWindow: 'number', recvWindowCapacity: 'number', sendWindowUpdate: 'function', getSendFlags: 'function' })) return
  const known = stream as unknown as WindowedStream
  const { sendWindowUpdate } = known
  known.sendWindowUpdate = () => {
    // In other states an update carries a flag that opens the stream, or must not be sent at all: that is not ours to decide.
    if (known.state === StreamState.Established && known.recvWindowCapacity > known.recvWindow / 2) return
    sendWindowUpdate.call(known)
  }
}

function hasFields (value: unknown, fields: Readonly<Record<string, 'number' | 'object' | 'function'>>): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const record = value as Record<string, unknown>
  return Object.entries(fields).every(([name, type]) => typeof record[name] === type && record[name] !== null)
}
