import { describe, expect, it, vi } from 'vitest'
import { Journal } from './support/machine.js'
import { command, noSnapshots, seeded, World } from './support/world.js'
import type { Member, Node } from './support/world.js'
import type * as Zlib from 'node:zlib'

vi.mock('node:zlib', async load => {
  const zlib = await load<typeof Zlib>()
  type Done = (error: Error | null, result?: Buffer) => void
  const now = (work: (data: Uint8Array, options: object) => Buffer) => (data: Uint8Array, options: object, done: Done): void => { done(null, work(data, options)) }
  return { ...zlib, deflateRaw: now(zlib.deflateRawSync), inflateRaw: now(zlib.inflateRawSync) }
})

const peers = ['a', 'b', 'c']
const namespaces = ['/raft/a', '/raft/b']
const snapshots = { ...noSnapshots, trailing: 2 }

interface Fate { readonly acknowledged: Set<string>, readonly refused: Set<string>, readonly waiting: Map<string, Node> }

/** Writes, crashes that lose what was not synced, partitions (seen and unseen), lost frames, slow disks, snapshots, transfers; then peace. */
async function live (seed: number): Promise<{ world: World, fates: Map<string, Fate> }> {
  const random = seeded(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]
  const world = new World(seed)
  const fates = new Map<string, Fate>(namespaces.map(namespace => [namespace, { acknowledged: new Set(), refused: new Set(), waiting: new Map() }]))
  const open = async (peer: string): Promise<void> => {
    for (const namespace of namespaces) await world.node(peer).open(namespace, peers, { journal: new Journal(), snapshots })
  }
  for (const peer of peers) world.add(peer)
  for (const peer of peers) await open(peer)
  world.wire.loses = () => random() < 0.02
  const down = new Map<string, ReturnType<World['crash']>>()
  const members = (): Member[] => [...world.nodes.values()].flatMap(node => [...node.members.values()])
  let next = 0
  for (let event = 0; event < 120; event++) {
    await world.pass(random() * 60)
    const dice = random()
    if (dice < 0.6) {
      const leader = members().find(({ handle }) => handle.status().role === 'leader' && random() < 0.7)
      const fate = leader === undefined ? undefined : fates.get(leader.handle.namespace)
      const text = `w${next++}`
      if (leader !== undefined) fate?.waiting.set(text, leader.node)
      leader?.handle.propose([command(text)]).then(
        () => { fate?.acknowledged.add(text) },
        (error: { outcome?: string }) => { if (error.outcome === 'refused') fate?.refused.add(text) }).finally(() => { fate?.waiting.delete(text) })
    } else if (dice < 0.68 && down.size === 0) {
      const peer = pick(peers)
      down.set(peer, world.crash(peer, Math.floor(random() * 3)))
    } else if (dice < 0.78) {
      for (const [peer, store] of down) {
        world.add(peer, store)
        await open(peer)
      }
      down.clear()
    } else if (dice < 0.84) {
      world.wire.isolate(pick(peers), { quietly: random() < 0.5 })
    } else if (dice < 0.9) {
      for (const peer of peers) world.wire.rejoin(peer)
    } else if (dice < 0.94) {
      const { disk } = [...world.nodes.values()][0]
      disk.hold()
      await world.pass(random() * 900)
      disk.release()
    } else if (dice < 0.98) {
      pick(members()).handle.snapshot().catch(() => {})
    } else {
      pick(members()).handle.transfer().catch(() => {})
    }
  }
  world.wire.loses = () => false
  for (const peer of peers) world.wire.rejoin(peer)
  for (const [peer, store] of down) {
    world.add(peer, store)
    await open(peer)
  }
  return { world, fates }
}

/** A last write, begun again where a leader that was just falling refused it. */
async function theEnd (world: World, namespace: string): Promise<void> {
  for (;;) {
    try {
      await world.propose('the end', namespace)
      return
    } catch (error) {
      if ((error as { outcome?: string }).outcome !== 'refused') throw error
      await world.pass(20)
    }
  }
}

describe('nodes that live through everything', () => {
  const from = Number(process.env.ENGINE_CHAOS_SEED ?? 1)
  const seeds = Array.from({ length: Number(process.env.ENGINE_CHAOS_SEEDS ?? 12) }, (_, i) => from + i)

  it.each(seeds)('end with the same state, which holds all that was acknowledged and nothing that was refused (seed %i)', { timeout: 60_000 }, async seed => {
    const { world, fates } = await live(seed)
    for (const namespace of namespaces) {
      const members = peers.map(peer => world.node(peer).member(namespace))
      for (const { handle } of members) expect(handle.failure?.stack).toBeUndefined()
      await theEnd(world, namespace)
      await world.until(() => members.every(({ journal }) => journal.commands.at(-1) === 'the end'), 'all members catching up')
      const [first, ...others] = members.map(({ journal }) => journal.commands)
      for (const other of others) expect(other).toEqual(first)
      expect(new Set(first).size).toBe(first.length)
      const { acknowledged, refused, waiting } = fates.get(namespace) as Fate
      expect([...acknowledged].filter(text => !first.includes(text))).toEqual([])
      expect([...refused].filter(text => first.includes(text))).toEqual([])
      // Only a process that died leaves a caller without an answer.
      expect([...waiting].filter(([, node]) => world.nodes.get(node.peer) === node).map(([text]) => text)).toEqual([])
    }
    for (const { failure } of world.nodes.values()) expect(failure).toBeUndefined()
  })
})
