import type { Fact, Key, Model, Op } from './model.js'

/** Keys that batches tie together, and what was done to them. */
export interface Component {
  readonly ops: readonly Op[]
  /** What the keys have at first, each at its place. */
  readonly initial: readonly Fact[]
}

/** A history is linearizable if what was done to each key is (Herlihy and Wing's locality), or, where batches write several keys, to each set of keys so tied. */
export function componentsOf (model: Model): Component[] {
  const parent = new Map<Key, Key>()
  const root = (key: Key): Key => {
    let at = key
    for (let up = parent.get(at); up !== undefined; up = parent.get(at)) at = up
    // Without this shortcut a chain of batches over many keys takes quadratic time.
    if (at !== key) parent.set(key, at)
    return at
  }
  for (const { effect } of model.ops) {
    for (let i = 1; i < effect.facts.length; i++) {
      const [a, b] = [root(effect.facts[0].key), root(effect.facts[i].key)]
      if (a !== b) parent.set(a, b)
    }
  }

  const components = new Map<Key, { ops: Op[], initial: Fact[] }>()
  for (const [key, fact] of model.initial) {
    const top = root(key)
    const component = components.get(top) ?? { ops: [], initial: [] }
    components.set(top, component)
    key.place = component.initial.push(fact) - 1
  }
  for (const op of model.ops) components.get(root(op.effect.facts[0].key))?.ops.push(op)
  return [...components.values()].filter(component => component.ops.length > 0)
}
