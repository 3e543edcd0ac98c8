import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseCommand } from '../../src/cli/args.js'
import { NOT_FOUND } from '../../src/cli/child.js'
import { discardItem, peekItems, redriveItems, workOn } from '../../src/cli/queue.js'
import { World } from '../recipes/support/world.js'
import type { Parsed } from '../../src/cli/args.js'
import type { Recipes } from '../../src/recipes/recipes.js'
import type { SimClient } from '../recipes/support/client.js'

type Command = (client: Recipes, parsed: Parsed, context: { signal: AbortSignal, output: { out: (line: string) => void, err: (line: string) => void }, json: boolean }) => Promise<number>

let world: World
let client: SimClient
beforeEach(() => {
  world = new World()
  client = world.client()
})
afterEach(() => { world.close() })

/** As it is typed; what runs takes real time, and the world goes on meanwhile. */
async function type (command: Command, argv: readonly string[], signal: AbortSignal = new AbortController().signal): Promise<{ code: number, lines: string[] }> {
  const lines: string[] = []
  const add = (line: string): void => { lines.push(line) }
  const parsed = parseCommand(argv)
  if (!('command' in parsed)) throw new Error('not a command')
  let code: number | undefined
  const running = command(client as unknown as Recipes, parsed, { signal, output: { out: add, err: add }, json: parsed.flag('json') }).then(ended => { code = ended })
  while (code === undefined) await Promise.race([running, world.advance(50)])
  return { code, lines }
}

async function dead (...values: string[]): Promise<void> {
  const q = client.queue('q')
  await world.run(q.configure({ maxAttempts: 1 }))
  for (const value of values) await world.run(q.push(value))
  for (const item of await world.run(q.pop({ limit: 100 }))) await world.run(item.release())
}

describe('queue work', () => {
  it('of a command that is not there ends with 127, and no item is worse for it', async () => {
    const q = client.queue('q')
    for (let i = 0; i < 20; i++) await world.run(q.push('x'))
    for (let i = 0; i < 6; i++) {
      const { code, lines } = await type(workOn, ['queue', 'work', '/raft/a', 'q', '--concurrency', '3', '--', './no-such-command'])
      expect(code).toBe(NOT_FOUND)
      expect(lines[0]).toBe('raftmesh: working on queue q')
      expect(lines[1]).toMatch(/no-such-command cannot be run/)
    }
    expect(await world.run(q.length())).toEqual({ ready: 20, taken: 0, dead: 0 })
    expect((await world.run(q.peek({ limit: 20 }))).map(({ attempts }) => attempts)).toEqual(Array(20).fill(0))
  })

  it('goes on when a command ends with 127 of its own accord: that is one item\'s failure', async () => {
    const q = client.queue('q')
    await world.run(q.configure({ maxAttempts: 1 }))
    await world.run(q.push('bad'))
    const stop = new AbortController()
    const working = type(workOn, ['queue', 'work', '/raft/a', 'q', '--backoff', '0', '--', 'sh', '-c', 'exit 127'], stop.signal)
    for (;;) if ((await q.length()).dead === 1) break
    stop.abort()
    expect((await working).code).toBe(0)
  })

  it('hands over an item whose id no variable can hold', async () => {
    const q = client.queue('q')
    await world.run(q.push('x', { id: 'a\0b' }))
    const stop = new AbortController()
    const working = type(workOn, ['queue', 'work', '/raft/a', 'q', '--', 'sh', '-c', 'test -z "${RAFTMESH_QUEUE_ID+there}"'], stop.signal)
    for (;;) {
      const { ready, taken, dead } = await q.length()
      expect(dead).toBe(0)
      if (ready + taken === 0) break
    }
    stop.abort()
    expect((await working).lines).toEqual(['raftmesh: working on queue q'])
  })
})

it('queue peek shows each item in a line of its own, whatever is in it', async () => {
  await world.run(client.queue('q').push('two\nlines \u001b[31m', { id: 'i\r' }))
  const { lines } = await type(peekItems, ['queue', 'peek', '/raft/a', 'q'])
  expect(lines.join().split('\n')[1]).toBe('1      i\\r   0          two\\nlines \\u001b[31m')
})

describe('dead letters', () => {
  it('are redriven, all or the first', async () => {
    await dead('a', 'b', 'c')
    expect(await type(redriveItems, ['queue', 'redrive', '/raft/a', 'q', '--limit', '1'])).toEqual({ code: 0, lines: ['1 dead letter redriven'] })
    expect(await type(redriveItems, ['queue', 'redrive', '/raft/a', 'q', '--json'])).toEqual({ code: 0, lines: ['{"redriven":2}'] })
    expect(await world.run(client.queue('q').length())).toEqual({ ready: 3, taken: 0, dead: 0 })
  })

  it('are discarded by number', async () => {
    await dead('a', 'b')
    expect(await type(discardItem, ['queue', 'discard', '/raft/a', 'q', '2'])).toEqual({ code: 0, lines: ['item 2 removed'] })
    expect(await type(discardItem, ['queue', 'discard', '/raft/a', 'q', '2'])).toEqual({ code: 1, lines: ['item 2 is no dead letter of q'] })
    await expect(type(discardItem, ['queue', 'discard', '/raft/a', 'q', 'two'])).rejects.toThrow('A sequence must be an integer')
    expect(await world.run(client.queue('q').length())).toEqual({ ready: 0, taken: 0, dead: 1 })
  })
})
