import { WaitOverError } from '../recipes/turns.js'
import { runCommand } from './child.js'
import { toJson } from './output.js'
import type { Parsed } from './args.js'
import type { Output } from './output.js'
import type { Lock } from '../recipes/lock.js'
import type { Recipes } from '../recipes/recipes.js'

/** Beside those of the command itself, which are passed on: others have the lock; it was lost while the command ran, or before. */
export const NOT_FREE = 75
export const LOST = 76

interface Context { readonly signal: AbortSignal, readonly output: Output, readonly json: boolean }

/** Holds a lock while a command runs. Returns the command's exit code. */
export async function runLock (client: Recipes, parsed: Parsed, context: Context): Promise<number> {
  const { signal, output, json } = context
  const [, name = ''] = parsed.positionals
  const graceMs = parsed.number('grace')
  const lock = await acquire(client, name, parsed, signal)
  if (lock === undefined) {
    output.err(json ? toJson({ lock: name, held: false }) : `the lock "${name}" is not free`)
    return NOT_FREE
  }
  await using held = lock
  const env = { RAFTMESH_LOCK_NAME: held.name, RAFTMESH_LOCK_TOKEN: String(held.token) }
  const code = await runCommand(parsed.rest, { env, until: [held.signal, signal], output, graceMs }).catch((error: unknown) => {
    // Lost before it began.
    if (!held.signal.aborted) throw error
    return LOST
  })
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
    if (error instanceof WaitOverError) return undefined
    throw error
  }
}
