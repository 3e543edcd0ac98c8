import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeProcess } from './node.js'
import type { NodeConfig, RemoteJoinOptions } from './node-api.js'

export interface MeshOptions {
  /** Start of the temporary directory's name. */
  readonly prefix?: string
}

export interface StartOptions {
  /** Default: port 0 of the loopback interface. */
  readonly listen?: readonly string[]
  /** Default: the address of a node that runs, if any: one known address is all it takes to enter. */
  readonly bootstrap?: readonly string[]
  readonly dataDir?: string
  readonly privateKey?: Uint8Array
  readonly limits?: NodeConfig['limits']
}

const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']

/** Node processes by name, their data under one temporary directory, gone with the mesh. */
export class Mesh implements AsyncDisposable {
  readonly #nodes = new Map<string, NodeProcess>()

  private constructor (readonly directory: string, readonly options: MeshOptions) {}

  static async create (options: MeshOptions = {}): Promise<Mesh> {
    return new Mesh(await mkdtemp(join(tmpdir(), options.prefix ?? 'raftmesh-')), options)
  }

  get nodes (): NodeProcess[] { return [...this.#nodes.values()].filter(node => node.running) }
  node (name: string): NodeProcess {
    const found = this.#nodes.get(name)
    if (found === undefined) throw new Error(`There is no node ${name}`)
    return found
  }

  byPeer (peer: string): NodeProcess {
    const found = this.nodes.find(node => node.peer === peer)
    if (found === undefined) throw new Error(`No running node has the peer id ${peer}`)
    return found
  }

  dataDir (name: string): string { return join(this.directory, name) }

  /** Starts a node, or starts one again on the data that it left. */
  async start (name: string, options: StartOptions = {}): Promise<NodeProcess> {
    if (this.#nodes.get(name)?.running === true) throw new Error(`${name} is running`)
    const entry = this.nodes[0]
    const config: NodeConfig = {
      dataDir: options.dataDir ?? this.dataDir(name),
      listen: options.listen ?? LOOPBACK,
      bootstrap: options.bootstrap ?? (entry === undefined ? [] : [entry.address]),
      privateKey: options.privateKey,
      limits: options.limits
    }
    const node = await NodeProcess.start(name, config)
    this.#nodes.set(name, node)
    return node
  }

  /** Starts the first, then the others at once, all pointed at the first. */
  async startAll (names: readonly string[]): Promise<NodeProcess[]> {
    const [first, ...rest] = names
    if (first === undefined) return []
    const entry = await this.start(first)
    return [entry, ...await Promise.all(rest.map(async name => await this.start(name, { bootstrap: [entry.address] })))]
  }

  /** Every running node joins, at the same moment. */
  async joinAll (namespace: string, options?: RemoteJoinOptions): Promise<void> {
    await Promise.all(this.nodes.map(async node => { await node.call('join', { namespace, options }) }))
  }

  /** The node that leads, once every running member of the namespace says the same. */
  async leader (namespace: string, options: { among?: readonly NodeProcess[], timeoutMs?: number } = {}): Promise<NodeProcess> {
    const nodes = options.among ?? this.nodes
    const ask = async (): Promise<string[]> => await Promise.all(nodes.map(async node => await node.call('waitForLeader', { namespace, timeoutMs: options.timeoutMs ?? 20_000 })))
    // An election between two answers makes them differ; the next round tells.
    for (let round = 0; round < 20; round++) {
      const answers = [...new Set(await ask())]
      const found = nodes.find(node => node.peer === answers[0])
      if (answers.length === 1 && found !== undefined && await found.call('isLeader', { namespace })) return found
      await nodes[round % nodes.length]?.call('barrier', { namespace, timeoutMs: options.timeoutMs ?? 20_000 })
    }
    throw new Error(`The members of ${namespace} did not agree on a leader`)
  }

  followers (leader: NodeProcess): NodeProcess[] { return this.nodes.filter(node => node !== leader) }

  /** Stops all in good order; what fails to stop is killed and reported after the rest is down and the directory removed. */
  async [Symbol.asyncDispose] (): Promise<void> {
    const results = await Promise.allSettled(this.nodes.map(async node => {
      try {
        await node.stop()
      } catch (error) {
        await node.kill()
        throw error
      }
    }))
    await rm(this.directory, { recursive: true, force: true })
    const failures = results.flatMap(result => result.status === 'rejected' ? [result.reason as unknown] : [])
    if (failures.length > 0) throw new AggregateError(failures, `Nodes did not stop in good order: ${failures.map(String).join('; ')}`)
  }
}
