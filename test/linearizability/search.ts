import type { Component } from './components.js'
import type { Effect, Fact, Op } from './model.js'
import { Window } from './window.js'

/** The order found so far, newest first. */
export interface Placed { readonly op: Op, readonly before: Placed | undefined, readonly length: number }

export type Found =
  | { readonly ok: true, readonly configurations: number }
  /** The longest order that was found, and what could not be placed behind it although its time was up. */
  | { readonly ok: false, readonly configurations: number, readonly placed: Placed | undefined, readonly stuck: Op }
  | { readonly ok: 'gave up', readonly configurations: number }

interface Unread {
  readonly effect: Effect
  /** What it brought that later calls can find, and that was not there before. */
  readonly fresh: readonly Fact[]
}

interface Configuration {
  /** How many events lie behind. */
  at: number
  /** Which of those under way have been placed. */
  done: bigint
  /** What each key has; undefined: something that nobody will ask for. */
  state: ReadonlyArray<Fact | undefined>
  /** How many of each optional effect have been placed. */
  used: readonly number[]
  /** One that may never happen was placed and nothing has read it: the next write must be the reason. */
  unread: Unread | undefined
  placed: Placed | undefined
}

export interface SearchOptions {
  readonly maxConfigurations: number
  /** Turn back as soon as a value is overwritten that will be read again, not only at that read: faster, but the later read tells a person more. */
  readonly foresight: boolean
}

/**
 * Wing and Gong's search with Lowe's just-in-time linearization ("Testing for linearizability", 2017): an operation is placed only when
 * it, or one that must come behind it, returns. Depth first, with a memory of configurations. These never cost a solution:
 *
 * - A read is placed as soon as it can be: it changes nothing.
 * - A write whose value no later call reads is placed, with its waiting reads, right before the next write over the same keys: nobody can tell.
 * - A write that may never happen is placed right before a read of it (or before a write that leaves some of it to be read), or not at all.
 * - Of writes that do the same, the one that must return first is placed first, and one that may never happen last.
 */
export class Search {
  readonly #window: Window
  readonly #events
  /** Those to try, the most promising last. */
  readonly #open: Configuration[]
  /** Seen, by moment, those placed and state: with which optional ones used. */
  readonly #seen = new Map<string, Array<readonly number[]>>()
  #configurations = 0
  #furthest: { readonly at: number, readonly placed: Placed | undefined, readonly stuck: Op } | undefined

  constructor (component: Component, private readonly options: SearchOptions) {
    this.#window = new Window(component.ops)
    this.#events = this.#window.events
    // A value at first that nobody reads is worth no more than any other such.
    const state = component.initial.map(fact => fact.wanted ? fact : undefined)
    this.#open = [{ at: 0, done: 0n, state, used: this.#window.optional.map(() => 0), unread: undefined, placed: undefined }]
  }

  run (): Found {
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) {
      this.#window.moveTo(next.at)
      const due = this.#advance(next)
      if (due === undefined) return { ok: true, configurations: this.#configurations }
      if (this.#wasSeen(next)) continue
      if (++this.#configurations > this.options.maxConfigurations) return { ok: 'gave up', configurations: this.#configurations }
      this.#note(next, due)
      for (const write of this.#candidates(next, due)) {
        const after = this.#write(next, write)
        if (after !== undefined) this.#open.push(after)
      }
    }
    if (this.#furthest === undefined) throw new Error('an empty search')
    return { ok: false, configurations: this.#configurations, placed: this.#furthest.placed, stuck: this.#furthest.stuck }
  }

  /** Up to the return of something that has not been placed. */
  #advance (c: Configuration): Op | undefined {
    for (; c.at < this.#events.length; c.at++) {
      const { op, returns } = this.#events[c.at]
      if (returns && !isDone(c, op)) return op
      this.#window.moveTo(c.at + 1)
      if (returns) c.done ^= op.bit
      else if (op.reads && c.state[op.effect.facts[0].key.place] === op.effect.facts[0]) this.#settle(c, op.effect.facts[0])
    }
    return undefined
  }

  /** The key has this now: all reads of it that wait are answered. */
  #settle (c: Configuration, fact: Fact): boolean {
    const before = c.placed
    for (const read of fact.waiting) if (!isDone(c, read)) place(c, read)
    c.state = c.state.with(fact.key.place, fact.wanted ? fact : undefined)
    return c.placed !== before
  }

  #write (from: Configuration, op: Op): Configuration | undefined {
    if (this.options.foresight && op.effect.facts.some(fact => this.#isMissedWithout(from, from.state[fact.key.place], op))) return undefined
    if (from.unread !== undefined && !this.#explains(from, from.unread, op)) return undefined
    const c = { ...from }
    for (const write of this.#window.writes) if (write !== op && !isDone(c, write) && isQuiet(write) && covers(op.effect, write.effect)) this.#place(c, write)
    const read = this.#place(c, op)
    const fresh = op.effect.facts.filter(fact => fact.wanted && from.state[fact.key.place] !== fact)
    c.unread = op.return === Infinity && !read ? { effect: op.effect, fresh } : undefined
    return c.unread !== undefined && (op.effect.facts.length === 1 || fresh.length === 0) ? undefined : c
  }

  /** Whether a write had to come behind an unread one that may never happen: some of the unread one is left, and what this one brings in place of the rest will be read. */
  #explains (c: Configuration, unread: Unread, write: Op): boolean {
    const replaced = write.effect.facts.filter(fact => unread.effect.facts.some(other => other.key === fact.key))
    const isRead = (fact: Fact): boolean => fact.wanted || [...fact.waiting].some(read => !isDone(c, read))
    return replaced.some(isRead) && unread.fresh.some(fact => !replaced.some(other => other.key === fact.key))
  }

  /** Whether a read of it was answered. */
  #place (c: Configuration, write: Op): boolean {
    place(c, write)
    if (write.return === Infinity) c.used = c.used.with(write.effect.place, c.used[write.effect.place] + 1)
    let read = false
    for (const fact of write.effect.facts) read = this.#settle(c, fact) || read
    return read
  }

  /** Whether later reads want a value that nothing can bring back once it is overwritten. */
  #isMissedWithout (c: Configuration, fact: Fact | undefined, by: Op): boolean {
    const read = fact?.comingReads.next
    if (fact === undefined || read === undefined || by.effect.facts.includes(fact)) return false
    const write = fact.comingWrites.next
    if (write !== undefined && write.call <= read.return) return false
    for (const write of this.#window.writes) if (!isDone(c, write) && write.effect.facts.includes(fact)) return false
    return !this.#window.optional.some(effect => effect.facts.includes(fact) && effect.called > c.used[effect.place])
  }

  /** What could be placed next on the way to one that is due, the most promising last. */
  #candidates (c: Configuration, due: Op): Op[] {
    // If nobody will read it, then nothing that could be placed before it is worse off behind it.
    if (!due.reads && due.effect.facts.length === 1 && isQuiet(due)) return [due]

    // Not the one that is due itself: another that does the same may have to return at the same moment.
    const brings = (op: Op): boolean => due.reads ? op.effect.facts.includes(due.effect.facts[0]) : op.effect === due.effect
    const first = new Map<Effect, Op>()
    for (const write of this.#window.writes) {
      if (isDone(c, write)) continue
      // One of a single key that nobody will miss goes along with the next write of its key: no need to try it by itself. Nor may it stand
      // for another that does the same and may be missed.
      if (write.effect.facts.length === 1 && isQuiet(write) && !brings(write)) continue
      const other = first.get(write.effect)
      if (other === undefined || write.return < other.return) first.set(write.effect, write)
    }
    for (const effect of this.#window.optional) if (effect.called > c.used[effect.place] && !first.has(effect)) first.set(effect, effect.optional[c.used[effect.place]])

    const near = withinReach([...first.values()], due)
    if (!near.some(brings)) return []
    return near.sort((a, b) => Number(brings(a)) - Number(brings(b)) || compare(b.return, a.return))
  }

  #wasSeen (c: Configuration): boolean {
    // With no other way open, none can lead here again.
    if (this.#open.length === 0) return false
    const id = `${c.at} ${c.done.toString(36)} ${c.state.map(fact => fact?.id ?? '').join()} ${c.unread === undefined ? '' : [c.unread.effect.place, ...c.unread.fresh.map(fact => fact.id)].join()}`
    const others = this.#seen.get(id)
    // One that used up no more of what may never happen can do all that this one can.
    if (others?.some(used => used.every((count, i) => count <= c.used[i])) === true) return true
    if (others === undefined) this.#seen.set(id, [c.used])
    else others.push(c.used)
    return false
  }

  #note (c: Configuration, stuck: Op): void {
    const best = this.#furthest
    if (best === undefined || c.at > best.at || (c.at === best.at && (c.placed?.length ?? 0) > (best.placed?.length ?? 0))) this.#furthest = { at: c.at, placed: c.placed, stuck }
  }
}

/** Of the writes, those that touch a key of the one that is due, or are tied to it by batches; the others can come later. */
function withinReach (writes: readonly Op[], due: Op): Op[] {
  const keys = new Set(due.effect.facts.map(fact => fact.key))
  const touches = (op: Op): boolean => op.effect.facts.some(fact => keys.has(fact.key))
  const batches = writes.filter(op => op.effect.facts.length > 1)
  for (let before = -1; before !== keys.size;) {
    before = keys.size
    for (const batch of batches) if (touches(batch)) for (const fact of batch.effect.facts) keys.add(fact.key)
  }
  return writes.filter(touches)
}

function place (c: Configuration, op: Op): void {
  c.done |= op.bit
  c.placed = { op, before: c.placed, length: (c.placed?.length ?? 0) + 1 }
}

function isDone (c: Configuration, op: Op): boolean {
  return (c.done & op.bit) !== 0n
}

/** Nobody who calls later can read anything of it. */
function isQuiet (write: Op): boolean {
  return write.effect.facts.every((fact, i) => {
    const read = fact.comingReads.next
    return read === undefined || read.call > write.until[i]
  })
}

function covers (effect: Effect, other: Effect): boolean {
  return other.facts.every(fact => effect.facts.some(own => own.key === fact.key))
}

// Infinity − Infinity is no number.
function compare (a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
