import { fork } from 'node:child_process'
import { RemoteError, now } from './rpc.js'
import type { MethodArgs, MethodResult, RpcAnswer, RpcCall, RpcEvent } from './rpc.js'
import type { ChildProcess } from 'node:child_process'

export interface ChildOptions {
  /** For people: stands in front of what goes wrong. */
  readonly name: string
  readonly script: string
  /** A program that runs Node somewhere else. Default: this process's own Node. */
  readonly execPath?: string
}

export interface Exit { readonly code: number | null, readonly signal: NodeJS.Signals | null }

interface Pending { readonly method: string, readonly resolve: (result: unknown) => void, readonly reject: (error: Error) => void }

/** Output kept for the error message when a child dies unasked. */
const TAIL = 8_192

const living = new Set<ChildProcess>()
// Children end when the IPC channel closes; one that is stopped (SIGSTOP) or stuck in a loop would not notice.
process.on('exit', () => { for (const child of living) child.kill('SIGKILL') })

/** A process that was started here, with typed calls into it and its events. */
export class Child<Methods> {
  readonly name: string
  readonly startedAt = now()
  /** Everything it told, in order: a wait for an event that has already happened resolves at once. */
  readonly events: RpcEvent[] = []
  readonly exited: Promise<Exit>
  readonly #process: ChildProcess
  readonly #pending = new Map<number, Pending>()
  readonly #watchers = new Set<(event: RpcEvent | undefined) => void>()
  #nextId = 1
  #output = ''
  #exit: Exit | undefined

  constructor (options: ChildOptions) {
    this.name = options.name
    // Nothing of the parent's own flags (a test runner's loaders, a profiler) may reach the child.
    this.#process = fork(options.script, [], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [], ...(options.execPath === undefined ? {} : { execPath: options.execPath }) })
    living.add(this.#process)
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => { this.#output = (this.#output + text).slice(-TAIL) })
    this.#process.on('message', message => { this.#receive(message as RpcAnswer | RpcEvent) })
    this.exited = new Promise(resolve => {
      // 'close' comes after the last output was read, 'exit' may come before.
      this.#process.on('close', (code, signal) => { this.#ended({ code, signal }); resolve({ code, signal }) })
      this.#process.on('error', error => { this.#output += String(error); this.#ended({ code: null, signal: null }); resolve({ code: null, signal: null }) })
    })
  }

  get pid (): number { return this.#process.pid ?? -1 }
  get running (): boolean { return this.#exit === undefined }
  /** The last of what it printed. */
  get output (): string { return this.#output }

  async call<K extends keyof Methods & string> (method: K, args: MethodArgs<Methods[K]>): Promise<MethodResult<Methods[K]>> {
    if (this.#exit !== undefined) throw this.#deadError(method)
    const id = this.#nextId++
    return await new Promise((resolve, reject) => {
      this.#pending.set(id, { method, resolve: resolve as (result: unknown) => void, reject })
      this.#process.send({ id, method, args } satisfies RpcCall, error => {
        if (error !== null && this.#pending.delete(id)) reject(this.#deadError(method))
      })
    })
  }

  onEvent (listener: (event: RpcEvent) => void): void {
    this.#watchers.add(event => { if (event !== undefined) listener(event) })
  }

  /** The first event, past or future, that satisfies the test. Rejects if the process ends before. */
  async until (what: string, test: (event: RpcEvent) => boolean, options: { after?: number, signal?: AbortSignal } = {}): Promise<RpcEvent> {
    const matches = (event: RpcEvent): boolean => event.at >= (options.after ?? 0) && test(event)
    const past = this.events.find(matches)
    if (past !== undefined) return past
    if (this.#exit !== undefined) throw this.#deadError(`wait for ${what}`)
    return await new Promise((resolve, reject) => {
      const finish = (): void => { this.#watchers.delete(watch); options.signal?.removeEventListener('abort', onAbort) }
      const watch = (event: RpcEvent | undefined): void => {
        if (event === undefined) { finish(); reject(this.#deadError(`wait for ${what}`)) } else if (matches(event)) { finish(); resolve(event) }
      }
      const onAbort = (): void => { finish(); reject(new Error(`${this.name}: ${what} did not happen in time`, { cause: options.signal?.reason })) }
      this.#watchers.add(watch)
      if (options.signal?.aborted === true) onAbort()
      else options.signal?.addEventListener('abort', onAbort)
    })
  }

  /** Sends a signal and, where that ends the process, waits for the end. */
  async kill (signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.#process.kill(signal)
    return await this.exited
  }

  signal (signal: NodeJS.Signals): void { this.#process.kill(signal) }

  #receive (message: RpcAnswer | RpcEvent): void {
    if ('event' in message) {
      this.events.push(message)
      for (const watch of [...this.#watchers]) watch(message)
      return
    }
    const pending = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if (message.error !== undefined) pending?.reject(new RemoteError(message.error, this.name))
    else pending?.resolve(message.result)
  }

  #ended (exit: Exit): void {
    if (this.#exit !== undefined) return
    this.#exit = exit
    living.delete(this.#process)
    for (const { method, reject } of this.#pending.values()) reject(this.#deadError(method))
    this.#pending.clear()
    for (const watch of [...this.#watchers]) watch(undefined)
  }

  #deadError (doing: string): Error {
    const how = this.#exit?.signal ?? `exit code ${this.#exit?.code}`
    return new Error(`${this.name}: ${doing} failed: the process is gone (${how})${this.#output === '' ? '' : `\n${this.#output}`}`)
  }
}
