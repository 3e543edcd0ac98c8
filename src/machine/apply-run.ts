import { CommandView, Missing } from './command-view.js'
import { DirectView } from './direct-view.js'
import { KvCommandError, decodeKvCommand } from './kv-command.js'
import { encodeKvRefused } from './kv-result.js'
import { cellName } from './overlay.js'
import { answer } from './run-command.js'
import type { Base, RangeRequest } from './command-view.js'
import type { OutlineBase } from './direct-view.js'
import type { Cell, NamedCell } from './overlay.js'
import type { KvChange, KvCommand, KvRow } from './kv-types.js'
import type { Clock } from '../clock.js'
import type { Entry } from '../raft/types.js'

/** What a run works on. */
export interface ApplyState {
  readonly leaseCount: number
  compacted: number
  readonly clock: Pick<Clock, 'now' | 'setImmediate'>
  cell: Base['cell']
  outline: OutlineBase['outline']
  load: (request: RangeRequest) => Promise<NamedCell[]>
  /** The entry of this index is next. Throws if it is not. */
  advance: (index: number) => void
  /** Each is the state from now on. */
  set: (name: string, cell: Cell) => void
  /** `command`: its bytes, all of which stay in memory for as long as a part of them does. */
  changed: (change: KvChange | undefined, command: number) => void
}

/** ms in one turn: what is not in memory is read from disk, and a slow one would hold up heartbeats. */
const TURN_MS = 5
/** Entries between two looks at the clock. */
const STEP = 16
const EMPTY = new Uint8Array(0)
/** Why a run does not go on in this turn: it has taken long enough. */
const TIRED = Symbol('tired')

/**
 * Entries on their way through the machine, in order. As long as nothing must be waited for, all in one turn; a command that asks for a range
 * is stopped, what it had changed is dropped, the range is loaded, and it is run again: it is pure, so it comes to the same place.
 */
export class ApplyRun implements OutlineBase {
  readonly changes: KvChange[] = []
  readonly #state: ApplyState
  readonly #entries: readonly Entry[]
  readonly #results: Uint8Array[] = []
  readonly #direct: DirectView
  /** For the command that is being run again: by where each begins and ends. */
  readonly #loaded = new Map<string, { readonly cells: readonly NamedCell[], readonly atLeast: number }>()
  #since: number

  constructor (state: ApplyState, entries: readonly Entry[]) {
    this.#state = state
    this.#entries = entries
    this.#direct = new DirectView(this, (name, cell) => { state.set(name, cell) })
    this.#since = state.clock.now()
  }

  get leases (): number { return this.#state.leaseCount }
  get compacted (): number { return this.#state.compacted }

  cell (name: string, table: Cell['table'], key: Uint8Array): Cell | undefined { return this.#state.cell(name, table, key) }

  outline (name: string, key: Uint8Array): KvRow | undefined { return this.#state.outline(name, key) }

  range (request: RangeRequest): readonly NamedCell[] | undefined {
    const loaded = this.#loaded.get(nameOf(request))
    if (loaded === undefined) return undefined
    // Fewer than were asked for: that is all there is, however many are asked for now.
    return loaded.atLeast >= request.atLeast || loaded.cells.length < loaded.atLeast ? loaded.cells : undefined
  }

  go (): Uint8Array[] | Promise<Uint8Array[]> {
    const wait = this.#whilePossible()
    return wait === undefined ? this.#results : this.#rest(wait)
  }

  async #rest (wait: RangeRequest | typeof TIRED | undefined): Promise<Uint8Array[]> {
    while (wait !== undefined) {
      if (wait === TIRED) await new Promise<void>(resolve => { this.#state.clock.setImmediate(resolve) })
      else this.#loaded.set(nameOf(wait), { cells: await this.#state.load(wait), atLeast: wait.atLeast })
      this.#since = this.#state.clock.now()
      wait = this.#whilePossible()
    }
    return this.#results
  }

  /** Returns what the next entry waits for; undefined when all are through. */
  #whilePossible (): RangeRequest | typeof TIRED | undefined {
    for (let done = this.#results.length; done < this.#entries.length; done++) {
      if (done % STEP === STEP - 1 && this.#state.clock.now() - this.#since > TURN_MS) return TIRED
      try {
        this.#results.push(this.#one(this.#entries[done]))
      } catch (thrown) {
        if (thrown instanceof Missing) return thrown.request
        throw thrown
      }
      if (this.#loaded.size > 0) this.#loaded.clear()
    }
    return undefined
  }

  #one (entry: Entry): Uint8Array {
    if (entry.kind !== 'command') {
      this.#state.advance(entry.index)
      return EMPTY
    }
    let command: KvCommand
    try {
      command = decodeKvCommand(entry.data)
    } catch (error) {
      if (!(error instanceof KvCommandError)) throw error
      this.#state.advance(entry.index)
      return encodeKvRefused(error.reason)
    }
    return command.type === 'put' || command.type === 'delete' ? this.#oneKey(entry, command) : this.#many(entry, command)
  }

  #oneKey (entry: Entry, command: KvCommand): Uint8Array {
    this.#state.advance(entry.index)
    const view = this.#direct
    const result = answer(view, command, { revision: entry.index, time: entry.time })
    if (view.events.length === 0) return result
    this.#changed({ revision: entry.index, events: view.events }, entry)
    view.events = []
    return result
  }

  #many (entry: Entry, command: KvCommand): Uint8Array {
    const view = new CommandView(this)
    const result = answer(view, command, { revision: entry.index, time: entry.time })
    this.#state.advance(entry.index)
    const { cells, change, compacted } = view.changed(entry.index)
    for (const [name, cell] of cells) this.#state.set(name, cell)
    this.#state.compacted = compacted
    if (cells.size > 0) this.#changed(change, entry)
    return result
  }

  #changed (change: KvChange | undefined, { data }: Entry): void {
    if (change !== undefined) this.changes.push(change)
    this.#state.changed(change, data.length)
  }
}

function nameOf ({ table, from, to, outline }: RangeRequest): string {
  // The length keeps apart what would read alike.
  return `${outline === true ? 'outline' : ''} ${from.length} ${cellName(table, from)}${to === undefined ? '' : ` ${cellName(table, to)}`}`
}
