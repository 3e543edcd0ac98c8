import { describe, expect, it } from 'vitest'
import { generator, World } from './world.js'
import type { NodePlan, WorldOptions } from './world.js'

/** Times as many seeds: SOAK=50 npx vitest run test/formation */
const SOAK = Number(process.env.SOAK ?? 1)

const PEERS = ['peerA', 'peerB', 'peerC', 'peerD', 'peerE', 'peerF', 'peerG']

function auto (...starts: number[]): NodePlan[] { return starts.map((startAt, i) => ({ peer: PEERS[i], startAt, policy: 'auto' })) }
function expecting (n: number, ...starts: number[]): NodePlan[] { return starts.map((startAt, i) => ({ peer: PEERS[i], startAt, policy: `expect:${n}`, expect: n })) }

/** Runs until all nodes have an outcome, and a while on (late messages, restarts); fails with the seed and what happened. */
function settle (options: WorldOptions, until = 120_000): World & { settledAt: number } {
  const world = new World(options)
  const done = world.run(until, () => world.settled())
  const at = world.now
  world.run(at + 2_000)
  const ids = world.founded()
  if (!done || ids.size !== 1) {
    throw new Error(`seed ${options.seed}: ${done ? `${ids.size} groups` : 'not settled'} ${JSON.stringify(world.outcomes())}\n${world.log.join('\n')}`)
  }
  return Object.assign(world, { settledAt: at })
}

// Thousands of simulated runs: they take as long as they take on a busy machine.
const options = { timeout: 120_000 * SOAK }

describe('formation: auto', options, () => {
  it('founds one group of all that start at the same time, right after the threshold', () => {
    for (let seed = 1; seed <= 40 * SOAK; seed++) {
      const count = 2 + seed % 4
      const world = settle({ seed, nodes: auto(...Array<number>(count).fill(0)) })
      for (const peer of PEERS.slice(0, count)) expect(world.foundersOf(peer), `seed ${seed}`).toEqual(PEERS.slice(0, count))
      expect(world.settledAt, `seed ${seed}`).toBeGreaterThan(8_000)
      expect(world.settledAt, `seed ${seed}`).toBeLessThan(9_500)
    }
  })

  it('founds one group when starts are staggered within the window, whoever is the oldest, and by the clock of the oldest', () => {
    for (let seed = 1; seed <= 50 * SOAK; seed++) {
      const random = generator(seed * 7)
      const count = 2 + seed % 4
      const starts = Array.from({ length: count }, () => random() * 5_500)
      const world = settle({ seed, nodes: auto(...starts), discovery: [20, 1_000] })
      for (const peer of PEERS.slice(0, count)) expect(world.foundersOf(peer), `seed ${seed}`).toEqual(PEERS.slice(0, count))
      expect(world.settledAt, `seed ${seed}`).toBeLessThan(Math.min(...starts) + 9_500)
    }
  })

  it('lets those that come after the threshold join, whatever their id', () => {
    for (let seed = 1; seed <= 40 * SOAK; seed++) {
      const late = seed % 4
      const starts = [0, 0, 0, 0].map((_, i) => i === late ? 8_001 + (seed * 13) % 4_000 : (seed * 31 * (i + 1)) % 3_000)
      starts[(late + 1) % 4] = 0
      const world = settle({ seed, nodes: auto(...starts), discovery: [20, 1_000] })
      expect(world.outcome(PEERS[late])?.kind, `seed ${seed}`).toBe('join')
      expect(world.foundersOf(PEERS[(late + 1) % 4]), `seed ${seed}`).not.toContain(PEERS[late])
    }
  })

  it('founds one group when its nodes meet only after the threshold: those without the lowest id wait for the others', () => {
    for (let seed = 1; seed <= 40 * SOAK; seed++) {
      const count = 2 + seed % 4
      const world = settle({ seed, nodes: auto(...Array.from({ length: count }, (_, i) => (seed * 37 * i) % 500)), discovery: [8_100, 9_300], latency: [1, 10] })
      expect(world.foundersOf('peerA'), `seed ${seed}`).toEqual(['peerA'])
    }
  })

  it('founds one group of two that formed sets apart, and met before either was founded', () => {
    for (let seed = 1; seed <= 40 * SOAK; seed++) {
      const side = (peer: string): boolean => PEERS.indexOf(peer) % 2 === seed % 2
      const meet = 7_000 + (seed * 53) % 900
      settle({ seed, nodes: auto(0, 0, 0, 0, 0), discovery: [10, 100], latency: [1, 10], reachable: (now, a, b) => side(a) === side(b) || now >= meet })
    }
  })

  it.each<[string, (i: number) => number]>([
    ['simultaneous', () => 0], ['staggered', i => i * 350], ['phased', i => i < 7 ? 0 : i < 14 ? 5_000 : 9_500]
  ])('makes one group of twenty nodes with five founders: %s starts', (_name, startAt) => {
    for (let seed = 1; seed <= SOAK; seed++) {
      const nodes = Array.from({ length: 20 }, (_, i) => ({ peer: `peer${String((i * 7 + seed) % 20).padStart(2, '0')}`, startAt: startAt(i), policy: 'auto', maxFounders: 5 }))
      const world = settle({ seed, nodes, discovery: [50, 3_000] })
      expect(nodes.filter(({ peer }) => world.outcome(peer)?.kind === 'founded'), `seed ${seed}`).toHaveLength(5)
    }
  })

  it('founds a group of one when no peer is in sight for the whole phase', () => {
    const world = settle({ seed: 1, nodes: auto(0) })
    expect(world.foundersOf('peerA')).toEqual(['peerA'])
    expect(world.settledAt).toBeGreaterThanOrEqual(10_000)
    expect(world.settledAt).toBeLessThan(10_500)
  })

  it('founds one group with loss, duplication and delay', () => {
    for (let seed = 1; seed <= 50 * SOAK; seed++) {
      const random = generator(seed * 11)
      const count = 2 + seed % 4
      settle({ seed, nodes: auto(...Array.from({ length: count }, () => random() * 12_000)), loss: 0.1 * random(), duplicate: 0.2, latency: [1, 20 + random() * 300] })
    }
  })

  it('founds one group when nodes crash at any write and come back soon', () => {
    let crashes = 0
    for (let seed = 1; seed <= 120 * SOAK; seed++) {
      const random = generator(seed * 17)
      const count = 2 + seed % 4
      const world = settle({ seed, nodes: auto(...Array.from({ length: count }, () => random() * 10_000)), crash: 0.3, duplicate: 0.1, down: [10, 2_000] }, 200_000)
      crashes += world.crashes
    }
    expect(crashes).toBeGreaterThan(100)
  })

  it('goes on without a founder that is lost for good before it has promised', () => {
    for (let seed = 1; seed <= 50 * SOAK; seed++) {
      const world = new World({ seed, nodes: auto(0, 0, 0) })
      const lost = PEERS[seed % 3]
      world.at(7_950 + (seed * 37) % 700, () => { world.stop(lost) })
      const rest = PEERS.slice(0, 3).filter(peer => peer !== lost)
      expect(world.run(60_000, () => rest.every(peer => world.outcome(peer) !== undefined)), `seed ${seed}`).toBe(true)
      expect(new Set(rest.map(peer => world.outcomes()[peer])).size, `seed ${seed}`).toBe(1)
    }
  })
})

describe('formation: expect', options, () => {
  it('founds as soon as all n are there, without waiting for the timeout', () => {
    for (let seed = 1; seed <= 50 * SOAK; seed++) {
      const world = settle({ seed, nodes: expecting(3, 0, 0, 0), discovery: [20, 300] })
      for (const peer of PEERS.slice(0, 3)) expect(world.foundersOf(peer), `seed ${seed}`).toEqual(PEERS.slice(0, 3))
      expect(world.settledAt, `seed ${seed}`).toBeLessThan(2_500)
    }
  })

  it('founds one group of the first n, with many more than 2n nodes in sight of each other', () => {
    for (let seed = 1; seed <= 40 * SOAK; seed++) {
      const random = generator(seed * 5)
      const n = 2 + seed % 2
      const world = settle({ seed, nodes: expecting(n, ...Array.from({ length: 7 }, () => random() * 100)), discovery: [10, 150], latency: [1, 60] })
      expect(PEERS.map(peer => world.foundersOf(peer)).filter(f => f.length > 0), `seed ${seed}`).toHaveLength(n)
    }
  })

  it('waits, whatever the timeout, until there are n', () => {
    const world = new World({ seed: 3, nodes: expecting(3, 0, 0, 60_000) })
    expect(world.run(59_999, () => world.founded().size > 0)).toBe(false)
    expect(world.run(64_000, () => world.settled())).toBe(true)
    expect(world.founded().size).toBe(1)
  })

  it('never founds two groups of fewer than 2n fresh nodes: any start, loss, duplicates, crashes, partitions', () => {
    let settled = 0
    let crashes = 0
    for (let seed = 1; seed <= 200 * SOAK; seed++) {
      const random = generator(seed * 23)
      const n = 2 + seed % 2
      const count = n + Math.floor(random() * n) // n … 2n - 1
      const cutUntil = random() < 0.5 ? random() * 30_000 : 0
      const side = new Map(PEERS.map(peer => [peer, random() < 0.5]))
      const world = new World({
        seed, nodes: expecting(n, ...Array.from({ length: count }, () => random() * 15_000)), loss: 0.2 * random(), duplicate: 0.2, crash: 0.3, down: [10, 20_000],
        latency: [1, 10 + random() * 500], reachable: (now, a, b) => now >= cutUntil || side.get(a) === side.get(b)
      })
      if (world.run(200_000, () => world.settled())) settled++
      world.run(world.now + 5_000)
      crashes += world.crashes
      expect(world.founded().size, `seed ${seed}\n${world.log.join('\n')}`).toBeLessThanOrEqual(1)
      const founders = PEERS.slice(0, count).map(peer => world.foundersOf(peer)).filter(f => f.length > 0)
      for (const f of founders) expect(f.length, `seed ${seed}`).toBe(n)
    }
    expect(crashes).toBeGreaterThan(100)
    expect(settled).toBe(200 * SOAK)
  })
})
