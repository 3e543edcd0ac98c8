import { ConflictError, InvalidArgumentError, NotFoundError } from '../../errors.js'
import { checkCount, checkName, checkOptions } from '../names.js'
import { BEGINNING, changedDefinition, newDefinition, sameSchedule, viewJob } from './job.js'
import { encodeRecord, jobKey, jobsPrefix, parseKey, progressKey, progressPrefix, runsPrefix, seen, viewRun } from './rows.js'
import { Worker } from './worker.js'
import type { Definition, Progress } from './job.js'
import type { Seen } from './rows.js'
import type { CronApi, HistoryOptions, Job, JobOptions, NewJob, Run, RunHandler, RunOptions, Subscription, UpdateOptions } from './types.js'
import type { RecipeContext, Row } from '../types.js'
import type { AbortOptions } from '@libp2p/interface'

const MAX_CONCURRENCY = 10_000
const TRIES = 20

interface Known { readonly job: Seen<Definition>, readonly progress: Seen<Progress> }

/** Jobs of a namespace, see {@link CronApi}. What is done at their times the scheduler decides, on the leader's node. */
export class Cron implements CronApi {
  constructor (private readonly context: RecipeContext) {}

  async add (job: NewJob, { signal }: AbortOptions = {}): Promise<Job> {
    const now = this.context.clock.wall()
    const definition = newDefinition(job, now)
    const { name } = job
    const { succeeded } = await this.context.kv.txn({
      compare: [{ key: jobKey(name), exists: false }],
      then: [{ type: 'deleteRange', prefix: runsPrefix(name) }, { type: 'set', key: jobKey(name), value: encodeRecord(definition) }, { type: 'set', key: progressKey(name), value: encodeRecord(BEGINNING) }]
    }, { signal })
    if (!succeeded) throw new ConflictError(`There is a job "${name}" already: update it, or remove it first`)
    return viewJob(name, definition, 1, BEGINNING, now)
  }

  async update (name: string, changes: Partial<JobOptions>, options?: UpdateOptions): Promise<Job> {
    return await this.change(name, options, (definition, now) => changedDefinition(definition, changes, now))
  }

  async pause (name: string, options?: UpdateOptions): Promise<Job> { return await this.update(name, { paused: true }, options) }
  async resume (name: string, options?: UpdateOptions): Promise<Job> { return await this.update(name, { paused: false }, options) }

  async remove (name: string, options?: UpdateOptions): Promise<void> {
    const key = jobKey(checkName(name, 'The name of a job'))
    const { version, signal } = checkUpdate(options)
    const { succeeded, results } = await this.context.kv.txn({
      compare: [version === undefined ? { key, exists: true } : { key, version }],
      then: [{ type: 'delete', key }, { type: 'delete', key: progressKey(name) }, { type: 'deleteRange', prefix: runsPrefix(name) }],
      else: [{ type: 'get', key }]
    }, { signal })
    if (succeeded) return
    const [found] = results
    throw found?.type === 'get' && found.row !== undefined ? otherVersion(name, version, found.row.version) : noJob(name)
  }

  async get (name: string, { signal }: AbortOptions = {}): Promise<Job | undefined> {
    const found = await this.known(checkName(name, 'The name of a job'), signal)
    return found === undefined ? undefined : this.view(name, found)
  }

  async list ({ signal }: AbortOptions = {}): Promise<Job[]> {
    const progress = new Map<string, Seen<Progress>>()
    const jobs: Job[] = []
    // Progress first: a job that is added in between has none here, and is not in the list yet.
    for await (const row of this.context.kv.rows({ prefix: progressPrefix, signal })) {
      const found = seen('progress', row)
      if (found !== undefined) progress.set(nameOf(row), found)
    }
    for await (const row of this.context.kv.rows({ prefix: jobsPrefix, signal })) {
      const name = nameOf(row)
      const [job, its] = [seen('job', row), progress.get(name)]
      if (job !== undefined && its !== undefined) jobs.push(this.view(name, { job, progress: its }))
      // One that was added just now has no progress yet; one that makes no sense must not hide the others.
      else this.context.log('cron: the job "%s" is left out: what is kept of it cannot be read, or is not all there', name)
    }
    return jobs
  }

  async history (name: string, options: HistoryOptions = {}): Promise<Run[]> {
    checkOptions(options, ['limit', 'signal'], 'history')
    const prefix = runsPrefix(checkName(name, 'The name of a job'))
    const limit = checkCount(options.limit ?? 100, 10_000, 'limit')
    const runs: Run[] = []
    for await (const row of this.context.kv.rows({ prefix, reverse: true, limit: Math.min(limit, 1_000), signal: options.signal })) {
      const key = parseKey(row.key)
      const run = seen('run', row)
      if (key?.type === 'run' && run !== undefined) runs.push(viewRun(name, key.tick, run.record))
      if (runs.length === limit) break
    }
    return runs
  }

  async run (name: string, handler: RunHandler, options: RunOptions = {}): Promise<Subscription> {
    checkOptions(options, ['concurrency', 'ttl', 'signal'], 'run')
    if (typeof handler !== 'function') throw new InvalidArgumentError('The handler must be a function')
    return await Worker.begin({
      context: this.context,
      job: checkName(name, 'The name of a job'),
      handler,
      concurrency: checkCount(options.concurrency ?? 1, MAX_CONCURRENCY, 'concurrency'),
      ttl: options.ttl,
      signal: options.signal
    })
  }

  private async change (name: string, options: UpdateOptions | undefined, to: (definition: Definition, now: number) => Definition): Promise<Job> {
    checkName(name, 'The name of a job')
    const { version, signal } = checkUpdate(options)
    // The scheduler moves on between a look and a write: for a job of every second, now and then.
    for (let tries = 1; ; tries++) {
      const found = await this.known(name, signal)
      if (found === undefined) throw noJob(name)
      const { job, progress } = found
      if (version !== undefined && job.version !== version) throw otherVersion(name, version, job.version)
      const now = this.context.clock.wall()
      const definition = to(job.record, now)
      const moved: Progress = { ...progress.record, restart: restartAfter(job.record, definition, progress.record) }
      const { succeeded } = await this.context.kv.txn({
        compare: [{ key: jobKey(name), modRevision: job.revision }, { key: progressKey(name), modRevision: progress.revision }],
        then: [{ type: 'set', key: jobKey(name), value: encodeRecord(definition) }, { type: 'set', key: progressKey(name), value: encodeRecord(moved) }]
      }, { signal })
      if (succeeded) return viewJob(name, definition, job.version + 1, moved, now)
      if (tries === TRIES) throw new ConflictError(`The job "${name}" changes all the time: try again`)
    }
  }

  private async known (name: string, signal: AbortSignal | undefined): Promise<Known | undefined> {
    const [{ row: first }, { row: second }] = await Promise.all([this.context.kv.read(jobKey(name), { signal }), this.context.kv.read(progressKey(name), { signal })])
    const [job, progress] = [seen('job', first), seen('progress', second)]
    return job === undefined || progress === undefined ? undefined : { job, progress }
  }

  private view (name: string, { job, progress }: Known): Job {
    return viewJob(name, job.record, job.version, progress.record, this.context.clock.wall())
  }
}

/** Ticks of another schedule, and those behind a pause, count from now on; those of an unchanged one from where they were. */
function restartAfter (was: Definition, is: Definition, { restart }: Progress): Progress['restart'] {
  if (!sameSchedule(was.schedule, is.schedule)) return 'schedule'
  return restart ?? (was.paused && !is.paused ? 'pause' : undefined)
}

function checkUpdate (options: UpdateOptions | undefined): UpdateOptions {
  checkOptions(options, ['version', 'signal'], 'a change of a job')
  return { ...options, version: options?.version === undefined ? undefined : checkCount(options.version, Number.MAX_SAFE_INTEGER, 'version') }
}

function nameOf (row: Row): string {
  const key = parseKey(row.key)
  return key?.job ?? ''
}

function noJob (name: string): NotFoundError { return new NotFoundError(`There is no job "${name}"`) }

function otherVersion (name: string, wanted: number | undefined, found: number): ConflictError {
  return new ConflictError(`The job "${name}" is at version ${found}, not ${wanted}: look at it again`)
}
