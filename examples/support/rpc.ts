/**
 * Calls and events between a parent process and the processes that it starts, over Node's own IPC channel (structured clone, so
 * bytes stay bytes). Used by the demo, the integration tests and the benchmark: all three drive the same node process.
 */
export interface RpcCall { readonly id: number, readonly method: string, readonly args: unknown }
export interface RpcAnswer { readonly id: number, readonly result?: unknown, readonly error?: RpcFailure }
/** `at` is ms of wall time with fractions: all processes of a demo share one machine and so one clock. */
export interface RpcEvent { readonly event: string, readonly detail: unknown, readonly at: number }
export interface RpcFailure { readonly name: string, readonly message: string, readonly stack?: string, readonly outcome?: string, readonly leader?: string }

/** An error that a child process answered with. `name` is that of the error it met. */
export class RemoteError extends Error {
  readonly outcome: string | undefined
  readonly leader: string | undefined
  constructor (failure: RpcFailure, where: string) {
    super(`${where}: ${failure.message}`)
    this.name = failure.name
    this.outcome = failure.outcome
    this.leader = failure.leader
    if (failure.stack !== undefined) this.stack = `${this.name}: ${this.message}\n  in the child process: ${failure.stack}`
  }
}

/** What a child offers: each method takes one argument that can be cloned. */
export type Method = (args: never) => Promise<unknown>
export type MethodArgs<F> = F extends (args: infer A) => Promise<unknown> ? A : never
export type MethodResult<F> = F extends (args: never) => Promise<infer R> ? R : never

export const now = (): number => performance.timeOrigin + performance.now()

export function describeError (error: unknown): RpcFailure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message, stack, outcome, leader } = error as Error & { outcome?: unknown, leader?: unknown }
  return {
    name,
    message,
    stack,
    outcome: typeof outcome === 'string' ? outcome : undefined,
    leader: typeof leader === 'string' ? leader : undefined
  }
}

/** Tells the parent that something happened. Does nothing once the parent is gone. */
export function emit (event: string, detail: unknown): void {
  if (process.connected) process.send?.({ event, detail, at: now() } satisfies RpcEvent)
}

/**
 * Answers the parent's calls. The process ends when its parent does, however the parent ended: no orphan keeps a port or a lock.
 * Ctrl-C reaches every process of a terminal, and is the parent's to handle.
 */
export function serve (methods: Readonly<Record<string, Method>>): void {
  if (process.send === undefined) throw new Error('This script is started by another process, over an IPC channel. Run the demo, a test or the benchmark instead.')
  process.on('disconnect', () => process.exit())
  process.on('SIGINT', () => {})
  process.on('message', (call: RpcCall) => { void answer(methods, call) })
}

async function answer (methods: Readonly<Record<string, Method>>, { id, method, args }: RpcCall): Promise<void> {
  let reply: RpcAnswer
  try {
    const run = methods[method]
    if (run === undefined) throw new Error(`There is no method ${method}`)
    reply = { id, result: await run(args as never) }
  } catch (error) {
    reply = { id, error: describeError(error) }
  }
  if (process.connected) process.send?.(reply)
}

/** Lets go of the parent, so that the process ends by itself if nothing else keeps it alive. */
export function release (): void {
  process.removeAllListeners('disconnect')
  process.removeAllListeners('message')
  // Behind the answer to the call that asked for this, or that answer would be lost with the channel.
  setImmediate(() => { if (process.connected) process.disconnect() })
}
