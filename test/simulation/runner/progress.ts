import type { Totals } from './totals.js'
import { duration } from './totals.js'

const EVERY_MS = 2_000

/** A line on stderr every other second: the same one, rewritten, on a terminal. */
export class Progress {
  private readonly timer: NodeJS.Timeout
  private written = false

  constructor (private readonly suite: string, private readonly seeds: number, private readonly totals: Totals, private readonly out: NodeJS.WriteStream = process.stderr) {
    this.timer = setInterval(() => this.show(), EVERY_MS)
  }

  end (): void {
    clearInterval(this.timer)
    if (this.written && this.out.isTTY) this.out.write('\n')
  }

  private show (): void {
    this.written = true
    const line = progressLine(this.suite, this.seeds, this.totals)
    this.out.write(this.out.isTTY ? `\r\x1b[K${line}` : `${line}\n`)
  }
}

export function progressLine (suite: string, seeds: number, totals: Totals): string {
  const { elapsedMs } = totals
  const rate = totals.seeds / (elapsedMs / 1000)
  const left = totals.seeds > 0 ? duration((seeds - totals.seeds) / rate * 1000) : 'unknown'
  const failed = totals.failures.length > 0 ? `, ${totals.failures.length} failed` : ''
  return `${suite}: ${totals.seeds} of ${seeds} seeds${failed}, ${rate.toFixed(0)}/s, ${totals.simulatedHours} simulated hours, ${duration(elapsedMs)}, ${left} to go`
}
