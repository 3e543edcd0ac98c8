import { decodeCounters, queueKeys, sequenceOf } from '../../../../src/machine/queue-rows.js'
import { prefixEnd } from '../../../../src/storage/index.js'
import { QUEUE } from '../programs/handlers.js'
import { NodeOracle } from '../oracle.js'
import type { LogReplay, Step } from '../replay.js'
import type { KvCommand } from '../../../../src/machine/kv-types.js'

type Table = 'ready' | 'taken' | 'dead'
interface Item { readonly table: Table, readonly lease: number }

const TABLES: readonly Table[] = ['ready', 'taken', 'dead']
const keys = queueKeys(QUEUE)

/** What a queue is at each revision: no item lost, none in two places, taken only when ready and in order, and gone only by the word of whoever has it. */
export class QueueOrder extends NodeOracle {
  readonly name = 'a queue keeps its items'
  private before = new Map<number, Item>()

  override executing (replay: LogReplay, command: KvCommand | undefined): void {
    if (concerns(command) && replay.state.row(keys.counters) !== undefined) this.before = this.itemsOf(replay)
    else this.before.clear()
  }

  override executed (replay: LogReplay, { command, result, revision }: Step): void {
    if (!concerns(command) || replay.state.row(keys.counters) === undefined) return
    const after = this.itemsOf(replay)
    const at = `at revision ${revision} (${command.type})`
    this.count(replay, after, at)
    for (const [sequence, item] of this.before) if (!after.has(sequence)) this.gone(sequence, item, command, at)
    const taken = [...after].filter(([sequence, { table, lease }]) => table === 'taken' && this.before.get(sequence)?.lease !== lease)
    for (const [sequence] of taken) {
      const was = this.before.get(sequence)?.table
      if (was !== 'ready' || command.type !== 'queue-take') this.fail(`item ${sequence}, which was ${was ?? 'not there'}, is taken ${at}`)
    }
    const last = Math.max(0, ...taken.map(([sequence]) => sequence))
    for (const [sequence, { table, lease }] of after) {
      if (table === 'ready' && sequence < last) this.fail(`item ${last} is handed out before item ${sequence} ${at}`)
      if (table === 'taken' && !leases(replay).has(lease)) this.fail(`item ${sequence} is taken under lease ${lease}, which is not there, ${at}`)
    }
    if (command.type === 'queue-push' && result.ok && result.type === 'pushed' && result.fresh && after.get(result.sequence)?.table !== 'ready') this.fail(`what was pushed as ${result.sequence} is not there ${at}`)
  }

  private gone (sequence: number, { table, lease }: Item, command: KvCommand, at: string): void {
    if (command.type === 'queue-ack' && table === 'taken' && command.lease === lease) return
    this.fail(`item ${sequence}, which was ${table}${table === 'taken' ? ` under lease ${lease}` : ''}, is gone ${at}`)
  }

  private count (replay: LogReplay, items: ReadonlyMap<number, Item>, at: string): void {
    const counters = decodeCounters(replay.state.row(keys.counters)?.value)
    for (const table of TABLES) {
      const there = [...items.values()].filter(item => item.table === table).length
      if (counters[table] !== there) this.fail(`${there} items are ${table}, and the queue says ${counters[table]}, ${at}`)
    }
  }

  private itemsOf (replay: LogReplay): Map<number, Item> {
    const items = new Map<number, Item>()
    for (const table of TABLES) {
      const from = keys.items(table)
      for (const { key, lease } of replay.state.rows({ from, to: prefixEnd(from) })) {
        const sequence = sequenceOf(key) ?? 0
        const other = items.get(sequence)
        if (other !== undefined) this.fail(`item ${sequence} is both ${other.table} and ${table} after revision ${replay.revision}`)
        items.set(sequence, { table, lease })
      }
    }
    return items
  }
}

/** An end of leases gives back what was taken under them. */
function concerns (command: KvCommand | undefined): command is KvCommand {
  return command !== undefined && (command.type === 'revoke' || ('queue' in command && command.queue === QUEUE))
}

const leases = (replay: LogReplay): ReadonlySet<number> => new Set(replay.state.leases().keys())
