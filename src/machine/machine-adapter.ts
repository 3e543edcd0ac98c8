import type { Command, HostedMachine, PreparedRestore, StateMachine } from './types.js'
import type { Entry, SnapshotMeta } from '../raft/types.js'

const EMPTY = new Uint8Array(0)

/**
 * Drives a program's own {@link StateMachine}. One that keeps nothing is restored from the newest local snapshot at every start; one with
 * durable state of its own says how far that reaches, and is restored only if it is behind the snapshot (a disk that was lost, or a crash
 * between the installation of a snapshot and its restore).
 */
export class MachineAdapter implements HostedMachine {
  readonly #machine: StateMachine
  #applied = 0
  #durable = 0
  /** The machine is never asked for a snapshot, a restore or more while it still applies. */
  #busy: Promise<unknown> = Promise.resolve()

  constructor (machine: StateMachine) {
    this.#machine = machine
  }

  get appliedIndex (): number { return this.#applied }

  /** The index of the newest snapshot, or what the machine says for itself: the log up to there may be compacted. */
  get durableIndex (): number { return this.#durable }

  async open (latest?: { meta: SnapshotMeta, source: () => AsyncIterable<Uint8Array> }): Promise<number> {
    const own = await this.#ownIndex()
    if (latest !== undefined && (own ?? 0) < latest.meta.index) await this.#restore(latest.source(), latest.meta)
    else this.#applied = this.#durable = own ?? 0
    return this.#applied
  }

  apply (entries: readonly Entry[]): Uint8Array[] | Promise<Uint8Array[]> {
    const first = entries[0]?.index
    if (first !== undefined && first !== this.#applied + 1) throw new Error(`entry ${first} was to be applied after ${this.#applied}`)
    const commands = entries.filter(({ kind }) => kind === 'command').map(({ index, term, time, data }): Command => ({ index, term, time, data }))
    const results = commands.length > 0 ? this.#machine.apply(commands) : []
    if (!(results instanceof Promise)) return this.#finish(entries, commands, results)
    const done = results.then(answers => this.#finish(entries, commands, answers))
    // Only to wait for it: a failure is the caller's, who has the promise itself.
    this.#busy = done.catch(() => {})
    return done
  }

  async flush (): Promise<void> {
    await this.#busy
    const own = await this.#ownIndex()
    if (own !== undefined) this.#durable = own
  }

  async snapshot (): Promise<{ index: number, source: AsyncIterable<Uint8Array>, close: () => Promise<void> }> {
    await this.#busy
    const index = this.#applied
    const pieces = this.#machine.snapshot()[Symbol.asyncIterator]()
    // Asked for its first piece now: the body of an `async *` begins only then, and would find the state of some later index.
    let next = pieces.next()
    next.catch(() => {}) // Whoever reads hears of it; nobody may.
    let complete = false
    const source = async function * (): AsyncGenerator<Uint8Array> {
      for (let piece = await next; piece.done !== true; piece = await next) {
        yield piece.value
        next = pieces.next()
      }
      complete = true
    }
    return {
      index,
      source: source(),
      close: async () => {
        // Read to the end and closed: the snapshot is stored, or storing it failed and nothing will be compacted up to it.
        if (complete) await this.#snapshotTaken(index)
        else await pieces.return?.()
      }
    }
  }

  /** A program's restore replaces its state at once, so it waits for `commit`, when the snapshot is in force. A crash before it ends is made good by `open`. */
  async prepareRestore (source: AsyncIterable<Uint8Array>, meta: SnapshotMeta): Promise<PreparedRestore> {
    return {
      ops: [],
      commit: async () => {
        await this.#busy
        await this.#restore(source, meta)
      },
      abort: async () => {}
    }
  }

  async close (): Promise<void> {
    await this.#busy
    await this.#machine.close?.()
  }

  #finish (entries: readonly Entry[], commands: readonly Command[], answers: readonly Uint8Array[]): Uint8Array[] {
    if (answers.length !== commands.length) throw new Error(`the state machine answered ${commands.length} commands with ${answers.length} results: it must give one for each, in order`)
    let next = 0
    const results = entries.map(({ kind }) => kind === 'command' ? answers[next++] : EMPTY)
    this.#applied = entries.at(-1)?.index ?? this.#applied
    return results
  }

  async #restore (source: AsyncIterable<Uint8Array>, meta: SnapshotMeta): Promise<void> {
    await this.#machine.restore(source, meta)
    this.#applied = meta.index
    this.#durable = await this.#ownIndex() ?? meta.index
  }

  async #snapshotTaken (index: number): Promise<void> {
    this.#durable = await this.#ownIndex() ?? Math.max(this.#durable, index)
  }

  async #ownIndex (): Promise<number | undefined> {
    return await this.#machine.appliedIndex?.()
  }
}
