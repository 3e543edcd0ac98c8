import { describe, expect, it } from 'vitest'
import { emptyConfiguration, makeConfiguration } from '../../src/raft/configuration.js'
import { ConfigurationHistory } from '../../src/raft/configuration-history.js'

const [c1, c5, c9] = [['a'], ['a', 'b'], ['a', 'b', 'c']].map(voters => makeConfiguration(voters))
const history = (): ConfigurationHistory =>
  new ConfigurationHistory([{ index: 1, configuration: c1 }, { index: 5, configuration: c5 }, { index: 9, configuration: c9 }])

describe('the history of configurations', () => {
  it('puts the last one in force, committed or not', () => {
    expect(history().effective).toEqual({ index: 9, configuration: c9 })
    expect(new ConfigurationHistory([]).effective).toEqual({ index: 0, configuration: emptyConfiguration })
  })

  it('knows which one an index stands under', () => {
    expect([0, 1, 4, 5, 8, 9, 100].map(i => history().at(i).index)).toEqual([0, 1, 1, 5, 5, 9, 9])
    expect(history().from(6).map(c => c.index)).toEqual([5, 9])
  })

  it('brings the one before back when the log is cut', () => {
    const h = history()
    h.truncate(9)
    expect(h.effective.index).toBe(5)
    h.truncate(2)
    expect(h.effective).toEqual({ index: 1, configuration: c1 })
  })

  it('keeps the one in force when what set it is compacted away', () => {
    const h = history()
    h.compact(6)
    expect(h.at(6)).toEqual({ index: 5, configuration: c5 })
    expect(h.at(9).index).toBe(9)
    h.compact(100)
    expect(h.effective).toEqual({ index: 9, configuration: c9 })
  })

  it('is that of the snapshot, and of nothing else, after an install', () => {
    const h = history()
    h.reset(20, c1)
    expect(h.effective).toEqual({ index: 20, configuration: c1 })
    expect(h.at(19).index).toBe(0)
  })

  it('refuses to go back', () => {
    expect(() => history().append(9, c1)).toThrow('configuration at index 9')
  })
})
