import { describe, expect, it } from 'vitest'
import { Engine } from '../../src/engine/engine.js'
import { Group } from '../../src/engine/group.js'
import { defaultGroupLimits, tickPlan } from '../../src/engine/options.js'
import { MemoryOrderedStore } from '../../src/storage/index.js'
import { Journal } from './support/machine.js'
import { SimClock } from './support/sim-clock.js'
import { SimNetwork, SimWire } from './support/sim-network.js'
import { noSnapshots, timings } from './support/world.js'
import type { Core, Message, RaftStatus, Ready } from '../../src/raft/types.js'
import type { GroupStorage } from '../../src/storage/types.js'

const nothing: Ready = { messages: [], committed: [], reads: [], fetches: [], snapshots: [] }
const heartbeat: Message = { type: 'heartbeat', from: 'b.1', to: 'a.1', term: 1, commit: 0, read: 1 }

/** Remembers in which order it was asked what. */
class FakeCore {
  readonly calls: string[] = []
  readonly id = 'a.1'
  role = 'leader'
  term = 1
  leader = 'a.1'
  commit = 0
  quiesced = false
  next: Ready | undefined
  step (message: Message): void { this.calls.push(message.type) }
  tick (): void { this.calls.push('tick') }
  readIndex (): void { this.calls.push('read') }
  propose (): { ok: true, index: number, term: number } { this.calls.push('propose'); return { ok: true, index: 2, term: 1 } }
  hasReady (): boolean { return this.next !== undefined }
  ready (): Ready {
    this.calls.push('ready')
    const ready = this.next ?? nothing
    this.next = undefined
    return ready
  }

  stored (): void { this.calls.push('stored') }
  stepDown (): void { this.calls.push('step down'); this.role = 'follower' }
  canQuiesce (): boolean { return false }
  possibleMembers (): { index: number, members: Set<string> } { return { index: 1, members: new Set(['a.1', 'b.1']) } }
  status (): RaftStatus { return { configuration: { voters: ['a.1', 'b.1'], outgoing: [], learners: [], learnersNext: [] } } as unknown as RaftStatus }
}

function made (messagesPerTurn = 256): { core: FakeCore, group: Group, engine: Engine, clock: SimClock, wire: SimWire, store: MemoryOrderedStore, release: () => void } {
  let release = (): void => {}
  const held = new Promise<void>(resolve => { release = resolve })
  const clock = new SimClock()
  const wire = new SimWire(clock)
  const store = new MemoryOrderedStore({ beforeWrite: async () => { await held } })
  const engine = new Engine({ clock, store, network: new SimNetwork(wire, 'a'), random: () => 0.5, options: { messagesPerTurn } })
  engine.start()
  const core = new FakeCore()
  const storage = { snapshots: () => [], logBytes: 0, append: (ops: unknown[]) => { ops.push({ type: 'put', key: Uint8Array.of(1), value: Uint8Array.of(1) }) } } as unknown as GroupStorage
  const group = new Group(engine, {
    init: { namespace: '/raft/a', storage, machine: new Journal().hosted(), peerId: 'a', timings, snapshots: noSnapshots },
    clusterId: new Uint8Array(32), core: core as unknown as Core, plan: tickPlan(timings), limits: defaultGroupLimits
  })
  return { core, group, engine, clock, wire, store, release }
}
const frame = (...messages: Message[]): Parameters<Group['accept']>[0] => ({ clusterId: new Uint8Array(32), from: 'b.1', to: 'a.1', messages })

describe('a turn of a group', () => {
  it('steps what has arrived, then proposes and reads, then ticks, then says what is to be done', () => {
    const { core, group, clock } = made()
    group.tickDue()
    void group.reads.add(clock.now(), false, undefined)
    void group.proposals.enqueue([new Uint8Array(1)], undefined)
    group.accept(frame(heartbeat, heartbeat))
    core.next = nothing
    group.work(clock.now())
    expect(core.calls).toEqual(['heartbeat', 'heartbeat', 'propose', 'read', 'tick', 'ready'])
  })

  it('is bounded; a tick waits for what is left of the inbox, but one turn at most', () => {
    const { core, group, clock } = made(2)
    group.accept(frame(...Array.from({ length: 7 }, () => heartbeat)))
    group.tickDue()
    group.work(clock.now())
    expect(core.calls).toEqual(['heartbeat', 'heartbeat'])
    group.work(clock.now())
    expect(core.calls).toEqual(['heartbeat', 'heartbeat', 'heartbeat', 'heartbeat', 'tick'])
  })

  it('several ticks that came due meanwhile are one', () => {
    const { core, group, clock } = made()
    for (let i = 0; i < 5; i++) group.tickDue()
    group.work(clock.now())
    group.work(clock.now())
    expect(core.calls).toEqual(['tick'])
  })

  it('does not tick while the disk stands still for longer than an election timeout, and steps down', async () => {
    const { core, group, clock, engine, release } = made()
    core.next = { ...nothing, write: { entries: [], hardState: { term: 1, commit: 0 }, mustSync: true, messages: [], ack: { term: 1, lastIndex: 0, generation: 1 } } }
    group.work(clock.now())
    engine.writes.flush()
    core.calls.length = 0
    clock.stall(timings.electionMs)
    group.tickDue()
    group.work(clock.now())
    expect(core.calls).toEqual(['tick'])
    clock.stall(1)
    for (let i = 0; i < 2; i++) {
      group.tickDue()
      group.work(clock.now())
    }
    expect(core.calls).toEqual(['tick', 'step down'])
    release()
    await new Promise(resolve => { setImmediate(resolve) })
    group.tickDue()
    group.work(clock.now())
    expect(core.calls.at(-1)).toBe('tick')
  })

  it('says one frame to each member, with everything in order', () => {
    const { core, group, clock, wire } = made()
    const to = (member: string, read: number): Message => ({ ...heartbeat, from: 'a.1', to: member, read })
    core.next = { ...nothing, messages: [to('b.1', 1), to('c.1', 2), to('b.1', 3)] }
    group.work(clock.now())
    expect(wire.frames.map(({ to: member, messages }) => [member, messages.map(m => m.type === 'heartbeat' && m.read)])).toEqual([['b.1', [1, 3]], ['c.1', [2]]])
  })

  it('that throws half way says nothing of what it had gathered', () => {
    const { core, group, clock, wire } = made()
    core.next = { ...nothing, messages: [{ ...heartbeat, from: 'a.1', to: 'b.1' }], committed: [{ index: 99, term: 1, kind: 'noop', time: 0, data: new Uint8Array(0) }] }
    group.work(clock.now())
    expect(group.failure?.message).toContain('skipped or repeated')
    expect(wire.frames).toEqual([])
    group.work(clock.now())
    expect(wire.frames).toEqual([])
  })
})
