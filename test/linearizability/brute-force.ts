import { writesOf, type Operation } from './history.js'

/** Tries every order: for histories of a few operations, to compare with. Shares nothing with the search but the types. */
export function bruteForce (operations: readonly Operation[], initial: ReadonlyMap<string, string> = new Map()): boolean {
  const told = operations.filter(({ action, return: end }) => action.type !== 'get' || end !== Infinity)
  const search = (left: readonly Operation[], state: ReadonlyMap<string, string | undefined>): boolean => {
    if (left.every(operation => operation.return === Infinity)) return true
    return left.some(next => {
      if (left.some(other => other.return < next.call)) return false
      if (next.action.type === 'get' && state.get(next.action.key) !== next.action.value) return false
      const after = new Map(state)
      for (const { key, value } of writesOf(next.action)) after.set(key, value)
      return search(left.filter(other => other !== next), after)
    })
  }
  return search(told, initial)
}
