import { describe, expect, it } from 'vitest'
import { BusyError, NotAuthorizedError, SessionExpiredError, UnknownOutcomeError } from '../../src/errors.js'
import { encodeOnce, encodeOpen, ExactlyOnce } from '../../src/machine/exactly-once.js'
import { MachineAdapter } from '../../src/machine/machine-adapter.js'
import { once } from '../../src/recipes/once.js'
import { bytes, collect, random, stream, text } from '../storage/support.js'
import { entry, metaAt } from './support.js'
import type { Command, StateMachine } from '../../src/machine/types.js'

/** Adds numbers up, and answers with the sum: run twice, it shows. */
class Sum implements StateMachine {
  total = 0
  apply (commands: readonly Command[]): Uint8Array[] { return commands.map(({ data }) => bytes(String(this.total += Number(text(data))))) }

  snapshot (): AsyncIterable<Uint8Array> {
    const { total } = this
    return (async function * () { for (const digit of String(total)) yield bytes(digit) })()
  }

  async restore (source: AsyncIterable<Uint8Array>): Promise<void> { this.total = Number(Buffer.concat(await collect(source)).toString()) }
  async reset (): Promise<void> { this.total = 0 }
}

/** A group of one machine. `lose`: the answer to an apply that was run goes missing. */
class Group {
  readonly sum = new Sum()
  machine: ExactlyOnce
  index = 0
  lose: () => boolean | Promise<boolean> = () => false
  readonly log: Uint8Array[] = []

  constructor (options?: { sessions?: number, answers?: number }) { this.machine = new ExactlyOnce(this.sum, options) }

  async apply (data: Uint8Array): Promise<{ index: number, result: Uint8Array }> {
    this.log.push(data)
    const index = ++this.index
    const [result] = await this.machine.apply([{ index, term: 1, time: index, data }])
    if (await this.lose()) throw new UnknownOutcomeError('lost')
    return { index, result }
  }
}

describe('ExactlyOnce', () => {
  it('runs each command once, whatever answers are lost, and gives the answer of that run', async () => {
    const group = new Group()
    const next = random(3)
    group.lose = () => next() < 0.5
    const sessions = [await once(group), await once(group)]
    let expected = 0
    for (let i = 1; i <= 100; i++) {
      expected += i
      expect(text(await sessions[i % 2].apply(bytes(String(i))))).toBe(String(expected))
    }
    expect(group.sum.total).toBe(expected)
    expect(group.index).toBeGreaterThan(150)
  })

  it('remembers in snapshots, and does not run a late copy again', async () => {
    const group = new Group()
    const session = await once(group)
    await session.apply(bytes('5'))
    const copy = group.log.at(-1) as Uint8Array
    await session.apply(bytes('6'))
    const pieces = await collect(group.machine.snapshot())
    const other = new Group()
    for (const size of [1, 1000]) {
      const all = Buffer.concat(pieces)
      await other.machine.restore(stream(...Array.from({ length: Math.ceil(all.length / size) }, (_, i) => new Uint8Array(all.subarray(i * size, (i + 1) * size)))), metaAt(3))
    }
    expect(other.sum.total).toBe(11)
    const before = await other.apply(copy)
    expect(other.sum.total).toBe(11)
    expect(await group.apply(copy)).toMatchObject({ result: before.result })
    expect(Buffer.concat(await collect(other.machine.snapshot()))).toEqual(Buffer.concat(await collect(group.machine.snapshot())))
  })

  it('takes its snapshot between two applies, also of a machine that fixes its state only when the first piece is asked for', async () => {
    class Late extends Sum {
      override async * snapshot (): AsyncGenerator<Uint8Array> { yield bytes(String(this.total)) }
    }
    const late = new Late()
    const adapter = new MachineAdapter(new ExactlyOnce(late))
    const data = [encodeOpen(), ...[1, 2].map(sequence => encodeOnce({ session: 1, sequence, acknowledged: 1, command: bytes('5') }))]
    const apply = async (index: number): Promise<unknown> => await adapter.apply([entry(index, data[index - 1])])
    await apply(1)
    await apply(2)
    const { index, source, close } = await adapter.snapshot()
    await apply(3)
    const other = new Late()
    await new ExactlyOnce(other).restore(source, metaAt(index))
    await close()
    expect([index, other.total, late.total]).toEqual([2, 5, 10])
  })

  it('refuses what belongs to a session that made room for others, and says whether it may have been run before', async () => {
    const group = new Group({ sessions: 2 })
    const [first, second] = [await once(group), await once(group)]
    await first.apply(bytes('1'))
    await once(group)
    await expect(second.apply(bytes('1'))).rejects.toMatchObject({ name: 'SessionExpiredError', outcome: 'refused' })
    group.lose = async () => {
      group.lose = () => false
      await once(group)
      await once(group)
      return true
    }
    const late = first.apply(bytes('1'))
    await expect(late).rejects.toThrow(SessionExpiredError)
    await expect(late).rejects.toMatchObject({ outcome: 'unknown' })
    expect(group.sum.total).toBe(2)
  })

  it('what was never sent holds up nothing behind it; what nobody may ask for any more is not asked for without end', async () => {
    const group = new Group({ answers: 2 })
    const session = await once(group)
    const apply = group.apply.bind(group)
    group.apply = async () => { throw new DOMException('enough', 'AbortError') }
    for (let i = 0; i < 2; i++) await expect(session.apply(bytes('1'))).rejects.toThrow('enough')
    group.apply = apply
    for (let i = 0; i < 5; i++) await session.apply(bytes('1'))
    expect(group.sum.total).toBe(5)
    let tries = 0
    group.lose = () => true
    group.apply = async data => {
      if (tries++ > 0) throw new NotAuthorizedError('not any more')
      return await apply(data)
    }
    await expect(session.apply(bytes('1'))).rejects.toThrow(/may have been run \(not any more\)/)
    expect(tries).toBe(2)
  })

  it('forgets what was given up once a later command is done, and never runs a late copy of it', async () => {
    const group = new Group({ answers: 2 })
    const session = await once(group)
    const apply = group.apply.bind(group)
    let late: Uint8Array | undefined
    group.apply = async data => {
      late = data
      throw new UnknownOutcomeError('lost on its way')
    }
    await expect(session.apply(bytes('100'), { signal: AbortSignal.abort() })).rejects.toThrow(UnknownOutcomeError)
    group.apply = apply
    for (let i = 0; i < 5; i++) await session.apply(bytes('1'))
    expect((await group.apply(late as Uint8Array)).result).toEqual(Uint8Array.of(3))
    expect(group.sum.total).toBe(5)
  })

  it('keeps a bounded number of answers, and refuses what is no command', async () => {
    const group = new Group({ answers: 2 })
    const session = await once(group)
    const apply = group.apply.bind(group)
    const waiting: Array<() => void> = []
    // They are run, and their answers are on their way for long.
    group.apply = async data => {
      const answer = await apply(data)
      await new Promise<void>(resolve => { waiting.push(resolve) })
      return answer
    }
    const slow = [session.apply(bytes('1')), session.apply(bytes('1'))]
    while (waiting.length < 2) await Promise.resolve()
    group.apply = apply
    await expect(session.apply(bytes('1'))).rejects.toThrow(BusyError)
    expect(group.sum.total).toBe(2)
    for (const arrive of waiting) arrive()
    expect((await Promise.all(slow)).map(text)).toEqual(['1', '2'])
    await session.apply(bytes('1'))
    expect(group.sum.total).toBe(3)
    for (const data of [new Uint8Array(0), Uint8Array.of(9), Uint8Array.of(2, 0, 0), Uint8Array.of(1, 1)]) expect((await group.apply(data)).result).toEqual(Uint8Array.of(4))
    expect(() => new ExactlyOnce(Object.assign(new Sum(), { appliedIndex: async () => 0 }))).toThrow('durable state')
    await group.machine.reset()
    expect(group.sum.total).toBe(0)
    await expect(session.apply(bytes('1'))).rejects.toThrow(SessionExpiredError)
  })
})
