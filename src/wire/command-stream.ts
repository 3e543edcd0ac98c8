import { BusyError, ClosedError, MalformedFrameError, ProtocolVersionError, RaftMeshError, TooLargeError } from '../errors.js'
import { asError } from './errors.js'
import { answerKey, askedInClear, openCommands } from './command-opener.js'
import { COMMAND_BOX_OVERHEAD, CommandSeal, CommandSorter } from './command-seal.js'
import { COMMAND_MAJOR, COMMAND_MINOR, checkCommandHello, decodeCommandFrame, encodeCommandHello, failureOf, requestBytes, responseBytes } from './commands.js'
import { FramedStream } from './framed-stream.js'
import { Outbox } from './outbox.js'
import type { PartialFrames } from './partial-frames.js'
import type { Clock, Timer } from '../clock.js'
import type { Envelope, NamespaceKeys, SealedWrong } from './command-opener.js'
import type { BoxRefusal, CommandFrame, Request, Response, SealedCommands } from './pb/command.js'
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
  /** This node's peer id, and a new salt: the keys of what is sealed are derived from them. */
  readonly self: string
  readonly salt: Uint8Array
  readonly keys: NamespaceKeys
  /** Of the protocol that the stream speaks, where that is of one namespace. */
  readonly namespace?: string
  /** Nothing of it was carried out. */
  readonly onSealedWrong: (wrong: SealedWrong) => void
  readonly handle: (request: Request, context: RequestContext) => Promise<Omit<Response, 'id'>>
  /** A failure that is not of a kind that peers are told: a bug here. */
  readonly onError: (text: string) => void
  readonly onClose: (error?: Error) => void
}

/** An answer, and how its request came; or the refusal of a box. */
type Item = { readonly response: Response, readonly envelope: Envelope | undefined } | { readonly refusal: BoxRefusal }

const HELLO_TIMEOUT_MS = 10_000

/** The server's end of one command stream: the answers of a turn leave in one send. */
export class CommandStream {
  private readonly framed: FramedStream
  private readonly outbox: Outbox<Item>
  private readonly contexts = new Map<number, Context>()
  private readonly peer: string
  private readonly helloTimer: Timer
  private seal: CommandSeal | undefined
  private greeted = false

  constructor (stream: Stream, private readonly connection: Connection, private readonly init: CommandStreamInit) {
    this.peer = connection.remotePeer.toString()
    this.outbox = new Outbox<Item>(() => this.framed, {
      clock: init.clock,
      maxFrameBytes: init.maxFrameBytes,
      encode: items => this.encode(items)
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
    this.framed.send([encodeCommandHello(COMMAND_MAJOR, COMMAND_MINOR, init.salt)])
  }

  async close (signal: AbortSignal): Promise<void> {
    this.outbox.flush()
    await this.framed.close(signal)
  }

  private onFrame (bytes: Uint8Array): void {
    const frame = decodeCommandFrame(bytes)
    if (!this.greeted) {
      try {
        this.onHello(checkCommandHello(frame))
      } catch (err) {
        if (!(err instanceof ProtocolVersionError)) throw err
        // Our own hello, already sent, tells the peer what is spoken here.
        void this.framed.close(AbortSignal.timeout(1_000))
        return
      }
      this.greeted = true
      this.helloTimer.cancel()
    }
    this.serve(frame, undefined)
    for (const box of frame.sealed?.boxes ?? []) this.onBox(box)
  }

  private onHello (openerSalt: Uint8Array | undefined): void {
    const { self, salt } = this.init
    if (openerSalt !== undefined) this.seal = new CommandSeal({ side: 'acceptor', opener: this.peer, acceptor: self, openerSalt, acceptorSalt: salt })
  }

  private onBox (box: SealedCommands): void {
    const opened = openCommands(box, this.seal, this.init.self, this.init.keys)
    if ('frame' in opened) {
      this.serve(opened.frame, opened.envelope)
      return
    }
    const wrong = 'error' in opened ? opened : undefined
    if (wrong !== undefined) this.init.onSealedWrong(wrong)
    const { namespace, keyId, sequence } = box
    const failure = failureOf(wrong?.error ?? opened)
    this.push({ refusal: { namespace, keyId: keyId.slice(), sequence, failure } }, COMMAND_BOX_OVERHEAD + 3 * (namespace.length + failure.message.length))
  }

  private serve ({ cancels, requests }: CommandFrame, envelope: Envelope | undefined): void {
    for (const id of cancels) {
      const context = this.contexts.get(id)
      // As it came, so it is cancelled.
      if (context?.envelope?.namespace === envelope?.namespace) context?.abort(new ClosedError('the caller gave up'))
    }
    for (const request of requests) this.take(request, envelope)
  }

  private take (request: Request, envelope: Envelope | undefined): void {
    if (envelope === undefined && this.isSealed(request)) return
    const size = requestBytes(request)
    const refused = this.contexts.has(request.id) ? new BusyError(`request id ${request.id} is in use`) : this.init.admission.enter(size)
    if (refused !== undefined) {
      this.answer(request.id, { failure: failureOf(refused) }, envelope)
      return
    }
    const context = new Context(this.peer, this.connection, envelope)
    this.contexts.set(request.id, context)
    this.init.handle(owned(request), context).then(response => {
      this.leave(request.id, context, size)
      this.answer(request.id, response, envelope)
    }, err => {
      this.leave(request.id, context, size)
      if (!(err instanceof RaftMeshError) && !context.aborted) this.init.onError(asError(err).stack ?? asError(err).message)
      this.answer(request.id, { failure: failureOf(err) }, envelope)
    })
  }

  /** In clear, of a namespace that is not: refused before it counts for anything. */
  private isSealed (request: Request): boolean {
    const namespace = request.namespace === '' ? this.init.namespace ?? '' : request.namespace
    const ring = this.init.keys.ringOf(namespace)
    if (ring === undefined) return false
    const wrong = askedInClear(this.init.self, namespace, ring)
    this.init.onSealedWrong(wrong)
    this.answer(request.id, { failure: failureOf(wrong.error) }, undefined)
    return true
  }

  private leave (id: number, context: Context, size: number): void {
    this.init.admission.leave(size)
    if (this.contexts.get(id) === context) this.contexts.delete(id)
  }

  private answer (id: number, body: Omit<Response, 'id'>, envelope: Envelope | undefined): void {
    if (this.framed.closed) return
    const response: Response = { ...body, id }
    const size = this.sizeOf(response) + (envelope === undefined ? 0 : COMMAND_BOX_OVERHEAD + envelope.namespace.length)
    if (size > this.init.maxFrameBytes) {
      this.answer(id, { failure: failureOf(new TooLargeError(`the answer has about ${size} bytes, over the frame limit of ${this.init.maxFrameBytes}: ask for less at a time`)) }, envelope)
      return
    }
    this.push({ response, envelope }, size)
  }

  private push (item: Item, size: number): void {
    this.outbox.push(item, size)
    if (this.outbox.bytes > this.init.maxQueueBytes) this.framed.abort(new BusyError(`${this.peer} does not read its answers: ${this.outbox.bytes} bytes wait`))
  }

  private encode (items: Item[]): Uint8Array {
    const sorter = new CommandSorter()
    const refusals: BoxRefusal[] = []
    for (const item of items) {
      if ('refusal' in item) refusals.push(item.refusal)
      else sorter.of(item.envelope?.namespace ?? '', item.envelope === undefined ? undefined : answerKey(item.envelope)).responses.push(item.response)
    }
    return sorter.frame(this.seal, refusals)
  }

  /** A handler that answers with what is no answer must not end the process. */
  private sizeOf (response: Response): number {
    try {
      return responseBytes(response)
    } catch (err) {
      this.init.onError(`an answer that is none: ${asError(err).stack}`)
      response.failure = failureOf(err)
      response.got = response.proposed = response.rowList = response.changeList = response.leaseList = response.leaseState = response.heard = undefined
      response.memberList = response.peerList = response.stats = response.formation = undefined
      return responseBytes(response)
    }
  }
}

/** An AbortController is dear, and few handlers look at the signal: made when asked for. */
class Context implements RequestContext {
  private controller: AbortController | undefined
  private reason: Error | undefined

  constructor (readonly peer: string, readonly connection: Connection, readonly envelope: Envelope | undefined) {}

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

/** What a log or a store would keep is copied out of the socket's buffer; and what a request that waits would, or it would keep its whole frame. */
function owned (request: Request): Request {
  const { get, publish } = request
  if (get !== undefined) get.key = get.key.slice()
  for (const span of [request.scan, request.changes]) {
    if (span === undefined) continue
    span.from = span.from.slice()
    span.to = span.to?.slice()
  }
  if (publish !== undefined) publish.data = publish.data.slice()
  if (request.propose !== undefined) request.propose.command = request.propose.command.slice()
  if (request.formation !== undefined) request.formation.message = request.formation.message.slice()
  if (request.join !== undefined) request.join = { body: request.join.body.slice(), publicKey: request.join.publicKey.slice(), signature: request.join.signature.slice() }
  return request
}
