import { describe, expect, it, vi } from 'vitest'
import { bounded, Deadlines, pause } from '../../src/service/deadlines.js'
import { ManualClock, settle } from './support/manual-clock.js'

describe('Deadlines', () => {
  it('fire in time, never early, with one timer for all', async () => {
    const clock = new ManualClock()
    const deadlines = new Deadlines(clock)
    const fired: string[] = []
    deadlines.add(300, () => fired.push('300'))
    deadlines.add(100, () => fired.push('100'))
    deadlines.add(101, () => fired.push('101'))
    expect(clock.pending).toBe(1)
    await clock.advance(99)
    expect(fired).toEqual([])
    await clock.advance(51)
    expect(fired).toEqual(['100', '101'])
    await clock.advance(149)
    expect(fired).toEqual(['100', '101'])
    await clock.advance(51)
    expect(fired).toEqual(['100', '101', '300'])
    expect(clock.pending).toBe(0)
  })

  it('do not fire once cancelled, nor after close', async () => {
    const clock = new ManualClock()
    const deadlines = new Deadlines(clock)
    const fire = vi.fn()
    deadlines.add(100, fire).cancel()
    deadlines.add(200, fire)
    deadlines.close()
    await clock.advance(1_000)
    expect(fire).not.toHaveBeenCalled()
    expect(clock.pending).toBe(0)
  })

  it('may be added from within one that fires', async () => {
    const clock = new ManualClock()
    const deadlines = new Deadlines(clock)
    const fire = vi.fn()
    deadlines.add(100, () => { deadlines.add(100, fire) })
    await clock.advance(151)
    expect(fire).not.toHaveBeenCalled()
    await clock.advance(150)
    expect(fire).toHaveBeenCalledTimes(1)
  })
})

describe('bounded', () => {
  const setup = (): { clock: ManualClock, deadlines: Deadlines } => {
    const clock = new ManualClock()
    return { clock, deadlines: new Deadlines(clock) }
  }

  it('passes on what the promise settles with', async () => {
    const { deadlines } = setup()
    const late = (): Error => new Error('late')
    await expect(bounded(Promise.resolve(1), { deadlines, ms: 10, late })).resolves.toBe(1)
    await expect(bounded(Promise.reject(new Error('no')), { deadlines, ms: 10, late })).rejects.toThrow('no')
  })

  it('rejects when time is up', async () => {
    const { clock, deadlines } = setup()
    const result = bounded(new Promise(() => {}), { deadlines, ms: 10, late: () => new Error('late') })
    const seen = expect(result).rejects.toThrow('late')
    await clock.advance(100)
    await seen
  })

  it('rejects when the caller gives up, and then leaves no listener behind', async () => {
    const { deadlines } = setup()
    const controller = new AbortController()
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    const result = bounded(new Promise(() => {}), { deadlines, ms: 10, signal: controller.signal, late: () => new Error('late'), aborted: reason => new Error(`gave up: ${String(reason)}`) })
    controller.abort('bored')
    await expect(result).rejects.toThrow('gave up: bored')
    expect(removed).toHaveBeenCalled()
    await expect(bounded(new Promise(() => {}), { deadlines, ms: 10, signal: controller.signal, late: () => new Error('late') })).rejects.toBe('bored')
  })
})

describe('pause', () => {
  it('ends after its time, or with the signal', async () => {
    const clock = new ManualClock()
    const done = vi.fn()
    void pause(clock, 50).then(done)
    await clock.advance(49)
    expect(done).not.toHaveBeenCalled()
    await clock.advance(1)
    await settle()
    expect(done).toHaveBeenCalled()
    const controller = new AbortController()
    const aborted = pause(clock, 50, controller.signal)
    controller.abort(new Error('stop'))
    await expect(aborted).rejects.toThrow('stop')
    expect(clock.pending).toBe(0)
    await expect(pause(clock, 50, controller.signal)).rejects.toThrow('stop')
  })
})
