import { describe, expect, it } from 'vitest'
import { ClosedError, InvalidArgumentError, LeaseLostError, LeaseNotFoundError, UnavailableError, UnknownOutcomeError } from '../../src/errors.js'
import { holdLease } from '../../src/service/lease.js'
import { StallingClock } from './support/leasing.js'
import { settle } from './support/manual-clock.js'
import type { Lease, LeaseOperations } from '../../src/recipes/types.js'

/** Leases whose keep-alives are answered as the test says; when each was sent. */
class Leases {
  readonly clock = new StallingClock()
  readonly closing = new AbortController()
  readonly sent: number[] = []
  readonly revoked: number[] = []
  readonly logged: string[] = []
  grant: LeaseOperations['grant'] = async options => ({ id: 7, ttl: options?.ttl ?? 0 })
  answer: (signal: AbortSignal | undefined) => Promise<void> = async () => {}
  revoke: (id: number) => Promise<void> = async () => {}

  async hold (ttl?: number): Promise<Lease> {
    const unused = async (): Promise<never> => { throw new Error('not asked for') }
    return await holdLease({
      namespace: '/raft/t',
      clock: this.clock,
      random: () => 1,
      signal: this.closing.signal,
      log: format => { this.logged.push(format) },
      leases: {
        grant: async options => await this.grant(options),
        keepAlive: async (_id, options) => {
          this.sent.push(this.clock.now())
          await this.answer(options?.signal)
          return { ttl: 0 }
        },
        revoke: async id => {
          this.revoked.push(id)
          await this.revoke(id)
        },
        timeToLive: unused,
        list: unused
      }
    }, ttl === undefined ? {} : { ttl })
  }

  /** Never, until it is given up. */
  readonly silence = async (signal: AbortSignal | undefined): Promise<void> => {
    await new Promise<void>((_resolve, reject) => { signal?.addEventListener('abort', () => { reject(signal.reason) }) })
  }
}

describe('a lease that is held', () => {
  it('is kept alive three times in its ttl, for as long as that is answered', async () => {
    const leases = new Leases()
    const lease = await leases.hold(3_000)
    expect(lease).toMatchObject({ id: 7, ttl: 3_000 })
    await leases.clock.advance(30_000)
    expect(leases.sent.length).toBe(30)
    expect(lease.signal.aborted).toBe(false)
    expect(lease.remaining()).toBe(3_000)
  })

  it('counts from when the grant was sent, and then from when the keep-alive was', async () => {
    const leases = new Leases()
    leases.grant = async () => {
      await new Promise<void>(resolve => { leases.clock.setTimer(400, resolve) })
      return { id: 7, ttl: 3_000 }
    }
    const holding = leases.hold(3_000)
    await leases.clock.advance(400)
    const lease = await holding
    expect(lease.remaining()).toBe(2_600)
    leases.answer = async () => { await new Promise<void>(resolve => { leases.clock.setTimer(300, resolve) }) }
    await leases.clock.advance(900)
    // Sent 1,000 after the grant was, answered 300 later.
    expect(lease.remaining()).toBe(2_700)
  })

  it('is granted again when the answer was lost, and counts from then', async () => {
    const leases = new Leases()
    let grants = 0
    leases.grant = async () => {
      await new Promise<void>(resolve => { leases.clock.setTimer(500, resolve) })
      if (++grants < 3) throw new UnknownOutcomeError('no answer')
      return { id: 7, ttl: 3_000 }
    }
    const holding = leases.hold(3_000)
    await leases.clock.advance(1_500)
    expect((await holding).remaining()).toBe(2_500)
    leases.grant = async () => { grants++; throw new UnknownOutcomeError('no answer') }
    await expect(leases.hold(3_000)).rejects.toBeInstanceOf(UnknownOutcomeError)
    expect(grants).toBe(6)
  })

  it('is lost when it may have expired, without an answer to the contrary', async () => {
    const leases = new Leases()
    const lease = await leases.hold(3_000)
    leases.answer = leases.silence
    let aborted = 0
    lease.signal.addEventListener('abort', () => { aborted++ })
    await leases.clock.advance(2_999)
    expect(aborted).toBe(0)
    expect(lease.remaining()).toBe(1)
    expect(leases.sent.length).toBeGreaterThan(1)
    await leases.clock.advance(1)
    expect(aborted).toBe(1)
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError)
    expect(lease.remaining()).toBe(0)
    const { length } = leases.sent
    await leases.clock.advance(60_000)
    expect(leases.sent.length).toBe(length)
    expect(leases.clock.pending).toBe(0)
  })

  it('is lost at once when the group says that it is gone', async () => {
    const leases = new Leases()
    const lease = await leases.hold(3_000)
    leases.answer = async () => { throw new LeaseNotFoundError('no such lease') }
    await leases.clock.advance(1_000)
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError)
    expect(leases.clock.pending).toBe(0)
  })

  it('lives through failures that end in time, which are tried again soon', async () => {
    const leases = new Leases()
    const lease = await leases.hold(3_000)
    leases.answer = async () => { throw new UnavailableError('no leader') }
    await leases.clock.advance(2_500)
    leases.answer = async () => {}
    await leases.clock.advance(400)
    expect(lease.signal.aborted).toBe(false)
    expect(leases.sent.length).toBeGreaterThan(5)
    expect(lease.remaining()).toBeGreaterThan(2_000)
    expect(leases.logged.length).toBeGreaterThan(4)
  })

  it('shows that it is lost before a timer can, to a process that stood still', async () => {
    const leases = new Leases()
    const lease = await leases.hold(3_000)
    leases.clock.stall(3_000)
    expect(lease.signal.aborted).toBe(true)
    expect(lease.remaining()).toBe(0)
  })

  it('is not kept any more once its handle is closed', async () => {
    const leases = new Leases()
    const lease = await leases.hold(3_000)
    leases.closing.abort(new ClosedError('closed'))
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError)
    expect(leases.clock.pending).toBe(0)
    await leases.clock.advance(10_000)
    expect(leases.sent).toEqual([])
    expect((await leases.hold(3_000)).signal.aborted).toBe(true)
  })

  it('refuses a ttl out of bounds, before anything is sent', async () => {
    const leases = new Leases()
    for (const ttl of [0, 99, 86_400_001, 1.5, NaN, '1000']) await expect(leases.hold(ttl as number)).rejects.toBeInstanceOf(InvalidArgumentError)
    expect((await leases.hold()).ttl).toBe(10_000)
  })
})

describe('revoking it', () => {
  it('ends it for good, once, however often', async () => {
    const leases = new Leases()
    const lease = await leases.hold(3_000)
    await Promise.all([lease.revoke(), lease.revoke()])
    await lease.revoke()
    await lease[Symbol.asyncDispose]()
    expect(leases.revoked).toEqual([7])
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError)
    await leases.clock.advance(10_000)
    expect(leases.sent).toEqual([])
    expect(leases.clock.pending).toBe(0)
  })

  it('is done where it is gone already', async () => {
    const leases = new Leases()
    leases.revoke = async () => { throw new LeaseNotFoundError('no such lease') }
    await (await leases.hold()).revoke()
  })

  it('is asked for again when the answer was lost', async () => {
    const leases = new Leases()
    const lease = await leases.hold()
    leases.revoke = async () => { throw leases.revoked.length === 1 ? new UnknownOutcomeError('no answer') : new LeaseNotFoundError('no such lease') }
    await lease.revoke()
    expect(leases.revoked).toEqual([7, 7])
  })

  it('tells of a failure and can be tried again; disposing of it does not', async () => {
    const leases = new Leases()
    const lease = await leases.hold()
    leases.revoke = async () => { throw new UnavailableError('no leader') }
    await expect(lease.revoke()).rejects.toBeInstanceOf(UnavailableError)
    await lease[Symbol.asyncDispose]()
    leases.revoke = async () => {}
    await lease.revoke()
    expect(leases.revoked).toEqual([7, 7, 7])
  })

  it('takes back the keep-alive that is under way', async () => {
    const leases = new Leases()
    const lease = await leases.hold(3_000)
    let given = false
    leases.answer = async signal => { await leases.silence(signal).finally(() => { given = true }) }
    await leases.clock.advance(1_000)
    await lease.revoke()
    await settle()
    expect(given).toBe(true)
    expect(leases.clock.pending).toBe(0)
  })
})
