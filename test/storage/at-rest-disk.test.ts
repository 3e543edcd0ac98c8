import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LevelOrderedStore } from '../../src/storage/level-store.js'
import { entry, kvDelete, kvPut } from '../machine/support.js'
import { held, idOf, NEW, OLD, open, populate, rewritten, ring } from './at-rest-support.js'
import { openLevel, temporaryDirectory } from './support.js'
import type { OrderedStore } from '../../src/storage/types.js'

/** Files of a LevelDB that have the text in them, whatever record it is of, and whether that still counts. */
async function filesWith (path: string, text: string): Promise<string[]> {
  const names = await readdir(path)
  const found = await Promise.all(names.map(async name => (await readFile(join(path, name))).includes(text) ? [name] : []))
  return found.flat()
}

async function levelAt (path: string): Promise<{ on: OrderedStore, close: () => Promise<void> }> {
  const on = new LevelOrderedStore(await openLevel(path, { writeBufferSize: 64 * 1024 }))
  return { on, close: async () => { await on.close() } }
}

/** Does not compress, so that it would be found. */
const SECRET = 'q7Xw-tr0ub4dor-93Zk'

/** Enough for several files of LevelDB. */
async function fill (on: OrderedStore, key: Uint8Array | undefined): Promise<void> {
  const { group, kv } = await populate(on, key === undefined ? undefined : ring(key), SECRET)
  for (let n = 0; n < 10; n++) {
    await kv.apply(Array.from({ length: 50 }, (_, i) => entry(10 + n * 50 + i, kvPut(`${n}/${i}`, `${SECRET} ${'x'.repeat(i * 10)}`))))
    await kv.flush()
  }
  await kv.apply([entry(510, kvDelete('3/7')), entry(511, kvPut('3/8', 'another'))])
  await kv.close()
  await group.close()
}

describe('the files of a real database', () => {
  it('have nothing in them of what a program wrote', async () => {
    const [sealed, plain] = [await temporaryDirectory(), await temporaryDirectory()]
    for (const [path, key] of [[sealed, OLD], [plain, undefined]] as const) {
      const { on, close } = await levelAt(path)
      await fill(on, key)
      await close()
    }
    expect((await filesWith(plain, SECRET)).length).toBeGreaterThan(1)
    expect(await filesWith(sealed, SECRET)).toEqual([])
    // What is not hidden.
    expect((await filesWith(sealed, '/raft/test')).length).toBeGreaterThan(0)
  })

  it('have nothing in them of what was there before encryption, once all of it is encrypted', async () => {
    const path = await temporaryDirectory()
    const first = await levelAt(path)
    await fill(first.on, undefined)
    const before = await held(first.on)
    await first.close()
    const { on, close } = await levelAt(path)
    const opened = await open(on, ring(OLD))
    await rewritten(opened)
    expect(opened.group.atRest.plain).toBe(false)
    expect(await filesWith(path, SECRET)).toEqual([])
    await opened.group.close()
    expect(await held(on, ring(OLD))).toEqual(before)
    await close()
  })

  it('have no record of an old key left in them after a rotation', async () => {
    const path = await temporaryDirectory()
    const first = await levelAt(path)
    await fill(first.on, OLD)
    const before = await held(first.on, ring(OLD))
    // A sealed record as it stands on disk, to look for: format, epoch, counter, and what no key but the old one opens.
    const samples: Buffer[] = []
    for await (const page of first.on.range({ gte: new TextEncoder().encode('g'), lt: new TextEncoder().encode('h') })) {
      for (const [, value] of page) if (value[0] === 0x81) samples.push(Buffer.from(value.subarray(13, 29)))
    }
    await first.close()
    const left = async (): Promise<number> => {
      const files = await Promise.all((await readdir(path)).map(async name => await readFile(join(path, name))))
      return samples.filter(sample => files.some(file => file.includes(sample))).length
    }
    expect(await left()).toBeGreaterThan(samples.length / 2)
    const { on, close } = await levelAt(path)
    const opened = await open(on, ring(NEW, OLD))
    await rewritten(opened)
    await opened.group.close()
    expect(await left()).toBe(0)
    await expect(held(on, ring(OLD))).rejects.toThrow(`is encrypted with key ${idOf(NEW)}`)
    expect(await held(on, ring(NEW))).toEqual(before)
    await close()
  })
})
