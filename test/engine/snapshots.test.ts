import { describe, expect, it, vi } from 'vitest'
import { encodeKvCommand, KvMachine, MachineAdapter } from '../../src/machine/index.js'
import { Journal } from './support/machine.js'
import { command, noSnapshots, timings, World } from './support/world.js'
import type { Member } from './support/world.js'
import type * as Zlib from 'node:zlib'

// Compression in real threads takes real time, while simulated time goes by.
vi.mock('node:zlib', async load => {
  const zlib = await load<typeof Zlib>()
  type Done = (error: Error | null, result?: Buffer) => void
  const now = (work: (data: Uint8Array, options: object) => Buffer) => (data: Uint8Array, options: object, done: Done): void => {
    try {
      done(null, work(data, options))
    } catch (error) {
      done(error as Error)
    }
  }
  return { ...zlib, deflateRaw: now(zlib.deflateRawSync), inflateRaw: now(zlib.inflateRawSync) }
})

const three = ['a', 'b', 'c']
const tight = { ...noSnapshots, trailing: 0, retain: 2 }

/** A follower that missed so much that the log no longer reaches back to where it stands. */
async function lagging (world: World, padding = 0): Promise<{ leader: Member, away: Member }> {
  const leader = await world.leader()
  const [away] = world.followers()
  await world.propose('before')
  await world.until(() => away.journal.commands.length === 1)
  world.wire.isolate(away.node.peer)
  for (let i = 0; i < 10; i++) await world.propose(`missed ${i}`)
  leader.journal.padding = padding
  await world.settle(leader.handle.snapshot())
  expect(leader.handle.status().firstIndex).toBeGreaterThan(away.handle.status().lastIndex + 1)
  return { leader, away }
}

describe('taking snapshots', () => {
  it('compacts the log behind it, and a restart begins from there', async () => {
    const world = await World.group(['a'], { snapshots: tight })
    for (let i = 0; i < 5; i++) await world.propose(`c${i}`)
    const { handle } = await world.leader()
    await world.settle(handle.snapshot())
    expect(handle.status().firstIndex).toBe(8)
    expect(handle.stats()).toMatchObject({ snapshotsTaken: 1, durableIndex: 7 })
    await world.propose('after')
    const store = world.crash('a')
    const journal = new Journal()
    await world.add('a', store).open('/raft/a', ['a'], { journal, snapshots: tight })
    await world.leader()
    expect(journal.commands).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'after'])
    expect(journal.calls.slice(0, 2)).toEqual(['restore', 'restored 7'])
  })

  it('keeps trailing entries, so that a member that is a little behind needs none', async () => {
    const world = await World.group(['a'], { snapshots: { ...tight, trailing: 3 } })
    for (let i = 0; i < 10; i++) await world.propose(`c${i}`)
    const { handle } = await world.leader()
    await world.settle(handle.snapshot())
    expect(handle.status().firstIndex).toBe(handle.stats().appliedIndex - 3 + 1)
  })

  it('takes one when the interval is over and the threshold reached, not before either', async () => {
    const world = await World.group(['a'], { snapshots: { intervalMs: 10_000, threshold: 20, trailing: 5, retain: 2 } })
    const { handle } = await world.leader()
    await world.pass(30_000)
    expect(handle.stats().snapshotsTaken).toBe(0)
    for (let i = 0; i < 25; i++) await world.propose(`c${i}`)
    await world.until(() => handle.stats().snapshotsTaken === 1)
    await world.pass(30_000)
    expect(handle.stats().snapshotsTaken).toBe(1)
    for (let i = 0; i < 25; i++) await world.propose(`d${i}`)
    await world.until(() => handle.stats().snapshotsTaken === 2)
  })

  it('takes one at once when the log has grown over its bound', async () => {
    const world = await World.group(['a'], { snapshots: { intervalMs: 1e9, threshold: 20, trailing: 5, retain: 2 }, limits: { maxLogBytes: 10_000 } })
    const { handle } = await world.leader()
    for (let i = 0; i < 30; i++) await world.propose('x'.repeat(1_000))
    await world.until(() => handle.stats().snapshotsTaken >= 1)
    expect(handle.stats().logBytes).toBeLessThan(20_000)
  })

  it('a request during a build gets a build of its own, with what was applied meanwhile', async () => {
    const world = await World.group(['a'], { snapshots: tight })
    await world.propose('x')
    const { handle, node } = await world.leader()
    node.disk.hold()
    const first = handle.snapshot()
    await world.pass(5)
    node.disk.release()
    await world.propose('y')
    const second = handle.snapshot()
    await world.settle(Promise.all([first, second]))
    expect(handle.stats().snapshotsTaken).toBe(2)
    expect(handle.status().firstIndex).toBe(handle.stats().appliedIndex + 1)
  })

  it('waits for an apply under way, and shows the state between two applies', async () => {
    const world = await World.group(['a'], { snapshots: tight })
    const { handle, journal } = await world.leader()
    let go = (): void => {}
    journal.gate = async () => { await new Promise<void>(resolve => { go = resolve }) }
    const write = handle.propose([command('x')])
    await world.until(() => journal.calls.at(-1) === 'apply')
    const snapshot = handle.snapshot()
    await world.pass(10)
    expect(journal.calls).not.toContain('snapshot')
    journal.gate = undefined
    go()
    await world.settle(Promise.all([write, snapshot]))
    expect(journal.calls.slice(-3)).toEqual(['apply', 'applied', 'snapshot'])
  })

  it('a build that fails is reported, and leaves the group and its log as they are', async () => {
    const world = await World.group(['a'], { snapshots: tight })
    await world.propose('x')
    const { handle, journal } = await world.leader()
    const working = journal.snapshot.bind(journal)
    journal.snapshot = () => { throw new Error('cannot be shown') }
    await expect(world.settle(handle.snapshot())).rejects.toThrow('cannot be shown')
    expect(handle.status().firstIndex).toBe(1)
    journal.snapshot = working
    await world.propose('y')
    await world.settle(handle.snapshot())
    expect(handle.status().firstIndex).toBe(handle.stats().appliedIndex + 1)
  })

  it('never compacts past what a restart would find in the machine', async () => {
    const world = new World()
    const node = world.add('a')
    const machine = new KvMachine({ store: node.store, namespace: '/raft/a', clock: world.clock, flushDelay: 1e9, flushRows: 1e6 })
    const { handle } = await node.open('/raft/a', ['a'], { hosted: machine, snapshots: tight })
    await world.leader()
    for (let i = 0; i < 5; i++) await world.settle(handle.propose([encodeKvCommand({ type: 'put', key: command(`k${i}`), value: command('v') })]))
    await world.settle(handle.snapshot())
    expect(machine.durableIndex).toBe(7)
    expect(handle.status().firstIndex).toBe(8)
    const store = world.crash('a')
    const reopened = new KvMachine({ store, namespace: '/raft/a', clock: world.clock })
    await world.add('a', store).open('/raft/a', ['a'], { hosted: reopened, snapshots: tight })
    await world.leader()
    expect((await reopened.keys(new Uint8Array(0), { limit: 10 })).length).toBe(5)
  })
})

describe('compaction', () => {
  it('spares what a machine with durable state of its own does not hold yet', async () => {
    const world = new World()
    const journal = new Journal()
    const { handle } = await world.add('a').open('/raft/a', ['a'], { hosted: new MachineAdapter(Object.assign(journal, { appliedIndex: async () => Math.min(4, journal.commands.length) })), journal, snapshots: tight })
    for (let i = 0; i < 8; i++) await world.propose(`c${i}`)
    await world.settle(handle.snapshot())
    expect(handle.stats().appliedIndex).toBe(10)
    expect(handle.status().firstIndex).toBe(5)
  })
})

describe('a member that is too far behind', () => {
  it('gets a snapshot and then the log, and ends with the same state', async () => {
    const world = await World.group(three, { snapshots: tight })
    const { leader, away } = await lagging(world)
    world.wire.rejoin(away.node.peer)
    await world.propose('after')
    await world.until(() => away.journal.commands.at(-1) === 'after')
    expect(away.journal.commands).toEqual(leader.journal.commands)
    expect(away.handle.stats().snapshotsInstalled).toBe(1)
    // What it now holds survives: log, state and vote were replaced together.
    const store = world.crash(away.node.peer)
    const journal = new Journal()
    const again = await world.add(away.node.peer, store).open('/raft/a', three, { journal, snapshots: tight })
    await world.until(() => again.journal.commands.at(-1) === 'after')
    expect(journal.commands).toEqual(leader.journal.commands)
  })

  it('gets one that is taken for it, where the newest is older than the log', async () => {
    const world = await World.group(three, { snapshots: tight })
    const { leader, away } = await lagging(world)
    await world.propose('more')
    await world.settle(leader.handle.snapshot())
    world.wire.rejoin(away.node.peer)
    await world.until(() => away.journal.commands.at(-1) === 'more')
    expect(away.journal.commands).toEqual(leader.journal.commands)
  })

  it('resumes a broken transfer at the chunk it stopped at', async () => {
    const world = await World.group(three, { snapshots: tight })
    const { leader, away } = await lagging(world, 1_500_000)
    const sent: number[] = []
    let breaks = 3
    world.wire.onChunk = ({ seq }) => {
      if (breaks > 0 && seq === 4 - breaks) {
        breaks--
        throw new Error('the stream broke')
      }
      sent.push(seq)
    }
    world.wire.rejoin(away.node.peer)
    await world.until(() => away.handle.stats().snapshotsInstalled === 1)
    expect(breaks).toBe(0)
    expect(sent.length).toBeGreaterThan(4)
    expect(sent).toEqual(sent.map((_, i) => i))
    expect(away.journal.commands).toEqual(leader.journal.commands)
  })

  it('resumes even after a restart of the receiver', async () => {
    const world = await World.group(three, { snapshots: tight })
    const { leader, away } = await lagging(world, 1_500_000)
    const sent: number[] = []
    let broken = false
    world.wire.onChunk = ({ seq }) => {
      if (!broken && seq === 3) {
        broken = true
        throw new Error('the stream broke')
      }
      sent.push(seq)
    }
    world.wire.rejoin(away.node.peer)
    await world.until(() => broken)
    const store = world.crash(away.node.peer)
    const again = await world.add(away.node.peer, store).open('/raft/a', three, { journal: new Journal(), snapshots: tight })
    await world.until(() => again.handle.stats().snapshotsInstalled === 1)
    expect(sent).toEqual(sent.map((_, i) => i))
    expect(again.journal.commands).toEqual(leader.journal.commands)
  })

  it('never has a snapshot installed in the middle of an apply', async () => {
    const world = await World.group(three, { snapshots: tight })
    const leader = await world.leader()
    const [away] = world.followers()
    let go = (): void => {}
    away.journal.gate = async () => { await new Promise<void>(resolve => { go = resolve }) }
    await world.propose('slow')
    await world.until(() => away.journal.calls.at(-1) === 'apply')
    world.wire.isolate(away.node.peer)
    for (let i = 0; i < 5; i++) await world.propose(`missed ${i}`)
    await world.settle(leader.handle.snapshot())
    world.wire.rejoin(away.node.peer)
    await world.until(() => world.node(leader.node.peer).network.snapshotsOffered > 0)
    await world.pass(500)
    expect(away.journal.calls.at(-1)).toBe('apply')
    expect(away.handle.stats().snapshotsInstalled).toBe(0)
    away.journal.gate = undefined
    go()
    await world.propose('after')
    await world.until(() => away.journal.commands.at(-1) === 'after')
    const calls = away.journal.calls
    expect(calls.slice(calls.indexOf('restore') - 1, calls.indexOf('restore') + 2)).toEqual(['applied', 'restore', `restored ${leader.handle.status().firstIndex - 1}`])
    expect(away.journal.commands).toEqual(leader.journal.commands)
  })

  it('is not held up by another whose transfer hangs', async () => {
    const world = await World.group(['a', 'b', 'c', 'd', 'e'], { snapshots: tight })
    const leader = await world.leader()
    const [stuck, fine] = world.followers()
    for (const { node } of [stuck, fine]) world.wire.isolate(node.peer)
    for (let i = 0; i < 10; i++) await world.propose(`missed ${i}`)
    await world.settle(leader.handle.snapshot())
    let go = (): void => {}
    const hang = new Promise<void>(resolve => { go = resolve })
    world.wire.onChunk = async (_, to) => { if (to === stuck.node.peer) await hang }
    for (const { node } of [stuck, fine]) world.wire.rejoin(node.peer)
    await world.propose('meanwhile')
    await world.until(() => fine.journal.commands.at(-1) === 'meanwhile')
    expect(stuck.handle.stats().snapshotsInstalled).toBe(0)
    go()
    await world.until(() => stuck.journal.commands.at(-1) === 'meanwhile')
    expect(stuck.journal.commands).toEqual(leader.journal.commands)
  })

  it('answers a write of its own that the snapshot covers as unknown', async () => {
    const world = await World.group(three, { snapshots: tight })
    const old = await world.leader()
    world.wire.isolate(old.node.peer, { quietly: true })
    let outcome: unknown
    old.handle.propose([command('mine')]).catch((error: unknown) => { outcome = error })
    const next = await world.until(() => world.followers().length === 3 ? undefined : [...world.nodes.values()].map(node => node.member()).find(m => m !== old && m.handle.status().termCommitted))
    for (let i = 0; i < 5; i++) await world.settle(next.handle.propose([command(`theirs ${i}`)]))
    await world.settle(next.handle.snapshot())
    world.wire.rejoin(old.node.peer)
    await world.until(() => outcome)
    expect(outcome).toMatchObject({ name: 'UnknownOutcomeError', outcome: 'unknown' })
    await world.until(() => old.journal.commands.length === 5)
  })

  it('keeps its own state where the received one cannot be restored, and takes the next one', async () => {
    const world = await World.group(three, { snapshots: tight })
    const { leader, away } = await lagging(world)
    const { handler } = away.node.network
    if (handler === undefined) throw new Error('no handler')
    let tries = 0
    const received = handler.onSnapshotReceived
    handler.onSnapshotReceived = async offer => {
      if (++tries === 1) throw new Error('the stream broke at the very end')
      await received(offer)
    }
    world.wire.rejoin(away.node.peer)
    await world.until(() => away.handle.stats().snapshotsInstalled === 1)
    expect(tries).toBe(2)
    expect(away.journal.commands).toEqual(leader.journal.commands)
    expect(world.clock.now()).toBeLessThan(1_000 + 100 * timings.electionMs)
  })

  it('stands for no election while it closes, however long that takes', async () => {
    const world = await World.group(three, { snapshots: tight })
    const [follower] = world.followers()
    world.crash(follower.node.peer)
    for (let i = 0; i < 5; i++) await world.propose(`missed ${i}`)
    await world.settle((await world.leader()).handle.snapshot())
    class Slow extends MachineAdapter {
      go = (): void => {}
      preparing = false
      override async prepareRestore (...args: Parameters<MachineAdapter['prepareRestore']>): ReturnType<MachineAdapter['prepareRestore']> {
        this.preparing = true
        await new Promise<void>(resolve => { this.go = resolve })
        return await super.prepareRestore(...args)
      }
    }
    const hosted = new Slow(new Journal())
    const again = await world.add(follower.node.peer, undefined).open('/raft/a', three, { hosted, snapshots: tight })
    await world.until(() => hosted.preparing)
    const since = world.wire.frames.length
    const closed = again.handle.close()
    world.wire.isolate(follower.node.peer, { quietly: true })
    await world.pass(10 * timings.electionMs)
    hosted.go()
    await world.settle(closed)
    expect(world.said(follower.node.peer, since).filter(m => m.type === 'pre-vote' || m.type === 'vote')).toEqual([])
  })

  it('closing while a snapshot arrives leaves nothing behind that a restart trips over', async () => {
    const world = await World.group(three, { snapshots: tight })
    const { leader, away } = await lagging(world, 600_000)
    let chunks = 0
    world.wire.onChunk = () => { chunks++ }
    world.wire.rejoin(away.node.peer)
    await world.until(() => chunks > 1)
    await world.settle(away.handle.close())
    const store = world.crash(away.node.peer)
    const again = await world.add(away.node.peer, store).open('/raft/a', three, { journal: new Journal(), snapshots: tight })
    await world.until(() => again.journal.commands.length === leader.journal.commands.length)
    expect(again.journal.commands).toEqual(leader.journal.commands)
  })
})
