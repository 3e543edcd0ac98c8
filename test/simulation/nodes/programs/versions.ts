import { ConflictError, RaftMeshError } from '../../../../src/errors.js'
import { rowText } from '../replay.js'
import { Program } from './program.js'
import type { Place } from './program.js'
import type { NamespacePlan } from '../plan.js'
import type { LogReplay } from '../replay.js'
import type { OpenCall } from '../../../linearizability/history.js'
import type { Consistency, Row } from '../../../../src/recipes/types.js'

const text = new TextDecoder()

/** One call and its answer. `floor`: what had been told to somebody before it began. */
interface Asked { readonly who: string, readonly group: string, readonly floor: number, readonly at: number }

type Told = Asked & (
  | { readonly type: 'read', readonly key: string, readonly row: Row | undefined, readonly revision: number, readonly consistency: Consistency }
  | { readonly type: 'swapped', readonly key: string, readonly version: number, readonly value: string, readonly revision: number }
  | { readonly type: 'conflict', readonly key: string, readonly version: number }
  | { readonly type: 'txn', readonly succeeded: boolean, readonly revision: number, readonly key: string, readonly row: Row | undefined }
)

/**
 * Compare-and-set, transactions and reads of every kind, on the keys of the workload. What they write is in the workload's history as well. Their
 * answers carry revisions, so they are held against the log itself: it is the one order in which everything happened.
 */
export class Versions extends Program {
  readonly name = 'answers are those of the log'
  private readonly told: Told[] = []
  /** What a program goes by: the last version that it saw. */
  private readonly versions = new Map<string, number>()

  start (): void {
    for (const namespace of this.world.plan.namespaces) {
      this.run(this.somewhere(namespace), namespace, async place => { await this.once(place) })
      this.run(this.somewhere(namespace), namespace, async place => { await this.once(place) })
    }
  }

  override judge (replay: LogReplay, { group }: NamespacePlan): void {
    for (const told of this.told) {
      if (told.group !== group) continue
      const wrong = contradiction(told, replay)
      if (wrong !== undefined) this.fail(`${told.who} in ${group}: ${wrong}`)
    }
  }

  private async once (place: Place): Promise<void> {
    const { random } = this
    const key = random.pick(this.world.workload.keys)
    const dice = random.next()
    if (dice < 0.35) await this.swap(place, key)
    else if (dice < 0.6) await this.transact(place, key)
    else await this.read(place, key, random.pick(['linearizable', 'lease', 'bounded', 'stale'] as const))
  }

  private async swap (place: Place, key: string): Promise<void> {
    const { workload } = this.world
    const value = workload.value()
    const version = this.versions.get(keyOf(place, key)) ?? 0
    const asked = this.begin(place)
    await recorded(workload.record(place.node, place.namespace, { type: 'set', key, value }), async () => {
      try {
        const { revision } = await place.kv.set(key, value, { version })
        this.note(place, { ...asked(), type: 'swapped', key, version, value, revision }, revision)
        this.versions.set(keyOf(place, key), version + 1)
        return true
      } catch (error) {
        if (error instanceof ConflictError) this.note(place, { ...asked(), type: 'conflict', key, version })
        throw error
      }
    })
  }

  private async transact (place: Place, key: string): Promise<void> {
    const { workload } = this.world
    const other = this.random.pick(workload.keys)
    const writes = [...new Set([key, other])].map(key => ({ key, value: workload.value() }))
    const version = this.versions.get(keyOf(place, key)) ?? 0
    const asked = this.begin(place)
    await recorded(workload.record(place.node, place.namespace, { type: 'batch', writes }), async () => {
      const { succeeded, revision, results: [first] } = await place.kv.txn({
        compare: [{ key, version }],
        then: [{ type: 'get', key }, ...writes.map(write => ({ type: 'set' as const, ...write }))],
        else: [{ type: 'get', key }]
      })
      const row = first.type === 'get' ? first.row : undefined
      this.note(place, { ...asked(), type: 'txn', succeeded, key, row, revision }, revision)
      this.versions.set(keyOf(place, key), (row?.version ?? 0) + (succeeded ? 1 : 0))
      return succeeded
    })
  }

  private async read (place: Place, key: string, consistency: Consistency): Promise<void> {
    const { scheduler, plan, workload, nemesis } = this.world
    const began = scheduler.now
    const maxAge = consistency === 'bounded' ? this.random.pick([5, 50, 500]) : undefined
    const asked = this.begin(place)
    const { row, revision, age } = await place.kv.read(key, { consistency, ...(maxAge === undefined ? {} : { maxAge }) })
    const told = asked()
    const isLatest = consistency === 'linearizable' || consistency === 'lease'
    // How old it may be is by a member's clock, which may be slow; and of one that stood still, nobody can tell.
    const oldest = Math.min(age, maxAge ?? Infinity)
    const floor = isLatest ? told.floor : nemesis.clocksStoodStill ? 0 : workload.known(place.namespace).before(began - oldest / (1 - plan.drift))
    this.note(place, { ...told, floor, type: 'read', key, row, revision, consistency }, isLatest ? revision : 0)
    this.versions.set(keyOf(place, key), row?.version ?? 0)
  }

  private begin ({ node, namespace }: Place): () => Asked {
    const { scheduler, workload } = this.world
    const floor = workload.known(namespace).before(scheduler.now)
    return () => ({ who: node.name, group: namespace.group, floor, at: scheduler.now })
  }

  private note ({ namespace, life }: Place, told: Told, revision = 0): void {
    if (!life.alive) return
    this.told.push(told)
    this.world.workload.known(namespace).note(revision)
    this.trace(() => `${told.who} ${JSON.stringify(told, (key, value: unknown) => key === 'row' ? rowText(value as Row | undefined) : value)}`)
  }
}

/** What cannot be, in words. */
function contradiction (told: Told, replay: LogReplay): string | undefined {
  const { key, floor } = told
  const seen = replay.applied.until(told.at)
  switch (told.type) {
    case 'read': {
      const { row, revision, consistency } = told
      if (revision < floor) return `a ${consistency} read of ${key} answered as of revision ${revision}, and revision ${floor} had been told to somebody in time`
      const all = [{ row: replay.rowAt(key, revision) }, ...replay.changesOf(key, revision, seen)]
      if (all.some(known => rowText(known.row) === rowText(row))) return undefined
      return `a ${consistency} read of ${key} at revision ${revision} found ${rowText(row)}, and the log says ${all.map(known => rowText(known.row)).join(', then ')}`
    }
    case 'swapped': {
      const { version, value, revision } = told
      if (revision <= floor) return `a compare-and-set took place at revision ${revision}, and ${floor} had been told before it was asked for`
      const row = replay.rowAt(key, revision)
      if (row?.modRevision === revision && row.version === version + 1 && text.decode(row.value) === value) return undefined
      return `${key} was said to be set to ${value} from version ${version} at revision ${revision}, and the log has ${rowText(row)} then`
    }
    case 'conflict': {
      const versions = [replay.rowAt(key, floor), ...replay.changesOf(key, floor, seen).map(({ row }) => row)].map(row => row?.version ?? 0)
      return versions.some(version => version !== told.version) ? undefined : `${key} was said not to be at version ${told.version}, and it was all the while (revisions ${floor} to ${seen})`
    }
    case 'txn': {
      const { succeeded, revision, row } = told
      if (revision <= floor) return `a transaction took place at revision ${revision}, and ${floor} had been told before it was asked for`
      const result = replay.steps.get(revision)?.result
      if (result?.ok !== true || result.type !== 'txn' || result.succeeded !== succeeded) return `a transaction was said to have ${succeeded ? 'held' : 'failed'} at revision ${revision}, and in the log it did not`
      const before = replay.rowAt(key, revision - 1)
      return rowText(before) === rowText(row) ? undefined : `a transaction at revision ${revision} got ${rowText(row)} of ${key}, and the log had ${rowText(before)} before it`
    }
  }
}

/** As those who write into the history see it: one that did not hold has changed nothing. */
async function recorded (call: OpenCall, write: () => Promise<boolean>): Promise<void> {
  try {
    if (await write()) call.ok()
    else call.refused()
  } catch (error) {
    if (!(error instanceof RaftMeshError)) throw error
    if (error.outcome === 'unknown') call.unknown()
    else call.refused()
    throw error
  }
}

const keyOf = ({ namespace }: Place, key: string): string => `${namespace.group} ${key}`
