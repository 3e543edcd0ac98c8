import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StoreCorruptError } from '../../src/errors.js'
import { KeyRing } from '../../src/keys/index.js'
import { GroupKeys } from '../../src/storage/keys.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { openGroupStorage } from '../../src/storage/group-storage.js'
import { collect } from '../storage/support.js'
import { history, step } from './storage-history.js'
import { joined } from './mutations.js'
import { attemptAsync, expectSame, refused, runs } from './support.js'
import type { Written } from './storage-history.js'
import type { StoreOp } from '../../src/storage/types.js'

const HERE = '/raft/here'
const OTHER = '/raft/here/other'

type Damage = 'flip' | 'cut' | 'grow' | 'remove' | 'swap' | 'copy'
const damage = fc.record({ kind: fc.constantFrom<Damage>('flip', 'flip', 'cut', 'grow', 'remove', 'remove', 'swap', 'copy'), record: fc.nat(), with: fc.nat(), at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) })

async function rows (on: MemoryOrderedStore, namespace: string): Promise<Array<[Uint8Array, Uint8Array]>> {
  return (await collect(on.range(new GroupKeys(namespace).all))).flat().map(([key, value]) => [new Uint8Array(key), new Uint8Array(value)])
}

/** One record of HERE is damaged; `with` is any record, of either group. */
async function harm (on: MemoryOrderedStore, { kind, record, with: other, at, bits }: { kind: Damage, record: number, with: number, at: number, bits: number }): Promise<void> {
  const here = await rows(on, HERE)
  const all = [...here, ...await rows(on, OTHER)]
  const [key, value] = here[record % here.length]
  const [otherKey, otherValue] = all[other % all.length]
  const put = (key: Uint8Array, value: Uint8Array): StoreOp => ({ type: 'put', key, value })
  const ops: Record<Damage, () => StoreOp[]> = {
    flip: () => [put(key, value.map((byte, i) => i === at % value.length ? byte ^ bits : byte))],
    cut: () => [put(key, value.slice(0, at % value.length))],
    grow: () => [put(key, new Uint8Array([...value, bits]))],
    remove: () => [{ type: 'del', key }],
    swap: () => [put(key, otherValue), put(otherKey, value)],
    copy: () => [put(key, otherValue)]
  }
  await on.batch(ops[kind](), { sync: true })
}

/** Opened, it has what was written, or refuses with an error that says what is wrong and what to do. */
async function opensRight (on: MemoryOrderedStore, written: Written, encryption: { keys?: KeyRing } = {}): Promise<void> {
  const opened = await attemptAsync(async () => {
    const group = await openGroupStorage(on, written.namespace, encryption)
    if (group.identity === undefined) throw new Error('it opened as if nothing had ever been there')
    const initial = await group.initial(written.hardState.commit)
    const read = await group.read(initial.prevIndex + 1, Number.MAX_SAFE_INTEGER)
    return { group, identity: group.identity, initial, read, promise: await group.getStable('promise') }
  }, [StoreCorruptError])
  if (opened === refused) return
  const { group, identity, initial, read, promise } = opened
  expectSame(identity, written.identity)
  expectSame(initial.hardState, written.hardState)
  expect(initial.lastIndex).toBeLessThanOrEqual(written.lastIndex)
  expect(initial.lastIndex).toBeGreaterThanOrEqual(written.claimed)
  expectSame(read, Array.from({ length: initial.lastIndex - initial.prevIndex }, (_, i) => written.entries.get(initial.prevIndex + 1 + i)))
  if (promise !== undefined) expectSame(new TextDecoder().decode(promise), `kept by ${written.namespace}`)
  for (const manifest of group.snapshots()) {
    const state = await attemptAsync(async () => joined(...await collect(group.openSnapshot(manifest))), [StoreCorruptError])
    if (state !== refused) expect(Buffer.compare(state, written.snapshots.get(manifest.meta.index) as Uint8Array)).toBe(0)
  }
}

const world = fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 12 }), other: fc.array(step, { minLength: 1, maxLength: 4 }) })

describe.each([['storage', undefined], ['encrypted storage', new KeyRing(new Uint8Array(32).fill(7))]])('%s', (_, keys) => {
  const encryption = keys === undefined ? {} : { keys }

  it('opens with what was written', async () => {
    await fc.assert(fc.asyncProperty(world, async ({ steps, other }) => {
      const on = new MemoryOrderedStore()
      const written = await history(on, HERE, 1, steps, keys)
      const beside = await history(on, OTHER, 2, other, keys)
      for (const each of [written, beside]) {
        const { identity, lastIndex } = each
        const group = await openGroupStorage(on, each.namespace, encryption)
        expectSame(group.identity, identity)
        expect((await group.initial(each.hardState.commit)).lastIndex).toBe(lastIndex)
        await opensRight(on, each, encryption)
      }
    }), runs(60))
  })

  it('with one record damaged opens with what was written, or refuses', async () => {
    await fc.assert(fc.asyncProperty(world, damage, async ({ steps, other }, how) => {
      const on = new MemoryOrderedStore()
      const written = await history(on, HERE, 1, steps, keys)
      await history(on, OTHER, 2, other, keys)
      await harm(on, how)
      await opensRight(on, written, encryption)
    }), runs(400))
  })
})

describe('storage', () => {
  const append = { kind: 'append', count: 2, newTerm: false, vote: false } as const

  it('refuses a log whose frame that cut off a tail is gone, though nothing is missing from it', async () => {
    const on = new MemoryOrderedStore()
    // Index 4 and 5 of term 1, 5 again in term 2, and then on: without the second 5, the first would be back.
    const written = await history(on, HERE, 1, [append, append, { kind: 'replace', back: 1, count: 1 }, append, { kind: 'vote' }])
    expect(written.entries.get(5)?.term).toBe(2)
    await on.batch([{ type: 'del', key: new GroupKeys(HERE).frame(5) }], { sync: true })
    await expect(openGroupStorage(on, HERE)).rejects.toThrow(/the log at index 6 cannot be read .*join again/)
  })

  it.each(['hardState', 'identity', 'logStart'] as const)('refuses the %s of another group under its own key', async record => {
    const on = new MemoryOrderedStore()
    const steps = [append, { kind: 'vote' }, { kind: 'snapshot', bytes: 10, compact: true }] as const
    await history(on, HERE, 1, steps)
    await history(on, OTHER, 2, steps)
    const theirs = await on.get(new GroupKeys(OTHER)[record]) as Uint8Array
    await on.batch([{ type: 'put', key: new GroupKeys(HERE)[record], value: theirs }], { sync: true })
    await expect(openGroupStorage(on, HERE)).rejects.toThrow(/cannot be read \(checksum mismatch\).*join again/)
  })
})
