import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Runs a compiled example as a user would, and fails if that says so. It has to end by itself. */
export async function runExample (name: string): Promise<string> {
  const script = fileURLToPath(new URL(`../../dist/examples/${name}/main.js`, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000, killSignal: 'SIGKILL' })
  return stdout
}
