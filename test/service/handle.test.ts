import '../../src/polyfill.js'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.js'
import { KvHandle } from '../../src/service/handle.js'
import { ManualClock } from './support/manual-clock.js'
import type { HandleContext } from '../../src/service/handle.js'

/** A handle that must not be asked for anything. */
class Untouched extends KvHandle {
  readonly namespace = '/raft/t'
  protected readonly context: HandleContext = { clock: new ManualClock(), random: () => 0.5, log: () => {}, signal: new AbortController().signal }
  protected readonly pollMs = 1_000

  async propose (): Promise<never> { throw new Error('proposed') }
  async ask (): Promise<never> { throw new Error('asked') }
  async barrier (): Promise<never> { throw new Error('asked') }
}

describe('a misspelt option', () => {
  const kv = new Untouched()
  const wrong = { singal: undefined } as never

  it.each<[string, () => Promise<unknown>]>([
    ['set', async () => await kv.set('k', 'v', wrong)],
    ['delete', async () => await kv.delete('k', wrong)],
    ['deleteRange', async () => await kv.deleteRange(Object.assign({ prefix: 'k' }, wrong))],
    ['batch', async () => await kv.batch([{ type: 'delete', key: 'k' }], wrong)],
    ['txn', async () => await kv.txn({}, wrong)],
    ['compact', async () => await kv.compact(1, wrong)],
    ['get', async () => await kv.get('k', wrong)],
    ['read', async () => await kv.read('k', wrong)],
    ['keys', async () => await kv.keys(wrong)],
    ['scan', async () => await kv.scan(wrong)],
    ['rows', async () => await kv.rows(wrong).next()],
    ['watch', async () => await kv.watch(wrong)],
    ['lease', async () => await kv.lease(wrong)],
    ['grant', async () => await kv.leases.grant(wrong)],
    ['keepAlive', async () => await kv.leases.keepAlive(1, wrong)],
    ['revoke', async () => { await kv.leases.revoke(1, wrong) }],
    ['timeToLive', async () => await kv.leases.timeToLive(1, wrong)],
    ['list', async () => await kv.leases.list(wrong)],
    ['publish', async () => await kv.publish('t', 'x', wrong)],
    ['subscribe', async () => await kv.subscribe('t', wrong)]
  ])('of %s is refused before anything is asked or done', async (_, call) => {
    const refusal = await call().catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(InvalidArgumentError)
    expect((refusal as Error).message).toContain('Unknown option "singal"')
  })
})
