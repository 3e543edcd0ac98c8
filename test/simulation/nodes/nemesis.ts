import { drain } from './drain.js'
import { Foreigner } from './foreigner.js'
import { faultKinds } from './plan.js'
import { StoreCorruptError } from '../../../src/errors.js'
import { isMember } from '../../../src/service/group-view.js'
import type { FaultKind } from './plan.js'
import type { SimNode } from './sim-node.js'
import type { World } from './world.js'
import type { Random } from '../random.js'

/** Until a removal has reached the log of the one removed, and how often to look. */
const UNHEARD_MS = 400
const LOOK_MS = 0.2

/** Does harm, each kind at its own pace; and is the operator who puts right what no software can. */
export class Nemesis {
  readonly foreigner: Foreigner
  readonly counts = new Map<string, number>()
  /** Some process missed time: how long ago something was, it cannot tell. */
  clocksStoodStill = false
  private readonly random: Random
  private active = false
  /** Its disk was lost or damaged: one such node at a time, and only so many losses as a group can take. */
  private losses = 0

  constructor (private readonly world: World) {
    this.random = world.random.fork()
    this.foreigner = new Foreigner(world, this.random.fork())
  }

  private get members (): SimNode[] { return this.world.nodes.filter(node => !node.isClient) }

  start (): void {
    this.active = true
    for (const kind of faultKinds) this.plan(kind)
  }

  /** All is well from here on: whoever is down comes back, nothing is cut. */
  heal (): void {
    this.active = false
    const { mesh } = this.world
    mesh.healAll()
    for (const node of this.members) {
      node.life?.resume(false)
      node.disk.heal()
      if (!node.up) this.startNow(node)
    }
  }

  /** A group stopped for good on this node. An operator reads why, and does what the message says. */
  failed (node: SimNode, error: Error): void {
    const { world } = this
    world.trace(`${node.name} failed: ${error.name}: ${error.message}`)
    const corrupt = error instanceof StoreCorruptError || (error.cause instanceof StoreCorruptError)
    if (corrupt && !node.damaged) {
      world.fail('what was written can be read', `${node.name}: ${error.message}`)
      return
    }
    if (!corrupt && node.disk.store.failure === undefined && error.name !== 'ClosedError') {
      world.fail('no invariant breaks', `${node.name}: ${error.stack ?? error.message}`)
      return
    }
    const { life } = node
    world.scheduler.after(this.random.int(10, 300), () => {
      if (node.life !== life) return
      node.crash()
      if (corrupt) {
        node.disk.wipe()
        node.damaged = false
        node.forgets = new Set()
      }
      this.startLater(node)
    })
  }

  private plan (kind: FaultKind): void {
    const mean = this.world.plan.every[kind]
    if (mean === Infinity) return
    this.world.scheduler.after(this.random.exponential(mean), () => {
      if (!this.active) return
      this.strike(kind)
      this.plan(kind)
    })
  }

  private strike (kind: FaultKind): void {
    const { random, world } = this
    const { mesh } = world
    const up = this.members.filter(node => node.up)
    if (up.length === 0) return
    const node = random.chance(0.5) ? this.leader() ?? random.pick(up) : random.pick(up)
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
    world.trace(`nemesis: ${kind} (${node.name})`)
    const outage = random.exponential(world.plan.outageMs)
    const quiet = random.chance(world.plan.network.quiet)
    switch (kind) {
      case 'crash': this.crash(node); break
      case 'crashAll': for (const one of up) this.crash(one); break
      case 'restart': {
        const { life } = node
        node.stop().then(() => { this.startLater(node) }, (error: Error) => {
          // Crashed in the middle of it.
          if (node.life !== life) return
          // A store that fails then is told; anything else is not.
          if (node.disk.store.failure === undefined) world.fail('a stop ends', String(error.stack))
          else this.crash(node)
        })
        break
      }
      case 'pause': {
        const { life } = node
        const stoodStill = !world.plan.namespaces.some(({ leaseReads }) => leaseReads) && random.chance(0.3)
        life?.pause()
        this.clocksStoodStill ||= stoodStill
        world.scheduler.after(outage, () => { life?.resume(stoodStill) })
        break
      }
      case 'partition': {
        const side = random.chance(0.6) ? [node] : world.nodes.filter(() => random.chance(0.5))
        this.cut(side, world.nodes.filter(other => !side.includes(other)), true, quiet, outage)
        break
      }
      case 'oneWay': this.cut([node], world.nodes.filter(other => other !== node && random.chance(0.7)), false, quiet, outage); break
      case 'slow':
        for (const other of world.nodes) if (other !== node) mesh.slowWay(node, other, random.int(5, 120))
        world.scheduler.after(outage, () => { for (const other of world.nodes) if (other !== node) mesh.slowWay(node, other, 0) })
        break
      case 'reset': for (const other of world.nodes) if (other !== node && random.chance(0.5)) mesh.reset(node, other); break
      case 'stall': node.disk.stall(outage); break
      case 'diskError': node.disk.failNextWrite(); break
      case 'wipe': this.lose(node, () => { node.disk.wipe() }); break
      case 'bitFlip': this.lose(node, () => {
        let flipped = false
        void node.disk.flipBit().then(done => { flipped = done })
        drain()
        node.damaged = flipped
      }); break
      case 'lostBlock': this.lose(node, () => {
        const loss = node.disk.loseBlock(world.watch.places)
        if (loss === undefined) return
        node.forgets = new Set(loss.forgets)
        node.damaged = loss.forgets.length + loss.lacks.length > 0
        world.trace(`${node.name} has lost a block of its disk: ${loss.forgets.join(', ')} cannot go on, ${loss.lacks.join(', ')} may lack a snapshot`)
      }); break
      case 'remove': this.remove(node); break
      case 'removeUnheard': this.removeUnheard(); break
      case 'foreign': this.foreigner.speak(); break
      case 'transfer': this.transfer(); break
      case 'clockJump': node.wallOffset += random.int(-60_000, 60_000); break
      case 'snapshot':
        for (const { group } of node.hosts.values()) group?.snapshot().catch(() => { /* it stopped meanwhile */ })
        break
    }
  }

  private crash (node: SimNode): void {
    node.crash()
    this.startLater(node)
  }

  private startLater (node: SimNode): void {
    this.world.scheduler.after(1 + this.random.exponential(this.world.plan.outageMs), () => { this.startNow(node) })
  }

  private startNow (node: SimNode): void {
    if (node.up) return
    this.world.watch.started(node)
    node.start()
  }

  private cut (side: readonly SimNode[], rest: readonly SimNode[], both: boolean, quiet: boolean, forMs: number): void {
    const { mesh, scheduler } = this.world
    for (const a of side) {
      for (const b of rest) {
        mesh.cutWay(a, b, quiet)
        if (both) mesh.cutWay(b, a, quiet)
      }
    }
    scheduler.after(forMs, () => {
      for (const a of side) {
        for (const b of rest) {
          mesh.healWay(a, b)
          mesh.healWay(b, a)
        }
      }
    })
  }

  /**
   * A disk is lost. A member that lost its disk is a new one, so this is a removal and an addition at once; a group survives it as long as
   * the others are a majority, which a second loss at the same time would end.
   */
  private lose (node: SimNode, how: () => void): void {
    if (this.losses > 0 || this.members.length < 3 || !this.allSettled()) return
    this.losses++
    node.crash()
    how()
    this.startLater(node)
  }

  /** Everybody is a voter of every group, up and with a leader: nothing hangs on this one disk. */
  private allSettled (): boolean {
    return this.world.plan.namespaces.every(plan => this.members.every(other => {
      const group = other.hosts.get(plan.name)?.group
      if (other.wanted.get(plan.name) !== plan) return true
      if (group === undefined || other.life?.paused !== false) return false
      const { configuration, configurationPending, leader } = group.status()
      return leader !== undefined && !configurationPending && configuration.outgoing.length === 0 && configuration.voters.length >= 3 &&
        (configuration.voters.includes(group.self) || (configuration.learners.includes(group.self) && plan.learners.includes(other.index)))
    }))
  }

  private leader (): SimNode | undefined {
    const leaders = this.members.filter(node => [...node.hosts.values()].some(host => host.leading))
    return leaders.length === 0 ? undefined : this.random.pick(leaders)
  }

  /** Not while a disk is lost: of three voters, one without its memory and one on its way out leave nobody to decide. */
  private remove (node: SimNode): void {
    if (this.losses > 0 && !this.allSettled()) return
    for (const host of this.leader()?.hosts.values() ?? []) {
      if (!host.leading || host.cluster.members().length < 3) continue
      host.cluster.removeServer(node.peer).catch(() => { /* refused, or not known: either is an answer */ })
      return
    }
  }

  /** Its removal reaches a member, and from then on the leader's word does not: neither that it is committed, nor that it is gone. */
  private removeUnheard (): void {
    if (this.losses > 0 && !this.allSettled()) return
    const { random, world } = this
    const leader = this.leader()
    const host = [...leader?.hosts.values() ?? []].find(({ leading }) => leading)
    if (leader === undefined || host === undefined || host.cluster.members().length < 3) return
    const { namespace } = host
    const others = this.members.filter(node => node !== leader && node.up && node.wanted.get(namespace) === leader.wanted.get(namespace))
    const learners = others.filter(node => node.wanted.get(namespace)?.learners.includes(node.index))
    if (others.length === 0) return
    const node = random.pick(learners.length > 0 && random.chance(0.7) ? learners : others)
    const outage = random.int(100, 1_400)
    const giveUpAt = world.scheduler.now + UNHEARD_MS
    const look = (): void => {
      const status = node.hosts.get(namespace)?.group?.status()
      if (!this.active || status === undefined || world.scheduler.now > giveUpAt) return
      if (!isMember(status.configuration, status.id)) {
        world.trace(`${node.name} hears nothing more from ${leader.name}`)
        this.cut([leader], [node], random.chance(0.5), true, outage)
      } else world.scheduler.after(LOOK_MS, look)
    }
    host.cluster.removeServer(node.peer).catch(() => { /* refused, or not known: either is an answer */ })
    look()
  }

  private transfer (): void {
    for (const host of this.leader()?.hosts.values() ?? []) if (host.leading) host.cluster.transferLeadership().catch(() => { /* refused, or not known */ })
  }
}
