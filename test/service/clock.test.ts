import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { messageOf } from '../../src/errors.js'

const DAY_MS = 24 * 60 * 60 * 1_000

describe('the timers of the system', () => {
  beforeEach(() => { vi.useFakeTimers() })
  afterEach(() => { vi.useRealTimers() })

  it.each([1, 2 ** 31 - 1, 2 ** 31, 60 * DAY_MS])('fire after %d ms, once, and not before', ms => {
    let fired = 0
    systemClock.setTimer(ms, () => { fired++ })
    vi.advanceTimersByTime(ms - 1)
    expect(fired).toBe(0)
    vi.advanceTimersByTime(1)
    expect(fired).toBe(1)
    vi.advanceTimersByTime(60 * DAY_MS)
    expect(fired).toBe(1)
  })

  it('are cancelled at any time, also beyond what Node waits for at once', () => {
    let fired = 0
    const timer = systemClock.setTimer(60 * DAY_MS, () => { fired++ })
    vi.advanceTimersByTime(40 * DAY_MS)
    timer.cancel()
    vi.advanceTimersByTime(40 * DAY_MS)
    expect(fired).toBe(0)
  })
})

it('whatever is thrown can be told of', () => {
  expect(messageOf(new TypeError('no'))).toBe('no')
  expect(messageOf('text')).toBe('text')
  expect(messageOf(undefined)).toBe('undefined')
  expect(messageOf(Object.assign(new Error('x'), { message: 404 }))).toBe('Error: 404')
  expect(messageOf(Object.create(null))).toBe('something that cannot be shown was thrown')
})
