import '../../src/polyfill.js'
import { describe, expect, it } from 'vitest'
import { parseCommand } from '../../src/cli/args.js'
import { runWatch } from '../../src/cli/watch.js'
import { CompactedError } from '../../src/errors.js'
import type { Parsed } from '../../src/cli/args.js'
import type { Watch, WatchEvent, WatchOptions } from '../../src/recipes/types.js'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const events: WatchEvent[] = [
  { type: 'set', revision: 4, key: utf8('a'), row: { key: utf8('a'), value: utf8('1'), createRevision: 4, modRevision: 4, version: 1, lease: 0 } },
  { type: 'delete', revision: 6, key: utf8('a') }
]

async function run (argv: string[], stop: (controller: AbortController) => void, told = events): Promise<{ code: number, lines: string[], asked: WatchOptions | undefined }> {
  const controller = new AbortController()
  const lines: string[] = []
  let asked: WatchOptions | undefined
  const watch = async (options?: WatchOptions): Promise<Watch> => {
    asked = options
    const source = (async function * () {
      yield * told
      stop(controller)
      controller.signal.throwIfAborted()
    })()
    return Object.assign(source, { [Symbol.asyncDispose]: async () => {} }) as unknown as Watch
  }
  const code = await runWatch({ watch }, parseCommand(argv) as Parsed, { signal: controller.signal, json: argv.includes('--json'), output: { out: line => { lines.push(line) }, err: () => {} } })
  return { code, lines, asked }
}

const interrupt = (controller: AbortController): void => { controller.abort(new Error('interrupted')) }

describe('raftmesh watch', () => {
  it('prints what changes until it is interrupted', async () => {
    expect(await run(['watch', '/raft/t', '--prefix', 'a', '--from', '3'], interrupt)).toMatchObject({ code: 0, lines: ['4 set a 1', '6 del a'], asked: { prefix: 'a', revision: 3 } })
    const { lines } = await run(['watch', '/raft/t', '--json'], interrupt)
    expect(lines.map(line => JSON.parse(line) as unknown)).toEqual([{ revision: 4, type: 'set', key: 'a', value: '1', version: 1 }, { revision: 6, type: 'delete', key: 'a' }])
  })

  it('tells as base64 in JSON what is no UTF-8', async () => {
    const [key, value] = [Uint8Array.of(0xff, 1), Uint8Array.of(0xc3)]
    const odd: WatchEvent[] = [
      { type: 'set', revision: 4, key, row: { key, value: utf8('ü'), createRevision: 4, modRevision: 4, version: 1, lease: 0 } },
      { type: 'set', revision: 5, key: utf8('ä'), row: { key: utf8('ä'), value, createRevision: 5, modRevision: 5, version: 1, lease: 0 } },
      { type: 'delete', revision: 6, key }
    ]
    const { lines } = await run(['watch', '/raft/t', '--json'], interrupt, odd)
    expect(lines.map(line => JSON.parse(line) as unknown)).toEqual([
      { revision: 4, type: 'set', keyBase64: '/wE=', value: 'ü', version: 1 }, { revision: 5, type: 'set', key: 'ä', valueBase64: 'ww==', version: 1 }, { revision: 6, type: 'delete', keyBase64: '/wE=' }
    ])
  })

  it('keeps a change in its line, and terminals from taking orders, whatever was written', async () => {
    const key = utf8('a\n9 del b')
    const odd: WatchEvent[] = [{ type: 'set', revision: 4, key, row: { key, value: utf8('\x1b[2Jü\u2028\t'), createRevision: 4, modRevision: 4, version: 1, lease: 0 } }]
    expect((await run(['watch', '/raft/t'], interrupt, odd)).lines).toEqual(['4 set a\\n9 del b \\u001b[2Jü\\u2028\\t'])
  })

  it('fails where the watch does', async () => {
    await expect(run(['watch', '/raft/t'], () => { throw new CompactedError('gone', 3) })).rejects.toThrow(CompactedError)
  })
})
