import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseCommand } from '../../src/cli/args.js'
import { keyRing, runKeygen } from '../../src/cli/keys.js'
import { EncryptionKeyError, InvalidArgumentError } from '../../src/errors.js'
import { generateKey, KeyRing } from '../../src/keys/index.js'
import type { Parsed } from '../../src/cli/args.js'

const parse = (...argv: string[]): Parsed => {
  const parsed = parseCommand(argv)
  if (!('command' in parsed)) throw new Error('not a command')
  return parsed
}

let directory: string
let out: string[]
let err: string[]
const output = { out: (line: string) => { out.push(line) }, err: (line: string) => { err.push(line) } }
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'raftmesh-keys-'))
  out = []
  err = []
})
afterEach(async () => { await rm(directory, { recursive: true, force: true }) })
const file = (name: string): string => join(directory, name)
const ringOf = async (name: string): Promise<KeyRing | undefined> => await keyRing(parse('get', '/raft/demo', 'k', '--key-file', file(name)))

describe('keygen', () => {
  it('prints a key, another each time', async () => {
    expect(await runKeygen(parse('keygen'), { output })).toBe(0)
    expect(await runKeygen(parse('keygen'), { output })).toBe(0)
    expect(new Set(out.map(key => new KeyRing(key).current.id)).size).toBe(2)
  })

  it('writes a file that only its owner can read, tells its id and not the key, and never overwrites', async () => {
    expect(await runKeygen(parse('keygen', '--out', file('key')), { output })).toBe(0)
    expect((await stat(file('key'))).mode & 0o777).toBe(0o600)
    const key = (await readFile(file('key'), 'utf8')).trim()
    expect(out).toEqual([])
    expect(err.join()).toContain((await ringOf('key'))?.current.id)
    expect(err.join()).not.toContain(key)
    await expect(runKeygen(parse('keygen', '--out', file('key')), { output })).rejects.toThrow(InvalidArgumentError)
    expect((await readFile(file('key'), 'utf8')).trim()).toBe(key)
  })
})

describe('--key-file', () => {
  it('is a ring: a key in each line, of which the first is current', async () => {
    const keys = [generateKey(), generateKey()]
    await writeFile(file('ring'), `${keys[0]}\r\n\n  ${keys[1]}\n`)
    expect((await ringOf('ring'))?.ids).toBe(keys.map(key => new KeyRing(key).current.id).join(', '))
    expect((await ringOf('ring'))?.current.id).toBe(new KeyRing(keys[0]).current.id)
    expect(await keyRing(parse('get', '/raft/demo', 'k'))).toBeUndefined()
  })

  it.each([['nowhere', undefined, /cannot be read/], ['empty', '\n\n', /is empty/], ['short', 'c2hvcnQ=', /holds what is no key.*32 bytes/], ['text', 'not, base64', /holds what is no key/]])('that is %s is refused, by name', async (name, content, why) => {
    if (content !== undefined) await writeFile(file(name), content)
    const error = await ringOf(name).then(() => undefined, (error: unknown) => error as Error)
    expect(error).toBeInstanceOf(EncryptionKeyError)
    expect(error?.message).toMatch(why)
    expect(error?.message).toContain(file(name))
  })
})
