import { RaftMeshError } from '../../../src/errors.js'
import { History } from '../../linearizability/history.js'
import { Known } from './known.js'
import type { Call, OpenCall } from '../../linearizability/history.js'
import type { NamespacePlan } from './plan.js'
import type { SimNode } from './sim-node.js'
import type { World } from './world.js'
import type { Consistency, Written } from '../../../src/recipes/types.js'
import type { Random } from '../random.js'

const text = new TextDecoder()

/** What a client and a member's own handle have in common. */
interface Store {
  get: (key: string, options?: { consistency?: Consistency }) => Promise<Uint8Array | undefined>
  set: (key: string, value: string) => Promise<Written>
  delete: (key: string) => Promise<Written>
  batch: (operations: ReadonlyArray<{ type: 'set', key: string, value: string } | { type: 'delete', key: string }>) => Promise<Written>
}

/** Clients that read and write all the time, and remember what they were told. */
export class Workload {
  /** Of each group. */
  readonly histories = new Map<string, History>()
  private readonly told = new Map<string, Known>()
  acknowledged = 0
  reads = 0
  unknown = 0
  /** Calls that nobody has answered yet. */
  open = 0
  private stopped = false
  private lastValue = 0
  private readonly random: Random

  constructor (private readonly world: World) {
    this.random = world.random.fork()
    for (const { group } of world.plan.namespaces) {
      this.histories.set(group, new History(() => world.scheduler.now))
      this.told.set(group, new Known(() => world.scheduler.now))
    }
  }

  get keys (): string[] { return Array.from({ length: this.world.plan.keys }, (_, i) => `k${i}`) }

  start (): void {
    const { plan, clients, nodes } = this.world
    for (const node of clients) {
      for (const namespace of plan.namespaces) {
        const client = node.client(namespace, { timeouts: { request: plan.requestMs } })
        this.loop(node, namespace, () => client)
      }
    }
    // A program that runs on a member itself.
    const member = this.random.pick(nodes.filter(node => !node.isClient))
    for (const namespace of member.wanted.values()) this.loop(member, namespace, () => member.hosts.get(namespace.name)?.cluster)
  }

  stop (): void { this.stopped = true }

  /** One write that must work, and a read of it on every member that hosts the namespace. */
  async proveAlive (namespace: NamespacePlan): Promise<void> {
    const node = this.world.clients[0]
    const client = node.client(namespace, { timeouts: { request: this.world.plan.requestMs } })
    const key = this.random.pick(this.keys)
    while (!await this.call(node, namespace, client, { type: 'set', key, value: this.value() }) && node.up) await node.alive.sleep(50)
    await client.close()
  }

  /** What was told to anybody of that group to be done. */
  known ({ group }: NamespacePlan): Known { return this.told.get(group) as Known }

  /** For those who ask in other ways than these, for the same keys. */
  record (node: SimNode, { group }: NamespacePlan, call: Call): OpenCall { return (this.histories.get(group) as History).begin(`${node.name}.${group}`, call) }

  value (): string { return `v${++this.lastValue}` }

  private loop (node: SimNode, namespace: NamespacePlan, store: () => Store | undefined): void {
    const again = (): void => {
      if (this.stopped) return
      this.world.scheduler.after(this.random.exponential(this.world.plan.thinkMs) + 0.1, () => {
        if (this.stopped) return
        const target = store()
        if (node.life === undefined || node.life.paused || target === undefined) {
          again()
          return
        }
        const call = this.draw()
        this.call(node, namespace, target, call, namespace.leaseReads && this.random.chance(0.5) ? 'lease' : 'linearizable').then(again, (error: Error) => { this.world.fail('a call ends as documented', `${call.type} in ${namespace.name} by ${node.name}: ${error.stack ?? error.message}`) })
      })
    }
    again()
  }

  private draw (): Call {
    const { random } = this
    const key = random.pick(this.keys)
    const dice = random.next()
    if (dice < 0.45) return { type: 'get', key }
    if (dice < 0.85) return { type: 'set', key, value: this.value() }
    if (dice < 0.93) return { type: 'delete', key }
    return { type: 'batch', writes: this.keys.filter(() => random.chance(0.6)).map(key => ({ key, value: random.chance(0.8) ? this.value() : undefined })) }
  }

  /** Returns whether it was done. */
  private async call (node: SimNode, namespace: NamespacePlan, store: Store, call: Call, consistency: Consistency = 'linearizable'): Promise<boolean> {
    if (call.type === 'batch' && call.writes.length === 0) return true
    const recorded = this.record(node, namespace, call)
    const { group } = namespace
    const { life } = node
    this.open++
    return await new Promise<boolean>((resolve, reject) => {
      let over = false
      const end = (how: () => void, done: boolean): void => {
        if (over) return
        over = true
        forget?.()
        this.open--
        how()
        resolve(done)
      }
      // Whoever asked is gone with its process: nobody will ever hear how it went.
      const forget = life?.onDeath(() => { end(() => { recorded.unknown(); this.unknown++ }, false) })
      this.ask(store, call, consistency).then(({ value, revision }) => {
        end(() => {
          recorded.ok(value)
          this.known(namespace).note(revision)
          if (call.type === 'get') this.reads++
          else this.acknowledged++
          if (this.world.tracing) this.world.trace(`${node.name} ${group} ${JSON.stringify(call)} → ${value ?? 'ok'}`)
        }, true)
      }, (error: unknown) => {
        if (!(error instanceof RaftMeshError)) {
          reject(error as Error)
          return
        }
        end(() => {
          if (error.outcome === 'unknown') {
            recorded.unknown()
            this.unknown++
          } else recorded.refused()
          if (this.world.tracing) this.world.trace(`${node.name} ${group} ${JSON.stringify(call)} → ${error.name}: ${error.message}`)
        }, false)
      })
    })
  }

  private async ask (store: Store, call: Call, consistency: Consistency): Promise<{ value?: string, revision: number }> {
    switch (call.type) {
      case 'get': {
        const value = await store.get(call.key, { consistency })
        return { value: value === undefined ? undefined : text.decode(value), revision: 0 }
      }
      case 'set': return await store.set(call.key, call.value)
      case 'delete': return await store.delete(call.key)
      case 'batch': return await store.batch(call.writes.map(({ key, value }) => value === undefined ? { type: 'delete', key } : { type: 'set', key, value }))
    }
  }
}
