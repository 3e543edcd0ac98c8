import { NotFoundError } from '../errors.js'
import { Tied } from '../recipes/waiting.js'
import { UsageError } from './args.js'
import { runCommand } from './child.js'
import { asText, table, toJson } from './output.js'
import type { Delivery, Job, Missed, Overlap, RunContext, Schedule } from '../recipes/cron/types.js'
import type { Recipes } from '../recipes/recipes.js'
import type { Parsed } from './args.js'
import type { Output } from './output.js'

interface Context { readonly signal: AbortSignal, readonly output: Output, readonly json: boolean }

export async function addJob (client: Recipes, parsed: Parsed, { signal, output, json }: Context): Promise<number> {
  const [, name = ''] = parsed.positionals
  const [max, backoff, delivery] = [parsed.number('retries'), parsed.number('backoff'), parsed.text('delivery')]
  // No default, as in the API: there is no third way.
  if (delivery === undefined) throw new UsageError('cron add needs --delivery at-most-once or at-least-once', 'cron add')
  if (delivery === 'at-most-once' && (max !== undefined || backoff !== undefined)) throw new UsageError('--retries and --backoff are of an at-least-once job: an at-most-once one is not tried again', 'cron add')
  const job = await client.cron.add({
    name,
    schedule: scheduleOf(parsed),
    timeZone: parsed.text('time-zone'),
    delivery: delivery as Delivery,
    missed: parsed.text('missed') as Missed | undefined,
    overlap: parsed.text('overlap') as Overlap | undefined,
    retries: { ...(max === undefined ? {} : { max }), ...(backoff === undefined ? {} : { backoff }) },
    timeout: parsed.number('timeout-run'),
    history: parsed.number('history'),
    data: parsed.text('input'),
    paused: parsed.flag('paused')
  }, { signal })
  output.out(json ? toJson(plain(job)) : `added ${name}, next at ${time(job.next)}`)
  return 0
}

export async function removeJob (client: Recipes, { positionals: [, name = ''] }: Parsed, { signal, output, json }: Context): Promise<number> {
  await client.cron.remove(name, { signal })
  output.out(json ? toJson({ removed: name }) : `removed ${name}`)
  return 0
}

export async function listJobs (client: Recipes, _parsed: Parsed, { signal, output, json }: Context): Promise<number> {
  const jobs = await client.cron.list({ signal })
  if (json) output.out(toJson(jobs.map(plain)))
  else if (jobs.length > 0) output.out(table([['NAME', 'SCHEDULE', 'TIME ZONE', 'DELIVERY', 'NEXT'], ...jobs.map(job => [job.name, scheduleText(job), job.timeZone, job.delivery, job.paused ? 'paused' : time(job.next)])]))
  return 0
}

export async function jobHistory (client: Recipes, parsed: Parsed, { signal, output, json }: Context): Promise<number> {
  const [, name = ''] = parsed.positionals
  const runs = await client.cron.history(name, { limit: parsed.number('limit'), signal })
  // A misspelt name would look like one that has not been run yet.
  if (runs.length === 0 && await client.cron.get(name, { signal }) === undefined) throw new NotFoundError(`There is no job "${name}"`)
  if (json) output.out(toJson(runs))
  else if (runs.length > 0) output.out(table([['TICK', 'STATE', 'ATTEMPT', 'ENDED', 'ERROR'], ...runs.map(({ tick, state, attempt, endedAt, error }) => [time(tick), state, String(attempt), time(endedAt), error ?? ''])]))
  return 0
}

export async function pauseJob (client: Recipes, { positionals: [, name = ''] }: Parsed, { signal, output, json }: Context): Promise<number> {
  const job = await client.cron.pause(name, { signal })
  output.out(json ? toJson(plain(job)) : `paused ${name}`)
  return 0
}

export async function resumeJob (client: Recipes, { positionals: [, name = ''] }: Parsed, { signal, output, json }: Context): Promise<number> {
  const job = await client.cron.resume(name, { signal })
  output.out(json ? toJson(plain(job)) : `resumed ${name}, next at ${time(job.next)}`)
  return 0
}

/** Subscribes to a job and runs a command for each run, which is done when it ends with 0. Once we are told to stop, no more are taken, and what runs goes on to its end. */
export async function runJob (client: Recipes, parsed: Parsed, { signal, output }: Context): Promise<number> {
  const [, name = ''] = parsed.positionals
  // Not ours beyond the beginning: it would end what runs.
  using beginning = new Tied([signal])
  const subscription = await client.cron.run(name, async run => {
    const code = await runFor(run, parsed.rest, output)
    output.err(`raftmesh: ${name} of ${time(run.tick)}, attempt ${run.attempt}: ended with ${code}`)
    if (code !== 0) throw new Error(`the command ended with ${code}`)
  }, { concurrency: parsed.number('concurrency'), ttl: parsed.number('ttl'), signal: beginning.signal })
  beginning[Symbol.dispose]()
  const leave = (): void => { void subscription.close().catch(() => { /* told by `closed` */ }) }
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  output.err(`raftmesh: subscribed to ${name}`)
  await subscription.closed
  return 0
}

/** The job's data is its standard input. It is ended when the run is over for the group. */
async function runFor ({ job, tick, attempt, token, data, signal }: RunContext, command: readonly string[], output: Output): Promise<number> {
  const env = { RAFTMESH_CRON_JOB: job, RAFTMESH_CRON_TICK: tick.toISOString(), RAFTMESH_CRON_ATTEMPT: String(attempt), RAFTMESH_CRON_TOKEN: String(token) }
  return await runCommand(command, { env, input: data, until: [signal], output })
}

function scheduleOf (parsed: Parsed): Schedule {
  const [cron, every, at] = [parsed.text('schedule'), parsed.number('every'), parsed.text('at')]
  if ([cron, every, at].filter(given => given !== undefined).length !== 1) throw new UsageError('cron add needs one of --schedule, --every and --at', 'cron add')
  if (cron !== undefined) return cron
  return every !== undefined ? { every } : { at: timeOf(at ?? '', parsed) }
}

/** Whoever types it need not live where the nodes do: a time without a zone would be another one on each machine. */
function timeOf (text: string, parsed: Parsed): Date {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(text) ? new Date(text) : new Date(NaN)
  if (Number.isNaN(time.getTime())) throw new UsageError(`--at must be a time with its zone, such as 2030-01-01T00:00:00Z or 2030-01-01T09:30:00+02:00, got "${text}"`, 'cron add')
  if (time.getTime() < Date.now() && (parsed.text('missed') ?? 'skip') === 'skip') throw new UsageError(`${text} is over: with --missed once it is run all the same`, 'cron add')
  return time
}

function scheduleText ({ schedule }: Job): string {
  if (typeof schedule === 'string') return schedule
  return 'every' in schedule ? `every ${schedule.every} ms` : `at ${time(schedule.at)}`
}

function plain ({ data, ...job }: Job): object { return { ...job, ...asText('data', data) } }

/** Of a job whose row somebody else wrote, a time may be one that no Date can hold. */
function time (date: Date | undefined): string { return date === undefined || Number.isNaN(date.getTime()) ? '-' : date.toISOString() }
