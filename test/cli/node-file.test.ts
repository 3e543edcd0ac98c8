import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readNodeFile, removeNodeFile, writeNodeFile } from '../../src/cli/node-file.js'
import { errorText, table } from '../../src/cli/output.js'
import { InvalidArgumentError, UnavailableError } from '../../src/errors.js'

let directory: string
beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'raftmesh-cli-')) })
afterEach(async () => { await rm(directory, { recursive: true, force: true }) })

describe('node.json', () => {
  const content = { peer: 'p', pid: 1, addresses: ['/ip4/127.0.0.1/tcp/1/p2p/p'], namespaces: ['/raft/a'] }

  it('is read as it was written, and leaves no draft behind', async () => {
    await writeNodeFile(directory, content)
    expect(await readNodeFile(directory)).toEqual(content)
    expect(await readdir(directory)).toEqual(['node.json'])
    await removeNodeFile(directory)
    await removeNodeFile(directory)
    expect(await readdir(directory)).toEqual([])
  })

  it('that is missing means that no node runs there', async () => {
    await expect(readNodeFile(directory)).rejects.toThrow(UnavailableError)
    await expect(readNodeFile(directory)).rejects.toThrow(/raftmesh start --data/)
  })

  it.each(['', '{', 'null', '{"addresses":"x"}', '{"addresses":[1]}'])('refuses %j', async text => {
    await writeFile(join(directory, 'node.json'), text)
    await expect(readNodeFile(directory)).rejects.toThrow(InvalidArgumentError)
  })
})

describe('output', () => {
  it('aligns columns', () => {
    expect(table([['A', 'LONG'], ['aaa', 'b']])).toBe('A     LONG\naaa   b')
    expect(table([])).toBe('')
  })

  it('tells a cause once', () => {
    expect(errorText(new Error('no', { cause: new Error('why') }))).toBe('no (why)')
    expect(errorText(new Error('no: why', { cause: new Error('why') }))).toBe('no: why')
    expect(errorText('plain')).toBe('plain')
  })
})
