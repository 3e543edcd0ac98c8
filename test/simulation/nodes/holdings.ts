import { byteString } from '../../../src/storage/bytes.js'
import { eventText, rowText } from './replay.js'
import type { LogReplay } from './replay.js'
import type { KvEvent, KvRow } from '../../../src/machine/kv-types.js'
import type { Cluster } from '../../../src/service/cluster.js'

/** Recipes' keys, too. */
const ALL = { from: Uint8Array.of(0) }
const MAX_ROWS = 10_000

/** All that a member has of a group: rows as of a revision, and history from another one up to it. */
export interface Holdings {
  readonly rows: readonly KvRow[]
  readonly revision: number
  readonly from: number
  readonly history: ReadonlyArray<{ readonly revision: number, readonly event: KvEvent }>
}

export async function holdingsOf (cluster: Cluster): Promise<Holdings> {
  const { rows, revision } = await cluster.scan({ ...ALL, limit: MAX_ROWS })
  let history: Array<{ revision: number, event: KvEvent }> = []
  let from = 1
  for (let position = { revision: from, skip: 0 }; position.revision <= revision;) {
    const answer = await cluster.ask({ type: 'changes', span: ALL, position, waitMs: 0, maxBytes: 1 << 20 })
    if (answer.compacted !== undefined) {
      from = answer.compacted + 1
      position = { revision: from, skip: 0 }
      history = []
      continue
    }
    history.push(...answer.changes.flatMap(({ revision, events }) => events.map(event => ({ revision, event }))))
    position = answer.next
  }
  return { rows, revision, from, history }
}

/** What is not as the log has it, in words. */
export function missing ({ rows, revision, from, history }: Holdings, replay: LogReplay): string | undefined {
  const own = new Map(rows.map(row => [byteString(row.key), row]))
  for (const key of new Set([...own.keys(), ...replay.keys])) {
    const row = replay.rowAt(key, revision)
    if (rowText(own.get(key)) !== rowText(row)) return `has ${rowText(own.get(key))} at revision ${revision}, and the log says ${rowText(row)}`
  }
  if (from > replay.compacted + 1) return `has no history before revision ${from}, and the log says ${replay.compacted + 1}`
  const texts = (list: Holdings['history']): string[] => list.filter(change => change.revision >= from && change.revision <= revision).map(change => `${change.revision}: ${eventText(change.event)}`)
  const told = texts(history)
  const all = texts(replay.changes.flatMap(({ revision, events }) => events.map(event => ({ revision, event }))))
  const wrong = all.findIndex((change, i) => change !== told[i])
  if (wrong !== -1) return `has ${told[wrong] ?? 'nothing'} in its history, and the log says ${all[wrong]}`
  return told.length > all.length ? `has ${told[all.length]} in its history, of which the log knows nothing` : undefined
}
