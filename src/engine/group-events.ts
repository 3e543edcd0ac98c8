import { TypedEventEmitter } from 'main-event'
import type { GroupEvents } from './types.js'

interface Queued { readonly type: keyof GroupEvents, readonly detail: unknown }

/**
 * Events are told at the end of a turn, not where they happen: a listener may call anything, and the core must not be entered while it
 * is half way through something.
 */
export class GroupEventQueue {
  readonly emitter = new TypedEventEmitter<GroupEvents>()
  #queued: Queued[] = []

  push<K extends keyof GroupEvents> (type: K, detail: GroupEvents[K]['detail']): void {
    if (this.emitter.listenerCount(type) > 0) this.#queued.push({ type, detail })
  }

  flush (): void {
    if (this.#queued.length === 0) return
    const queued = this.#queued
    this.#queued = []
    for (const { type, detail } of queued) this.emitter.safeDispatchEvent(type, { detail })
  }
}
