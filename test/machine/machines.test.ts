import { KvMachine } from '../../src/machine/kv-machine.js'
import { MachineAdapter } from '../../src/machine/machine-adapter.js'
import { KeyRing } from '../../src/keys/index.js'
import { openGroupStorage } from '../../src/storage/group-storage.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { collect, levelStore, temporaryDirectory } from '../storage/support.js'
import { machineSuite } from './machine.suite.js'
import { ManualTimers, metaAt, pieces } from './support.js'
import type { Bench } from './machine.suite.js'
import type { Command, StateMachine } from '../../src/machine/types.js'

const options = { namespace: '/raft/kv', flushRows: 40, clock: new ManualTimers() }

machineSuite('KvMachine in memory', async () => {
  let store = new MemoryOrderedStore()
  const machine = new KvMachine({ store, ...options })
  await machine.open()
  return {
    machine,
    write: async ops => { await store.batch(ops, { sync: true }) },
    restart: async () => {
      store = store.crash()
      const next = new KvMachine({ store, ...options })
      return { machine: next, index: await next.open() }
    }
  }
})

machineSuite('KvMachine on LevelDB', async () => {
  const path = await temporaryDirectory()
  let store = await levelStore(path)
  const machine = new KvMachine({ store, ...options })
  await machine.open()
  return {
    machine,
    write: async ops => { await store.batch(ops, { sync: true }) },
    restart: async () => {
      await store.close()
      store = await levelStore(path)
      const next = new KvMachine({ store, ...options })
      return { machine: next, index: await next.open() }
    }
  }
})

machineSuite('KvMachine with encryption at rest', async () => {
  let store = new MemoryOrderedStore()
  const open = async (keys: KeyRing): Promise<KvMachine> => {
    const { vault } = await openGroupStorage(store, options.namespace, { keys })
    return new KvMachine({ store, vault, ...options })
  }
  const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const keys = new KeyRing({ keys: [first, second] })
  const machine = await open(keys)
  await machine.open()
  return {
    machine,
    write: async ops => { await store.batch(ops, { sync: true }) },
    restart: async () => {
      store = store.crash()
      // The rewriting goes on while the machine works.
      const next = await open(new KeyRing({ keys: [second, first] }))
      return { machine: next, index: await next.open() }
    }
  }
})

/** A program's machine that keeps nothing: the sum and number of its commands' bytes, and the last time. */
class Tally implements StateMachine {
  sum = 0
  count = 0
  time = 0

  apply (commands: readonly Command[]): Uint8Array[] {
    return commands.map(({ data, time, index }) => {
      for (const byte of data) this.sum = (this.sum * 31 + byte) % 0x7fff_ffff
      this.count++
      this.time = time
      return new TextEncoder().encode(`${index}:${this.sum}`)
    })
  }

  async * snapshot (): AsyncGenerator<Uint8Array> {
    // Copied before the first yield: what follows is read while later commands are applied.
    const parts = [`${this.sum}/`, `${this.count}/`, `${this.time}`]
    for (const part of parts) yield new TextEncoder().encode(part)
  }

  async restore (source: AsyncIterable<Uint8Array>): Promise<void> {
    const parts = Buffer.concat(await collect(source)).toString().split('/')
    ;[this.sum, this.count, this.time] = parts.map(Number)
  }
}

/** The same, answering with a promise. */
class Slow extends Tally {
  override apply (commands: readonly Command[]): never {
    return Promise.resolve().then(() => super.apply(commands)) as never
  }
}

/** The same with a disk of its own, which it writes on every apply. */
class Durable extends Tally {
  constructor (readonly disk: { index: number, state: [number, number, number] } = { index: 0, state: [0, 0, 0] }) {
    super()
    ;[this.sum, this.count, this.time] = disk.state
  }

  override apply (commands: readonly Command[]): Uint8Array[] {
    const results = super.apply(commands)
    this.#keep(commands.at(-1)?.index ?? this.disk.index)
    return results
  }

  override async restore (source: AsyncIterable<Uint8Array>, meta?: { index: number }): Promise<void> {
    await super.restore(source)
    this.#keep(meta?.index ?? 0)
  }

  async appliedIndex (): Promise<number> { return this.disk.index }

  #keep (index: number): void {
    this.disk.index = index
    this.disk.state = [this.sum, this.count, this.time]
  }
}

const adapted = (make: (last?: StateMachine) => StateMachine) => async (): Promise<Bench> => {
  const inner = make()
  const machine = new MachineAdapter(inner)
  await machine.open()
  return {
    machine,
    write: async () => {},
    restart: async saved => {
      const next = new MachineAdapter(make(inner))
      const index = await next.open(saved !== undefined ? { meta: metaAt(saved.index), source: () => pieces(saved.state, 5) } : undefined)
      return { machine: next, index }
    }
  }
}

machineSuite('A program\'s machine', adapted(() => new Tally()))
machineSuite('A program\'s asynchronous machine', adapted(() => new Slow()))
machineSuite('A program\'s machine with a disk of its own', adapted(last => new Durable(last instanceof Durable ? last.disk : undefined)))
