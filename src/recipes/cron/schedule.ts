import { Cron } from 'croner'
import { InvalidArgumentError } from '../../errors.js'

/** A schedule as it is kept: times are ms since 1970. */
export type StoredSchedule =
  | { readonly cron: string, readonly timeZone: string }
  | { readonly every: number }
  | { readonly at: number }

/** The ticks of a schedule. Every tick is after the one before: asked for the next after any moment, it names the first of the one sequence. */
export interface Ticks { next: (after: number) => number | undefined }

export const MIN_EVERY_MS = 1_000

const FIRST_GAP_MS = 60_000

/** Of an interval: `from` + n × `every`, n from 1. */
export function ticksOf (schedule: StoredSchedule, from = 0): Ticks {
  if ('at' in schedule) return { next: after => schedule.at > after ? schedule.at : undefined }
  if ('every' in schedule) {
    // Anybody who may write the row may write anything: a step of next to nothing would be counted through for ever, in one turn.
    const every = Math.max(MIN_EVERY_MS, schedule.every)
    return {
      next: after => {
        const tick = from + Math.max(1, Math.floor((after - from) / every) + 1) * every
        // In numbers that are large enough, a step is lost.
        return tick > after ? tick : undefined
      }
    }
  }
  const cron = parse(schedule.cron, schedule.timeZone)
  // A tenth of a millisecond for each, and a job that waits for its time asks the same again and again.
  let last: { readonly after: number, readonly tick: number | undefined } | undefined
  return {
    next: after => {
      if (last?.after === after) return last.tick
      const found = cron.nextRun(new Date(after))?.getTime()
      // A parser that stood still at a change of the clocks would have the same tick run for ever.
      const tick = found !== undefined && found > after ? found : undefined
      last = { after, tick }
      return tick
    }
  }
}

/**
 * The last `most` ticks in (after, until], in order. Found backwards, one by one: a job of every second must not be counted through the time in which nobody was
 * there, all in one turn.
 */
export function lastTicks (ticks: Ticks, after: number, until: number, most: number): number[] {
  // Nearly always it is still to come; and what is asked again and again is remembered.
  const first = ticks.next(after)
  if (first === undefined || !(first <= until)) return []
  const found: number[] = []
  for (let [end, gap] = [until, FIRST_GAP_MS]; found.length < most && end >= first;) {
    const tick = lastTick(ticks, first, end, gap)
    // Most schedules are even: then the first guess is right.
    gap = Math.max(1, (found.at(-1) ?? end) - tick)
    found.push(tick)
    end = tick - 1
  }
  return found.reverse()
}

/** The last tick in [first, end], of which `first` is one. */
function lastTick (ticks: Ticks, first: number, end: number, gap: number): number {
  const from = (time: number): number => ticks.next(time) ?? Infinity
  let tick = first
  for (let window = gap; tick === first && end - window > first; window *= 4) {
    const found = from(end - window)
    if (found <= end) tick = found
  }
  // A window that grew over a gap may hold a day of seconds: halved, not counted.
  for (let later = end, next = from(tick); next <= end; next = from(tick)) {
    const middle = Math.max(tick, Math.floor((tick + later) / 2))
    const found = middle === tick ? next : from(middle)
    if (found <= end) tick = found
    else later = middle
  }
  return tick
}

export function checkCron (expression: string, timeZone: string): void {
  // The parser would also take a date, for one run. There is `at` for that.
  if (!/^@\w+$/.test(expression.trim()) && ![5, 6].includes(expression.trim().split(/\s+/).length)) {
    throw new InvalidArgumentError(`"${expression}" is not a cron expression: five fields (minute, hour, day of month, month, day of week), six with seconds in front, or a name such as @daily`)
  }
  if (!isTimeZone(timeZone)) throw new InvalidArgumentError(`There is no time zone "${timeZone}": use an IANA name such as Europe/Berlin`)
  try {
    parse(expression, timeZone)
  } catch (cause) {
    throw new InvalidArgumentError(`"${expression}" is not a cron expression: ${expression.trim().startsWith('@') ? 'names are @yearly, @monthly, @weekly, @daily and @hourly' : (cause as Error).message}`, { cause })
  }
}

/** To look one up takes longer than all else about a job. */
const zones = new Set<string>()
const MAX_ZONES = 1_000

export function isTimeZone (name: string): boolean {
  if (zones.has(name)) return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch {
    return false
  }
  if (zones.size < MAX_ZONES) zones.add(name)
  return true
}

/** `no-wildcard`: a fixed time that does not exist on a day is made up for right after the gap, and one that comes twice counts once, as in Vixie cron. */
function parse (expression: string, timeZone: string): Cron {
  return new Cron(expression.trim(), { timezone: timeZone, paused: true, fixedTimeRule: 'no-wildcard' })
}
