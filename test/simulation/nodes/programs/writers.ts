import { RaftMeshError } from '../../../../src/errors.js'
import { byteString } from '../../../../src/storage/bytes.js'
import { Program } from './program.js'
import type { Place } from './program.js'
import type { NamespacePlan } from '../plan.js'
import type { LogReplay } from '../replay.js'
import type { Session } from '../../../../src/recipes/types.js'

interface Written { readonly who: string, readonly group: string, readonly value: string, how: 'done' | 'refused' | 'unknown', revision: number }

/** Keys that sessions append below. */
const PREFIX = 's/'

/**
 * Writes through sessions, several at once, whose answers get lost and which are sent again: each is done once if it was acknowledged, at the
 * revision that was told; never if it was refused; and never twice.
 */
export class Writers extends Program {
  readonly name = 'writes of a session are done once'
  private readonly written: Written[] = []
  private values = 0

  start (): void {
    for (const namespace of this.world.plan.namespaces) {
      for (let i = 0; i < 2; i++) this.run(this.somewhere(namespace), namespace, async place => { await this.once(place) })
    }
  }

  override judge (replay: LogReplay, { group }: NamespacePlan): void {
    const places = new Map<string, number[]>()
    for (const { revision, events } of replay.changes) {
      for (const event of events) {
        if (event.type !== 'put' || !byteString(event.row.key).startsWith(PREFIX)) continue
        const value = byteString(event.row.value)
        places.set(value, [...places.get(value) ?? [], revision])
      }
    }
    for (const { who, value, how, revision, ...of } of this.written) {
      if (of.group !== group) continue
      const found = places.get(value) ?? []
      const told = `the write of ${value} by ${who} in ${group} was ${how}${how === 'done' ? ` at ${revision}` : ''}`
      if (found.length > 1) this.fail(`${told}, and it is there ${found.length} times, at ${found.join(' and ')}`)
      else if (how === 'done' && found[0] !== revision) this.fail(`${told}, and it is ${found.length === 0 ? 'not there' : `at ${found[0]}`}`)
      else if (how === 'refused' && found.length > 0) this.fail(`${told}, and it is there, at ${found[0]}`)
    }
  }

  private async once (place: Place): Promise<void> {
    const { kv, life, node, namespace } = place
    const session = await kv.session({ ttl: this.random.pick([100, 300, 1_000]) })
    if (!life.alive) return
    this.trace(() => `${node.name} has the session ${session.id} in ${namespace.group}`)
    try {
      for (let rounds = this.random.int(1, 10); rounds > 0 && !this.stopped && !session.signal.aborted; rounds--) {
        await life.sleep(this.random.exponential(20))
        await Promise.all(Array.from({ length: this.random.pick([1, 1, 3]) }, async () => { await this.write(place, session) }))
      }
    } finally {
      await session[Symbol.asyncDispose]()
    }
  }

  private async write ({ node, namespace: { group }, life }: Place, session: Session): Promise<void> {
    const written: Written = { who: node.name, group, value: `s${++this.values}`, how: 'unknown', revision: 0 }
    this.written.push(written)
    try {
      const { revision } = await session.txn({ then: [{ type: 'append', prefix: PREFIX, value: written.value }] })
      if (life.alive) Object.assign(written, { how: 'done', revision })
    } catch (error) {
      if (!(error instanceof RaftMeshError)) throw error
      if (life.alive) written.how = error.outcome
    }
    this.trace(() => `${node.name} ${group} session ${session.id}: ${written.value} ${written.how} ${written.revision}`)
  }
}
