import { BusyError, ClosedError, ProtocolVersionError, TooLargeError, errorFromWire } from '../errors.js'
import { RequestLostError } from './errors.js'
import { FramedStream } from './framed-stream.js'
import { checkCommandHello, decodeCommandFrame, encodeCommandHello, requestBytes } from './commands.js'
import { Outbox } from './outbox.js'
import { CommandFrame } from './pb/command.js'
import { encodeFrame } from './writer.js'
import type { Clock } from '../clock.js'
import type { Request, Response } from './pb/command.js'
import type { Stream } from '@libp2p/interface'

export interface CommandConnectionInit {
  readonly clock: Clock
  readonly maxFrameBytes: number
  readonly maxInflight: number
  readonly maxInflightBytes: number
  readonly onClose?: () => void
}

/** A request without its id, which the connection gives it. */
export type RequestBody = Omit<Request, 'id'>

interface Pending {
  readonly request: Request
  readonly size: number
  readonly signal: AbortSignal | undefined
  readonly resolve: (response: Response) => void
  readonly reject: (error: Error) => void
  sent: boolean
}

/** Tag and id. */
const CANCEL_BYTES = 10

type Item = Pending | number // a number: cancel the request of that id

/**
 * The client's end of one command stream to a peer, for requests of all namespaces. Requests are pipelined, and those of a turn leave in
 * one send. Answers come in any order.
 */
export class CommandConnection implements AsyncDisposable {
  private readonly framed: FramedStream
  private readonly outbox: Outbox<Item>
  private readonly pending = new Map<number, Pending>()
  /** One listener for each signal, however many requests share it: a listener each makes removal quadratic. */
  private readonly signals = new Map<AbortSignal, { ids: Set<number>, listener: () => void }>()
  private lastId = 0
  private bytes = 0
  private greeted = false
  private over: Error | undefined

  constructor (stream: Stream, readonly peer: string, private readonly init: CommandConnectionInit) {
    this.outbox = new Outbox<Item>(() => this.framed, {
      clock: init.clock,
      maxFrameBytes: init.maxFrameBytes,
      encode: encodeItems,
      onSent: items => { for (const i of items) if (typeof i !== 'number') i.sent = true }
    })
    this.framed = new FramedStream(stream, {
      maxFrameBytes: init.maxFrameBytes,
      onFrame: bytes => { this.onFrame(bytes) },
      onDrain: () => { this.outbox.flush() },
      onClose: error => { this.end(error) }
    })
    this.framed.send([encodeCommandHello()])
  }

  get open (): boolean { return this.over === undefined }
  get inflight (): number { return this.pending.size }

  /**
   * The peer's answer. Rejects with the error that the peer answered with; with BusyError over the bound on requests or bytes in flight;
   * with TooLargeError; and with {@link RequestLostError} if the stream dies or the signal aborts first: its `sent` tells whether the
   * peer may have got it.
   */
  request (body: RequestBody, options: { signal?: AbortSignal } = {}): Promise<Response> {
    const { signal } = options
    const request: Request = { ...body, id: ++this.lastId }
    const size = requestBytes(request)
    const refused = this.refusal(size, signal)
    if (refused !== undefined) return Promise.reject(refused)
    // Not an async function: with tens of thousands of requests a second, the second promise of each is worth leaving out.
    return new Promise<Response>((resolve, reject) => {
      const pending: Pending = { request, size, signal, resolve, reject, sent: false }
      this.pending.set(request.id, pending)
      this.bytes += size
      if (signal !== undefined) this.watch(signal, request.id)
      this.outbox.push(pending, size)
    })
  }

  async close (signal: AbortSignal = AbortSignal.timeout(1_000)): Promise<void> {
    this.outbox.flush()
    this.over ??= new ClosedError(`the command stream to ${this.peer} was closed on this side`)
    await this.framed.close(signal)
  }

  abort (error: Error): void { this.framed.abort(error) }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  private refusal (size: number, signal: AbortSignal | undefined): Error | undefined {
    if (this.over !== undefined) return this.lost(false, this.over)
    if (signal?.aborted === true) return new RequestLostError('the request was aborted before it was sent', false, { cause: signal.reason })
    if (size > this.init.maxFrameBytes) return new TooLargeError(`a request of about ${size} bytes is over the frame limit of ${this.init.maxFrameBytes} bytes`)
    if (this.pending.size < this.init.maxInflight && this.bytes + size <= this.init.maxInflightBytes) return undefined
    return new BusyError(`${this.pending.size} requests with ${this.bytes} bytes wait for ${this.peer}: send fewer at a time`)
  }

  private onFrame (bytes: Uint8Array): void {
    const frame = decodeCommandFrame(bytes)
    if (!this.greeted) {
      checkCommandHello(frame)
      this.greeted = true
    }
    for (const response of frame.responses) {
      const pending = this.settle(response.id)
      // None: it was aborted here, and its answer crossed the cancel.
      if (pending === undefined) continue
      const { failure } = response
      if (failure !== undefined) pending.reject(errorFromWire(failure.name, failure.message, failure.leader))
      else pending.resolve(owned(response))
    }
  }

  private settle (id: number): Pending | undefined {
    const pending = this.pending.get(id)
    if (pending === undefined) return undefined
    this.pending.delete(id)
    this.bytes -= pending.size
    if (pending.signal !== undefined) this.unwatch(pending.signal, id)
    return pending
  }

  private watch (signal: AbortSignal, id: number): void {
    let watched = this.signals.get(signal)
    if (watched === undefined) {
      const ids = new Set<number>()
      watched = { ids, listener: () => { for (const i of [...ids]) this.cancel(i, signal) } }
      this.signals.set(signal, watched)
      signal.addEventListener('abort', watched.listener, { once: true })
    }
    watched.ids.add(id)
  }

  private unwatch (signal: AbortSignal, id: number): void {
    const watched = this.signals.get(signal)
    watched?.ids.delete(id)
    if (watched === undefined || watched.ids.size > 0) return
    signal.removeEventListener('abort', watched.listener)
    this.signals.delete(signal)
  }

  private cancel (id: number, signal: AbortSignal): void {
    const pending = this.settle(id)
    if (pending === undefined) return
    if (pending.sent) this.outbox.push(id, CANCEL_BYTES)
    else this.outbox.remove(pending)
    pending.reject(new RequestLostError(`the request to ${this.peer} was aborted${pending.sent ? ' after it was sent' : ' before it was sent'}`, pending.sent, { cause: signal.reason }))
  }

  private end (error?: Error): void {
    const why = this.over ??= error ?? new ClosedError(`${this.peer} closed the command stream`)
    this.outbox.end()
    for (const id of [...this.pending.keys()]) {
      const pending = this.settle(id)
      pending?.reject(this.lost(pending.sent, why))
    }
    this.init.onClose?.()
  }

  private lost (sent: boolean, why: Error): Error {
    // Another version refuses the stream before it looks at any request: none was taken, and trying again is of no use.
    if (why instanceof ProtocolVersionError) return why
    return new RequestLostError(`the command stream to ${this.peer} ended before the answer: ${why.message}`, sent, { cause: why })
  }
}

function encodeItems (items: Item[]): Uint8Array {
  const requests: Request[] = []
  const cancels: number[] = []
  for (const i of items) {
    if (typeof i === 'number') cancels.push(i)
    else requests.push(i.request)
  }
  return encodeFrame(CommandFrame.codec(), { requests, responses: [], cancels })
}

/** What callers keep is copied out of the socket's buffer. */
function owned (response: Response): Response {
  if (response.got !== undefined) response.got.value = response.got.value.slice()
  if (response.proposed !== undefined) response.proposed.result = response.proposed.result.slice()
  if (response.keyList !== undefined) response.keyList.keys = response.keyList.keys.map(k => k.slice())
  if (response.formation !== undefined) response.formation.message = response.formation.message.slice()
  if (response.joined !== undefined) response.joined.clusterId = response.joined.clusterId.slice()
  if (response.memberList !== undefined) response.memberList.clusterId = response.memberList.clusterId.slice()
  if (response.peerList !== undefined) response.peerList.clusterId = response.peerList.clusterId.slice()
  return response
}
