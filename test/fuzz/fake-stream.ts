import { StreamMessageEvent } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { TypedEventEmitter } from 'main-event'
import { FrameDecoder } from '../../src/wire/frames.js'
import type { Connection, MessageStreamEvents, Stream } from '@libp2p/interface'

export const PEER = '12D3KooWGC6SmnNVLgYMbNVBuBdtKAxVrQFZPGSPKBXZ5EXnTZUe'

/** One end of a stream: what comes is said by the test, what goes is kept. */
export class FakeStream extends TypedEventEmitter<MessageStreamEvents> {
  status = 'open'
  readableEnded = false
  writeStatus = 'writable'
  writableNeedsDrain = false
  abortedWith: Error | undefined
  readonly #sent = new FrameDecoder(1 << 24)
  /** Frames that were sent. */
  readonly frames: Uint8Array[] = []
  /** What came before anybody listened. */
  #held: Uint8Array[] = []
  #heard = false
  readonly #cut = new FrameDecoder(1 << 24)
  readonly #pieces: Buffer[] = []

  /** As `Stream`, of which this is what raftmesh uses. */
  get asStream (): Stream { return this as unknown as Stream }

  /** True: it is over for us. */
  get ended (): boolean { return this.status !== 'open' }

  override addEventListener (...args: Parameters<TypedEventEmitter<MessageStreamEvents>['addEventListener']>): void {
    super.addEventListener(...args)
    if (args[0] !== 'message') return
    this.#heard = true
    for (const bytes of this.#held.splice(0)) this.deliver(bytes)
  }

  deliver (bytes: Uint8Array): void {
    if (!this.#heard) {
      this.#held.push(bytes.slice())
      return
    }
    const piece = Buffer.from(bytes)
    this.#pieces.push(piece)
    const whole = this.#isWhole(piece)
    this.dispatchEvent(new StreamMessageEvent(piece))
    // Buffers, whose bytes are of no more use once all frames in them have been handed over: who keeps a view of one will see.
    if (whole) for (const old of this.#pieces.splice(0)) old.fill(0xaa)
  }

  /** Nothing of what was delivered is of a frame that is not complete. */
  #isWhole (piece: Uint8Array): boolean {
    try {
      Array.from(this.#cut.decode(piece.slice()))
    } catch {
      return false
    }
    return this.#cut.held === 0
  }

  send (bytes: Uint8Array): boolean {
    for (const frame of this.#sent.decode(bytes)) this.frames.push(frame.slice())
    return true
  }

  abort (error: Error): void {
    this.abortedWith ??= error
    this.#end()
  }

  async close (): Promise<void> { this.#end() }
  async closeRead (): Promise<void> { /* Nothing more is read of it. */ }

  #end (): void {
    if (this.ended) return
    this.status = 'closed'
    this.dispatchEvent(new Event('close') as never)
  }
}

export const fakeConnection = { remotePeer: peerIdFromString(PEER) } as unknown as Connection
