import { describe, expect, it } from 'vitest'
import { ApplyQueue } from '../../src/engine/apply-queue.js'
import { Fifo } from '../../src/engine/fifo.js'
import { GroupEventQueue } from '../../src/engine/group-events.js'
import { GroupMembers } from '../../src/engine/group-members.js'
import { Inbox } from '../../src/engine/inbox.js'
import { tickPlan } from '../../src/engine/options.js'
import { Peers } from '../../src/engine/peers.js'
import { Ticker } from '../../src/engine/ticker.js'
import { defer } from '../../src/engine/deferred.js'
import { entry } from './support/proposals.js'
import { SimClock } from './support/sim-clock.js'
import type { PossibleMembers } from '../../src/engine/group-members.js'
import type { HostedMachine } from '../../src/machine/types.js'
import type { Configuration, Entry, Message } from '../../src/raft/types.js'
import type { Network } from '../../src/wire/types.js'

const possible = (index: number, ...members: string[]): PossibleMembers => ({ index, members: new Set(members) })
const configuration = (...voters: string[]): Configuration => ({ voters, outgoing: [], learners: [], learnersNext: [] })
const settle = async (): Promise<void> => { await new Promise(resolve => { setImmediate(resolve) }) }

describe('a fifo', () => {
  it('keeps the order over any mix of pushes and shifts', () => {
    const fifo = new Fifo<number>()
    const model: number[] = []
    let next = 0
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < (round * 7) % 50; i++) {
        fifo.push(next)
        model.push(next++)
      }
      for (let i = 0; i < (round * 11) % 45; i++) expect(fifo.shift()).toBe(model.shift())
      expect([fifo.length, fifo.first, fifo.last]).toEqual([model.length, model[0], model.at(-1)])
    }
    expect(fifo.drain()).toEqual(model)
    expect(fifo.length).toBe(0)
  })
})

describe('the inbox', () => {
  const append = (bytes: number): Message => ({
    type: 'append', from: 'b.1', to: 'a.1', term: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries: [{ ...entry(1, 1), data: new Uint8Array(bytes) }]
  })
  const heartbeat: Message = { type: 'heartbeat', from: 'b.1', to: 'a.1', term: 1, commit: 0, read: 1 }

  it('over its bound drops appends and keeps what keeps the group alive, up to a bound as well', () => {
    const inbox = new Inbox(10)
    for (let i = 0; i < 15; i++) inbox.push(append(1))
    expect([inbox.length, inbox.dropped]).toEqual([10, 5])
    for (let i = 0; i < 50; i++) inbox.push(heartbeat)
    expect([inbox.length, inbox.dropped]).toEqual([40, 25])
  })

  it('bounds bytes, and takes again once they are worked off', () => {
    const inbox = new Inbox(1_000)
    const big = append(40 << 20)
    inbox.push(big)
    inbox.push(big)
    expect([inbox.length, inbox.dropped]).toEqual([1, 1])
    expect(inbox.shift()).toBe(big)
    inbox.push(big)
    expect(inbox.length).toBe(1)
  })
})

describe('events', () => {
  it('are told when the turn is over, and what a listener causes is told after them', () => {
    const events = new GroupEventQueue()
    const told: number[] = []
    events.emitter.addEventListener('applied', ({ detail }) => {
      if (detail === 1) events.push('applied', 3)
      told.push(detail)
    })
    events.push('applied', 1)
    events.push('applied', 2)
    expect(told).toEqual([])
    events.flush()
    expect(told).toEqual([1, 2])
    events.flush()
    expect(told).toEqual([1, 2, 3])
  })
})

describe('the members of a group', () => {
  it('are those of the configuration, without this node, by peer', () => {
    const members = new GroupMembers('a.1', { ...configuration('a.1', 'b.1'), learners: ['b.2', 'c.1'], outgoing: ['a.1', 'd.1'] }, possible(1))
    expect([...members.peers].sort()).toEqual(['b', 'c', 'd'])
    expect(members.at('b')).toEqual(['b.1', 'b.2'])
    expect(members.at('a')).toEqual([])
  })

  it('are those whose messages are taken, in whichever configuration may yet be the one', () => {
    const members = new GroupMembers('a.1', configuration('a.1', 'b.1'), possible(3, 'a.1', 'b.1', 'gone.1'))
    expect(['b.1', 'gone.1', 'b.2', 'x.1'].map(member => members.accepts(member))).toEqual([true, true, false, false])
    expect([...members.peers]).toEqual(['b'])
  })

  it('include those who were vouched for, until what is committed here is as new as that; never without bound', () => {
    const members = new GroupMembers('a.1', configuration(), possible(0))
    expect(members.vouch(['b.1', 'c.1'], 7)).toBe(true)
    expect(members.accepts('b.1')).toBe(true)
    expect([...members.peers]).toEqual(['b', 'c'])
    members.update(configuration('a.1', 'd.1'), possible(6, 'a.1', 'd.1'))
    expect(['b.1', 'd.1'].map(member => members.accepts(member))).toEqual([true, true])
    members.update(configuration('a.1', 'c.1'), possible(7, 'a.1', 'c.1'))
    expect(['b.1', 'c.1', 'd.1'].map(member => members.accepts(member))).toEqual([false, true, false])
    expect([...members.peers]).toEqual(['c'])
    expect(members.vouch(['b.1'], 6)).toBe(false)
    expect(members.accepts('b.1')).toBe(false)
    members.vouch(Array.from({ length: 2_000 }, (_, i) => `x${i}.1`), 8)
    expect(members.peers.size).toBe(1_025)
  })
})

describe('the ticker', () => {
  const recorder = (clock: SimClock): { at: number[], tickDue: () => void } => {
    const at: number[] = []
    return { at, tickDue: () => { at.push(clock.now()) } }
  }
  const run = (clock: SimClock, until: number): void => {
    while ((clock.nextTimer ?? Infinity) <= until) clock.advanceTo(clock.nextTimer as number)
    clock.advanceTo(until)
  }

  it('ticks at the group\'s phase on the grid, without drift', () => {
    const clock = new SimClock()
    const ticker = new Ticker<ReturnType<typeof recorder>>(clock, 5)
    const [one, two] = [recorder(clock), recorder(clock)]
    ticker.add(one, 25, 0)
    ticker.add(two, 25, 0.5)
    run(clock, 1_100)
    expect(one.at).toEqual([1_025, 1_050, 1_075, 1_100])
    expect(two.at).toEqual([1_015, 1_040, 1_065, 1_090])
  })

  it('makes up for no tick that it missed', () => {
    const clock = new SimClock()
    const ticker = new Ticker<ReturnType<typeof recorder>>(clock, 5)
    const one = recorder(clock)
    ticker.add(one, 25, 0)
    clock.stall(1_003)
    run(clock, 2_060)
    expect(one.at).toEqual([2_003, 2_025, 2_050])
  })

  it('forgets who was removed, ticks nobody twice who was added again, and rests when nobody is left', () => {
    const clock = new SimClock()
    const ticker = new Ticker<ReturnType<typeof recorder>>(clock, 5)
    const one = recorder(clock)
    ticker.add(one, 25, 0)
    ticker.remove(one)
    ticker.add(one, 25, 0)
    run(clock, 1_050)
    expect(one.at).toEqual([1_025, 1_050])
    ticker.remove(one)
    run(clock, 2_000)
    expect(one.at).toHaveLength(2)
    expect(clock.nextTimer).toBeUndefined()
  })

  it('has two ticks to a heartbeat, and never less than two heartbeats to an election', () => {
    expect(tickPlan({ heartbeatMs: 50, electionMs: 500, leaseMs: 400 })).toEqual({ tickMs: 25, heartbeatTicks: 2, electionTicks: 20 })
    expect(tickPlan({ heartbeatMs: 50, electionMs: 50, leaseMs: 0 }).electionTicks).toBe(4)
  })
})

describe('peers', () => {
  class FakeGroup {
    readonly told: string[] = []
    constructor (readonly members: Record<string, string[]>, readonly leader: string | undefined) {}
    membersAt (peer: string): string[] { return this.members[peer] ?? [] }
    peerUp (member: string): void { this.told.push(`up ${member}`) }
    peerDown (member: string): void { this.told.push(`down ${member}`) }
  }

  function made (wakeAtOnce: number): { peers: Peers<FakeGroup>, clock: SimClock, sets: string[][] } {
    const sets: string[][] = []
    const clock = new SimClock()
    const network = { setPeers: (peers: ReadonlySet<string>) => { sets.push([...peers].sort()) } } as unknown as Network
    return { peers: new Peers(network, clock, { wakeAtOnce, wakeSpacingMs: 5 }), clock, sets }
  }

  it('are the union over groups, told only when it changes', () => {
    const { peers, sets } = made(8)
    const [one, two] = [new FakeGroup({}, undefined), new FakeGroup({}, undefined)]
    peers.set(one, new Set(['b', 'c']))
    peers.set(two, new Set(['c', 'd']))
    peers.flush()
    peers.set(two, new Set(['c', 'd']))
    peers.flush()
    peers.set(one, new Set(['c']))
    peers.flush()
    peers.set(one, new Set())
    peers.flush()
    peers.set(two, new Set())
    peers.flush()
    expect(sets).toEqual([['b', 'c', 'd'], ['c', 'd'], []])
  })

  it('that die are told to those they led first, a few groups at a time; what comes later waits behind', () => {
    const { peers, clock } = made(2)
    const groups = ['x.1', 'b.1', 'x.1', 'b.1', 'x.1'].map(leader => new FakeGroup({ b: ['b.1'] }, leader))
    for (const group of groups) peers.set(group, new Set(['b']))
    peers.down('b')
    const told = (): string[] => groups.map(group => group.told.join())
    expect(told()).toEqual(['', 'down b.1', '', 'down b.1', ''])
    peers.up('b')
    clock.advanceTo(clock.now() + 5)
    expect(told()).toEqual(['down b.1', 'down b.1', 'down b.1', 'down b.1', ''])
    for (let i = 0; i < 5; i++) clock.advanceTo(clock.now() + 5)
    expect(told()).toEqual(groups.map(() => 'down b.1,up b.1'))
    expect(clock.nextTimer).toBeUndefined()
  })
})

describe('the apply queue', () => {
  interface Made { queue: ApplyQueue, pages: number[][], applied: number[], failures: Error[], mores: () => number }

  function made (apply?: (entries: readonly Entry[]) => Uint8Array[] | Promise<Uint8Array[]>): Made {
    const pages: number[][] = []
    const applied: number[] = []
    const failures: Error[] = []
    let mores = 0
    const machine = {
      apply: (entries: readonly Entry[]) => {
        pages.push([entries[0].index, entries[entries.length - 1].index])
        return apply?.(entries) ?? entries.map(() => new Uint8Array(0))
      }
    } as unknown as HostedMachine
    const queue = new ApplyQueue(machine, 0, { applied: entries => { applied.push(entries[entries.length - 1].index) }, failed: error => { failures.push(error) }, more: () => { mores++ } })
    return { queue, pages, applied, failures, mores: () => mores }
  }
  const range = (from: number, to: number): Entry[] => Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, 1))

  it('applies in order and in pages, and stops when the turn is over', () => {
    const { queue, pages, applied, mores } = made()
    queue.push(range(1, 1_200))
    queue.push(range(1_201, 1_300))
    queue.run(() => true)
    expect(pages).toEqual([[1, 512]])
    expect(mores()).toBe(1)
    queue.run(() => false)
    expect(pages).toEqual([[1, 512], [513, 1_024], [1_025, 1_200], [1_201, 1_300]])
    expect(applied.at(-1)).toBe(1_300)
    expect(queue.idle).toBe(true)
  })

  it('refuses a gap and a repetition', () => {
    const { queue } = made()
    queue.push(range(1, 3))
    expect(() => { queue.push(range(5, 5)) }).toThrow('skipped or repeated')
    expect(() => { queue.push(range(3, 4)) }).toThrow('skipped or repeated')
  })

  it('has one asynchronous apply under way; what wants the state at rest waits for its end', async () => {
    const gate = defer<Uint8Array[]>()
    const { queue, pages, mores } = made(async () => await gate.promise)
    queue.push(range(1, 1))
    queue.push(range(2, 2))
    queue.run(() => false)
    queue.run(() => false)
    expect(pages).toEqual([[1, 1]])
    const applied: number[] = []
    queue.atRest(() => { applied.push(queue.applied) })
    expect(applied).toEqual([])
    gate.resolve([new Uint8Array(0)])
    await settle()
    expect(applied).toEqual([1])
    expect(mores()).toBe(1)
  })

  it('applies nothing while it is paused or a snapshot is being installed, and goes on behind that', () => {
    const { queue, pages } = made()
    queue.pause()
    queue.push(range(1, 2))
    queue.run(() => false)
    expect(pages).toEqual([])
    expect(() => { queue.beginInstall(9) }).toThrow('cannot be installed')
    queue.resume()
    queue.run(() => false)
    queue.beginInstall(9)
    queue.push(range(10, 11))
    queue.run(() => false)
    expect(pages).toEqual([[1, 2]])
    queue.installed(9)
    expect(queue.applied).toBe(9)
    queue.run(() => false)
    expect(pages).toEqual([[1, 2], [10, 11]])
  })

  it('reports a rejection and a wrong number of results, and nothing once it is stopped', async () => {
    const rejecting = made(async () => { throw new Error('no') })
    rejecting.queue.push(range(1, 1))
    rejecting.queue.run(() => false)
    await settle()
    expect(rejecting.failures.map(({ message }) => message)).toEqual(['no'])
    const short = made(() => [])
    short.queue.push(range(1, 1))
    expect(() => { short.queue.run(() => false) }).toThrow('1 entries with 0 results')
    const gate = defer<Uint8Array[]>()
    const stopped = made(async () => await gate.promise)
    stopped.queue.push(range(1, 1))
    stopped.queue.run(() => false)
    stopped.queue.stop()
    gate.reject(new Error('late'))
    await stopped.queue.rest()
    await settle()
    expect([stopped.failures, stopped.applied]).toEqual([[], []])
  })
})
