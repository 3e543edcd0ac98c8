import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'

/** Of one process over a span. */
export interface Usage {
  /** Cores: 1 is one core all the time. */
  readonly cpu: number
  /** Resident memory at the end, bytes. */
  readonly rss: number
}

interface Sample { readonly at: number, readonly cpuSeconds: number, readonly rss: number }

let ticksPerSecond: number | undefined

/** From /proc, so that it is the same for any program, and costs the measured process nothing. Undefined where there is none. */
async function sample (pid: number): Promise<Sample | undefined> {
  try {
    const [stat, status] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(`/proc/${pid}/status`, 'utf8')])
    ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
    // The second field, the program's name, may hold spaces and parentheses; the fields after it are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return { at: performance.now(), cpuSeconds: ticks / ticksPerSecond, rss: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1_024 }
  } catch {
    return undefined // the process has ended, or this is not Linux
  }
}

/** Begins a span for the processes; call the result to end it. */
export async function watchUsage (processes: ReadonlyArray<{ name: string, pid: number }>): Promise<() => Promise<Record<string, Usage>>> {
  const before = await Promise.all(processes.map(async ({ pid }) => await sample(pid)))
  return async () => {
    const usage: Record<string, Usage> = {}
    const after = await Promise.all(processes.map(async ({ pid }) => await sample(pid)))
    for (const [i, { name }] of processes.entries()) {
      const [a, b] = [before[i], after[i]]
      if (a !== undefined && b !== undefined) usage[name] = { cpu: (b.cpuSeconds - a.cpuSeconds) / ((b.at - a.at) / 1_000), rss: b.rss }
    }
    return usage
  }
}
