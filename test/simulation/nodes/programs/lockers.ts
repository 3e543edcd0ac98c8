import { byteString } from '../../../../src/storage/bytes.js'
import { Program } from './program.js'
import type { Handle, Place } from './program.js'
import type { NamespacePlan } from '../plan.js'
import type { LogReplay } from '../replay.js'
import type { Held } from '../../../../src/recipes/place.js'

/** One who has come first, as far as it was told. */
interface Taken { readonly who: string, readonly group: string, readonly name: string, readonly token: number, readonly at: number }
interface Holder extends Taken { readonly place: Place, readonly held: Held }

const LOCK = 'lock'
const PERMITS = 2
const SEMAPHORE = 'sem'
/** Long enough that what clocks differ by in it is less than the grace of the leader (`src/service/lease-keeper.ts`). */
const TTLS = [150, 400]

/**
 * Locks and permits that are taken, used for writes that name them, and given back; or their holder dies, or stands still for longer than its lease.
 * Who holds one holds it alone (or with so many): at every moment by its own judgement, and for its writes by the log's.
 */
export class Lockers extends Program {
  readonly name = 'one holder at a time'
  private readonly taken: Taken[] = []
  private readonly holders = new Set<Holder>()
  private writes = 0

  start (): void {
    for (const namespace of this.world.plan.namespaces) {
      const kind = this.random.pick([LOCK, LOCK, SEMAPHORE])
      for (let i = 0; i < 3; i++) this.run(this.somewhere(namespace), namespace, async place => { await this.once(place, kind) })
    }
  }

  /** Nothing is left of those who held or waited. */
  override async prove (kv: Handle, { group }: NamespacePlan): Promise<void> {
    const lock = await kv.lock(LOCK)
    await lock.release()
    const permits = await Promise.all(Array.from({ length: PERMITS }, async () => await kv.semaphore(SEMAPHORE, PERMITS).acquire()))
    for (const permit of permits) await permit.release()
    this.trace(() => `all is free in ${group}`)
  }

  override judge (replay: LogReplay, { group }: NamespacePlan): void {
    for (const kind of [LOCK, SEMAPHORE]) {
      const line = lineOf(replay, kind)
      const most = kind === LOCK ? 1 : PERMITS
      for (const taken of this.taken) if (taken.group === group && taken.name === kind) this.checkTurn(taken, line, most, replay.applied.until(taken.at))
    }
    this.checkFenced(replay, group)
  }

  private async once (place: Place, kind: string): Promise<void> {
    const { kv, life } = place
    const { random } = this
    const options = { ttl: random.pick(TTLS), wait: random.pick([100, 800]) }
    const held = kind === SEMAPHORE ? await kv.semaphore(kind, PERMITS).acquire(options) : random.chance(0.3) ? await kv.tryLock(kind, { ttl: options.ttl }) : await kv.lock(kind, options)
    if (held === undefined || !life.alive) return
    const holder = this.take(place, kind, held)
    try {
      for (let writes = random.int(0, 4); writes > 0 && !this.stopped; writes--) {
        await life.sleep(random.exponential(30))
        // Some look whether they still hold it, and some don't: it must not make a difference to what is written.
        if (random.chance(0.5) && held.signal.aborted) break
        await this.write(holder)
      }
    } finally {
      // What it does from here on, it does as somebody who has given up.
      this.holders.delete(holder)
      await held[Symbol.asyncDispose]()
    }
  }

  private take (place: Place, name: string, held: Held): Holder {
    const { group } = place.namespace
    const holder = { who: place.node.name, group, name, token: held.token, at: this.world.scheduler.now, place, held }
    this.taken.push(holder)
    const others = [...this.holders].filter(other => other.name === name && other.group === group && isSure(other))
    this.trace(() => `${holder.who} holds ${name} in ${group}, token ${held.token}; so do ${others.map(({ who, token }) => `${who} (${token})`).join(', ') || 'no others'}`)
    if (isSure(holder) && others.length >= (name === LOCK ? 1 : PERMITS)) this.fail(`${holder.who} (token ${holder.token}) holds ${name} in ${group}, and so do ${others.map(({ who, token }) => `${who} (token ${token})`).join(' and ')}`)
    this.holders.add(holder)
    return holder
  }

  /** Named by its fence: done only while this very holder holds it. */
  private async write ({ who, name, token, held, place }: Holder): Promise<void> {
    const value = `${name} ${token} ${++this.writes}`
    const { succeeded, revision } = await place.kv.txn({ compare: [held.fence()], then: [{ type: 'set', key: `fenced ${name} ${token}`, value }] })
    this.trace(() => `${who} wrote ${value}: ${succeeded ? `done at ${revision}` : 'it is not the holder any more'}`)
  }

  /** Those before it had left the log by the time that it was told. */
  private checkTurn ({ who, name, group, token }: Taken, line: readonly Stay[], most: number, seen: number): void {
    const own = line.find(stay => stay.from === token)
    if (own === undefined) this.fail(`${who} was given ${name} in ${group} with the token ${token}, and nobody came to the line at that revision`)
    const ahead = line.filter(stay => stay.from < token && stay.to > seen)
    if (ahead.length >= most) this.fail(`${who} was given ${name} in ${group} with the token ${token} by revision ${seen}, and there were still ${ahead.map(({ from, to }) => `${from} (until ${to})`).join(', ')}`)
  }

  private checkFenced (replay: LogReplay, group: string): void {
    const lines = new Map([LOCK, SEMAPHORE].map(name => [name, lineOf(replay, name)]))
    for (const { revision, events } of replay.changes) {
      for (const event of events) {
        const [word, name, token] = event.type === 'put' ? byteString(event.row.key).split(' ') : []
        if (word !== 'fenced') continue
        const there = (lines.get(name) ?? []).filter(stay => stay.from < revision && stay.to > revision).map(({ from }) => from)
        const turns = there.sort((a, b) => a - b).slice(0, name === LOCK ? 1 : PERMITS)
        if (!turns.includes(Number(token))) this.fail(`a write of the holder ${token} of ${name} in ${group} is committed at ${revision}, when it was the turn of ${turns.join(' and ') || 'nobody'}`)
      }
    }
  }
}

/** A place in a line, from the revision at which it was taken until that at which it was left. */
interface Stay { readonly from: number, to: number }

function lineOf (replay: LogReplay, kind: string): Stay[] {
  const stays: Stay[] = []
  for (const key of replay.keys) {
    if (!key.startsWith(`\0${kind}/${kind}\0`)) continue
    let stay: Stay | undefined
    for (const { revision, row } of replay.changesOf(key, 0, Infinity)) {
      if (row === undefined) {
        if (stay !== undefined) stay.to = revision
        stay = undefined
      } else if (row.createRevision === revision) stays.push(stay = { from: revision, to: Infinity })
    }
  }
  return stays
}

/** It would say so itself, now: it runs, and has seen all the time there was. */
function isSure ({ place: { life }, held }: Holder): boolean {
  return life.alive && !life.paused && !life.clock.stoodStill && !held.signal.aborted
}
