/** A first-in first-out queue whose `shift` costs the same however long it is: an array's own moves everything behind. */
export class Fifo<T> {
  #items: T[] = []
  #head = 0

  get length (): number { return this.#items.length - this.#head }
  get first (): T | undefined { return this.#items[this.#head] }
  get last (): T | undefined { return this.length > 0 ? this.#items[this.#items.length - 1] : undefined }

  push (item: T): void { this.#items.push(item) }

  shift (): T | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#head++]
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    } else if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    }
    return item
  }

  /** Take everything, in order. */
  drain (): T[] {
    const items = this.#head === 0 ? this.#items : this.#items.slice(this.#head)
    this.#items = []
    this.#head = 0
    return items
  }
}
