import { CompactedError } from '../../../../src/errors.js'
import { byteString } from '../../../../src/storage/bytes.js'
import { inSpan } from '../../../../src/machine/history.js'
import { toSpan } from '../../../../src/service/spans.js'
import { eventText } from '../replay.js'
import { Program } from './program.js'
import type { Handle, Place } from './program.js'
import type { NamespacePlan } from '../plan.js'
import type { LogReplay } from '../replay.js'
import type { KeySpan } from '../../../../src/machine/types.js'
import type { KeyRange, Watch, WatchEvent } from '../../../../src/recipes/types.js'

/** One who goes on where the last watch ended, whatever ended it, for as long as it wants to know of these keys. */
interface Reader {
  readonly who: string
  readonly group: string
  readonly range: KeyRange
  readonly span: KeySpan
  /** The first revision that it was told of; undefined: from now on, and it is not settled yet what that is. */
  from: number | undefined
  /** All before is in `events`. */
  position: number
  events: string[]
}

interface Slot { reader?: Reader, watch?: Watch }

const RANGES: readonly KeyRange[] = [{}, { prefix: 'k' }, { key: 'k0' }, { from: 'k0', to: 'k2' }, { from: Uint8Array.of(0) }]

/** Watches of all kinds; what each was told is exactly what the log changed, in order, from where it began to where it is. */
export class Watchers extends Program {
  readonly name = 'watches tell all, once, in order'
  private readonly past: Reader[] = []
  private readonly slots: Slot[] = []
  /** By group, a revision that all who watch must come to in the end. */
  private readonly marks = new Map<string, number>()

  start (): void {
    for (const namespace of this.world.plan.namespaces) {
      for (const node of [this.somewhere(namespace), this.somewhere(namespace)]) {
        const slot: Slot = {}
        this.slots.push(slot)
        this.run(node, namespace, async place => { await this.read(place, slot) })
      }
      // A client would need the role of an administrator.
      const member = this.world.nodes[this.random.pick(namespace.founders)]
      if (this.random.chance(0.6)) this.run(member, namespace, async ({ kv, life }) => { await this.compact(kv, namespace, life.sleep.bind(life)) })
    }
  }

  /** One last write: whoever watches will come behind it. */
  override async lastWish (kv: Handle, namespace: NamespacePlan): Promise<void> {
    const { workload, clients } = this.world
    const value = workload.value()
    const call = workload.record(clients[0], namespace, { type: 'set', key: 'k0', value })
    const { revision } = await kv.set('k0', value)
    call.ok()
    this.marks.set(namespace.group, revision)
  }

  override judge (replay: LogReplay, { group }: NamespacePlan): void {
    for (const reader of this.past) if (reader.group === group) this.check(reader, replay)
  }

  override stop (): void {
    super.stop()
    // Those who have come behind the mark would wait for something that does not come.
    for (const { reader, watch } of this.slots) if (reader !== undefined && this.isDone(reader)) void watch?.return?.()
  }

  private async read (place: Place, slot: Slot): Promise<void> {
    const reader = slot.reader ??= this.begin(place)
    const floor = this.world.workload.known(place.namespace).before(this.world.scheduler.now)
    const watch = await place.kv.watch({ ...reader.range, ...(reader.from === undefined ? {} : { revision: reader.position }) })
    if (!place.life.alive) return
    slot.watch = watch
    if (reader.from === undefined) {
      reader.from = reader.position = watch.revision
      if (watch.revision <= floor) this.fail(`${reader.who} began to watch ${reader.group} at revision ${watch.revision}, and revision ${floor} had been told before`)
    }
    this.trace(() => `${reader.who} watches ${reader.group} from ${watch.revision}`)
    try {
      const batches = this.random.int(1, 12)
      for (let i = 0; i < batches && !this.isDone(reader); i++) {
        const events = await watch.nextBatch()
        if (!place.life.alive) return
        this.take(reader, events, watch.revision)
        if (this.random.chance(0.1)) await place.life.sleep(this.random.exponential(100))
      }
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error
      this.compacted(reader, error)
      slot.reader = undefined
    } finally {
      await watch.return?.()
    }
    // One who has seen enough begins with something else; the rest go on where they were.
    if (this.random.chance(0.2)) slot.reader = undefined
  }

  private begin ({ node, namespace: { group } }: Place): Reader {
    const range = this.random.pick(RANGES)
    const seen = this.world.watch.replayOf(group).applied.highest
    const earlier = this.random.chance(0.5) && seen > 0 ? this.random.int(1, seen) : undefined
    const reader: Reader = { who: node.name, group, range, span: toSpan(range), from: earlier, position: earlier ?? 0, events: [] }
    this.past.push(reader)
    return reader
  }

  private take (reader: Reader, events: readonly WatchEvent[], position: number): void {
    reader.events.push(...events.map(textOf))
    reader.position = position
    this.trace(() => `${reader.who} is told of ${events.map(event => `${event.revision} ${byteString(event.key)}`).join(', ')} in ${reader.group}, and is at ${position}`)
  }

  private compacted (reader: Reader, { compacted = 0 }: CompactedError): void {
    const replay = this.world.watch.replayOf(reader.group)
    // What this member has applied, somebody else may be the first to have on disk.
    if (compacted < reader.position) this.fail(`${reader.who} at revision ${reader.position} of ${reader.group} was told that history up to ${compacted} is compacted, which it does not need`)
    else if (replay.revision === replay.applied.highest && compacted > replay.compacted) this.fail(`${reader.who} was told that history of ${reader.group} up to ${compacted} is compacted, and the log says ${replay.compacted}`)
    this.trace(() => `${reader.who} at ${reader.position} of ${reader.group}: compacted up to ${compacted}`)
  }

  private async compact (kv: Handle, { group }: NamespacePlan, sleep: (ms: number) => Promise<void>): Promise<void> {
    await sleep(this.random.exponential(200))
    const seen = this.world.watch.replayOf(group).applied.highest
    const revision = seen - this.random.int(0, 30)
    if (revision > 0 && !this.stopped) await kv.compact(revision)
  }

  private isDone ({ group, position }: Reader): boolean { return this.stopped && position > (this.marks.get(group) ?? 0) }

  private check ({ who, group, range, span, from, position, events }: Reader, replay: LogReplay): void {
    if (from === undefined) return
    const expected = replay.changes.filter(({ revision }) => revision >= from && revision < position)
      .flatMap(({ revision, events }) => events.filter(event => inSpan(event, span)).map(event => `${revision}: ${eventText(event)}`))
    const wrong = events.findIndex((event, i) => event !== expected[i])
    const at = wrong === -1 && events.length < expected.length ? events.length : wrong
    if (at !== -1) this.fail(`${who} watched ${JSON.stringify(range)} of ${group} from revision ${from} to ${position}; event ${at + 1} of ${expected.length} is ${expected[at] ?? 'none'}, and it was told ${events[at] ?? 'nothing'}`)
  }
}

function textOf (event: WatchEvent): string {
  return `${event.revision}: ${eventText(event.type === 'set' ? { type: 'put', row: event.row } : { type: 'delete', key: event.key })}`
}
