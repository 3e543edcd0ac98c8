import { decodeKvCommand, KvCommandError } from '../../../src/machine/kv-command.js'
import { byteString } from '../../../src/storage/bytes.js'
import { Known } from './known.js'
import { MemoryKv } from '../../machine/memory-view.js'
import type { Entry } from '../../../src/raft/types.js'
import type { KvChange, KvCommand, KvEvent, KvRow } from '../../../src/machine/kv-types.js'
import type { Applied } from '../../machine/memory-view.js'

/** A committed command, and what it does to a state that nothing ever happens to. */
export interface Step extends Applied { readonly command: KvCommand | undefined }

/** One group's log, as far as it is known to be committed, run by itself: no disk, no snapshot, no restart. What members do is held against it. */
export class LogReplay {
  /** By revision; other entries than commands have none. */
  readonly steps = new Map<number, Step>()
  /** What any member has applied. */
  readonly applied: Known
  private readonly kv = new MemoryKv()
  private readonly rows = new Map<string, Array<{ readonly revision: number, readonly row: KvRow | undefined }>>()

  constructor (now: () => number) { this.applied = new Known(now) }

  /** All up to here has been run. */
  get revision (): number { return this.kv.revision }
  get compacted (): number { return this.kv.view.compacted }
  get changes (): readonly KvChange[] { return this.kv.history }
  get keys (): IterableIterator<string> { return this.rows.keys() }
  /** As it is now; the rows of a queue, say. */
  get state (): MemoryKv { return this.kv }

  /** `before` is called with the state as the command finds it. */
  run (entry: Entry, before: (command: KvCommand | undefined) => void): Step | undefined {
    if (entry.index !== this.kv.revision + 1) throw new Error(`entry ${entry.index} cannot be run after ${this.kv.revision}`)
    if (entry.kind !== 'command') {
      this.kv.revision = entry.index
      return undefined
    }
    const command = commandOf(entry)
    before(command)
    const step = { ...this.kv.apply(entry.data, entry.time), command }
    this.steps.set(entry.index, step)
    for (const event of step.changes) this.note(entry.index, event)
    return step
  }

  rowAt (key: string, revision: number): KvRow | undefined {
    return this.rows.get(key)?.findLast(known => known.revision <= revision)?.row
  }

  /** Of a key, later than `after` and not later than `to`. */
  changesOf (key: string, after: number, to: number): Array<{ readonly revision: number, readonly row: KvRow | undefined }> {
    return this.rows.get(key)?.filter(({ revision }) => revision > after && revision <= to) ?? []
  }

  private note (revision: number, event: KvEvent): void {
    const row = event.type === 'put' ? event.row : undefined
    const key = byteString(event.type === 'put' ? event.row.key : event.key)
    const known = this.rows.get(key)
    if (known === undefined) this.rows.set(key, [{ revision, row }])
    else known.push({ revision, row })
  }
}

function commandOf (entry: Entry): KvCommand | undefined {
  try {
    return decodeKvCommand(entry.data)
  } catch (error) {
    if (error instanceof KvCommandError) return undefined
    throw error
  }
}

/** Equal rows are equal texts. */
export function rowText (row: KvRow | undefined): string {
  if (row === undefined) return 'nothing'
  const { key, value, createRevision, modRevision, version, lease } = row
  return `${printable(key)} = ${printable(value)} (version ${version}, made at ${createRevision}, written at ${modRevision}, lease ${lease})`
}

export function eventText (event: KvEvent): string {
  return event.type === 'put' ? `set ${rowText(event.row)}` : `delete ${printable(event.key)}`
}

export const printable = (bytes: Uint8Array): string => JSON.stringify(byteString(bytes))
