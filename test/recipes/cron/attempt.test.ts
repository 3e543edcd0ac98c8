import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TooLargeError } from '../../../src/errors.js'
import { job, led, takes } from './support.js'
import type { NewJob, RunState } from '../../../src/recipes/cron/types.js'
import type { Led } from './support.js'

let { world, leader, scheduler } = {} as Led
beforeEach(() => { ({ world, leader, scheduler } = led()) })
afterEach(async () => {
  await scheduler.stop()
  world.close()
})

const states = async (): Promise<RunState[]> => (await world.run(leader.cron.history('j'))).map(({ state }) => state).reverse()

describe('a handler', () => {
  it.each<[string, unknown]>([['what has no prototype', Object.create(null)], ['an error whose message is no string', Object.assign(new Error(), { message: 404 })], ['nothing', undefined]])('that throws %s has failed', async (_, thrown) => {
    await world.run(leader.cron.add(job()))
    await world.run(world.work(world.client(), 'j', () => { throw thrown as Error }))
    await world.advance(30_500)
    expect(await states()).toEqual(['failed', 'failed', 'failed'])
  })

  it('whose end cannot be written gives its lease up, and the next tick is run', async () => {
    const client = world.client()
    const txn = client.txn.bind(client)
    client.txn = async (transaction, options) => {
      if (JSON.stringify(transaction).includes('too long')) throw new TooLargeError('The value is too large')
      return await txn(transaction, options)
    }
    await world.run(leader.cron.add(job()))
    await world.run(world.work(client, 'j', () => { if (world.calls.length === 1) throw new Error('too long') }))
    await world.advance(20_500)
    expect(await states()).toEqual(['lost', 'done'])
  })
})

it('a job that is removed and added again while its handler ends has one handler at a time in a worker of one', async () => {
  const client = world.client()
  await world.run(leader.cron.add(job()))
  let [now, most] = [0, 0]
  await world.run(world.work(client, 'j', async () => {
    most = Math.max(most, ++now)
    await takes(client, 25_000)
    now--
  }))
  await world.until(() => now === 1)
  await world.run(leader.cron.remove('j'))
  await world.run(leader.cron.add(job()))
  await world.advance(60_000)
  expect(most).toBe(1)
  expect(world.calls.length).toBeGreaterThan(1)
})

describe('a claim', () => {
  /** Claimed, and the word that it begins refused, until `seen` has been called. */
  const claimed = async (changes: Partial<NewJob> = {}): Promise<{ seen: () => void }> => {
    const client = world.client()
    let isHeld = true
    client.fate = what => isHeld && what === 'txn' ? 'refused' : 'done'
    await world.run(leader.cron.add(job(changes)))
    await world.run(world.work(client, 'j'))
    await world.until(() => world.group.keys('\0cron/run/').length === 1)
    await world.advance(100)
    expect(await states()).toEqual(['claimed'])
    return { seen: () => { isHeld = false } }
  }

  it('that is not begun when its job is paused begins when it is resumed', async () => {
    const { seen } = await claimed({ grace: 3_600_000 })
    await world.run(leader.cron.pause('j'))
    seen()
    await world.advance(60_000)
    expect(world.calls).toEqual([])
    expect(await states()).toEqual(['waiting'])
    await world.run(leader.cron.resume('j'))
    await world.advance(1_000)
    expect(world.calls).toMatchObject([{ attempt: 1 }])
  })

  /** Claimed just as its worker goes; much later, somebody else comes. */
  const left = async (changes: Partial<NewJob>): Promise<void> => {
    const client = world.client()
    client.fate = what => what === 'txn' ? 'refused' : 'done'
    await world.run(leader.cron.add(job({ schedule: { every: 20 * 60_000 }, ...changes })))
    await world.run(world.work(client, 'j'))
    await world.until(() => world.group.keys('\0cron/run/').length === 1)
    client.process.kill()
    await world.advance(15 * 60_000)
    await world.run(world.work(world.client(), 'j'))
    await world.advance(10_000)
  }

  it('whose worker leaves is skipped when it is too late', async () => {
    await left({})
    expect(world.calls).toEqual([])
    expect(await states()).toEqual([])
    expect((await world.run(leader.cron.get('j')))?.skipped).toBe(1)
    await world.advance(6 * 60_000)
    expect(world.calls).toHaveLength(1)
  })

  it.each<Partial<NewJob>>([{ missed: 'once' }, { overlap: 'queue' }, { grace: 3_600_000 }])('whose worker leaves is begun, however late, if the job says so: %j', async changes => {
    await left(changes)
    expect(world.calls).toMatchObject([{ attempt: 1 }])
  })

  it('from before its job was changed is made anew: the handler is given what the job carries now', async () => {
    const { seen } = await claimed()
    const token = world.group.kv.revision
    await world.run(leader.cron.update('j', { data: 'new' }))
    seen()
    await world.advance(5_000)
    expect(world.calls).toMatchObject([{ attempt: 1 }])
    expect(world.calls[0]?.token).toBeGreaterThan(token)
  })
})
