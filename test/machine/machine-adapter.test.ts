import { describe, expect, it } from 'vitest'
import { MachineAdapter } from '../../src/machine/machine-adapter.js'
import { bytes, collect, stream } from '../storage/support.js'
import { entry, kvPut, metaAt, noop } from './support.js'
import type { Command, StateMachine } from '../../src/machine/types.js'
import type { Entry } from '../../src/raft/types.js'

class Names implements StateMachine {
  names: string[] = []
  seen: Command[] = []
  closed = 0
  released = false

  apply (commands: readonly Command[]): Uint8Array[] {
    this.seen.push(...commands)
    return commands.map(({ data }) => { this.names.push(new TextDecoder().decode(data)); return bytes(String(this.names.length)) })
  }

  async * snapshot (): AsyncGenerator<Uint8Array> {
    const names = [...this.names]
    try {
      for (const name of names) yield bytes(`${name},`)
    } finally {
      this.released = true
    }
  }

  async restore (source: AsyncIterable<Uint8Array>): Promise<void> {
    this.names = Buffer.concat(await collect(source)).toString().split(',').slice(0, -1)
  }

  async close (): Promise<void> { this.closed++ }
}

const named = (index: number, name: string): Entry => entry(index, bytes(name))
const read = async (source: AsyncIterable<Uint8Array>): Promise<string> => Buffer.concat(await collect(source)).toString()

describe('MachineAdapter', () => {
  it('gives the machine commands alone, with what it may look at, and each entry its answer', async () => {
    const names = new Names()
    const machine = new MachineAdapter(names)
    await machine.open()
    const results = await machine.apply([noop(1), named(2, 'a'), { ...noop(3), kind: 'config' }, named(4, 'b')])
    expect(results.map(result => new TextDecoder().decode(result))).toEqual(['', '1', '', '2'])
    expect(names.seen).toEqual([{ index: 2, term: 1, time: 2, data: bytes('a') }, { index: 4, term: 1, time: 4, data: bytes('b') }])
    expect(await machine.apply([noop(5)])).toHaveLength(1)
    expect(machine.appliedIndex).toBe(5)
  })

  it('snapshots what was applied at the call, though an async generator starts late', async () => {
    const machine = new MachineAdapter(new Names())
    await machine.open()
    await machine.apply([named(1, 'a'), named(2, 'b')])
    const { index, source, close } = await machine.snapshot()
    await machine.apply([named(3, 'c')])
    expect(index).toBe(2)
    expect(await read(source)).toBe('a,b,')
    await close()
  })

  it('counts a snapshot as durable once it was read to the end and closed, and lets go of one that was not', async () => {
    const names = new Names()
    const machine = new MachineAdapter(names)
    await machine.open()
    await machine.apply([named(1, 'a'), named(2, 'b'), named(3, 'c')])
    const unread = await machine.snapshot()
    await unread.close()
    expect(names.released).toBe(true)
    expect(machine.durableIndex).toBe(0)
    const half = await machine.snapshot()
    for await (const piece of half.source) if (piece.length > 0) break
    await half.close()
    expect(machine.durableIndex).toBe(0)
    const whole = await machine.snapshot()
    expect(await read(whole.source)).toBe('a,b,c,')
    await machine.apply([named(4, 'd')])
    expect(machine.durableIndex).toBe(0)
    await whole.close()
    expect(machine.durableIndex).toBe(3)
  })

  it('waits for an apply that is under way before it asks for a snapshot or closes', async () => {
    let release = (): void => {}
    class Slow extends Names {
      override apply (commands: readonly Command[]): never {
        return new Promise<void>(resolve => { release = resolve }).then(() => super.apply(commands)) as never
      }
    }
    const slow = new Slow()
    const machine = new MachineAdapter(slow)
    await machine.open()
    const applied = machine.apply([named(1, 'a')])
    const snapshot = machine.snapshot()
    const closed = machine.close()
    expect(slow.closed).toBe(0)
    release()
    await applied
    const { index, source } = await snapshot
    expect([index, await read(source)]).toEqual([1, 'a,'])
    await closed
    expect(slow.closed).toBe(1)
  })

  it('refuses a machine that answers fewer commands than it was given', async () => {
    const machine = new MachineAdapter(Object.assign(new Names(), { apply: () => [] }))
    await machine.open()
    expect(() => machine.apply([named(1, 'a')])).toThrow('one for each')
    expect(machine.appliedIndex).toBe(0)
  })

  it('passes a throw of the machine on, and claims nothing', async () => {
    const machine = new MachineAdapter(Object.assign(new Names(), { apply: () => { throw new Error('division by zero') } }))
    await machine.open()
    expect(() => machine.apply([named(1, 'a')])).toThrow('division by zero')
    expect(machine.appliedIndex).toBe(0)
  })

  it('restores at open only a machine that is behind the snapshot', async () => {
    const latest = { meta: metaAt(5), source: () => stream('x,y,') }
    const volatile = new Names()
    expect(await new MachineAdapter(volatile).open(latest)).toBe(5)
    expect(volatile.names).toEqual(['x', 'y'])
    for (const [own, expected] of [[3, ['x', 'y']], [5, []], [9, []]] as const) {
      let index: number = own
      const durable = Object.assign(new Names(), { appliedIndex: async () => index })
      const restore = durable.restore.bind(durable)
      durable.restore = async source => { await restore(source); index = 5 }
      const machine = new MachineAdapter(durable)
      expect(await machine.open(latest)).toBe(Math.max(own, 5))
      expect(durable.names).toEqual(expected)
      expect(machine.durableIndex).toBe(Math.max(own, 5))
    }
  })

  it('replaces the state of a machine only when a restore is committed', async () => {
    const names = new Names()
    const machine = new MachineAdapter(names)
    await machine.open()
    await machine.apply([entry(1, kvPut('a', 'b'))])
    const restore = await machine.prepareRestore(stream('x,'), metaAt(7))
    expect(restore.ops).toEqual([])
    expect(machine.appliedIndex).toBe(1)
    await restore.commit()
    expect(names.names).toEqual(['x'])
    expect([machine.appliedIndex, machine.durableIndex]).toEqual([7, 7])
    await machine.apply([named(8, 'y')])
  })
})
