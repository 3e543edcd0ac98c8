import { BusyError, ClosedError, MalformedFrameError, ProtocolVersionError, RaftMeshError, TooLargeError } from '../errors.js'
import { asError } from './errors.js'
import { checkCommandHello, decodeCommandFrame, encodeCommandHello, failureOf, requestBytes, responseBytes } from './commands.js'
import { FramedStream } from './framed-stream.js'
import { Outbox } from './outbox.js'
import { CommandFrame } from './pb/command.js'
import { encodeFrame } from './writer.js'
import type { PartialFrames } from './partial-frames.js'
import type { Clock, Timer } from '../clock.js'
import type { Request, Response } from './pb/command.js'
import type { Connection, Stream } from '@libp2p/interface'

/** Who asks, and when to stop: the signal aborts when the caller cancels, its stream dies, or the server closes. */
export interface RequestContext {
  /** Peer id, authenticated by the connection. */
  readonly peer: string
  readonly connection: Connection
  readonly signal: AbortSignal
}

export interface Admission {
  /** An error: refused. */
  enter: (size: number) => Error | undefined
  leave: (size: number) => void
}

export interface CommandStreamInit {
  readonly clock: Clock
  readonly maxFrameBytes: number
  readonly partial?: PartialFrames
  /** Of answers that the peer doesn't read. */
  readonly maxQueueBytes: number
  readonly admission: Admission
  readonly handle: (request: Request, context: RequestContext) => Promise<Omit<Response, 'id'>>
  /** A failure that is not of a kind that peers are told: a bug here. */
  readonly onError: (text: string) => void
  readonly onClose: (error?: Error) => void
}

const HELLO_TIMEOUT_MS = 10_000

/** The server's end of one command stream: the answers of a turn leave in one send. */
export class CommandStream {
  private readonly framed: FramedStream
  private readonly outbox: Outbox<Response>
  private readonly contexts = new Map<number, Context>()
  private readonly peer: string
  private readonly helloTimer: Timer
  private greeted = false

  constructor (stream: Stream, private readonly connection: Connection, private readonly init: CommandStreamInit) {
    this.peer = connection.remotePeer.toString()
    this.outbox = new Outbox<Response>(() => this.framed, {
      clock: init.clock,
      maxFrameBytes: init.maxFrameBytes,
      encode: responses => encodeFrame(CommandFrame.codec(), { requests: [], responses, cancels: [] })
    })
    this.helloTimer = init.clock.setTimer(HELLO_TIMEOUT_MS, () => { this.framed.abort(new MalformedFrameError('no hello in time')) })
    this.framed = new FramedStream(stream, {
      maxFrameBytes: init.maxFrameBytes,
      partial: init.partial,
      onFrame: bytes => { this.onFrame(bytes) },
      onDrain: () => { this.outbox.flush() },
      onClose: error => {
        this.helloTimer.cancel()
        this.outbox.end()
        for (const c of this.contexts.values()) c.abort(error ?? new ClosedError('the caller closed its stream'))
        this.contexts.clear()
        init.onClose(error)
      }
    })
    this.framed.send([encodeCommandHello()])
  }

  async close (signal: AbortSignal): Promise<void> {
    this.outbox.flush()
    await this.framed.close(signal)
  }

  private onFrame (bytes: Uint8Array): void {
    const frame = decodeCommandFrame(bytes)
    if (!this.greeted) {
      try {
        checkCommandHello(frame)
      } catch (err) {
        if (!(err instanceof ProtocolVersionError)) throw err
        // Our own hello, already sent, tells the peer what is spoken here.
        void this.framed.close(AbortSignal.timeout(1_000))
        return
      }
      this.greeted = true
      this.helloTimer.cancel()
    }
    for (const id of frame.cancels) this.contexts.get(id)?.abort(new ClosedError('the caller gave up'))
    for (const request of frame.requests) this.take(request)
  }

  private take (request: Request): void {
    const size = requestBytes(request)
    const refused = this.contexts.has(request.id) ? new BusyError(`request id ${request.id} is in use`) : this.init.admission.enter(size)
    if (refused !== undefined) {
      this.answer(request.id, { failure: failureOf(refused) })
      return
    }
    const context = new Context(this.peer, this.connection)
    this.contexts.set(request.id, context)
    this.init.handle(owned(request), context).then(response => {
      this.leave(request.id, context, size)
      this.answer(request.id, response)
    }, err => {
      this.leave(request.id, context, size)
      if (!(err instanceof RaftMeshError) && !context.aborted) this.init.onError(asError(err).stack ?? asError(err).message)
      this.answer(request.id, { failure: failureOf(err) })
    })
  }

  private leave (id: number, context: Context, size: number): void {
    this.init.admission.leave(size)
    if (this.contexts.get(id) === context) this.contexts.delete(id)
  }

  private answer (id: number, body: Omit<Response, 'id'>): void {
    if (this.framed.closed) return
    const response: Response = { ...body, id }
    const size = this.sizeOf(response)
    if (size > this.init.maxFrameBytes) {
      this.answer(id, { failure: failureOf(new TooLargeError(`the answer has about ${size} bytes, over the frame limit of ${this.init.maxFrameBytes}: ask for less at a time`)) })
      return
    }
    this.outbox.push(response, size)
    if (this.outbox.bytes > this.init.maxQueueBytes) this.framed.abort(new BusyError(`${this.peer} does not read its answers: ${this.outbox.bytes} bytes wait`))
  }

  /** A handler that answers with what is no answer must not end the process. */
  private sizeOf (response: Response): number {
    try {
      return responseBytes(response)
    } catch (err) {
      this.init.onError(`an answer that is none: ${asError(err).stack}`)
      response.failure = failureOf(err)
      response.got = response.proposed = response.keyList = response.memberList = response.peerList = response.stats = response.formation = undefined
      return responseBytes(response)
    }
  }
}

/** An AbortController is dear, and few handlers look at the signal: made when asked for. */
class Context implements RequestContext {
  private controller: AbortController | undefined
  private reason: Error | undefined

  constructor (readonly peer: string, readonly connection: Connection) {}

  get signal (): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      if (this.reason !== undefined) this.controller.abort(this.reason)
    }
    return this.controller.signal
  }

  get aborted (): boolean { return this.reason !== undefined }

  abort (reason: Error): void {
    if (this.reason !== undefined) return
    this.reason = reason
    this.controller?.abort(reason)
  }
}

/** What a log or a store would keep is copied out of the socket's buffer. */
function owned (request: Request): Request {
  if (request.propose !== undefined) request.propose.command = request.propose.command.slice()
  if (request.formation !== undefined) request.formation.message = request.formation.message.slice()
  if (request.join !== undefined) request.join = { body: request.join.body.slice(), publicKey: request.join.publicKey.slice(), signature: request.join.signature.slice() }
  return request
}
