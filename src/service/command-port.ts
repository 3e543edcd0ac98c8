import { setMaxListeners } from 'node:events'
import { RequestLostError } from '../wire/index.js'
import type { CommandPort, RequestOptions } from './requests.js'
import type { Clock } from '../clock.js'
import type { KeyRing } from '../keys/index.js'
import type { CommandConnection, CommandConnections, RequestBody, Response } from '../wire/index.js'
import type { PeerId } from '@libp2p/interface'

const SLOT_MS = 50
const MAX_LIVE = 1_024

/**
 * The node's command streams, with a time limit on each request. Requests whose time is up in the same 50 ms share one AbortSignal:
 * one each would cost more than the request.
 */
export class CommandStreams implements CommandPort {
  private readonly slots = new Map<number, AbortSignal>()
  private readonly live = new Map<string, CommandConnection>()

  constructor (
    private readonly connections: CommandConnections, private readonly clock: Clock, private readonly self: PeerId,
    /** A node can't dial itself, but its programs may well have a client of what it hosts. */
    private readonly serve: (body: RequestBody) => Promise<Omit<Response, 'id'>>,
    /** Of a namespace that this node hosts. */
    private readonly hostedKeys: (namespace: string) => KeyRing | undefined = () => undefined
  ) {}

  async request (peer: PeerId, body: RequestBody, { timeoutMs, signal, keys = this.hostedKeys(body.namespace) }: RequestOptions): Promise<Response> {
    // Not sealed: whoever can call this has the program's memory, and the keys in it.
    if (peer.equals(this.self)) return { id: 0, ...await this.serve(body) }
    const limit = this.limit(timeoutMs)
    if (signal === undefined) return await this.send(peer, body, limit, keys)
    // Not AbortSignal.any: what it makes stays tied to a signal that lives long, for as long as that does.
    const both = new AbortController()
    const onAbort = (): void => { both.abort(signal.aborted ? signal.reason : limit.reason) }
    signal.addEventListener('abort', onAbort)
    limit.addEventListener('abort', onAbort)
    try {
      if (signal.aborted || limit.aborted) onAbort()
      return await this.send(peer, body, both.signal, keys)
    } finally {
      signal.removeEventListener('abort', onAbort)
      limit.removeEventListener('abort', onAbort)
    }
  }

  private async send (peer: PeerId, body: RequestBody, signal: AbortSignal, keys: KeyRing | undefined): Promise<Response> {
    const key = peer.toString()
    const known = this.live.get(key)
    // The stream that is there, without a promise or a listener: this is the hot path.
    if (known?.open === true) return await known.request(body, { signal, keys })
    let connection: CommandConnection
    try {
      connection = await this.connections.get(key, { signal })
    } catch (cause) {
      // Time was up, or the caller gave up, before there was a stream: nothing was sent.
      if (signal.aborted) throw new RequestLostError(`No stream to peer ${key} in time`, false, { cause })
      throw cause
    }
    if (this.live.size >= MAX_LIVE) this.live.clear()
    this.live.set(key, connection)
    return await connection.request(body, { signal, keys })
  }

  private limit (timeoutMs: number): AbortSignal {
    const slot = Math.ceil((this.clock.now() + timeoutMs) / SLOT_MS)
    const known = this.slots.get(slot)
    if (known !== undefined) return known
    const controller = new AbortController()
    // One listener for each stream being opened meanwhile is no leak.
    setMaxListeners(0, controller.signal)
    this.slots.set(slot, controller.signal)
    this.clock.setTimer(slot * SLOT_MS - this.clock.now(), () => {
      this.slots.delete(slot)
      controller.abort(new Error('time is up'))
    })
    return controller.signal
  }
}
