import { createHash } from 'node:crypto'
import { BusyError, ClosedError, FormationError, InvalidArgumentError } from '../errors.js'
import { decodeRecord, decodeView, encodeRecord, encodeView } from './codec.js'
import { genesisEntry } from './genesis.js'
import { FormationCore } from './pure/core.js'
import { AUTO, FORCE, isFixed, JOIN } from './pure/view.js'
import type { CoreOptions, CoreOutcome, Effects } from './pure/core.js'
import type { FormationRecord } from './pure/proposal.js'
import type { FormationOptions, FormationOutcome, FormationPorts } from './types.js'
import type { Timer } from '../clock.js'

/** Steps that wait for the disk. Peers beyond it are told to come back. */
const MAX_QUEUE = 256
/** Requests on their way at a time, so that a rendezvous full of dead peers doesn't start hundreds of dials. */
const MAX_REQUESTS = 64

/**
 * Forms a namespace's group with other nodes, or finds the one to join: the driver around {@link FormationCore}.
 *
 * One for each namespace for as long as the node serves it: `handle` answers peers from the start to the end, also long after this
 * node has become a member. On a node whose storage has a cluster id, call `setFormed` and never `run`.
 */
export class Formation implements AsyncDisposable {
  #core: FormationCore | undefined
  #loading: Promise<FormationCore> | undefined
  #formed: Uint8Array | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #queued = 0
  /** A save failed: nothing that depends on the record may be said any more. */
  #broken: Error | undefined
  readonly #inflight = new Map<string, { again: boolean }>()
  readonly #closing = new AbortController()
  readonly #saidRefused = new Set<string>()
  #onOutcome: ((outcome: CoreOutcome) => void) | undefined
  #onBroken: ((error: Error) => void) | undefined

  constructor (private readonly ports: FormationPorts, private readonly options: FormationOptions) {
    policyOf(options) // throws on options that contradict each other
  }

  /**
   * A peer's formation message; resolves with the answer. Rejects with MalformedFrameError, ProtocolVersionError, BusyError, ClosedError,
   * and with FormationError where the peer forms by another fixed policy (a different `expect` or other `founders`).
   */
  async handle (from: string, message: Uint8Array): Promise<Uint8Array> {
    const view = decodeView(message)
    const core = await this.#load()
    const { answer } = await this.#run(() => core.receive(this.ports.clock.now(), from, view))
    const own = core.view(this.ports.clock.now()).policy
    if (isFixed(own) && isFixed(view.policy) && own !== view.policy && this.#formed === undefined && view.clusterId === undefined) {
      throw new FormationError(`${this.ports.self.peer} forms ${this.ports.namespace} by "${own}", this peer by "${view.policy}": set bootstrap.mode and expect or founders alike on all nodes`)
    }
    return answer
  }

  /** Ends when a group is founded with this node in it, or one is found to join. `signal` ends it early, with its reason. Call it once. */
  async run ({ signal }: { signal?: AbortSignal } = {}): Promise<FormationOutcome> {
    signal?.throwIfAborted()
    const core = await this.#load()
    signal?.throwIfAborted()
    this.#closing.signal.throwIfAborted()
    const { promise, resolve, reject } = deferred<CoreOutcome>()
    this.#onOutcome = resolve
    this.#onBroken = reject
    const aborted = (): void => { reject(signal!.reason) }
    const closed = (): void => { reject(new ClosedError(`formation of ${this.ports.namespace} was closed`)) }
    signal?.addEventListener('abort', aborted)
    this.#closing.signal.addEventListener('abort', closed)
    const listening = this.ports.discovery.onCandidate(peer => { this.#drive(() => core.candidate(this.ports.clock.now(), peer)) })
    let timer: Timer | undefined
    const tick = (): void => {
      this.#drive(() => core.tick(this.ports.clock.now()))
      timer = this.ports.clock.setTimer(this.#timings().interval / 2, tick)
    }
    try {
      await this.#run(() => core.activate(this.ports.clock.now()))
      for (const peer of this.ports.discovery.candidates()) this.#drive(() => core.candidate(this.ports.clock.now(), peer))
      tick()
      return this.#toOutcome(await promise, core)
    } finally {
      timer?.cancel()
      listening()
      signal?.removeEventListener('abort', aborted)
      this.#closing.signal.removeEventListener('abort', closed)
    }
  }

  /** Storage has this group: found at start, or created after `run` has ended, and not a moment before. Peers are told so from now on. */
  setFormed (clusterId: Uint8Array): void {
    this.#formed = clusterId
    const core = this.#core
    if (core !== undefined) this.#drive(() => core.setFormed(this.ports.clock.now(), clusterId))
  }

  /** Resolves once nothing is being written any more. */
  async close (): Promise<void> {
    this.#closing.abort(new ClosedError(`formation of ${this.ports.namespace} was closed`))
    await this.#queue
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  #load (): Promise<FormationCore> {
    // A failed load is not kept: it may have been aborted with the node, or be mended by an operator.
    this.#loading ??= this.#makeCore().catch(error => {
      this.#loading = undefined
      throw error
    })
    return this.#loading
  }

  async #makeCore (): Promise<FormationCore> {
    const { promises, namespace, self, clock, random } = this.ports
    const saved = await promises.load()
    const record = saved !== undefined ? decodeRecord(saved, namespace) : { incarnation: self.incarnation, floor: 0 }
    // The incarnation is durable before anyone hears of it: a founder that crashed before it promised anything comes back as the same
    // member, or a set that others have promised with it could never be founded.
    if (saved === undefined) await this.#save(record)
    const { expect, founders, timeout, threshold } = this.options
    const core = new FormationCore({
      namespace, self: self.peer, record, random, timeout, threshold, ...policyOf(this.options),
      expect: this.options.mode === 'expect' ? expect : undefined,
      founders: this.options.mode === 'founders' ? founders : undefined,
      maxFounders: this.options.maxFounders,
      ...this.#timings()
    }, clock.now())
    if (this.#formed !== undefined) core.setFormed(clock.now(), this.#formed)
    this.#core = core
    return core
  }

  #timings (): Pick<CoreOptions, 'interval' | 'fresh' | 'margin'> {
    const interval = Math.min(250, Math.max(20, this.options.timeout / 50))
    return { interval, fresh: Math.min(5_000, Math.max(500, this.options.timeout / 4)), margin: 2 * interval }
  }

  /** One step at a time: what it changed is on disk before its answer is made, and before the next step begins. */
  #run (step: () => Effects): Promise<{ answer: Uint8Array }> {
    if (this.#queued >= MAX_QUEUE) return Promise.reject(new BusyError(`formation of ${this.ports.namespace} has ${MAX_QUEUE} messages waiting: try again`))
    this.#queued++
    const done = this.#queue.then(async () => {
      this.#closing.signal.throwIfAborted()
      if (this.#broken !== undefined) throw this.#broken
      const effects = step()
      const core = this.#core!
      if (effects.save) await this.#save(core.record)
      const answer = encodeView(core.view(this.ports.clock.now()))
      for (const [phase, detail] of effects.progress) this.ports.onProgress(phase, detail)
      for (const peer of effects.send) this.#send(peer, answer)
      if (effects.outcome !== undefined) this.#onOutcome?.(effects.outcome)
      return { answer }
    }).finally(() => { this.#queued-- })
    this.#queue = done.catch(() => {}) // whoever called has the error; the queue goes on to the next
    return done
  }

  async #save (record: FormationRecord): Promise<void> {
    try {
      await this.ports.promises.save(encodeRecord(record))
    } catch (cause) {
      this.#broken = new FormationError(`formation of ${this.ports.namespace} stopped: its record could not be written; mend the disk and start the node again`, { cause })
      this.#onBroken?.(this.#broken)
      throw this.#broken
    }
  }

  /** A step that nobody waits for. */
  #drive (step: () => Effects): void {
    this.#run(step).catch((error: unknown) => {
      if (error instanceof BusyError || this.#closing.signal.aborted) return // the next tick makes up for it
      this.#onBroken?.(error instanceof Error ? error : new Error(String(error)))
    })
  }

  #send (peer: string, message: Uint8Array): void {
    const running = this.#inflight.get(peer)
    if (running !== undefined) {
      running.again = true
      return
    }
    if (this.#inflight.size >= MAX_REQUESTS) return // it is due again in an interval
    const state = { again: false }
    this.#inflight.set(peer, state)
    this.#exchange(peer, message).catch((error: unknown) => {
      this.#sayRefusal(peer, error)
      this.#drive(() => this.#core!.failed(this.ports.clock.now(), peer))
    }).finally(() => {
      this.#inflight.delete(peer)
      // Something changed meanwhile that it should hear of.
      if (state.again && !this.#closing.signal.aborted) this.#drive(() => ({ save: false, send: [peer], progress: [] }))
    }).catch(() => {}) // nothing above throws
  }

  async #exchange (peer: string, message: Uint8Array): Promise<void> {
    const abort = new AbortController()
    const abandon = (): void => { abort.abort(this.#closing.signal.reason) }
    this.#closing.signal.addEventListener('abort', abandon)
    const patience = Math.min(10_000, Math.max(1_000, this.options.timeout / 2))
    const timer = this.ports.clock.setTimer(patience, () => { abort.abort(new FormationError(`${peer} did not answer within ${patience} ms`)) })
    try {
      this.#closing.signal.throwIfAborted()
      const view = decodeView(await this.ports.request(peer, message, { signal: abort.signal }))
      await this.#run(() => this.#core!.receive(this.ports.clock.now(), peer, view))
    } finally {
      timer.cancel()
      this.#closing.signal.removeEventListener('abort', abandon)
    }
  }

  /** A peer that is merely out of reach is daily life. One that refuses is told to people, once. */
  #sayRefusal (peer: string, error: unknown): void {
    if (!(error instanceof Error) || (error.name !== 'FormationError' && error.name !== 'ProtocolVersionError' && error.name !== 'EncryptionKeyError' && error.name !== 'MalformedFrameError')) return
    if (error.message.includes('did not answer')) return
    const said = `${peer}: ${error.message}`
    if (this.#saidRefused.has(said) || this.#saidRefused.size >= MAX_QUEUE) return
    this.#saidRefused.add(said)
    this.ports.onProgress('conflict', `refused by ${said}`)
  }

  #toOutcome (outcome: CoreOutcome, core: FormationCore): FormationOutcome {
    const { incarnation } = core.record
    if (outcome.kind === 'join') return { kind: 'join', clusterId: outcome.clusterId, via: outcome.via, incarnation }
    const { clusterId, founders, policy } = outcome
    // Only `auto` founds without knowing how many there are to be: another group may be out of sight.
    return { kind: 'founded', clusterId, incarnation, founders, provisional: policy === AUTO, genesis: genesisEntry(founders) }
  }
}

function policyOf (options: FormationOptions): { policy: string } {
  switch (options.mode) {
    case 'auto': {
      const most = options.maxFounders ?? 64
      if (!Number.isInteger(most) || most < 1 || most > 64) throw new InvalidArgumentError(`bootstrap.maxFounders must be an integer from 1 to 64, got ${most}`)
      return { policy: AUTO }
    }
    case 'join': return { policy: JOIN }
    case 'force': return { policy: FORCE }
    case 'expect': {
      if (options.expect === undefined || !Number.isInteger(options.expect) || options.expect < 1 || options.expect > 64) throw new InvalidArgumentError(`bootstrap.expect must be an integer from 1 to 64, got ${options.expect}`)
      return { policy: `expect:${options.expect}` }
    }
    case 'founders': {
      const founders = options.founders ?? []
      if (founders.length === 0 || founders.length > 64 || founders.some((peer, i) => i > 0 && peer <= founders[i - 1])) throw new InvalidArgumentError('bootstrap.founders must be 1 to 64 peer ids, sorted, each once')
      return { policy: `founders:${createHash('sha256').update(founders.join(',')).digest('hex').slice(0, 32)}` }
    }
  }
}

function deferred<T> (): { promise: Promise<T>, resolve: (value: T) => void, reject: (error: unknown) => void } {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((res, rej) => {
    resolve = res
    reject = rej
  })
  promise.catch(() => {}) // it may be rejected after `run` has ended
  return { promise, resolve, reject }
}
