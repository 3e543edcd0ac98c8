import { Coming } from './coming.js'
import { writesOf, type Operation } from './history.js'

export class Key {
  /** Where its value stands in the state of its component. */
  place = 0
  /** Those that somebody read. */
  readonly facts = new Map<string | undefined, Fact>()
  unread: Fact | undefined
  /** Writes that happen for certain, as of the moment that the search looks at. */
  readonly coming = new Coming<Op>()

  constructor (readonly name: string) {}
}

/** That a key has a value (or, undefined, is not there): what writes bring about and reads report. All values that nobody ever read are one. */
export class Fact {
  readonly writes: Op[] = []
  readonly reads: Op[] = []
  /** When the last of its reads returned. */
  lastRead = -Infinity

  // As of the moment that the search looks at, kept by the window:
  readonly comingReads = new Coming<Op>()
  readonly comingWrites = new Coming<Op>()
  /** Reads that were called and have not returned. */
  readonly waiting = new Set<Op>()

  constructor (readonly id: number, readonly key: Key, readonly value: string | undefined) {}

  /** Whether a later call can find it, if the key has it now: then no write that both begins and ends in between replaces it for certain. */
  get wanted (): boolean {
    const read = this.comingReads.next
    return read !== undefined && read.call <= this.key.coming.horizon
  }
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
  /** For each of its facts, when the last read that can find it from this write must have been called. */
  until: readonly number[]
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

  const keyOf = (name: string): Key => {
    const key = keys.get(name) ?? new Key(name)
    keys.set(name, key)
    return key
  }
  const factOf = (key: Key, value: string | undefined): Fact => {
    const fact = key.facts.get(value) ?? new Fact(facts++, key, value)
    key.facts.set(value, fact)
    return fact
  }
  const writtenTo = (name: string, value: string | undefined): Fact => {
    const key = keyOf(name)
    return key.facts.get(value) ?? (key.unread ??= new Fact(facts++, key, value))
  }
  const effectOf = (of: Fact[]): Effect => {
    const id = of.length === 1 ? `${of[0].id}` : of.map(fact => fact.id).sort((a, b) => a - b).join()
    const effect = effects.get(id) ?? new Effect(of)
    effects.set(id, effect)
    return effect
  }
  const opOf = (operation: Operation, reads: boolean, of: Fact[]): Op => {
    const op: Op = { operation, call: operation.call, return: operation.return, reads, effect: effectOf(of), until: [], bit: 0n }
    for (const fact of of) (reads ? fact.reads : fact.writes).push(op)
    if (reads) of[0].lastRead = Math.max(of[0].lastRead, op.return)
    return op
  }

  const ops: Op[] = []
  for (const operation of operations) {
    const { action, call } = operation
    if (!(call <= operation.return)) throw new Error(`${operation.client}: called at ${call}, returned at ${operation.return}`)
    // A read without an answer says nothing.
    if (action.type === 'get' && operation.return !== Infinity) ops.push(opOf(operation, true, [factOf(keyOf(action.key), action.value)]))
  }
  for (const operation of operations) {
    const of = writesOf(operation.action).map(write => writtenTo(write.key, write.value))
    if (of.length > 0) ops.push(opOf(operation, false, of))
  }
  return { ops, keys, initial: new Map([...keys.values()].map(key => [key, writtenTo(key.name, initial.get(key.name))])) }
}
