import { expect, it } from 'vitest'
import { encodeKvCommand } from '../../src/machine/kv-command.js'
import { KvMachine } from '../../src/machine/kv-machine.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { bytes, settled } from '../storage/support.js'
import { entry, kvPut, ManualTimers } from './support.js'
import type { KvMachineOptions } from '../../src/machine/kv-machine.js'
import type { KvChange } from '../../src/machine/kv-types.js'
import type { Entry } from '../../src/raft/types.js'

const MIB = 1 << 20

async function open (options: Partial<KvMachineOptions> = {}): Promise<KvMachine> {
  const machine = new KvMachine({ store: new MemoryOrderedStore(), namespace: '/raft/kv', clock: new ManualTimers(), ...options })
  await machine.open()
  return machine
}

const all = async (machine: KvMachine): Promise<KvChange[]> => (await machine.changes({ span: { from: new Uint8Array(0) }, from: 1, maxBytes: MIB })).changes

/** Whatever these are views of stays in memory as a whole. */
function keptAlive (changes: readonly KvChange[]): number {
  const buffers = new Set<ArrayBufferLike>()
  for (const { events } of changes) {
    for (const event of events) {
      if (event.type === 'delete') buffers.add(event.key.buffer)
      else buffers.add(event.row.key.buffer).add(event.row.value.buffer)
    }
  }
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** Two bytes are put, or one is deleted, behind a comparison with a megabyte. */
const small = (index: number): Entry => entry(index, {
  type: 'txn', compare: [{ target: 'value', key: bytes('other'), relation: '=', operand: new Uint8Array(MIB) }], then: [], else: [index % 2 === 0 ? { type: 'delete', key: bytes('k') } : { type: 'put', key: bytes('k'), value: bytes('v') }]
})

/** As a follower has them: views of what came in one message. */
function inOneBlock (entries: readonly Entry[]): Entry[] {
  const block = new Uint8Array(entries.reduce((sum, { data }) => sum + data.length, 0))
  let at = 0
  return entries.map(one => {
    block.set(one.data, at)
    return { ...one, data: block.subarray(at, at += one.data.length) }
  })
}

it.each([
  ['a leader', (entries: Entry[]) => entries],
  ['a follower', inOneBlock]
])('the window of history at %s holds what was changed, and nothing else of the commands', async (_, arrive) => {
  const machine = await open()
  const log = arrive(Array.from({ length: 20 }, (_, i) => small(i + 1)))
  for (const one of log) await machine.apply([one])
  await machine.flush()
  const changes = await all(machine)
  expect(changes.map(({ revision }) => revision)).toEqual(log.map(({ index }) => index))
  expect(keptAlive(changes)).toBeLessThan(10_000)
  await machine.close()
})

it('is the same history, whether it is told from what is pending, from the window, or from the store', async () => {
  const store = new MemoryOrderedStore()
  const machine = await open({ store })
  await machine.apply([
    entry(1, { type: 'grant', ttl: 1_000 }), entry(2, { type: 'put', key: bytes('a'), value: bytes('1'), lease: 1 }), entry(3, kvPut('a', '2')),
    entry(4, { type: 'txn', compare: [], then: [kvPut('b', ''), { type: 'append', prefix: bytes('log/'), value: bytes('x') }, { type: 'delete-range', from: bytes('a'), to: bytes('b') }], else: [] })
  ])
  const pending = await all(machine)
  await machine.flush()
  const plain = (changes: readonly KvChange[]): unknown => structuredClone(changes)
  expect(plain(await all(machine))).toEqual(plain(pending))
  await machine.close()
  expect(plain(await all(await open({ store })))).toEqual(plain(pending))
})

it('what is pending is counted with all of its commands, so that it reaches the store before it is too much', async () => {
  const machine = await open({ flushBytes: 4 * MIB })
  for (let i = 1; i <= 3; i++) await machine.apply([small(i)])
  await settled()
  expect(machine.durableIndex).toBe(0)
  await machine.apply([small(4)])
  await settled()
  expect(machine.durableIndex).toBe(4)
  await machine.close()
})

it('says up to where it may go, for what is left to be no larger than it should be', async () => {
  const machine = await open()
  for (let i = 1; i <= 10; i++) {
    await machine.apply([entry(i, encodeKvCommand(kvPut('k', 'x'.repeat(1_000))))])
    await machine.flush()
  }
  const { bytes: size } = machine.history
  expect(size).toBeGreaterThan(10_000)
  expect(machine.history.beyond(size)).toBe(0)
  for (const [most, gone] of [[size - 1, 1], [size / 2, 5], [0, 10]]) expect(machine.history.beyond(most), String(most)).toBe(gone)
  await machine.apply([entry(11, { type: 'compact', revision: machine.history.beyond(size / 2) })])
  await machine.flush()
  expect(machine.history.bytes).toBe(size / 2)
  expect(machine.history.beyond(size)).toBe(5)
  await machine.close()
})
