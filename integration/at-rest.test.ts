import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createNode, EncryptionKeyError, generateKey, KeyRing } from '../src/index.js'
import type { Cluster, JoinOptions } from '../src/index.js'

const NS = '/raft/at-rest'
const SECRET = 'q7Xw-tr0ub4dor-93Zk'
const [first, second] = [generateKey(), generateKey()]
const idOf = (key: string): string => new KeyRing(key).current.id
const text = (value: Uint8Array | undefined): string | undefined => value === undefined ? undefined : new TextDecoder().decode(value)

let directory: string
beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'raftmesh-at-rest-')) })
afterEach(async () => { await rm(directory, { recursive: true, force: true }) })

/** One life of the one node that has the directory. */
async function life (options: JoinOptions, work: (cluster: Cluster) => Promise<void> = async () => {}): Promise<void> {
  const node = await createNode({ dataDir: directory, listen: ['/ip4/127.0.0.1/tcp/0'] })
  try {
    const cluster = await node.join(NS, { preset: 'local', bootstrap: { mode: 'force' }, ...options })
    await cluster.waitForLeader()
    await work(cluster)
  } finally {
    await node.stop()
  }
}

const needsOnly = async (cluster: Cluster, key: string): Promise<void> => {
  await vi.waitFor(() => { expect(cluster.stats().atRest).toMatchObject({ key: idOf(key), needs: [idOf(key)], plain: false }) }, { timeout: 20_000 })
}

/** Files that have the text in them. */
async function filesWith (words: string): Promise<string[]> {
  const found = await Promise.all((await readdir(directory)).map(async name => (await readFile(join(directory, name))).includes(words) ? [name] : []))
  return found.flat()
}

describe('a node with encryption at rest', () => {
  it('takes what it had before, rotates while it runs, and opens with the keys that its disk needs, and no others', async () => {
    await life({}, async cluster => {
      for (let i = 0; i < 40; i++) await cluster.set(`key-${i}`, `${SECRET} ${i}`)
    })
    expect((await filesWith(SECRET)).length).toBeGreaterThan(0)

    await life({ encryptionKey: first }, async cluster => {
      expect(text(await cluster.get('key-7'))).toBe(`${SECRET} 7`)
      await needsOnly(cluster, first)
    })
    expect(await filesWith(SECRET)).toEqual([])
    await expect(life({})).rejects.toThrow(new EncryptionKeyError(`The data of ${NS} on this node is encrypted with key ${idOf(first)}, and no key was given: join with that encryptionKey, and encryptAtRest`))
    await expect(life({ encryptionKey: second })).rejects.toThrow(EncryptionKeyError)
    await expect(life({ encryptionKey: first, encryptAtRest: false })).rejects.toThrow(/encryptAtRest/)

    const ring = new KeyRing({ keys: [first, second] })
    await life({ encryptionKey: ring }, async cluster => {
      let writing = true
      const writes = (async () => {
        for (let i = 0; writing; i++) await cluster.set(`key-${i % 40}`, `${SECRET} later ${i % 40}`)
      })()
      ring.use(idOf(second))
      await needsOnly(cluster, second)
      writing = false
      await writes
      for (let i = 0; i < 40; i++) await cluster.set(`key-${i}`, `${SECRET} last ${i}`)
    })
    await expect(life({ encryptionKey: first })).rejects.toThrow(`is encrypted with key ${idOf(second)}`)
    await life({ encryptionKey: second }, async cluster => {
      for (let i = 0; i < 40; i++) expect(text(await cluster.get(`key-${i}`))).toBe(`${SECRET} last ${i}`)
    })
    expect(await filesWith(SECRET)).toEqual([])
  })
})
