import { CompactedError } from '../errors.js'
import { Waiters } from './waiters.js'
import type { Answer, WatchPosition } from './queries.js'
import type { KvChange, KvEvent } from '../machine/kv-types.js'
import type { Waiter } from './waiters.js'
import type { KeySpan, KvState } from '../machine/types.js'

/** Changes in one answer, and their bytes. */
const MAX_EVENTS = 8_192
const MAX_BYTES = 1 << 20

export interface Wait {
  /** Resolves with the next change in the span, or when the state is replaced, or closed. */
  readonly changed: Promise<void>
  /** Since the wait began, nothing has changed in the span before this revision. */
  readonly quietBefore: () => number
  readonly end: () => void
}

/** What has changed in the state of a member, and when something does. It keeps nothing for anybody but the waits under way. */
export class ChangeFeed {
  readonly #waiters = new Waiters()
  /** The last revision that waiters were told of. */
  #told = 0
  readonly #stop: () => void

  constructor (private readonly state: KvState) {
    this.#stop = state.observe({
      changed: changes => { this.#changed(changes) },
      // What will be found now is in other places of history, or not there any more.
      replaced: () => { this.#waiters.replaced() }
    })
  }

  get waiting (): number { return this.#waiters.size }

  /** To be begun before the look that it goes on from. */
  wait (span: KeySpan): Wait {
    let wake = (): void => {}
    const changed = new Promise<void>(resolve => { wake = resolve })
    const waiter: Waiter = { wake, first: undefined }
    const end = this.#waiters.add(waiter, span)
    return { changed, quietBefore: () => waiter.first ?? this.#told + 1, end }
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
    this.#waiters.replaced()
  }

  #changed (changes: readonly KvChange[]): void {
    this.#told = changes.at(-1)?.revision ?? this.#told
    this.#waiters.changed(changes)
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

function bytesOf (event: KvEvent): number {
  return 64 + (event.type === 'put' ? event.row.key.byteLength + event.row.value.byteLength : event.key.byteLength)
}
