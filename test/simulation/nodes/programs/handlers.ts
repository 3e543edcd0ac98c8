import { RaftMeshError } from '../../../../src/errors.js'
import { Program } from './program.js'
import type { Handle, Place } from './program.js'
import type { NamespacePlan } from '../plan.js'
import type { LogReplay } from '../replay.js'
import type { QueueItem } from '../../../../src/recipes/queue.js'

interface Pushed { readonly group: string, readonly value: string, readonly sequence: number }
interface Acked { readonly group: string, readonly sequence: number, readonly token: number, readonly who: string }
interface Holder { readonly group: string, readonly place: Place, readonly item: QueueItem }

export const QUEUE = 'q'
const VISIBILITIES = [120, 400]
const PATIENCE_MS = 2_000

const text = new TextDecoder()

/** Producers, and consumers who are slow, die, forget and give back. The rows are watched by an oracle of their own (`../oracles/queue-order.ts`); here, what people were told. */
export class Handlers extends Program {
  readonly name = 'what a queue was given is handled'
  private readonly pushed: Pushed[] = []
  private readonly acked: Acked[] = []
  private readonly holders = new Set<Holder>()
  private values = 0

  start (): void {
    for (const namespace of this.world.plan.namespaces) {
      this.run(this.somewhere(namespace), namespace, async place => { await this.produce(place) })
      for (let i = 0; i < 3; i++) this.run(this.somewhere(namespace), namespace, async place => { await this.consume(place) })
    }
  }

  /** All that was ever pushed is handled in the end. */
  override async prove (kv: Handle, { group }: NamespacePlan): Promise<void> {
    const queue = kv.queue(QUEUE)
    for (;;) {
      const { ready, taken, dead } = await queue.length()
      if (ready + taken + dead === 0) return
      if (dead > 0) await queue.deadLetters.redrive()
      for (const item of await queue.pop({ visibility: PATIENCE_MS, wait: PATIENCE_MS, limit: 10 })) {
        await item.ack()
        this.acked.push({ group, sequence: item.sequence, token: item.token, who: 'the last' })
      }
    }
  }

  override judge (replay: LogReplay, { group }: NamespacePlan): void {
    const done = new Map<number, { readonly lease: number, readonly at: number }>()
    for (const { command, result, revision } of replay.steps.values()) {
      if (command?.type === 'queue-ack' && result.ok) for (const sequence of command.items) if (!done.has(sequence)) done.set(sequence, { lease: command.lease, at: revision })
    }
    for (const { group: of, value, sequence } of this.pushed) {
      if (of === group && !done.has(sequence)) this.fail(`item ${sequence} of ${group} (${value}) was pushed, is not there in the end, and nobody has acked it`)
    }
    for (const { group: of, sequence, token, who } of this.acked) {
      const ack = done.get(sequence)
      if (of === group && ack?.lease !== token) this.fail(`${who} was told that its ack of item ${sequence} of ${group} (token ${token}) was done, and the log has ${ack === undefined ? 'none' : `one of ${ack.lease} at ${ack.at}`}`)
    }
  }

  private async produce ({ kv, life, node, namespace: { group } }: Place): Promise<void> {
    const queue = kv.queue(QUEUE)
    for (let items = this.random.int(1, 5); items > 0 && !this.stopped; items--) {
      const value = `i${++this.values}`
      const id = this.random.chance(0.5) ? value : undefined
      for (let tries = 0; tries < 3; tries++) {
        try {
          const { sequence, fresh } = await queue.push(value, { id })
          if (!life.alive) return
          this.pushed.push({ group, value, sequence })
          this.trace(() => `${node.name} ${group} pushed ${value} as ${sequence}${fresh ? '' : ', which was known'}`)
          break
        } catch (error) {
          // With an id it may be said again, whatever became of it.
          if (id === undefined || !(error instanceof RaftMeshError)) throw error
        }
      }
      await life.sleep(this.random.exponential(40))
    }
  }

  private async consume (place: Place): Promise<void> {
    const { kv, life } = place
    const { random } = this
    const items = await kv.queue(QUEUE).pop({ visibility: random.pick(VISIBILITIES), wait: random.pick([0, 200]), limit: random.pick([1, 1, 3]) })
    if (!life.alive) return
    const held = items.map(item => this.hold(place, item))
    try {
      for (const holder of held) {
        await life.sleep(random.exponential(random.chance(0.2) ? 300 : 20))
        await this.finish(holder)
      }
    } finally {
      for (const holder of held) this.holders.delete(holder)
    }
  }

  private async finish (holder: Holder): Promise<void> {
    const { item, place: { node, life }, group } = holder
    const dice = this.random.next()
    this.trace(() => `${node.name} ${group} has had item ${item.sequence} (token ${item.token}), and ${dice < 0.15 ? 'extends it' : dice > 0.9 ? 'forgets it' : dice > 0.8 ? 'gives it back' : 'acks it'}`)
    if (dice < 0.15) await item.extend()
    if (dice > 0.9) return
    if (dice > 0.8) {
      this.holders.delete(holder)
      await item.release()
      return
    }
    await item.ack()
    this.holders.delete(holder)
    if (life.alive) this.acked.push({ group, sequence: item.sequence, token: item.token, who: node.name })
  }

  private hold (place: Place, item: QueueItem): Holder {
    const { group } = place.namespace
    this.trace(() => `${place.node.name} ${group} has item ${item.sequence} (${text.decode(item.value)}), attempt ${item.attempts}, token ${item.token}`)
    const holder = { group, place, item }
    for (const other of this.holders) {
      if (other.group !== group || other.item.sequence !== item.sequence) continue
      if (other.item.token >= item.token) this.fail(`${place.node.name} has item ${item.sequence} of ${group} with the token ${item.token}, and ${other.place.node.name} had it before with ${other.item.token}`)
      if (isSure(holder) && isSure(other)) this.fail(`${place.node.name} (token ${item.token}) has item ${item.sequence} of ${group}, and so does ${other.place.node.name} (token ${other.item.token})`)
    }
    this.holders.add(holder)
    return holder
  }
}

/** See `lockers.ts`. */
function isSure ({ place: { life }, item }: Holder): boolean {
  return life.alive && !life.paused && !life.clock.stoodStill && !item.signal.aborted
}
