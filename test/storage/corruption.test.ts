import { describe, expect, it } from 'vitest'
import { StoreCorruptError } from '../../src/errors.js'
import { openGroupStorage } from '../../src/storage/group-storage.js'
import { GroupKeys } from '../../src/storage/keys.js'
import { LevelOrderedStore } from '../../src/storage/level-store.js'
import { bytes, closeAfterTest, collect, commands, config, identity, metaAt, NAMESPACE, openLevel, random, store, stream, temporaryDirectory, text, write } from './support.js'
import type { OrderedStore, StoreOp } from '../../src/storage/types.js'

/** Damage done to a real LevelDB behind raftmesh's back: every one must be seen at open, and said so. */
const keys = new GroupKeys(NAMESPACE)

async function populated (): Promise<OrderedStore> {
  const on = new LevelOrderedStore(await openLevel(await temporaryDirectory()))
  closeAfterTest(async () => { await on.close() })
  const group = await openGroupStorage(on, NAMESPACE)
  await group.create(identity, config(1, 1, 'a', 'b', 'c'))
  await store(group, on, write(commands(2, 6, 1), { term: 1, vote: 'a', commit: 1 }))
  await store(group, on, write(commands(7, 9, 2), { term: 2, commit: 6 }))
  await group.saveSnapshot(metaAt(4, 1), stream('x'.repeat(600_000), 'tail'), { retain: 3 })
  const ops: StoreOp[] = []
  group.compact(ops, 3, 1)
  await on.batch(ops, { sync: true })
  await store(group, on, write(commands(10, 12, 2)))
  await store(group, on, write([], { term: 3, commit: 9 }), false)
  return on
}

const value = async (on: OrderedStore, key: Uint8Array): Promise<Uint8Array> => new Uint8Array(await on.get(key) ?? [])
const overwrite = async (on: OrderedStore, key: Uint8Array, to: Uint8Array | undefined): Promise<void> => {
  await on.batch([to === undefined ? { type: 'del', key } : { type: 'put', key, value: to }], { sync: true })
}

async function opening (on: OrderedStore): Promise<Error> {
  try {
    await (await openGroupStorage(on, NAMESPACE)).initial(5)
  } catch (error) {
    return error as Error
  }
  throw new Error('it opened')
}

async function refused (on: OrderedStore, words: string | RegExp): Promise<void> {
  const error = await opening(on)
  expect(error).toBeInstanceOf(StoreCorruptError)
  expect(error.message).toContain(NAMESPACE)
  expect(error.message).toContain('join again')
  expect(error.message).toMatch(words)
}

describe('a damaged group', () => {
  it('opens while it is whole', async () => {
    const initial = await (await openGroupStorage(await populated(), NAMESPACE)).initial(5)
    expect(initial).toMatchObject({ prevIndex: 3, lastIndex: 12, hardState: { term: 3, commit: 9 } })
  })

  it.each([2, 7, 10])('is refused for any flipped bit of the frame at %i', async first => {
    const on = await populated()
    const key = keys.frame(first)
    const whole = await value(on, key)
    const next = random(first)
    const bits = new Set([0, 8, 40, whole.length * 8 - 1, ...Array.from({ length: 12 }, () => Math.floor(next() * whole.length * 8))])
    for (const bit of bits) {
      const flipped = whole.slice()
      flipped[bit >> 3] ^= 1 << (bit & 7)
      await overwrite(on, key, flipped)
      await refused(on, `index ${first}`)
    }
    await overwrite(on, key, whole)
    await openGroupStorage(on, NAMESPACE)
  })

  it('is refused for a frame cut short, an empty one, and a whole one in the wrong place', async () => {
    const on = await populated()
    const key = keys.frame(7)
    const whole = await value(on, key)
    for (const to of [whole.slice(0, -1), whole.slice(0, 4), new Uint8Array(0), await value(on, keys.frame(10)), new Uint8Array(1000).fill(0xff)]) {
      await overwrite(on, key, to)
      await refused(on, 'index 7')
    }
  })

  it('is refused for a frame lost in the middle, at the start and at the end', async () => {
    for (const [first, words] of [[7, 'entries 7 to 9 are missing'], [2, 'entries 4 to 6 are missing'], [10, 'reached 12 before']] as const) {
      const on = await populated()
      await overwrite(on, keys.frame(first), undefined)
      await refused(on, words)
    }
  })

  it('is refused when the tail of LevelDB\'s log went with its last frames, and an older one shows again', async () => {
    const on = await populated()
    const group = await openGroupStorage(on, NAMESPACE)
    await store(group, on, write(commands(11, 11, 3)))
    await store(group, on, write([], { term: 3, commit: 9 }), false)
    await overwrite(on, keys.frame(11), undefined)
    await refused(on, 'index 11 of its log has term 2, and had 3 before')
  })

  it('is refused for a lost or damaged vote, identity, start of the log', async () => {
    for (const [key, words] of [
      [keys.hardState, /vote/], [keys.identity, /identity/], [keys.logStart, /entries 1 to 1 are missing|begins/]
    ] as const) {
      const on = await populated()
      const whole = await value(on, key)
      await overwrite(on, key, undefined)
      await refused(on, words)
      for (let at = 0; at < whole.length; at += 7) {
        const flipped = whole.slice()
        flipped[at] ^= 0x10
        await overwrite(on, key, flipped)
        await refused(on, /cannot be read/)
      }
      await overwrite(on, key, whole.slice(0, 3))
      await refused(on, /cannot be read/)
    }
  })

  it('is refused when the state machine is ahead of the log, or behind what was compacted', async () => {
    const on = await populated()
    const group = await openGroupStorage(on, NAMESPACE)
    await expect(group.initial(13)).rejects.toThrow('its state machine holds index 13, its log ends at 12')
    await expect(group.initial(2)).rejects.toThrow('what lies between is gone')
  })

  it('is refused without the snapshot that its compacted log rests on', async () => {
    const on = await populated()
    const [manifest] = (await openGroupStorage(on, NAMESPACE)).snapshots()
    await overwrite(on, keys.manifest(4, manifest.id), undefined)
    await refused(on, 'there is no snapshot of what came before')
  })

  it('is refused for a snapshot with a missing chunk or a damaged manifest', async () => {
    const on = await populated()
    const [manifest] = (await openGroupStorage(on, NAMESPACE)).snapshots()
    expect(manifest.chunks).toBe(3)
    const chunk = await value(on, keys.chunk(manifest.id, 1))
    await overwrite(on, keys.chunk(manifest.id, 1), undefined)
    await refused(on, 'has 2 of 3 chunks')
    await overwrite(on, keys.chunk(manifest.id, 1), chunk)
    const at = keys.manifest(4, manifest.id)
    const whole = await value(on, at)
    await overwrite(on, at, Uint8Array.from(whole, (byte, i) => i === 20 ? byte ^ 1 : byte))
    await refused(on, 'manifest')
  })

  it('finds a damaged chunk when it is read, before it hands any of it on', async () => {
    const on = await populated()
    const group = await openGroupStorage(on, NAMESPACE)
    const [manifest] = group.snapshots()
    const chunk = await value(on, keys.chunk(manifest.id, 1))
    chunk[chunk.length - 1] ^= 1
    await overwrite(on, keys.chunk(manifest.id, 1), chunk)
    const seen: string[] = []
    const read = async (): Promise<void> => { for await (const raw of group.openSnapshot(manifest)) seen.push(text(raw) ?? '') }
    await expect(read()).rejects.toThrow(StoreCorruptError)
    expect(seen).toHaveLength(1)
    await expect(collect(group.chunks(manifest, 1))).rejects.toThrow(StoreCorruptError)
  })

  it('refuses a damaged named value when it is asked for', async () => {
    const on = await populated()
    const group = await openGroupStorage(on, NAMESPACE)
    const ops: StoreOp[] = []
    group.putStable(ops, 'promise', bytes('to these founders'))
    group.putStable(ops, 'other', bytes('x'))
    await on.batch(ops, { sync: true })
    await overwrite(on, keys.named('promise'), await value(on, keys.named('other')))
    await expect(group.getStable('promise')).rejects.toThrow(/'promise'/)
    expect(text(await group.getStable('other'))).toBe('x')
  })

  it('notices a frame that is damaged while it is open', async () => {
    const on = await populated()
    const group = await openGroupStorage(on, NAMESPACE)
    const whole = await value(on, keys.frame(7))
    whole[whole.length - 1] ^= 1
    await overwrite(on, keys.frame(7), whole)
    await expect(group.read(7, 1 << 20)).rejects.toThrow(StoreCorruptError)
    await overwrite(on, keys.frame(7), undefined)
    await expect(group.read(8, 1 << 20)).rejects.toThrow(/index 7 is gone/)
    expect(await group.read(4, 1)).toHaveLength(1)
  })

  it('survives any single value replaced by garbage with a clear error or none', async () => {
    const on = await populated()
    const next = random(99)
    const all = (await collect(on.range(keys.all))).flat()
    for (const [key, whole] of all) {
      for (const garbage of [new Uint8Array(0), bytes('garbage'), Uint8Array.from({ length: 64 }, () => Math.floor(next() * 256))]) {
        await overwrite(on, key, garbage)
        const chunk = text(key)?.includes('snap/chunk') === true
        const opened = openGroupStorage(on, NAMESPACE).then(async group => await group.initial(5))
        if (chunk) await opened
        else await expect(opened, text(key)).rejects.toThrow(StoreCorruptError)
      }
      await overwrite(on, key, whole)
    }
  })
})
