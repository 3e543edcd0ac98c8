import { describe, expect, it } from 'vitest'
import { parseArguments, UsageError } from './arguments.js'
import { progressLine } from './progress.js'
import { failureOf, firstLine, replayLine } from './protocol.js'
import { duration, Totals } from './totals.js'

const parse = (...args: string[]) => parseArguments(args, ['core', 'nodes'], 4)

describe('the command line of the seed runner', () => {
  it('runs every suite when it is told nothing', () => {
    expect(parse()).toEqual({ mode: 'range', suites: ['core', 'nodes'], from: 1, seeds: undefined, jobs: 2, keepGoing: false })
  })

  it('takes a range, a suite and a number of workers, of which there are never more than cores', () => {
    const options = parse('--seeds', '50', '--from=7', '--suite', 'nodes', '--jobs', '64', '--keep-going')
    expect(options).toEqual({ mode: 'range', suites: ['nodes'], from: 7, seeds: 50, jobs: 4, keepGoing: true })
  })

  it('replays one seed', () => {
    expect(parse('--suite', 'core', '--seed', '123')).toMatchObject({ mode: 'replay', suites: ['core'], from: 123, seeds: 1 })
  })

  it.each([
    [['--seeds', 'many'], /--seeds is 'many'/],
    [['--seeds', '0'], /--seeds is '0'/],
    [['--from', '-1'], /--from/],
    [['--from', '1.5'], /--from is '1.5'/],
    [['--jobs', '0'], /--jobs is '0'/],
    [['--from', '4294967296'], /4294967295/],
    [['--suite', 'cores'], /no suite 'cores': choose from core, nodes/],
    [['--seed', '1', '--seeds', '2'], /--seed runs one seed/],
    [['--verbose'], /--verbose/],
    [['12'], /12/]
  ])('refuses %j', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError)
    expect(() => parse(...args)).toThrow(message)
  })
})

describe('what the seed runner tells', () => {
  it('a failure by the class of what caused it, and the line that replays it', () => {
    const cause = new TypeError('broken promise')
    const failure = failureOf('core', 12, new Error('broken promise\n\nthe trace', { cause }))
    expect(failure).toMatchObject({ suite: 'core', seed: 12, kind: 'TypeError' })
    expect(firstLine(failure.message)).toBe('broken promise')
    expect(replayLine(failure)).toBe('npm run test:sim -- --suite core --seed 12')
  })

  it('progress, before and after the first seed', () => {
    const totals = new Totals()
    expect(progressLine('core', 10, totals)).toMatch(/^core: 0 of 10 seeds, .*unknown to go$/)
    totals.passed({ simulatedMs: 3_600_000, acknowledged: 2, reads: 3 })
    totals.failed(failureOf('core', 2, new Error('no')))
    expect(totals.operations).toBe(5)
    expect(progressLine('core', 10, totals)).toMatch(/^core: 2 of 10 seeds, 1 failed, .* 1.00 simulated hours/)
  })

  it('durations in the unit that fits', () => {
    expect([400, 59_000, 61_000, 7_320_000].map(duration)).toEqual(['0 s', '59 s', '1 min 1 s', '2 h 2 min'])
  })
})
