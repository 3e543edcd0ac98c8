import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseCommand } from '../../src/cli/args.js'
import { NOT_FREE, runLock } from '../../src/cli/lock.js'
import { UnavailableError } from '../../src/errors.js'
import { World } from '../recipes/support/world.js'
import type { SimClient } from '../recipes/support/client.js'

let world: World
let said: string[]
beforeEach(() => {
  world = new World()
  said = []
})
afterEach(() => { world.close() })

async function lock (client: SimClient, ...options: string[]): Promise<unknown> {
  const parsed = parseCommand(['lock', '/raft/simulated', 'x', ...options, '--', 'true'])
  if (!('command' in parsed)) throw new Error('not a command')
  const output = { out: (line: string) => { said.push(line) }, err: (line: string) => { said.push(line) } }
  return await world.run(runLock(client, parsed, { signal: new AbortController().signal, json: false, output }).catch((error: unknown) => error))
}

it('says that the lock is not free once others have had it for so long', async () => {
  await world.run(world.client().lock('x'))
  expect(await lock(world.client(), '--timeout', '500')).toBe(NOT_FREE)
  expect(said).toEqual(['the lock "x" is not free'])
})

it('says that nobody could be asked, and not that others have the lock, where that is so', async () => {
  const client = world.client()
  const nobody = new UnavailableError('no reachable peer serves /raft/simulated')
  client.propose = async () => { throw nobody }
  for (const timeout of ['500', '60000']) expect(await lock(client, '--timeout', timeout)).toBe(nobody)
  expect(said).toEqual([])
})
