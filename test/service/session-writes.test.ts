import fc from 'fast-check'
import { fromString as bytes } from 'uint8arrays/from-string'
import { describe, expect, it } from 'vitest'
import { BusyError, ClosedError, GroupFailedError, InvalidArgumentError, NoLeaderError, NotLeaderError, SessionExpiredError, UnavailableError, UnknownNamespaceError, UnknownOutcomeError } from '../../src/errors.js'
import { decodeKvCommand, encodeKvCommand } from '../../src/machine/kv-command.js'
import { MAX_SESSION_ANSWERS } from '../../src/machine/kv-types.js'
import { run as runCommand } from '../../src/machine/run-command.js'
import { readResultOf } from '../../src/service/kv-results.js'
import { SessionWrites } from '../../src/service/session-writes.js'
import { MemoryView } from '../machine/memory-view.js'
import { ManualClock } from './support/manual-clock.js'
import type { Proposed } from '../../src/service/session-writes.js'

type Fate = 'done' | 'answer lost' | 'request lost' | Error

const LEASE = 1
const SECRET = bytes('secret')

/** A session of a group that runs commands as members do. `fates`: of one try after the other; then all are done. */
class Group {
  readonly clock = new ManualClock()
  readonly view = new MemoryView()
  readonly tries: Array<{ sequence: number, acknowledged: number, timeoutMs: number }> = []
  readonly over: Error[] = []
  fates: Fate[] = []
  revision = 0
  readonly writes = new SessionWrites({
    namespace: '/raft/t',
    lease: LEASE,
    secret: SECRET,
    clock: this.clock,
    random: () => 0.5,
    requestMs: 10_000,
    attemptMs: 1_000,
    send: async (_what, command, { timeoutMs, signal }) => await this.send(command, timeoutMs, signal),
    onOver: error => { this.over.push(error) }
  })

  constructor () { this.apply(encodeKvCommand({ type: 'grant', ttl: 10_000 })) }

  apply (command: Uint8Array): Proposed {
    const index = ++this.revision
    return { index, result: runCommand(this.view, command, { revision: index, time: index }) }
  }

  revoke (): void { this.apply(encodeKvCommand({ type: 'revoke', leases: [LEASE], expired: true })) }

  versionOf (key: string): number { return this.view.row(bytes(key))?.version ?? 0 }

  private async send (command: Uint8Array, timeoutMs: number, signal: AbortSignal | undefined): Promise<Proposed> {
    const decoded = decodeKvCommand(command)
    if (decoded.type !== 'session') throw new Error(`unexpected ${decoded.type}`)
    this.tries.push({ sequence: decoded.sequence, acknowledged: decoded.acknowledged, timeoutMs })
    const fate = this.fates.shift() ?? 'done'
    if (fate instanceof Error) throw fate
    if (fate === 'request lost') return await this.silence(timeoutMs, signal)
    const answer = this.apply(command)
    return fate === 'done' ? answer : await this.silence(timeoutMs, signal)
  }

  private async silence (timeoutMs: number, signal: AbortSignal | undefined): Promise<never> {
    await new Promise<void>(resolve => {
      this.clock.setTimer(timeoutMs, resolve)
      signal?.addEventListener('abort', () => { resolve() })
    })
    throw new UnknownOutcomeError('no answer')
  }
}

const put = (key: string): Uint8Array => encodeKvCommand({ type: 'put', key: bytes(key), value: bytes('v') })

/** Runs simulated time until the promise settles. */
async function run<T> (group: Group, promise: Promise<T>): Promise<T> {
  let done = false
  const end = (): void => { done = true }
  promise.then(end, end)
  for (let i = 0; i < 2_000 && !done; i++) await group.clock.advance(20)
  return await promise
}

describe('a write of a session', () => {
  it('is done once, and has the answer that was lost', async () => {
    const group = new Group()
    group.fates = ['answer lost', 'request lost', 'answer lost']
    const { result } = await run(group, group.writes.propose('set', put('k')))
    expect(group.tries.map(({ sequence }) => sequence)).toEqual([1, 1, 1, 1])
    expect(group.versionOf('k')).toBe(1)
    // Of the first time that it got there.
    expect(readResultOf('written', result).revision).toBe(2)
  })

  it('is tried again where it was refused, too', async () => {
    const group = new Group()
    group.fates = [new BusyError('busy'), new NoLeaderError('none'), new NotLeaderError('not here'), new UnavailableError('gone'), new UnknownNamespaceError('left')]
    await run(group, group.writes.propose('set', put('k')))
    expect(group.tries.length).toBe(6)
    expect(group.versionOf('k')).toBe(1)
  })

  it('is not where that cannot help', async () => {
    for (const error of [new InvalidArgumentError('no'), new ClosedError('closed'), new TypeError('a bug')]) {
      const group = new Group()
      group.fates = [error]
      await expect(run(group, group.writes.propose('set', put('k')))).rejects.toBe(error)
      expect(group.tries.length).toBe(1)
    }
    const group = new Group()
    group.fates = [new NotLeaderError('not here')]
    await expect(run(group, group.writes.propose('set', put('k'), { forward: false }))).rejects.toBeInstanceOf(NotLeaderError)
  })

  it('is unknown once it was tried in doubt, whatever comes after', async () => {
    const group = new Group()
    group.fates = ['answer lost', new ClosedError('closed')]
    await expect(run(group, group.writes.propose('set', put('k')))).rejects.toMatchObject({ name: 'UnknownOutcomeError', outcome: 'unknown' })
  })

  it('is not tried again by a member that has failed for good, whose doubt no wait ends', async () => {
    const group = new Group()
    group.fates = [new GroupFailedError('stopped')]
    await expect(run(group, group.writes.propose('set', put('k')))).rejects.toMatchObject({ name: 'UnknownOutcomeError', outcome: 'unknown' })
    expect(group.tries.length).toBe(1)
  })

  it('gets more time with each try, and no more than there is', async () => {
    const group = new Group()
    group.fates = Array.from({ length: 20 }, () => 'request lost' as const)
    await expect(run(group, group.writes.propose('set', put('k')))).rejects.toBeInstanceOf(UnknownOutcomeError)
    const given = group.tries.map(({ timeoutMs }) => timeoutMs)
    expect(given.slice(0, 3)).toEqual([1_000, 2_000, 4_000])
    expect(group.clock.now()).toBeLessThanOrEqual(11_100)
  })

  it('that was never sent is refused when its time is up', async () => {
    const group = new Group()
    group.fates = Array.from({ length: 200 }, () => new BusyError('busy'))
    await expect(run(group, group.writes.propose('set', put('k')))).rejects.toBeInstanceOf(BusyError)
  })

  it('that is given up is unknown if it was sent, and else not done', async () => {
    const group = new Group()
    const stop = new AbortController()
    group.fates = ['request lost']
    const sent = group.writes.propose('set', put('k'), { signal: stop.signal })
    const refused = group.writes.propose('set', put('k'), { signal: AbortSignal.abort(new Error('enough')) })
    await expect(refused).rejects.toThrow('enough')
    stop.abort(new Error('enough'))
    await expect(run(group, sent)).rejects.toBeInstanceOf(UnknownOutcomeError)
    expect(group.tries.length).toBe(1)
  })

  it('keeps its place while others are given up, and nothing piles up', async () => {
    const group = new Group()
    for (let i = 0; i < 3 * MAX_SESSION_ANSWERS; i++) await group.writes.propose('set', put('k'))
    expect(group.versionOf('k')).toBe(3 * MAX_SESSION_ANSWERS)
    expect(group.tries.at(-1)).toMatchObject({ sequence: 3 * MAX_SESSION_ANSWERS, acknowledged: 3 * MAX_SESSION_ANSWERS })
    expect(group.view.tables.answer.size).toBeLessThan(5)
  })

  it('is busy when the first of very many is not settled', async () => {
    const group = new Group()
    group.fates = ['request lost']
    const first = group.writes.propose('set', put('k'))
    await Promise.all(Array.from({ length: MAX_SESSION_ANSWERS - 1 }, async () => await group.writes.propose('set', put('k'))))
    await expect(group.writes.propose('set', put('k'))).rejects.toBeInstanceOf(BusyError)
    await run(group, first)
    await group.writes.propose('set', put('k'))
    expect(group.versionOf('k')).toBe(MAX_SESSION_ANSWERS + 1)
  })

  it('that was given up is done before a later one, or never', async () => {
    const group = new Group()
    const stop = new AbortController()
    group.fates = ['request lost']
    const lost = group.writes.propose('set', put('lost'), { signal: stop.signal })
    stop.abort()
    await expect(run(group, lost)).rejects.toBeInstanceOf(UnknownOutcomeError)
    await group.writes.propose('set', put('later'))
    // It was on its way all the while.
    group.apply(encodeKvCommand({ type: 'session', lease: LEASE, sequence: 1, acknowledged: 1, secret: SECRET, command: put('lost') }))
    expect(group.versionOf('lost')).toBe(0)
  })
})

describe('a session that somebody else writes in', () => {
  const forged = (sequence: number, acknowledged: number): Uint8Array => encodeKvCommand({ type: 'session', lease: LEASE, sequence, acknowledged, secret: bytes('guess'), command: put('forged') })

  it('goes on as if nobody had', async () => {
    const group = new Group()
    await group.writes.propose('set', put('k'))
    group.apply(forged(2, 0))
    group.apply(forged(2 ** 40, 2 ** 40))
    const { index, result } = await group.writes.propose('set', put('k'))
    expect(readResultOf('written', result).revision).toBe(index)
    expect([group.versionOf('k'), group.versionOf('forged')]).toEqual([2, 0])
  })

  it('before its own first write, is over, and says that nothing was done', async () => {
    const group = new Group()
    group.apply(forged(1, 0))
    await expect(group.writes.propose('set', put('k'))).rejects.toMatchObject({ name: 'SessionExpiredError', outcome: 'refused' })
    expect(group.versionOf('k')).toBe(0)
  })
})

describe('a session that is over', () => {
  it('refuses what was never sent before', async () => {
    const group = new Group()
    group.fates = [new BusyError('busy')]
    group.revoke()
    await expect(run(group, group.writes.propose('set', put('k')))).rejects.toMatchObject({ name: 'SessionExpiredError', outcome: 'refused' })
    expect(group.over.length).toBe(1)
    expect(group.versionOf('k')).toBe(0)
  })

  it('cannot tell of what was', async () => {
    const group = new Group()
    group.fates = ['answer lost']
    const write = group.writes.propose('set', put('k'))
    await group.clock.advance(500)
    group.revoke()
    await expect(run(group, write)).rejects.toMatchObject({ name: 'SessionExpiredError', outcome: 'unknown' })
    // That doubt is the write's own. What is told of the end of its session has none.
    expect(group.over).toMatchObject([{ name: 'SessionExpiredError', outcome: 'refused' }])
    await expect(run(group, group.writes.propose('set', put('k')))).rejects.toBeInstanceOf(SessionExpiredError)
    // Once, and not a second time without its memory.
    expect(group.versionOf('k')).toBe(1)
  })
})

it('does each write once, whatever is lost on the way', async () => {
  const fate = fc.constantFrom<Fate>('done', 'answer lost', 'request lost', new BusyError('busy'), new UnknownOutcomeError('?'))
  await fc.assert(fc.asyncProperty(fc.array(fate, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), async (fates, count) => {
    const group = new Group()
    group.fates = fates
    const keys = Array.from({ length: count }, (_, i) => `k${i}`)
    const outcomes = await run(group, Promise.allSettled(keys.map(async key => await group.writes.propose('set', put(key)))))
    keys.forEach((key, i) => {
      const version = group.versionOf(key)
      if (outcomes[i].status === 'fulfilled') expect(version).toBe(1)
      else expect(version).toBeLessThanOrEqual(outcomes[i].reason.outcome === 'unknown' ? 1 : 0)
    })
  }), { numRuns: 60 })
})
