import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Child } from '../../examples/support/child.js'

export interface SpawnOptions {
  readonly name: string
  /** Of this folder, without its extension. */
  readonly script: string
  /** A program that runs Node somewhere else. */
  readonly execPath?: string
}

export function startChild<Methods> ({ name, script, execPath }: SpawnOptions): Child<Methods> {
  return new Child<Methods>({ name, script: scriptPath(script), execPath })
}

/** Compiled, from `dist` or, under the test runner, from the sources. */
export function scriptPath (name: string): string {
  const beside = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
  if (existsSync(beside)) return beside
  const built = fileURLToPath(new URL(`../../dist/integration/faults/${name}.js`, import.meta.url))
  if (!existsSync(built)) throw new Error(`${built} is missing: run "npm run build" first, real processes run the compiled code`)
  return built
}
