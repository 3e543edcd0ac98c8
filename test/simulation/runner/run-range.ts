import { fileURLToPath } from 'node:url'
import type { Totals } from './totals.js'
import { WorkerProcess } from './worker-process.js'

/** Seeds that a worker takes at a time: few, so that all of them are busy to the end. */
const CHUNK = 10
const HANG_MS = 120_000

export interface Range {
  readonly suite: string
  readonly from: number
  readonly seeds: number
  readonly jobs: number
  readonly keepGoing: boolean
}

/** Runs the seeds of one suite in worker processes, until all are done, one has failed, or `stop` is aborted. */
export async function runRange (range: Range, totals: Totals, stop: AbortSignal): Promise<void> {
  const last = range.from + range.seeds - 1
  let next = range.from
  let over = false
  const workers: WorkerProcess[] = []
  const endAll = (): void => {
    over = true
    for (const worker of workers) worker.end()
  }
  stop.addEventListener('abort', endAll)

  const work = async (): Promise<void> => {
    let worker: WorkerProcess | undefined
    while (next <= last && !over) {
      // One that died has told so as a failure: with --keep-going another takes its place.
      if (worker?.alive !== true) workers.push(worker = new WorkerProcess(fileURLToPath(new URL('./worker.js', import.meta.url)), HANG_MS))
      const from = next
      next = Math.min(next + CHUNK, last + 1)
      await worker.run({ suite: range.suite, from, to: next - 1, stop: !range.keepGoing }, {
        passed: (_seed, result) => totals.passed(result),
        failed: failure => {
          totals.failed(failure)
          if (!range.keepGoing) endAll()
        }
      })
    }
  }

  try {
    await Promise.all(Array.from({ length: range.jobs }, work))
  } finally {
    stop.removeEventListener('abort', endAll)
    endAll()
  }
}
