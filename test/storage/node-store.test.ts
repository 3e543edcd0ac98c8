import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Key } from 'interface-datastore'
import { Level } from 'level'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, StoreCorruptError, StoreIdentityError, StoreInUseError } from '../../src/errors.js'
import { openNodeStore } from '../../src/storage/node-store.js'
import { bytes, closeAfterTest, put, temporaryDirectory, text } from './support.js'
import type { NodeStore } from '../../src/storage/node-store.js'

async function open (path: string, peerId?: string): Promise<NodeStore> {
  const node = await openNodeStore(path, { peerId })
  closeAfterTest(async () => { await node.close() })
  return node
}

const failure = async (opening: Promise<unknown>): Promise<Error> => await opening.then(() => { throw new Error('it opened') }, (error: Error) => error)

describe('openNodeStore', () => {
  it('creates the directory, and finds both halves again', async () => {
    const path = join(await temporaryDirectory(), 'deep', 'down')
    const first = await open(path)
    await first.datastore.put(new Key('/peers/x'), bytes('libp2p'))
    await first.store.batch([put('g/raft/a\0log/1', 'raftmesh')], { sync: true })
    await first.close()
    const second = await open(path)
    expect(text(await second.datastore.get(new Key('/peers/x')))).toBe('libp2p')
    expect(text(await second.store.get(bytes('g/raft/a\0log/1')))).toBe('raftmesh')
  })

  it('keeps libp2p\'s keys and raftmesh\'s apart', async () => {
    const node = await open(await temporaryDirectory())
    await node.datastore.put(new Key('/g/raft/a'), bytes('libp2p'))
    expect(await node.store.get(bytes('g/raft/a'))).toBeUndefined()
    const keys: string[] = []
    for await (const page of node.store.range({ gte: bytes('!'), lt: bytes('"') })) keys.push(...page.map(([key]) => text(key) ?? ''))
    expect(keys).toEqual(['!libp2p!/g/raft/a'])
  })

  it('refuses a second open while the first lasts, naming the directory, and only then', async () => {
    const path = await temporaryDirectory()
    const first = await open(path)
    const error = await failure(openNodeStore(path))
    expect(error).toBeInstanceOf(StoreInUseError)
    expect(error.message).toContain(path)
    await first.close()
    await open(path)
  })

  it('is bound to the first peer id it sees, by option or by call', async () => {
    const path = await temporaryDirectory()
    const first = await open(path)
    expect(await first.peerId()).toBeUndefined()
    await first.bindPeerId('12D3KooWalice')
    await first.bindPeerId('12D3KooWalice')
    const error = await failure(first.bindPeerId('12D3KooWbob'))
    expect(error).toBeInstanceOf(StoreIdentityError)
    for (const part of ['12D3KooWalice', '12D3KooWbob', path]) expect(error.message).toContain(part)
    await first.close()
    expect(await failure(openNodeStore(path, { peerId: '12D3KooWbob' }))).toBeInstanceOf(StoreIdentityError)
    // The refusal let go of the directory and changed nothing.
    const again = await open(path, '12D3KooWalice')
    expect(await again.peerId()).toBe('12D3KooWalice')
  })

  it('refuses another program\'s LevelDB and leaves what is in it', async () => {
    const path = await temporaryDirectory()
    const foreign = new Level<string, string>(path)
    await foreign.put('/peers/x', 'theirs')
    await foreign.close()
    const error = await failure(openNodeStore(path))
    expect(error).toBeInstanceOf(StoreIdentityError)
    expect(error.message).toContain('not raftmesh\'s')
    const again = new Level<string, string>(path)
    expect(await again.iterator().all()).toEqual([['/peers/x', 'theirs']])
    await again.close()
  })

  it('refuses a format of a later version, and a format mark that is none', async () => {
    for (const [mark, words] of [['raftmesh 2', 'format 2'], ['something', 'not raftmesh\'s']]) {
      const path = await temporaryDirectory()
      const node = await open(path)
      await node.store.batch([put('n/format', mark)], { sync: true })
      await node.close()
      const error = await failure(openNodeStore(path))
      expect(error).toBeInstanceOf(StoreIdentityError)
      expect(error.message).toContain(words)
    }
  })

  it('refuses a directory of other files, a file, and a directory that can\'t be made', async () => {
    const path = await temporaryDirectory()
    await writeFile(join(path, 'thesis.txt'), 'mine')
    const error = await failure(openNodeStore(path))
    expect(error).toBeInstanceOf(StoreIdentityError)
    expect(error.message).toContain('thesis.txt')
    expect(await readdir(path)).toEqual(['thesis.txt'])
    expect(await failure(openNodeStore(join(path, 'thesis.txt')))).toBeInstanceOf(InvalidArgumentError)
    expect(await failure(openNodeStore(join(path, 'thesis.txt', 'below')))).toBeInstanceOf(InvalidArgumentError)
  })

  it('refuses a database that lost CURRENT, where LevelDB would begin an empty one', async () => {
    const path = await temporaryDirectory()
    await (await open(path)).close()
    await rm(join(path, 'CURRENT'))
    const before = await readdir(path)
    const error = await failure(openNodeStore(path))
    expect(error).toBeInstanceOf(StoreCorruptError)
    expect(error.message).toContain('CURRENT')
    expect(await readdir(path)).toEqual(before)
  })

  it('refuses a damaged database', async () => {
    const path = await temporaryDirectory()
    await (await open(path)).close()
    const manifest = (await readdir(path)).find(name => name.startsWith('MANIFEST')) ?? ''
    await writeFile(join(path, manifest), 'garbage, and more than a few bytes of it')
    expect(await failure(openNodeStore(path))).toBeInstanceOf(StoreCorruptError)
  })

  it('opens after an aborted open', async () => {
    const path = await temporaryDirectory()
    await expect(openNodeStore(path, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
    await open(path)
  })

  it('is closed by await using, and twice harmlessly', async () => {
    const path = await temporaryDirectory()
    {
      await using node = await openNodeStore(path)
      await node.close()
    }
    await open(path)
  })
})
