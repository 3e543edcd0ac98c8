import { fail } from './assert.js'
import { emptyConfiguration } from './configuration.js'
import type { Configuration } from './types.js'

export interface ConfigurationAt { readonly index: number, readonly configuration: Configuration }

const NONE: ConfigurationAt = { index: 0, configuration: emptyConfiguration }

/**
 * Which configuration each index of the log stands under. A configuration takes effect when it is appended, committed or not (Raft §6),
 * so a truncation must bring the one before it back, and a snapshot must take the one as of its own index, never a later one.
 */
export class ConfigurationHistory {
  readonly #list: ConfigurationAt[]

  constructor (list: readonly ConfigurationAt[]) {
    this.#list = []
    for (const { index, configuration } of list) this.append(index, configuration)
  }

  /** The one in force: the last that was appended. */
  get effective (): ConfigurationAt { return this.#list.at(-1) ?? NONE }

  append (index: number, configuration: Configuration): void {
    const last = this.#list.at(-1)
    if (last !== undefined && index <= last.index) fail(`configuration at index ${index} appended after that at index ${last.index}`)
    this.#list.push({ index, configuration })
  }

  /** The one in force as of `index`. */
  at (index: number): ConfigurationAt {
    const found = this.#list.findLast(c => c.index <= index)
    if (found !== undefined) return found
    // An empty history, or a log that starts with its first configuration: before it, no member was known.
    return NONE
  }

  /** From the one in force as of `index` to the last: those that may yet turn out to be the group's. */
  from (index: number): readonly ConfigurationAt[] {
    const first = this.at(index)
    return this.#list.filter(c => c.index >= first.index)
  }

  /** The log was cut before `index`. */
  truncate (index: number): void {
    while (this.#list.length > 0 && this.#list[this.#list.length - 1].index >= index) this.#list.pop()
  }

  /** The log up to `index` is gone: what was in force as of `index` is all that is needed of it. */
  compact (index: number): void {
    const keep = this.#list.findLastIndex(c => c.index <= index)
    if (keep > 0) this.#list.splice(0, keep)
  }

  /** A snapshot replaced the log. */
  reset (index: number, configuration: Configuration): void {
    this.#list.length = 0
    this.append(index, configuration)
  }
}
