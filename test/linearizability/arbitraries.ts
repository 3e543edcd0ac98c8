import fc from 'fast-check'
import { Random } from '../simulation/random.js'
import { writesOf, type Action, type Operation, type Write } from './history.js'

const key = fc.constantFrom('x', 'y')
const written = fc.constantFrom('1', '2', '3')
const found = fc.option(written, { nil: undefined })

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('get' as const), key, value: found }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('set' as const), key, value: written }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('batch' as const), writes: fc.array(fc.record({ key, value: found }), { maxLength: 3 }) }) }
)

/** A few operations with any answers at all, most of them wrong ones, at times that often coincide. */
export const anyHistory: fc.Arbitrary<Operation[]> = fc.array(
  fc.record({ client: fc.constantFrom('a', 'b', 'c'), call: fc.nat(9), lasts: fc.nat(5), unknown: fc.integer({ min: 0, max: 3 }).map(n => n === 0), action }), { maxLength: 7 }
).map(list => list.map(({ client, call, lasts, unknown, action }) => ({ client, call, return: unknown ? Infinity : call + lasts, action })))

export interface Load {
  readonly clients: number
  readonly operations: number
  readonly keys: number
  /** How likely an operation's outcome is unknown. */
  readonly unknown: number
  readonly deletes: number
  readonly batches: number
  /** How many different values there are; without a number, each is written once. */
  readonly values?: number
}

interface Effective { readonly operation: Operation, readonly point: number }

/** What clients of a map see that does each operation at one moment between its call and its return, or long after a call that got no answer, or never. */
export function trueHistory (seed: number, load: Load): Operation[] {
  const random = new Random(seed)
  const calls = drawCalls(random, load)
  const state = new Map<string, string | undefined>()
  const seen = new Map<Operation, Operation>()
  for (const { operation, point } of [...calls].sort((a, b) => a.point - b.point)) {
    const { action } = operation
    if (action.type === 'get') seen.set(operation, { ...operation, action: { ...action, value: state.get(action.key) } })
    else if (point !== Infinity) for (const { key, value } of writesOf(action)) state.set(key, value)
  }
  return calls.map(({ operation }) => seen.get(operation) ?? operation).sort((a, b) => a.call - b.call)
}

function drawCalls (random: Random, load: Load): Effective[] {
  const free = Array.from({ length: load.clients }, () => random.exponential(2))
  let values = 0
  const value = (): string => `v${load.values === undefined ? values++ : random.int(1, load.values)}`
  return Array.from({ length: load.operations }, () => {
    const client = free.indexOf(Math.min(...free))
    const action = drawAction(random, load, value)
    const call = free[client]
    const unknown = action.type !== 'get' && random.chance(load.unknown)
    const point = unknown ? (random.chance(0.5) ? Infinity : call + random.exponential(20)) : call + random.exponential(1)
    const end = unknown ? Infinity : point + random.exponential(1)
    free[client] = (unknown ? call + 5 : end) + random.exponential(0.5)
    return { operation: { client: `c${client}`, call, return: end, action }, point }
  })
}

function drawAction (random: Random, load: Load, value: () => string): Action {
  const key = (): string => `k${random.int(1, load.keys)}`
  const write = (): Write => ({ key: key(), value: random.chance(load.deletes) ? undefined : value() })
  if (random.chance(0.5)) return { type: 'get', key: key(), value: undefined }
  if (random.chance(load.batches)) return { type: 'batch', writes: Array.from({ length: random.int(2, 3) }, write) }
  const { key: of, value: to } = write()
  return to === undefined ? { type: 'delete', key: of } : { type: 'set', key: of, value: to }
}
