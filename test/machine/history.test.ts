import { describe, expect, it } from 'vitest'
import { CompactedError } from '../../src/errors.js'
import { KvMachine } from '../../src/machine/kv-machine.js'
import { decodeKvResult } from '../../src/machine/kv-result.js'
import { KvKeys } from '../../src/machine/kv-rows.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { bytes, collect, levelStore, random, settled, text } from '../storage/support.js'
import { entry, kvDelete, kvPut, ManualTimers, metaAt, pieces, randomLog, stateOf } from './support.js'
import type { KvMachineOptions } from '../../src/machine/kv-machine.js'
import type { KvChange, KvCommand, TxnOp } from '../../src/machine/kv-types.js'
import type { KeySpan } from '../../src/machine/types.js'
import type { Entry } from '../../src/raft/types.js'
import type { OrderedStore } from '../../src/storage/types.js'

const NAMESPACE = '/raft/kv'
const ALL: KeySpan = { from: new Uint8Array(0) }

async function open (store: OrderedStore, options: Partial<KvMachineOptions> = {}): Promise<KvMachine> {
  const machine = new KvMachine({ store, namespace: NAMESPACE, clock: new ManualTimers(), ...options })
  await machine.open()
  return machine
}

/** How often it was read at once, in the middle of a command. */
class CountingStore extends MemoryOrderedStore {
  reads = 0

  override getNow (key: Uint8Array): Uint8Array | undefined {
    this.reads++
    return super.getNow(key)
  }
}

/** As a person would write it: `12: a=1 -b`. */
const told = (changes: readonly KvChange[]): string[] => changes.map(({ revision, events }) =>
  `${revision}: ${events.map(event => event.type === 'put' ? `${text(event.row.key)}=${text(event.row.value)}` : `-${text(event.key)}`).join(' ')}`)

/** All there is, in as many steps as it takes; each must go on where the one before ended. */
async function follow (machine: KvMachine, from: number, options: { maxBytes?: number, span?: KeySpan } = {}): Promise<string[]> {
  const found: string[] = []
  const begun = from
  while (from <= machine.revision) {
    const { changes, next } = await machine.changes({ span: ALL, maxBytes: 1_000, ...options, from })
    expect(next).toBeGreaterThan(from)
    for (const { revision } of changes) expect(revision >= from && revision < next, `${revision} in ${from}…${next}`).toBe(true)
    found.push(...told(changes))
    from = next
  }
  expect(from, 'what is still to come is not passed over').toBeLessThanOrEqual(Math.max(begun, machine.revision + 1))
  return found
}

/** What a log does to a map, told in the same way. */
function naive (log: readonly Entry[], commands: ReadonlyMap<number, KvCommand>): string[] {
  const map = new Map<string, string>()
  return log.flatMap(({ index }) => {
    const command = commands.get(index)
    if (command === undefined) return []
    const touched = new Map<string, string | undefined>()
    const before = new Map(map)
    for (const op of command.type === 'batch' ? command.ops : [command as Extract<KvCommand, { type: 'put' | 'delete' }>]) {
      const key = text(op.key) as string
      const value = op.type === 'put' ? text(op.value) as string : undefined
      if (value === undefined && !map.has(key)) continue
      touched.delete(key)
      touched.set(key, value)
      if (value === undefined) map.delete(key)
      else map.set(key, value)
    }
    const events = [...touched].flatMap(([key, value]) => value !== undefined ? [`${key}=${value}`] : before.has(key) ? [`-${key}`] : [])
    return events.length === 0 ? [] : [`${index}: ${events.join(' ')}`]
  })
}

function randomCommands (seed: number, length: number): { log: Entry[], commands: Map<number, KvCommand> } {
  const next = random(seed)
  const pick = (n: number): number => Math.floor(next() * n)
  const op = (): Extract<KvCommand, { type: 'put' | 'delete' }> => next() < 0.7 ? kvPut(`k${pick(12)}`, `${pick(1000)}`) : kvDelete(`k${pick(12)}`)
  const commands = new Map<number, KvCommand>()
  for (let index = 1; index <= length; index++) commands.set(index, next() < 0.3 ? { type: 'batch', ops: Array.from({ length: pick(5) }, op) } : op())
  return { log: [...commands].map(([index, command]) => entry(index, command)), commands }
}

describe.each([
  ['in memory', async (): Promise<OrderedStore> => new MemoryOrderedStore()],
  ['in LevelDB', async (): Promise<OrderedStore> => await levelStore()]
])('the history of the KV, %s', (_, create) => {
  it('tells every change once and in order, from any revision, whether it is in memory, in the store or in both', async () => {
    const { log, commands } = randomCommands(5, 400)
    const expected = naive(log, commands)
    const store = await create()
    const machine = await open(store, { flushRows: 25 })
    for (let at = 0; at < log.length; at += 7) await machine.apply(log.slice(at, at + 7))
    const from = (revision: number): string[] => expected.filter(line => parseInt(line) >= revision)
    for (const revision of [1, 2, 150, 399, 400]) expect(await follow(machine, revision)).toEqual(from(revision))
    await machine.close()
    const again = await open(store, { flushRows: 25 })
    for (const revision of [1, 57, 400]) expect(await follow(again, revision, { maxBytes: 1 })).toEqual(from(revision))
    const span = { from: bytes('k3'), to: bytes('k5') }
    expect((await follow(again, 1, { span })).join(' ')).not.toMatch(/k[0-2]|k[6-9]|k5=/)
    expect((await follow(again, 1, { span })).length).toBeGreaterThan(50)
  })

  it('is gone up to where it was compacted, says so, and is deleted from the store', async () => {
    const { log, commands } = randomCommands(6, 200)
    const store = await create()
    const machine = await open(store, { flushRows: 10 })
    for (let at = 0; at < log.length; at += 20) {
      await machine.apply(log.slice(at, at + 20))
      await machine.flush()
    }
    const frames = async (): Promise<number> => (await collect(store.range({ gte: new KvKeys(NAMESPACE).table(1, 'history'), lt: new KvKeys(NAMESPACE).table(1, 'row'), keysOnly: true }))).flat().length
    const before = await frames()
    await machine.apply([entry(201, { type: 'compact', revision: 150 })])
    await expect(machine.changes({ span: ALL, from: 150, maxBytes: 100 })).rejects.toThrow(CompactedError)
    await expect(machine.changes({ span: ALL, from: 1, maxBytes: 100 })).rejects.toMatchObject({ compacted: 150 })
    const expected = naive(log, commands).filter(line => parseInt(line) > 150)
    expect(await follow(machine, 151)).toEqual(expected)
    await machine.flush()
    await settled()
    await machine.cleaned()
    expect(await frames()).toBeLessThan(before / 2)
    expect(await frames()).toBeGreaterThan(0)
    await machine.close()
    const again = await open(store)
    expect(again.compacted).toBe(150)
    await expect(again.changes({ span: ALL, from: 150, maxBytes: 100 })).rejects.toThrow(CompactedError)
    expect(await follow(again, 151)).toEqual(expected)
    // A compaction further back changes nothing.
    await again.apply([entry(202, { type: 'compact', revision: 10 })])
    expect(again.compacted).toBe(150)
  })

  it('is read in few steps, however small the pieces are that it was written in', async () => {
    const store = new MemoryOrderedStore()
    const writer = await open(store)
    for (let i = 1; i <= 300; i++) {
      await writer.apply([entry(i, kvPut('k', String(i)))])
      await writer.flush()
    }
    const machine = await open(store)
    const { changes, next } = await machine.changes({ span: ALL, from: 1, maxBytes: 1 << 20 })
    expect([changes.length, next]).toEqual([300, 301])
    await machine.close()
    // And not all at once where they are large.
    const large = new MemoryOrderedStore()
    const another = await open(large)
    for (let i = 1; i <= 6; i++) {
      await another.apply([entry(i, kvPut('k', 'x'.repeat(400_000)))])
      await another.flush()
    }
    const reread = await open(large)
    const first = await reread.changes({ span: ALL, from: 1, maxBytes: 1 << 30 })
    expect([first.changes.length, first.next]).toEqual([3, 4])
    expect(await follow(reread, 1)).toHaveLength(6)
  })

  it('goes with a snapshot, from the same revision to the same end', async () => {
    const { log, commands } = randomCommands(8, 300)
    const leader = await open(await create(), { flushRows: 20 })
    for (let at = 0; at < log.length; at += 9) await leader.apply(log.slice(at, at + 9))
    await leader.apply([entry(301, { type: 'compact', revision: 120 })])
    const store = await create()
    const follower = await open(store)
    await follower.apply(log.slice(0, 30))
    let replaced = 0
    follower.observe({ replaced: () => { replaced++ } })
    const restore = await follower.prepareRestore(pieces(await stateOf(leader), 777), metaAt(301))
    await store.batch(restore.ops, { sync: true })
    await restore.commit()
    expect(replaced).toBe(1)
    expect(follower.compacted).toBe(120)
    const expected = naive(log, commands).filter(line => parseInt(line) > 120)
    expect(await follow(follower, 121)).toEqual(expected)
    await expect(follower.changes({ span: ALL, from: 120, maxBytes: 1 })).rejects.toThrow(CompactedError)
    expect(await stateOf(follower)).toBe(await stateOf(leader))
    await follower.apply([entry(302, kvPut('more', '1'))])
    expect((await follow(follower, 121)).at(-1)).toBe('302: more=1')
    const again = await open(store)
    expect(await follow(again, 121)).toEqual(expected)
  })
})

describe('applying', () => {
  it('comes to the same state and answers in pages of any size, from memory and from the store', async () => {
    const log = randomLog(11, 600)
    const extra: KvCommand[] = [
      { type: 'grant', ttl: 5_000 }, { type: 'txn', compare: [], then: [{ type: 'delete-range', from: bytes('k1'), to: bytes('k2') }, { type: 'append', prefix: bytes('log/'), value: bytes('x') }], else: [] }
    ]
    const all = log.map((one, i) => i % 40 === 39 ? entry(one.index, extra[(i / 40 | 0) % 2]) : i % 40 === 20 ? entry(one.index, { type: 'put', key: bytes(`leased${i}`), value: bytes('v'), lease: 40 }) : i === 510 ? entry(one.index, { type: 'revoke', leases: [40], expired: true }) : one)
    const states: string[] = []
    const answers: string[] = []
    for (const { step, flushRows } of [{ step: 1, flushRows: 1e6 }, { step: 600, flushRows: 1e6 }, { step: 100, flushRows: 5 }, { step: 33, flushRows: 1 }]) {
      const machine = await open(await levelStore(), { flushRows })
      const results: Uint8Array[] = []
      for (let at = 0; at < all.length; at += step) results.push(...await machine.apply(all.slice(at, at + step)))
      states.push(await stateOf(machine))
      answers.push(Buffer.concat(results).toString('hex'))
      expect([...machine.leases().keys()]).toEqual([120, 200, 280, 360, 440, 520, 600])
    }
    expect(new Set(states).size).toBe(1)
    expect(new Set(answers).size).toBe(1)
  })

  it('ends many leases in one go: what one of them waits for does not begin those before it anew', async () => {
    const reads = async (leases: number): Promise<number> => {
      const store = new CountingStore()
      const machine = await open(store)
      const ids = Array.from({ length: leases }, (_, i) => i + 1)
      const puts = ids.flatMap(lease => Array.from({ length: 20 }, (_, i) => ({ ...kvPut(`${lease}/${i}`, 'v'), lease })))
      await machine.apply([...ids.map(id => entry(id, { type: 'grant', ttl: 1_000 })), ...puts.map((put, i) => entry(leases + 1 + i, put))])
      await machine.flush()
      store.reads = 0
      await machine.apply([entry(leases * 21 + 1, { type: 'revoke', leases: ids, expired: true })])
      expect(machine.leases().size).toBe(0)
      return store.reads
    }
    expect(await reads(40)).toBeLessThan(60 * await reads(1))
  })

  it('runs a transaction no more often for many ranges than for few', async () => {
    const reads = async (ranges: number): Promise<number> => {
      const store = new CountingStore()
      const machine = await open(store)
      const keys = Array.from({ length: 200 }, (_, i) => bytes(`c${i}`))
      await machine.apply([entry(1, {
        type: 'txn',
        compare: keys.map(key => ({ target: 'version', key, relation: '=', operand: 0 })),
        then: [...keys.map(key => ({ type: 'put' as const, key, value: bytes('v') })), ...Array.from({ length: ranges }, (_, i) => ({ type: 'delete-range' as const, from: bytes(`r${i}`), to: bytes(`r${i}x`) }))],
        else: []
      })])
      expect((await machine.keys(bytes('c'), { limit: 1_000 })).length).toBe(200)
      return store.reads
    }
    expect(await reads(32)).toBeLessThan(2 * await reads(2))
  })

  it('deletes the first so many of ranges that lie over each other, wherever they are read from', async () => {
    const machine = await open(await levelStore())
    await machine.apply([entry(1, { type: 'batch', ops: Array.from({ length: 100 }, (_, i) => kvPut(`k${100 + i}`, '')) })])
    await machine.flush()
    const range = (from: string, limit?: number): TxnOp => ({ type: 'delete-range', from: bytes(from), to: bytes('l'), ...(limit === undefined ? {} : { limit }) })
    const [result] = await machine.apply([entry(2, { type: 'txn', compare: [], then: [kvDelete('k101'), kvPut('k1005', ''), range('k', 3), kvPut('k100', ''), range('k', 4), range('k150', 10), range('k140', 15)], else: [] })])
    expect(decodeKvResult(result)).toMatchObject({ ok: true, results: [{ deleted: 1 }, {}, { deleted: 3 }, {}, { deleted: 4 }, { deleted: 10 }, { deleted: 15 }] })
    expect((await machine.keys(bytes('k'), { limit: 1_000 })).map(text)).toEqual([...Array.from({ length: 34 }, (_, i) => `k${106 + i}`), ...Array.from({ length: 35 }, (_, i) => `k${165 + i}`)])
  })

  it('sees what the entries before have done, though they reach the store while a later one waits for a range', async () => {
    const timers = new ManualTimers()
    const store = new MemoryOrderedStore()
    const machine = await open(store, { clock: timers })
    await machine.apply([entry(1, kvPut('a', '1')), ...Array.from({ length: 40 }, (_, i) => entry(i + 2, kvPut(`x${i}`, '0')))])
    await machine.flush()
    await machine.apply([entry(42, kvPut('y', '1'))])
    const [cell] = timers.pending
    const page = [
      entry(43, kvPut('a', '2')),
      entry(44, { type: 'txn', compare: [], then: [{ type: 'delete-range', from: bytes('x'), to: bytes('y') }], else: [] }),
      entry(45, kvPut('a', '3')),
      ...Array.from({ length: 40 }, (_, i) => entry(i + 46, kvPut(`z${i}`, '0')))
    ]
    const applied = machine.apply(page)
    // The flush begins, and lands, between the moment in which the values were read and the one in which they are used.
    for (let turn = 0; turn < 20; turn++) {
      cell.fire()
      await Promise.resolve()
    }
    await applied
    expect(await machine.row(bytes('a'))).toMatchObject({ version: 3, createRevision: 1, modRevision: 45 })
    expect((await machine.rows({ from: bytes('x'), to: bytes('y'), limit: 100 })).rows).toEqual([])
  })

  it('tells those who look on what was changed, and which leases came and went', async () => {
    const machine = await open(new MemoryOrderedStore())
    const heard: string[] = []
    const stop = machine.observe({
      changed: changes => { heard.push(...told(changes)) },
      leases: ({ granted, ended }) => { heard.push(...granted.map(({ id, ttl }) => `granted ${id} ${ttl}`), ...ended.map(id => `ended ${id}`)) }
    })
    await machine.apply([entry(1, { type: 'grant', ttl: 500 }), entry(2, { type: 'put', key: bytes('a'), value: bytes('1'), lease: 1 })])
    await machine.apply([entry(3, kvDelete('nothing'))])
    await machine.apply([entry(4, { type: 'revoke', leases: [1, 7], expired: false })])
    expect(await machine.leaseKeys(1, 10)).toEqual([])
    stop()
    await machine.apply([entry(5, kvPut('b', '1'))])
    expect(heard).toEqual(['2: a=1', 'granted 1 500', '4: -a', 'ended 1'])
  })

  it('pages rows both ways, with and without values, as of one revision', async () => {
    for (const store of [new MemoryOrderedStore(), await levelStore()]) {
      const machine = await open(store, { flushRows: 1e6 })
      await machine.apply(Array.from({ length: 30 }, (_, i) => entry(i + 1, kvPut(`k${String(i).padStart(2, '0')}`, 'v'))))
      await machine.flush()
      await machine.apply([entry(31, kvDelete('k05')), entry(32, kvPut('k055', 'w')), entry(33, kvDelete('k29'))])
      const names = (rows: ReadonlyArray<{ key: Uint8Array }>): string[] => rows.map(({ key }) => text(key) as string)
      const forward = await machine.rows({ from: bytes('k04'), to: bytes('k08'), limit: 10 })
      expect(names(forward.rows)).toEqual(['k04', 'k055', 'k06', 'k07'])
      expect(forward).toMatchObject({ more: false, revision: 33 })
      const back = await machine.rows({ from: bytes('k04'), limit: 3, reverse: true })
      expect(names(back.rows)).toEqual(['k28', 'k27', 'k26'])
      expect(back.more).toBe(true)
      const bare = await machine.rows({ from: new Uint8Array(0), limit: 100, keysOnly: true })
      expect(bare.rows).toHaveLength(29)
      expect(bare.rows.every(({ value }) => value.length === 0)).toBe(true)
      const whole = await machine.rows({ from: new Uint8Array(0), limit: 100 })
      expect(bare.rows).toEqual(whole.rows.map(row => ({ ...row, value: new Uint8Array(0) })))
      expect(bare.rows.every(({ version, modRevision }) => version === 1 && modRevision > 0)).toBe(true)
      expect(await machine.keys(bytes('k'), { limit: 100 })).toEqual(whole.rows.map(({ key }) => key))
      const small = await machine.rows({ from: bytes('k'), limit: 100, maxBytes: 9 })
      expect(small).toMatchObject({ more: true })
      expect(small.rows).toHaveLength(2)
    }
  })

  it('ends a page of keys, too, where very much is read for it, and never holds what it read', async () => {
    const machine = await open(await levelStore())
    for (let i = 1; i <= 10; i++) await machine.apply([entry(i, { type: 'put', key: bytes(`k${i - 1}`), value: new Uint8Array(2 << 20) })])
    for (const flush of [async () => {}, async () => { await machine.flush() }]) {
      await flush()
      const first = await machine.rows({ from: bytes('k'), limit: 100, keysOnly: true })
      expect([first.rows.length, first.more]).toEqual([4, true])
      const rest = await machine.rows({ from: bytes('k4'), limit: 100, keysOnly: true })
      expect([...first.rows, ...rest.rows].map(({ key, modRevision }) => [text(key), modRevision])).toEqual(Array.from({ length: 8 }, (_, i) => [`k${i}`, i + 1]))
      expect(first.rows.every(({ key, value }) => key.buffer.byteLength < 100 && value.buffer.byteLength === 0)).toBe(true)
      // By name alone, nothing is read.
      expect(await machine.keys(bytes('k'), { limit: 100 })).toHaveLength(10)
    }
  })
})
