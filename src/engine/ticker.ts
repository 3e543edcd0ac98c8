import type { Clock, Timer } from '../clock.js'

/** Called when a tick is due. */
export interface Ticked { tickDue: () => void }

interface Slot<T> { readonly item: T, readonly everyMs: number, due: number }

/**
 * One timer for the ticks of all groups of a node. Each group ticks at its own phase, anchored to the clock's origin so that lateness
 * does not add up; phases fall on a grid, so that groups which tick together also send together. Only groups that tick cost anything.
 */
export class Ticker<T extends Ticked> {
  readonly #clock: Clock
  readonly #grainMs: number
  readonly #slots = new Map<T, Slot<T>>()
  /** By grid place: who is due there. A slot that was removed since is skipped. */
  readonly #grid = new Map<number, Array<Slot<T>>>()
  #timer: Timer | undefined
  #timerAt = Infinity

  constructor (clock: Clock, grainMs: number) {
    this.#clock = clock
    this.#grainMs = grainMs
  }

  get active (): number { return this.#slots.size }

  /** `phase`: [0, 1), of the interval. */
  add (item: T, everyMs: number, phase: number): void {
    if (this.#slots.has(item)) return
    const now = this.#clock.now()
    const slot = { item, everyMs, due: Math.floor(now / everyMs) * everyMs + phase * everyMs }
    this.#slots.set(item, slot)
    this.#plan(slot, now)
    this.#arm()
  }

  remove (item: T): void {
    this.#slots.delete(item)
  }

  stop (): void {
    this.#slots.clear()
    this.#grid.clear()
    this.#timer?.cancel()
    this.#timer = undefined
    this.#timerAt = Infinity
  }

  /** Due next after `now`. After a stall (collection, suspend, SIGSTOP) the ticks that were missed are not made up for: nobody else stood still. */
  #plan (slot: Slot<T>, now: number): void {
    if (slot.due <= now) slot.due += (Math.floor((now - slot.due) / slot.everyMs) + 1) * slot.everyMs
    const place = Math.ceil(slot.due / this.#grainMs)
    const there = this.#grid.get(place)
    if (there === undefined) this.#grid.set(place, [slot])
    else there.push(slot)
  }

  #arm (): void {
    let next = Infinity
    for (const place of this.#grid.keys()) next = Math.min(next, place)
    if (next === Infinity || this.#slots.size === 0) return
    const at = next * this.#grainMs
    if (this.#timer !== undefined && this.#timerAt <= at) return
    this.#timer?.cancel()
    this.#timerAt = at
    this.#timer = this.#clock.setTimer(Math.max(at - this.#clock.now(), 0), () => { this.#fire() })
  }

  #fire (): void {
    this.#timer = undefined
    this.#timerAt = Infinity
    const now = this.#clock.now()
    const places = [...this.#grid.keys()].filter(place => place * this.#grainMs <= now).sort((a, b) => a - b)
    const due = places.flatMap(place => this.#grid.get(place) ?? [])
    for (const place of places) this.#grid.delete(place)
    for (const slot of due) {
      if (this.#slots.get(slot.item) !== slot) continue
      this.#plan(slot, now)
      slot.item.tickDue()
    }
    this.#arm()
  }
}
