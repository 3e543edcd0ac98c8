import { describe, expect, it } from 'vitest'
import { lastTicks, ticksOf } from '../../../src/recipes/cron/schedule.js'
import { CronWorld, takes } from './support.js'
import type { Fate, SimClient } from '../support/client.js'
import type { CronScheduler } from '../../../src/recipes/cron/scheduler.js'
import type { Delivery, Missed, NewJob, Overlap } from '../../../src/recipes/cron/types.js'
import type { Call } from './support.js'

const SEEDS = 40
/** ms with faults. */
const STORM = 90_000

interface Hand { readonly client: SimClient, killedAt?: number }
interface Made extends Call { readonly hand: Hand }

/** Schedulers that come, go and overlap, workers that are killed, messages that are lost: and then peace, in which all that was decided comes to its end. */
class Storm {
  readonly world: CronWorld
  readonly calls: Made[] = []
  readonly job: NewJob
  start = 0
  private readonly hands: Hand[] = []
  private readonly schedulers: Array<{ client: SimClient, scheduler: CronScheduler }> = []
  private peaceful = false

  constructor (readonly seed: number) {
    this.world = new CronWorld(seed)
    this.job = {
      name: 'j',
      schedule: this.pick<NewJob['schedule']>(['*/3 * * * * *', { every: 2_500 }, '*/7 * * * * *']),
      delivery: this.pick<Delivery>(['at-most-once', 'at-least-once']),
      overlap: this.pick<Overlap>(['skip', 'queue', 'allow']),
      missed: this.pick<Missed>(['skip', 'once', 'all']),
      retries: { max: 1_000, backoff: 500, maxBackoff: 2_000 },
      history: 1_000
    }
  }

  async run (): Promise<void> {
    const { world } = this
    for (let i = 0; i < 2; i++) this.addScheduler()
    const first = world.client()
    await world.run(first.cron.add(this.job))
    this.start = await world.start('j')
    for (let i = 0; i < 3; i++) this.addHand()
    const end = world.clock.now() + STORM
    while (world.clock.now() < end) {
      await world.advance(500 + Math.floor(world.random.next() * 4_000))
      await this.trouble()
    }
    this.peaceful = true
    this.addHand()
    for (const { scheduler } of this.schedulers) scheduler.start()
    await world.advance(30_000)
    // An end to new ticks: what is decided is to come to its end.
    await world.run(first.cron.update('j', { schedule: { at: world.clock.wall() + 10 * 3_600_000 } }))
    await world.until(() => !world.group.keys('\0cron/run/').some(key => /"(waiting|claimed|running)"/.test(this.value(key))))
  }

  close (): void { this.world.close() }

  value (key: string): string {
    return Buffer.from(this.world.group.kv.row(Buffer.from(key, 'latin1'))?.value ?? []).toString()
  }

  private async trouble (): Promise<void> {
    const { world } = this
    const living = this.hands.filter(({ killedAt }) => killedAt === undefined)
    const dice = world.random.next()
    if (dice < 0.25 && living.length > 0) {
      const victim = this.pick(living)
      victim.killedAt = world.clock.now()
      victim.client.process.kill()
    } else if (dice < 0.5 && living.length < 4) this.addHand()
    else if (dice < 0.65) await this.pick(this.schedulers).scheduler.stop()
    else if (dice < 0.9) this.pick(this.schedulers).scheduler.start()
    else world.group.changeLeader()
  }

  private addHand (): void {
    const client = this.world.client()
    const hand: Hand = { client }
    this.hands.push(hand)
    client.fate = what => this.fate(what)
    void client.cron.run('j', async ({ job, tick, attempt, token }) => {
      if (hand.killedAt !== undefined) throw new Error('a dead process runs nothing')
      const call: Made = { hand, job, tick: tick.getTime(), attempt, token, beganAt: this.world.clock.now() }
      this.calls.push(call)
      await takes(client, Math.floor(this.world.random.next() * 5_000))
      call.endedAt = this.world.clock.now()
      if (!this.peaceful && this.job.delivery === 'at-least-once' && this.world.random.next() < 0.2) throw new Error('no luck')
    }, { concurrency: this.pick([1, 2]), ttl: 2_000 }).catch(() => {})
  }

  private addScheduler (): void {
    const client = this.world.client()
    client.fate = what => this.fate(what)
    const scheduler = this.world.scheduler(client)
    scheduler.start()
    this.schedulers.push({ client, scheduler })
  }

  private fate (what: string): Fate {
    if (this.peaceful || what !== 'txn' || this.world.random.next() > 0.15) return 'done'
    return this.pick<Fate>(['refused', 'lost', 'unanswered', 'late'])
  }

  private pick<T> (from: readonly T[]): T { return from[Math.floor(this.world.random.next() * from.length)] as T }
}

describe('what cron promises, whatever happens', () => {
  it(`over ${SEEDS} storms`, async () => {
    const met = { calls: 0, lost: 0, again: 0 }
    for (let seed = 1; seed <= SEEDS; seed++) {
      const storm = new Storm(seed)
      const { job, calls, world } = storm
      const what = `seed ${seed}: ${JSON.stringify(job)}`
      await storm.run()
      const runs = world.group.keys('\0cron/run/').map(key => ({ tick: Number(key.slice(-16)), state: /"state":"(\w+)"/.exec(storm.value(key))?.[1] }))
      met.calls += calls.length
      met.lost += runs.filter(({ state }) => state === 'lost').length
      met.again += calls.filter(({ attempt }) => attempt > 1).length

      const due = new Set(lastTicks(ticksOf(typeof job.schedule === 'string' ? { cron: job.schedule, timeZone: 'UTC' } : { every: 2_500 }, storm.start), storm.start, world.clock.wall(), 100_000))
      expect(calls.filter(({ tick }) => !due.has(tick)), `${what}: only what is due`).toEqual([])
      expect(new Set(calls.map(({ tick }) => tick)).size, `${what}: every call is of a tick that was decided`).toBeLessThanOrEqual(runs.length)
      if (job.delivery === 'at-most-once') {
        expect(calls.length, `${what}: no tick is run twice`).toBe(new Set(calls.map(({ tick }) => tick)).size)
        expect(runs.filter(({ state }) => state !== 'done' && state !== 'lost'), what).toEqual([])
      } else expect(runs.filter(({ state }) => state !== 'done'), `${what}: all that was decided is done in the end`).toEqual([])
      const ended = new Set(calls.filter(({ endedAt }) => endedAt !== undefined).map(({ tick }) => tick))
      expect(runs.filter(({ tick, state }) => state === 'done' && !ended.has(tick)), `${what}: what is done was run`).toEqual([])

      if (job.overlap !== 'allow') {
        for (const [i, call] of calls.entries()) {
          const before = calls[i - 1]
          if (before === undefined) continue
          expect(call.tick, `${what}: in order`).toBeGreaterThanOrEqual(before.tick)
          expect(call.token, `${what}: tokens rise`).toBeGreaterThan(before.token)
          expect(call.beganAt, `${what}: one at a time`).toBeGreaterThanOrEqual(before.endedAt ?? before.hand.killedAt ?? Infinity)
        }
      }
      storm.close()
    }
    // Or this looked at nothing.
    expect(met.calls).toBeGreaterThan(SEEDS * 10)
    expect(met.lost).toBeGreaterThan(10)
    expect(met.again).toBeGreaterThan(10)
  })
})
