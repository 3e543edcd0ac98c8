import type { SimNode } from './sim-node.js'
import type { NetworkPlan } from './plan.js'
import type { Random } from '../random.js'
import type { Scheduler } from '../scheduler.js'

/** Silence after which a link is given up by both its ends. */
const SILENCE_MS = 1_500

interface Link {
  up: boolean
  dialling: boolean
  /** Whoever streams over it is told when it breaks. */
  readonly streams: Set<(error: Error) => void>
}

/** Who reaches whom, and when: the network between all nodes. Directions are cut one by one. */
export class Mesh {
  private readonly links = new Map<string, Link>()
  private readonly cut = new Map<string, 'quiet' | 'loud'>()
  private readonly slow = new Map<string, number>()
  private readonly lastArrival = new Map<string, number>()
  /** Whether the two have no way to each other yet, whatever the network does. */
  apart: (a: SimNode, b: SimNode) => boolean = () => false
  /** Faults of single messages are over. */
  healed = false

  constructor (private readonly scheduler: Scheduler, private readonly random: Random, private readonly plan: NetworkPlan, private readonly nodes: () => readonly SimNode[]) {}

  /** What is sent now from `a` arrives at `b`, cuts allowing. */
  open (a: SimNode, b: SimNode): boolean {
    return a.up && b.up && !this.cut.has(way(a, b)) && !this.apart(a, b)
  }

  reachable (a: SimNode, b: SimNode): boolean { return this.open(a, b) && this.open(b, a) }

  /** Somebody would notice at once that this way is cut: connections are refused, or reset. */
  isLoud (a: SimNode, b: SimNode): boolean { return !b.up || this.apart(a, b) || this.cut.get(way(a, b)) === 'loud' || this.cut.get(way(b, a)) === 'loud' }

  linked (a: SimNode, b: SimNode): boolean { return this.links.get(pair(a, b))?.up === true }

  delay (a: SimNode, b: SimNode): number {
    return 0.05 + this.random.exponential(this.plan.meanMs) + (this.slow.get(way(a, b)) ?? 0)
  }

  /** In order on each way and lane, as a stream is; what reorders and repeats is there because Raft must not mind. */
  carry (a: SimNode, b: SimNode, lane: string, arrive: () => void): void {
    const { random, plan } = this
    if (!this.linked(a, b) || !this.open(a, b) || (!this.healed && random.chance(plan.loss))) return
    const copies = !this.healed && random.chance(plan.duplicate) ? 2 : 1
    const key = `${way(a, b)} ${lane}`
    const life = b.life
    for (let copy = 0; copy < copies; copy++) {
      let at = this.scheduler.now + this.delay(a, b)
      if (this.healed || !random.chance(plan.reorder)) {
        at = Math.max(at, this.lastArrival.get(key) ?? 0)
        this.lastArrival.set(key, at)
      }
      this.scheduler.after(at - this.scheduler.now, () => {
        if (b.life === life && this.linked(a, b) && this.open(a, b)) life?.deliver(arrive)
      })
    }
  }

  cutWay (a: SimNode, b: SimNode, quiet: boolean): void {
    this.cut.set(way(a, b), quiet ? 'quiet' : 'loud')
    const link = this.links.get(pair(a, b))
    if (link?.up !== true) return
    this.scheduler.after(quiet ? SILENCE_MS : this.delay(a, b), () => { if (this.cut.has(way(a, b))) this.breakLink(a, b) })
  }

  slowWay (a: SimNode, b: SimNode, byMs: number): void { this.slow.set(way(a, b), byMs) }

  healWay (a: SimNode, b: SimNode): void {
    this.cut.delete(way(a, b))
    this.slow.delete(way(a, b))
    this.refresh(a, b)
  }

  /** The two meshes become one. */
  join (): void {
    this.apart = () => false
    this.refreshAll()
  }

  healAll (): void {
    this.apart = () => false
    this.cut.clear()
    this.slow.clear()
    this.healed = true
    this.refreshAll()
  }

  /** The connection is reset; both may dial again at once. */
  reset (a: SimNode, b: SimNode): void {
    this.breakLink(a, b)
    this.refresh(a, b)
  }

  /** The process is gone: the others' connections close. */
  died (node: SimNode): void {
    for (const other of this.nodes()) if (other !== node) this.breakLink(node, other)
  }

  refreshAll (): void {
    const nodes = this.nodes()
    for (let i = 0; i < nodes.length; i++) for (let j = i + 1; j < nodes.length; j++) this.refresh(nodes[i], nodes[j])
  }

  /** Dials, where one of the two wants a link, and meets. */
  refresh (a: SimNode, b: SimNode): void {
    if (!this.reachable(a, b)) return
    this.meet(a, b)
    if (!a.wants(b) && !b.wants(a)) return
    const link = this.linkOf(a, b)
    if (link.up || link.dialling) return
    link.dialling = true
    this.scheduler.after(this.delay(a, b) + this.random.int(1, 20), () => {
      link.dialling = false
      if (link.up || !this.reachable(a, b) || (!a.wants(b) && !b.wants(a))) return
      link.up = true
      this.tell(a, b, 'onPeerUp')
    })
  }

  /** Rejects when the link of the two breaks. */
  broken (a: SimNode, b: SimNode): { error: Promise<never>, release: () => void } {
    const { streams } = this.linkOf(a, b)
    let fail = (_error: Error): void => {}
    const error = new Promise<never>((_resolve, reject) => { fail = reject })
    error.catch(() => {})
    streams.add(fail)
    return { error, release: () => { streams.delete(fail) } }
  }

  /** Identify, and what discovery learns from it. */
  private meet (a: SimNode, b: SimNode): void {
    for (const [one, other] of [[a, b], [b, a]] as const) {
      one.life?.after(this.delay(one, other) + this.random.int(5, 100), () => { if (this.reachable(one, other)) one.components.met(other) })
    }
  }

  private breakLink (a: SimNode, b: SimNode): void {
    const link = this.links.get(pair(a, b))
    if (link?.up !== true) return
    link.up = false
    for (const fail of [...link.streams]) fail(new Error(`the link of ${a.name} and ${b.name} broke`))
    link.streams.clear()
    this.tell(a, b, 'onPeerDown')
  }

  private tell (a: SimNode, b: SimNode, what: 'onPeerUp' | 'onPeerDown'): void {
    for (const [one, other] of [[a, b], [b, a]] as const) {
      const life = one.life
      life?.deliver(() => { one.network.handler?.[what](other.peer) })
    }
  }

  private linkOf (a: SimNode, b: SimNode): Link {
    const key = pair(a, b)
    let link = this.links.get(key)
    if (link === undefined) {
      link = { up: false, dialling: false, streams: new Set() }
      this.links.set(key, link)
    }
    return link
  }
}

const way = (a: SimNode, b: SimNode): string => `${a.name}>${b.name}`
const pair = (a: SimNode, b: SimNode): string => a.index < b.index ? `${a.name}-${b.name}` : `${b.name}-${a.name}`
