import { describe, expect, it } from 'vitest'
import { EncryptionKeyError, StoreCorruptError } from '../../src/errors.js'
import { decodeEpochs, encodeEpochs } from '../../src/storage/epochs.js'
import { GroupKeys } from '../../src/storage/keys.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { openGroupStorage } from '../../src/storage/group-storage.js'
import { copyOf, dumpRows, held, idOf, Lines, NEW, OLD, open, OTHER, populate, rewritten, ring } from './at-rest-support.js'
import { byteString } from '../../src/storage/bytes.js'
import { collect, NAMESPACE, metaAt, stream, text } from './support.js'
import type { KeyRing } from '../../src/keys/index.js'
import type { OrderedStore } from '../../src/storage/types.js'

const keys = new GroupKeys(NAMESPACE)

async function refusal (on: OrderedStore, key: KeyRing | undefined): Promise<Error> {
  try {
    await held(on, key)
  } catch (error) {
    return error as Error
  }
  throw new Error('it opened')
}

const put = async (on: OrderedStore, key: Uint8Array, value: Uint8Array): Promise<void> => { await on.batch([{ type: 'put', key, value }], { sync: true }) }
/** Which section of the key space a record is of. */
/** Of what the state machine keeps, by table: `h` is history, `k` rows. */
const kindOf = (key: Uint8Array): string => byteString(key.subarray(keys.all.gte.length)).replace(/^(data\/r)....(.).*/s, '$1/$2').replace(/[^a-z/-].*/s, '')

describe('encryption at rest', () => {
  it('gives back after a restart what was written, and shows none of it in the store', async () => {
    const on = new MemoryOrderedStore()
    await populate(on, ring(OLD))
    const plain = new MemoryOrderedStore()
    await populate(plain, undefined)
    expect(await held(on, ring(OLD))).toEqual(await held(plain))
    expect(await held(plain)).toMatchObject({ promise: 'secret promise', applied: 9, snapshots: ['secret of the snapshot'] })
    const holds = async (on: OrderedStore): Promise<number> => (await dumpRows(on)).filter(([, value]) => byteString(value).includes('secret')).length
    expect(await holds(plain)).toBeGreaterThan(5)
    expect(await holds(on)).toBe(0)
  })

  it('seals every record but the one that says how', async () => {
    const on = new MemoryOrderedStore()
    await populate(on, ring(OLD))
    const rows = await dumpRows(on)
    expect(rows.filter(([, value]) => value[0] !== 0x81).map(([key]) => byteString(key))).toEqual([byteString(keys.epochs)])
    expect(new Set(rows.map(([key]) => kindOf(key)))).toEqual(new Set([
      'data/m', 'data/r/h', 'data/r/k', 'epochs', 'log/', 'snap/chunk/', 'snap/manifest/', 'stable/named/promise', 'stable/raft/hard-state', 'stable/raft/identity', 'stable/raft/log-start', 'stage/manifest'
    ]))
  })

  it('changes nothing on the disk of a namespace without it', async () => {
    const on = new MemoryOrderedStore()
    const { group } = await populate(on, undefined)
    expect((await dumpRows(on)).map(([, value]) => value[0]).every(format => format < 0x80)).toBe(true)
    expect(await on.get(keys.epochs)).toBeUndefined()
    expect(group.atRest).toEqual({ needs: [], plain: true, rewritten: 0 })
  })

  it('refuses every record under every other key that has one of its kind, and under that of another group', async () => {
    const on = new MemoryOrderedStore()
    await populate(on, ring(OLD))
    const rows = (await dumpRows(on)).filter(([key]) => byteString(key) !== byteString(keys.epochs))
    for (const [key, value] of rows) {
      const others = rows.filter(([other]) => byteString(other) !== byteString(key))
      expect(others.length).toBeGreaterThan(10)
      const vault = (await openGroupStorage(await copyOf(on), NAMESPACE, { keys: ring(OLD) })).vault
      expect(() => vault.open(key, value)).not.toThrow()
      for (const [other] of others) expect(() => vault.open(other, value)).toThrow(/not for this place/)
      const elsewhere = new GroupKeys('/raft/elsewhere')
      expect(() => vault.open(new Uint8Array([...elsewhere.all.gte, ...key.subarray(keys.all.gte.length)]), value)).toThrow(/not for this place/)
    }
  })

  it.each(['log/', 'stable/raft/hard-state', 'stable/raft/identity', 'stable/raft/log-start', 'snap/manifest/', 'stage/manifest', 'stable/named/promise', 'data/r/h', 'data/r/k', 'data/m', 'snap/chunk/'])('is damaged, and says so, with another record of its own under %s', async kind => {
    const on = new MemoryOrderedStore()
    await populate(on, ring(OLD))
    const rows = await dumpRows(on)
    const [key] = rows.find(([key]) => kindOf(key) === kind) as [Uint8Array, Uint8Array]
    const [, value] = rows.filter(([other]) => byteString(other) !== byteString(key)).sort(([a], [b]) => Number(kindOf(b) === kind) - Number(kindOf(a) === kind))[0]
    await put(on, key, value)
    const error = await refusal(on, ring(OLD))
    expect(error).toBeInstanceOf(StoreCorruptError)
    expect(error.message).toMatch(/\/raft\/test on this node is damaged: .*join again/)
  })

  it('is damaged with any byte of any record changed', async () => {
    const on = new MemoryOrderedStore()
    await populate(on, ring(OLD))
    const { vault } = await openGroupStorage(await copyOf(on), NAMESPACE, { keys: ring(OLD) })
    let flips = 0
    for (const [key, value] of await dumpRows(on)) {
      if (byteString(key) === byteString(keys.epochs)) continue
      for (let at = 0; at < Math.min(value.length, 400); at++) {
        const flipped = value.slice()
        flipped[at] ^= 1 << at % 8
        expect(() => vault.open(key, flipped), `${kindOf(key)} at ${at}`).toThrow()
        flips++
      }
      for (const length of [0, 1, 12, 13, 28, value.length - 1]) expect(() => vault.open(key, value.subarray(0, length))).toThrow()
    }
    expect(flips).toBeGreaterThan(1_000)
  })

  it('does not open with any byte of the record of epochs changed, or without it', async () => {
    const on = new MemoryOrderedStore()
    await populate(on, ring(OLD))
    const record = await on.get(keys.epochs) as Uint8Array
    for (let at = 0; at < record.length; at++) {
      await put(on, keys.epochs, record.map((byte, i) => i === at ? byte ^ 1 : byte))
      expect(await refusal(on, ring(OLD))).toBeInstanceOf(StoreCorruptError)
    }
    await on.batch([{ type: 'del', key: keys.epochs }], { sync: true })
    for (const key of [ring(OLD), undefined]) expect((await refusal(on, key)).message).toMatch(/damaged: it is encrypted, and what its keys are derived from is gone/)
    await expect(open(on, ring(OLD))).rejects.toThrow(StoreCorruptError)
    expect(await on.get(keys.epochs)).toBeUndefined()
  })

  it('does not take the word of one who has no key that plain records are left, nor a plain record', async () => {
    const on = new MemoryOrderedStore()
    await populate(on, ring(OLD))
    const plain = new MemoryOrderedStore()
    await populate(plain, undefined)
    const forged = await copyOf(on)
    await put(forged, keys.hardState, await plain.get(keys.hardState) as Uint8Array)
    expect((await refusal(forged, ring(OLD))).message).toMatch(/its vote cannot be read \(it is not sealed, and everything of this namespace is\)/)
    // A good checksum can be made by anyone.
    const record = decodeEpochs(keys.epochs, await on.get(keys.epochs) as Uint8Array)
    await put(forged, keys.epochs, encodeEpochs(keys.epochs, { ...record, plain: true }))
    expect((await refusal(forged, ring(OLD))).message).toMatch(/not written by a holder of its key/)
  })

  it('refuses without a key, with another, and with another of the same id, in one line that says which', async () => {
    const on = new MemoryOrderedStore()
    await populate(on, ring(OLD))
    const none = await refusal(on, undefined)
    expect(none).toBeInstanceOf(EncryptionKeyError)
    expect(none.message).toBe(`The data of ${NAMESPACE} on this node is encrypted with key ${idOf(OLD)}, and no key was given: join with that encryptionKey, and encryptAtRest`)
    const wrong = await refusal(on, ring(NEW, OTHER))
    expect(wrong).toBeInstanceOf(EncryptionKeyError)
    expect(wrong.message).toContain(`is encrypted with key ${idOf(OLD)}, and the key ring has ${idOf(NEW)}, ${idOf(OTHER)}: add that key`)
    expect(wrong.message).not.toContain('\n')
    const impostor = ring(NEW)
    Object.defineProperty(impostor, 'get', { value: () => impostor.current })
    expect(await refusal(on, impostor)).toBeInstanceOf(EncryptionKeyError)
    // None of them has changed anything.
    expect(await held(on, ring(OLD))).toMatchObject({ applied: 9 })
  })

  it('never uses a counter twice under one key, over restarts and crashes', async () => {
    let on = new MemoryOrderedStore({ record: true })
    const seen = new Set<string>()
    const look = (batches: readonly { ops: ReadonlyArray<{ type: string, value?: Uint8Array }> }[]): void => {
      for (const { value } of batches.flatMap(({ ops }) => ops)) {
        if (value?.[0] !== 0x81) continue
        const place = Buffer.from(value.subarray(1, 13)).toString('hex')
        expect(seen.has(place), place).toBe(false)
        seen.add(place)
      }
    }
    const opened = await populate(on, ring(OLD))
    look(on.history)
    await opened.group.close()
    for (let start = 0; start < 3; start++) {
      on = on.crash()
      const { group } = await open(on, ring(OLD))
      await group.saveSnapshot(metaAt(9, 1), stream(`start ${start}`), { retain: 2 })
      look(on.history)
      await group.close()
    }
    expect(seen.size).toBeGreaterThan(25)
  })

  it('rewrites what many starts have sealed, so that the record of epochs stays small', async () => {
    const on = new MemoryOrderedStore()
    await (await populate(on, ring(OLD))).group.close()
    const before = await held(on, ring(OLD))
    for (let start = 0; start < 70; start++) {
      const opened = await open(on, ring(OLD))
      await rewritten(opened)
      await opened.group.close()
    }
    expect((await on.get(keys.epochs) as Uint8Array).length).toBeLessThan(64 * 60 + 100)
    expect(await held(on, ring(OLD))).toEqual(before)
  })

  it('destroys all, and can be created again, in the same process and after a crash at any batch', async () => {
    const on = new MemoryOrderedStore({ record: true })
    const { group } = await populate(on, ring(OLD))
    const start = on.history.length
    await group.destroy()
    expect((await dumpRows(on)).map(([key]) => byteString(key))).toEqual([byteString(keys.epochs)])
    await group.create({ clusterId: new Uint8Array(32).fill(9), incarnation: 'ffffffffffffffff' })
    await group.close()
    expect((await openGroupStorage(on, NAMESPACE, { keys: ring(OLD) })).identity?.incarnation).toBe('ffffffffffffffff')
    for (let k = start + 1; k <= on.history.length; k++) {
      const after = await openGroupStorage(MemoryOrderedStore.replay(on.history.slice(0, k)), NAMESPACE, { keys: ring(OLD) })
      expect([undefined, 'ffffffffffffffff']).toContain(after.identity?.incarnation)
      await after.create({ clusterId: new Uint8Array(32).fill(9), incarnation: 'eeeeeeeeeeeeeeee' }).catch(() => {})
    }
  })
})

describe('snapshots between nodes with and without encryption', () => {
  it.each([['sealed', 'plain', OLD, undefined], ['plain', 'sealed', undefined, NEW], ['sealed', 'otherwise sealed', OLD, NEW]] as const)('%s to %s', async (_from, _to, from, to) => {
    const sender = await open(new MemoryOrderedStore(), from === undefined ? undefined : ring(from))
    const on = new MemoryOrderedStore()
    const receiver = await open(on, to === undefined ? undefined : ring(to))
    const state = 'state '.repeat(100_000)
    const manifest = await sender.group.saveSnapshot(metaAt(7, 1), stream(state), { retain: 1 })
    const staging = await receiver.group.stage(manifest)
    for await (const chunk of sender.group.chunks(manifest, 0)) await staging.write(chunk)
    await staging.finish()
    expect(text(Buffer.concat(await collect(receiver.group.openStaged(manifest))))).toBe(state)
    const rows = await dumpRows(on)
    expect(rows.filter(([, value]) => value[0] === 0x81).length).toBe(to === undefined ? 0 : rows.length - 1)
  })
})

describe('data from before encryption', () => {
  it('is read at once, and encrypted in the background; then nothing plain is taken any more', async () => {
    const on = new MemoryOrderedStore()
    await populate(on, undefined)
    const before = await held(on)
    const { all, log } = new Lines()
    const opened = await open(on, ring(OLD), log)
    expect(opened.group.atRest).toMatchObject({ key: idOf(OLD), plain: true })
    expect(await held(on, ring(OLD))).toEqual(before)
    await rewritten(opened)
    expect(opened.group.atRest).toMatchObject({ key: idOf(OLD), needs: [idOf(OLD)], plain: false })
    expect(opened.group.atRest.rewritten).toBeGreaterThan(1_000)
    expect(all.at(-1)).toBe(`${NAMESPACE}: all of its data on this node is sealed with key ${idOf(OLD)} now, and needs no other`)
    await opened.group.close()
    expect((await dumpRows(on)).filter(([, value]) => value[0] !== 0x81).map(([key]) => byteString(key))).toEqual([byteString(keys.epochs)])
    expect(await held(on, ring(OLD))).toEqual(before)
  })

  it('is still read where somebody looks at the store as it was', async () => {
    const on = new MemoryOrderedStore()
    await populate(on, undefined)
    const opened = await open(on, ring(OLD))
    const { source, close } = await opened.kv.snapshot()
    await rewritten(opened)
    expect(byteString(Buffer.concat(await collect(source)))).toContain('secret 9')
    await close()
  })
})
