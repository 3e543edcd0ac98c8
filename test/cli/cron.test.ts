import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseCommand, UsageError } from '../../src/cli/args.js'
import { addJob, jobHistory } from '../../src/cli/cron.js'
import { InvalidArgumentError, NotFoundError } from '../../src/errors.js'
import { World } from '../recipes/support/world.js'
import type { SimClient } from '../recipes/support/client.js'

let world: World
let client: SimClient
let said: string[]
beforeEach(() => {
  world = new World()
  client = world.client()
  said = []
})
afterEach(() => { world.close() })

async function add (...options: string[]): Promise<number> {
  const parsed = parseCommand(['cron', 'add', '/raft/simulated', 'j', ...options])
  if (!('command' in parsed)) throw new Error('not a command')
  const output = { out: (line: string) => { said.push(line) }, err: (line: string) => { said.push(line) } }
  return await world.run(addJob(client, parsed, { signal: new AbortController().signal, json: false, output }))
}

it('a single time is one with its zone, and is yet to come', async () => {
  for (const time of ['5', 'tomorrow', '2030-01-01', '2030-01-01T09:30:00', '2030-13-01T00:00:00Z']) await expect(add('--at', time, '--delivery', 'at-most-once'), time).rejects.toThrow(UsageError)
  await expect(add('--at', '2020-01-01T00:00:00Z', '--delivery', 'at-most-once')).rejects.toThrow(/is over/)
  await expect(add('--at', '2999-01-01T00:00:00Z', '--delivery', 'at-most-once', '--time-zone', 'Europe/Berlin')).rejects.toThrow(InvalidArgumentError)
  expect(said).toEqual([])
  expect(await add('--at', '2999-01-01T09:30:00+02:00', '--delivery', 'at-most-once')).toBe(0)
  expect(said).toEqual(['added j, next at 2999-01-01T07:30:00.000Z'])
})

it('a single time that is over is taken if it is to be made up for', async () => {
  expect(await add('--at', '2020-01-01T00:00:00Z', '--delivery', 'at-most-once', '--missed', 'once')).toBe(0)
  expect((await world.run(client.cron.list())).map(({ missed }) => missed)).toEqual(['once'])
})

it('how a job is delivered must be named, and what one delivery does not know is not passed over', async () => {
  await expect(add('--every', '5000')).rejects.toThrow(/needs --delivery/)
  for (const option of ['--retries', '--backoff']) await expect(add('--every', '5000', '--delivery', 'at-most-once', option, '7')).rejects.toThrow(/at-least-once/)
  await expect(add('--every', '5000', '--delivery', 'at-least-once', '--time-zone', 'Mars')).rejects.toThrow(InvalidArgumentError)
  expect(await world.run(client.cron.list())).toEqual([])
  await add('--every', '5000', '--delivery', 'at-least-once', '--retries', '7', '--backoff', '70')
  expect((await world.run(client.cron.list())).map(({ retries }) => retries)).toMatchObject([{ max: 7, backoff: 70 }])
})

it('the history of a job that there is not is none, and not an empty one', async () => {
  const parsed = parseCommand(['cron', 'history', '/raft/simulated', 'j'])
  if (!('command' in parsed)) throw new Error('not a command')
  const history = async (): Promise<number> => await world.run(jobHistory(client, parsed, { signal: new AbortController().signal, json: false, output: { out: line => { said.push(line) }, err: () => {} } }))
  await expect(history()).rejects.toThrow(NotFoundError)
  await world.run(client.cron.add({ name: 'j', schedule: '@daily', delivery: 'at-most-once' }))
  expect(await history()).toBe(0)
  expect(said).toEqual([])
})
