import { describe, expect, it } from 'vitest'
import { BusyError, InvalidArgumentError, SessionExpiredError, UnknownOutcomeError } from '../../src/errors.js'
import { encodeOnce, encodeOpen, ExactlyOnce } from '../../src/machine/exactly-once.js'
import { MachineAdapter } from '../../src/machine/machine-adapter.js'
import { once } from '../../src/recipes/once.js'
import { HastyClock, Sum, SumGroup } from '../recipes/support/sum-group.js'
import { bytes, collect, random, stream, text } from '../storage/support.js'
import { entry, metaAt } from './support.js'
import type { StateMachine } from '../../src/machine/types.js'

const clock = new HastyClock()
const SECRET = bytes('sixteen bytes ..')

const EXPIRED = Uint8Array.of(1)
const FORGOTTEN = Uint8Array.of(3)
const MALFORMED = Uint8Array.of(4)

describe('ExactlyOnce', () => {
  it('runs each command once, whatever answers are lost, and gives the answer of that run', async () => {
    const group = new SumGroup()
    const next = random(3)
    group.lose = () => next() < 0.5
    const sessions = [await once(group, { clock }), await once(group, { clock })]
    let expected = 0
    for (let i = 1; i <= 100; i++) {
      expected += i
      expect(text(await sessions[i % 2].apply(bytes(String(i))))).toBe(String(expected))
    }
    expect(group.sum.total).toBe(expected)
    expect(group.index).toBeGreaterThan(150)
  })

  it('remembers in snapshots, and does not run a late copy again', async () => {
    const group = new SumGroup()
    const session = await once(group)
    await session.apply(bytes('5'))
    const copy = group.log.at(-1) as Uint8Array
    await session.apply(bytes('6'))
    const pieces = await collect(group.machine.snapshot())
    const other = new SumGroup()
    for (const size of [1, 1000]) {
      const all = Buffer.concat(pieces)
      await other.machine.restore(stream(...Array.from({ length: Math.ceil(all.length / size) }, (_, i) => new Uint8Array(all.subarray(i * size, (i + 1) * size)))), metaAt(3))
    }
    expect(other.sum.total).toBe(11)
    const before = await other.apply(copy)
    expect(other.sum.total).toBe(11)
    expect(await group.apply(copy)).toMatchObject({ result: before.result })
    expect(Buffer.concat(await collect(other.machine.snapshot()))).toEqual(Buffer.concat(await collect(group.machine.snapshot())))
    // It knows the session's secret, too.
    other.index = 100
    group.apply = other.apply.bind(other)
    expect(text(await session.apply(bytes('7')))).toBe('18')
  })

  it('takes its snapshot between two applies, also of a machine that fixes its state only when the first piece is asked for', async () => {
    class Late extends Sum {
      override async * snapshot (): AsyncGenerator<Uint8Array> { yield bytes(String(this.total)) }
    }
    const late = new Late()
    const adapter = new MachineAdapter(new ExactlyOnce(late))
    const data = [encodeOpen(SECRET), ...[1, 2].map(sequence => encodeOnce({ session: 1, secret: SECRET, sequence, acknowledged: 1, command: bytes('5') }))]
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
    const group = new SumGroup({ sessions: 2 })
    const [first, second] = [await once(group, { clock }), await once(group)]
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

  it('forgets what was given up once a later command is done, and never runs a late copy of it', async () => {
    const group = new SumGroup({ answers: 2 })
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
    expect((await group.apply(late as Uint8Array)).result).toEqual(FORGOTTEN)
    expect(group.sum.total).toBe(5)
  })

  it('keeps a bounded number of answers, and refuses what is no command', async () => {
    const group = new SumGroup({ answers: 2 })
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
    for (const data of [new Uint8Array(0), Uint8Array.of(9), Uint8Array.of(2, 0, 0), Uint8Array.of(1), Uint8Array.of(1, 1)]) expect((await group.apply(data)).result).toEqual(MALFORMED)
    expect(() => new ExactlyOnce(Object.assign(new Sum(), { appliedIndex: async () => 0 }))).toThrow('durable state')
    for (const options of [{ sessions: NaN }, { answers: 0 }]) expect(() => new ExactlyOnce(new Sum(), options)).toThrow(InvalidArgumentError)
  })
})

describe('a session that somebody else writes in', () => {
  it('goes on as if nobody had', async () => {
    const group = new SumGroup({ sessions: 2 })
    const [session, other] = [await once(group), await once(group)]
    const forged = async (sequence: number, acknowledged: number): Promise<Uint8Array> =>
      (await group.apply(encodeOnce({ session: session.id, secret: SECRET, sequence, acknowledged, command: bytes('100') }))).result
    expect(await forged(1, 1)).toEqual(EXPIRED)
    expect(await forged(1_000_000, 1_000_000)).toEqual(EXPIRED)
    expect(text(await session.apply(bytes('5')))).toBe('5')
    // Nor does it count as a sign of life.
    await other.apply(bytes('1'))
    await forged(2, 1)
    await once(group)
    await expect(session.apply(bytes('1'))).rejects.toThrow(SessionExpiredError)
    expect(group.sum.total).toBe(6)
  })

  it('is not told by its holder that what is yet to come was answered', async () => {
    const group = new SumGroup()
    await group.apply(encodeOpen(SECRET))
    const apply = async (sequence: number, acknowledged: number): Promise<Uint8Array> =>
      (await group.apply(encodeOnce({ session: 1, secret: SECRET, sequence, acknowledged, command: bytes('5') }))).result
    expect(await apply(1, 2)).toEqual(MALFORMED)
    expect(await apply(1, 1)).toEqual(bytes('\x005'))
  })
})

describe('reset of ExactlyOnce', () => {
  it('clears the machine and its sessions', async () => {
    const group = new SumGroup()
    const machine = new ExactlyOnce(Object.assign(group.sum, { reset: async () => { group.sum.total = 0 } }))
    group.apply = async data => ({ index: 1, result: (await machine.apply([{ index: 1, term: 1, time: 1, data }]))[0] })
    const session = await once(group)
    await session.apply(bytes('1'))
    await machine.reset?.()
    expect(group.sum.total).toBe(0)
    await expect(session.apply(bytes('1'))).rejects.toThrow(SessionExpiredError)
  })

  it('is not there where the machine has none: its host looks for it to know whether a removed member may come back', () => {
    const machine: StateMachine = new ExactlyOnce(new Sum())
    expect(machine.reset).toBeUndefined()
  })
})
