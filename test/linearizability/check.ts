import { componentsOf } from './components.js'
import { explain } from './explain.js'
import type { Operation } from './history.js'
import { modelOf } from './model.js'
import { matters, narrow } from './narrow.js'
import { Search, type Found } from './search.js'

export type Verdict =
  | { readonly ok: true, readonly checked: number, readonly configurations: number }
  | { readonly ok: false, readonly key: string, readonly explanation: string }
  | { readonly ok: 'gave up', readonly key: string, readonly configurations: number }

export interface CheckOptions {
  /** How many configurations to look at before giving up, for each set of keys that batches tie together. */
  readonly maxConfigurations?: number
  /** What the keys held before the history began. */
  readonly initial?: ReadonlyMap<string, string>
}

type Violation = Extract<Found, { readonly ok: false }>

/** Whether all that clients were told fits one map, each operation of which happens at one moment between its call and its return. */
export function checkLinearizable (operations: readonly Operation[], options: CheckOptions = {}): Verdict {
  const { maxConfigurations = 1_000_000, initial = new Map<string, string>() } = options
  let configurations = 0
  let gaveUp: { key: string, configurations: number } | undefined
  for (const component of componentsOf(narrow(modelOf(operations, initial)))) {
    const found = new Search(component, { maxConfigurations, foresight: true }).run()
    configurations += found.configurations
    // Another component may still be plainly wrong, which says more.
    if (found.ok === 'gave up') gaveUp ??= { key: component.initial[0].key.name, configurations: found.configurations }
    if (found.ok === false) {
      const keys = new Set(component.initial.map(fact => fact.key.name))
      const all = operations.filter(({ action }) => action.type === 'batch' ? action.writes.some(write => keys.has(write.key)) : keys.has(action.key))
      const { stuck, placed } = inPlainSight(all, initial) ?? found
      return { ok: false, key: stuck.effect.facts[0].key.name, explanation: explain(all, stuck, placed, initial) }
    }
  }
  return gaveUp === undefined ? { ok: true, checked: operations.length, configurations } : { ok: 'gave up', ...gaveUp }
}

/** The same violation, found without conclusions from later operations: what stands out then is the first answer that cannot be. */
function inPlainSight (operations: readonly Operation[], initial: ReadonlyMap<string, string>): Violation | undefined {
  const model = modelOf(operations, initial)
  for (const part of componentsOf({ ...model, ops: model.ops.filter(matters) })) {
    const found = new Search(part, { maxConfigurations: 20_000, foresight: false }).run()
    if (found.ok === false) return found
  }
  return undefined
}
