import { CronScheduler } from '../../../src/recipes/cron/scheduler.js'
import { progressKey } from '../../../src/recipes/cron/rows.js'
import { World } from '../support/world.js'
import type { Progress } from '../../../src/recipes/cron/job.js'
import type { RecipeContext } from '../../../src/recipes/types.js'
import type { NewJob, RunContext, RunHandler, RunOptions, Subscription } from '../../../src/recipes/cron/types.js'
import type { SimClient } from '../support/client.js'

/** One call of a handler. */
export interface Call { readonly job: string, readonly tick: number, readonly attempt: number, readonly token: number, readonly beganAt: number, endedAt?: number }

/** Takes so many ms, or less if it is told to end. */
export async function takes (client: SimClient, ms: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = client.process.setTimer(ms, resolve)
    signal?.addEventListener('abort', () => { timer.cancel(); reject(signal.reason) }, { once: true })
  })
}

/** What most tests begin with: somebody leads, and schedules. */
export interface Led { readonly world: CronWorld, readonly leader: SimClient, readonly scheduler: CronScheduler }

export function led (): Led {
  const world = new CronWorld()
  const leader = world.client()
  const scheduler = world.scheduler(leader)
  scheduler.start()
  return { world, leader, scheduler }
}

export const job = (changes: Partial<NewJob> = {}): NewJob => ({ name: 'j', schedule: { every: 10_000 }, delivery: 'at-most-once', ...changes })

/** A world in which jobs are run. Each node is a process of its own, which may have a scheduler and subscriptions. */
export class CronWorld extends World {
  readonly calls: Call[] = []
  /** ms by which the wall clock is off what it was. */
  wallOffset = 0

  constructor (seed?: number) {
    super(seed)
    const wall = this.clock.wall.bind(this.clock)
    this.clock.wall = () => wall() + this.wallOffset
  }

  scheduler (client: SimClient): CronScheduler {
    const signal = new AbortController().signal
    const context: RecipeContext = { kv: client, live: client, clock: client.process, random: () => this.random.next(), log: () => {}, signal, run: async () => { throw new Error('not for cron') } }
    return new CronScheduler(context)
  }

  /** Subscribes, and notes each call. */
  async work (client: SimClient, job: string, handler: RunHandler = () => {}, options?: RunOptions): Promise<Subscription> {
    return await client.cron.run(job, async run => {
      const call = this.note(run)
      try {
        return await handler(run)
      } finally {
        call.endedAt = this.clock.now()
      }
    }, options)
  }

  /** Where the job's ticks begin to count, once the scheduler has said so. */
  async start (job: string): Promise<number> {
    const progress = (): Progress => JSON.parse(Buffer.from(this.group.kv.row(Buffer.from(progressKey(job)))?.value ?? []).toString()) as Progress
    await this.until(() => progress().restart === undefined)
    return progress().cursor
  }

  ticks (): number[] { return this.calls.map(({ tick }) => tick) }

  private note ({ job, tick, attempt, token }: RunContext): Call {
    const call: Call = { job, tick: tick.getTime(), attempt, token, beganAt: this.clock.now() }
    this.calls.push(call)
    return call
  }
}
