import { BusyError, ClosedError, EncryptionKeyError, ProtocolVersionError, TooLargeError, UnknownNamespaceError, errorFromWire } from '../errors.js'
import { RequestLostError } from './errors.js'
import { FramedStream } from './framed-stream.js'
import { COMMAND_MAJOR, COMMAND_MINOR, checkCommandHello, decodeCommandFrame, encodeCommandHello, requestBytes } from './commands.js'
import { COMMAND_BOX_OVERHEAD, CommandSeal, CommandSorter } from './command-seal.js'
import { Outbox } from './outbox.js'
import { keyName } from './stream-seal.js'
import type { Clock } from '../clock.js'
import type { KeyRing } from '../keys/index.js'
import type { BoxRefusal, Request, Response, Row, SealedCommands } from './pb/command.js'
import type { Stream } from '@libp2p/interface'

export interface CommandConnectionInit {
  readonly clock: Clock
  readonly maxFrameBytes: number
  readonly maxInflight: number
  readonly maxInflightBytes: number
  /** This node's peer id, and a new salt: the keys of what is sealed are derived from them. */
  readonly self: string
  readonly salt: Uint8Array
  /** An answer, or part of one, was dropped. */
  readonly onDropped?: (reason: string, text: string) => void
  readonly onClose?: () => void
}

/** A request without its id, which the connection gives it. */
export type RequestBody = Omit<Request, 'id'>

interface Pending {
  readonly request: Request
  readonly size: number
  readonly signal: AbortSignal | undefined
  /** Sealed with a key of this ring, and so is its answer. */
  readonly keys: KeyRing | undefined
  readonly resolve: (response: Response) => void
  readonly reject: (error: Error) => void
  sent: boolean
  /** That it left in. */
  box?: Boxed
}

interface Boxed { readonly name: string, readonly ids: number[], unanswered: number }

/** Tag and id. */
const CANCEL_BYTES = 10

interface Cancel { readonly cancels: Pending }
type Item = Pending | Cancel

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
  /** Of sealed requests that have left and wait for an answer, by namespace, key and sequence. */
  private readonly boxes = new Map<string, Boxed>()
  /** Sealed requests from before the peer said its salt. */
  private readonly held = new Set<Pending>()
  private seal: CommandSeal | undefined
  private lastId = 0
  private bytes = 0
  private greeted = false
  private over: Error | undefined

  constructor (stream: Stream, readonly peer: string, private readonly init: CommandConnectionInit) {
    this.outbox = new Outbox<Item>(() => this.framed, {
      clock: init.clock,
      maxFrameBytes: init.maxFrameBytes,
      encode: items => this.encode(items),
      onSent: items => { for (const i of items) if (!('cancels' in i)) i.sent = true }
    })
    this.framed = new FramedStream(stream, {
      maxFrameBytes: init.maxFrameBytes,
      onFrame: bytes => { this.onFrame(bytes) },
      onDrain: () => { this.outbox.flush() },
      onClose: error => { this.end(error) }
    })
    this.framed.send([encodeCommandHello(COMMAND_MAJOR, COMMAND_MINOR, init.salt)])
  }

  get open (): boolean { return this.over === undefined }
  get inflight (): number { return this.pending.size }

  /**
   * The peer's answer. Rejects with the error that the peer answered with; with BusyError over the bound on requests or bytes in flight;
   * with TooLargeError; and with {@link RequestLostError} if the stream dies or the signal aborts first: its `sent` tells whether the
   * peer may have got it. With `keys`, it is sealed with the ring's current key: EncryptionKeyError if the peer does not have that.
   */
  request (body: RequestBody, options: { signal?: AbortSignal, keys?: KeyRing } = {}): Promise<Response> {
    const { signal, keys } = options
    const request: Request = { ...body, id: ++this.lastId }
    const size = requestBytes(request) + (keys === undefined ? 0 : COMMAND_BOX_OVERHEAD + body.namespace.length)
    const refused = this.refusal(size, signal) ?? (keys === undefined ? undefined : this.unsealable(body.namespace))
    if (refused !== undefined) return Promise.reject(refused)
    // Not an async function: with tens of thousands of requests a second, the second promise of each is worth leaving out.
    return new Promise<Response>((resolve, reject) => {
      const pending: Pending = { request, size, signal, keys, resolve, reject, sent: false }
      this.pending.set(request.id, pending)
      this.bytes += size
      if (signal !== undefined) this.watch(signal, request.id)
      if (keys !== undefined && this.seal === undefined) this.held.add(pending)
      else this.outbox.push(pending, size)
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
      const salt = checkCommandHello(frame)
      this.greeted = true
      this.onHello(salt)
    }
    for (const response of frame.responses) {
      const pending = this.pending.get(response.id)
      if (pending?.keys === undefined) this.answered(response)
      // Whoever cannot seal an answer has no right to give one.
      else this.init.onDropped?.('in clear', `dropped an answer of ${this.peer} in clear to a request that was sealed for ${pending.request.namespace}`)
    }
    for (const box of frame.sealed?.boxes ?? []) this.onBox(box)
    for (const refusal of frame.sealed?.refusals ?? []) this.onBoxRefused(refusal)
  }

  private onHello (acceptorSalt: Uint8Array | undefined): void {
    const { self, salt } = this.init
    if (acceptorSalt !== undefined) this.seal = new CommandSeal({ side: 'opener', opener: self, acceptor: this.peer, openerSalt: salt, acceptorSalt })
    for (const pending of this.held) {
      const refused = this.unsealable(pending.request.namespace)
      if (refused === undefined) this.outbox.push(pending, pending.size)
      else this.settle(pending.request.id)?.reject(refused)
    }
    this.held.clear()
  }

  private onBox (box: SealedCommands): void {
    const ring = this.ringOf(box)
    // The last who waited for an answer of this kind has gone away.
    if (ring === undefined || this.seal === undefined) return
    const key = ring.get(keyName(box.keyId))
    if (key === undefined) {
      this.init.onDropped?.('other key', `dropped answers of ${this.peer} for ${box.namespace} sealed with key ${keyName(box.keyId)}: this node has ${ring.ids}`)
      return
    }
    for (const response of this.seal.open(box, key).responses) {
      const pending = this.pending.get(response.id)
      // For another namespace, or a request that was made in clear: not what this key's holders may answer.
      if (pending?.keys?.get(key.id) !== undefined && pending.request.namespace === box.namespace) this.answered(response)
    }
  }

  private answered (response: Response): void {
    const pending = this.settle(response.id)
    // None: it was aborted here, and its answer crossed the cancel.
    if (pending === undefined) return
    const { failure } = response
    if (failure !== undefined) pending.reject(errorFromWire(failure.name, failure.message, failure.leader))
    else pending.resolve(owned(response))
  }

  /** In clear, and from anybody: so it can say no more than that nothing was done. */
  private onBoxRefused ({ namespace, keyId, sequence, failure }: BoxRefusal): void {
    const message = (failure?.message ?? 'without a reason').slice(0, MAX_REFUSAL)
    const why = failure?.name === UnknownNamespaceError.name ? new UnknownNamespaceError(message) : new EncryptionKeyError(message)
    for (const id of this.boxes.get(boxName(namespace, keyId, sequence))?.ids ?? []) this.settle(id)?.reject(why)
  }

  /** The ring of those who wait for answers like this. */
  private ringOf ({ namespace, keyId }: SealedCommands): KeyRing | undefined {
    const id = keyName(keyId)
    let ring: KeyRing | undefined
    for (const { keys, request } of this.pending.values()) {
      if (keys === undefined || request.namespace !== namespace) continue
      ring = keys
      if (keys.get(id) !== undefined) return keys
    }
    return ring
  }

  private unsealable (namespace: string): Error | undefined {
    if (!this.greeted || this.seal !== undefined) return undefined
    return new EncryptionKeyError(`${this.peer} runs a version that seals nothing, and ${namespace} has an encryption key: upgrade that node`)
  }

  private encode (items: Item[]): Uint8Array {
    const sorter = new CommandSorter()
    for (const i of items) {
      const { request, keys } = 'cancels' in i ? i.cancels : i
      const commands = sorter.of(request.namespace, keys?.current)
      if ('cancels' in i) commands.cancels.push(request.id)
      else commands.requests.push(request)
    }
    return sorter.frame(this.seal, [], (box, { requests }) => {
      const boxed: Boxed = { name: boxName(box.namespace, box.keyId, box.sequence), ids: requests.map(r => r.id), unanswered: requests.length }
      if (requests.length > 0) this.boxes.set(boxed.name, boxed)
      for (const { id } of requests) {
        const pending = this.pending.get(id)
        if (pending !== undefined) pending.box = boxed
      }
    })
  }

  private settle (id: number): Pending | undefined {
    const pending = this.pending.get(id)
    if (pending === undefined) return undefined
    this.pending.delete(id)
    this.bytes -= pending.size
    if (pending.box !== undefined && --pending.box.unanswered === 0) this.boxes.delete(pending.box.name)
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
    if (pending.sent) this.outbox.push({ cancels: pending }, CANCEL_BYTES + (pending.keys === undefined ? 0 : COMMAND_BOX_OVERHEAD + pending.request.namespace.length))
    else if (!this.held.delete(pending)) this.outbox.remove(pending)
    pending.reject(new RequestLostError(`the request to ${this.peer} was aborted${pending.sent ? ' after it was sent' : ' before it was sent'}`, pending.sent, { cause: signal.reason }))
  }

  private end (error?: Error): void {
    const why = this.over ??= error ?? new ClosedError(`${this.peer} closed the command stream`)
    this.outbox.end()
    this.held.clear()
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

/** Characters of a refusal that are kept. */
const MAX_REFUSAL = 1_024

function boxName (namespace: string, keyId: Uint8Array, sequence: number): string { return `${keyName(keyId)} ${sequence} ${namespace}` }

/** What callers keep is copied out of the socket's buffer. */
function owned (response: Response): Response {
  if (response.got !== undefined) response.got.value = response.got.value.slice()
  if (response.proposed !== undefined) response.proposed.result = response.proposed.result.slice()
  if (response.rowList !== undefined) for (const row of response.rowList.rows) ownRow(row)
  if (response.changeList !== undefined) {
    for (const change of response.changeList.changes) {
      if (change.row !== undefined) ownRow(change.row)
      change.deleted = change.deleted.slice()
    }
  }
  if (response.leaseState !== undefined) response.leaseState.keys = response.leaseState.keys.map(k => k.slice())
  if (response.heard !== undefined) for (const saying of response.heard.sayings) saying.data = saying.data.slice()
  if (response.formation !== undefined) response.formation.message = response.formation.message.slice()
  if (response.joined !== undefined) response.joined.clusterId = response.joined.clusterId.slice()
  if (response.memberList !== undefined) response.memberList.clusterId = response.memberList.clusterId.slice()
  if (response.peerList !== undefined) response.peerList.clusterId = response.peerList.clusterId.slice()
  return response
}

function ownRow (row: Row): void {
  row.key = row.key.slice()
  row.value = row.value.slice()
}
