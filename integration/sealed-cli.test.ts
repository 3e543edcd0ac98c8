import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseCommand } from '../src/cli/args.js'
import { runClientCommand } from '../src/cli/client-commands.js'
import { runStart } from '../src/cli/start.js'
import { EncryptionKeyError, generateKey } from '../src/index.js'
import type { Parsed } from '../src/cli/args.js'

const NS = '/raft/demo'
const parse = (...argv: string[]): Parsed => {
  const parsed = parseCommand(argv)
  if (!('command' in parsed)) throw new Error('not a command')
  return parsed
}

let directory: string
const stop = new AbortController()
let node: Promise<number>
beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'raftmesh-sealed-cli-')) })
afterEach(async () => {
  stop.abort(new Error('done'))
  await node
  await rm(directory, { recursive: true, force: true })
})

async function run (...argv: string[]): Promise<string> {
  const out: string[] = []
  await runClientCommand(parse(...argv, '--data', join(directory, 'node')), { signal: AbortSignal.timeout(30_000), output: { out: line => { out.push(line) }, err: () => {} } })
  return out.join('\n')
}

describe('the command line', () => {
  it('starts a node with a key, and serves commands with that key only', async () => {
    const [key, wrong] = [join(directory, 'key'), join(directory, 'wrong')]
    await writeFile(key, generateKey())
    await writeFile(wrong, generateKey())
    await new Promise<void>((resolve, reject) => {
      const output = { out: (line: string) => { if (line.includes('leader')) resolve() }, err: () => {} }
      node = runStart(parse('start', '--namespace', NS, '--data', join(directory, 'node'), '--listen', '/ip4/127.0.0.1/tcp/0', '--preset', 'local', '--bootstrap-mode', 'force', '--key-file', key), { signal: stop.signal, output })
      node.catch(reject)
    })
    await run('set', NS, 'colour', 'green', '--key-file', key)
    expect(await run('get', NS, 'colour', '--key-file', key)).toBe('green')
    await expect(run('get', NS, 'colour')).rejects.toThrow(EncryptionKeyError)
    await expect(run('members', NS, '--key-file', wrong)).rejects.toThrow(`${NS} is sealed with key`)
  })
})
