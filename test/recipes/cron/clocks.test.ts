import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { job, led } from './support.js'
import type { SimClient } from '../support/client.js'
import type { Led } from './support.js'

const HOUR = 3_600_000

let { world, leader, scheduler } = {} as Led
beforeEach(() => { ({ world, leader, scheduler } = led()) })
afterEach(async () => {
  await scheduler.stop()
  world.close()
})

/** A process whose clock is off by so much. */
function off (ms: number): SimClient {
  const client = world.client()
  client.process.wall = () => world.clock.wall() + ms
  return client
}

describe('ticks come by the clock of the leader\'s node', () => {
  for (const ms of [24 * HOUR, -24 * HOUR]) {
    for (const schedule of ['*/10 * * * * *', { every: 10_000 }] as const) {
      it(`though a job is added by one whose clock is off by ${ms / HOUR} h: ${JSON.stringify(schedule)}`, async () => {
        await world.run(off(ms).cron.add(job({ schedule, missed: 'all' })))
        await world.run(world.work(world.client(), 'j'))
        await world.advance(40_500)
        expect(world.calls.length).toBeGreaterThanOrEqual(4)
        expect(world.calls.length).toBeLessThanOrEqual(5)
      })

      it(`though it is given its schedule by one whose clock is off by ${ms / HOUR} h: ${JSON.stringify(schedule)}`, async () => {
        await world.run(leader.cron.add(job({ schedule: { every: 100 * HOUR }, missed: 'all' })))
        await world.run(world.work(world.client(), 'j'))
        await world.advance(1_000)
        await world.run(off(ms).cron.update('j', { schedule }))
        await world.advance(40_500)
        expect(world.calls.length).toBeGreaterThanOrEqual(4)
        expect(world.calls.length).toBeLessThanOrEqual(5)
      })
    }

    it(`though it is resumed by one whose clock is off by ${ms / HOUR} h`, async () => {
      await world.run(leader.cron.add(job({ missed: 'all' })))
      const start = await world.start('j')
      await world.run(world.work(world.client(), 'j'))
      await world.run(leader.cron.pause('j'))
      await world.advance(HOUR - 5_000)
      await world.run(off(ms).cron.resume('j'))
      await world.advance(30_000)
      // An interval that is the same goes on counting from where it began.
      expect(world.ticks()).toEqual([0, 10_000, 20_000].map(after => start + HOUR + after))
    })
  }

  it('also if another schedule is still to be begun when it is resumed', async () => {
    await scheduler.stop()
    await world.run(leader.cron.add(job({ paused: true })))
    await world.run(leader.cron.resume('j'))
    await world.run(world.work(world.client(), 'j'))
    await world.advance(HOUR)
    expect((await world.run(leader.cron.get('j')))?.next?.getTime()).toBeGreaterThan(world.clock.wall())
    scheduler.start()
    const start = await world.start('j')
    await world.advance(10_500)
    expect(world.ticks()).toEqual([start + 10_000])
  })
})
