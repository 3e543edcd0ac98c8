import { describe, expect, it } from 'vitest'
import { PendingWrites } from '../../src/engine/pending-writes.js'
import { WriteQueue } from '../../src/engine/write-queue.js'
import { MemoryOrderedStore } from '../../src/storage/index.js'
import { entry } from './support/proposals.js'
import { SimClock } from './support/sim-clock.js'
import type { LandedWrite } from '../../src/engine/pending-writes.js'
import type { Writer } from '../../src/engine/write-queue.js'
import type { Entry, Message, StorageWrite } from '../../src/raft/types.js'
import type { GroupStorage, StoreOp } from '../../src/storage/types.js'

const reply: Message = { type: 'vote-reply', from: 'a.1', to: 'b.1', term: 1, granted: true }
const write = (parts: Partial<StorageWrite> & { generation?: number }): StorageWrite => ({
  entries: [], mustSync: (parts.entries?.length ?? 0) > 0, messages: [], ack: { term: 1, lastIndex: parts.entries?.at(-1)?.index ?? 0, generation: parts.generation ?? 1 }, ...parts
})
const range = (from: number, to: number, term = 1): Entry[] => Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, term))

/** Remembers what it was asked to write. */
class FakeStorage {
  readonly writes: StorageWrite[] = []
  readonly compactions: number[] = []
  append (ops: StoreOp[], written: StorageWrite): void {
    this.writes.push(written)
    ops.push({ type: 'put', key: Uint8Array.of(this.writes.length), value: Uint8Array.of(0) })
  }

  compact (ops: StoreOp[], index: number): void {
    this.compactions.push(index)
    ops.push({ type: 'del', key: Uint8Array.of(index) })
  }

  get storage (): GroupStorage { return this as unknown as GroupStorage }
}

describe('pending writes', () => {
  it('that follow each other become one, with every message and acknowledgement in order', () => {
    const storage = new FakeStorage()
    const pending = new PendingWrites(storage.storage)
    const first = range(1, 2)
    pending.add(write({ entries: first, messages: [reply] }), undefined)
    pending.add(write({ hardState: { term: 1, commit: 1 } }), undefined)
    pending.add(write({ entries: range(3, 3), messages: [{ ...reply, granted: false }] }), undefined)
    const { landed, sync } = pending.build([])
    expect(sync).toBe(true)
    expect(storage.writes).toHaveLength(1)
    expect(storage.writes[0].entries.map(({ index }) => index)).toEqual([1, 2, 3])
    expect(storage.writes[0].hardState).toEqual({ term: 1, commit: 1 })
    expect(landed.flatMap(({ messages }) => messages)).toEqual([reply, { ...reply, granted: false }])
    expect(landed.flatMap(({ acks }) => acks).map(({ lastIndex }) => lastIndex)).toEqual([2, 0, 3])
    // The core's own array is not ours to grow.
    expect(first).toHaveLength(2)
    expect(pending.empty).toBe(true)
  })

  it('that replace what waits stay apart, so that the log sees both', () => {
    const storage = new FakeStorage()
    const pending = new PendingWrites(storage.storage)
    pending.add(write({ entries: range(1, 3) }), undefined)
    pending.add(write({ entries: range(2, 2, 2), generation: 2 }), undefined)
    pending.build([])
    expect(storage.writes.map(({ entries }) => entries.map(({ index, term }) => [index, term]))).toEqual([[[1, 1], [2, 1], [3, 1]], [[2, 2]]])
  })

  it('with a snapshot begin anew, and what follows the snapshot joins it', () => {
    const storage = new FakeStorage()
    const pending = new PendingWrites(storage.storage)
    const meta = { index: 9, term: 2, time: 0, configuration: { voters: [], outgoing: [], learners: [], learnersNext: [] }, configurationIndex: 1 }
    const install = { meta, addTo: (ops: StoreOp[]) => { ops.push({ type: 'put', key: Uint8Array.of(99), value: Uint8Array.of(9) }) } }
    pending.add(write({ entries: range(1, 3) }), undefined)
    pending.add(write({ snapshot: meta, mustSync: true }), install)
    pending.add(write({ entries: range(10, 11, 2) }), undefined)
    const ops: StoreOp[] = []
    const { landed } = pending.build(ops)
    expect(storage.writes.map(({ snapshot, entries }) => [snapshot?.index, entries.length])).toEqual([[undefined, 3], [9, 2]])
    expect(landed.map(built => built.install)).toEqual([undefined, install])
    expect(ops.at(-1)?.key).toEqual(Uint8Array.of(99))
  })

  it('of a commit index alone wait for a ride; a compaction too, but is synced with what it rides on', () => {
    const storage = new FakeStorage()
    const pending = new PendingWrites(storage.storage)
    pending.add(write({ hardState: { term: 1, commit: 5 } }), undefined)
    expect(pending.urgent).toBe(false)
    expect(pending.build([]).sync).toBe(false)
    pending.compact(4, 1)
    expect(pending.urgent).toBe(false)
    expect(pending.build([]).sync).toBe(true)
    expect(storage.compactions).toEqual([4])
    pending.add(write({ messages: [reply] }), undefined)
    expect(pending.urgent).toBe(true)
  })
})

describe('the write queue', () => {
  class FakeGroup implements Writer {
    readonly storage = new FakeStorage()
    readonly writes = new PendingWrites(this.storage.storage)
    readonly delivered: LandedWrite[] = []
    failure: Error | undefined
    landed (writes: readonly LandedWrite[]): void { this.delivered.push(...writes) }
    fail (error: Error): void { this.failure = error }
  }

  function made (): { queue: WriteQueue, store: MemoryOrderedStore, clock: SimClock, go: () => void, failures: Error[] } {
    let release: Array<() => void> = []
    const store = new MemoryOrderedStore({ record: true, beforeWrite: async () => { await new Promise<void>(resolve => { release.push(resolve) }) } })
    const failures: Error[] = []
    const clock = new SimClock()
    const queue = new WriteQueue(store, clock, { landed: () => {}, failed: error => { failures.push(error) } })
    const go = (): void => {
      for (const resolve of release) resolve()
      release = []
    }
    return { queue, store, clock, go, failures }
  }
  const settle = async (): Promise<void> => { await new Promise(resolve => { setImmediate(resolve) }) }

  it('has one batch under way; what comes meanwhile, from whichever group, is the next', async () => {
    const { queue, store, go } = made()
    const [one, two] = [new FakeGroup(), new FakeGroup()]
    one.writes.add(write({ entries: range(1, 1) }), undefined)
    queue.add(one)
    queue.flush()
    for (const group of [one, two]) {
      group.writes.add(write({ entries: range(2, 2), messages: [reply] }), undefined)
      queue.add(group)
      queue.flush()
    }
    await settle()
    expect(queue.batches).toBe(1)
    go()
    await settle()
    expect(store.history).toHaveLength(1)
    expect(two.delivered).toEqual([])
    queue.flush()
    await settle()
    go()
    await settle()
    expect(store.history.map(({ ops, sync }) => [ops.length, sync])).toEqual([[1, true], [2, true]])
    expect(one.delivered).toHaveLength(2)
    expect(two.delivered).toHaveLength(1)
  })

  it('tells how long the disk has been at it', async () => {
    const { queue, clock, go } = made()
    const group = new FakeGroup()
    expect(queue.stalledFor(clock.now())).toBe(0)
    group.writes.add(write({ entries: range(1, 1) }), undefined)
    queue.add(group)
    queue.flush()
    clock.stall(700)
    expect(queue.stalledFor(clock.now())).toBe(700)
    await settle()
    go()
    await settle()
    expect(queue.stalledFor(clock.now())).toBe(0)
  })

  it('keeps one group\'s broken write out of the others\' batch', async () => {
    const { queue, store, go } = made()
    const [broken, fine] = [new FakeGroup(), new FakeGroup()]
    const append = broken.storage.append.bind(broken.storage)
    broken.storage.append = (ops, written) => {
      append(ops, written)
      throw new Error('does not fit the log')
    }
    for (const group of [broken, fine]) {
      group.writes.add(write({ entries: range(1, 1) }), undefined)
      queue.add(group)
    }
    queue.flush()
    await settle()
    go()
    await settle()
    expect(broken.failure?.message).toBe('does not fit the log')
    expect(broken.delivered).toEqual([])
    expect(fine.delivered).toHaveLength(1)
    expect(store.history.map(({ ops }) => ops.length)).toEqual([1])
  })

  it('delivers nothing of a batch that failed, and writes no more', async () => {
    const failures: Error[] = []
    const store = new MemoryOrderedStore({ beforeWrite: () => { throw new Error('EIO') } })
    const queue = new WriteQueue(store, new SimClock(), { landed: () => {}, failed: error => { failures.push(error); queue.fail() } })
    const group = new FakeGroup()
    group.writes.add(write({ entries: range(1, 1), messages: [reply] }), undefined)
    queue.add(group)
    queue.flush()
    await queue.settled(group)
    expect(failures.map(({ name }) => name)).toEqual(['StorePoisonedError'])
    expect(group.delivered).toEqual([])
    group.writes.add(write({ entries: range(2, 2) }), undefined)
    queue.add(group)
    queue.flush()
    expect(queue.batches).toBe(1)
  })

  it('settles a group: what waits is written, even if it could have waited for a ride', async () => {
    const { queue, store, go } = made()
    const group = new FakeGroup()
    group.writes.add(write({ hardState: { term: 1, commit: 3 } }), undefined)
    queue.add(group)
    queue.flush()
    expect(queue.batches).toBe(0)
    let settled = false
    const done = queue.settled(group).then(() => { settled = true })
    await settle()
    expect(settled).toBe(false)
    go()
    await done
    expect(store.history).toHaveLength(1)
  })
})
