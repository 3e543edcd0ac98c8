import type { Random } from './random.js'

/** All times are in simulated ms; a tick is nominally this long. */
export const TICK_MS = 10

/**
 * What one run does. Each seed draws its own mix (swarm testing, Groce et al. 2012): a run in which everything is possible rarely gets
 * far enough in any one direction, and a fault that is off leaves room for bugs that it would hide.
 */
export interface Plan {
  readonly founders: number
  readonly learners: number
  /** Started empty; membership changes bring them in. */
  readonly spares: number
  readonly electionTicks: number
  readonly heartbeatTicks: number
  /** Of a node's clock, as a share of the tick. */
  readonly drift: number
  readonly leaseReads: boolean
  /** Longest wait between an input and the next ready: what the engine gathers into one turn. 0: a ready after each input. */
  readonly gatherMs: number
  readonly limits: {
    readonly maxAppendBytes: number
    readonly maxInflight: number
    readonly maxInflightBytes: number
    readonly maxUncommittedBytes: number
    readonly maxCommittedBytes: number
    readonly maxCachedBytes: number
  }
  readonly network: { readonly loss: number, readonly duplicate: number, readonly minMs: number, readonly meanMs: number, readonly straggle: number, readonly straggleMs: number }
  readonly disk: { readonly syncMs: number, readonly stall: number, readonly ackEach: boolean, readonly applyMs: number }
  /** Mean simulated ms between two of each; Infinity when this run has none. */
  readonly every: {
    readonly crash: number
    readonly crashAll: number
    readonly partition: number
    readonly usurp: number
    readonly lag: number
    readonly pause: number
    readonly hint: number
    readonly propose: number
    readonly read: number
    readonly change: number
    readonly transfer: number
    readonly campaign: number
  }
  readonly outageMs: number
  /** How often the end of a partition is the beginning of another, of whoever leads then. */
  readonly rotate: number
  readonly valueBytes: number
  /** Entries applied between two snapshots, and how many stay in the log behind one. */
  readonly snapshotEvery: number
  readonly trailing: number
  readonly snapshotMs: number
  readonly quiesce: boolean
  /** Idle ticks before a leader goes quiet. */
  readonly quiesceTicks: number
  /** How long faults go on. */
  readonly chaosMs: number
}

/** A voter that heard from the leader refuses votes for `electionTicks` whole ticks, of which the first may be cut short. */
export function leaseMs ({ electionTicks, drift }: Plan): number {
  return Math.floor((electionTicks - 1) * TICK_MS * (1 - drift) / (1 + drift))
}

export function drawPlan (random: Random): Plan {
  const plan = drawMix(random)
  const kind = random.next()
  if (kind < 0.3) return { ...plan, ...drawStaleReads(random) }
  return kind < 0.45 ? { ...plan, ...drawChurn(random, plan) } : plan
}

/** Members come and go all the time, by ones and by several at once, and the log is soon behind a snapshot. */
function drawChurn (random: Random, plan: Plan): Partial<Plan> {
  return {
    founders: random.int(2, 4),
    spares: random.int(1, 3),
    quiesce: false,
    every: { ...plan.every, change: random.int(4, 15) * TICK_MS },
    snapshotEvery: random.pick([5, 20]),
    trailing: random.pick([0, 3])
  }
}

/**
 * What stale reads need all at once: leaders that are replaced without noticing (cut off, transferred away, crashed and back), answers to them
 * that are later than an election, and reads all the time.
 */
function drawStaleReads (random: Random): Partial<Plan> {
  const every = (absent: number, low: number, high: number): number => random.chance(absent) ? Infinity : random.int(low, high) * TICK_MS
  return {
    founders: 3,
    learners: 0,
    leaseReads: random.chance(0.4),
    quiesce: false,
    network: { loss: random.pick([0, 0.1, 0.3]), duplicate: 0, minMs: 1, meanMs: random.pick([1, 5, 15]), straggle: random.pick([0, 0.1, 0.3]), straggleMs: random.pick([30, 80, 400]) },
    disk: { syncMs: random.pick([0, 1]), stall: 0, ackEach: true, applyMs: 0 },
    every: {
      crash: every(0.4, 5, 40),
      crashAll: Infinity,
      partition: every(0.3, 10, 30),
      usurp: every(0.1, 8, 30),
      lag: every(0.5, 10, 40),
      pause: every(0.7, 20, 60),
      hint: every(0.5, 10, 60),
      propose: 5,
      read: 3,
      change: Infinity,
      transfer: every(0.4, 5, 30),
      campaign: every(0.4, 5, 30)
    },
    outageMs: random.int(1, 20) * TICK_MS,
    chaosMs: random.int(100, 250) * TICK_MS
  }
}

function drawMix (random: Random): Plan {
  const ticks = (low: number, high: number): number => random.int(low, high) * TICK_MS
  /** Absent from a run with probability `absent`. */
  const every = (absent: number, low: number, high: number): number => random.chance(absent) ? Infinity : ticks(low, high)
  const electionTicks = random.int(5, 12)
  const quiet = random.chance(0.15)
  const valueBytes = random.pick([4, 20, 60])
  const tight = random.chance(0.5)
  return {
    founders: random.pick([1, 2, 3, 3, 3, 3, 4, 5, 5]),
    learners: random.chance(0.2) ? 1 : 0,
    spares: random.pick([0, 0, 1, 1, 2]),
    electionTicks,
    heartbeatTicks: random.int(1, Math.max(1, Math.floor(electionTicks / 4))),
    drift: random.pick([0, 0.01, 0.05]),
    leaseReads: random.chance(0.3),
    gatherMs: random.pick([0, 0, 2, 8]),
    limits: {
      maxAppendBytes: tight ? random.pick([1, 100, 300]) : 64 * 1024,
      maxInflight: tight ? random.int(1, 4) : 64,
      maxInflightBytes: tight ? random.pick([200, 1000]) : 1024 * 1024,
      maxUncommittedBytes: tight || random.chance(0.2) ? random.pick([400, 2000]) : 1024 * 1024,
      maxCommittedBytes: random.pick([1, 200, 1024 * 1024]),
      maxCachedBytes: random.pick([0, 300, 1024 * 1024])
    },
    network: {
      loss: random.pick([0, 0, 0.02, 0.1, 0.25]),
      duplicate: random.pick([0, 0, 0.05, 0.2]),
      minMs: random.pick([0, 1, 5]),
      meanMs: random.pick([1, 3, 10, 25]),
      straggle: random.pick([0, 0, 0.005, 0.03]),
      straggleMs: 400
    },
    disk: {
      syncMs: random.pick([0, 1, 5, 20, 50]),
      stall: random.pick([0, 0, 0.02]),
      ackEach: random.chance(0.5),
      applyMs: random.pick([0, 1, 10])
    },
    every: {
      crash: every(0.3, 20, 120),
      crashAll: every(0.85, 80, 200),
      partition: every(0.3, 20, 80),
      usurp: every(0.8, 40, 120),
      lag: every(0.7, 30, 100),
      pause: every(0.6, 30, 100),
      hint: every(0.5, 10, 60),
      propose: quiet ? ticks(30, 80) : ticks(1, 10) / random.pick([1, 4]),
      read: quiet ? every(0.5, 30, 80) : every(0.2, 1, 10),
      change: every(0.5, 10, 80),
      transfer: every(0.6, 15, 80),
      campaign: every(0.7, 15, 80)
    },
    outageMs: ticks(5, 60),
    rotate: random.pick([0, 0.3, 0.9]),
    valueBytes,
    snapshotEvery: random.pick([5, 20, 60, Infinity]),
    trailing: random.pick([0, 0, 3, 20]),
    snapshotMs: ticks(0, 10),
    quiesce: random.chance(quiet ? 0.9 : 0.3),
    quiesceTicks: random.int(1, 10),
    chaosMs: ticks(150, 400)
  }
}
