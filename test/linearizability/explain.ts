import { writesOf, type Action, type Operation } from './history.js'
import type { Op } from './model.js'
import type { Placed } from './search.js'
import { timeline } from './timeline.js'

const LAST = 8
const AROUND = 20

/** For a person: what could not be placed, behind what, and a picture of what was going on. At most about 40 lines. */
export function explain (operations: readonly Operation[], stuck: Op, placed: Placed | undefined, initial: ReadonlyMap<string, string>): string {
  const keys = stuck.effect.facts.map(fact => fact.key.name)
  const touches = (operation: Operation): boolean => keysOf(operation.action).some(key => keys.includes(key))
  const order = orderOf(placed).filter(touches)
  const held = holds(order, initial)
  const shown = keys.slice(0, 4)
  return [
    `Not linearizable: ${stuck.operation.client}'s ${describe(stuck.operation.action)} fits nowhere.`,
    order.length === 0 ? 'Nothing could be placed before it.' : `The longest order of ${keys.length === 1 ? 'its key' : 'its keys'} that could be built before it (${order.length}${order.length > LAST ? `, the last ${LAST} shown` : ''}):`,
    ...order.slice(-LAST).map(({ client, action }) => `  ${client}: ${describe(action)}`),
    `Then ${shown.map(key => `${quoted(key)} ${isOrIsNot(held.get(key))}`).join(', ')}${why(operations, stuck, order, held)}.`,
    'What went on around it:',
    ...timeline(around(operations.filter(touches), stuck), stuck.operation, describe)
  ].join('\n')
}

function why (operations: readonly Operation[], { operation, reads, effect }: Op, order: readonly Operation[], held: ReadonlyMap<string, string | undefined>): string {
  if (!reads) return ', and whatever is placed next, some answer comes out wrong'
  const { key, value } = effect.facts[0]
  const brings = (other: Operation): boolean => writesOf(other.action).some(write => write.key === key.name && write.value === value)
  const sources = operations.filter(brings)
  if (held.get(key.name) === value) return ''
  if (sources.length === 0) return value === undefined ? '; nothing ever deleted it' : `; nothing ever wrote ${quoted(value)} to it`
  if (sources.every(source => source.call > operation.return)) return `; ${quoted(value ?? '(absent)')} was written only later`
  return sources.every(source => order.includes(source)) ? '; what it read was overwritten by then' : '; no order of what was under way explains the answer'
}

function orderOf (placed: Placed | undefined): Operation[] {
  const order: Operation[] = []
  for (let at = placed; at !== undefined; at = at.before) order.push(at.op.operation)
  return order.reverse()
}

function holds (order: readonly Operation[], initial: ReadonlyMap<string, string>): Map<string, string | undefined> {
  const held = new Map<string, string | undefined>(initial)
  for (const { action } of order) for (const { key, value } of writesOf(action)) held.set(key, value)
  return held
}

/** Those nearest in time before the return of the one that is stuck, and those that wrote what it read, however long ago. */
function around (operations: readonly Operation[], { operation, reads, effect }: Op): Operation[] {
  const [fact] = effect.facts
  const known = operations.filter(other => other.call <= operation.return)
  const nearest = [...known].sort((a, b) => lastSeen(b, operation) - lastSeen(a, operation) || b.call - a.call).slice(0, AROUND)
  const sources = reads ? operations.filter(other => writesOf(other.action).some(write => write.key === fact.key.name && write.value === fact.value)).slice(-3) : []
  return [...new Set([operation, ...sources, ...nearest])].sort((a, b) => a.call - b.call)
}

/** A write that was never answered is near where it began, not near everything. */
function lastSeen (operation: Operation, stuck: Operation): number {
  return operation.return === Infinity ? operation.call : Math.min(operation.return, stuck.return)
}

function keysOf (action: Action): string[] {
  return action.type === 'batch' ? action.writes.map(write => write.key) : [action.key]
}

export function describe (action: Action): string {
  switch (action.type) {
    case 'get': return `get ${quoted(action.key)} → ${action.value === undefined ? 'absent' : quoted(action.value)}`
    case 'set': return `set ${quoted(action.key)} = ${quoted(action.value)}`
    case 'delete': return `delete ${quoted(action.key)}`
    case 'batch': {
      const shown = action.writes.slice(0, 4).map(({ key, value }) => value === undefined ? `delete ${quoted(key)}` : `${quoted(key)} = ${quoted(value)}`)
      return `batch { ${shown.join(', ')}${action.writes.length > 4 ? ', …' : ''} }`
    }
  }
}

function isOrIsNot (value: string | undefined): string {
  return value === undefined ? 'is absent' : `is ${quoted(value)}`
}

function quoted (text: string): string {
  return JSON.stringify(text.length > 24 ? `${text.slice(0, 23)}…` : text)
}
