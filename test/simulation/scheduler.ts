interface Event { readonly at: number, readonly order: number, readonly run: () => void }

/** Simulated time: a binary heap of what happens when. Events of the same instant run in the order in which they were scheduled. */
export class Scheduler {
  now = 0
  private order = 0
  private readonly heap: Event[] = []

  /** Runs `run` after `delay` simulated ms. */
  after (delay: number, run: () => void): void {
    if (!(delay >= 0)) throw new Error(`an event cannot be scheduled ${delay} ms from now`)
    const heap = this.heap
    const event = { at: this.now + delay, order: this.order++, run }
    let i = heap.length
    heap.push(event)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(event, heap[parent])) break
      heap[i] = heap[parent]
      i = parent
    }
    heap[i] = event
  }

  /** Runs the next event; false when there is none. */
  step (): boolean {
    const heap = this.heap
    if (heap.length === 0) return false
    const first = heap[0]
    const last = heap.pop() as Event
    if (heap.length > 0) {
      let i = 0
      for (;;) {
        let child = 2 * i + 1
        if (child >= heap.length) break
        if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++
        if (!before(heap[child], last)) break
        heap[i] = heap[child]
        i = child
      }
      heap[i] = last
    }
    this.now = first.at
    first.run()
    return true
  }
}

function before (a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
