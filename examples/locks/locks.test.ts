import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('../../dist/examples/locks/main.js', import.meta.url))

describe('examples', () => {
  it('locks: one at a time, and who lost the lock writes nothing', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000, killSignal: 'SIGKILL' })
    expect(stdout).toContain('six payments, one at a time: balance 6')
    expect(stdout).toMatch(/refused by the storage, which still holds "by the new holder"/)
    expect(stdout).toContain('and it is told: LockLostError')
  })
})
