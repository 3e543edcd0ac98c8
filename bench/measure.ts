import { createHistogram } from 'node:perf_hooks'

export interface Measurement {
  readonly operations: number
  readonly seconds: number
  readonly perSecond: number
  /** ms */
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly errors: Record<string, number>
}

export interface MeasureOptions {
  readonly concurrency: number
  readonly warmupMs: number
  readonly measureMs: number
}

/**
 * A closed loop: so many requests at a time, each followed at once by the next. Counted are those that end within the measured span,
 * with the latency that their caller saw.
 */
export async function measure (operation: (n: number) => Promise<void>, { concurrency, warmupMs, measureMs }: MeasureOptions): Promise<Measurement> {
  const histogram = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 })
  const errors: Record<string, number> = {}
  const start = performance.now() + warmupMs
  const end = start + measureMs
  let n = 0
  let operations = 0
  const worker = async (): Promise<void> => {
    for (;;) {
      const began = performance.now()
      if (began >= end) return
      let failure: string | undefined
      try {
        await operation(n++)
      } catch (error) {
        failure = `${(error as Error).name}: ${(error as Error).message}`
      }
      const done = performance.now()
      if (failure !== undefined) {
        errors[failure] = (errors[failure] ?? 0) + 1
      } else if (done >= start && done < end) {
        operations++
        histogram.record(Math.max(1, Math.round((done - began) * 1_000)))
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  const micros = (percentile: number): number => operations === 0 ? NaN : histogram.percentile(percentile) / 1_000
  const seconds = measureMs / 1_000
  return { operations, seconds, perSecond: operations / seconds, p50: micros(50), p99: micros(99), max: operations === 0 ? NaN : histogram.max / 1_000, errors }
}

/**
 * An open loop for an outage: a write begins every few ms, whatever has become of those before, so that one which was sent to a dead
 * leader and hangs hides nothing. Until `stop` is aborted.
 */
export async function probe (write: (n: number) => Promise<void>, everyMs: number, stop: AbortSignal, onAcknowledged: (began: number, at: number) => void): Promise<Record<string, number>> {
  const errors: Record<string, number> = {}
  const wall = (): number => performance.timeOrigin + performance.now()
  let n = 0
  await new Promise<void>(resolve => {
    const timer = setInterval(() => {
      const began = wall()
      write(n++).then(() => { onAcknowledged(began, wall()) }, (error: Error) => {
        errors[error.name] = (errors[error.name] ?? 0) + 1
      })
    }, everyMs)
    stop.addEventListener('abort', () => { clearInterval(timer); resolve() })
  })
  return errors
}
