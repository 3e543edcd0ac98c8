import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../../src/errors.js'
import { checkCron, lastTicks, ticksOf } from '../../../src/recipes/cron/schedule.js'
import type { StoredSchedule, Ticks } from '../../../src/recipes/cron/schedule.js'

const cron = (expression: string, timeZone = 'UTC'): Ticks => ticksOf({ cron: expression, timeZone })

function take (ticks: Ticks, from: string, count: number): string[] {
  const found: string[] = []
  for (let tick = ticks.next(Date.parse(from)); tick !== undefined && found.length < count; tick = ticks.next(tick)) found.push(new Date(tick).toISOString().replace('.000Z', 'Z'))
  return found
}

/** When clocks change there: the hour before and after it is where schedulers go wrong. */
const CHANGES: Array<[timeZone: string, at: string]> = [
  ['America/New_York', '2025-03-09T07:00:00Z'], ['America/New_York', '2025-11-02T06:00:00Z'], ['Europe/Berlin', '2025-03-30T01:00:00Z'], ['Europe/Berlin', '2025-10-26T01:00:00Z'],
  ['Australia/Lord_Howe', '2025-04-05T15:00:00Z'], ['Australia/Lord_Howe', '2025-10-04T15:30:00Z'], ['America/Santiago', '2025-09-07T04:00:00Z'], ['Africa/Cairo', '2025-04-24T22:00:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z'], ['Asia/Kathmandu', '2025-03-30T01:00:00Z']
]
const H = 3_600_000

describe('cron expressions', () => {
  it('have seconds, names and time zones', () => {
    expect(take(cron('*/20 * * * * *'), '2025-09-06T05:00:00.5Z', 3)).toEqual(['2025-09-06T05:00:20Z', '2025-09-06T05:00:40Z', '2025-09-06T05:01:00Z'])
    expect(take(cron('*/5 * * * *'), '2025-09-06T05:00:00Z', 2)).toEqual(['2025-09-06T05:05:00Z', '2025-09-06T05:10:00Z'])
    expect(take(cron('@daily', 'Asia/Kathmandu'), '2025-09-06T05:00:00Z', 2)).toEqual(['2025-09-06T18:15:00Z', '2025-09-07T18:15:00Z'])
    expect(take(cron('0 0 29 2 *'), '2025-09-06T05:00:00Z', 2)).toEqual(['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z'])
  })

  it('a fixed time that a day does not have is made up for after the gap; steps in it are not', () => {
    expect(take(cron('30 2 * * *', 'America/New_York'), '2025-03-08T12:00:00Z', 2)).toEqual(['2025-03-09T07:00:00Z', '2025-03-10T06:30:00Z'])
    expect(take(cron('0 0 * * *', 'America/Santiago'), '2025-09-06T12:00:00Z', 2)).toEqual(['2025-09-07T04:00:00Z', '2025-09-08T03:00:00Z'])
    expect(take(cron('*/30 2 * * *', 'America/New_York'), '2025-03-08T12:00:00Z', 1)).toEqual(['2025-03-10T06:00:00Z'])
  })

  it('a fixed time that a day has twice comes once; what comes each hour comes in both', () => {
    expect(take(cron('30 1 * * *', 'America/New_York'), '2025-11-01T12:00:00Z', 2)).toEqual(['2025-11-02T05:30:00Z', '2025-11-03T06:30:00Z'])
    expect(take(cron('30 1 * * *', 'America/New_York'), '2025-11-02T05:45:00Z', 1)).toEqual(['2025-11-03T06:30:00Z'])
    expect(take(cron('0 * * * *', 'America/New_York'), '2025-11-02T04:30:00Z', 3)).toEqual(['2025-11-02T05:00:00Z', '2025-11-02T06:00:00Z', '2025-11-02T07:00:00Z'])
  })

  it('are one rising sequence, from wherever it is asked for, that says what local clocks say', () => {
    const minutes = ['*', '0', '30', '*/15', '5', '*/20', '10,40']
    const hours = ['*', '0', '1', '2', '3', '*/2', '1-3', '23', '0,2']
    fc.assert(fc.property(fc.constantFrom(...minutes), fc.constantFrom(...hours), fc.constantFrom(...CHANGES), fc.integer({ min: -30 * H, max: 30 * H }), (minute, hour, [timeZone, at], offset) => {
      const ticks = cron(`${minute} ${hour} * * *`, timeZone)
      const change = Date.parse(at)
      const all: number[] = []
      for (let tick = ticks.next(change - 50 * H); tick !== undefined && tick < change + 60 * H; tick = ticks.next(tick)) all.push(tick)
      expect(all).toEqual([...new Set(all)].sort((a, b) => a - b))
      expect(ticks.next(change + offset)).toBe(all.find(tick => tick > change + offset))
      const local = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
      const matches = (tick: number): boolean => {
        const [h = '', m = ''] = local.format(tick).split(':')
        return has(hour, Number(h)) && has(minute, Number(m))
      }
      // Only what a gap swallowed may come at another time, and that is the end of the gap.
      expect(all.filter(tick => !matches(tick) && tick !== change)).toEqual([])
      // And of what is due at the hours far from the change, nothing is left out.
      const known = new Set(all)
      const leftOut: number[] = []
      for (let time = change - 49 * H; time < change + 59 * H; time += 5 * 60_000) {
        if (Math.abs(time - change) > 4 * H && !known.has(time) && matches(time)) leftOut.push(time)
      }
      expect(leftOut).toEqual([])
    }), { numRuns: 40 })
  })

  it('are refused where they make no sense', () => {
    for (const expression of ['', '* * * *', '99 * * * *', '* * * * * * *', '2025-01-01T00:00:00', 'every day', '@sometimes']) expect(() => { checkCron(expression, 'UTC') }, expression).toThrow(InvalidArgumentError)
    expect(() => { checkCron('@sometimes', 'UTC') }).toThrow(/names are @yearly/)
    for (const name of ['@yearly', '@monthly', '@weekly', '@daily', '@hourly']) checkCron(name, 'UTC')
    expect(() => { checkCron('* * * * *', 'Mars/Phobos') }).toThrow(/time zone "Mars\/Phobos"/)
    for (const expression of ['0 0 * * MON', '*/5 * * * * *', '@hourly', '0 0 L * *']) checkCron(expression, 'Europe/Berlin')
  })
})

/** The fields that the property draws, read another way than the parser does. */
function has (field: string, value: number): boolean {
  if (field === '*') return true
  if (field.startsWith('*/')) return value % Number(field.slice(2)) === 0
  const [low, high] = field.split('-').map(Number)
  if (high !== undefined) return low !== undefined && value >= low && value <= high
  return field.split(',').map(Number).includes(value)
}

describe('intervals and single times', () => {
  it('an interval counts from its beginning', () => {
    const ticks = ticksOf({ every: 1_500 }, 10_000)
    expect([0, 10_000, 11_499, 11_500, 100_000].map(after => ticks.next(after))).toEqual([11_500, 11_500, 11_500, 13_000, 101_500])
  })

  it('a single time comes once', () => {
    const ticks = ticksOf({ at: 5_000 })
    expect([ticks.next(0), ticks.next(4_999), ticks.next(5_000), ticks.next(6_000)]).toEqual([5_000, 5_000, undefined, undefined])
  })
})

describe('the last ticks', () => {
  const schedules: StoredSchedule[] = [{ every: 1_000 }, { every: 61_000 }, { at: 90_000 }, { cron: '*/7 * * * * *', timeZone: 'UTC' }, { cron: '*/11 20-21 * * * *', timeZone: 'UTC' }, { cron: '*/13 * * * *', timeZone: 'Europe/Berlin' }]

  it('are those of counting all', () => {
    fc.assert(fc.property(fc.constantFrom(...schedules), fc.integer({ min: 0, max: 4_000_000 }), fc.integer({ min: 0, max: 2_000_000 }), fc.integer({ min: 1, max: 12 }), (schedule, after, length, most) => {
      const ticks = ticksOf(schedule)
      const all: number[] = []
      for (let tick = ticks.next(after); tick !== undefined && tick <= after + length; tick = ticks.next(tick)) all.push(tick)
      expect(lastTicks(ticks, after, after + length, most)).toEqual(all.slice(-most))
    }), { numRuns: 60 })
  })

  /** The moments that the schedule was asked about. */
  const counted = (ticks: Ticks): { asked: number[], ticks: Ticks } => {
    const asked: number[] = []
    return { asked, ticks: { next: after => { asked.push(after); return ticks.next(after) } } }
  }

  it('of a year of seconds are found without counting them', () => {
    const { asked, ticks } = counted(ticksOf({ every: 1_000 }))
    const year = 365 * 24 * H
    expect(lastTicks(ticks, 0, year, 3)).toEqual([year - 2_000, year - 1_000, year])
    expect(asked.length).toBeLessThan(50)
  })

  it.each([
    ['* * 9-17 * * *', '2026-06-02T23:00:00Z', '2026-06-02T17:59:59Z'],
    ['* * * * * MON', '2026-06-14T12:00:00Z', '2026-06-08T23:59:59Z'],
    ['* 9-17 * * MON-FRI', '2026-06-14T12:00:00Z', '2026-06-12T17:59:00Z']
  ])('of %s are found long after the last, without counting those before it', (expression, until, last) => {
    const { asked, ticks } = counted(cron(expression))
    const found = lastTicks(ticks, Date.parse('2026-06-01T12:00:00Z'), Date.parse(until), 100)
    expect(new Date(found.at(-1) ?? 0).toISOString()).toBe(last.replace('Z', '.000Z'))
    expect(found).toHaveLength(100)
    expect(asked.length).toBeLessThan(500)
  })

  it('are asked for once while none is due: the same question, whose answer is remembered', () => {
    const { asked, ticks } = counted(cron('0 0 3 * * *', 'Europe/Berlin'))
    const after = Date.parse('2026-06-01T01:00:00Z')
    for (let hours = 1; hours < 24; hours++) expect(lastTicks(ticks, after, after + hours * H, 100)).toEqual([])
    expect(new Set(asked)).toEqual(new Set([after]))
  })

  it.each<[after: unknown, schedule: unknown, from?: unknown]>([
    [undefined, { every: 1_000 }], [null, { every: 1_000 }], ['x', { at: 5 }], [-8.64e15, { every: 1e-6 }], [0, { every: -1_000 }], [0, { every: 0 }],
    [0, { every: 1_000 }, -1e20], [0, { every: 'x' }, 'y'], [{}, { at: {} }]
  ])('end, whatever stands in the rows (%#)', (after, schedule, from) => {
    expect(lastTicks(ticksOf(schedule as StoredSchedule, from as number | undefined), after as number, 1.7e12, 100).length).toBeLessThanOrEqual(100)
  })
})
