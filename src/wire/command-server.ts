import { randomBytes } from 'node:crypto'
import { systemClock } from '../clock.js'
import { BusyError, ClosedError, InvalidArgumentError, MalformedFrameError } from '../errors.js'
import { COMMAND_PROTOCOL, namespaceProtocol } from './commands.js'
import { CommandStream } from './command-stream.js'
import { BrokenSealError } from './errors.js'
import { DEFAULT_MAX_FRAME_BYTES } from './frames.js'
import { LogLimit } from './log-limit.js'
import { SALT_BYTES } from './stream-seal.js'
import { unhandle } from './unhandle.js'
import type { PartialFrames } from './partial-frames.js'
import type { NamespaceKeys } from './command-opener.js'
import type { CommandOptions } from './command-connections.js'
import type { Admission, RequestContext } from './command-stream.js'
import type { Request, Response } from './pb/command.js'
import type { ComponentLogger, Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'

/** Answers a request. Its id is not its concern. What it throws is the failure that the peer gets. */
export type CommandHandler = (request: Request, context: RequestContext) => Promise<Omit<Response, 'id'>>

export interface CommandServerOptions extends Omit<CommandOptions, 'dialTimeoutMs'> {
  /** Namespaces that get a protocol name of their own, which identify shows. Default 64: its message limit fits about 390 names in all. */
  advertise?: number
  /** Command streams that one peer may have open here. Default 16. */
  maxStreams?: number
  /** Of the namespaces that this node hosts. Default: none is sealed. */
  keys?: NamespaceKeys
  /** Shared by all that reads streams of peers. */
  partial?: PartialFrames
}

export interface CommandServerStats {
  readonly streams: number
  readonly inflight: number
  readonly requests: number
  readonly busy: number
  readonly malformed: number
  readonly refused: number
  /** Requests and boxes that were not sealed as their namespace is here; and boxes that did not open, or came out of turn. */
  readonly sealRefused: number
  readonly sealBroken: number
}

const noKeys: NamespaceKeys = { ringOf: () => undefined, hosts: () => true }

interface PeerLoad { streams: number, inflight: number, bytes: number }

/** Serves the command protocols of a node: one for all its namespaces, and one for each of the first `advertise`. */
export class CommandServer implements AsyncDisposable {
  private readonly log: Logger
  private readonly limit: LogLimit
  private readonly streams = new Set<CommandStream>()
  private readonly peers = new Map<string, PeerLoad>()
  /** Hosted namespaces in the order that they came; and those with a protocol. */
  private readonly hosted = new Set<string>()
  private readonly advertised = new Set<string>()
  private readonly counters = { requests: 0, busy: 0, malformed: 0, refused: 0, sealRefused: 0, sealBroken: 0 }
  private started = false
  private closed = false

  constructor (private readonly components: { readonly registrar: Registrar, readonly logger: ComponentLogger, readonly peerId: PeerId }, private readonly handle: CommandHandler, private readonly options: CommandServerOptions = {}) {
    this.log = components.logger.forComponent('raft:commands')
    this.limit = new LogLimit(options.clock ?? systemClock)
  }

  async start (): Promise<void> {
    if (this.started) return
    this.started = true
    await this.register(COMMAND_PROTOCOL)
    await this.advertise()
  }

  /** The node hosts this namespace now. Over the bound it has no protocol of its own, and is served by the common one all the same. */
  async addNamespace (namespace: string): Promise<void> {
    namespaceProtocol(namespace)
    this.hosted.add(namespace)
    await this.advertise()
  }

  async removeNamespace (namespace: string): Promise<void> {
    this.hosted.delete(namespace)
    if (this.advertised.delete(namespace) && this.started) await unhandle(this.components.registrar, namespaceProtocol(namespace), this.log)
    await this.advertise()
  }

  stats (): CommandServerStats {
    let inflight = 0
    for (const load of this.peers.values()) inflight += load.inflight
    return { ...this.counters, streams: this.streams.size, inflight }
  }

  async close (): Promise<void> {
    if (this.closed) return
    this.closed = true
    if (this.started) {
      for (const protocol of [COMMAND_PROTOCOL, ...[...this.advertised].map(namespaceProtocol)]) await unhandle(this.components.registrar, protocol, this.log)
    }
    const signal = AbortSignal.timeout(1_000)
    await Promise.all([...this.streams].map(async s => s.close(signal)))
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  /** Names are given in the order that namespaces came and kept, so that the one that goes over the bound takes nobody's away. */
  private async advertise (): Promise<void> {
    if (!this.started || this.closed) return
    for (const namespace of this.hosted) {
      if (this.advertised.size >= (this.options.advertise ?? 64)) return
      if (this.advertised.has(namespace)) continue
      this.advertised.add(namespace)
      await this.register(namespaceProtocol(namespace), namespace)
    }
  }

  private async register (protocol: string, namespace?: string): Promise<void> {
    await this.components.registrar.handle(protocol, (stream, connection) => { this.onStream(stream, connection, namespace) }, {
      // The bound that counts, and says so, is that of `onStream`: it is for each peer, and libp2p's for each connection and protocol.
      maxInboundStreams: 4 * (this.options.maxStreams ?? 16),
      maxOutboundStreams: 16,
      runOnLimitedConnection: this.options.runOnLimitedConnection ?? false
    })
  }

  private onStream (stream: Stream, connection: Connection, namespace: string | undefined): void {
    const peer = connection.remotePeer.toString()
    const load = this.peers.get(peer) ?? { streams: 0, inflight: 0, bytes: 0 }
    if (this.closed || load.streams >= (this.options.maxStreams ?? 16)) {
      this.counters.refused++
      const held = this.limit.pass(`refused ${peer}`)
      if (held !== undefined) this.log.error('refused a command stream of %s, which has %d (and %d more like it)', peer, load.streams, held)
      stream.abort(this.closed ? new ClosedError('the command service is closed') : new BusyError(`${peer} has ${load.streams} command streams open already`))
      return
    }
    load.streams++
    this.peers.set(peer, load)
    const served: CommandStream = new CommandStream(stream, connection, {
      clock: this.options.clock ?? systemClock,
      maxFrameBytes: this.options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
      partial: this.options.partial,
      maxQueueBytes: this.options.maxInflightBytes ?? 64 * 1024 * 1024,
      admission: this.admission(peer, load),
      self: this.components.peerId.toString(),
      salt: (this.options.randomBytes ?? randomBytes)(SALT_BYTES),
      keys: this.options.keys ?? noKeys,
      namespace,
      onSealedWrong: ({ reason, error }) => {
        this.counters.sealRefused++
        const held = this.limit.pass(`${reason} ${peer}`)
        if (held !== undefined) this.log.error('refused %s: %s (and %d more like it)', peer, error.message, held)
      },
      handle: (request, context) => {
        this.counters.requests++
        if (request.namespace === '' && namespace !== undefined) request.namespace = namespace
        if (namespace !== undefined && request.namespace !== namespace) {
          return Promise.reject(new InvalidArgumentError(`a request for ${request.namespace} on the protocol of ${namespace}: use ${COMMAND_PROTOCOL}`))
        }
        return this.handle(request, context)
      },
      onError: (text) => {
        const held = this.limit.pass(`failed ${peer}`)
        if (held !== undefined) this.log.error('a request of %s failed: %s (and %d more like it)', peer, text, held)
      },
      onClose: error => {
        this.streams.delete(served)
        load.streams--
        this.tidy(peer, load)
        if (error instanceof MalformedFrameError) this.counters.malformed++
        if (error instanceof BrokenSealError) this.counters.sealBroken++
        if (error instanceof MalformedFrameError || error instanceof BusyError) {
          const held = this.limit.pass(`malformed ${peer}`)
          if (held !== undefined) this.log.error('closed a command stream of %s: %s (and %d more like it)', peer, error.message, held)
        }
      }
    })
    this.streams.add(served)
  }

  /** Counts what a peer has in flight, over all its streams. */
  private admission (peer: string, load: PeerLoad): Admission {
    const most = this.options.maxInflight ?? 8_192
    const mostBytes = this.options.maxInflightBytes ?? 64 * 1024 * 1024
    return {
      enter: size => {
        if (load.inflight >= most || (load.inflight > 0 && load.bytes + size > mostBytes)) {
          this.counters.busy++
          return new BusyError(`this node serves ${load.inflight} requests (${load.bytes} bytes) of yours already: send fewer at a time`)
        }
        load.inflight++
        load.bytes += size
        return undefined
      },
      leave: size => {
        load.inflight--
        load.bytes -= size
        this.tidy(peer, load)
      }
    }
  }

  private tidy (peer: string, load: PeerLoad): void {
    if (load.streams === 0 && load.inflight === 0 && this.peers.get(peer) === load) this.peers.delete(peer)
  }
}

