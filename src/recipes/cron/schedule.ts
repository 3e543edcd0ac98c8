import { Cron } from 'croner'
import { InvalidArgumentError } from '../../errors.js'

/** A schedule as it is kept: times are ms since 1970. */
export type StoredSchedule =
  | { readonly cron: string, readonly timeZone: string }
  /** Ticks at `from` + n × `every`, n from 1. */
  | { readonly every: number, readonly from: number }
  | { readonly at: number }

/** The ticks of a schedule. Every tick is after the one before: asked for the next after any moment, it names the first of the one sequence. */
export interface Ticks { next: (after: number) => number | undefined }

export const MIN_EVERY_MS = 1_000

const FIRST_WINDOW_MS = 60_000

export function ticksOf (schedule: StoredSchedule): Ticks {
  if ('at' in schedule) return { next: after => schedule.at > after ? schedule.at : undefined }
  if ('every' in schedule) {
    const { from } = schedule
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
 * The last `most` ticks in (after, until], in order. It looks back from `until` in windows that grow: a job of every second must not be counted
 * through the year in which nobody was there.
 */
export function lastTicks (ticks: Ticks, after: number, until: number, most: number): number[] {
  for (let window = FIRST_WINDOW_MS; ; window *= 4) {
    const begin = Math.max(after, until - window)
    const found: number[] = []
    for (let tick = ticks.next(begin); tick !== undefined && tick <= until; tick = ticks.next(tick)) found.push(tick)
    // Not `===`: `after` comes from a row, and what is no number is equal to nothing.
    if (found.length >= most || !(begin > after)) return found.slice(-most)
  }
}

export function checkCron (expression: string, timeZone: string): void {
  // The parser would also take a date, for one run. There is `at` for that.
  if (!/^@\w+$/.test(expression.trim()) && ![5, 6].includes(expression.trim().split(/\s+/).length)) {
    throw new InvalidArgumentError(`"${expression}" is not a cron expression: five fields (minute, hour, day of month, month, day of week), six with seconds in front, or a name such as @daily`)
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch (cause) {
    throw new InvalidArgumentError(`There is no time zone "${timeZone}": use an IANA name such as Europe/Berlin`, { cause })
  }
  try {
    parse(expression, timeZone)
  } catch (cause) {
    throw new InvalidArgumentError(`"${expression}" is not a cron expression: ${(cause as Error).message}`, { cause })
  }
}

/** `no-wildcard`: a fixed time that does not exist on a day is made up for right after the gap, and one that comes twice counts once, as in Vixie cron. */
function parse (expression: string, timeZone: string): Cron {
  return new Cron(expression.trim(), { timezone: timeZone, paused: true, fixedTimeRule: 'no-wildcard' })
}
