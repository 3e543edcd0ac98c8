import { Violation } from './oracle.js'
import { faultKinds } from './plan.js'
import { World } from './world.js'
import type { Plan } from './plan.js'
import type { RunOptions } from './world.js'

/** Runs that a failure is worth. */
const BUDGET = 60

export interface Shrunk {
  readonly plan: Plan
  readonly runs: number
  readonly trace: readonly string[]
}

/** Makes a failing run smaller, one thing at a time, for as long as the same promise breaks: what is left is what it takes. */
export function shrink (seed: number, options: RunOptions, failure: unknown): Shrunk {
  const wanted = kindOf(failure)
  let runs = 0
  let plan = new World(seed, options).plan
  const stillFails = (candidate: Plan): boolean => {
    if (runs++ >= BUDGET) return false
    try {
      new World(seed, { ...options, plan: candidate }).run()
      return false
    } catch (error) {
      return kindOf(error) === wanted
    }
  }
  const take = (candidate: Plan): boolean => {
    if (!stillFails(candidate)) return false
    plan = candidate
    return true
  }
  for (const smaller of steps) smaller(plan).some(take)
  for (const kind of faultKinds) if (plan.every[kind] !== Infinity) take({ ...plan, every: { ...plan.every, [kind]: Infinity } })
  for (const part of [0.15, 0.3, 0.5, 0.75]) if (take({ ...plan, chaosMs: Math.ceil(plan.chaosMs * part) })) break
  return { plan, runs, trace: traceOf(seed, options, plan) }
}

/** The first of each that still fails is kept. */
const steps: ReadonlyArray<(plan: Plan) => Plan[]> = [
  plan => plan.namespaces.length > 1 ? plan.namespaces.map(namespace => ({ ...plan, namespaces: [namespace] })) : [],
  plan => plan.clients > 1 ? [{ ...plan, clients: 1 }] : [],
  plan => [{ ...plan, network: { ...plan.network, loss: 0, duplicate: 0, reorder: 0 } }],
  plan => [{ ...plan, drift: 0 }],
  plan => plan.programs.length > 0 ? [[], ...plan.programs.map(program => [program])].map(programs => ({ ...plan, programs })) : [],
  plan => plan.keys > 1 ? [{ ...plan, keys: 1 }] : []
]

function traceOf (seed: number, options: RunOptions, plan: Plan): string[] {
  const lines: string[] = []
  try {
    new World(seed, { ...options, plan, trace: line => { lines.push(line) } }).run()
    lines.push('(this run did not fail again: the simulation is not deterministic)')
  } catch (error) {
    lines.push(String((error as Error).message))
  }
  return lines
}

const kindOf = (error: unknown): string => error instanceof Violation ? error.oracle : (error as Error).name
