import { encodeKvCommand } from '../../../src/machine/index.js'
import { MemoryKv } from '../../machine/memory-view.js'
import type { Clock } from '../../../src/clock.js'
import type { Answer, Query, QueryType } from '../../../src/service/queries.js'
import type { KvChange } from '../../../src/machine/kv-types.js'
import type { KeySpan } from '../../../src/machine/types.js'

/** What a leader allows for clocks and messages before it ends a lease. */
const GRACE_MS = 20

interface Waiter { readonly wake: () => void }

/**
 * A namespace in one object: the machine, its history, and its leader's leases. Commands are applied at once, one after the other, as a group
 * does that never fails; what can go wrong on the way to it and back is the client's business.
 */
export class SimGroup {
  readonly kv = new MemoryKv()
  private readonly deadlines = new Map<number, number>()
  private readonly waiters = new Set<Waiter>()
  /** Polls that were woken by a change: what a herd would run up. */
  wakeUps = 0

  constructor (private readonly clock: Clock) {}

  apply (command: Uint8Array): { index: number, result: Uint8Array } {
    const { revision, answer, changes, granted, ended } = this.kv.apply(command, this.clock.wall())
    for (const { id, ttl } of granted) this.extend(id, ttl)
    for (const id of ended) this.deadlines.delete(id)
    if (changes.length > 0) for (const { wake } of this.waiters) wake()
    return { index: revision, result: answer }
  }

  /** Another member leads: it gives every lease its whole ttl. */
  changeLeader (): void {
    for (const [id, ttl] of this.kv.leases()) this.extend(id, ttl)
  }

  async answer<K extends QueryType> (query: Query<K>, signal?: AbortSignal): Promise<Answer<K>> {
    return await this.look(query as Query, signal) as Answer<K>
  }

  /** As text, for comparisons: own keys too. */
  keys (prefix = ''): string[] {
    return this.kv.rows().map(({ key }) => Buffer.from(key).toString('latin1')).filter(key => key.startsWith(prefix))
  }

  private async look (query: Query, signal?: AbortSignal): Promise<Answer<QueryType>> {
    const freshness = { revision: this.kv.revision, age: 0 }
    switch (query.type) {
      case 'row': return { ...freshness, row: this.kv.row(query.key) }
      case 'rows': {
        const { from, to } = query.span
        const all = this.kv.rows({ from, to })
        if (query.reverse) all.reverse()
        const rows = all.slice(0, query.limit).map(row => query.keysOnly ? { ...row, value: new Uint8Array(0) } : row)
        return { ...freshness, rows, more: all.length > rows.length }
      }
      case 'changes': return await this.changes(query, signal)
      case 'keepAlive': return query.leases.map(id => {
        const ttl = this.kv.leases().get(id) ?? 0
        if (ttl > 0) this.extend(id, ttl)
        return { id, ttl }
      })
      case 'leaseStatus': return { ttl: this.kv.leases().get(query.lease) ?? 0, remaining: Math.max(0, (this.deadlines.get(query.lease) ?? 0) - this.clock.now()), keys: this.kv.rows().filter(row => row.lease === query.lease).map(({ key }) => key) }
      case 'leases': {
        const found = [...this.kv.leases()].map(([id, ttl]) => ({ id, ttl })).filter(({ id }) => id > query.after).sort((a, b) => a.id - b.id)
        return { leases: found.slice(0, query.limit), more: found.length > query.limit }
      }
      case 'publish':
      case 'listen': throw new Error('live topics are not simulated here')
    }
  }

  private async changes ({ span, position, waitMs }: Query<'changes'>, signal: AbortSignal | undefined): Promise<Answer<'changes'>> {
    const until = this.clock.now() + waitMs
    for (;;) {
      if (position.revision <= this.kv.view.compacted) return { compacted: this.kv.view.compacted }
      const changes = this.since(position.revision, span)
      const next = { revision: Math.max(position.revision, this.kv.revision + 1), skip: 0 }
      if (changes.length > 0) {
        this.wakeUps++
        return { changes, next }
      }
      if (this.clock.now() >= until || signal?.aborted === true) return { changes, next }
      await this.change(until - this.clock.now(), signal)
    }
  }

  private since (revision: number, span: KeySpan): KvChange[] {
    const found: KvChange[] = []
    for (let i = this.kv.history.length - 1; i >= 0; i--) {
      const change = this.kv.history[i]
      if (change === undefined || change.revision < revision) break
      const events = change.events.filter(event => isWithin(event.type === 'put' ? event.row.key : event.key, span))
      if (events.length > 0) found.unshift({ ...change, events })
    }
    return found
  }

  private async change (ms: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>(resolve => {
      const wake = (): void => {
        this.waiters.delete(waiter)
        timer.cancel()
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const waiter = { wake }
      const timer = this.clock.setTimer(ms, wake)
      this.waiters.add(waiter)
      signal?.addEventListener('abort', wake)
    })
  }

  private extend (id: number, ttl: number): void {
    this.deadlines.set(id, this.clock.now() + ttl + GRACE_MS)
    this.clock.setTimer(ttl + GRACE_MS, () => {
      const deadline = this.deadlines.get(id)
      if (deadline !== undefined && deadline <= this.clock.now()) this.apply(encodeKvCommand({ type: 'revoke', leases: [id], expired: true }))
    })
  }
}

function isWithin (key: Uint8Array, { from, to }: KeySpan): boolean {
  return Buffer.compare(key, from) >= 0 && (to === undefined || Buffer.compare(key, to) < 0)
}
