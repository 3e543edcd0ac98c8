import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCounters, decodeItem, encodeCounters, MAX_QUEUE_ITEMS, queueKeys, sequenceOf, takenItem } from '../../src/machine/queue-rows.js'
import { prefixEnd, u64 } from '../../src/storage/index.js'
import { bytes } from '../storage/support.js'
import { MemoryKv, MemoryView } from './memory-view.js'
import { QueueModel } from './queue-model.js'
import type { KvAnswer, KvResult, KvRow, QueueCommand } from '../../src/machine/kv-types.js'
import type { ItemTable, QueueCounters, QueueSettings } from '../../src/machine/queue-rows.js'

const text = (value: Uint8Array): string => Buffer.from(value).toString()
const keys = queueKeys('q')

class Driver {
  readonly kv: MemoryKv
  constructor (view?: MemoryView) { this.kv = new MemoryKv(view) }

  run (command: QueueCommand): KvResult { return this.kv.apply(command).result }
  ok<T extends KvAnswer['type']> (command: QueueCommand, _type: T): Extract<KvAnswer, { type: T }> {
    const result = this.run(command)
    if (!result.ok) throw new Error(`refused: ${result.reason}`)
    return result as Extract<KvAnswer, { type: T }>
  }

  push (value: string, id?: string): number {
    return this.ok({ type: 'queue-push', queue: 'q', value: bytes(value), ...(id === undefined ? {} : { id: bytes(id) }) }, 'pushed').sequence
  }

  take (limit = 1, visibility = 1_000): { lease: number, items: string[], sequences: number[], attempts: number[] } {
    const { items, revision } = this.ok({ type: 'queue-take', queue: 'q', limit, visibility }, 'taken')
    return { lease: revision, items: items.map(({ value }) => text(value)), sequences: items.map(({ sequence }) => sequence), attempts: items.map(({ attempts }) => attempts) }
  }

  ack (lease: number, ...items: number[]): KvResult { return this.run({ type: 'queue-ack', queue: 'q', lease, items }) }
  release (lease: number, ...items: number[]): KvResult { return this.run({ type: 'queue-release', queue: 'q', lease, items }) }
  expire (...leases: number[]): void { this.kv.apply({ type: 'revoke', leases, expired: true }) }
  configure (settings: Partial<QueueSettings>): KvResult { return this.run({ type: 'queue-configure', queue: 'q', ...settings }) }

  rows (table: ItemTable): KvRow[] { return this.kv.rows({ from: keys.items(table), to: prefixEnd(keys.items(table)) }) }
  counters (): QueueCounters { return decodeCounters(this.kv.row(keys.counters)?.value) }
  all (): Record<ItemTable, number[]> {
    const of = (table: ItemTable): number[] => this.rows(table).map(row => sequenceOf(row.key) ?? -1)
    return { ready: of('ready'), taken: of('taken'), dead: of('dead') }
  }
}

const counted = (count: number): unknown => expect.objectContaining({ ok: true, type: 'counted', count })
const refused = (reason: string): KvResult => ({ ok: false, reason }) as KvResult

describe('queues', () => {
  it('hand items out in the order in which they were pushed', () => {
    const q = new Driver()
    expect(['a', 'b', 'c'].map(value => q.push(value))).toEqual([1, 2, 3])
    expect(q.take().items).toEqual(['a'])
    expect(q.take(5).items).toEqual(['b', 'c'])
    expect(q.take().items).toEqual([])
  })

  it('an item is one taker\'s, and gone when that says that it is done', () => {
    const q = new Driver()
    q.push('a')
    const { lease, sequences: [a] } = q.take()
    expect(q.ack(lease + 1, a)).toEqual(refused('not-held'))
    expect(q.ack(0, a)).toEqual(refused('not-held'))
    expect(q.ack(lease, a)).toEqual(counted(1))
    expect(q.ack(lease, a)).toEqual(refused('not-held'))
    expect(q.all()).toEqual({ ready: [], taken: [], dead: [] })
  })

  it('a take that finds nothing changes nothing: no lease, no row', () => {
    const q = new Driver()
    const { changes, granted } = q.kv.apply({ type: 'queue-take', queue: 'q', limit: 1, visibility: 1_000 })
    expect([changes, granted]).toEqual([[], []])
  })

  it('an item whose lease has ended is back in its place, before those that were pushed after it', () => {
    const q = new Driver()
    for (const value of ['a', 'b', 'c']) q.push(value)
    const first = q.take(2)
    q.expire(first.lease)
    expect(q.ack(first.lease, ...first.sequences)).toEqual(refused('not-held'))
    const second = q.take(3)
    expect(second).toMatchObject({ items: ['a', 'b', 'c'], attempts: [2, 2, 1] })
    expect(second.lease).toBeGreaterThan(first.lease)
  })

  it('so is one that is released; the lease lives for as long as it holds something', () => {
    const q = new Driver()
    for (const value of ['a', 'b', 'c']) q.push(value)
    const { lease, sequences: [a, b, c] } = q.take(3)
    expect(q.release(lease, b)).toEqual(counted(1))
    expect(q.ack(lease, a, b, a)).toEqual(counted(1))
    expect([...q.kv.leases().keys()]).toEqual([lease])
    expect(q.ack(lease)).toEqual(counted(1))
    expect(q.kv.leases().size).toBe(0)
    expect(q.all()).toEqual({ ready: [b], taken: [], dead: [] })
    expect(c).toBe(3)
  })

  it('a lease that holds a key of somebody else outlives the last item', () => {
    const q = new Driver()
    q.push('a')
    const { lease } = q.take()
    q.kv.apply({ type: 'put', key: bytes('mine'), value: bytes(''), lease })
    expect(q.ack(lease)).toEqual(counted(1))
    expect([...q.kv.leases().keys()]).toEqual([lease])
    q.expire(lease)
    expect(q.kv.row(bytes('mine'))).toBeUndefined()
  })

  it('an item is dead after so many attempts, whichever way they ended; redriven, it begins anew', () => {
    const q = new Driver()
    q.configure({ maxAttempts: 2 })
    q.push('a')
    q.push('b')
    q.release(q.take().lease)
    expect(q.all().dead).toEqual([])
    q.expire(q.take().lease)
    expect(q.all()).toEqual({ ready: [2], taken: [], dead: [1] })
    expect(q.run({ type: 'queue-redrive', queue: 'q', limit: 10 })).toEqual(counted(1))
    expect(q.take(2)).toMatchObject({ items: ['a', 'b'], attempts: [1, 1] })
  })

  it('one that its taker was never given has not been tried', () => {
    const q = new Driver()
    q.configure({ maxAttempts: 2 })
    q.push('a')
    q.release(q.take().lease)
    for (let i = 0; i < 5; i++) {
      const { lease, attempts } = q.take()
      expect(attempts).toEqual([2])
      expect(q.run({ type: 'queue-release', queue: 'q', lease, items: [], untried: true })).toEqual(counted(1))
    }
    q.release(q.take().lease)
    expect(q.all()).toEqual({ ready: [], taken: [], dead: [1] })
  })

  it('with 0 attempts, it never is', () => {
    const q = new Driver()
    q.configure({ maxAttempts: 0 })
    q.push('a')
    for (let i = 0; i < 20; i++) q.release(q.take().lease)
    expect(q.all().ready).toEqual([1])
  })

  it('dead items are discarded by name', () => {
    const q = new Driver()
    q.configure({ maxAttempts: 1 })
    for (const value of ['a', 'b', 'c']) q.push(value)
    q.release(q.take(2).lease)
    expect(q.run({ type: 'queue-discard', queue: 'q', items: [2, 2, 3, 9] })).toEqual(counted(1))
    expect(q.all()).toEqual({ ready: [3], taken: [], dead: [1] })
  })

  it('the same id is the same item, even when that is done, until so many others came', () => {
    const q = new Driver()
    q.configure({ dedupe: 2 })
    expect([q.push('a', 'x'), q.push('again', 'x'), q.push('b', 'y')]).toEqual([1, 1, 2])
    q.ack(q.take(2).lease)
    expect(q.push('a', 'x')).toBe(1)
    expect(q.push('c', 'z')).toBe(3)
    expect([q.push('b', 'y'), q.push('a', 'x')]).toEqual([2, 4])
    expect(q.take(9).items).toEqual(['c', 'a'])
  })

  it('where fewer ids are to be remembered, each push forgets some, in order', () => {
    const q = new Driver()
    for (let i = 0; i < 250; i++) q.push('v', `id${i}`)
    q.configure({ dedupe: 10 })
    expect(q.counters().ids).toBe(250)
    q.push('v')
    q.push('v')
    expect(q.counters().ids).toBe(50)
    expect([q.push('v', 'id200'), q.push('v', 'id199')]).toEqual([201, 253])
    expect(q.counters().ids).toBe(10)
    q.configure({ dedupe: 0 })
    q.push('v', 'fresh')
    expect(q.counters().ids).toBe(0)
    expect(q.kv.rows({ from: keys.id(bytes('')), to: prefixEnd(keys.id(bytes(''))) })).toEqual([])
  })

  it('with 0 ids to remember, none counts any more; and pushes of known ids forget others, too', () => {
    const q = new Driver()
    for (let i = 0; i < 150; i++) q.push('v', `id${i}`)
    q.configure({ dedupe: 20 })
    expect(q.push('v', 'id149')).toBe(150)
    expect(q.counters().ids).toBe(50)
    q.configure({ dedupe: 0 })
    expect([q.push('v', 'id149'), q.push('v', 'id149')]).toEqual([151, 152])
  })

  it('a full queue takes nothing more, but knows what it has; taken and dead items count', () => {
    const q = new Driver()
    q.configure({ maxLength: 3, maxAttempts: 1 })
    for (const value of ['a', 'b', 'c']) q.push(value, value)
    q.release(q.take().lease)
    const { lease } = q.take()
    expect(q.run({ type: 'queue-push', queue: 'q', value: bytes('d') })).toEqual(refused('queue-full'))
    expect(q.push('c', 'c')).toBe(3)
    q.ack(lease)
    expect(q.push('d')).toBe(4)
  })

  it('a take ends at 1 MiB, with one item at least', () => {
    const q = new Driver()
    for (const kib of [1_500, 600, 400, 100, 1]) q.push('x'.repeat(kib * 1024))
    expect(q.take(9).sequences).toEqual([1])
    expect(q.take(9).sequences).toEqual([2, 3])
    expect(q.take(9).sequences).toEqual([4, 5])
  })

  it('a redrive ends there, too: it is all written anew, by every member', () => {
    const q = new Driver()
    q.configure({ maxAttempts: 1 })
    for (const kib of [1_500, 600, 400, 100, 1]) q.push('x'.repeat(kib * 1024))
    for (let i = 0; i < 5; i++) q.release(q.take().lease)
    const redriven = (): number => q.ok({ type: 'queue-redrive', queue: 'q', limit: 100 }, 'counted').count
    expect([redriven(), redriven(), redriven(), redriven()]).toEqual([1, 2, 2, 0])
  })

  it('a key that somebody made longer than an item\'s hides nothing that is behind it', () => {
    const q = new Driver()
    const junk = (table: ItemTable): void => { q.kv.apply({ type: 'put', key: Buffer.concat([keys.item(table, 2), Uint8Array.of(0)]), value: bytes('junk') }) }
    for (const value of ['a', 'b', 'c']) q.push(value)
    const [first, second] = [q.take().lease, q.take().lease]
    junk('ready')
    q.release(first)
    expect([q.take().items, q.take().items]).toEqual([['a'], ['c']])

    q.configure({ maxAttempts: 1 })
    junk('dead')
    q.release(second)
    q.push('d')
    q.release(q.take().lease)
    for (let i = 0; i < 2; i++) expect(q.run({ type: 'queue-redrive', queue: 'q', limit: 1 })).toEqual(counted(1))
    expect(q.take(9).items).toEqual(['b', 'd'])
  })

  it('a take of many pages of items has them in order', () => {
    const q = new Driver()
    for (let i = 0; i < 130; i++) q.push(`${i}`)
    expect(q.take(MAX_QUEUE_ITEMS).sequences).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(q.take(25).sequences).toEqual(Array.from({ length: 25 }, (_, i) => i + 101))
  })

  it.each<[string, QueueCommand]>([
    ['a name with a zero byte', { type: 'queue-push', queue: 'a\0b', value: bytes('') }],
    ['no name', { type: 'queue-push', queue: '', value: bytes('') }],
    ['an id of no bytes', { type: 'queue-push', queue: 'q', id: bytes(''), value: bytes('') }],
    ['a long id', { type: 'queue-push', queue: 'q', id: bytes('x'.repeat(256)), value: bytes('') }],
    ['none wanted', { type: 'queue-take', queue: 'q', limit: 0, visibility: 1_000 }],
    ['too many wanted', { type: 'queue-take', queue: 'q', limit: 101, visibility: 1_000 }],
    ['too short a visibility', { type: 'queue-take', queue: 'q', limit: 1, visibility: 99 }],
    ['too long a visibility', { type: 'queue-take', queue: 'q', limit: 1, visibility: 86_400_001 }],
    ['too many acked', { type: 'queue-ack', queue: 'q', lease: 1, items: Array.from({ length: 101 }, (_, i) => i) }],
    ['nothing to discard', { type: 'queue-discard', queue: 'q', items: [] }],
    ['a queue of no length', { type: 'queue-configure', queue: 'q', maxAttempts: 1, maxLength: 0, dedupe: 1 }],
    ['too much to remember', { type: 'queue-configure', queue: 'q', maxAttempts: 1, maxLength: 1, dedupe: 1e7 }]
  ])('refuse %s', (_, command) => {
    const q = new Driver()
    q.push('a')
    const before = q.kv.view.state()
    expect(q.run(command)).toEqual(refused('malformed'))
    expect(q.kv.view.state()).toBe(before)
  })

  it('one whose name begins with another\'s has rows of its own', () => {
    const q = new Driver()
    q.push('a')
    for (const queue of ['q/', 'q/r', 'q/\u0001']) q.ok({ type: 'queue-push', queue, value: bytes('other') }, 'pushed')
    expect(q.take(9).items).toEqual(['a'])
    expect(q.ok({ type: 'queue-take', queue: 'q/r', limit: 9, visibility: 500 }, 'taken').items.map(({ value }) => text(value))).toEqual(['other'])
  })

  it('only keys of taken items are told to be such', () => {
    expect(takenItem(keys.item('taken', 7))).toMatchObject({ sequence: 7 })
    expect(takenItem(keys.item('taken', 7))?.keys.prefix).toEqual(keys.prefix)
    const others = [keys.item('ready', 7), keys.counters, keys.id(bytes('t')), keys.prefix, bytes('\0queue/'), bytes('\0queue/q'), bytes('t'), Uint8Array.of(...keys.item('taken', 7), 0), keys.item('taken', 7).subarray(0, -1)]
    for (const key of others) expect(takenItem(key)).toBeUndefined()
  })

  it('whatever somebody writes into their rows by hand, no command fails', () => {
    const hand = fc.oneof(fc.constantFrom(keys.counters, keys.settings, keys.items('ready'), keys.id(bytes('x'))),
      fc.tuple(fc.constantFrom<ItemTable>('ready', 'taken', 'dead'), fc.nat(4)).map(([table, sequence]) => keys.item(table, sequence)), fc.nat(4).map(keys.order))
    const edit = fc.record({ key: hand, value: fc.uint8Array({ maxLength: 60 }), command: fc.nat(6) })
    fc.assert(fc.property(fc.array(edit, { maxLength: 12 }), edits => {
      const q = new Driver()
      q.push('a', 'x')
      q.push('b')
      let lease = q.take().lease
      for (const { key, value, command } of edits) {
        q.kv.apply({ type: 'put', key, value, lease: command === 0 ? lease : 0 })
        if (command === 1) q.run({ type: 'queue-push', queue: 'q', id: bytes('x'), value })
        if (command === 2) lease = q.take(9).lease
        if (command === 3) q.expire(lease)
        if (command === 4) q.release(lease)
        if (command === 5) q.run({ type: 'queue-redrive', queue: 'q', limit: 9 })
        if (command === 6) q.run({ type: 'queue-discard', queue: 'q', items: [1, 2, 3] })
      }
    }))
  })

  it('counters that somebody wrote by hand do not run over: what cannot be written would stop every member', () => {
    const most = Number.MAX_SAFE_INTEGER
    const fresh = { next: 1, head: 1, ready: 0, taken: 0, dead: 0, ids: 0, firstId: 1 }
    for (const name of Object.keys(fresh) as Array<keyof QueueCounters>) {
      for (const value of [most, most - 1, 2 ** 52]) {
        const driver = new Driver()
        driver.push('a')
        driver.kv.apply({ type: 'put', key: keys.counters, value: encodeCounters({ ...driver.counters(), [name]: value }) })
        driver.run({ type: 'queue-push', queue: 'q', id: bytes('id'), value: bytes('b') })
        const { lease, sequences } = driver.take(2)
        driver.release(lease, ...sequences)
        driver.expire(driver.take(2).lease)
      }
    }
    // As does the place of the first id that is remembered, which is read from a key.
    const driver = new Driver()
    driver.configure({ dedupe: 1 })
    driver.push('a', 'first')
    driver.kv.apply({ type: 'put', key: Buffer.concat([keys.order(1), u64(most)]), value: bytes('nobody') })
    driver.kv.apply({ type: 'delete', key: keys.order(1) })
    for (const id of ['b', 'c', 'd', 'e']) driver.push('x', id)
    expect(driver.counters().firstId).toBeLessThan(10)
  })

  it('behave as the plain model does: nothing lost, nothing done twice, no item of two, in order; and counters are what the rows are', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 80 }), steps => {
      const q = new Driver()
      const model = new QueueModel()
      const leases: number[] = [999_999, 1]
      for (const { kind, a, b } of steps) {
        const command = commandOf(kind, a, b, leases)
        const before = q.kv.view.state()
        const { result } = q.kv.apply(command)
        expect(result).toEqual(model.run(command, q.kv.revision))
        if (!result.ok) expect(q.kv.view.state()).toBe(before)
        if (result.ok && result.type === 'taken' && result.items.length > 0) leases.push(result.revision)
        const { ready, taken, dead, ids } = q.counters()
        expect({ ready, taken, dead, ids }).toEqual({ ready: q.rows('ready').length, taken: q.rows('taken').length, dead: q.rows('dead').length, ids: model.ids.size })
        expect(q.all()).toEqual(model.all())
        expect([...q.kv.leases().keys()]).toEqual(model.leases())
        for (const row of q.rows('taken')) expect(model.items.get(sequenceOf(row.key) ?? 0)).toMatchObject({ lease: row.lease, attempts: decodeItem(row.value).attempts })
      }
    }), { numRuns: 300 })
  })

  it('a command that is begun again for what was not in memory has the same effect', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), fc.array(fc.nat(9), { maxLength: 200 }), (steps, misses) => {
      const plain = new Driver()
      const left = [...misses]
      const missing = new Error('not in memory')
      const flaky = new Driver(new MemoryView(() => { if ((left.pop() ?? 0) > 6) throw missing }))
      const leases: number[] = [1]
      for (const { kind, a, b } of steps) {
        const command = commandOf(kind, a, b, leases)
        const { answer, result } = plain.kv.apply(command)
        expect(untilLoaded(() => flaky.kv.apply(command), missing).answer).toEqual(answer)
        if (result.ok && result.type === 'taken') leases.push(result.revision)
      }
      left.length = 0
      expect(flaky.kv.view.state()).toBe(plain.kv.view.state())
    }))
  })
})

const step = fc.record({ kind: fc.constantFrom('push', 'push', 'push-id', 'take', 'take', 'ack', 'ack-all', 'release', 'untried', 'expire', 'redrive', 'discard', 'configure'), a: fc.nat(11), b: fc.nat(3) })

function commandOf (kind: string, a: number, b: number, leases: readonly number[]): QueueCommand | { type: 'revoke', leases: number[], expired: boolean } {
  const lease = leases[Math.max(0, leases.length - 1 - b)]
  const items = [a + 1, a + 2, a + 1]
  switch (kind) {
    case 'push': return { type: 'queue-push', queue: 'q', value: Uint8Array.of(a) }
    case 'push-id': return { type: 'queue-push', queue: 'q', id: Uint8Array.of(a), value: Uint8Array.of(b) }
    case 'take': return { type: 'queue-take', queue: 'q', limit: b + 1, visibility: 500 }
    case 'ack': return { type: 'queue-ack', queue: 'q', lease, items }
    case 'ack-all': return { type: 'queue-ack', queue: 'q', lease, items: [] }
    case 'release': return { type: 'queue-release', queue: 'q', lease, items: b === 0 ? items : [] }
    case 'untried': return { type: 'queue-release', queue: 'q', lease, items: b === 0 ? items : [], untried: true }
    case 'expire': return { type: 'revoke', leases: [lease], expired: true }
    case 'redrive': return { type: 'queue-redrive', queue: 'q', limit: b + 1 }
    case 'discard': return { type: 'queue-discard', queue: 'q', items }
    // With `b` as bits: what is given.
    default: return { type: 'queue-configure', queue: 'q', ...((b & 1) === 0 ? {} : { maxAttempts: a % 4 }), ...((b & 2) === 0 ? {} : { maxLength: a + 3 }), ...(a < 6 ? {} : { dedupe: b }) }
  }
}

function untilLoaded<T> (run: () => T, missing: Error): T {
  for (;;) {
    try {
      return run()
    } catch (error) {
      if (error !== missing) throw error
    }
  }
}
