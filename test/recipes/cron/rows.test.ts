import { afterEach, beforeEach, expect, it } from 'vitest'
import { led } from './support.js'
import type { Led } from './support.js'

let { world, leader, scheduler } = {} as Led
beforeEach(() => { ({ world, leader, scheduler } = led()) })
afterEach(async () => {
  await scheduler.stop()
  world.close()
})

const row = (type: string, job: string, number: number): string => `\0cron/${type}/${job}\0${String(number).padStart(16, '0')}`

it.each(['{}', '[]', 'null', '{"concurrency":"all"}', 'x'])('a worker\'s row that makes no sense does not stop the others: %s', async value => {
  await world.run(leader.cron.add({ name: 'j', schedule: { every: 10_000 }, delivery: 'at-most-once' }))
  await world.run(leader.set(row('worker', 'j', 7), value))
  await world.run(world.work(world.client(), 'j'))
  await world.advance(60_500)
  expect(world.calls).toHaveLength(6)
})

it.each(['{}', '[]', 'x', '{"state":"running"}', '{"state":"off","failures":0,"losses":0}', '{"state":"waiting","failures":-1,"losses":0}'])('a run\'s row that makes no sense counts as ended, also at a time that is yet to come: %s', async value => {
  await world.run(leader.cron.add({ name: 'j', schedule: { every: 10_000 }, delivery: 'at-most-once', overlap: 'skip' }))
  const start = await world.start('j')
  await world.run(leader.set(row('run', 'j', 7), value))
  await world.run(leader.set(row('run', 'j', start + 30_000), value))
  await world.run(world.work(world.client(), 'j'))
  await world.advance(60_500)
  expect(world.ticks().map(tick => (tick - start) / 1_000)).toEqual([10, 20, 40, 50, 60])
})

it('a job whose row leaves something out has the defaults', async () => {
  await world.run(leader.cron.add({ name: 'j', schedule: { every: 10_000 }, delivery: 'at-most-once' }))
  await world.run(leader.set('\0cron/job/j', '{"schedule":{"every":10000},"delivery":"at-least-once","data":""}'))
  expect(await world.run(leader.cron.get('j'))).toMatchObject({ retries: { max: 5, backoff: 1_000, maxBackoff: 60_000 }, missed: 'skip', grace: 30_000, overlap: 'skip', paused: false })
  await world.run(world.work(world.client(), 'j', ({ attempt }) => { if (attempt === 1) throw new Error('no luck') }))
  await world.advance(19_000)
  expect(world.calls).toMatchObject([{ attempt: 1 }, { attempt: 2 }])
})
