import { LengthPrefixedDecoder } from '@libp2p/utils'
import { MalformedFrameError, RaftMeshError } from '../errors.js'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Largest frame by default: a log entry of the largest command (4 MiB), with room. */
export const DEFAULT_MAX_FRAME_BYTES = 8 * 1024 * 1024

// One read of a stream brings at most what its window allows; yamux's grows to 16 MiB.
const MAX_READ_BYTES = 16 * 1024 * 1024

// 4 bytes carry 2^28 - 1: more than any frame may be.
const MAX_PREFIX_BYTES = 4

// The decoder asks for the next length until it gets a RangeError. One made in advance has no stack to collect, and with many small
// frames that was the dearest part of reading them.
const needMore = new RangeError('need more bytes')

function decodeLength (data: Uint8ArrayList | Uint8Array): number {
  const bytes = data instanceof Uint8Array ? data : data.subarray(0, Math.min(MAX_PREFIX_BYTES, data.byteLength))
  let value = 0
  for (let i = 0; i < MAX_PREFIX_BYTES; i++) {
    if (i >= bytes.byteLength) throw needMore
    value |= (bytes[i] & 0x7f) << (7 * i)
    if (bytes[i] < 0x80) {
      // A longer spelling of a length (0x80 0x00) would make the decoder, which re-encodes it, lose its place.
      if (i > 0 && bytes[i] === 0) throw new MalformedFrameError('a frame length is not in its shortest form: the peer sent a broken frame')
      return value
    }
  }
  throw new MalformedFrameError(`a frame length is longer than ${MAX_PREFIX_BYTES} bytes: the peer sent a broken frame`)
}

/** Sockets read Buffers, whose `slice()` is a view where that of a Uint8Array is a copy: what is to be kept would not be copied at all. */
export function plain (bytes: Uint8Array): Uint8Array {
  return bytes instanceof Buffer ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes
}

export function encodedLengthBytes (length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 4
}

/** Cuts what a stream reads into frames. A frame over the bound is refused when its length is read, before any of it is kept. */
export class FrameDecoder {
  private readonly decoder: LengthPrefixedDecoder
  private read = 0
  private cut = 0

  /** Bytes of a frame whose end has not been read. */
  get held (): number { return this.read - this.cut }

  constructor (readonly maxFrameBytes: number) {
    this.decoder = new LengthPrefixedDecoder({
      maxDataLength: maxFrameBytes,
      maxBufferSize: maxFrameBytes + MAX_PREFIX_BYTES + MAX_READ_BYTES,
      lengthDecoder: decodeLength,
      encodingLength: encodedLengthBytes
    })
  }

  /** The frames that `data` completes. They may be views of `data`: copy what is kept. Throws MalformedFrameError; the decoder is then of no more use. */
  * decode (data: Uint8Array | Uint8ArrayList): Generator<Uint8Array> {
    this.read += data.byteLength
    try {
      for (const frame of this.decoder.decode(data)) {
        this.cut += encodedLengthBytes(frame.byteLength) + frame.byteLength
        yield plain(frame.subarray())
      }
    } catch (err) {
      if (err instanceof RaftMeshError) throw err
      if (err instanceof Error && err.name === 'InvalidMessageLengthError') {
        throw new MalformedFrameError(`a frame is longer than the limit of ${this.maxFrameBytes} bytes: raise maxFrameBytes alike on all nodes, or the peer sent a broken frame`, { cause: err })
      }
      throw new MalformedFrameError(`cannot cut the stream into frames: ${err instanceof Error ? err.message : String(err)}`, { cause: err })
    }
  }
}

/** Frames with their lengths, in one piece: the cost of a stream is per send. */
export function joinFrames (frames: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const f of frames) size += encodedLengthBytes(f.byteLength) + f.byteLength
  const out = new Uint8Array(size)
  let at = 0
  for (const f of frames) {
    let length = f.byteLength
    while (length >= 0x80) {
      out[at++] = (length & 0x7f) | 0x80
      length >>>= 7
    }
    out[at++] = length
    out.set(f, at)
    at += f.byteLength
  }
  return out
}
