import type { MemberId } from '../../src/raft/types.js'
import type { CoreNetwork } from './core-network.js'
import type { CoreNode } from './core-node.js'
import { TICK_MS } from './plan.js'
import type { Surroundings } from './surroundings.js'

/** What it needs of the world that it harms. */
export interface Harmed extends Surroundings {
  readonly nodes: readonly CoreNode[]
  readonly network: CoreNetwork
  leader: () => CoreNode | undefined
  every: (meanMs: number, run: () => void) => void
}

/** Whoever makes things go wrong, by the plan. */
export class CoreNemesis {
  constructor (private readonly world: Harmed) {}

  start (): void {
    const { world } = this
    const { plan: { every }, random, nodes } = world
    world.every(every.crash, () => this.crash(random.pick(nodes)))
    world.every(every.crashAll, () => { for (const node of nodes) this.crash(node) })
    world.every(every.partition, () => this.partition())
    world.every(every.usurp, () => this.usurp())
    world.every(every.lag, () => this.lag())
    world.every(every.pause, () => {
      const node = random.pick(nodes)
      node.pause()
      world.trace(() => `${node.id} paused`)
      this.outage(() => node.resume())
    })
    world.every(every.hint, () => {
      const [node, other] = random.shuffle(nodes)
      if (other !== undefined) node.with(raft => random.chance(0.7) ? raft.unreachable(other.id) : raft.reachable(other.id))
    })
  }

  /** Members are being changed: the moment at which it is worst to lose the leader. */
  changing (leader: CoreNode): void {
    const { world } = this
    const { random } = world
    if (!random.chance(0.25)) return
    const cut = random.chance(0.5)
    world.after(random.exponential(5), () => {
      if (world.healed) return
      if (cut) this.isolate(leader)
      else this.crash(leader)
    })
  }

  /** Ends by itself, or when everything heals. */
  private outage (end: () => void): void {
    const { world } = this
    world.after(world.random.exponential(world.plan.outageMs), () => { if (!world.healed) end() })
  }

  private crash (node: CoreNode): void {
    if (!node.up) return
    node.crash()
    this.tellOthers(node.id)
    this.outage(() => {
      if (!node.up) node.start()
      this.tellReachable(node.id)
    })
  }

  /** Links close with a node; in a group that may be quiet nothing else would wake its followers, so there it is certain. */
  private tellOthers (gone: MemberId): void {
    const { world } = this
    const { plan, random } = world
    for (const node of world.nodes) {
      if (node.id === gone || !(plan.quiesce || random.chance(0.3))) continue
      world.after(random.exponential(2 * TICK_MS), () => node.with(raft => raft.unreachable(gone)))
    }
  }

  private tellReachable (back: MemberId): void {
    const { world } = this
    for (const node of world.nodes) {
      if (node.id !== back) world.after(world.random.exponential(2 * TICK_MS), () => node.with(raft => raft.reachable(back)))
    }
  }

  /** A leader is alone from one moment to the next, and another is made at once: the first one doesn't know, and may still answer reads. */
  private usurp (): void {
    const { world } = this
    const { random, nodes } = world
    const leader = world.leader()
    const [heir, third] = random.shuffle(nodes.filter(n => n !== leader && n.up))
    if (leader === undefined || heir === undefined) return
    const how = random.pick(['transfer', 'forget', 'campaign', 'hint'] as const)
    world.trace(() => `${heir.id} usurps ${leader.id} by ${how}`)
    // What the others have said to it by then may arrive when they have long turned to another.
    if (random.chance(0.5)) this.delay(nodes.filter(n => n !== leader).map(n => [n.id, leader.id]))
    if (how === 'transfer') leader.with(raft => raft.transfer(heir.id))
    world.after(1 + random.exponential(3), () => {
      if (world.healed) return
      this.isolate(leader)
      if (how === 'forget' && third?.up === true) {
        third.crash()
        third.start()
      }
      if (how === 'hint') for (const node of nodes) if (node !== leader) node.with(raft => raft.unreachable(leader.id))
    })
    if (how === 'forget' || how === 'campaign') world.after(3 + random.exponential(5), () => heir.with(raft => raft.campaign(false)))
  }

  /** What goes to a node, comes from it, or both, takes about as long as an election. */
  private lag (): void {
    const { world } = this
    const { random, nodes } = world
    const node = (random.chance(0.7) ? world.leader() : undefined) ?? random.pick(nodes)
    const others = nodes.filter(n => n !== node)
    const way = random.next()
    this.delay(others.flatMap(n => [...(way < 0.7 ? [[n.id, node.id]] : []), ...(way > 0.5 ? [[node.id, n.id]] : [])]))
  }

  private delay (links: ReadonlyArray<readonly MemberId[]>): void {
    const { world } = this
    const ms = world.random.next() * 1.5 * world.plan.electionTicks * TICK_MS
    world.trace(() => `${links.map(link => link.join('>')).join(' ')} take ${ms.toFixed(0)} ms more`)
    for (const [a, b] of links) world.network.slow(a, b, ms)
    this.outage(() => { for (const [a, b] of links) world.network.slow(a, b, 0) })
  }

  private partition (): void {
    const { world } = this
    const { random, nodes } = world
    const cut: Array<[MemberId, MemberId]> = []
    const kind = random.next()
    const ids = random.shuffle(nodes.map(n => n.id))
    // The one that leads is the most interesting to cut off.
    const leader = world.leader()
    const side = kind < 0.4 && leader !== undefined ? [leader.id] : ids.slice(0, random.int(1, ids.length))
    for (const a of ids) {
      for (const b of ids) {
        if (a === b) continue
        const crosses = side.includes(a) !== side.includes(b)
        const oneWay = kind > 0.7 && side.includes(a)
        if (kind > 0.9 ? random.chance(0.3) : crosses && !oneWay) cut.push([a, b])
      }
    }
    this.cut(cut)
  }

  private isolate (node: CoreNode): void {
    this.cut(this.world.nodes.filter(n => n !== node).flatMap(n => [[node.id, n.id], [n.id, node.id]]))
  }

  private cut (links: ReadonlyArray<readonly MemberId[]>): void {
    const { world } = this
    const { plan, random, network } = world
    world.trace(() => `cut ${links.map(link => link.join('>')).join(' ')}`)
    // In a group that may be quiet nothing else would wake its followers.
    const told = plan.quiesce || random.chance(0.5)
    for (const [a, b] of links) {
      network.block(a, b)
      if (told) world.after(random.exponential(plan.electionTicks * TICK_MS / 2), () => this.node(b).with(raft => raft.unreachable(a)))
    }
    this.outage(() => {
      world.trace(() => 'partition ends')
      for (const [a, b] of links) {
        network.unblock(a, b)
        this.node(b).with(raft => raft.reachable(a))
      }
      // Before they have told each other anything, whoever led meanwhile is gone: those who are left have what was cut off, and a bit of the rest.
      const leader = world.leader()
      if (leader !== undefined && random.chance(plan.rotate)) this.isolate(leader)
    })
  }

  private node (id: MemberId): CoreNode {
    const node = this.world.nodes.find(n => n.id === id)
    if (node === undefined) throw new Error(`there is no ${id}`)
    return node
  }
}
