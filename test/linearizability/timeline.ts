import type { Action, Operation } from './history.js'

const WIDTH = 48

/**
 * One line an operation, with a bar from call to return. The axis has a step for each call and return that is shown, whatever the time
 * between them: what counts is the order.
 */
export function timeline (operations: readonly Operation[], marked: Operation, describe: (action: Action) => string): string[] {
  const times = [...new Set(operations.flatMap(({ call, return: end }) => [call, end]))].filter(at => at !== Infinity).sort((a, b) => a - b)
  const column = (at: number): number => at === Infinity ? WIDTH : Math.floor(times.indexOf(at) * (WIDTH - 1) / Math.max(1, times.length - 1))
  const client = Math.max(...operations.map(operation => operation.client.length))
  return operations.map(operation => {
    const from = column(operation.call)
    const to = column(operation.return)
    const end = operation.return === Infinity ? '?' : '|'
    const bar = from === to ? '|' : `|${'-'.repeat(to - from - 1)}${end}`
    const label = `${operation.client.padEnd(client)}  ${operation.return === Infinity ? '(unknown) ' : ''}${describe(operation.action)}`
    return `${operation === marked ? '>' : ' '} ${(' '.repeat(from) + bar).padEnd(WIDTH + 1)}  ${label}`
  })
}
