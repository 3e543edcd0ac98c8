import type { Random } from '../../test/simulation/random.js'

export const KINDS = ['kill', 'pause', 'partition', 'disk', 'restart'] as const
export type Kind = typeof KINDS[number]

/** Whom a fault takes: so many of the nodes in this order, and where wanted whoever leads at that moment before all others. */
export interface Victims { readonly leaderFirst: boolean, readonly count: number, readonly order: readonly number[] }

/**
 * - `isolate`: the victims on one side, the rest on the other.
 * - `mute` / `deaf`: nothing leaves, or reaches, the victims.
 * - `bridge`: two sides that only one node reaches both of.
 * - `unplug`: the victims' cables are out.
 * - `slow`: whatever the victims say or hear takes `delayMs` longer.
 * - `reorder`: the same, but some of it takes no longer, and overtakes the rest.
 * - `lossy`: part of whatever they say or hear is lost.
 * - `narrow`: no more than so many kbit/s reach them, or leave.
 * - `reset`: their connections end, and may be made again at once.
 */
export const SHAPES = ['isolate', 'mute', 'deaf', 'bridge', 'unplug', 'slow', 'reorder', 'lossy', 'narrow', 'reset'] as const
export type Shape = typeof SHAPES[number]

interface Common { readonly victims: Victims, readonly forMs: number }
export type Fault =
  /** `again`: killed once more, so long after its process was started, while it may still be reading its disk. */
  | Common & { readonly kind: 'kill', readonly again: readonly number[] }
  | Common & { readonly kind: 'pause' }
  /** `clients`: whom the outside clients can reach while nodes are cut off from each other. */
  | Common & { readonly kind: 'partition', readonly shape: Shape, readonly delayMs: number, readonly loss: number, readonly kbit: number, readonly clients: 'all' | 'victims' | 'rest' }
  /** `room`: bytes that may still be written. */
  | Common & { readonly kind: 'disk', readonly room: number }
  /** In good order, one after the other. */
  | Common & { readonly kind: 'restart' }

/** Faults that overlap, each so long after the first; and then peace, until all nodes serve again or for a moment only. */
export interface Episode { readonly faults: ReadonlyArray<{ readonly afterMs: number, readonly fault: Fault }>, readonly untilServing: boolean, readonly peaceMs: number }

export interface PlanOptions { readonly nodes: number, readonly kinds: readonly Kind[], readonly shapes: readonly Shape[] }

/** Without end; a seed gives the same faults every time, though when the nodes notice them is up to the machine. */
export function * episodes (random: Random, options: PlanOptions): Generator<Episode, never> {
  // Every kind has its turn before chance decides: a short run, too, shall see them all.
  for (const kind of random.shuffle(options.kinds)) yield episode(random, [drawFault(random, kind, options)])
  for (;;) {
    const count = random.pick([1, 1, 2, 2, 3])
    yield episode(random, Array.from({ length: count }, () => drawFault(random, drawKind(random, options.kinds), options)))
  }
}

function episode (random: Random, faults: readonly Fault[]): Episode {
  return {
    faults: faults.map((fault, i) => ({ afterMs: i === 0 ? 0 : random.int(0, 2_000), fault })),
    untilServing: random.chance(0.6),
    peaceMs: random.int(100, 1_500)
  }
}

/** A full disk takes a while to be noticed and mended: less often than its share. */
function drawKind (random: Random, kinds: readonly Kind[]): Kind {
  return random.pick(kinds.flatMap(kind => kind === 'disk' ? [kind] : [kind, kind]))
}

function drawFault (random: Random, kind: Kind, { nodes, shapes }: PlanOptions): Fault {
  const one = victims(random, 1, nodes)
  const majority = Math.floor(nodes / 2) + 1
  switch (kind) {
    case 'kill': {
      const again = random.chance(0.3) ? Array.from({ length: random.int(1, 2) }, () => random.int(20, 900)) : []
      return { kind, victims: victims(random, random.pick([1, 1, majority, nodes]), nodes), forMs: random.int(0, 2_500), again }
    }
    case 'pause':
      // Under and well over the election timeout.
      return { kind, victims: victims(random, random.pick([1, 1, 1, majority]), nodes), forMs: random.chance(0.4) ? random.int(50, 400) : random.int(1_500, 4_000) }
    case 'partition': {
      const shape = random.pick(shapes)
      const count = shape === 'isolate' ? random.int(1, majority) : 1
      return { kind, victims: victims(random, count, nodes), shape, forMs: random.int(300, 4_000), delayMs: random.int(20, 250), clients: random.pick(['all', 'victims', 'rest'] as const), ...quality(random, shape) }
    }
    case 'disk': return { kind, victims: one, forMs: random.int(0, 1_500), room: random.int(0, 32_768) }
    case 'restart': return { kind, victims: victims(random, random.pick([1, nodes]), nodes), forMs: random.int(0, 500) }
  }
}

/** Drawn only where they count, and last: what is drawn for the other shapes stays what it was. */
function quality (random: Random, shape: Shape): { loss: number, kbit: number } {
  return { loss: shape === 'lossy' ? random.pick([0.02, 0.1, 0.3]) : 0, kbit: shape === 'narrow' ? random.int(64, 1_024) : 0 }
}

function victims (random: Random, count: number, nodes: number): Victims {
  return { leaderFirst: random.chance(0.6), count, order: random.shuffle(Array.from({ length: nodes }, (_, i) => i)) }
}

/** For people, in short. */
export const titleOf = (fault: Fault): string => fault.kind === 'partition' ? fault.shape : fault.kind

/** For people. */
export function describeFault (fault: Fault): string {
  switch (fault.kind) {
    case 'kill': return `SIGKILL for ${fault.forMs} ms${fault.again.length === 0 ? '' : `, and again ${fault.again.join(' and ')} ms into its start`}`
    case 'pause': return `SIGSTOP for ${fault.forMs} ms`
    case 'partition': return describePartition(fault)
    case 'disk': return `disk full after ${fault.room} bytes`
    case 'restart': return 'restart in good order'
  }
}

function describePartition ({ shape, forMs, delayMs, loss, kbit, clients }: Extract<Fault, { kind: 'partition' }>): string {
  switch (shape) {
    case 'reset': return 'connections reset'
    case 'slow': return `${delayMs} ms slower for ${forMs} ms`
    case 'reorder': return `some of it ${delayMs} ms slower for ${forMs} ms`
    case 'lossy': return `${loss * 100} % lost for ${forMs} ms`
    case 'narrow': return `${kbit} kbit/s for ${forMs} ms`
    case 'unplug': return `unplugged for ${forMs} ms`
    default: return `partition (${shape}) for ${forMs} ms, clients reach ${clients === 'all' ? 'all' : `the ${clients}`}`
  }
}
