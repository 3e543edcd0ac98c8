import type { Clock, Timer } from '../clock.js'

const SLOT_MS = 50

/** One thing that must be over by a certain time. */
export interface Deadline { cancel: () => void }

/**
 * Many deadlines, one timer: a timer of its own for each of a thousand requests in flight costs more than the requests. Deadlines
 * are kept in slots of 50 ms; each fires up to that much late, never early.
 */
export class Deadlines {
  private readonly slots = new Map<number, Set<() => void>>()
  private timer: Timer | undefined
  private timerSlot = Infinity

  constructor (private readonly clock: Clock) {}

  add (ms: number, fire: () => void): Deadline {
    const slot = Math.ceil((this.clock.now() + ms) / SLOT_MS)
    let entries = this.slots.get(slot)
    if (entries === undefined) {
      entries = new Set()
      this.slots.set(slot, entries)
      if (slot < this.timerSlot) this.arm(slot)
    }
    entries.add(fire)
    return { cancel: () => { entries.delete(fire) } }
  }

  /** Drops all deadlines without firing them. */
  close (): void {
    this.timer?.cancel()
    this.timer = undefined
    this.slots.clear()
  }

  private arm (slot: number): void {
    this.timer?.cancel()
    this.timerSlot = slot
    this.timer = this.clock.setTimer(Math.max(0, slot * SLOT_MS - this.clock.now()), () => { this.sweep() })
  }

  private sweep (): void {
    const now = Math.floor(this.clock.now() / SLOT_MS)
    this.timer = undefined
    this.timerSlot = Infinity
    let next = Infinity
    for (const [slot, entries] of this.slots) {
      if (slot > now) {
        next = Math.min(next, slot)
        continue
      }
      this.slots.delete(slot)
      for (const fire of entries) fire()
    }
    // A callback may have added a deadline and armed the timer already.
    if (next < this.timerSlot) this.arm(next)
  }
}

/**
 * What `promise` settles with, or a rejection once `ms` have passed or `signal` aborts, whichever is first; the promise itself goes
 * on unobserved. `late` makes the error for a deadline, `aborted` the one for the caller's signal (default: its reason).
 */
export async function bounded<T> (
  promise: Promise<T>,
  limits: { deadlines: Deadlines, ms: number, signal?: AbortSignal, late: () => Error, aborted?: (reason: unknown) => unknown }
): Promise<T> {
  const { signal } = limits
  return await new Promise<T>((resolve, reject) => {
    const end = (): void => {
      deadline.cancel()
      signal?.removeEventListener('abort', onAbort)
    }
    const onAbort = (): void => {
      end()
      reject(limits.aborted === undefined ? signal?.reason : limits.aborted(signal?.reason))
    }
    const deadline = limits.deadlines.add(limits.ms, () => {
      end()
      reject(limits.late())
    })
    promise.then(value => { end(); resolve(value) }, (error: Error) => { end(); reject(error) })
    if (signal === undefined) return
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
  })
}

/** Like AbortSignal.timeout, by the clock that the node goes by. */
export function timeLimit (clock: Clock, ms: number): AbortSignal {
  const limit = new AbortController()
  clock.setTimer(ms, () => { limit.abort(new Error(`not done within ${Math.round(ms)} ms`)) })
  return limit.signal
}

/** Resolves after `ms`; rejects with the signal's reason if it aborts first. */
export async function pause (clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = clock.setTimer(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
