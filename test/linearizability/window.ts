import type { Coming } from './coming.js'
import type { Effect, Op } from './model.js'

export interface Event { readonly at: number, readonly returns: boolean, readonly op: Op }

/** The calls and returns in the order of time, and what is under way at one moment of it; the moment can be moved both ways. */
export class Window {
  readonly events: readonly Event[]
  position = 0
  /** Writes that happen for certain: called, and not returned. */
  readonly writes = new Set<Op>()
  /** Effects of which some may never happen. */
  readonly optional: readonly Effect[]

  constructor (ops: readonly Op[]) {
    this.events = eventsOf(ops)
    this.optional = optionalOf(ops)
    giveBits(this.events)
    for (const { op, returns } of this.events) if (!returns) for (const coming of comingOf(op)) coming.add(op)
    for (const op of ops) if (!op.reads) op.until = op.effect.facts.map(fact => fact.key.coming.horizonAfter(op.return))
  }

  moveTo (position: number): void {
    while (this.position < position) this.#pass(this.events[this.position++], true)
    while (this.position > position) this.#pass(this.events[--this.position], false)
  }

  #pass ({ op, returns }: Event, forward: boolean): void {
    if (!returns) for (const coming of comingOf(op)) coming.pass(forward)
    if (op.return === Infinity) {
      op.effect.called += forward ? 1 : -1
      return
    }
    const underWay = op.reads ? op.effect.facts[0].waiting : this.writes
    if (returns === forward) underWay.delete(op)
    else underWay.add(op)
  }
}

function comingOf (op: Op): Array<Coming<Op>> {
  const { facts } = op.effect
  if (op.reads) return [facts[0].comingReads]
  const ofFacts = facts.map(fact => fact.comingWrites)
  return op.return === Infinity ? ofFacts : [...ofFacts, ...facts.map(fact => fact.key.coming)]
}

function eventsOf (ops: readonly Op[]): Event[] {
  const events: Event[] = []
  for (const op of ops) {
    events.push({ at: op.call, returns: false, op })
    if (op.return !== Infinity) events.push({ at: op.return, returns: true, op })
  }
  // Calls first: what begins at the moment at which another ends is concurrent with it.
  return events.sort((a, b) => a.at - b.at || Number(a.returns) - Number(b.returns))
}

function optionalOf (ops: readonly Op[]): Effect[] {
  const effects = new Set<Effect>()
  for (const op of ops.filter(op => op.return === Infinity).sort((a, b) => a.call - b.call)) {
    op.effect.optional.push(op)
    effects.add(op.effect)
  }
  const all = [...effects]
  all.forEach((effect, place) => { effect.place = place })
  return all
}

function giveBits (events: readonly Event[]): void {
  const free: bigint[] = []
  let bits = 0n
  for (const { op, returns } of events) {
    if (returns) free.push(op.bit)
    else if (op.return !== Infinity) op.bit = free.pop() ?? 1n << bits++
  }
}
