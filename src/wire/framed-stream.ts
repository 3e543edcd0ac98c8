import { DEFAULT_MAX_FRAME_BYTES, FrameDecoder, joinFrames } from './frames.js'
import { asError } from './errors.js'
import type { PartialFrames } from './partial-frames.js'
import type { Stream, StreamMessageEvent } from '@libp2p/interface'

/** For what is still to be written when the remote has closed its end. */
const CLOSE_TIMEOUT_MS = 5_000

export interface FramedStreamInit {
  /** One frame, maybe a view of a socket's buffer. What it throws ends the stream, and no other. */
  readonly onFrame: (frame: Uint8Array) => void
  /** The stream takes more again. */
  readonly onDrain?: () => void
  /** Once, when the stream is over for whatever reason; with the error that ended it, if one did. */
  readonly onClose?: (error?: Error) => void
  readonly maxFrameBytes?: number
  /** What it may hold of a frame that is not complete is counted there. */
  readonly partial?: PartialFrames
}

/**
 * A libp2p stream that carries frames. It holds the three traps of those streams in one place: `send` throws once the stream is
 * closed, `onDrain()` works once per stream, and iterating hangs if the remote closed its end before we looked.
 */
export class FramedStream {
  /** Frames and bytes handed over so far, both ways. */
  readonly counts = { framesIn: 0, bytesIn: 0, sends: 0, bytesOut: 0 }
  private readonly decoder: FrameDecoder
  private over = false
  private started = false
  private reason: Error | undefined

  /** Calls nobody back before it, and whoever constructs it in the same turn, has returned: they do not know each other yet. */
  constructor (readonly stream: Stream, private readonly init: FramedStreamInit) {
    this.decoder = new FrameDecoder(init.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES)
    queueMicrotask(() => { this.start() })
  }

  get closed (): boolean { return this.over }

  /** False while the stream has more than it can pass on: wait for `onDrain`. */
  get writable (): boolean { return !this.over && this.stream.writeStatus === 'writable' && !this.stream.writableNeedsDrain }

  /** All of `frames` in one send. False: the stream is over and nothing was taken. What a stream that needs drain takes, it keeps. */
  send (frames: readonly Uint8Array[]): boolean {
    if (this.over || frames.length === 0) return !this.over
    const bytes = joinFrames(frames)
    try {
      this.stream.send(bytes)
    } catch (err) {
      this.finish(asError(err))
      return false
    }
    this.counts.sends++
    this.counts.bytesOut += bytes.byteLength
    return true
  }

  /** Send what is queued, then close. Never rejects. */
  async close (signal: AbortSignal): Promise<void> {
    const wasOver = this.over
    this.finish()
    if (wasOver) return
    try {
      // Nobody listens from here: without this, what the remote still sends would be kept for us.
      await this.stream.closeRead({ signal })
      await this.stream.close({ signal })
    } catch (err) {
      this.stream.abort(asError(err))
    }
  }

  /** Reset at once: both sides stop. */
  abort (error: Error): void {
    // First, so that whoever listens learns of this error and not of the reset that it causes.
    this.finish(error)
    this.stream.abort(error)
  }

  private start (): void {
    this.started = true
    if (this.over) {
      this.init.onClose?.(this.reason)
      return
    }
    const { stream } = this
    stream.addEventListener('drain', this.onDrain)
    stream.addEventListener('close', this.onStreamClose)
    stream.addEventListener('end', this.onEnd)
    // Last: listening for messages hands over what has been read already.
    stream.addEventListener('message', this.onMessage)
    // Both may have happened before we came; their events will not come again.
    if (stream.status !== 'open' || stream.readableEnded) this.finish()
  }

  private readonly onMessage = (event: StreamMessageEvent): void => {
    if (this.over) return
    this.counts.bytesIn += event.data.byteLength
    const before = this.counts.framesIn
    try {
      for (const frame of this.decoder.decode(event.data)) {
        this.counts.framesIn++
        this.init.onFrame(frame)
        if (this.over) return
      }
      this.init.partial?.hold(this, this.decoder.held, this.counts.framesIn > before)
    } catch (err) {
      this.abort(asError(err))
    }
  }

  private readonly onDrain = (): void => {
    if (!this.over) this.init.onDrain?.()
  }

  private readonly onStreamClose = (event: Event & { error?: Error }): void => {
    this.finish(event.error)
  }

  // The remote has closed its writing end. Our streams live and die in both directions, so ours follows.
  private readonly onEnd = (): void => {
    if (this.over) return
    this.finish()
    this.stream.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) }).catch(err => { this.stream.abort(asError(err)) })
  }

  private finish (error?: Error): void {
    if (this.over) return
    this.over = true
    this.reason = error
    this.init.partial?.hold(this, 0, false)
    this.stream.removeEventListener('message', this.onMessage)
    this.stream.removeEventListener('drain', this.onDrain)
    this.stream.removeEventListener('close', this.onStreamClose)
    this.stream.removeEventListener('end', this.onEnd)
    if (this.started) this.init.onClose?.(error)
  }
}
