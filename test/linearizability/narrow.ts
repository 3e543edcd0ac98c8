import type { Fact, Model, Op } from './model.js'

/**
 * Says of operations what follows from the rest of the history, so that the search has less to try:
 *
 * - A value that was written once and read was written before the first of its reads returned, and read after the write was called. For a
 *   write with an unknown outcome this settles that it happened, and until when.
 * - A write with an unknown outcome of which nobody read anything since may be taken to have never happened: it would only get in the way.
 */
export function narrow (model: Model): Model {
  for (const key of model.keys.values()) {
    for (const fact of key.facts.values()) if (fact.writes.length === 1 && model.initial.get(key) !== fact) narrowOne(fact, fact.writes[0])
  }
  return { ...model, ops: model.ops.filter(matters) }
}

function narrowOne (fact: Fact, write: Op): void {
  for (const read of fact.reads) {
    // Read before it was written: no order will do, which the search finds by itself.
    if (read.return < write.call) continue
    write.return = Math.min(write.return, read.return)
    read.call = Math.max(read.call, write.call)
  }
}

/** Whether anything can be missing without it. */
export function matters (op: Op): boolean {
  return op.return !== Infinity || op.effect.facts.some(fact => fact.lastRead >= op.call)
}
