import { describe, expect, it } from 'vitest'
import { defer } from '../../src/engine/deferred.js'
import { SnapshotBuilder } from '../../src/engine/snapshot-builder.js'
import { SnapshotSender } from '../../src/engine/snapshot-sender.js'
import { SimClock } from './support/sim-clock.js'
import type { Deferred } from '../../src/engine/deferred.js'
import type { Buildable } from '../../src/engine/snapshot-builder.js'
import type { SendingGroup } from '../../src/engine/snapshot-sender.js'
import type { GroupStorage, SnapshotManifest } from '../../src/storage/types.js'
import type { Network, SnapshotOffer } from '../../src/wire/types.js'

const log = Object.assign(() => {}, { error: () => {} })
const settle = async (): Promise<void> => { await new Promise(resolve => { setImmediate(resolve) }) }

class FakeBuild implements Buildable {
  readonly namespace = '/raft/a'
  readonly snapshotIntervalMs = 1_000
  readonly snapshotPhase = 0.5
  readonly builds: Array<Deferred<void>> = []
  readonly signals: AbortSignal[] = []
  async buildSnapshot (signal: AbortSignal): Promise<void> {
    const build = defer()
    this.builds.push(build)
    this.signals.push(signal)
    await build.promise
  }
}

describe('building snapshots', () => {
  it('a request during a build is not lost, and two of them share one build', async () => {
    const builder = new SnapshotBuilder<FakeBuild>(new SimClock(), 1, log)
    const group = new FakeBuild()
    let answered = 0
    const first = builder.request(group).then(() => { answered++ })
    for (let i = 0; i < 2; i++) void builder.request(group).then(() => { answered++ })
    expect(group.builds).toHaveLength(1)
    group.builds[0].resolve()
    await first
    await settle()
    expect(answered).toBe(1)
    expect(group.builds).toHaveLength(2)
    group.builds[1].resolve()
    await settle()
    expect(answered).toBe(3)
    expect(group.builds).toHaveLength(2)
  })

  it('no more than so many are built at a time, and a failed one frees its place', async () => {
    const builder = new SnapshotBuilder<FakeBuild>(new SimClock(), 2, log)
    const groups = [new FakeBuild(), new FakeBuild(), new FakeBuild()]
    const requests = groups.map(group => builder.request(group))
    expect(groups.map(({ builds }) => builds.length)).toEqual([1, 1, 0])
    groups[1].builds[0].reject(new Error('no'))
    await expect(requests[1]).rejects.toThrow('no')
    await settle()
    expect(groups.map(({ builds }) => builds.length)).toEqual([1, 1, 1])
  })

  it('a watched group is built when its interval is over, once', async () => {
    const clock = new SimClock()
    const builder = new SnapshotBuilder<FakeBuild>(clock, 1, log)
    const group = new FakeBuild()
    builder.watch(group)
    builder.watch(group)
    clock.advanceTo(1_499)
    expect(group.builds).toHaveLength(0)
    clock.advanceTo(1_500)
    expect(group.builds).toHaveLength(1)
    builder.watch(group)
    group.builds[0].resolve()
    await settle()
    clock.advanceTo(10_000)
    expect(group.builds).toHaveLength(1)
  })

  it('forgetting a group aborts its build, refuses what waits, and returns when nothing of it runs', async () => {
    const builder = new SnapshotBuilder<FakeBuild>(new SimClock(), 1, log)
    const group = new FakeBuild()
    const [running, queued] = [builder.request(group), builder.request(group)]
    let forgotten = false
    const done = builder.forget(group).then(() => { forgotten = true })
    await expect(queued).rejects.toMatchObject({ name: 'ClosedError' })
    expect(group.signals[0].aborted).toBe(true)
    expect(forgotten).toBe(false)
    group.builds[0].reject(new Error('aborted'))
    await expect(running).rejects.toThrow('aborted')
    await done
    expect(group.builds).toHaveLength(1)
  })
})

describe('sending snapshots', () => {
  const manifest = { meta: { index: 7 } } as unknown as SnapshotManifest

  class FakeSending implements SendingGroup {
    readonly namespace = '/raft/a'
    readonly clusterId = new Uint8Array(32)
    readonly self = 'a.1'
    readonly storage = { chunks: async function * () {} } as unknown as GroupStorage
    readonly retryMs = 50
    readonly told: string[] = []
    term = 3
    leads = true
    leadsIn (term: number): boolean { return this.leads && term === this.term }
    async snapshotToSend (): Promise<SnapshotManifest> { return manifest }
    snapshotSent (member: string, index: number): void { this.told.push(`sent ${member} ${index}`) }
    snapshotFailed (member: string): void { this.told.push(`failed ${member}`) }
  }

  function made (atOnce = 2): { sender: SnapshotSender<FakeSending>, clock: SimClock, transfers: Array<{ offer: SnapshotOffer, signal: AbortSignal, end: Deferred<void> }> } {
    const transfers: Array<{ offer: SnapshotOffer, signal: AbortSignal, end: Deferred<void> }> = []
    const network = {
      sendSnapshot: async (offer: SnapshotOffer, _: unknown, { signal }: { signal: AbortSignal }) => {
        const end = defer()
        transfers.push({ offer, signal, end })
        await end.promise
      }
    } as unknown as Network
    const clock = new SimClock()
    return { sender: new SnapshotSender(network, clock, atOnce, log), clock, transfers }
  }

  it('one for a member at a time, a few for the node', async () => {
    const { sender, transfers } = made()
    const group = new FakeSending()
    for (const member of ['b.1', 'b.1', 'c.1', 'd.1']) sender.send(group, member)
    await settle()
    sender.send(group, 'b.1')
    expect(transfers.map(({ offer, signal }) => [offer.to, signal.aborted])).toEqual([['b.1', false], ['c.1', false]])
    transfers[0].end.resolve()
    await settle()
    expect(group.told).toEqual(['sent b.1 7'])
    expect(transfers.map(({ offer }) => offer.to)).toEqual(['b.1', 'c.1', 'd.1'])
    sender.send(group, 'b.1')
    transfers[1].end.resolve()
    await settle()
    expect(transfers.map(({ offer }) => offer.to)).toEqual(['b.1', 'c.1', 'd.1', 'b.1'])
  })

  it('a failure is told after a pause, and holds no place meanwhile', async () => {
    const { sender, clock, transfers } = made(1)
    const group = new FakeSending()
    sender.send(group, 'b.1')
    sender.send(group, 'c.1')
    await settle()
    transfers[0].end.reject(new Error('refused'))
    await settle()
    expect(transfers.map(({ offer }) => offer.to)).toEqual(['b.1', 'c.1'])
    expect(group.told).toEqual([])
    clock.advanceTo(clock.now() + 50)
    expect(group.told).toEqual(['failed b.1'])
  })

  it('a group that no longer leads sends none, and is told nothing', async () => {
    const { sender, clock, transfers } = made(1)
    const group = new FakeSending()
    sender.send(group, 'b.1')
    sender.send(group, 'c.1')
    await settle()
    group.leads = false
    sender.forget(group)
    expect(transfers[0].signal.aborted).toBe(true)
    transfers[0].end.reject(new Error('aborted'))
    await settle()
    clock.advanceTo(clock.now() + 1_000)
    expect(transfers).toHaveLength(1)
    expect(group.told).toEqual([])
  })

  it('one of an earlier term gives way, and its end says nothing of the later one', async () => {
    const { sender, transfers } = made()
    const group = new FakeSending()
    sender.send(group, 'b.1')
    await settle()
    group.term = 5
    sender.send(group, 'b.1')
    await settle()
    expect(transfers[0].signal.aborted).toBe(true)
    transfers[0].end.resolve()
    await settle()
    expect(group.told).toEqual([])
    transfers[1].end.resolve()
    await settle()
    expect(group.told).toEqual(['sent b.1 7'])
    expect(transfers[1].offer.term).toBe(5)
  })
})
