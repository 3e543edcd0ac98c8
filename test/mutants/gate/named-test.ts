import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Mutant } from '../mutant.js'
import type { Outcome } from './hunt.js'

interface Report {
  readonly numFailedTests: number
  readonly testResults: ReadonlyArray<{ readonly message: string, readonly assertionResults: ReadonlyArray<{ readonly status: string, readonly fullName: string }> }>
}

/** Runs one test file with the changed source in the place of its own (see vitest.config.ts here). */
export async function runTest (mutant: Mutant, source: string, root: string): Promise<Outcome> {
  const { code, output } = await vitest(root, mutant.caughtBy, { MUTANT_FILE: join(root, mutant.file), MUTANT_SOURCE: source })
  const json = output.indexOf('{"num')
  if (json < 0) return { result: 'invalid', detail: `${mutant.caughtBy} did not run:\n${output}` }
  const report = JSON.parse(output.slice(json)) as Report
  const failed = report.testResults.flatMap(file => file.assertionResults).find(test => test.status === 'failed')
  if (failed !== undefined) return { result: 'caught', by: mutant.caughtBy, seeds: undefined, detail: failed.fullName.trim() }
  if (code === 0) return { result: 'survived', detail: mutant.caughtBy }
  return { result: 'invalid', detail: `${mutant.caughtBy} fails without a failed test: ${report.testResults.map(file => file.message).join('\n')}` }
}

async function vitest (root: string, file: string, env: Record<string, string>): Promise<{ code: number | null, output: string }> {
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', root, '--config', join(root, 'test/mutants/vitest.config.ts'), '--reporter=json', '--bail=1', file]
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { errors += text })
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ code, output: output.includes('{"num') ? output : output + errors }))
  })
}
