import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Child } from '../../examples/support/child.js'
import { diskFaultsMissing, leaveRoom, makeRoom } from './disk.js'
import { scriptPath } from './spawn.js'
import type { StoreMethods } from './store-process.js'

const missing = await diskFaultsMissing()

describe.skipIf(missing !== undefined)(`a full disk${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let dataDir: string
  let child: Child<StoreMethods>

  async function start (): Promise<void> {
    child = new Child<StoreMethods>({ name: 'store', script: scriptPath('store-process') })
    await child.call('open', { dataDir })
  }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'raftmesh-full-'))
    await start()
    await child.call('write', { key: 'y/before' })
  })
  afterEach(async () => {
    await child.kill()
    await rm(dataDir, { recursive: true, force: true })
  })

  /** What was acknowledged, with room again, after a write had failed. */
  async function acknowledgedAfter (failing: () => Promise<void>): Promise<string[]> {
    await leaveRoom({ pid: child.pid, dataDir }, 50)
    await expect(failing()).rejects.toThrow()
    await makeRoom({ pid: child.pid })
    const keys = Array.from({ length: 20 }, (_, i) => `y/after ${i}`)
    const results = await Promise.allSettled(keys.map(async key => { await child.call('write', { key }) }))
    return keys.filter((_, i) => results[i].status === 'fulfilled')
  }

  async function expectKept (keys: readonly string[]): Promise<void> {
    await child.kill('SIGKILL')
    await start()
    for (const key of ['y/before', ...keys]) expect(await child.call('has', { key }), key).toBe(true)
  }

  // LevelDB leaves a torn record in its log, goes on behind it, and drops all of that at the next start without a word.
  it('nothing that is acknowledged after a failed write of libp2p is lost, though there is room again', async () => {
    await expectKept(await acknowledgedAfter(async () => { await child.call('put', { key: '/peers/somebody', bytes: 300 }) }))
  })

  it('the same after a failed write of raftmesh', async () => {
    await expectKept(await acknowledgedAfter(async () => { await child.call('write', { key: 'y/does not fit' }) }))
  })
})
