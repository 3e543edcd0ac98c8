import { DEFAULT_QUEUE_SETTINGS } from '../../src/machine/queue-rows.js'
import type { KvCommand, KvResult, QueueItem } from '../../src/machine/kv-types.js'

interface ModelItem { state: 'ready' | 'taken' | 'dead', attempts: number, lease: number, readonly id?: Uint8Array, readonly value: Uint8Array }

/** What a queue should do, in the plainest way: one map of items, looked through from the start. */
export class QueueModel {
  readonly items = new Map<number, ModelItem>()
  /** In the order of their pushes. */
  readonly ids = new Map<string, number>()
  settings = DEFAULT_QUEUE_SETTINGS
  next = 1

  run (command: KvCommand, revision: number): KvResult {
    switch (command.type) {
      case 'queue-push': return this.push(command.id, command.value, revision)
      case 'queue-take': return this.take(command.limit, revision)
      case 'queue-ack': return this.end(command.lease, command.items, revision, sequence => { this.items.delete(sequence) })
      case 'queue-release': return this.end(command.lease, command.items, revision, sequence => { this.back(sequence, command.untried) })
      case 'queue-redrive': {
        const dead = this.where(item => item.state === 'dead').slice(0, command.limit)
        for (const [, item] of dead) Object.assign(item, { state: 'ready', attempts: 0 })
        return { ok: true, type: 'counted', revision, count: dead.length }
      }
      case 'queue-discard': {
        const dead = this.where((item, sequence) => item.state === 'dead' && command.items.includes(sequence))
        for (const [sequence] of dead) this.items.delete(sequence)
        return { ok: true, type: 'counted', revision, count: dead.length }
      }
      case 'queue-configure':
        for (const name of ['maxAttempts', 'maxLength', 'dedupe'] as const) if (command[name] !== undefined) this.settings = { ...this.settings, [name]: command[name] }
        return { ok: true, type: 'written', revision }
      case 'revoke': {
        const there = this.leases().includes(command.leases[0])
        for (const [sequence] of this.where(item => item.state === 'taken' && item.lease === command.leases[0])) this.back(sequence)
        return { ok: true, type: 'counted', revision, count: there ? 1 : 0 }
      }
      default: throw new Error(`no command of queues: ${command.type}`)
    }
  }

  all (): Record<ModelItem['state'], number[]> {
    const of = (state: ModelItem['state']): number[] => this.where(item => item.state === state).map(([sequence]) => sequence)
    return { ready: of('ready'), taken: of('taken'), dead: of('dead') }
  }

  leases (): number[] {
    return [...new Set(this.where(item => item.state === 'taken').map(([, item]) => item.lease))].sort((a, b) => a - b)
  }

  private push (id: Uint8Array | undefined, value: Uint8Array, revision: number): KvResult {
    const name = id === undefined ? undefined : String(id)
    const known = name === undefined ? undefined : this.ids.get(name)
    if (known !== undefined && this.settings.dedupe > 0) {
      this.forget()
      return { ok: true, type: 'pushed', revision, sequence: known, fresh: false }
    }
    if (this.items.size >= this.settings.maxLength) return { ok: false, reason: 'queue-full' }
    const sequence = this.next++
    this.items.set(sequence, { state: 'ready', attempts: 0, lease: 0, value, ...(id === undefined ? {} : { id }) })
    if (name !== undefined) this.ids.set(name, sequence)
    this.forget()
    return { ok: true, type: 'pushed', revision, sequence, fresh: true }
  }

  private forget (): void {
    for (const oldest of [...this.ids.keys()].slice(0, Math.max(0, this.ids.size - this.settings.dedupe))) this.ids.delete(oldest)
  }

  private take (limit: number, revision: number): KvResult {
    const items = this.where(item => item.state === 'ready').slice(0, limit).map(([sequence, item]): QueueItem => {
      Object.assign(item, { state: 'taken', attempts: item.attempts + 1, lease: revision })
      return { sequence, attempts: item.attempts, value: item.value, ...(item.id === undefined ? {} : { id: item.id }) }
    })
    return { ok: true, type: 'taken', revision, items }
  }

  private end (lease: number, wanted: readonly number[], revision: number, how: (sequence: number) => void): KvResult {
    const held = this.where((item, sequence) => item.state === 'taken' && item.lease === lease && (wanted.length === 0 || wanted.includes(sequence)))
    if (held.length === 0) return { ok: false, reason: 'not-held' }
    for (const [sequence] of held) how(sequence)
    return { ok: true, type: 'counted', revision, count: held.length }
  }

  private back (sequence: number, untried = false): void {
    const item = this.items.get(sequence)
    if (item === undefined) throw new Error(`no item ${sequence}`)
    const { maxAttempts } = this.settings
    if (untried) item.attempts--
    Object.assign(item, { state: maxAttempts > 0 && item.attempts >= maxAttempts ? 'dead' : 'ready', lease: 0 })
  }

  private where (matches: (item: ModelItem, sequence: number) => boolean): Array<[number, ModelItem]> {
    return [...this.items].filter(([sequence, item]) => matches(item, sequence)).sort(([a], [b]) => a - b)
  }
}
