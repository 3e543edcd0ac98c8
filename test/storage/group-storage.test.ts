import { describe, expect, it } from 'vitest'
import { openGroupStorage } from '../../src/storage/group-storage.js'
import { GroupKeys } from '../../src/storage/keys.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { bytes, collect, command, commands, config, configuration, dump, gated, identity, levelStore, metaAt, NAMESPACE, store, stream, text, write } from './support.js'
import type { Entry } from '../../src/raft/types.js'
import type { GroupStorage, OrderedStore, StoreOp } from '../../src/storage/types.js'

const genesis = config(1, 1, 'a', 'b', 'c')

async function created (on: OrderedStore, first?: Entry): Promise<GroupStorage> {
  const group = await openGroupStorage(on, NAMESPACE)
  await group.create(identity, first)
  return group
}

async function compact (group: GroupStorage, on: OrderedStore, index: number, term: number): Promise<void> {
  const ops: StoreOp[] = []
  group.compact(ops, index, term)
  await on.batch(ops, { sync: false })
}

const indexes = (entries: readonly Entry[]): string => entries.map(({ index, term }) => `${index}@${term}`).join(' ')

describe.each([['memory', async () => new MemoryOrderedStore()], ['LevelDB', async () => await levelStore()]] as const)('group storage on %s', (_, create) => {
  const reopen = async (on: OrderedStore): Promise<GroupStorage> => await openGroupStorage(on, NAMESPACE, { cachedBytes: 0 })

  it('is nothing before it is created', async () => {
    const on = await create()
    const group = await openGroupStorage(on, NAMESPACE)
    expect(group.identity).toBeUndefined()
    await expect(group.initial(0)).rejects.toThrow('initial()')
    expect(() => { group.append([], write([command(1, 1)])) }).toThrow('create it first')
    expect(await dump(on)).toEqual([])
  })

  it('creates a founder with its genesis entry, committed', async () => {
    const on = await create()
    const group = await created(on, genesis)
    const expected = {
      hardState: { term: 1, commit: 1 }, snapshot: undefined, prevIndex: 0, prevTerm: 0, entries: [genesis], terms: [{ index: 1, term: 1 }],
      lastIndex: 1, configurations: [{ index: 1, configuration: configuration('a', 'b', 'c') }], applied: 0
    }
    expect(await group.initial(0)).toEqual(expected)
    const again = await reopen(on)
    expect(again.identity).toEqual(identity)
    expect(await again.initial(0)).toEqual(expected)
    await expect(again.create(identity)).rejects.toThrow('exists on this node')
  })

  it('creates a joiner with an empty log', async () => {
    const on = await create()
    await created(on)
    const initial = await (await reopen(on)).initial(0)
    expect(initial).toEqual({ hardState: { term: 0, commit: 0 }, snapshot: undefined, prevIndex: 0, prevTerm: 0, entries: [], terms: [], lastIndex: 0, configurations: [], applied: 0 })
  })

  it('finds entries and vote again', async () => {
    const on = await create()
    const group = await created(on, genesis)
    await store(group, on, write(commands(2, 4, 2), { term: 2, vote: 'b.0011', commit: 1 }))
    await store(group, on, write(commands(5, 9, 3), { term: 3, commit: 4 }))
    const initial = await (await reopen(on)).initial(0)
    expect(initial.entries).toEqual([genesis, ...commands(2, 4, 2), ...commands(5, 9, 3)])
    expect(initial.terms).toEqual([{ index: 1, term: 1 }, { index: 2, term: 2 }, { index: 5, term: 3 }])
    expect(initial.hardState).toEqual({ term: 3, commit: 4 })
    expect(initial.lastIndex).toBe(9)
  })

  it('hands over what is not applied yet, and counts what is applied as committed', async () => {
    const on = await create()
    const group = await created(on, genesis)
    for (let index = 2; index <= 40; index += 3) await store(group, on, write(commands(index, index + 2, 1), { term: 1, commit: 1 }))
    const bare = await (await reopen(on)).initial(30)
    expect(bare.entries[0].index).toBeLessThanOrEqual(31)
    expect(bare.entries[0].index).toBeGreaterThan(27)
    expect(bare.entries.at(-1)?.index).toBe(40)
    expect(bare.hardState.commit).toBe(30)
    const all = await (await reopen(on)).initial(40)
    // The last applied entry comes along, as the time of the next must not be before its.
    expect(all.entries.at(-1)?.index).toBe(40)
    expect(all.entries.length).toBeLessThanOrEqual(3)
    expect(all.terms).toEqual([{ index: 1, term: 1 }])
    const cached = await (await openGroupStorage(on, NAMESPACE, { cachedBytes: 1 << 20 })).initial(30)
    expect(cached.entries).toHaveLength(40)
  })

  it('takes one put for an append, whatever it holds, and one for what replaces a tail', async () => {
    const on = await create()
    const group = await created(on, genesis)
    const ops: StoreOp[] = []
    group.append(ops, write(commands(2, 500, 1)))
    expect(ops).toHaveLength(1)
    await on.batch(ops, { sync: true })
    const replace: StoreOp[] = []
    group.append(replace, write(commands(100, 101, 2), { term: 2, commit: 1 }))
    expect(replace.map(({ type }) => type)).toEqual(['put', 'put'])
    await on.batch(replace, { sync: true })
    expect(indexes((await group.read(98, 1 << 20)))).toBe('98@1 99@1 100@2 101@2')
    expect((await (await reopen(on)).initial(0)).lastIndex).toBe(101)
  })

  it('replaces a tail inside a frame, at its start, across frames, and again where it was replaced before', async () => {
    const on = await create()
    const group = await created(on, genesis)
    const check = async (expected: string): Promise<void> => {
      expect(indexes(await group.read(1, 1 << 20))).toBe(expected)
      const initial = await (await reopen(on)).initial(0)
      expect(indexes(initial.entries)).toBe(expected)
      const last = expected.split(' ').at(-1)?.split('@') ?? []
      expect(initial.lastIndex).toBe(Number(last[0]))
      // The runs of terms agree with the entries.
      for (const { index, term } of initial.entries) expect(initial.terms.findLast(run => run.index <= index)?.term).toBe(term)
    }
    await store(group, on, write(commands(2, 5, 1), { term: 1, commit: 1 }))
    await store(group, on, write(commands(6, 9, 1)))
    await store(group, on, write(commands(10, 12, 1)))
    await store(group, on, write(commands(8, 8, 2), { term: 2, commit: 1 }))
    await check('1@1 2@1 3@1 4@1 5@1 6@1 7@1 8@2')
    await store(group, on, write(commands(9, 11, 2)))
    await store(group, on, write(commands(6, 7, 3), { term: 3, commit: 1 }))
    await check('1@1 2@1 3@1 4@1 5@1 6@3 7@3')
    await store(group, on, write(commands(4, 6, 4), { term: 4, commit: 1 }))
    await store(group, on, write(commands(7, 9, 4)))
    await store(group, on, write(commands(5, 5, 5), { term: 5, commit: 1 }))
    await check('1@1 2@1 3@1 4@4 5@5')
    await store(group, on, write(commands(6, 7, 5)))
    await store(group, on, write(commands(2, 3, 6), { term: 6, commit: 1 }))
    await check('1@1 2@6 3@6')
  })

  it('rolls the configurations back with the tail that is replaced', async () => {
    const on = await create()
    const group = await created(on, genesis)
    await store(group, on, write([command(2, 1), config(3, 1, 'a', 'b'), command(4, 1), config(5, 1, 'a')], { term: 1, commit: 1 }))
    await store(group, on, write([command(5, 2), config(6, 2, 'b')], { term: 2, commit: 1 }))
    const { configurations } = await (await reopen(on)).initial(0)
    expect(configurations).toEqual([
      { index: 1, configuration: configuration('a', 'b', 'c') }, { index: 3, configuration: configuration('a', 'b') }, { index: 6, configuration: configuration('b') }
    ])
  })

  it('accepts a log that a truncation made shorter than the vote had seen it', async () => {
    const on = await create()
    const group = await created(on, genesis)
    await store(group, on, write(commands(2, 20, 1), { term: 1, commit: 1 }))
    // The new term reaches the disk with a heartbeat, and the truncation later without any hard state.
    await store(group, on, write([], { term: 2, commit: 1 }))
    await store(group, on, write(commands(10, 10, 2)))
    expect((await (await reopen(on)).initial(0)).lastIndex).toBe(10)
  })

  it('refuses entries that do not fit the log', async () => {
    const on = await create()
    const group = await created(on, genesis)
    expect(() => { group.append([], write(commands(3, 4, 1))) }).toThrow('do not fit')
  })

  it('reads in pieces of at most so many bytes, and at least one entry', async () => {
    const on = await create()
    const group = await created(on, genesis)
    await store(group, on, write([command(2, 1, 'x'.repeat(60)), command(3, 1, 'x'.repeat(60))]))
    await store(group, on, write([command(4, 1, 'x'.repeat(60)), command(5, 1, 'x'.repeat(600))]))
    expect(indexes(await group.read(2, 1))).toBe('2@1')
    expect(indexes(await group.read(2, 120))).toBe('2@1 3@1')
    expect(indexes(await group.read(3, 130))).toBe('3@1 4@1')
    expect(indexes(await group.read(5, 1))).toBe('5@1')
    expect(await group.read(6, 1)).toEqual([])
    expect((await group.read(2, 1 << 20))[0]).toEqual(command(2, 1, 'x'.repeat(60)))
  })

  it('ends a read before what has not landed yet', async () => {
    const on = await create()
    const group = await created(on, genesis)
    await store(group, on, write(commands(2, 3, 1)))
    const ops: StoreOp[] = []
    group.append(ops, write(commands(4, 5, 1)))
    expect(indexes(await group.read(2, 1 << 20))).toBe('2@1 3@1')
    // Under the key of an older frame, with the older frame's bytes still there.
    group.append(ops, write(commands(2, 2, 2), { term: 2, commit: 1 }))
    expect(indexes(await group.read(1, 1 << 20))).toBe('1@1')
    await on.batch(ops, { sync: true })
    expect(indexes(await group.read(1, 1 << 20))).toBe('1@1 2@2')
  })

  it('never mixes entries of before and after a truncation in one answer', async () => {
    const on = await create()
    const group = await created(on, genesis)
    for (let index = 2; index < 10; index++) await store(group, on, write(commands(index, index, 1)))
    const gate = gated(on)
    const opened = await openGroupStorage(gate.store, NAMESPACE)
    gate.hold()
    const reading = opened.read(1, 1 << 20)
    // Entries 1 to 4 of term 1 were read when 3 and 4 are replaced.
    for (let i = 0; i < 4; i++) await gate.next()
    await store(opened, on, write(commands(3, 4, 2), { term: 2, commit: 1 }))
    gate.open()
    expect(indexes(await reading)).toBe('1@1 2@1 3@2 4@2')
  })

  it('compacts whole frames, keeps the one that is cut, and goes on from there', async () => {
    const on = await create()
    const group = await created(on, genesis)
    await store(group, on, write(commands(2, 5, 1), { term: 1, commit: 5 }))
    await store(group, on, write(commands(6, 9, 2), { term: 2, commit: 9 }))
    await group.saveSnapshot(metaAt(8, 2), stream('state'), { retain: 3 })
    const before = group.logBytes
    await compact(group, on, 7, 2)
    expect(group.logBytes).toBeLessThan(before)
    expect(await group.read(7, 1 << 20)).toEqual([])
    expect(indexes(await group.read(8, 1 << 20))).toBe('8@2 9@2')
    const again = await reopen(on)
    expect(again.logBytes).toBe(group.logBytes)
    const initial = await again.initial(8)
    expect(initial).toMatchObject({ prevIndex: 7, prevTerm: 2, lastIndex: 9, terms: [{ index: 8, term: 2 }], snapshot: metaAt(8, 2) })
    await compact(group, on, 3, 1) // goes back: nothing
    expect(() => { group.compact([], 10, 2) }).toThrow('beyond the log')
    await compact(group, on, 9, 2)
    expect(group.logBytes).toBe(0)
    await store(group, on, write(commands(10, 11, 2)))
    expect(indexes(await group.read(10, 1 << 20))).toBe('10@2 11@2')
  })

  it('replaces the whole log by an installed snapshot', async () => {
    const on = await create()
    const group = await created(on, genesis)
    await store(group, on, write(commands(2, 50, 1), { term: 1, commit: 1 }))
    const donor = await openGroupStorage(on, '/raft/donor')
    const manifest = await donor.saveSnapshot({ ...metaAt(40, 3, 'a', 'b'), configurationIndex: 22 }, stream('state of 40'), { retain: 1 })
    const staging = await group.stage(manifest)
    for await (const chunk of donor.chunks(manifest, 0)) await staging.write(chunk)
    await staging.finish()
    const ops: StoreOp[] = []
    const installed = group.promoteStaged(ops, manifest)
    group.append(ops, write([], { term: 3, commit: 40 }, manifest.meta))
    await on.batch(ops, { sync: true })
    installed()
    expect(group.snapshots()).toEqual([manifest])
    const initial = await (await reopen(on)).initial(40)
    expect(initial).toEqual({
      hardState: { term: 3, commit: 40 }, snapshot: manifest.meta, prevIndex: 40, prevTerm: 3, entries: [], terms: [], lastIndex: 40,
      configurations: [{ index: 22, configuration: configuration('a', 'b') }], applied: 40
    })
    await store(group, on, write(commands(41, 42, 3)))
    expect(indexes(await group.read(41, 1 << 20))).toBe('41@3 42@3')
  })

  it('keeps named values beside', async () => {
    const on = await create()
    const group = await openGroupStorage(on, NAMESPACE)
    const ops: StoreOp[] = []
    group.putStable(ops, 'promise', bytes('mine'))
    group.putStable(ops, 'other', bytes('x'))
    group.putStable(ops, 'other', undefined)
    await on.batch(ops, { sync: true })
    const again = await reopen(on)
    expect(text(await again.getStable('promise'))).toBe('mine')
    expect(await again.getStable('other')).toBeUndefined()
    expect(again.identity).toBeUndefined()
    await again.create(identity, genesis)
    expect(text(await again.getStable('promise'))).toBe('mine')
  })

  it('keeps namespaces apart, also where one is the beginning of the other', async () => {
    const on = await create()
    const a = await openGroupStorage(on, '/raft/a')
    const ab = await openGroupStorage(on, '/raft/a/log')
    await a.create(identity, genesis)
    await ab.create({ ...identity, incarnation: 'ffffffffffffffff' }, genesis)
    await store(a, on, write(commands(2, 3, 1)))
    await ab.destroy()
    expect((await openGroupStorage(on, '/raft/a/log')).identity).toBeUndefined()
    const initial = await (await openGroupStorage(on, '/raft/a')).initial(0)
    expect(initial.lastIndex).toBe(3)
    const keys = new GroupKeys('/raft/a')
    expect((await collect(on.range(keys.all))).flat().every(([key]) => text(key)?.startsWith('g/raft/a\0'))).toBe(true)
  })

  it('leaves nothing behind when destroyed, and can be created anew', async () => {
    const on = await create()
    const group = await created(on, genesis)
    await store(group, on, write(commands(2, 30, 1), { term: 4, vote: 'b', commit: 2 }))
    await group.saveSnapshot(metaAt(2, 1), stream('state'), { retain: 1 })
    await on.batch([{ type: 'put', key: bytes(`g${NAMESPACE}\0data/x`), value: bytes('kv') }], { sync: true })
    await group.destroy()
    expect(await dump(on)).toEqual([])
    expect(group.identity).toBeUndefined()
    await group.create({ ...identity, incarnation: 'ffffffffffffffff' })
    expect((await (await reopen(on)).initial(0)).hardState).toEqual({ term: 0, commit: 0 })
  })
})
