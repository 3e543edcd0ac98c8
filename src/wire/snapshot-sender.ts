import { MalformedFrameError, TooLargeError, UnavailableError, errorFromWire } from '../errors.js'
import { asError } from './errors.js'
import { FramedStream } from './framed-stream.js'
import { BOX_OVERHEAD, MAJOR, MINOR, decodeLinkFrame, encodeBatches, encodeChunk, encodeDone, encodeHello, encodeOffer, helloOf } from './link-frames.js'
import type { SealedGroup } from './group-keys.js'
import type { LinkSeal } from './link-seal.js'
import type { LinkFrame } from './pb/transport.js'
import type { SnapshotOffer } from './types.js'
import type { SnapshotChunk } from '../storage/types.js'
import type { Stream } from '@libp2p/interface'

/** Chunks sent and not yet staged by the receiver: enough to keep both disks busy, and a bound on what waits in memory. */
export const CHUNK_WINDOW = 4
/** Tags, sequence number and hash around a chunk's data. */
const CHUNK_OVERHEAD = 128

/** Of a snapshot whose group is sealed. `greeted` makes the stream's seal, once the receiver has said its salt. */
export interface SnapshotSealing { readonly group: SealedGroup, readonly salt: Uint8Array, readonly greeted: (receiverSalt: Uint8Array) => LinkSeal }

interface SendOptions { readonly signal: AbortSignal, readonly maxFrameBytes: number, readonly sealing?: SnapshotSealing }

/**
 * The sending end of a transfer: offer → accept(next) → chunks, at most {@link CHUNK_WINDOW} unacknowledged → done ↔ done. Rejects on
 * refusal, a broken stream or abort; a later attempt begins where the receiver's staging ends.
 */
export async function sendSnapshot (
  stream: Stream, offer: SnapshotOffer, chunks: (from: number) => AsyncIterable<SnapshotChunk>, options: SendOptions
): Promise<void> {
  const { signal } = options
  const sender = new Sender(stream, offer, options)
  const onAbort = (): void => { sender.fail(asError(signal.reason)) }
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    await sender.run(chunks)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

class Sender {
  private readonly framed: FramedStream
  private readonly what: string
  private acked: number | undefined
  private done = false
  private failure: Error | undefined
  private wake: (() => void) | undefined
  private seal: LinkSeal | undefined
  private readonly maxFrameBytes: number
  private readonly sealing: SnapshotSealing | undefined

  constructor (stream: Stream, private readonly offer: SnapshotOffer, { maxFrameBytes, sealing }: SendOptions) {
    this.maxFrameBytes = maxFrameBytes
    this.sealing = sealing
    this.what = `snapshot ${offer.manifest.id} (index ${offer.manifest.meta.index}) to ${offer.to}`
    this.framed = new FramedStream(stream, {
      maxFrameBytes,
      onFrame: bytes => { this.onFrame(bytes) },
      onDrain: () => { this.wake?.() },
      onClose: error => {
        this.failure ??= new UnavailableError(`the stream of ${this.what} broke: try again, it goes on where it stopped`, { cause: error })
        this.wake?.()
      }
    })
  }

  async run (chunks: (from: number) => AsyncIterable<SnapshotChunk>): Promise<void> {
    const { manifest } = this.offer
    try {
      await this.begin()
      await this.until(() => this.acked !== undefined)
      let next = this.acked ?? 0
      if (next < manifest.chunks) {
        for await (const chunk of chunks(next)) {
          if (chunk.seq !== next) throw new MalformedFrameError(`storage gave chunk ${chunk.seq} of ${this.what}, expected ${next}`)
          if (chunk.data.byteLength + CHUNK_OVERHEAD + BOX_OVERHEAD > this.maxFrameBytes) {
            throw new TooLargeError(`chunk ${chunk.seq} of ${this.what} has ${chunk.data.byteLength} bytes, the frame limit is ${this.maxFrameBytes}: raise maxFrameBytes alike on all nodes`)
          }
          await this.until(() => next - (this.acked ?? 0) < CHUNK_WINDOW && this.framed.writable)
          this.send(encodeChunk(chunk))
          next++
        }
      }
      if (next !== manifest.chunks) throw new MalformedFrameError(`storage gave ${next} chunks of ${this.what}, its manifest says ${manifest.chunks}`)
      await this.until(() => this.acked === manifest.chunks && this.framed.writable)
      this.send(encodeDone())
      await this.until(() => this.done)
      await this.framed.close(AbortSignal.timeout(1_000))
    } catch (err) {
      this.framed.abort(asError(err))
      throw err
    }
  }

  fail (error: Error): void {
    this.failure ??= error
    this.wake?.()
  }

  private async begin (): Promise<void> {
    if (this.sealing === undefined) {
      this.framed.send([encodeHello('snapshot'), encodeOffer(this.offer)])
      return
    }
    this.framed.send([encodeHello('snapshot', MAJOR, MINOR, this.sealing.salt)])
    await this.until(() => this.seal !== undefined)
    this.send(encodeOffer(this.offer))
  }

  private send (frame: Uint8Array): void {
    this.framed.send([this.seal === undefined || this.sealing === undefined ? frame : encodeBatches([], [this.seal.box(this.sealing.group, frame)])])
  }

  /** What the receiver says of a sealed snapshot is sealed, but for its hello and a refusal: it may have no key. */
  private read (frame: LinkFrame): LinkFrame {
    if (this.sealing === undefined) return frame
    if (frame.hello !== undefined && this.seal === undefined) {
      const { salt } = helloOf(frame)
      if (salt === undefined) throw new MalformedFrameError('a hello without a salt: the peer runs a version that seals nothing')
      this.seal = this.sealing.greeted(salt)
    }
    const [box] = frame.sealed?.boxes ?? []
    if (box === undefined || this.seal === undefined) return { batches: [], refusal: frame.refusal }
    const opened = this.seal.open(box)
    return 'frame' in opened ? opened.frame : { batches: [] }
  }

  private onFrame (bytes: Uint8Array): void {
    const { refusal, accept, ack, done } = this.read(decodeLinkFrame(bytes))
    if (refusal !== undefined) this.fail(errorFromWire(refusal.code, `${this.what} was refused: ${refusal.message}`))
    const next = accept?.next ?? ack?.next
    if (next !== undefined) {
      if (next > this.offer.manifest.chunks || next < (this.acked ?? 0)) throw new MalformedFrameError(`the receiver of ${this.what} acknowledges up to chunk ${next} of ${this.offer.manifest.chunks}`)
      this.acked = next
    }
    if (done !== undefined) this.done = true
    this.wake?.()
  }

  /** Wait for the receiver. Whatever came before a failure still counts: a refusal says more than the broken stream that follows it. */
  private async until (condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.failure !== undefined) throw this.failure
      await new Promise<void>(resolve => { this.wake = resolve })
      this.wake = undefined
    }
  }
}
