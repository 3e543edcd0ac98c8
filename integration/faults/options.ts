import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { NETWORKS } from './open-network.js'
import { KINDS } from './plan.js'
import type { NetworkChoice } from './open-network.js'
import type { Kind } from './plan.js'

export interface FaultOptions { readonly ms: number, readonly seed: number, readonly nodes: 3 | 5, readonly kinds: readonly Kind[], readonly network: NetworkChoice }

export const help = `npm run test:faults [-- OPTIONS]

  --minutes N   how long faults are made to happen (default 1)
  --seed S      which faults, a whole number (default: any, and told)
  --nodes N     3 (default) or 5
  --only LIST   of ${KINDS.join(', ')} (default: all)
  --network N   proxy, namespaces, or auto (default): namespaces where this machine allows them, or else the proxy`

export class UsageError extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** Undefined: help was asked for. */
export function parseOptions (argv: readonly string[]): FaultOptions | undefined {
  const values = parse(argv)
  if (values.help === true) return undefined
  const minutes = values.minutes === undefined ? 1 : Number(values.minutes)
  if (!(minutes > 0 && minutes <= 10_080)) throw new UsageError(`--minutes must be a number above 0 and at most 10080, got "${values.minutes}"`)
  const seed = values.seed === undefined ? randomInt(1, 1_000_000) : Number(values.seed)
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff || values.seed === '') throw new UsageError(`--seed must be a whole number from 0 to 4294967295, got "${values.seed}"`)
  const nodes = Number(values.nodes ?? 3)
  if (nodes !== 3 && nodes !== 5) throw new UsageError(`--nodes takes 3 or 5, got "${values.nodes}"`)
  const only = values.only?.split(',').map(kind => kind.trim()) ?? KINDS
  const unknown = only.find(kind => !KINDS.includes(kind as Kind))
  if (unknown !== undefined) throw new UsageError(`--only takes ${KINDS.join(', ')}, separated by commas, got "${unknown}"`)
  const network = NETWORKS.find(name => name === (values.network ?? 'auto'))
  if (network === undefined) throw new UsageError(`--network takes ${NETWORKS.join(', ')}, got "${values.network}"`)
  return { ms: minutes * 60_000, seed, nodes, kinds: KINDS.filter(kind => only.includes(kind)), network }
}

function parse (argv: readonly string[]): { help?: boolean, minutes?: string, seed?: string, nodes?: string, only?: string, network?: string } {
  try {
    return parseArgs({
      args: [...argv],
      options: { help: { type: 'boolean', short: 'h' }, minutes: { type: 'string' }, seed: { type: 'string' }, nodes: { type: 'string' }, only: { type: 'string' }, network: { type: 'string' } }
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
