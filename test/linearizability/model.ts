import { writesOf, type Operation } from './history.js'

export class Key {
  /** Where its value stands in the state of its component. */
  place = 0
  readonly facts = new Map<string | undefined, Fact>()

  constructor (readonly name: string) {}
}

/** That a key has a value (or, undefined, is not there): what writes bring about and reads report. */
export class Fact {
  readonly writes: Op[] = []
  readonly reads: Op[] = []

  // As of the moment that the search looks at, kept by the window:
  /** Called later. */
  comingReads = 0
  comingWrites = 0
  /** Reads that were called and have not returned. */
  readonly waiting = new Set<Op>()

  constructor (readonly id: number, readonly key: Key, readonly value: string | undefined) {}
}

/** What a write does. Writes that do the same can stand in for each other. */
export class Effect {
  /** Those that may never happen, by call. */
  readonly optional: Op[] = []
  /** How many of these have been called, kept by the window. */
  called = 0
  /** Where it stands in the counts of used ones. */
  place = 0

  constructor (readonly facts: readonly Fact[]) {}
}

export interface Op {
  readonly operation: Operation
  /** May be narrower than what was recorded. */
  call: number
  /** Infinity: it may never happen. */
  return: number
  readonly reads: boolean
  readonly effect: Effect
  /** Its place in the set of operations that are under way; taken again by others once it has returned. */
  bit: bigint
}

export interface Model {
  readonly ops: Op[]
  readonly keys: ReadonlyMap<string, Key>
  /** What each key has at first. */
  readonly initial: ReadonlyMap<Key, Fact>
}

/** The history with each key, value and effect made one object, which is compared by identity. */
export function modelOf (operations: readonly Operation[], initial: ReadonlyMap<string, string>): Model {
  const keys = new Map<string, Key>()
  const effects = new Map<string, Effect>()
  let facts = 0

  const factOf = (name: string, value: string | undefined): Fact => {
    const key = keys.get(name) ?? new Key(name)
    keys.set(name, key)
    const fact = key.facts.get(value) ?? new Fact(facts++, key, value)
    key.facts.set(value, fact)
    return fact
  }
  const effectOf = (of: Fact[]): Effect => {
    const id = of.length === 1 ? `${of[0].id}` : of.map(fact => fact.id).sort((a, b) => a - b).join()
    const effect = effects.get(id) ?? new Effect(of)
    effects.set(id, effect)
    return effect
  }

  const ops: Op[] = []
  for (const operation of operations) {
    const { action, call } = operation
    if (Number.isNaN(call) || !(call <= operation.return)) throw new Error(`${operation.client}: returned at ${operation.return}, called at ${call}`)
    const reads = action.type === 'get'
    // A read without an answer says nothing, and so does a batch of nothing.
    if (reads && operation.return === Infinity) continue
    const of = reads ? [factOf(action.key, action.value)] : writesOf(action).map(write => factOf(write.key, write.value))
    if (of.length === 0) continue
    const op: Op = { operation, call, return: operation.return, reads, effect: effectOf(of), bit: 0n }
    for (const fact of of) (reads ? fact.reads : fact.writes).push(op)
    ops.push(op)
  }
  return { ops, keys, initial: new Map([...keys.values()].map(key => [key, factOf(key.name, initial.get(key.name))])) }
}
