import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConflictError, InvalidArgumentError, NotFoundError, TooLargeError } from '../../../src/errors.js'
import { follow } from '../../../src/recipes/cron/follow.js'
import { newDefinition } from '../../../src/recipes/cron/job.js'
import { plan } from '../../../src/recipes/cron/plan.js'
import { job, led, takes } from './support.js'
import type { Plan, SeenRun } from '../../../src/recipes/cron/plan.js'
import type { NewJob, RunState } from '../../../src/recipes/cron/types.js'
import type { RecipeContext, WatchOptions } from '../../../src/recipes/types.js'
import type { Led } from './support.js'

let { world, leader, scheduler } = {} as Led
beforeEach(() => { ({ world, leader, scheduler } = led()) })
afterEach(async () => {
  await scheduler.stop()
  world.close()
})

const states = async (): Promise<RunState[]> => (await world.run(leader.cron.history('j'))).map(({ state }) => state).reverse()
const steps = (): number[] => world.ticks().map(tick => (tick - start) / 1_000)
let start = 0
async function add (changes: Partial<NewJob> = {}): Promise<void> {
  await world.run(leader.cron.add(job(changes)))
  start = await world.start('j')
}

describe('jobs', () => {
  it('are added, looked at, changed at a version, and removed', async () => {
    const { cron } = world.client()
    const added = await world.run(cron.add(job({ schedule: '*/5 * * * * *', timeZone: 'Europe/Berlin', data: 'x', timeout: 9 })))
    expect(added).toMatchObject({ name: 'j', schedule: '*/5 * * * * *', timeZone: 'Europe/Berlin', missed: 'skip', overlap: 'skip', paused: false, version: 1, timeout: 9 })
    const at = await world.start('j')
    expect(await world.run(cron.get('j'))).toEqual({ ...added, decidedUpTo: new Date(at) })
    await expect(world.run(cron.add(job()))).rejects.toThrow(ConflictError)
    const changed = await world.run(cron.update('j', { missed: 'all', retries: { max: 1 } }, { version: 1 }))
    expect(changed).toMatchObject({ schedule: '*/5 * * * * *', missed: 'all', retries: { max: 1, backoff: 1_000 }, version: 2, data: added.data, timeout: 9 })
    await expect(world.run(cron.update('j', { missed: 'once' }, { version: 1 }))).rejects.toThrow(/version 2, not 1/)
    await expect(world.run(cron.remove('j', { version: 1 }))).rejects.toThrow(ConflictError)
    await world.run(cron.add(job({ name: 'a/b' })))
    expect((await world.run(cron.list())).map(({ name }) => name)).toEqual(['a/b', 'j'])
    await world.run(cron.remove('j'))
    await world.run(cron.remove('a/b', { version: 1 }))
    expect(world.group.keys('\0cron/')).toEqual([])
    expect(await world.run(cron.get('j'))).toBeUndefined()
    for (const gone of [() => cron.remove('j'), () => cron.pause('j'), () => cron.update('j', {})]) await expect(world.run<unknown>(gone())).rejects.toThrow(NotFoundError)
  })

  it('are listed beside a row that makes no sense, which is left out and can be removed', async () => {
    const writer = world.client()
    const { cron } = writer
    await world.run(cron.add(job()))
    const garbage = ['not json', '{}', '{"schedule":{"cron":"often","timeZone":"UTC"}}', '{"schedule":{"every":"x","from":1},"delivery":"at-most-once"}']
    for (const [i, value] of garbage.entries()) {
      await world.run(writer.set(`\0cron/job/bad${i}`, value))
      await world.run(writer.set(`\0cron/progress/bad${i}`, '{"cursor":1,"skipped":0}'))
    }
    await world.run(cron.add(job({ name: 'lost' })))
    await world.run(writer.set('\0cron/progress/lost', '{"cursor":"x"}'))
    expect((await world.run(cron.list())).map(({ name }) => name)).toEqual(['j'])
    for (const name of ['lost', ...garbage.map((_, i) => `bad${i}`)]) {
      expect(await world.run(cron.get(name))).toBeUndefined()
      await world.run(cron.remove(name))
    }
    expect(world.group.keys('\0cron/')).toHaveLength(2)
  })

  it('are refused where they make no sense', async () => {
    const wrong: unknown[] = [
      { name: '' }, { name: 'a\0b' }, { delivery: undefined }, { delivery: 'twice' }, { schedule: 'often' }, { schedule: { every: 5 } }, { schedule: { every: 1_000, at: 5 } }, { schedule: { at: NaN } },
      { schedule: '0 0 31 2 *' }, { timeZone: 'Mars/Phobos', schedule: '* * * * *' }, { timeZone: 'Europe/Berlin' }, { timeZone: 'UTC', schedule: { at: 5 } }, { missed: 'some' }, { overlap: 'no' }, { retries: { tries: 3 } }, { history: -1 }, { grace: 0 }, { data: 7 }, { every: 5 }
    ]
    for (const changes of wrong) await expect(world.run(leader.cron.add(job(changes as NewJob))), JSON.stringify(changes)).rejects.toThrow(InvalidArgumentError)
    await expect(leader.cron.add(job({ data: new Uint8Array(65_537) }))).rejects.toThrow(TooLargeError)
    await expect(leader.cron.run('j', () => {}, { concurrency: 0 })).rejects.toThrow(InvalidArgumentError)
    expect(world.group.keys('\0cron/')).toEqual([])
  })

  it('are not changed to what makes no sense', async () => {
    await world.run(leader.cron.add(job({ schedule: '* * * * *', timeZone: 'Europe/Berlin' })))
    for (const changes of [{ schedule: '0 0 31 2 *' }, { schedule: { every: 5_000 }, timeZone: 'UTC' }, { timeZone: 'Mars/Phobos' }, { delivery: 'twice' as 'at-most-once' }]) await expect(world.run(leader.cron.update('j', changes))).rejects.toThrow(InvalidArgumentError)
    expect(await world.run(leader.cron.get('j'))).toMatchObject({ schedule: '* * * * *', version: 1 })
    // Its zone goes with its expression.
    await world.run(leader.cron.update('j', { schedule: { every: 5_000 } }))
    await expect(world.run(leader.cron.update('j', { timeZone: 'Europe/Berlin' }))).rejects.toThrow(InvalidArgumentError)
    expect(await world.run(leader.cron.update('j', { schedule: '@daily', timeZone: 'Asia/Tokyo' }))).toMatchObject({ schedule: '@daily', timeZone: 'Asia/Tokyo' })
  })
})

describe('runs', () => {
  it('come at their times, once each, with rising tokens and what the job carries', async () => {
    const seen: string[] = []
    await add({ data: 'hello' })
    await world.run(world.work(world.client(), 'j', ({ data }) => { seen.push(Buffer.from(data).toString()) }))
    await world.run(world.work(world.client(), 'j'))
    await world.advance(61_000)
    expect(steps()).toEqual([10, 20, 30, 40, 50, 60])
    const tokens = world.calls.map(({ token }) => token)
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b))
    expect(await states()).toEqual(Array(6).fill('done'))
    expect(new Set(seen)).toEqual(new Set(['hello']))
  })

  it('are spread over those who subscribe', async () => {
    const counts = [0, 0, 0]
    await add()
    for (const i of counts.keys()) await world.run(world.work(world.client(), 'j', () => { counts[i] = (counts[i] ?? 0) + 1 }))
    await world.advance(600_500)
    expect(counts.reduce((a, b) => a + b)).toBe(60)
    expect(Math.min(...counts)).toBeGreaterThan(5)
  })

  it('of a single time come once, also if that is a moment ago', async () => {
    await world.run(world.work(world.client(), 'j'))
    const at = world.clock.wall() - 5_000
    await world.run(leader.cron.add(job({ schedule: { at } })))
    await world.advance(100_000)
    expect(world.ticks()).toEqual([at])
    expect((await world.run(leader.cron.get('j')))?.next).toBeUndefined()
  })

  it('leave so many behind as the job says, and no more', async () => {
    await add({ history: 3 })
    await world.run(world.work(world.client(), 'j'))
    await world.advance(300_500)
    // Trimmed with the next claim.
    expect(world.group.keys('\0cron/run/')).toHaveLength(4)
    expect((await world.run(leader.cron.history('j', { limit: 2 }))).map(({ tick }) => (tick.getTime() - start) / 1_000)).toEqual([300, 290])
  })

  it('do not come while the job is paused, and are not made up for', async () => {
    await add({ missed: 'all' })
    await world.run(world.work(world.client(), 'j'))
    await world.advance(20_500)
    expect((await world.run(leader.cron.pause('j'))).next).toBeUndefined()
    await world.advance(100_000)
    await world.run(leader.cron.resume('j'))
    await world.advance(20_000)
    expect(steps()).toEqual([10, 20, 130, 140])
  })

  it('end when their job is removed: the handler is told, and another job of that name knows nothing of them', async () => {
    let told: unknown
    await add()
    const client = world.client()
    await world.run(world.work(client, 'j', async ({ signal }) => { await takes(client, 50_000, signal).catch((error: unknown) => { told = error }) }))
    await world.until(() => world.calls.length === 1)
    await world.run(leader.cron.remove('j'))
    await world.until(() => told !== undefined)
    expect(told).toBeInstanceOf(ConflictError)
    await add()
    expect(await states()).toEqual([])
    await world.advance(11_000)
    expect(world.calls).toHaveLength(2)
  })

  it('of which the handler throws have failed, or are tried again after longer and longer', async () => {
    const client = world.client()
    await add({ overlap: 'queue', schedule: { every: 100_000 } })
    await world.run(world.work(client, 'j', () => { throw new Error('no luck') }))
    await world.advance(100_500)
    expect(await world.run(leader.cron.history('j'))).toMatchObject([{ state: 'failed', attempt: 1, error: 'no luck' }])
    await world.run(leader.cron.update('j', { delivery: 'at-least-once', retries: { max: 3, backoff: 2_000, maxBackoff: 5_000 } }))
    world.calls.length = 0
    await world.advance(115_000)
    expect(world.calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
    const pauses = world.calls.map(({ beganAt }, i) => beganAt - (world.calls[i - 1]?.beganAt ?? beganAt)).slice(1)
    for (const [i, least] of [2_000, 4_000, 5_000].entries()) {
      expect(pauses[i]).toBeGreaterThanOrEqual(least)
      expect(pauses[i]).toBeLessThan(least + 500)
    }
    expect(await states()).toEqual(['failed', 'failed'])
  })

  it('that take too long are told to end, and have failed', async () => {
    const client = world.client()
    await add({ timeout: 3_000 })
    await world.run(world.work(client, 'j', async ({ signal }) => { await takes(client, 60_000, signal) }))
    await world.advance(15_000)
    expect(await world.run(leader.cron.history('j'))).toMatchObject([{ state: 'failed', error: 'it took more than 3000 ms' }])
  })
})

describe('ticks that come due while an earlier one has not ended', () => {
  const slow = async (overlap: NewJob['overlap'], concurrency = 1): Promise<void> => {
    const client = world.client()
    await add({ overlap })
    await world.run(world.work(client, 'j', async () => { await takes(client, 25_000) }, { concurrency }))
    await world.advance(81_000)
  }

  it('are skipped, and counted', async () => {
    await slow('skip')
    expect(steps()).toEqual([10, 40, 70])
    expect((await world.run(leader.cron.get('j')))?.skipped).toBe(5)
  })

  it('wait for their turn', async () => {
    await slow('queue', 5)
    expect(steps()).toEqual([10, 20, 30])
    expect((await states()).filter(state => state === 'waiting')).toHaveLength(5)
  })

  it('are run beside it, as far as there is somebody', async () => {
    await slow('allow', 2)
    expect(steps()).toEqual([10, 20, 30, 40, 50, 60])
    await world.run(leader.cron.remove('j'))
    world.calls.length = 0
    await slow('allow', 5)
    expect(steps()).toEqual([10, 20, 30, 40, 50, 60, 70, 80])
  })
})

describe('missed ticks', () => {
  const outage = async (changes: Partial<NewJob>, ms: number): Promise<number[]> => {
    await add({ overlap: 'queue', ...changes })
    await world.run(world.work(world.client(), 'j'))
    await world.advance(10_500)
    await scheduler.stop()
    await world.advance(ms)
    const next = world.scheduler(world.client())
    next.start()
    await world.advance(3_000)
    await next.stop()
    return steps()
  }

  it('skip: the last one only, if it is not too late', async () => { expect(await outage({}, 45_000)).toEqual([10, 50]) })
  it('skip: none that is too late', async () => { expect(await outage({ grace: 5_000 }, 45_000)).toEqual([10]) })
  it('once: the last one, however late', async () => { expect(await outage({ missed: 'once', grace: 1 }, 45_000)).toEqual([10, 50]) })
  it('all: each, in order', async () => { expect(await outage({ missed: 'all' }, 45_000)).toEqual([10, 20, 30, 40, 50]) })
  it('all: a hundred at most, the last ones', async () => {
    await outage({ missed: 'all' }, 3_600_000)
    await world.advance(10_000)
    expect(world.group.keys('\0cron/run/')).toHaveLength(21 + 100 - world.calls.length + 1)
  })
  it('come due when somebody subscribes at last', async () => {
    await add({ missed: 'all' })
    await world.advance(35_000)
    expect(world.group.keys('\0cron/run/')).toEqual([])
    await world.run(world.work(world.client(), 'j'))
    await world.advance(3_000)
    expect(steps()).toEqual([10, 20, 30])
  })
})

describe('a wall clock that is set', () => {
  it('back: no tick comes twice', async () => {
    await add()
    await world.run(world.work(world.client(), 'j'))
    await world.advance(30_500)
    world.wallOffset = -25_000
    await world.advance(60_000)
    expect(steps()).toEqual([10, 20, 30, 40, 50, 60])
  })

  it('forth: as after an outage, within seconds', async () => {
    await add({ schedule: { every: 3_600_000 }, missed: 'all' })
    await world.run(world.work(world.client(), 'j'))
    await world.advance(1_000)
    world.wallOffset = 3 * 3_600_000
    await world.advance(15_000)
    expect(steps()).toEqual([3_600, 7_200, 10_800])
  })
})

describe('whoever subscribes', () => {
  it('and closes takes no more, and ends what is under way', async () => {
    const client = world.client()
    await add({ overlap: 'allow' })
    const subscription = await world.run(world.work(client, 'j', async () => { await takes(client, 15_000) }))
    await world.until(() => world.calls.length === 1)
    await world.run(subscription.close())
    expect(world.calls[0]?.endedAt).toBeDefined()
    expect(await states()).toContain('done')
    await world.advance(50_000)
    expect(world.calls).toHaveLength(1)
    expect(world.group.keys('\0cron/worker/')).toEqual([])
    expect(world.group.kv.leases().size).toBe(0)
  })

  it('and is killed while it runs: an at-most-once run is lost', async () => {
    const client = world.client()
    await add()
    await world.run(world.work(client, 'j', async () => { await takes(client, 60_000) }))
    await world.until(() => world.calls.length === 1)
    client.process.kill()
    await world.run(world.work(world.client(), 'j'))
    await world.advance(20_000)
    expect((await states())[0]).toBe('lost')
    expect(steps().filter(step => step === 10)).toHaveLength(1)
  })

  it('and is killed while it runs: an at-least-once run is made again, with a higher token', async () => {
    const client = world.client()
    await add({ delivery: 'at-least-once', schedule: { every: 100_000 } })
    await world.run(world.work(client, 'j', async () => { await takes(client, 60_000) }))
    await world.until(() => world.calls.length === 1)
    client.process.kill()
    await world.run(world.work(world.client(), 'j'))
    await world.advance(20_000)
    expect(world.calls).toMatchObject([{ attempt: 1 }, { attempt: 2 }])
    expect(world.calls[1]?.token).toBeGreaterThan(world.calls[0]?.token ?? Infinity)
    expect(await states()).toEqual(['done'])
  })

  for (const delivery of ['at-most-once', 'at-least-once'] as const) {
    it(`and is stopped between the claim and the call: another one makes the first call, ${delivery}`, async () => {
      const client = world.client()
      await add({ delivery, schedule: { every: 100_000 } })
      await world.run(world.work(client, 'j'))
      // What it writes from now on stays on the way for ever.
      client.fate = what => what === 'txn' ? 'lost' : 'done'
      await world.until(() => client.sent.get('txn') === 1)
      client.process.pause()
      await world.run(world.work(world.client(), 'j'))
      await world.advance(20_000)
      expect(world.calls).toMatchObject([{ attempt: 1 }])
      client.fate = () => 'done'
      client.process.resume()
      await world.advance(30_000)
      expect(world.calls).toHaveLength(1)
      expect(await states()).toEqual(['done'])
    })
  }

  it('and stands still for long comes back under a new lease', async () => {
    const client = world.client()
    await add()
    await world.run(world.work(client, 'j'))
    client.process.pause()
    await world.advance(35_000)
    expect(world.group.keys('\0cron/worker/')).toEqual([])
    client.process.resume()
    await world.advance(30_000)
    expect(world.group.keys('\0cron/worker/')).toHaveLength(1)
    expect(world.calls.length).toBeGreaterThan(1)
  })
})

describe('a scheduler that is not the only one', () => {
  it('and has not heard of a run cannot have another one run beside it', async () => {
    const worker = world.client()
    const deaf = world.client()
    const second = world.scheduler(deaf)
    second.start()
    await add({ overlap: 'skip' })
    await world.run(world.work(worker, 'j', async () => { await takes(worker, 60_000) }, { concurrency: 5 }))
    await world.advance(1_000)
    deaf.failing = type => type === 'changes'
    // The question that is under way comes to its end.
    await world.advance(6_000)
    deaf.fate = () => 'refused'
    await world.until(() => world.calls.length === 1)
    await scheduler.stop()
    await world.advance(5_000)
    deaf.fate = () => 'done'
    await world.advance(30_000)
    expect(deaf.sent.get('txn')).toBeGreaterThan(1)
    expect(steps()).toEqual([10])
    await second.stop()
  })

  it('and was stopped, and started again at once, knows all jobs, though its first look comes to an end only then', async () => {
    await add()
    await world.run(world.work(world.client(), 'j'))
    await scheduler.stop()
    const scan = leader.scan.bind(leader)
    let looks = 0
    // As on a member, whose own state is looked at to the end, whoever has given up.
    leader.scan = async options => {
      const page = await scan({ ...options, signal: undefined })
      if (looks++ === 0) await takes(leader, 3_000)
      return page
    }
    scheduler.start()
    await world.advance(1_000)
    const stopped = scheduler.stop()
    scheduler.start()
    await world.advance(60_000)
    await world.run(stopped)
    expect(steps()).toEqual([10, 20, 30, 40, 50, 60])
  })

  it('and is late does nothing for a job that is gone', async () => {
    await add()
    await world.run(world.work(world.client(), 'j'))
    leader.fate = what => what === 'txn' ? 'late' : 'done'
    const sent = leader.sent.get('txn') ?? 0
    await world.until(() => (leader.sent.get('txn') ?? 0) > sent)
    await scheduler.stop()
    await world.run(world.client().cron.remove('j'))
    await world.advance(5_000)
    expect(world.group.keys('\0cron/').filter(key => !key.startsWith('\0cron/worker/'))).toEqual([])
  })
})

describe('following rows', () => {
  it('begins where the page ends that is behind all others: pages may come from different members', async () => {
    const stop = new AbortController()
    const pages = [{ rows: [], revision: 100, age: 0, next: Uint8Array.of(1) }, { rows: [], revision: 50, age: 0, next: Uint8Array.of(2) }, { rows: [], revision: 70, age: 0, next: undefined }]
    const asked: unknown[] = []
    const kv = {
      scan: async () => pages.shift(),
      watch: async ({ revision }: WatchOptions) => {
        asked.push(revision)
        stop.abort(new Error('enough'))
        throw stop.signal.reason
      }
    }
    const followed = follow({ kv, clock: world.clock } as unknown as RecipeContext, 'p', stop.signal, { reset: () => {}, told: () => {}, settled: () => {} })
    await expect(followed).rejects.toThrow('enough')
    expect(asked).toEqual([51])
  })
})

describe('a plan', () => {
  it('takes back what was claimed for one who is leaving, and leaves them what they run', () => {
    const at = <T>(record: T): { record: T, revision: number, version: number } => ({ record, revision: 1, version: 1 })
    const run = (tick: number, state: RunState): [number, SeenRun] => [tick, { ...at({ state, failures: 0, losses: 0, worker: 7, job: 1, claimedAt: 0 }), seenAt: 0 }]
    const definition = newDefinition({ name: 'j', schedule: { at: 5 }, delivery: 'at-most-once', overlap: 'allow' }, 0)
    const of = (concurrency: number): Plan => plan({
      job: at(definition), ticks: { next: () => undefined }, progress: at({ cursor: 10, skipped: 0 }), runs: new Map([run(1, 'running'), run(2, 'claimed')]), workers: new Map([[7, at({ concurrency })], [8, at({ concurrency: 1 })]])
    }, { wall: 20, now: 20, random: () => 0 })
    expect([...of(0).runs]).toEqual([[2, expect.objectContaining({ state: 'claimed', worker: 8 })]])
    expect([...of(0).gone]).toEqual([])
    expect([...of(2).runs]).toEqual([])
  })
})
