import { RaftMeshError } from '../../../../src/errors.js'
import type { Life } from '../life.js'
import type { NamespacePlan } from '../plan.js'
import type { LogReplay } from '../replay.js'
import type { SimNode } from '../sim-node.js'
import type { World } from '../world.js'
import type { Client, Cluster } from '../../../../src/service/api.js'
import type { Random } from '../../random.js'

export type Handle = Cluster | Client

/** Where a program runs: one life of one node. */
export interface Place { readonly node: SimNode, readonly namespace: NamespacePlan, readonly kv: Handle, readonly life: Life }

/** What people write on top of raftmesh, run all the time on members and clients, begun anew whenever its process is; and what it was promised. */
export abstract class Program {
  abstract readonly name: string
  /** Bodies that have not ended. */
  open = 0
  protected stopped = false
  protected readonly random: Random

  constructor (protected readonly world: World) { this.random = world.random.fork() }

  abstract start (): void

  /** All has healed; they run yet. */
  async lastWish (_kv: Handle, _namespace: NamespacePlan): Promise<void> {}

  /** Everybody shall end what they are at. */
  stop (): void { this.stopped = true }

  /** Nobody runs any more: what must be possible now? */
  async prove (_kv: Handle, _namespace: NamespacePlan): Promise<void> {}

  /** What was promised, against the log. */
  judge (_replay: LogReplay, _namespace: NamespacePlan): void {}

  protected trace (text: () => string): void { if (this.world.tracing) this.world.trace(text()) }

  protected fail (detail: string): void { this.world.fail(this.name, detail) }

  /** On a client, or on the members that host the group. */
  protected somewhere (namespace: NamespacePlan): SimNode {
    const { clients, nodes } = this.world
    return this.random.chance(0.5) ? this.random.pick(clients) : nodes[this.random.pick([...namespace.founders, ...namespace.late])]
  }

  /** Runs the body again and again, one at a time, until all is stopped. What raftmesh may answer ends it; nothing else may. */
  protected run (node: SimNode, namespace: NamespacePlan, body: (place: Place) => Promise<void>): void {
    const { world } = this
    void (async () => {
      while (!this.stopped) {
        await world.sleep(this.random.exponential(Math.max(world.plan.thinkMs, 15)) + 1)
        const { life } = node
        if (life === undefined || life.paused || this.stopped) continue
        const kv = this.handleOn(node, namespace)
        if (kv === undefined) continue
        this.open++
        await this.endOrDeath(life, body({ node, namespace, kv, life }), `${this.name} on ${node.name}`)
        if (node.isClient && life.alive) await kv.close()
        this.open--
      }
    })()
  }

  private handleOn (node: SimNode, namespace: NamespacePlan): Handle | undefined {
    return node.isClient ? node.client(namespace, { timeouts: { request: this.world.plan.requestMs } }) : node.hosts.get(namespace.name)?.cluster
  }

  private async endOrDeath (life: Life, run: Promise<void>, what: string): Promise<void> {
    await new Promise<void>(resolve => {
      const forget = life.onDeath(resolve)
      run.catch((error: unknown) => {
        if (error instanceof RaftMeshError) this.trace(() => `${what}: ${error.name}: ${error.message}`)
        else if (life.alive) this.world.fail('a call ends as documented', `${what}: ${String((error as Error).stack ?? error)}`)
      }).finally(() => {
        forget()
        resolve()
      })
    })
  }
}
