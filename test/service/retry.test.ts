import { describe, expect, it, vi } from 'vitest'
import { BusyError, ClosedError, MembershipError, NoLeaderError, NotAuthorizedError, NotLeaderError, StorePoisonedError, UnavailableError, UnknownOutcomeError } from '../../src/errors.js'
import { ClosedHere, NobodyToAsk, retry } from '../../src/service/retry.js'
import { RequestLostError } from '../../src/wire/index.js'
import { ManualClock } from './support/manual-clock.js'
import type { RetryOptions } from '../../src/service/retry.js'

async function run<T> (clock: ManualClock, promise: Promise<T>): Promise<T> {
  let done = false
  const end = (): void => { done = true }
  promise.then(end, end)
  for (let i = 0; i < 1_000 && !done; i++) await clock.advance(20)
  return await promise
}

function setup (options: Partial<RetryOptions> = {}): { clock: ManualClock, options: RetryOptions } {
  const clock = new ManualClock()
  return { clock, options: { clock, random: () => 0.5, what: 'a test', write: true, timeoutMs: 1_000, ...options } }
}

describe('retry', () => {
  it('tries until it works, told each time what is left', async () => {
    const { clock, options } = setup()
    const left: number[] = []
    const attempt = vi.fn(async (ms: number) => {
      left.push(ms)
      if (left.length < 4) throw new BusyError('busy')
      return 'done'
    })
    expect(await run(clock, retry(new BusyError('busy'), attempt, clock.now(), options))).toBe('done')
    expect(left).toHaveLength(4)
    expect([...left].sort((a, b) => b - a)).toEqual(left)
    expect(left[0]).toBeLessThan(1_000)
  })

  it.each([
    new UnknownOutcomeError('x'), new StorePoisonedError('x'), new MembershipError('x'), new NotAuthorizedError('x'), new ClosedHere('x'), new TypeError('a bug')
  ])('does not try a write again after %o', async error => {
    const { clock, options } = setup()
    const attempt = vi.fn(async () => 'done')
    await expect(retry(error, attempt, clock.now(), options)).rejects.toBe(error)
    expect(attempt).not.toHaveBeenCalled()
  })

  it.each([new UnknownOutcomeError('x'), new StorePoisonedError('x'), new RequestLostError('x', true), new ClosedError('of the peer')])('tries a read again after %o', async error => {
    const { clock, options } = setup({ write: false })
    expect(await run(clock, retry(error, async () => 'done', clock.now(), options))).toBe('done')
  })

  it('turns the lost answer of a write into an unknown outcome', async () => {
    const { clock, options } = setup()
    await expect(retry(new RequestLostError('x', true), async () => 'done', clock.now(), options)).rejects.toThrow(UnknownOutcomeError)
  })

  it('ends in time with an error that says how the last try failed, and that nothing was written', async () => {
    const { clock, options } = setup()
    const cases: Array<[Error, new (message: string) => Error]> = [
      [new NotLeaderError('not me'), NoLeaderError], [new NoLeaderError('none'), NoLeaderError], [new BusyError('busy'), BusyError],
      [new UnavailableError('no route'), UnavailableError], [new RequestLostError('dead', false), UnavailableError]
    ]
    for (const [failure, expected] of cases) {
      const startedAt = clock.now()
      const error = await run(clock, retry(failure, async () => { throw failure }, startedAt, options).catch((e: unknown) => e)) as Error
      expect(error).toBeInstanceOf(expected)
      expect(error.message).toMatch(/a test gave up after 1000 ms, nothing was written/)
      expect(clock.now() - startedAt).toBeLessThanOrEqual(1_040)
    }
  })

  it('tells of the last real failure, not that there was nobody left to ask', async () => {
    const { clock, options } = setup()
    const error = await run(clock, retry(new BusyError('busy'), async () => { throw new NobodyToAsk('nobody') }, clock.now(), options).catch((e: unknown) => e))
    expect(error).toBeInstanceOf(BusyError)
  })

  it('does not play ball for ever between two members that each name the other', async () => {
    const { clock, options } = setup()
    const attempt = vi.fn(async () => { throw new NotLeaderError('not me', 'the other') })
    await expect(run(clock, retry(new NotLeaderError('not me', 'the other'), attempt, clock.now(), options))).rejects.toThrow(NoLeaderError)
    expect(attempt.mock.calls.length).toBeLessThan(20)
  })

  it('stops with the caller, giving back its own reason', async () => {
    const { clock, options } = setup()
    const controller = new AbortController()
    const result = retry(new BusyError('busy'), async () => { throw new BusyError('busy') }, clock.now(), { ...options, signal: controller.signal })
    await clock.advance(10)
    controller.abort(new Error('bored'))
    await expect(result).rejects.toThrow('bored')
  })
})
