import { beforeEach, describe, expect, it } from 'vitest'
import { HistoryKeeper } from '../../src/service/history-keeper.js'
import { ManualClock } from './support/manual-clock.js'
import type { HistoryPolicy } from '../../src/service/history-keeper.js'

let clock: ManualClock
let state: { revision: number, compacted: number, history: { bytes: number, beyond: (most: number) => number } }
let asked: number[]
let failing: boolean

function keeper (policy: Partial<HistoryPolicy>): HistoryKeeper {
  const compact = async (revision: number): Promise<void> => {
    asked.push(revision)
    if (failing) throw new Error('no')
    state.compacted = revision
  }
  return new HistoryKeeper({ state, clock, compact, log: () => {}, policy: { revisions: 1e9, age: Infinity, bytes: Infinity, ...policy } })
}

beforeEach(() => {
  clock = new ManualClock()
  state = { revision: 0, compacted: 0, history: { bytes: 0, beyond: () => 0 } }
  asked = []
  failing = false
})

describe('history', () => {
  it('is kept by its revisions, with some slack, by the one that leads', async () => {
    const made = keeper({ revisions: 100 })
    state.revision = 1_000
    await clock.advance(60_000)
    expect(asked).toEqual([])
    made.update(true)
    await clock.advance(60_000)
    expect(asked).toEqual([900])
    state.revision = 1_009
    await clock.advance(60_000)
    state.revision = 1_011
    await clock.advance(60_000)
    expect(asked).toEqual([900, 911])
    made.update(false)
    state.revision = 5_000
    await clock.advance(60_000)
    expect([asked.length, clock.pending]).toEqual([2, 0])
  })

  it('goes once it is older than it should be, as far as this leader has seen', async () => {
    const made = keeper({ age: 30_000 })
    made.update(true)
    state.revision = 10
    await clock.advance(10_000)
    state.revision = 20
    await clock.advance(29_000)
    expect(asked).toEqual([])
    await clock.advance(2_000)
    expect(asked).toEqual([10])
    await clock.advance(10_000)
    expect(asked).toEqual([10, 20])
    for (let i = 0; i < 2_000; i++) {
      state.revision++
      await clock.advance(10_000)
    }
    expect(state.revision - state.compacted).toBeLessThanOrEqual(5)
  })

  it.each([1, 3, 24])('goes by its age also where that is %d hours', async hours => {
    const [age, look] = [hours * 3_600_000, 10_000]
    const made = keeper({ age })
    made.update(true)
    const begun = clock.now()
    // One revision for each look, so that it says its own age.
    const oldest = (): number => clock.now() - begun - state.compacted * look
    for (let i = 0; i < 2 * age / look; i++) {
      state.revision++
      await clock.advance(look)
      expect(oldest()).toBeLessThan(1.01 * age + 2 * look)
    }
    expect(oldest()).toBeGreaterThanOrEqual(age)
  })

  it('goes at once as far as it is too large', async () => {
    const [each, perLook, bound] = [1 << 20, 100, 64 << 20]
    const made = keeper({ bytes: bound })
    const kept = (): number => (state.revision - state.compacted) * each
    state.history = { get bytes () { return kept() }, beyond: most => state.compacted + Math.ceil((kept() - most) / each) }
    made.update(true)
    for (let i = 0; i < 20; i++) {
      state.revision += perLook
      await clock.advance(10_000)
      expect(kept()).toBeLessThanOrEqual(1.1 * bound)
    }
    expect(kept()).toBe(bound)
  })

  it('stays while it is hardly too large', async () => {
    const made = keeper({ bytes: 1_000 })
    state.revision = 1_000
    state.history = { bytes: 1_050, beyond: () => 500 }
    made.update(true)
    await clock.advance(30_000)
    expect(asked).toEqual([])
    state.history.bytes = 1_101
    await clock.advance(10_000)
    expect(asked).toEqual([500])
  })

  it('is looked at again where it could not be compacted', async () => {
    const made = keeper({ revisions: 100 })
    failing = true
    state.revision = 1_000
    made.update(true)
    await clock.advance(20_000)
    expect(asked).toEqual([900, 900])
    made.close()
    expect(clock.pending).toBe(0)
  })
})
