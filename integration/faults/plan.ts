import type { Random } from '../../test/simulation/random.js'

export const KINDS = ['kill', 'pause', 'partition', 'disk', 'restart'] as const
export type Kind = typeof KINDS[number]

/** Whom a fault takes: so many of the nodes in this order, and where wanted whoever leads at that moment before all others. */
export interface Victims { readonly leaderFirst: boolean, readonly count: number, readonly order: readonly number[] }

/**
 * - `isolate`: the victims on one side, the rest on the other.
 * - `mute` / `deaf`: nothing leaves, or reaches, the victims.
 * - `bridge`: two sides that only one node reaches both of.
 * - `slow`: whatever the victims say or hear takes `delayMs` longer.
 * - `reset`: their connections end, and may be made again at once.
 */
export const SHAPES = ['isolate', 'mute', 'deaf', 'bridge', 'slow', 'reset'] as const
export type Shape = typeof SHAPES[number]

interface Common { readonly victims: Victims, readonly forMs: number }
export type Fault =
  /** `again`: killed once more, so long after its process was started, while it may still be reading its disk. */
  | Common & { readonly kind: 'kill', readonly again: readonly number[] }
  | Common & { readonly kind: 'pause' }
  /** `clients`: whom the outside clients can reach. Only cuts concern them. */
  | Common & { readonly kind: 'partition', readonly shape: Shape, readonly delayMs: number, readonly clients: 'all' | 'victims' | 'rest' }
  /** `room`: bytes that may still be written. */
  | Common & { readonly kind: 'disk', readonly room: number }
  /** In good order, one after the other. */
  | Common & { readonly kind: 'restart' }

/** Faults that overlap, each so long after the first; and then peace, until all nodes serve again or for a moment only. */
export interface Episode { readonly faults: ReadonlyArray<{ readonly afterMs: number, readonly fault: Fault }>, readonly untilServing: boolean, readonly peaceMs: number }

export interface PlanOptions { readonly nodes: number, readonly kinds: readonly Kind[] }

/** Without end; a seed gives the same faults every time, though when the nodes notice them is up to the machine. */
export function * episodes (random: Random, options: PlanOptions): Generator<Episode, never> {
  // Every kind has its turn before chance decides: a short run, too, shall see them all.
  for (const kind of random.shuffle(options.kinds)) yield episode(random, [drawFault(random, kind, options.nodes)])
  for (;;) {
    const count = random.pick([1, 1, 2, 2, 3])
    yield episode(random, Array.from({ length: count }, () => drawFault(random, drawKind(random, options.kinds), options.nodes)))
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

function drawFault (random: Random, kind: Kind, nodes: number): Fault {
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
      const shape = random.pick(SHAPES)
      const count = shape === 'isolate' ? random.int(1, majority) : 1
      return { kind, victims: victims(random, count, nodes), shape, forMs: random.int(300, 4_000), delayMs: random.int(20, 250), clients: random.pick(['all', 'victims', 'rest'] as const) }
    }
    case 'disk': return { kind, victims: one, forMs: random.int(0, 1_500), room: random.int(0, 32_768) }
    case 'restart': return { kind, victims: victims(random, random.pick([1, nodes]), nodes), forMs: random.int(0, 500) }
  }
}

function victims (random: Random, count: number, nodes: number): Victims {
  return { leaderFirst: random.chance(0.6), count, order: random.shuffle(Array.from({ length: nodes }, (_, i) => i)) }
}

/** For people. */
export function describeFault (fault: Fault): string {
  switch (fault.kind) {
    case 'kill': return `SIGKILL for ${fault.forMs} ms${fault.again.length === 0 ? '' : `, and again ${fault.again.join(' and ')} ms into its start`}`
    case 'pause': return `SIGSTOP for ${fault.forMs} ms`
    case 'partition': {
      if (fault.shape === 'reset') return 'connections reset'
      if (fault.shape === 'slow') return `${fault.delayMs} ms slower for ${fault.forMs} ms`
      return `partition (${fault.shape}) for ${fault.forMs} ms, clients reach ${fault.clients === 'all' ? 'all' : `the ${fault.clients}`}`
    }
    case 'disk': return `disk full after ${fault.room} bytes`
    case 'restart': return 'restart in good order'
  }
}
