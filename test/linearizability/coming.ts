interface Timed { readonly call: number, readonly return: number }

/** Operations by call, of which those up to a moment have been called; filled before it is used. */
export class Coming<T extends Timed> {
  readonly #all: T[] = []
  /** For each, the earliest return of it and those after it. */
  #earliest: number[] = []
  #called = 0

  add (op: T): void { this.#all.push(op) }

  pass (forward: boolean): void { this.#called += forward ? 1 : -1 }

  /** The one that is called next. */
  get next (): T | undefined { return this.#all[this.#called] }

  /** When the first of those not called yet will have returned. */
  get horizon (): number { return this.#horizonFrom(this.#called) }

  /** When the first of those called after a time will have returned. */
  horizonAfter (time: number): number {
    let low = 0
    for (let high = this.#all.length; low < high;) {
      const middle = (low + high) >> 1
      if (this.#all[middle].call > time) high = middle
      else low = middle + 1
    }
    return this.#horizonFrom(low)
  }

  #horizonFrom (from: number): number {
    if (this.#earliest.length !== this.#all.length) {
      this.#earliest = this.#all.map(op => op.return)
      for (let i = this.#all.length - 2; i >= 0; i--) this.#earliest[i] = Math.min(this.#earliest[i], this.#earliest[i + 1])
    }
    return this.#earliest[from] ?? Infinity
  }
}
