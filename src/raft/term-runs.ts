import { fail } from './assert.js'

/**
 * The term of every index of the log, as runs of equal terms: a log of millions has a handful of them, so a term is known without
 * reading an entry, in memory or not.
 */
export class TermRuns {
  /** First index and term of each run, ascending. */
  readonly #first: number[] = []
  readonly #term: number[] = []

  constructor (runs: ReadonlyArray<{ readonly index: number, readonly term: number }>) {
    for (const { index, term } of runs) {
      const inOrder = this.length === 0 || (index > this.#first[this.length - 1] && term > this.lastTerm)
      if (!inOrder) fail(`term runs out of order at index ${index}, term ${term}`)
      this.#first.push(index)
      this.#term.push(term)
    }
  }

  get length (): number { return this.#first.length }
  /** Of a log that is not empty. */
  get firstIndex (): number { return this.#first[0] }
  get lastTerm (): number { return this.#term[this.#term.length - 1] }

  /** The caller has checked that `index` is in the log. */
  termAt (index: number): number { return this.#term[this.#runOf(index)] }

  append (index: number, term: number): void {
    if (this.#term.length === 0 || this.lastTerm !== term) {
      this.#first.push(index)
      this.#term.push(term)
    }
  }

  /** Forget everything from `index` on. */
  truncate (index: number): void {
    while (this.#first.length > 0 && this.#first[this.#first.length - 1] >= index) {
      this.#first.pop()
      this.#term.pop()
    }
  }

  /** Forget everything up to `prevIndex`, which may be the whole log. */
  compact (prevIndex: number, lastIndex: number): void {
    if (prevIndex >= lastIndex) {
      this.clear()
      return
    }
    const keep = this.#runOf(prevIndex + 1)
    this.#first.splice(0, keep)
    this.#term.splice(0, keep)
    this.#first[0] = Math.max(this.#first[0], prevIndex + 1)
  }

  clear (): void {
    this.#first.length = 0
    this.#term.length = 0
  }

  /** The largest index ≤ `index` whose term is ≤ `term`; undefined if there is none in these runs. Steps over a run at a time. */
  lastAtMost (index: number, term: number): number | undefined {
    for (let run = this.#runOf(index); run >= 0; run--) {
      if (this.#term[run] <= term) return index
      index = this.#first[run] - 1
    }
    return undefined
  }

  #runOf (index: number): number {
    let high = this.#first.length - 1
    // Nearly every question is about the tail.
    if (high >= 0 && index >= this.#first[high]) return high
    let low = 0
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#first[middle] <= index) low = middle
      else high = middle - 1
    }
    return low
  }
}
