import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('cron: every tick once, in order, and again only what failed', async () => {
  const script = fileURLToPath(new URL('../../dist/examples/cron/main.js', import.meta.url))
  if (!existsSync(script)) throw new Error(`${script} is missing: run "npm run build" first`)
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000, killSignal: 'SIGKILL' })
  expect(stdout).toMatch(/runs the report of \S+, attempt 2/)
  expect(stdout).toContain('done after 2 attempts')
  expect(stdout).toContain('every tick once, in order, and again only what failed')
})
