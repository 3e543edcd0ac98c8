import type { Shape } from './plan.js'

/** The way back from a fault. Faults overlap, and each ends its own part only; a second call does nothing. */
export type Mend = () => Promise<void>

/** Where a node or a client lives. */
export interface Place {
  /** The address to dial from. */
  readonly localAddress?: string
  /** Left behind by a listener that was killed, and in the way of the next. */
  readonly socket?: string
  /** A program that runs Node there. Without one, any process is there. */
  readonly execPath?: string
}

export interface NodePlace extends Place {
  /** A multiaddr to listen on. */
  readonly listen: string
  /** The one that others dial. */
  readonly announce: string
}

export interface Way { readonly from: string, readonly to: string }

/** What becomes of all that somebody says or hears. Each way, so a round trip takes two delays. */
export interface Trouble {
  readonly delayMs?: number
  /** Parts of 1. */
  readonly loss?: number
  /** The part that is not delayed, and so overtakes what is. */
  readonly overtaking?: number
  readonly kbit?: number
}

/** What lies between nodes and clients, and how it is broken. */
export interface Network extends AsyncDisposable {
  readonly name: 'proxy' | 'namespaces'
  /** The partitions that can be made on it, on this machine. */
  readonly shapes: readonly Shape[]
  node (name: string): Promise<NodePlace>
  client (name: string): Promise<Place>
  /** Nothing gets there any more, while the way back is as it was. All at once, or near enough: in between, a group may find another leader. */
  cut (ways: readonly Way[]): Promise<Mend>
  trouble (name: string, trouble: Trouble): Promise<Mend>
  /** Its cable is out. */
  unplug (name: string): Promise<Mend>
  /** Every connection between the one and the others ends with a TCP reset. Resolves with how many. */
  reset (name: string, others: readonly string[]): Promise<number>
}

export function mendOnce (mend: () => void | Promise<void>): Mend {
  let mended: Promise<void> | undefined
  return async () => { await (mended ??= (async () => { await mend() })()) }
}

/** Faults that overlap: which of them comes first, and which is the last to go. */
export class Overlaps {
  readonly #counts = new Map<string, number>()

  isFirst (key: string): boolean { return this.#add(key, 1) === 1 }
  wasLast (key: string): boolean { return this.#add(key, -1) === 0 }

  #add (key: string, change: 1 | -1): number {
    const count = (this.#counts.get(key) ?? 0) + change
    this.#counts.set(key, count)
    return count
  }
}
