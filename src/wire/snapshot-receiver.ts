import { BusyError, MalformedFrameError, RaftMeshError, UnavailableError } from '../errors.js'
import { asError } from './errors.js'
import { decodeOffer, encodeAccept, encodeAck, encodeDone, encodeRefusal } from './link-frames.js'
import { CHUNK_WINDOW } from './snapshot-sender.js'
import type { FramedStream } from './framed-stream.js'
import type { SnapshotChannel } from './snapshot-channel.js'
import type { LinkFrame } from './pb/transport.js'
import type { SnapshotOffer } from './types.js'
import type { SnapshotChunk, SnapshotStaging } from '../storage/types.js'

export interface ReceiverHost {
  offered: (offer: SnapshotOffer) => Promise<SnapshotStaging | undefined>
  received: (offer: SnapshotOffer) => Promise<void>
  failed: (peer: string, error: Error) => void
}

type Step = { kind: 'offer', offer: SnapshotOffer } | { kind: 'chunk', chunk: SnapshotChunk } | { kind: 'done' }

/**
 * The receiving end of one transfer. Frames arrive by event and are worked off one at a time, because staging is a disk; the sender's
 * window bounds how many wait. What is staged when the stream breaks stays, and the next offer of the same snapshot goes on from there.
 */
export class SnapshotReceiver {
  private readonly steps: Step[] = []
  private working = false
  private over = false
  private offer: SnapshotOffer | undefined
  private staging: SnapshotStaging | undefined
  private finished = false

  constructor (private readonly framed: FramedStream, private readonly channel: Pick<SnapshotChannel, 'send'>, private readonly peer: string, private readonly self: string, private readonly host: ReceiverHost) {}

  onFrame (frame: LinkFrame): void {
    if (frame.offer !== undefined) this.push({ kind: 'offer', offer: decodeOffer(frame.offer, this.peer, this.self) })
    // Copied: it is a view of a socket's buffer, and waits for the disk.
    else if (frame.chunk !== undefined) this.push({ kind: 'chunk', chunk: { seq: frame.chunk.seq, hash: frame.chunk.hash.slice(), data: frame.chunk.data.slice() } })
    else if (frame.done !== undefined) this.push({ kind: 'done' })
  }

  onClose (error?: Error): void {
    const broken = !this.finished && !this.over
    this.over = true
    this.steps.length = 0
    if (broken) this.host.failed(this.peer, error ?? new UnavailableError('its sender closed the stream'))
  }

  abort (error: Error): void {
    this.framed.abort(error)
  }

  private push (step: Step): void {
    if (this.steps.length > CHUNK_WINDOW) throw new MalformedFrameError(`a snapshot sender has more than ${CHUNK_WINDOW} chunks unacknowledged`)
    this.steps.push(step)
    if (!this.working) void this.work()
  }

  private async work (): Promise<void> {
    this.working = true
    try {
      for (let step = this.steps.shift(); step !== undefined && !this.over; step = this.steps.shift()) await this.take(step)
    } catch (err) {
      this.refuse(asError(err))
    } finally {
      this.working = false
    }
  }

  private async take (step: Step): Promise<void> {
    if (step.kind === 'offer') {
      if (this.offer !== undefined) throw new MalformedFrameError('a second snapshot offer on one stream')
      this.offer = step.offer
      const staging = await this.host.offered(step.offer)
      if (staging === undefined) throw new BusyError('this member takes no snapshot of that group now')
      this.staging = staging
      this.channel.send(encodeAccept(staging.next))
      return
    }
    if (this.offer === undefined || this.staging === undefined) throw new MalformedFrameError(`a snapshot ${step.kind} before its offer was accepted`)
    if (step.kind === 'chunk') {
      await this.staging.write(step.chunk)
      this.channel.send(encodeAck(this.staging.next))
      return
    }
    await this.staging.finish()
    await this.host.received(this.offer)
    this.finished = true
    this.channel.send(encodeDone())
  }

  private refuse (error: Error): void {
    if (this.over) return
    this.over = true
    this.host.failed(this.peer, error)
    this.framed.send([encodeRefusal(error instanceof RaftMeshError ? error.name : UnavailableError.name, error.message)])
    void this.framed.close(AbortSignal.timeout(1_000))
  }
}
