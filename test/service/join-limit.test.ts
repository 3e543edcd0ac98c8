import { describe, expect, it } from 'vitest'
import { BusyError } from '../../src/errors.js'
import { JoinLimit } from '../../src/service/join-limit.js'
import { ManualClock } from '../formation/clock.js'

describe('requests to join', () => {
  it('are bounded for each peer, and only for that one, and only for a minute', async () => {
    const clock = new ManualClock()
    const limit = new JoinLimit(clock, 3)
    for (let i = 0; i < 3; i++) limit.enter('a')
    expect(() => { limit.enter('a') }).toThrow(BusyError)
    limit.enter('b')
    await clock.advance(59_000)
    expect(() => { limit.enter('a') }).toThrow(/again in 1 s/)
    await clock.advance(1_000)
    limit.enter('a')
    expect(limit.refused).toBe(2)
  })

  it('are remembered of a bounded number of peers, the latest', () => {
    const limit = new JoinLimit(new ManualClock(), 1)
    for (let i = 0; i < 5_000; i++) limit.enter(`peer ${i}`)
    limit.enter('peer 0')
    expect(() => { limit.enter('peer 4999') }).toThrow(BusyError)
  })
})
