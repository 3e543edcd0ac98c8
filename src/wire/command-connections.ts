import { randomBytes } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'
import { systemClock } from '../clock.js'
import { ClosedError, UnavailableError } from '../errors.js'
import { asError } from './errors.js'
import { CommandConnection } from './command-connection.js'
import { COMMAND_PROTOCOL } from './commands.js'
import { DEFAULT_MAX_FRAME_BYTES } from './frames.js'
import { LogLimit } from './log-limit.js'
import { SALT_BYTES } from './stream-seal.js'
import type { Clock } from '../clock.js'
import type { ComponentLogger, Logger, PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

export interface CommandOptions {
  clock?: Clock
  /** Bytes, both ways; set it alike on all nodes. Default 8 MiB. */
  maxFrameBytes?: number
  /** Requests in flight to, or from, one peer. Default 8,192. */
  maxInflight?: number
  /** And their bytes. Default 64 MiB. */
  maxInflightBytes?: number
  /** To dial a peer and open the stream, in ms. Default 10,000. */
  dialTimeoutMs?: number
  /** Use relayed connections, which are limited in time and bytes. Default false. */
  runOnLimitedConnection?: boolean
  /** For the salts of streams. Default node:crypto's. */
  randomBytes?: (length: number) => Uint8Array
}

interface ConnectionComponents { readonly connectionManager: ConnectionManager, readonly peerId: PeerId, readonly logger: ComponentLogger }

/** One command stream to each peer, opened on demand, shared by all namespaces and callers, opened anew after it died. */
export class CommandConnections implements AsyncDisposable {
  private readonly connections = new Map<string, Promise<CommandConnection>>()
  private readonly live = new Set<CommandConnection>()
  private readonly closing = new AbortController()
  private readonly clock: Clock
  private readonly log: Logger
  private readonly limit: LogLimit
  private droppedAnswers = 0

  constructor (private readonly components: ConnectionComponents, private readonly options: CommandOptions = {}) {
    this.clock = options.clock ?? systemClock
    this.log = components.logger.forComponent('raft:commands')
    this.limit = new LogLimit(this.clock)
  }

  /** The connection to a peer id. Rejects with UnavailableError if the peer cannot be dialled or has no command service. */
  async get (peer: string, options: { signal?: AbortSignal } = {}): Promise<CommandConnection> {
    options.signal?.throwIfAborted()
    let opening = this.connections.get(peer)
    if (opening === undefined) {
      opening = this.open(peer)
      this.connections.set(peer, opening)
      const current = opening
      // A failure is told to those who wait; whoever asks next tries again.
      current.catch(() => { if (this.connections.get(peer) === current) this.connections.delete(peer) })
    }
    return withSignal(opening, options.signal)
  }

  /** Answers that were dropped because they were not sealed as they should be. */
  get dropped (): number { return this.droppedAnswers }

  async close (): Promise<void> {
    this.closing.abort(new ClosedError('the command connections are closed'))
    this.connections.clear()
    await Promise.all([...this.live].map(async c => c.close()))
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  // Not with a caller's signal: others may be waiting for the same stream.
  private async open (peer: string): Promise<CommandConnection> {
    const timeout = new AbortController()
    const timer = this.clock.setTimer(this.options.dialTimeoutMs ?? 10_000, () => { timeout.abort(new Error('timed out')) })
    const signal = AbortSignal.any([timeout.signal, this.closing.signal])
    try {
      signal.throwIfAborted()
      const runOnLimitedConnection = this.options.runOnLimitedConnection ?? false
      const stream = await this.components.connectionManager.openStream(peerIdFromString(peer), COMMAND_PROTOCOL, { signal, runOnLimitedConnection })
      const connection: CommandConnection = new CommandConnection(stream, peer, {
        clock: this.clock,
        maxFrameBytes: this.options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
        maxInflight: this.options.maxInflight ?? 8_192,
        maxInflightBytes: this.options.maxInflightBytes ?? 64 * 1024 * 1024,
        self: this.components.peerId.toString(),
        salt: (this.options.randomBytes ?? randomBytes)(SALT_BYTES),
        onDropped: (reason, text) => {
          this.droppedAnswers++
          const held = this.limit.pass(`${reason} ${peer}`)
          if (held !== undefined) this.log.error('%s (and %d more like it)', text, held)
        },
        onClose: () => {
          this.live.delete(connection)
          this.connections.delete(peer)
        }
      })
      this.live.add(connection)
      if (this.closing.signal.aborted) {
        await connection.close()
        throw asError(this.closing.signal.reason)
      }
      return connection
    } catch (err) {
      if (err instanceof ClosedError) throw err
      throw new UnavailableError(`cannot open a command stream to ${peer}: ${asError(err).message}`, { cause: err })
    } finally {
      timer.cancel()
    }
  }
}

async function withSignal<T> (promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => { reject(asError(signal.reason)) }
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => { signal.removeEventListener('abort', onAbort) })
  })
}
