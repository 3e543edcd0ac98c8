import { assert, assertIndex, fail } from './assert.js'
import { TermRuns } from './term-runs.js'
import { EntryWindow, entryBytes } from './window.js'
import type { Entry, InitialState, SnapshotMeta } from './types.js'

/**
 * The log of one member, and how far each of its stages is:
 *
 *     prevIndex ≤ applied ≤ handedOut ≤ commit ≤ lastIndex      handedOut ≤ stored ≤ written ≤ lastIndex
 *
 * `written` is what was handed to storage, `stored` what storage acknowledged. Commit may run ahead of both: a majority of others is
 * enough. The tail is in memory: all that is not stored or not applied, and as much of the rest as fits.
 */
export class RaftLog {
  /** Index and term of the entry before the first: what compaction or a snapshot left. (0, 0) for a whole log. */
  prevIndex: number
  prevTerm: number
  commit: number
  handedOut: number
  applied: number
  stored: number
  written: number
  /** Moves on every truncation, snapshot and term change. A storage acknowledgement of an earlier generation counts for nothing. */
  generation = 1
  /** Bytes of entries over `commit`. */
  uncommittedBytes = 0
  /** Time of the last entry. */
  lastTime: number
  readonly #terms: TermRuns
  readonly #window: EntryWindow
  readonly #maxCachedBytes: number
  #appliedTime: number
  /** Where the log on disk starts: behind `prevIndex` until a snapshot that replaces the log is durable. */
  #storedPrev: number
  /** The last tail handed out: storage and the followers that stand at the same place get the same array, so that it can be packed once. */
  #memo: { from: number, to: number, bytes: number, entries: readonly Entry[] } | undefined

  constructor (initial: InitialState, maxCachedBytes: number) {
    const { prevIndex, prevTerm, lastIndex, applied, entries, terms, snapshot, hardState } = initial
    for (const [what, value] of Object.entries({ prevIndex, prevTerm, lastIndex, applied, commit: hardState.commit })) assertIndex(value, what)
    assert(lastIndex >= prevIndex, `the log ends at index ${lastIndex}, before it starts (${prevIndex})`)
    assert(applied >= prevIndex && applied <= lastIndex, `the state machine holds index ${applied}, outside of the log ${prevIndex} to ${lastIndex}`)
    assert(hardState.commit <= lastIndex, `index ${hardState.commit} was committed, but the log ends at ${lastIndex}: entries were lost`)
    assert(snapshot === undefined || snapshot.index <= lastIndex, 'the log ends before the snapshot that it was compacted to')
    this.prevIndex = this.#storedPrev = prevIndex
    this.prevTerm = prevTerm
    this.#terms = new TermRuns(terms)
    assert(this.#terms.length > 0 === lastIndex > prevIndex, 'the terms of the log do not cover it')
    const fitting = this.#terms.length === 0 || (this.#terms.firstIndex === prevIndex + 1 && prevTerm <= this.#terms.termAt(prevIndex + 1))
    assert(fitting, 'the terms of the log do not start where it does')
    this.#maxCachedBytes = maxCachedBytes
    this.#window = new EntryWindow(lastIndex + 1 - entries.length)
    for (const entry of entries) {
      const fits = entry.index === this.#window.next && this.#termIn(entry.index, lastIndex) === entry.term
      assert(fits, `the entry at index ${entry.index}, term ${entry.term} does not fit the log`)
      this.#window.push(entry)
    }
    // From the last applied entry on, not just behind it: without its time, that of the next entry could go back.
    const needed = Math.max(applied, prevIndex + 1)
    const { first } = this.#window
    assert(first <= needed && first > prevIndex, `entries from index ${needed} on are needed, those from ${first} on were found`)
    this.commit = Math.max(hardState.commit, applied, prevIndex, snapshot?.index ?? 0)
    this.handedOut = this.applied = applied
    this.stored = this.written = lastIndex
    this.lastTime = entries.at(-1)?.time ?? snapshot?.time ?? 0
    this.#appliedTime = this.#window.get(applied)?.time ?? snapshot?.time ?? this.lastTime
    for (let i = this.commit + 1; i <= lastIndex; i++) this.uncommittedBytes += entryBytes(this.#entry(i))
  }

  get lastIndex (): number { return this.#window.next - 1 }
  get lastTerm (): number { return this.#terms.length > 0 ? this.#terms.lastTerm : this.prevTerm }
  get firstInMemory (): number { return this.#window.first }
  get cachedBytes (): number { return this.#window.bytes }

  /** Undefined where the log doesn't reach, or no longer does: an index that was compacted away must never pass for a match. */
  termAt (index: number): number | undefined { return this.#termIn(index, this.lastIndex) }

  #termIn (index: number, lastIndex: number): number | undefined {
    if (index === this.prevIndex) return this.prevTerm
    return index > this.prevIndex && index <= lastIndex ? this.#terms.termAt(index) : undefined
  }

  matches (index: number, term: number): boolean { return this.termAt(index) === term }

  /** A log that a vote may go to: its last entry has a later term, or the same term and no lower index (Raft §5.4.1). */
  upToDate (lastIndex: number, lastTerm: number): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex)
  }

  /**
   * The largest index ≤ `index` whose term is ≤ `term`: no entry between it and `index` can match a log that has `term` at `index`, so
   * a whole term is skipped in one step. Term 0 where the log no longer reaches.
   */
  findConflictByTerm (index: number, term: number): { index: number, term: number } {
    if (index < this.prevIndex) return { index, term: 0 }
    const found = index > this.prevIndex ? this.#terms.lastAtMost(Math.min(index, this.lastIndex), term) : undefined
    if (found !== undefined) return { index: found, term: this.#terms.termAt(found) }
    return this.prevTerm <= term ? { index: this.prevIndex, term: this.prevTerm } : { index: Math.max(0, this.prevIndex - 1), term: 0 }
  }

  append (entry: Entry): void {
    if (entry.index !== this.#window.next) fail(`entry ${entry.index} appended to a log that ends at ${this.lastIndex}`)
    if (entry.term < this.lastTerm || entry.term === 0) fail(`entry ${entry.index} of term ${entry.term} appended after one of term ${this.lastTerm}`)
    assertIndex(entry.index, 'the index of an entry')
    assertIndex(entry.term, 'the term of an entry')
    this.#terms.append(entry.index, entry.term)
    this.#window.push(entry)
    this.uncommittedBytes += entryBytes(entry)
    this.lastTime = entry.time
  }

  /** Remove everything from `index` on. */
  truncate (index: number): void {
    if (index <= this.commit) fail(`entries from index ${index} were to be truncated, but ${this.commit} is committed`)
    if (index > this.lastIndex) return
    this.uncommittedBytes -= this.#window.truncate(index)
    this.#terms.truncate(index)
    this.stored = Math.min(this.stored, index - 1)
    this.written = Math.min(this.written, index - 1)
    this.lastTime = this.#window.get(index - 1)?.time ?? this.#appliedTime
    this.#memo = undefined
    this.generation++
  }

  commitTo (index: number): void {
    if (index <= this.commit) return
    if (index > this.lastIndex) fail(`commit ${index} is past the last index ${this.lastIndex}: acknowledged entries are gone from this log`)
    for (let i = this.commit + 1; i <= index; i++) this.uncommittedBytes -= entryBytes(this.#entry(i))
    this.commit = index
  }

  /** A snapshot replaces the log. It isn't durable yet, so nothing after the old commit counts as stored. */
  reset (meta: SnapshotMeta): void {
    if (meta.index <= this.commit) fail(`a snapshot at index ${meta.index} would take back the commit of ${this.commit}`)
    this.stored = Math.min(this.stored, this.commit)
    this.#window.reset(meta.index + 1)
    this.#terms.clear()
    this.prevIndex = this.commit = this.handedOut = this.written = meta.index
    this.prevTerm = meta.term
    this.lastTime = this.#appliedTime = meta.time
    this.uncommittedBytes = 0
    this.#memo = undefined
    this.generation++
  }

  /** Entries that storage hasn't been handed yet. */
  takeUnwritten (): readonly Entry[] {
    const from = this.written + 1
    this.written = this.lastIndex
    return this.slice(from, Infinity)
  }

  /** An acknowledgement of the current generation. */
  storedTo (index: number): void {
    if (index > this.written) fail(`storage acknowledged index ${index}, but was handed entries up to ${this.written} only`)
    if (index > this.stored) {
      this.stored = index
      // A snapshot moves the generation, so whatever is acknowledged after it includes it.
      this.#storedPrev = this.prevIndex
      this.#evict()
    }
  }

  /** The next committed entries to apply: only what is durable here, or an apply could outlive the entry in a crash. */
  takeCommitted (maxBytes: number): readonly Entry[] {
    const end = Math.min(this.commit, this.stored)
    if (end <= this.handedOut) return []
    const entries = this.#window.slice(this.handedOut + 1, end + 1, maxBytes)
    this.handedOut += entries.length
    return entries
  }

  get hasCommitted (): boolean { return this.handedOut < Math.min(this.commit, this.stored) }

  appliedTo (index: number): void {
    if (index < this.applied || index > this.handedOut) fail(`index ${index} reported as applied, outside of ${this.applied} to ${this.handedOut}`)
    this.#appliedTime = this.#window.get(index)?.time ?? this.#appliedTime
    this.applied = index
    this.#evict()
  }

  /** Entries from `from`, all in memory, up to `maxBytes` but at least one where there is one. */
  slice (from: number, maxBytes: number): readonly Entry[] {
    const to = this.#window.next
    if (from >= to) return []
    const memo = this.#memo
    if (memo !== undefined && memo.from === from && memo.to === to && memo.bytes <= maxBytes) return memo.entries
    const entries = this.#window.slice(from, to, maxBytes)
    if (from + entries.length === to) this.#memo = { from, to, bytes: entries.reduce((sum, e) => sum + entryBytes(e), 0), entries }
    return entries
  }

  /**
   * Forget entries up to `index`, which are applied. Returns what storage may forget: not what a snapshot will replace that is on its way
   * to the disk, as a crash could still bring the log before it back.
   */
  compact (index: number): number {
    if (index <= this.prevIndex) return this.#storedPrev
    if (index > this.applied) fail(`the log was to be compacted to index ${index}, but only ${this.applied} is applied`)
    const term = this.termAt(index)
    if (term === undefined) fail(`the log was to be compacted to index ${index}, where it doesn't reach`)
    this.#terms.compact(index, this.lastIndex)
    this.#window.dropTo(index)
    this.prevIndex = this.#storedPrev = index
    this.prevTerm = term
    this.#memo = undefined
    return index
  }

  /**
   * Of the entry at `index`, for a snapshot. Where that was dropped from memory, the time of the last applied entry: later maybe, but
   * never earlier, so that time stays monotonic for who starts from the snapshot.
   */
  timeAt (index: number): number { return this.#window.get(index)?.time ?? this.#appliedTime }

  #entry (index: number): Entry {
    return this.#window.get(index) ?? fail(`entry ${index} should be in memory, which holds ${this.#window.first} to ${this.lastIndex}`)
  }

  #evict (): void {
    if (this.#window.bytes > this.#maxCachedBytes) {
      this.#window.shrink(Math.min(this.stored, this.applied), this.#maxCachedBytes)
      this.#memo = undefined
    }
  }
}
