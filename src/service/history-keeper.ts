import type { Clock, Timer } from '../clock.js'
import type { KvState } from '../machine/types.js'

/** How much of history is kept, at least, for watches to go back into. */
export interface HistoryPolicy {
  readonly revisions: number
  /** ms; Infinity: however old it is. */
  readonly age: number
  readonly bytes: number
}

export interface HistoryKeeperInit {
  readonly state: Pick<KvState, 'revision' | 'compacted' | 'history'>
  readonly policy: HistoryPolicy
  readonly clock: Clock
  /** At the leader. */
  readonly compact: (revision: number) => Promise<void>
  readonly log: (format: string, ...args: unknown[]) => void
}

const LOOK_MS = 10_000
/** Over its bound by so much, or it would be a command for each look. */
const SLACK = 0.1
/** Looks remembered, to know how old a revision is: one for each such part of the age. */
const MAX_MARKS = 256

/**
 * Sees to it that history does not grow for ever: the leader's node looks now and then, and has the group forget what is over the bounds.
 * It counts by revisions, and knows their age from what it saw itself: a new leader's node begins to count anew, so history may be older than
 * it should be by as long as that takes. In between, history is over its bounds by what is written in ten seconds, and a tenth.
 */
export class HistoryKeeper {
  private timer: Timer | undefined
  private under = false
  /** What the newest revision was, and when: oldest first. */
  private marks: Array<{ readonly at: number, readonly revision: number }> = []

  constructor (private readonly init: HistoryKeeperInit) {}

  /** Only the member that leads looks. */
  update (leading: boolean): void {
    if (leading === (this.timer !== undefined)) return
    this.timer?.cancel()
    this.timer = undefined
    this.marks = []
    if (leading) this.plan()
  }

  close (): void { this.update(false) }

  private plan (): void {
    this.timer = this.init.clock.setTimer(LOOK_MS, () => {
      this.plan()
      this.look()
    })
  }

  private look (): void {
    const { state, clock, compact, log } = this.init
    const now = clock.now()
    const revision = Math.max(this.byRevisions(), this.byAge(now), this.byBytes())
    this.mark(now)
    if (this.under || revision <= state.compacted) return
    this.under = true
    compact(revision).catch((error: Error) => { log('history up to %d was not compacted, and is looked at again: %s', revision, error.message) })
      .finally(() => { this.under = false })
  }

  private byRevisions (): number {
    const { state, policy } = this.init
    const kept = state.revision - state.compacted
    return kept > policy.revisions * (1 + SLACK) ? state.revision - policy.revisions : 0
  }

  private byAge (now: number): number {
    const old = this.marks.findLast(({ at }) => at <= now - this.init.policy.age)
    return old?.revision ?? 0
  }

  private byBytes (): number {
    const { state, policy } = this.init
    return state.history.bytes > policy.bytes * (1 + SLACK) ? state.history.beyond(policy.bytes) : 0
  }

  /** Those that tell nothing any more go. None is taken out from between others: those behind it would have to wait for its age as well, and again. */
  private mark (now: number): void {
    const { policy: { age }, state } = this.init
    if (age === Infinity) return
    const known = this.marks.findLastIndex(({ at }) => at <= now - age)
    this.marks = this.marks.slice(Math.max(0, known))
    const newest = this.marks.at(-1)
    if (newest === undefined || now - newest.at >= age / MAX_MARKS) this.marks.push({ at: now, revision: state.revision })
  }
}
