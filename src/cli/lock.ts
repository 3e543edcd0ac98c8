import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { UnavailableError } from '../errors.js'
import { toJson } from './output.js'
import type { Parsed } from './args.js'
import type { Output } from './output.js'
import type { Lock } from '../recipes/lock.js'
import type { Recipes } from '../recipes/recipes.js'
import type { ChildProcess } from 'node:child_process'

/** Beside those of the command itself, which are passed on: others have the lock; it was lost while the command ran; there is no such command. */
export const NOT_FREE = 75
export const LOST = 76
const NOT_FOUND = 127
const DEFAULT_GRACE_MS = 5_000

interface Context { readonly signal: AbortSignal, readonly output: Output, readonly json: boolean }

/** Holds a lock while a command runs. Returns the command's exit code. */
export async function runLock (client: Recipes, parsed: Parsed, context: Context): Promise<number> {
  const { signal, output, json } = context
  const [, name = ''] = parsed.positionals
  const graceMs = parsed.number('grace') ?? DEFAULT_GRACE_MS
  const lock = await acquire(client, name, parsed, signal)
  if (lock === undefined) {
    output.err(json ? toJson({ lock: name, held: false }) : `the lock "${name}" is not free`)
    return NOT_FREE
  }
  await using held = lock
  const code = await runUnder(held, parsed.rest, { ...context, graceMs })
  if (!held.signal.aborted) return code
  output.err(`raftmesh: ${(held.signal.reason as Error).message}`)
  return LOST
}

async function acquire (client: Recipes, name: string, parsed: Parsed, signal: AbortSignal): Promise<Lock | undefined> {
  const [ttl, wait] = [parsed.number('ttl'), parsed.number('timeout')]
  if (parsed.flag('try')) return await client.tryLock(name, { ttl, signal })
  try {
    return await client.lock(name, { ttl, wait, signal })
  } catch (error) {
    if (wait !== undefined && error instanceof UnavailableError) return undefined
    throw error
  }
}

/** The command, until it ends. It is asked to end, and made to after a while, when the lock is lost or we are told to stop. */
async function runUnder (lock: Lock, [command = '', ...args]: readonly string[], { signal, output, graceMs }: Context & { graceMs: number }): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, RAFTMESH_LOCK_NAME: lock.name, RAFTMESH_LOCK_TOKEN: String(lock.token) } })
  const ending = new Ending(child, graceMs)
  for (const reason of [lock.signal, signal]) {
    if (reason.aborted) ending.begin()
    else reason.addEventListener('abort', ending.begin)
  }
  // Nothing runs on without the lock when somebody makes us exit at once.
  process.on('exit', ending.now)
  try {
    return await exitCode(child)
  } catch (error) {
    output.err(`raftmesh: ${command} cannot be run: ${(error as Error).message}`)
    return NOT_FOUND
  } finally {
    ending.over()
    process.off('exit', ending.now)
    for (const reason of [lock.signal, signal]) reason.removeEventListener('abort', ending.begin)
  }
}

class Ending {
  private timer: NodeJS.Timeout | undefined

  constructor (private readonly child: ChildProcess, private readonly graceMs: number) {}

  readonly begin = (): void => {
    if (this.timer !== undefined) return
    this.child.kill('SIGTERM')
    this.timer = setTimeout(this.now, this.graceMs)
  }

  readonly now = (): void => { this.child.kill('SIGKILL') }

  over (): void { clearTimeout(this.timer) }
}

/** As a shell says it: 128 and the number of the signal that ended it. */
async function exitCode (child: ChildProcess): Promise<number> {
  return await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => { resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])) })
  })
}
