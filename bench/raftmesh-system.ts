import { Mesh } from '../examples/support/mesh.js'
import { now } from '../examples/support/rpc.js'
import type { System } from './system.js'
import type { Target } from './driver.js'
import type { NodeProcess } from '../examples/support/node.js'
import type { RemoteJoinOptions } from '../examples/support/node-api.js'

const NAMESPACE = '/raft/bench'
const NAMES = ['raftmesh-1', 'raftmesh-2', 'raftmesh-3']

/** Three raftmesh nodes: the same node process as in the demo and the integration tests. */
export class RaftmeshSystem implements System {
  readonly name = 'raftmesh'

  private constructor (readonly mesh: Mesh, readonly options: RemoteJoinOptions) {}

  static async start (timeouts: { heartbeat: number, election: number }): Promise<RaftmeshSystem> {
    const mesh = await Mesh.create({ prefix: 'raftmesh-bench-' })
    const system = new RaftmeshSystem(mesh, { timeouts: { ...timeouts, request: 5_000 }, bootstrap: { mode: 'expect', expect: NAMES.length } })
    try {
      await mesh.startAll(NAMES)
      await mesh.joinAll(NAMESPACE, system.options)
      await mesh.leader(NAMESPACE)
      return system
    } catch (error) {
      await mesh[Symbol.asyncDispose]()
      throw error
    }
  }

  processes (): Array<{ name: string, pid: number }> { return this.mesh.nodes.map(({ name, pid }) => ({ name, pid })) }

  async target (): Promise<Target> {
    return { system: 'raftmesh', addresses: this.mesh.nodes.map(node => node.address), namespace: NAMESPACE }
  }

  async leader (): Promise<NodeProcess> { return await this.mesh.leader(NAMESPACE) }
  async leaderName (): Promise<string> { return (await this.leader()).name }

  async killLeader (): Promise<number> {
    const leader = await this.leader()
    const at = now()
    await leader.kill('SIGKILL')
    return at
  }

  async heal (): Promise<void> {
    for (const name of NAMES) {
      const killed = this.mesh.node(name)
      if (killed.running) continue
      const back = await this.mesh.start(name)
      await back.call('join', { namespace: NAMESPACE, options: this.options })
      await back.call('barrier', { namespace: NAMESPACE, timeoutMs: 30_000 })
    }
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.mesh[Symbol.asyncDispose]() }
}
