import { describe, expect, it } from 'vitest'
import { command, timings, World } from './support/world.js'

const three = ['a', 'b', 'c']
const HOUR = 3_600_000
const terms = (world: World): number[] => [...world.nodes.values()].map(node => node.member().handle.status().term)

describe('time', () => {
  it('a pause of one process for many election timeouts elects nobody', async () => {
    const world = await World.group(three)
    await world.pass(500)
    const before = terms(world)
    const leader = await world.leader()
    for (let i = 0; i < 20; i++) {
      world.clock.stall(10 * timings.electionMs)
      await world.pass(timings.heartbeatMs * 2)
    }
    expect(terms(world)).toEqual(before)
    expect((await world.leader()).handle.self).toBe(leader.handle.self)
  })
})

describe('a quiet group', () => {
  it('sends nothing, writes nothing and ticks nowhere, for as long as nothing happens', async () => {
    const world = await World.group(three)
    await world.propose('x')
    await world.until(() => [...world.nodes.values()].every(({ engine }) => engine.stats().ticking === 0), 'everybody going quiet')
    const frames = world.wire.frames.length
    const batches = [...world.nodes.values()].map(({ disk }) => disk.batches.length)
    await world.pass(HOUR)
    expect(world.wire.frames.length).toBe(frames)
    expect([...world.nodes.values()].map(({ disk }) => disk.batches.length)).toEqual(batches)
    expect(world.clock.nextTimer).toBeUndefined()
  })

  it('wakes for a write, and for a read on a follower', async () => {
    const world = await World.group(three)
    await world.until(() => [...world.nodes.values()].every(({ engine }) => engine.stats().ticking === 0))
    await world.pass(HOUR)
    const before = terms(world)
    await world.propose('x')
    await world.until(() => [...world.nodes.values()].every(({ engine }) => engine.stats().ticking === 0))
    await world.pass(HOUR)
    const [follower] = world.followers()
    expect(await world.settle(follower.handle.readIndex())).toBe(3)
    expect(terms(world)).toEqual(before)
  })

  it('wakes when the node of its leader dies', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    await world.until(() => [...world.nodes.values()].every(({ engine }) => engine.stats().ticking === 0))
    await world.pass(HOUR)
    const died = world.clock.now()
    world.crash(leader.node.peer)
    await world.leader()
    expect(world.clock.now() - died).toBeLessThan(timings.electionMs)
  })

  it('does not go quiet while a member is away', async () => {
    const world = await World.group(three)
    const [follower] = world.followers()
    world.crash(follower.node.peer)
    await world.pass(10 * timings.electionMs)
    expect((await world.leader()).node.engine.stats().ticking).toBe(1)
  })
})

describe('many groups', { timeout: 60_000 }, () => {
  const spaces = (count: number): string[] => Array.from({ length: count }, (_, i) => `/raft/g${i}`)

  it('a flood on one does not starve the others', async () => {
    const world = new World()
    const node = world.add('a', undefined, { turnMs: 2 })
    for (const namespace of spaces(200)) await node.open(namespace, ['a'])
    for (const namespace of spaces(200)) await world.leader(namespace)
    world.clock.costPerLook = 0.05
    const flooded = node.member('/raft/g0')
    const flood = Promise.all(Array.from({ length: 6_000 }, async (_, i) => await flooded.handle.propose([command(`flood ${i}`)])))
    const answeredBefore: number[] = []
    const others = spaces(200).slice(1).map(async namespace => {
      await node.member(namespace).handle.propose([command('x')])
      answeredBefore.push(flooded.journal.commands.length)
    })
    await world.settle(Promise.all(others))
    // All the others were answered while the flood was still being worked off.
    expect(answeredBefore).toHaveLength(199)
    expect(Math.max(...answeredBefore)).toBeLessThan(6_000)
    await world.settle(flood)
    expect(flooded.journal.commands).toHaveLength(6_000)
  })

  it('on one pair of nodes commit together: syncs do not grow with the number of groups', async () => {
    const world = new World()
    const nodes = three.map(peer => world.add(peer))
    for (const namespace of spaces(60)) for (const node of nodes) await node.open(namespace, three)
    for (const namespace of spaces(60)) await world.leader(namespace)
    // All led by one node, so that all commit through the same three disks.
    const a = nodes[0]
    for (const namespace of spaces(60)) {
      const leader = await world.leader(namespace)
      if (leader.node !== a) await world.settle(leader.handle.transfer(a.member(namespace).handle.self))
    }
    await world.pass(300)
    const before = nodes.map(({ disk }) => disk.batches.length)
    await world.settle(Promise.all(spaces(60).map(async namespace => await a.member(namespace).handle.propose([command('x')]))))
    const syncs = nodes.map(({ disk }, i) => disk.batches.slice(before[i]).filter(({ sync }) => sync).length)
    for (const count of syncs) expect(count).toBeLessThanOrEqual(3)
  })

  it('that lose one leader do not all campaign at once, and all find another', async () => {
    const world = new World()
    const nodes = three.map(peer => world.add(peer, undefined, { wakeAtOnce: 8, wakeSpacingMs: 5 }))
    for (const namespace of spaces(60)) for (const node of nodes) await node.open(namespace, three)
    const a = nodes[0]
    for (const namespace of spaces(60)) {
      const leader = await world.leader(namespace)
      if (leader.node !== a) await world.settle(leader.handle.transfer(a.member(namespace).handle.self))
    }
    await world.until(() => nodes.every(({ engine }) => engine.stats().ticking === 0))
    const mourning = (): number => [...world.node('b').members.values()].filter(({ handle }) => handle.status().leader === undefined).length
    world.crash('a')
    expect(mourning()).toBe(8)
    await world.pass(5)
    expect(mourning()).toBe(16)
    for (const namespace of spaces(60)) await world.leader(namespace)
  })

  it('tell the network of their peers once a turn, not once a group', async () => {
    const world = new World()
    const node = world.add('a')
    for (const namespace of spaces(50)) await node.open(namespace, three)
    await world.pass(5)
    expect(node.network.setPeersCalls).toBe(1)
    expect([...node.network.peers].sort()).toEqual(['b', 'c'])
  })
})

describe('the ticker', () => {
  it('fires no more often than its grid, whatever the number of groups', async () => {
    const world = new World()
    const node = world.add('a')
    for (let i = 0; i < 300; i++) await node.open(`/raft/g${i}`, three)
    await world.pass(50)
    const turns = node.engine.stats().turns
    await world.pass(1_000)
    // 200 places of 5 ms on the grid; each may need a turn for the tick and one for what it leads to.
    expect(node.engine.stats().turns - turns).toBeLessThanOrEqual(800)
    expect(node.engine.stats().ticking).toBe(300)
  })
})
