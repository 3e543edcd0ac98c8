import { ConflictError, RaftMeshError } from '../../../../src/errors.js'
import { runKey } from '../../../../src/recipes/cron/rows.js'
import { JobLog, parsed } from './job-log.js'
import { Program } from './program.js'
import type { Handle, Place } from './program.js'
import type { NamespacePlan } from '../plan.js'
import type { LogReplay } from '../replay.js'
import type { RunRecord } from '../../../../src/recipes/cron/rows.js'
import type { NewJob, Run, RunContext } from '../../../../src/recipes/cron/types.js'
import type { World } from '../world.js'

interface Called { readonly who: string, readonly tick: number, readonly token: number, readonly at: number, readonly place: Place, readonly signal: AbortSignal }

const TTLS = [150, 400]
const LOOK_MS = 50
/** Earlier than any clock here says: due at once, and in front of all others. */
const LAST_TICK = 1_000_000_000_000
const SECOND = 1_000

/**
 * A job of every second, and those who run it: some throw, some are slow, some leave, some die. Seconds go by fast: all clocks are set forward all the time.
 * What the rows say is held against the policies by `job-log.ts`; here, what handlers see.
 */
export class Timekeepers extends Program {
  readonly name = 'jobs are run as often as was promised'
  private readonly job: NewJob
  /** One group will do: it is what costs most of all programs. */
  private readonly namespace: NamespacePlan
  private readonly called: Called[] = []
  private readonly underWay = new Set<Called>()
  private hurried = true

  constructor (world: World) {
    super(world)
    const { random } = this
    // A minute of ticks at once would be run for longer than anybody waits for here.
    const missed = world.plan.every.clockJump === Infinity ? ['skip', 'once', 'all', 'all'] as const : ['skip', 'once'] as const
    this.job = {
      name: 'job',
      schedule: '* * * * * *',
      delivery: random.pick(['at-most-once', 'at-least-once']),
      missed: random.pick(missed),
      overlap: random.pick(['skip', 'queue', 'allow']),
      history: 1_000,
      retries: { max: 1_000, backoff: 20, maxBackoff: 100 }
    }
    this.namespace = random.pick(world.plan.namespaces)
  }

  start (): void {
    const { namespace } = this
    this.run(this.somewhere(namespace), namespace, async ({ kv, life }) => {
      await this.add(kv)
      await life.sleep(SECOND)
    })
    for (let i = 0; i < 2; i++) this.run(this.somewhere(namespace), namespace, async place => { await this.serve(place) })
    void this.hurry()
  }

  /** One more tick, which must be run; and all that was decided on comes to an end. */
  override async lastWish (kv: Handle, namespace: NamespacePlan): Promise<void> {
    if (namespace !== this.namespace) return
    this.hurried = false
    await this.add(kv)
    const { name, overlap } = this.job
    await kv.cron.update(name, { schedule: { at: LAST_TICK }, missed: 'once', overlap: overlap === 'allow' ? 'allow' : 'queue' })
    for (;;) {
      const runs = await kv.cron.history(name, { limit: 1_000 })
      if (runs.some(({ tick }) => tick.getTime() === LAST_TICK) && runs.every(isEnded)) return
      await this.world.sleep(LOOK_MS)
    }
  }

  override judge (replay: LogReplay, { group }: NamespacePlan): void {
    if (group !== this.namespace.group) return
    const { name, delivery } = this.job
    const { runs } = new JobLog(replay, name, detail => { this.fail(`in ${group}, ${detail}`) })
    const begun = new Map<string, Called>()
    for (const called of this.called) {
      // With either delivery, nobody is called twice for one claim.
      const id = delivery === 'at-most-once' ? `${called.tick}` : `${called.tick} ${called.token}`
      const before = begun.get(id)
      if (before !== undefined) this.fail(`${told(called)}, and ${before.who} was before, with the token ${before.token} (${delivery})`)
      begun.set(id, called)
      this.checkBegun(replay, called)
    }
    for (const [tick, { state }] of runs) {
      if (state === 'done' && !this.called.some(called => called.tick === tick)) this.fail(`the tick ${tick} of ${group} is done, and nobody was called for it`)
      if (delivery === 'at-least-once' && state !== 'done') this.fail(`the tick ${tick} of ${group} is ${state} in the end`)
    }
  }

  private async hurry (): Promise<void> {
    while (this.hurried) {
      await this.world.sleep(this.random.exponential(250))
      for (const node of this.world.nodes) node.wallOffset += SECOND
    }
  }

  private async add (kv: Handle): Promise<void> {
    try {
      await kv.cron.add(this.job)
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error
    }
  }

  private async serve (place: Place): Promise<void> {
    const { kv, life } = place
    const { random } = this
    const subscription = await kv.cron.run(this.job.name, async run => { await this.handle(place, run) }, { ttl: random.pick(TTLS), concurrency: random.pick([1, 2]) })
    for (let looks = random.int(2, 30); looks > 0 && !this.stopped; looks--) await life.sleep(LOOK_MS)
    await subscription.close()
  }

  private async handle (place: Place, { tick, token, attempt, signal }: RunContext): Promise<void> {
    const { node, life } = place
    if (!life.alive) return
    const called: Called = { who: node.name, tick: tick.getTime(), token, at: this.world.scheduler.now, place, signal }
    this.trace(() => `${told(called)}, attempt ${attempt}`)
    this.checkAlone(called)
    this.called.push(called)
    this.underWay.add(called)
    await life.sleep(this.random.exponential(this.random.chance(0.1) ? 300 : 15))
    this.underWay.delete(called)
    if (this.random.chance(0.2)) throw new RaftMeshError('this one fails')
  }

  /** Of those who would say so themselves: see `lockers.ts`. */
  private checkAlone (called: Called): void {
    if (!isSure(called) || this.job.overlap === 'allow') return
    for (const other of this.called) if (other.token >= called.token) this.fail(`${told(called)}, and ${other.who} was before, with the token ${other.token}`)
    for (const other of this.underWay) if (isSure(other)) this.fail(`${told(called)}, while ${other.who} runs ${other.tick}`)
  }

  /** Its claim, and then that it runs, were in the log before it was called. */
  private checkBegun (replay: LogReplay, called: Called): void {
    const { tick, token, at } = called
    const key = runKey(this.job.name, tick)
    const row = replay.rowAt(key, token)
    const claim = row?.modRevision === token ? parsed<RunRecord>(row.value) : undefined
    if (claim?.state !== 'claimed') this.fail(`${told(called)}, and no claim is committed there (${claim?.state ?? 'nothing'})`)
    const running = replay.changesOf(key, token, replay.applied.until(at)).some(({ row }) => {
      const run = row === undefined ? undefined : parsed<RunRecord>(row.value)
      return run?.state === 'running' && run.worker === claim?.worker
    })
    if (!running) this.fail(`${told(called)}, before the log said so`)
  }
}

const told = ({ who, tick, token }: Called): string => `${who} is called for the tick ${tick} with the token ${token}`

const isEnded = ({ state }: Run): boolean => ['done', 'failed', 'lost'].includes(state)

function isSure ({ place: { life }, signal }: Called): boolean {
  return life.alive && !life.paused && !life.clock.stoodStill && !signal.aborted
}
