import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CronWorld } from './support.js'
import type { NewJob } from '../../../src/recipes/cron/types.js'
import type { SimClient } from '../support/client.js'

let world: CronWorld
let client: SimClient
beforeEach(() => {
  world = new CronWorld()
  client = world.client()
})
afterEach(() => { world.close() })

/** Says where their ticks begin, and is gone. */
async function begin (...names: string[]): Promise<void> {
  const scheduler = world.scheduler(world.client())
  scheduler.start()
  for (const name of names) await world.start(name)
  await scheduler.stop()
}

const job = (changes: Partial<NewJob> = {}): NewJob => ({ name: 'j', schedule: { every: 10_000 }, delivery: 'at-most-once', ...changes })

describe('a scheduler that takes over', () => {
  it('looks at many jobs in several turns of the event loop', async () => {
    const names = Array.from({ length: 120 }, (_, i) => `j${i}`)
    for (const name of names) await world.run(client.cron.add(job({ name })))
    await begin(...names)
    const leader = world.client()
    const wall = leader.process.wall.bind(leader.process)
    let [looks, most, now] = [0, 0, 0]
    // Once for each look.
    leader.process.wall = () => {
      looks++
      most = Math.max(most, ++now)
      return wall()
    }
    const later = leader.process.setImmediate.bind(leader.process)
    leader.process.setImmediate = turn => later(() => { now = 0; turn() })
    const scheduler = world.scheduler(leader)
    scheduler.start()
    await world.advance(1_000)
    expect(looks).toBe(120)
    expect(most).toBeLessThanOrEqual(50)
    await scheduler.stop()
  })

  it('and was told of a job in two pages, of two moments, does not wait for what it knows already', async () => {
    await world.run(client.cron.add(job({ schedule: { every: 1_000 }, missed: 'once' })))
    await begin('j')
    // Runs of another job: workers are on the second page.
    for (let i = 0; i < 10; i++) await world.run(client.set(`\0cron/run/other\0${String(i).padStart(16, '0')}`, '{"state":"done","failures":0,"losses":0}'))
    await world.advance(5_000)
    const leader = world.client()
    const scan = leader.scan.bind(leader)
    let pages = 0
    leader.scan = async options => {
      if (++pages === 2) {
        await client.cron.update('j', { data: 'new' })
        await world.work(world.client(), 'j', () => {}, { ttl: 60_000 })
      }
      return await scan({ ...options, limit: 10 })
    }
    const scheduler = world.scheduler(leader)
    scheduler.start()
    await world.advance(10_000)
    expect(pages).toBe(2)
    expect(world.calls.length).toBeGreaterThan(5)
    await scheduler.stop()
  })
})
