import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Child } from './child.js'
import type { NodeConfig, NodeEvents, NodeInfo, NodeMethods } from './node-api.js'
import type { RpcEvent } from './rpc.js'

/** The compiled script: from `dist/examples/support` it lies beside this file, from the sources (under the test runner) it is in `dist`. */
function scriptPath (): string {
  const beside = fileURLToPath(new URL('./node-process.js', import.meta.url))
  if (existsSync(beside)) return beside
  const built = fileURLToPath(new URL('../../dist/examples/support/node-process.js', import.meta.url))
  if (!existsSync(built)) throw new Error(`${built} is missing: run "npm run build" first, real processes run the compiled code`)
  return built
}

/** A process that does not end by itself in this time after it was asked to has something that keeps it alive: a defect. */
const CLOSE_MS = 15_000

/** A raftmesh node in a process of its own. */
export class NodeProcess extends Child<NodeMethods> {
  info: NodeInfo = { peer: '', addresses: [] }

  private constructor (name: string, readonly config: NodeConfig) {
    super({ name, script: scriptPath() })
  }

  /** Resolves when the node listens. */
  static async start (name: string, config: NodeConfig): Promise<NodeProcess> {
    const started = new NodeProcess(name, config)
    try {
      started.info = await started.call('start', config)
      return started
    } catch (error) {
      await started.kill()
      throw error
    }
  }

  get peer (): string { return this.info.peer }
  /** A full address, peer id included. */
  get address (): string { return this.info.addresses[0] ?? '' }

  on<K extends keyof NodeEvents> (event: K, listener: (detail: NodeEvents[K], at: number) => void): void {
    this.onEvent(told => { if (told.event === event) listener(told.detail as NodeEvents[K], told.at) })
  }

  async untilEvent<K extends keyof NodeEvents> (event: K, test: (detail: NodeEvents[K]) => boolean, options: { after?: number, signal?: AbortSignal } = {}): Promise<RpcEvent> {
    return await this.until(event, told => told.event === event && test(told.detail as NodeEvents[K]), options)
  }

  /** Closes the node in good order. Rejects if the process does not end by itself, cleanly. */
  async stop (): Promise<void> {
    if (!this.running) return
    await this.call('close', null)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>(resolve => { timer = setTimeout(() => { resolve(undefined) }, CLOSE_MS) })
    const exit = await Promise.race([this.exited, late])
    clearTimeout(timer)
    if (exit === undefined) {
      await this.kill()
      throw new Error(`${this.name}: everything was closed, yet something kept the process alive for ${CLOSE_MS} ms`)
    }
    if (exit.code !== 0) throw new Error(`${this.name}: ended with ${exit.signal ?? `exit code ${exit.code}`} when it was closed\n${this.output}`)
  }
}
