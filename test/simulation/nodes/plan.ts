import { programKinds } from './programs/index.js'
import type { ProgramKind } from './programs/index.js'
import type { Random } from '../random.js'

export interface DiskPlan { readonly writeMs: number, readonly syncMs: number }
export interface NetworkPlan {
  readonly meanMs: number
  readonly loss: number
  readonly duplicate: number
  readonly reorder: number
  /** A cut that nobody's link layer notices, as against one that closes connections. */
  readonly quiet: number
}

export interface NamespacePlan {
  readonly name: string
  /** Its own name for it: two meshes that do not see each other have a group each under one name. */
  readonly group: string
  readonly mode: 'expect' | 'auto'
  readonly heartbeat: number
  readonly election: number
  readonly snapshotEvery: number
  readonly trailing: number
  readonly leaseReads: boolean
  /** Bytes that may wait to be committed. */
  readonly uncommitted: number
  /** Which nodes found it; the others, if they host it, join late. */
  readonly founders: readonly number[]
  readonly late: readonly number[]
  /** Which of the late ones want no vote. */
  readonly learners: readonly number[]
}

/** All times in simulated ms; `every` is the mean between two of a kind, Infinity where this run has none. */
export interface Plan {
  readonly nodes: number
  readonly clients: number
  readonly namespaces: readonly NamespacePlan[]
  readonly keys: number
  readonly thinkMs: number
  readonly requestMs: number
  readonly drift: number
  readonly disk: DiskPlan
  readonly network: NetworkPlan
  /** Nodes start within this time. */
  readonly staggerMs: number
  /** The groups are on the disks already: what formation takes is time for something else. */
  readonly founded: boolean
  /** Faults begin while the groups form, rather than once they have. */
  readonly faultsFromStart: boolean
  readonly chaosMs: number
  readonly outageMs: number
  /** Two meshes, of which each has formed its own group of the one namespace, see each other after this time; undefined: there is one mesh. */
  readonly meetAfterMs?: number
  readonly every: Readonly<Record<FaultKind, number>>
  /** What people have built on top of it. */
  readonly programs: readonly ProgramKind[]
}

export const faultKinds = [
  'crash', 'crashAll', 'restart', 'pause', 'partition', 'oneWay', 'slow', 'reset', 'stall', 'diskError', 'wipe', 'bitFlip', 'lostBlock', 'remove', 'removeUnheard', 'transfer', 'clockJump', 'snapshot', 'foreign'
] as const
export type FaultKind = typeof faultKinds[number]

/** Each seed draws its own mix (swarm testing, Groce et al. 2012): a run in which everything is possible gets nowhere in particular. */
export function drawPlan (random: Random): Plan {
  const apart = random.chance(0.05)
  const nodes = apart ? 2 * random.pick([1, 3, 3]) : random.pick([1, 3, 3, 3, 3, 3, 4, 5])
  const founded = random.chance(0.6)
  const faultsFromStart = founded || (!apart && random.chance(0.6))
  const leaseReads = random.chance(0.2)
  const chaosMs = random.int(500, 1_300)
  const every = (present: number, low: number, high: number): number => random.chance(present) ? random.int(low, high) : Infinity
  // Whoever lost its disk is free to join either of two groups.
  const everyLoss = (present: number, low: number, high: number): number => every(apart ? 0 : present, low, high)
  return {
    nodes,
    clients: random.int(1, 3),
    namespaces: apart ? drawHalves(random, nodes, leaseReads) : drawNamespaces(random, nodes, faultsFromStart, leaseReads),
    keys: random.int(1, 4),
    thinkMs: random.pick([5, 20, 80]),
    requestMs: random.pick([600, 1_500, 3_000]),
    drift: random.pick([0, 0.01, 0.04]),
    disk: { writeMs: random.pick([0, 0.2]), syncMs: random.pick([0.2, 1, 5, 15]) },
    network: {
      meanMs: random.pick([0.3, 1, 5, 15]),
      loss: random.pick([0, 0, 0.02, 0.1]),
      duplicate: random.pick([0, 0, 0.05]),
      reorder: random.pick([0, 0, 0.1]),
      quiet: random.pick([0, 0.5, 1])
    },
    staggerMs: random.pick([0, 100, 600]),
    founded,
    faultsFromStart,
    chaosMs,
    outageMs: random.pick([50, 200, 600]),
    meetAfterMs: apart ? random.int(0, chaosMs) : undefined,
    every: {
      crash: every(0.6, 250, 1_200),
      crashAll: every(0.12, 800, 2_000),
      restart: every(0.2, 400, 1_200),
      pause: every(0.3, 300, 1_000),
      partition: every(0.4, 250, 1_000),
      oneWay: every(0.2, 300, 1_000),
      slow: every(0.15, 300, 1_000),
      reset: every(0.2, 150, 600),
      stall: every(0.2, 300, 1_000),
      diskError: every(0.12, 500, 1_500),
      wipe: everyLoss(0.12, 600, 1_500),
      bitFlip: everyLoss(0.12, 600, 1_500),
      lostBlock: everyLoss(0.15, 150, 500),
      remove: every(0.15, 500, 1_200),
      removeUnheard: every(0.12, 300, 900),
      transfer: every(0.25, 200, 800),
      clockJump: every(0.2, 200, 800),
      snapshot: every(0.2, 200, 600),
      foreign: every(0.2, 50, 300)
    },
    programs: []
  }
}

/** From a generator of its own, so that a kind more does not change what else a seed is. */
export function drawPrograms (random: Random): ProgramKind[] {
  // Those that keep time take longest.
  return programKinds.filter(kind => random.chance(kind === 'timekeepers' ? 0.06 : 0.2))
}

function drawNamespaces (random: Random, nodes: number, faultsFromStart: boolean, leaseReads: boolean): NamespacePlan[] {
  const all = Array.from({ length: nodes }, (_, i) => i)
  return Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, (_, n) => {
    const late = nodes >= 4 && random.chance(0.6) ? [nodes - 1] : []
    const learners = random.chance(0.7) ? late : []
    const founders = all.filter(i => !late.includes(i))
    const heartbeat = random.pick([30, 50])
    // Only a fixed number of founders promises one group through faults: `auto` goes by what is seen in time.
    const mode = !faultsFromStart && late.length === 0 && random.chance(0.25) ? 'auto' as const : 'expect' as const
    const name = `/raft/n${n + 1}`
    return { name, group: name, mode, ...drawSettings(random, heartbeat), leaseReads, founders, late, learners }
  })
}

function drawHalves (random: Random, nodes: number, leaseReads: boolean): NamespacePlan[] {
  const name = '/raft/n1'
  const settings = drawSettings(random, random.pick([30, 50]))
  return ['east', 'west'].map((half, n) => {
    const founders = Array.from({ length: nodes / 2 }, (_, i) => n * nodes / 2 + i)
    return { name, group: `${name} ${half}`, mode: 'expect' as const, ...settings, leaseReads, founders, late: [], learners: [] }
  })
}

function drawSettings (random: Random, heartbeat: number): Pick<NamespacePlan, 'heartbeat' | 'election' | 'snapshotEvery' | 'trailing' | 'uncommitted'> {
  const tight = random.chance(0.4)
  return {
    heartbeat,
    election: heartbeat * random.pick([4, 6, 10]),
    snapshotEvery: tight ? random.int(3, 15) : random.int(30, 200),
    trailing: tight ? random.int(0, 5) : random.int(5, 100),
    uncommitted: random.chance(0.2) ? 1_024 : 64 << 20
  }
}
