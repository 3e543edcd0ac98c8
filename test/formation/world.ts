import { memberId } from '../../src/wire/member-id.js'
import { FormationCore } from '../../src/formation/pure/core.js'
import { decodeRecord, decodeView, encodeRecord, encodeView } from '../../src/formation/codec.js'
import type { CoreOptions, CoreOutcome, Effects } from '../../src/formation/pure/core.js'
import type { FormationRecord } from '../../src/formation/pure/proposal.js'
import type { View } from '../../src/formation/pure/view.js'

export const NAMESPACE = '/raft/test'

/** mulberry32: small, seeded, good enough to choose among interleavings. */
export function generator (seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export interface NodePlan {
  readonly peer: string
  readonly startAt: number
  readonly policy: string
  readonly expect?: number
  readonly founders?: readonly string[]
  readonly maxFounders?: number
}

export interface WorldOptions {
  readonly seed: number
  readonly nodes: readonly NodePlan[]
  readonly timeout?: number
  readonly threshold?: number
  /** Part of messages that get lost, and of those that arrive twice. */
  readonly loss?: number
  readonly duplicate?: number
  /** ms a message takes, from … to. */
  readonly latency?: readonly [number, number]
  /** ms after both are up at which one finds the other, from … to. */
  readonly discovery?: readonly [number, number]
  /** Chance of a crash at each write to disk: half of them before it is durable, half after, none of what follows it done. */
  readonly crash?: number
  /** ms that a crashed node stays down, from … to. */
  readonly down?: readonly [number, number]
  /** False: these two never reach each other at this time. */
  readonly reachable?: (now: number, a: string, b: string) => boolean
}

interface Event { readonly at: number, readonly order: number, readonly run: () => void }
function sameId (a: Uint8Array, b: Uint8Array): boolean { return Buffer.compare(a, b) === 0 }
function before (a: Event, b: Event): boolean { return a.at < b.at || (a.at === b.at && a.order < b.order) }

interface SimNode {
  readonly plan: NodePlan
  core: FormationCore | undefined
  /** What a crash leaves. */
  disk: FormationRecord | undefined
  storage: Uint8Array | undefined
  outcome: CoreOutcome | undefined
  incarnations: number
  life: number
  busy: boolean
  readonly queue: Array<() => Effects>
  readonly afterStep: Array<() => void>
}

/** Nodes that form, with a simulated clock, disk and network around each core. The same seed gives the same run, to the last step. */
export class World {
  now = 0
  readonly nodes = new Map<string, SimNode>()
  readonly random: () => number
  readonly log: string[] = []
  crashes = 0
  readonly #past: Array<{ outcome: CoreOutcome }> = []
  readonly #events: Event[] = []
  #order = 0
  readonly #timeout: number

  constructor (private readonly options: WorldOptions) {
    this.random = generator(options.seed)
    this.#timeout = options.timeout ?? 10_000
    for (const plan of options.nodes) {
      this.nodes.set(plan.peer, { plan, core: undefined, disk: undefined, storage: undefined, outcome: undefined, incarnations: 0, life: 0, busy: false, queue: [], afterStep: [] })
      this.at(plan.startAt, () => { this.start(plan.peer) })
    }
  }

  at (at: number, run: () => void): void {
    const event = { at, order: this.#order++, run }
    const heap = this.#events
    let i = heap.push(event) - 1
    while (i > 0 && before(event, heap[(i - 1) >> 1])) {
      heap[i] = heap[(i - 1) >> 1]
      i = (i - 1) >> 1
    }
    heap[i] = event
  }

  /** Runs until `done`, or until the time; returns whether it was done. */
  run (until: number, done: () => boolean = () => false): boolean {
    while (!done()) {
      if (this.#events.length === 0 || this.#events[0].at > until) {
        this.now = until
        return false
      }
      const next = this.#pop()
      this.now = next.at
      next.run()
    }
    return true
  }

  #pop (): Event {
    const heap = this.#events
    const first = heap[0]
    const last = heap.pop()!
    if (heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++
      if (!before(heap[child], last)) break
      heap[i] = heap[child]
      i = child
    }
    heap[i] = last
    return first
  }

  start (peer: string): void {
    const node = this.#node(peer)
    const life = ++node.life
    node.busy = false
    node.queue.length = 0
    node.afterStep.length = 0
    if (node.disk === undefined) node.disk = { incarnation: `i${++node.incarnations}`, floor: 0 } // saved before the first word
    const interval = Math.min(250, Math.max(20, this.#timeout / 50))
    const options: CoreOptions = {
      namespace: NAMESPACE, self: peer, record: node.disk, policy: node.plan.policy, expect: node.plan.expect, founders: node.plan.founders, maxFounders: node.plan.maxFounders,
      timeout: this.#timeout, threshold: this.options.threshold ?? 0.8, interval, fresh: Math.min(5_000, Math.max(500, this.#timeout / 4)), margin: 2 * interval, random: this.random
    }
    node.core = new FormationCore(options, this.now)
    if (node.storage !== undefined) this.#enqueue(node, () => node.core!.setFormed(this.now, node.storage!))
    else this.#enqueue(node, () => node.core!.activate(this.now))
    const ticker = (): void => {
      if (node.life !== life || node.core === undefined || node.storage !== undefined) return
      this.#enqueue(node, () => node.core!.tick(this.now))
      this.at(this.now + interval / 2, ticker)
    }
    this.at(this.now + this.random() * interval / 2, ticker)
    for (const other of this.nodes.values()) {
      if (other === node || other.core === undefined) continue
      this.#discover(peer, other.plan.peer)
      this.#discover(other.plan.peer, peer)
    }
  }

  stop (peer: string): void {
    const node = this.#node(peer)
    node.life++
    node.core = undefined
    node.queue.length = 0
    // What it had formed in memory only is gone.
    if (node.storage === undefined) node.outcome = undefined
  }

  wipe (peer: string): void {
    this.stop(peer)
    const node = this.#node(peer)
    node.disk = undefined
    node.storage = undefined
    node.outcome = undefined
  }

  /** Cluster ids, in hex, that some node has founded (in memory or on disk). */
  founded (): Set<string> {
    const ids = new Set<string>()
    for (const { outcome } of [...this.nodes.values(), ...this.#past]) if (outcome?.kind === 'founded') ids.add(Buffer.from(outcome.clusterId).toString('hex'))
    return ids
  }

  /** All are members, durably. */
  settled (): boolean { return [...this.nodes.values()].every(node => node.storage !== undefined) }

  outcomes (): Record<string, string> {
    return Object.fromEntries([...this.nodes].map(([peer, { outcome }]) => [peer, outcome === undefined ? 'none' : `${outcome.kind} ${Buffer.from(outcome.clusterId).toString('hex', 0, 4)}`]))
  }

  foundersOf (peer: string): string[] {
    const { outcome } = this.#node(peer)
    return outcome?.kind === 'founded' ? outcome.founders.map(m => m.split('.')[0]) : []
  }

  core (peer: string): FormationCore | undefined { return this.#node(peer).core }
  outcome (peer: string): CoreOutcome | undefined { return this.#node(peer).outcome }
  member (peer: string): string { return memberId(peer, this.#node(peer).disk!.incarnation) }

  #node (peer: string): SimNode {
    const node = this.nodes.get(peer)
    if (node === undefined) throw new Error(`no node ${peer}`)
    return node
  }

  #between ([low, high]: readonly [number, number]): number { return low + this.random() * (high - low) }

  #discover (who: string, whom: string): void {
    this.at(this.now + this.#between(this.options.discovery ?? [20, 1_500]), () => {
      const node = this.#node(who)
      if (node.core !== undefined) this.#enqueue(node, () => node.core!.candidate(this.now, whom))
    })
  }

  #reachable (a: string, b: string): boolean { return this.options.reachable?.(this.now, a, b) ?? true }

  /** The mini-driver: as in Formation, one step at a time, durable before it is told. */
  #enqueue (node: SimNode, step: () => Effects, after?: () => void): void {
    node.queue.push(step)
    node.afterStep.push(after ?? (() => {}))
    if (!node.busy) this.#pump(node)
  }

  #pump (node: SimNode): void {
    const step = node.queue.shift()
    const after = node.afterStep.shift()
    if (step === undefined || node.core === undefined) return
    node.busy = true
    const effects = step()
    for (const [phase, detail] of effects.progress) this.log.push(`${Math.round(this.now)} ${node.plan.peer} ${phase}: ${detail}`)
    const life = node.life
    const finish = (): void => {
      if (node.life !== life || node.core === undefined) return
      this.#finish(node, effects)
      after?.()
      node.busy = false
      this.#pump(node)
    }
    if (!effects.save) {
      finish()
      return
    }
    const record = decodeRecord(encodeRecord(node.core.record), NAMESPACE)
    const fate = this.random()
    const crash = this.options.crash ?? 0
    this.at(this.now + this.random() * 5, () => {
      if (node.life !== life) return
      if (fate >= crash / 2) node.disk = record
      if (fate < crash) this.crash(node.plan.peer)
      else finish()
    })
  }

  everFounded (outcome: CoreOutcome): void { this.#past.push({ outcome }) }

  crash (peer: string): void {
    this.crashes++
    this.log.push(`${Math.round(this.now)} ${peer} crashes`)
    this.stop(peer)
    this.at(this.now + this.#between(this.options.down ?? [10, 3_000]), () => { this.start(peer) })
  }

  #finish (node: SimNode, effects: Effects): void {
    const view = encodeView(node.core!.view(this.now))
    for (const to of effects.send) this.#request(node, to, view)
    if (effects.outcome === undefined || node.outcome !== undefined) return
    node.outcome = effects.outcome
    this.everFounded(effects.outcome)
    this.log.push(`${Math.round(this.now)} ${node.plan.peer} ${effects.outcome.kind} ${Buffer.from(effects.outcome.clusterId).toString('hex', 0, 4)}`)
    // Storage is created a little later: a crash in between loses the outcome, and it must be found again. A joiner waits until there is a member.
    const life = node.life
    const { clusterId } = effects.outcome
    const create = (): void => {
      if (node.life !== life) return
      if (effects.outcome!.kind === 'join' && ![...this.nodes.values()].some(other => other.storage !== undefined && sameId(other.storage, clusterId))) {
        this.at(this.now + 500, create)
        return
      }
      if (this.random() < (this.options.crash ?? 0)) {
        this.crash(node.plan.peer)
        return
      }
      node.storage = clusterId
      this.#enqueue(node, () => node.core!.setFormed(this.now, clusterId))
    }
    this.at(this.now + this.random() * 10, create)
  }

  #request (from: SimNode, peer: string, message: Uint8Array): void {
    const life = from.life
    const failed = (): void => {
      this.at(this.now + this.#timeout / 2, () => { if (from.life === life && from.core !== undefined) this.#enqueue(from, () => from.core!.failed(this.now, peer)) })
    }
    const to = this.#node(peer)
    const copies = this.random() < (this.options.duplicate ?? 0) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      if (this.#lost(from.plan.peer, peer)) {
        if (copy === 0) failed()
        continue
      }
      this.at(this.now + this.#latency(), () => {
        if (to.core === undefined) {
          if (copy === 0 && from.life === life && from.core !== undefined) this.#enqueue(from, () => from.core!.failed(this.now, peer)) // refused at once
          return
        }
        const view = decodeView(message)
        this.#enqueue(to, () => to.core!.receive(this.now, from.plan.peer, view), () => {
          const answer = decodeView(encodeView(to.core!.view(this.now)))
          if (this.#lost(peer, from.plan.peer)) failed()
          else this.at(this.now + this.#latency(), () => { this.#answer(from, life, peer, answer) })
        })
      })
    }
  }

  #answer (from: SimNode, life: number, peer: string, view: View): void {
    if (from.life !== life || from.core === undefined) return
    this.#enqueue(from, () => from.core!.receive(this.now, peer, view))
  }

  #lost (a: string, b: string): boolean { return !this.#reachable(a, b) || this.random() < (this.options.loss ?? 0) }
  #latency (): number { return this.#between(this.options.latency ?? [1, 30]) }
}

