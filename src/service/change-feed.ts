import { CompactedError } from '../errors.js'
import { isWithin } from './spans.js'
import type { Answer, WatchPosition } from './queries.js'
import type { KvChange, KvEvent } from '../machine/kv-types.js'
import type { KeySpan, KvState } from '../machine/types.js'

/** Changes in one answer, and their bytes. */
const MAX_EVENTS = 8_192
const MAX_BYTES = 1 << 20

/** `first`: revision of the first change that it was told of; 0: of a state that took the place of all that was before. */
interface Waiter { readonly span: KeySpan, readonly wake: () => void, first: number | undefined }

export interface Wait {
  /** Resolves with the next change in the span, or when the state is replaced, or closed. */
  readonly changed: Promise<void>
  /** Since the wait began, nothing has changed in the span before this revision. */
  readonly quietBefore: () => number
  readonly end: () => void
}

/** What has changed in the state of a member, and when something does. It keeps nothing for anybody but the waits under way. */
export class ChangeFeed {
  readonly #waiters = new Set<Waiter>()
  /** The last revision that waiters were told of. */
  #told = 0
  readonly #stop: () => void

  constructor (private readonly state: KvState) {
    this.#stop = state.observe({
      changed: changes => { this.#changed(changes) },
      // What will be found now is in other places of history, or not there any more.
      replaced: () => { this.#wakeAll() }
    })
  }

  get waiting (): number { return this.#waiters.size }

  /** To be begun before the look that it goes on from. */
  wait (span: KeySpan): Wait {
    let wake = (): void => {}
    const changed = new Promise<void>(resolve => { wake = resolve })
    const waiter: Waiter = { span, wake, first: undefined }
    this.#waiters.add(waiter)
    return { changed, quietBefore: () => waiter.first ?? this.#told + 1, end: () => { this.#waiters.delete(waiter) } }
  }

  /** What there is from a position on, as much as fits in one answer; never goes back, even where this member has not come as far. */
  async page (span: KeySpan, position: WatchPosition, maxBytes: number): Promise<Answer<'changes'>> {
    const bytes = Math.min(maxBytes === 0 ? MAX_BYTES : maxBytes, MAX_BYTES)
    try {
      const { changes, next } = await this.state.changes({ span, from: position.revision, maxBytes: bytes })
      return cut(changes, position, next > position.revision ? { revision: next, skip: 0 } : position, bytes)
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error
      return { compacted: error.compacted ?? this.state.compacted }
    }
  }

  close (): void {
    this.#stop()
    this.#wakeAll()
  }

  #changed (changes: readonly KvChange[]): void {
    this.#told = changes.at(-1)?.revision ?? this.#told
    for (const waiter of this.#waiters) {
      const first = changes.find(({ events }) => events.some(event => isWithin(keyOf(event), waiter.span)))
      if (first === undefined) continue
      waiter.first ??= first.revision
      waiter.wake()
    }
  }

  #wakeAll (): void {
    for (const waiter of this.#waiters) {
      waiter.first = 0
      waiter.wake()
    }
  }
}

/** One command can change more than an answer holds: then the answer ends within its revision. */
function cut (changes: readonly KvChange[], from: WatchPosition, next: WatchPosition, maxBytes: number): Answer<'changes'> {
  const found: KvChange[] = []
  let [bytes, count] = [0, 0]
  for (const { revision, events } of changes) {
    const skipped = revision === from.revision ? from.skip : 0
    const taken: KvEvent[] = []
    for (const event of events.slice(skipped)) {
      bytes += bytesOf(event)
      if (count > 0 && (bytes > maxBytes || count >= MAX_EVENTS)) {
        if (taken.length > 0) found.push({ revision, events: taken })
        return { changes: found, next: { revision, skip: skipped + taken.length } }
      }
      count++
      taken.push(event)
    }
    if (taken.length > 0) found.push({ revision, events: taken })
  }
  return { changes: found, next }
}

function keyOf (event: KvEvent): Uint8Array { return event.type === 'put' ? event.row.key : event.key }

function bytesOf (event: KvEvent): number {
  return 64 + (event.type === 'put' ? event.row.key.byteLength + event.row.value.byteLength : event.key.byteLength)
}
