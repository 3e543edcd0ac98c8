import { BusyError, ClosedError, NotLeaderError, UnknownOutcomeError } from '../errors.js'
import { abortReason } from './deferred.js'
import { Fifo } from './fifo.js'
import { refusalError } from './refusals.js'
import type { Core, Entry } from '../raft/types.js'

export interface Answer { readonly index: number, readonly result: Uint8Array }

/** A batch larger than this costs followers latency and saves nothing more. */
const MAX_BATCH_BYTES = 1 << 20
const MAX_BATCH_ENTRIES = 4_096

/**
 * One caller's write on its way: queued, then appended at [first, last] in `term`, then answered exactly once. It listens to its own
 * signal, so that a write costs one promise and no closure.
 */
class Proposal {
  first = 0
  last = 0
  /** 0 until appended. */
  term = 0
  settled = false
  readonly answers: Answer[] = []

  constructor (
    readonly commands: readonly Uint8Array[],
    readonly signal: AbortSignal | undefined,
    readonly namespace: string,
    readonly resolve: (answers: Answer[]) => void,
    readonly reject: (error: Error) => void
  ) {
    signal?.addEventListener('abort', this)
  }

  handleEvent (): void {
    const reason = abortReason(this.signal as AbortSignal)
    if (this.term === 0) {
      this.fail(reason)
    } else {
      this.fail(new UnknownOutcomeError(
        `waiting for the write at index ${this.first} of ${this.namespace} was given up (${reason.message}): it may still happen, so read before trying again`, { cause: reason }))
    }
  }

  done (): void {
    if (this.settled) return
    this.#settle()
    this.resolve(this.answers)
  }

  fail (error: Error): void {
    if (this.settled) return
    this.#settle()
    this.reject(error)
  }

  #settle (): void {
    this.settled = true
    this.signal?.removeEventListener('abort', this)
  }
}

/**
 * Who waits for which index. Losing the leadership answers nobody: the next leader may well commit what this one appended. An applied
 * entry answers whoever proposed it in that term, and refuses everyone of an earlier term at its index or behind: whoever leads from
 * here on has that entry (Raft §5.4.3), and terms never fall along a log, so theirs can never commit. Without the "or behind", a
 * write that the next leader cut off would wait until somebody happens to write as many entries again.
 */
export class Proposals {
  readonly #namespace: string
  readonly #maxQueued: number
  /** One proposal is taken whatever its size: gathered ones must not add up to more than the bound because of that. */
  readonly #maxBatchBytes: number
  readonly #queue = new Fifo<Proposal>()
  /** Appended in the present leadership: ascending by index. */
  readonly #appended = new Fifo<Proposal>()
  /** Appended in earlier leaderships of this node: their indexes may overlap. Hardly ever anything here. */
  #earlier: Proposal[] = []

  constructor (namespace: string, maxQueued: number, maxUncommittedBytes: number) {
    this.#namespace = namespace
    this.#maxQueued = maxQueued
    this.#maxBatchBytes = Math.min(MAX_BATCH_BYTES, maxUncommittedBytes)
  }

  get queued (): number { return this.#queue.length }
  get waiting (): number { return this.#queue.length + this.#appended.length + this.#earlier.length }

  /** For the next turn. (Not `async`, here and in `Handle.propose`: on the hot path a promise each would cost more than the rest.) */
  enqueue (commands: readonly Uint8Array[], signal: AbortSignal | undefined): Promise<Answer[]> {
    if (signal?.aborted === true) return Promise.reject(abortReason(signal))
    if (this.#queue.length >= this.#maxQueued) {
      return Promise.reject(new BusyError(`${this.#namespace} has ${this.#queue.length} writes waiting to be proposed: try again after a pause`))
    }
    return new Promise((resolve, reject) => { this.#queue.push(new Proposal(commands, signal, this.#namespace, resolve, reject)) })
  }

  /** For an entry that was appended by other means (a membership change). */
  async track (index: number, term: number, signal: AbortSignal | undefined): Promise<Answer[]> {
    return await new Promise((resolve, reject) => {
      this.#append(new Proposal([], signal, this.#namespace, resolve, reject), index, index, term)
    })
  }

  /** Append all that gathered, in as few proposals to the core as its limits allow. Returns how many commands were appended. */
  submit (core: Core, wallMs: number): number {
    let appended = 0
    while (this.#queue.length > 0) {
      const { batch, commands } = this.#nextBatch()
      if (batch.length === 0) break
      const proposed = core.propose(commands, wallMs)
      if (proposed.ok) {
        appended += this.#place(batch, proposed.index - commands.length + 1, proposed.term)
      } else if (proposed.reason === 'busy' && batch.length > 1) {
        // Together they were over the bound on uncommitted bytes; one by one, some may fit.
        for (const proposal of batch) {
          const single = core.propose(proposal.commands, wallMs)
          if (single.ok) appended += this.#place([proposal], single.index - proposal.commands.length + 1, single.term)
          else proposal.fail(refusalError(this.#namespace, single.reason, single.detail, core.leader))
        }
      } else {
        for (const proposal of batch) proposal.fail(refusalError(this.#namespace, proposed.reason, proposed.detail, core.leader))
      }
    }
    return appended
  }

  /** Entries were applied, in order. `results[i]` belongs to `entries[i]`. */
  applied (entries: readonly Entry[], results: readonly Uint8Array[]): void {
    const last = entries[entries.length - 1].index
    let head = this.#appended.first
    while (head !== undefined && head.first <= last) {
      this.#match(head, entries, results)
      if (!head.settled) break
      this.#appended.shift()
      head = this.#appended.first
    }
    for (const proposal of this.#earlier) this.#match(proposal, entries, results)
    this.#committed(entries[entries.length - 1].term)
  }

  /** A snapshot up to `index`, of `term`, took the place of entries that somebody waits for: what became of them can't be told from it. */
  skipped (index: number, term: number): void {
    const unknown = (proposal: Proposal): void => {
      if (proposal.first > index) return
      proposal.fail(new UnknownOutcomeError(`a snapshot of ${this.#namespace} up to index ${index} took the place of the write at index ${proposal.first}: read before trying again`))
    }
    while (this.#appended.first !== undefined && this.#appended.first.first <= index) unknown(this.#appended.shift() as Proposal)
    for (const proposal of this.#earlier) unknown(proposal)
    this.#committed(term)
  }

  /** The group ends: what was never appended is refused, of what was appended nobody knows. */
  end (refused: Error, unknown: Error): void {
    for (const proposal of this.#queue.drain()) proposal.fail(refused)
    for (const proposal of [...this.#appended.drain(), ...this.#earlier]) proposal.fail(unknown)
    this.#earlier = []
  }

  #nextBatch (): { batch: Proposal[], commands: readonly Uint8Array[] } {
    const batch: Proposal[] = []
    const commands: Uint8Array[] = []
    let bytes = 0
    while (this.#queue.first !== undefined) {
      const proposal = this.#queue.first
      if (!proposal.settled) {
        let size = 0
        for (const command of proposal.commands) size += command.length
        if (batch.length > 0 && (bytes + size > this.#maxBatchBytes || commands.length + proposal.commands.length > MAX_BATCH_ENTRIES)) break
        bytes += size
        batch.push(proposal)
        for (const command of proposal.commands) commands.push(command)
      }
      this.#queue.shift()
    }
    return { batch, commands }
  }

  #place (batch: readonly Proposal[], first: number, term: number): number {
    let next = first
    for (const proposal of batch) {
      this.#append(proposal, next, next + proposal.commands.length - 1, term)
      next += proposal.commands.length
    }
    return next - first
  }

  #append (proposal: Proposal, first: number, last: number, term: number): void {
    proposal.first = first
    proposal.last = last
    proposal.term = term
    const before = this.#appended.last
    if (before !== undefined && before.term !== term) {
      for (const old of this.#appended.drain()) if (!old.settled) this.#earlier.push(old)
    }
    this.#appended.push(proposal)
  }

  #match (proposal: Proposal, entries: readonly Entry[], results: readonly Uint8Array[]): void {
    if (proposal.settled) return
    const base = entries[0].index
    const from = proposal.first + proposal.answers.length
    const to = Math.min(proposal.last, entries[entries.length - 1].index)
    for (let index = from; index <= to; index++) {
      const entry = entries[index - base]
      if (entry.term !== proposal.term) {
        this.#superseded(proposal)
        return
      }
      proposal.answers.push({ index, result: results[index - base] })
    }
    if (to === proposal.last) proposal.done()
  }

  /** An entry of `term` is committed: what is still waiting from before that term can't commit any more. */
  #committed (term: number): void {
    const { first } = this.#appended
    // All of one leadership: either all of them are of an earlier term, or none is.
    if (first !== undefined && first.term < term) for (const proposal of this.#appended.drain()) this.#superseded(proposal)
    if (this.#earlier.length === 0) return
    for (const proposal of this.#earlier) if (proposal.term < term) this.#superseded(proposal)
    this.#earlier = this.#earlier.filter(proposal => !proposal.settled)
  }

  #superseded (proposal: Proposal): void {
    const done = proposal.answers.at(-1)?.index
    if (done !== undefined) {
      proposal.fail(new UnknownOutcomeError(`${this.#namespace} lost its leader in the middle of a write: indexes ${proposal.first} to ${done} happened, the rest did not`))
    } else {
      proposal.fail(new NotLeaderError(`this node stopped leading ${this.#namespace} before the write at index ${proposal.first} was committed, and the next leader went on without it: it did not happen, try again`))
    }
  }
}

/** For calls on a group that has ended. */
export function endedError (namespace: string, failure: Error | undefined): ClosedError {
  return failure === undefined
    ? new ClosedError(`${namespace} is closed on this node: nothing was written`)
    : new ClosedError(`${namespace} has stopped on this node (${failure.message}): nothing was written`, { cause: failure })
}
