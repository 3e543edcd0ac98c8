import { describe, expect, it } from 'vitest'
import { Proposals } from '../../src/engine/proposals.js'
import { entry, FakeCore, result } from './support/proposals.js'
import type { Entry } from '../../src/raft/types.js'

const data = (count = 1, size = 1): Uint8Array[] => Array.from({ length: count }, () => new Uint8Array(size))
const apply = (proposals: Proposals, entries: Entry[]): void => { proposals.applied(entries, entries.map(({ index }) => result(index))) }
const made = (maxQueued = 100, maxBytes = 1e9): Proposals => new Proposals('/raft/a', maxQueued, maxBytes)
/** What came of it so far. */
async function outcome (promise: Promise<unknown>): Promise<unknown> {
  return await Promise.race([promise.catch((error: unknown) => (error as Error).name), Promise.resolve().then(async () => { await Promise.resolve(); await Promise.resolve() }).then(() => 'waiting')])
}

describe('proposals', () => {
  it('gather into one proposal to the core, and each gets its own indexes and results', async () => {
    const proposals = made()
    const core = new FakeCore()
    core.last = 9
    const one = proposals.enqueue(data(2), undefined)
    const two = proposals.enqueue(data(1), undefined)
    expect(proposals.submit(core.core, 0)).toBe(3)
    expect(core.proposals).toEqual([3])
    apply(proposals, [entry(10, 1), entry(11, 1), entry(12, 1)])
    expect(await one).toEqual([{ index: 10, result: result(10) }, { index: 11, result: result(11) }])
    expect(await two).toEqual([{ index: 12, result: result(12) }])
    expect(proposals.waiting).toBe(0)
  })

  it('are answered when all of their entries are applied, however those are paged', async () => {
    const proposals = made()
    const core = new FakeCore()
    const one = proposals.enqueue(data(3), undefined)
    proposals.submit(core.core, 0)
    apply(proposals, [entry(1, 1), entry(2, 1)])
    expect(await outcome(one)).toBe('waiting')
    apply(proposals, [entry(3, 1), entry(4, 2)])
    expect((await one).map(({ index }) => index)).toEqual([1, 2, 3])
  })

  it('are not answered by another term\'s entry at their index: that refuses them', async () => {
    const proposals = made()
    const core = new FakeCore()
    const one = proposals.enqueue(data(), undefined)
    proposals.submit(core.core, 0)
    apply(proposals, [entry(1, 2)])
    await expect(one).rejects.toMatchObject({ name: 'NotLeaderError', outcome: 'refused' })
  })

  it('of an earlier leadership are refused by the first entry that the next one commits, this one\'s are answered', async () => {
    const proposals = made()
    const core = new FakeCore()
    const early = Array.from({ length: 4 }, () => proposals.enqueue(data(), undefined))
    proposals.submit(core.core, 0)
    // Another leader took over and cut the log after 1; then this node won again, in term 3.
    core.term = 3
    core.last = 2
    const late = proposals.enqueue(data(), undefined)
    proposals.submit(core.core, 0)
    apply(proposals, [entry(1, 1)])
    expect((await early[0])[0].index).toBe(1)
    // Term 2 took index 2, so nothing of term 1 can follow, whatever its index.
    apply(proposals, [entry(2, 2)])
    for (const write of early.slice(1)) await expect(write).rejects.toMatchObject({ name: 'NotLeaderError', outcome: 'refused' })
    expect(proposals.waiting).toBe(1)
    apply(proposals, [entry(3, 3)])
    expect((await late)[0]).toEqual({ index: 3, result: result(3) })
    expect(proposals.waiting).toBe(0)
  })

  it('that happened in part only are unknown', async () => {
    const proposals = made()
    const core = new FakeCore()
    const one = proposals.enqueue(data(2), undefined)
    proposals.submit(core.core, 0)
    apply(proposals, [entry(1, 1)])
    apply(proposals, [entry(2, 2)])
    await expect(one).rejects.toMatchObject({ name: 'UnknownOutcomeError', outcome: 'unknown' })
  })

  it('that a snapshot took the place of are unknown, and no others', async () => {
    const proposals = made()
    const core = new FakeCore()
    const [one, two] = [proposals.enqueue(data(), undefined), proposals.enqueue(data(), undefined)]
    proposals.submit(core.core, 0)
    proposals.skipped(1, 1)
    await expect(one).rejects.toMatchObject({ outcome: 'unknown' })
    apply(proposals, [entry(2, 1)])
    expect((await two)[0].index).toBe(2)
  })

  it('behind a snapshot of a later term did not happen', async () => {
    const proposals = made()
    const core = new FakeCore()
    const [one, two] = [proposals.enqueue(data(), undefined), proposals.enqueue(data(), undefined)]
    proposals.submit(core.core, 0)
    proposals.skipped(1, 2)
    await expect(one).rejects.toMatchObject({ outcome: 'unknown' })
    await expect(two).rejects.toMatchObject({ outcome: 'refused' })
  })

  it('whose signal is aborted in the queue never reach the core', async () => {
    const proposals = made()
    const core = new FakeCore()
    const abort = new AbortController()
    const one = proposals.enqueue(data(), abort.signal)
    abort.abort(new Error('no'))
    await expect(one).rejects.toThrow('no')
    await expect(proposals.enqueue(data(), abort.signal)).rejects.toThrow('no')
    expect(proposals.submit(core.core, 0)).toBe(0)
    expect(core.proposals).toEqual([])
  })

  it('aborted after that leave the others their places', async () => {
    const proposals = made()
    const core = new FakeCore()
    const abort = new AbortController()
    const one = proposals.enqueue(data(), abort.signal)
    const two = proposals.enqueue(data(), undefined)
    proposals.submit(core.core, 0)
    abort.abort()
    await expect(one).rejects.toMatchObject({ outcome: 'unknown' })
    apply(proposals, [entry(1, 1), entry(2, 1)])
    expect((await two)[0].index).toBe(2)
  })

  it('that are too much together are tried one by one', async () => {
    const proposals = made()
    const core = new FakeCore()
    core.refuse = commands => commands > 1 || core.last >= 2 ? { ok: false, reason: 'busy', detail: 'full' } : undefined
    const all = Promise.allSettled(Array.from({ length: 3 }, () => proposals.enqueue(data(), undefined)))
    expect(proposals.submit(core.core, 0)).toBe(2)
    apply(proposals, [entry(1, 1), entry(2, 1)])
    expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  })

  it('are bounded, in the queue and in a batch', async () => {
    const proposals = made(3, 1_000)
    const core = new FakeCore()
    const three = Promise.allSettled(Array.from({ length: 3 }, () => proposals.enqueue(data(1, 400), undefined)))
    await expect(proposals.enqueue(data(), undefined)).rejects.toMatchObject({ name: 'BusyError', outcome: 'refused' })
    proposals.submit(core.core, 0)
    expect(core.proposals).toEqual([2, 1])
    const ended = new Error('over')
    proposals.end(ended, ended)
    expect((await three).every(({ status }) => status === 'rejected')).toBe(true)
  })

  it('all end with the group: refused in the queue, as told after that', async () => {
    const proposals = made()
    const core = new FakeCore()
    const appended = proposals.enqueue(data(), undefined)
    proposals.submit(core.core, 0)
    const queued = proposals.enqueue(data(), undefined)
    proposals.end(new Error('refused'), new Error('unknown'))
    await expect(appended).rejects.toThrow('unknown')
    await expect(queued).rejects.toThrow('refused')
    expect(proposals.waiting).toBe(0)
  })
})
