import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('../../dist/examples/leader-election/main.js', import.meta.url))

describe('examples', () => {
  it('leader-election: an observer is told of every leader, in order', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000, killSignal: 'SIGKILL' })
    expect(stdout).toContain('told in order: first → first, about to resign → second → second, about to resign → nobody')
  })
})
