import { setTimeout as pause } from 'node:timers/promises'
import { now } from './rpc.js'

export interface Acknowledged { readonly key: string, readonly value: string, readonly began: number, readonly at: number }

export interface WriteStreamOptions {
  /** Of the keys. Each key is written once, so that a write whose outcome is unknown can be neither lost nor doubled unseen. */
  readonly prefix: string
  /** Writes in flight. */
  readonly concurrency: number
  readonly value?: (n: number) => string
  /** After this many have begun, no more do. Default: no end. */
  readonly limit?: number
}

/**
 * A stream of writes that remembers what was promised: which writes were acknowledged, and when; which were refused; and which have an
 * unknown outcome and may be found in the state or not.
 */
export class WriteStream {
  readonly acknowledged: Acknowledged[] = []
  readonly unknown = new Map<string, string>()
  readonly refused = new Map<string, string>()
  readonly errors = new Map<string, number>()
  readonly #workers: Array<Promise<void>>
  readonly #watchers = new Set<() => void>()
  #begun = 0
  #stopped = false

  constructor (readonly write: (key: string, value: string) => Promise<unknown>, readonly options: WriteStreamOptions) {
    this.#workers = Array.from({ length: options.concurrency }, async () => { await this.#work() })
  }

  get begun (): number { return this.#begun }

  async untilAcknowledged (count: number): Promise<void> {
    await this.#until(() => this.acknowledged.length >= count ? true : undefined)
  }

  /** The first acknowledgement of a write that began after the given time: one that was under way before may have been answered before. */
  async firstBegunAfter (time: number): Promise<Acknowledged> {
    let seen = 0
    return await this.#until(() => {
      for (; seen < this.acknowledged.length; seen++) {
        const write = this.acknowledged[seen]
        if (write !== undefined && write.began > time) return write
      }
      return undefined
    })
  }

  /** No more begin; resolves when those in flight have an outcome. */
  async stop (): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#workers)
  }

  /** Resolves when `limit` writes have an outcome. */
  async finished (): Promise<void> { await Promise.all(this.#workers) }

  /** Latencies of the acknowledged writes in ms, sorted. */
  latencies (): number[] { return this.acknowledged.map(write => write.at - write.began).sort((a, b) => a - b) }

  /** What the state lacks of what was acknowledged, and what it holds that nobody can have written. Empty: all is well. */
  compare (state: ReadonlyArray<readonly [key: string, value: string]>): string[] {
    const held = new Map(state)
    const faults: string[] = []
    for (const { key, value } of this.acknowledged) {
      const found = held.get(key)
      if (found === undefined) faults.push(`${key} was acknowledged and is lost`)
      else if (found !== value) faults.push(`${key} was acknowledged as ${value} and is ${found}`)
      held.delete(key)
    }
    for (const [key, value] of held) {
      if (this.refused.has(key)) faults.push(`${key} was refused, and is there`)
      else if (this.unknown.get(key) !== value) faults.push(`${key} = ${value} was never written`)
    }
    return faults
  }

  async #work (): Promise<void> {
    while (!this.#stopped && this.#begun < (this.options.limit ?? Infinity)) {
      const n = this.#begun++
      const key = `${this.options.prefix}${String(n).padStart(7, '0')}`
      const value = this.options.value?.(n) ?? `value ${n}`
      const began = now()
      try {
        await this.write(key, value)
        this.acknowledged.push({ key, value, began, at: now() })
      } catch (error) {
        const { name, outcome } = error as { name: string, outcome?: string }
        this.errors.set(name, (this.errors.get(name) ?? 0) + 1)
        // What does not say that it was refused may have happened.
        if (outcome === 'refused') this.refused.set(key, value)
        else this.unknown.set(key, value)
        await pause(5)
      }
      for (const watch of [...this.#watchers]) watch()
    }
  }

  async #until<T> (look: () => T | undefined): Promise<T> {
    const first = look()
    if (first !== undefined) return first
    return await new Promise(resolve => {
      const watch = (): void => {
        const found = look()
        if (found === undefined) return
        this.#watchers.delete(watch)
        resolve(found)
      }
      this.#watchers.add(watch)
    })
  }
}
