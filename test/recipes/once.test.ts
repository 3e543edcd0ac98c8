import { describe, expect, it } from 'vitest'
import { BusyError, GroupFailedError, InvalidArgumentError, NotAuthorizedError, StorePoisonedError, UnavailableError, UnknownNamespaceError, UnknownOutcomeError } from '../../src/errors.js'
import { encodeOnce, encodeOpen, decodeOnceAnswer } from '../../src/machine/exactly-once.js'
import { once } from '../../src/recipes/once.js'
import { ManualClock } from '../service/support/manual-clock.js'
import { bytes, collect, text } from '../storage/support.js'
import { settled } from './support/pending.js'
import { HastyClock, Sum, SumGroup } from './support/sum-group.js'
import type { Applies } from '../../src/recipes/once.js'

/** Fails at once, as a member does that cannot serve. Ends what would else go on without a turn for anybody. */
const failing = (make: () => Error): { apply: Applies['apply'], tries: () => number } => {
  let tries = 0
  return {
    tries: () => tries,
    apply: async () => {
      if (++tries === 1_000) throw new TypeError('it goes on without a pause')
      throw make()
    }
  }
}

/** Runs simulated time until it is done. */
async function run<T> (clock: ManualClock, promise: Promise<T>): Promise<T> {
  while (!await settled(promise)) await clock.advance(100)
  return await promise
}

describe('a command whose answer was lost', () => {
  it('is sent again after a pause, which grows: a member that fails at once must not hold up its process', async () => {
    const [clock, group] = [new ManualClock(), new SumGroup()]
    const session = await once(group, { clock })
    const { apply, tries } = failing(() => new UnknownOutcomeError('lost'))
    group.apply = apply
    const endsAt = clock.now() + 10_000
    const given = session.apply(bytes('1'), { timeout: 10_000 })
    given.catch(() => {})
    await clock.advance(9)
    expect(tries()).toBe(1)
    await clock.advance(1)
    expect(tries()).toBe(2)
    await expect(run(clock, given)).rejects.toThrow(UnknownOutcomeError)
    expect(tries()).toBeLessThan(30)
    expect(clock.now()).toBeLessThanOrEqual(endsAt + 100)
    expect(clock.pending).toBe(0)
  })

  it('is not sent again by a member that has failed for good', async () => {
    for (const make of [() => new GroupFailedError('stopped'), () => new StorePoisonedError('the disk is full')]) {
      const [clock, group] = [new ManualClock(), new SumGroup()]
      const session = await once(group, { clock })
      const { apply, tries } = failing(make)
      group.apply = apply
      await expect(run(clock, session.apply(bytes('1')))).rejects.toMatchObject({ name: 'UnknownOutcomeError', cause: make() })
      expect(tries()).toBe(1)
    }
  })

  it('goes on through what is in passing, and ends at what is not', async () => {
    const [clock, group] = [new HastyClock(), new SumGroup()]
    const session = await once(group, { clock })
    const apply = group.apply.bind(group)
    const fates: Error[] = [new UnknownOutcomeError('lost'), new UnavailableError('none'), new BusyError('full'), new UnknownNamespaceError('not here')]
    group.apply = async data => {
      const fate = fates.shift()
      if (fate !== undefined) throw fate
      return await apply(data)
    }
    expect(text(await session.apply(bytes('5')))).toBe('5')
    fates.push(new UnknownOutcomeError('lost'), new NotAuthorizedError('not any more'), new TypeError('asked once more'))
    await expect(session.apply(bytes('5'))).rejects.toThrow(/may have been run \(not any more\)/)
    expect(fates.length).toBe(1)
  })

  it('that finds no room for its copy is not sent into the log without end', async () => {
    const [clock, group] = [new ManualClock(), new SumGroup({ answers: 1 })]
    const session = await once(group, { clock })
    const apply = group.apply.bind(group)
    let arrive = (): void => {}
    group.apply = async data => {
      const answer = await apply(data)
      await new Promise<void>(resolve => { arrive = resolve })
      return answer
    }
    const first = session.apply(bytes('1'))
    await clock.advance(0)
    let calls = 0
    group.apply = async data => {
      if (++calls === 1) throw new UnknownOutcomeError('lost')
      if (calls === 1_000) throw new TypeError('it goes on without a pause')
      return await apply(data)
    }
    const second = session.apply(bytes('2'))
    second.catch(() => {})
    await clock.advance(2_000)
    expect(calls).toBeLessThan(15)
    arrive()
    expect(text(await run(clock, first))).toBe('1')
    expect(text(await run(clock, second))).toBe('3')
  })

  it('is given up in the middle of a pause, and while it is sent', async () => {
    const [clock, group] = [new ManualClock(), new SumGroup()]
    const session = await once(group, { clock })
    group.lose = () => group.index < 1_000
    const stop = new AbortController()
    const given = session.apply(bytes('1'), { signal: stop.signal })
    await clock.advance(0)
    expect(await settled(given)).toBe(false)
    stop.abort()
    await expect(given).rejects.toThrow(UnknownOutcomeError)
    expect(clock.pending).toBe(0)
    group.apply = async () => { throw new DOMException('enough', 'AbortError') }
    await expect(session.apply(bytes('1'))).rejects.toThrow('enough')
  })

  it('is sent again as it was, whatever its caller writes into it meanwhile', async () => {
    const group = new SumGroup()
    const session = await once(group, { clock: new HastyClock() })
    const apply = group.apply.bind(group)
    group.apply = async () => {
      group.apply = apply
      throw new UnknownOutcomeError('lost on the way there')
    }
    const mine = bytes('5')
    const done = session.apply(mine)
    mine.set(bytes('7'))
    expect(text(await done)).toBe('5')
  })
})

describe('a session of commands', () => {
  it('does not hold up what is behind a command that was never sent', async () => {
    const group = new SumGroup({ answers: 2 })
    const session = await once(group)
    const apply = group.apply.bind(group)
    group.apply = async () => { throw new DOMException('enough', 'AbortError') }
    for (let i = 0; i < 2; i++) await expect(session.apply(bytes('1'))).rejects.toThrow('enough')
    group.apply = apply
    for (let i = 0; i < 5; i++) await session.apply(bytes('1'))
    expect(group.sum.total).toBe(5)
  })

  it('gives answers that are the caller\'s own: writing into one changes no member\'s state', async () => {
    const [group, other] = [new SumGroup(), new SumGroup()]
    const secret = new Uint8Array(16)
    const command = encodeOnce({ session: 1, secret, sequence: 1, acknowledged: 1, command: bytes('5') })
    for (const member of [group, other]) await member.apply(encodeOpen(secret))
    await other.apply(command)
    const answer = decodeOnceAnswer((await group.apply(command)).result)
    if (answer?.ok !== true) throw new Error('it was refused')
    answer.result.fill(0)
    const stateOf = async ({ machine }: SumGroup): Promise<Buffer> => Buffer.concat(await collect(machine.snapshot()))
    expect(await stateOf(group)).toEqual(await stateOf(other))
  })

  it('refuses what it cannot send, before it has a number', async () => {
    const group = new SumGroup()
    const session = await once(group)
    for (const timeout of [NaN, -1, '5' as unknown as number]) await expect(session.apply(bytes('1'), { timeout })).rejects.toThrow(InvalidArgumentError)
    await expect(session.apply('1' as unknown as Uint8Array)).rejects.toThrow(/must be a Uint8Array/)
    await expect(session.apply(bytes('1'), { timeOut: 5 } as object)).rejects.toThrow(/timeOut/)
    expect(text(await session.apply(bytes('1'), { timeout: Infinity }))).toBe('1')
    expect(group.index).toBe(2)
  })

  it('is opened after a pause, where the answer to that was lost, and not without end', async () => {
    const [clock, group] = [new ManualClock(), new SumGroup()]
    group.lose = () => group.index < 3
    const session = await run(clock, once(group, { clock }))
    expect(session.id).toBe(3)
    const { apply, tries } = failing(() => new UnknownOutcomeError('lost'))
    await expect(run(clock, once({ apply }, { clock }))).rejects.toThrow(UnknownOutcomeError)
    expect(tries()).toBe(5)
    const stop = new AbortController()
    const given = once({ apply }, { clock, signal: stop.signal })
    await clock.advance(0)
    stop.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
  })
})

describe('a machine that is no ExactlyOnce', () => {
  const answering = (answer: (data: Uint8Array) => Uint8Array): Applies => ({ apply: async data => ({ index: 1, result: answer(data) }) })

  it('is told from one that is, whatever it answers', async () => {
    const sum = new Sum()
    const machines = [answering(data => sum.apply([{ index: 1, term: 1, time: 1, data }])[0]), answering(() => new Uint8Array(0)), answering(() => new Uint8Array(1)), answering(data => data)]
    for (const machine of machines) await expect(once(machine)).rejects.toThrow(/no ExactlyOnce/)
  })

  it('is not sent a command a second time', async () => {
    const group = new SumGroup()
    const session = await once(group, { clock: new HastyClock() })
    for (const answer of [new Uint8Array(0), bytes('7'), Uint8Array.of(1, 1)]) {
      let calls = 0
      const other = answering(() => answer)
      group.apply = async data => {
        calls++
        return await other.apply(data)
      }
      await expect(session.apply(bytes('1'))).rejects.toMatchObject({ name: 'UnknownOutcomeError', outcome: 'unknown' })
      expect(calls).toBe(1)
    }
  })
})
