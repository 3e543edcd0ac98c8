import { setMaxListeners } from 'node:events'
import { SessionExpiredError } from '../errors.js'
import { KvHandle } from './handle.js'
import { holdLease } from './lease.js'
import { SessionWrites } from './session-writes.js'
import { checkKeys } from './validate.js'
import type { AskOptions, HandleContext, Proposed } from './handle.js'
import type { HeldLease } from './lease.js'
import type { Answer, Query, QueryType } from './queries.js'
import type { SessionWritesInit } from './session-writes.js'
import type { Session as SessionApi, SessionOptions, WriteOptions } from '../recipes/types.js'
import type { AbortOptions } from '@libp2p/interface'

export interface SessionInit {
  readonly handle: KvHandle
  readonly context: HandleContext
  /** 16 hex digits that nobody can guess. */
  readonly newId: () => string
  readonly pollMs: number
  readonly requestMs: number
  readonly attemptMs: number
  readonly send: SessionWritesInit['send']
}

/** Its lease is granted as any other: one that nobody heard of expires. */
export async function openSession (init: SessionInit, options: SessionOptions = {}): Promise<SessionApi> {
  checkKeys(options, ['ttl', 'signal'], 'the options of session')
  const { handle: { namespace, leases }, context } = init
  return new Session(init, await holdLease({ ...context, namespace, leases }, options))
}

/** A handle whose writes are done once; see {@link SessionWrites}. What it reads, its handle reads. */
class Session extends KvHandle implements SessionApi {
  readonly namespace: string
  readonly id: number
  protected readonly context: HandleContext
  protected readonly pollMs: number
  private readonly over = new AbortController()
  private readonly writes: SessionWrites

  constructor (private readonly init: SessionInit, private readonly held: HeldLease) {
    super()
    this.namespace = init.handle.namespace
    this.id = held.id
    this.pollMs = init.pollMs
    this.context = { ...init.context, signal: this.over.signal }
    setMaxListeners(0, this.over.signal)
    this.writes = new SessionWrites({ ...init, ...init.context, namespace: this.namespace, lease: held.id, secret: newSecret(init.newId), onOver: error => { this.onOver(error) } })
    const { signal } = held
    const onLost = (): void => { this.end(new SessionExpiredError(`The session ${this.id} of ${this.namespace} is over, or may be: ${(signal.reason as Error).message}`, 'refused', { cause: signal.reason })) }
    if (signal.aborted) onLost()
    else signal.addEventListener('abort', onLost, { once: true })
  }

  /** Looks at the clock first: see the lease. */
  get signal (): AbortSignal {
    void this.held.signal
    return this.over.signal
  }

  async propose (what: string, command: Uint8Array, options?: WriteOptions): Promise<Proposed> {
    // One that was sent before goes on, though: its answer may still be there.
    this.signal.throwIfAborted()
    return await this.writes.propose(what, command, options)
  }

  async ask<K extends QueryType> (query: Query<K>, options?: AskOptions): Promise<Answer<K>> {
    return await this.init.handle.ask(query, options)
  }

  async barrier (options?: AbortOptions): Promise<number> { return await this.init.handle.barrier(options) }

  async close (options?: AbortOptions): Promise<void> {
    this.end(new SessionExpiredError(`The session ${this.id} of ${this.namespace} was closed by its holder: open another`))
    await this.held.revoke(options)
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    this.end(new SessionExpiredError(`The session ${this.id} of ${this.namespace} was closed by its holder: open another`))
    await this.held[Symbol.asyncDispose]()
  }

  /** Its lease may be there still, where somebody else was first to write in it; and would be kept alive, with the session's keys, for as long as the handle is open. */
  private onOver (error: SessionExpiredError): void {
    this.end(error)
    void this.held[Symbol.asyncDispose]()
  }

  private end (error: SessionExpiredError): void { this.over.abort(error) }
}

/** 16 bytes. */
const newSecret = (newId: () => string): Uint8Array => Uint8Array.from(Buffer.from(newId() + newId(), 'hex'))
