import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { systemClock } from '../clock.js'
import { Tied } from '../recipes/waiting.js'
import type { Timer } from '../clock.js'
import type { Output } from './output.js'
import type { ChildProcess } from 'node:child_process'

/** As a shell says it: there is no such command. */
export const NOT_FOUND = 127

const GRACE_MS = 5_000
const LOOK_MS = 20
/** Of a machine that is too busy, which another try may find in better shape. */
const PASSING = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']

export interface CommandOptions {
  /** Undefined: not there, even if we have it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The first that aborts ends the command. */
  readonly until: readonly AbortSignal[]
  readonly output: Output
  /** Its standard input. Default: ours. */
  readonly input?: Uint8Array
  /** From SIGTERM to SIGKILL. Default 5,000 ms. */
  readonly graceMs?: number
  /** Called when there is no such command, or none that may be run: it would be no better the next time. */
  readonly onMissing?: () => void
}

/** One listener for all of them: each with its own would be warned of as a leak. */
const running = new Set<ProcessGroup>()
process.on('exit', () => { for (const group of running) group.kill() })

/**
 * Runs a command, and returns its exit code as a shell says it: 128 and the number of the signal that ended it. It is asked to end once a signal aborts,
 * and made to after a while, and so is all that it has started; nothing of it is left when this resolves. It does not outlive us, unless we are killed
 * without a word. Rejects with a signal's reason if that has aborted before it began.
 */
export async function runCommand ([command = '', ...args]: readonly string[], { env, until, output, input, graceMs = GRACE_MS, onMissing }: CommandOptions): Promise<number> {
  for (const signal of until) signal.throwIfAborted()
  using tied = new Tied(until)
  // In a group of its own: whoever ends a shell must end what it waits for, too; and Ctrl-C, which a terminal tells to a whole group, is for us to pass on.
  const child = spawn(command, args, { detached: true, stdio: [input === undefined ? 'inherit' : 'pipe', 'inherit', 'inherit'], env: { ...process.env, ...env } })
  // A command that does not read its input is no failure.
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  const ended = exitCode(child)
  if (child.pid === undefined) {
    return await ended.catch((error: NodeJS.ErrnoException) => {
      if (!PASSING.includes(error.code ?? '')) onMissing?.()
      output.err(`raftmesh: ${command} cannot be run: ${error.message}`)
      return NOT_FOUND
    })
  }
  const group = new ProcessGroup(child.pid, graceMs)
  running.add(group)
  tied.signal.addEventListener('abort', group.end, { once: true })
  try {
    const code = await ended
    await group.over()
    return code
  } finally {
    running.delete(group)
    tied.signal.removeEventListener('abort', group.end)
  }
}

/** A process, and what it has started. */
class ProcessGroup {
  private ending = false
  private killed = false
  private timer: Timer | undefined

  constructor (private readonly leader: number, private readonly graceMs: number) {}

  readonly end = (): void => {
    this.ending = true
    this.signal('SIGTERM')
    this.timer = systemClock.setTimer(this.graceMs, () => { this.kill() })
  }

  kill (): void {
    this.killed = true
    this.signal('SIGKILL')
  }

  /** Its leader has ended. What others of it do when nobody has told them to end is their own affair, as with a shell. */
  async over (): Promise<void> {
    while (this.ending && !this.killed && this.signal(0)) await new Promise(resolve => { setTimeout(resolve, LOOK_MS) })
    this.timer?.cancel()
  }

  /** False: nobody is left. */
  private signal (signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.leader, signal)
    } catch {
      return false
    }
  }
}

async function exitCode (child: ChildProcess): Promise<number> {
  return await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => { resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])) })
  })
}
