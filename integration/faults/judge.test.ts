import { describe, expect, it } from 'vitest'
import { History } from '../../test/linearizability/history.js'
import { Random } from '../../test/simulation/random.js'
import { parseOptions, UsageError } from './options.js'
import { describeFault, episodes, KINDS, SHAPES } from './plan.js'
import { unaccounted, verify } from './verify.js'
import type { State } from './node-api.js'
import type { Episode } from './plan.js'

/** Nodes that hold these states. */
function nodesHolding (states: ReadonlyArray<Record<string, string>>): { violations: string[], world: Parameters<typeof verify>[0] } {
  const violations: string[] = []
  const members = states.map((rows, i) => ({
    name: 'abc'.charAt(i),
    child: { call: async (method: string) => method === 'state' ? { applied: 7, rows: Object.entries(rows) } satisfies State : 7 }
  }))
  return { violations, world: { members, violation: (text: string) => { violations.push(text) } } as unknown as Parameters<typeof verify>[0] }
}

describe('the judgement', () => {
  const told = (): History => {
    const history = new History()
    history.begin('1', { type: 'set', key: 'x', value: 'old' }).ok()
    history.begin('1', { type: 'set', key: 'x', value: 'new' }).ok()
    history.begin('1', { type: 'set', key: 'y', value: 'perhaps' }).unknown()
    history.begin('1', { type: 'set', key: 'y', value: 'never' }).refused()
    return history
  }

  it('accepts what may be: the last write, and an unknown one on all nodes or on none', async () => {
    for (const state of [{ x: 'new' }, { x: 'new', y: 'perhaps' }] as Array<Record<string, string>>) {
      const { world, violations } = nodesHolding([state, state, state])
      expect((await verify(world, told())).checked).toBeGreaterThan(0)
      expect(violations).toEqual([])
    }
  })

  it.each([
    ['a write that one node lost', [{ x: 'new' }, { x: 'new' }, { x: 'old' }], /c: x is "old", and can only be "new"/],
    ['a deletion that nobody made', [{}, {}, {}], /x is absent/],
    ['a refused write that happened', [{ x: 'new', y: 'never' }, { x: 'new', y: 'never' }, { x: 'new', y: 'never' }], /y is "never"/],
    ['a key from nowhere', [{ x: 'new', z: 'z' }, { x: 'new' }, { x: 'new' }], /a holds z/],
    ['nodes that differ', [{ x: 'new', y: 'perhaps' }, { x: 'new' }, { x: 'new', y: 'perhaps' }], /not linearizable \(y\)|differ/]
  ])('finds %s', async (_what, states, expected) => {
    const { world, violations } = nodesHolding(states as Array<Record<string, string>>)
    await verify(world, told())
    expect(violations.join('\n')).toMatch(expected)
  })

  it('finds a read that went back in time, on nodes that are all well', async () => {
    const history = told()
    history.begin('2', { type: 'get', key: 'x' }).ok('old')
    const { world, violations } = nodesHolding([{ x: 'new' }, { x: 'new' }, { x: 'new' }])
    await verify(world, history)
    expect(violations.join('\n')).toMatch(/not linearizable \(x\)/)
  })

  it('lets concurrent writes end either way', () => {
    const at = (call: number, end: number, value: string) => ({ client: 'c', call, return: end, action: { type: 'set', key: 'x', value } } as const)
    const operations = [at(1, 2, 'first'), at(3, 6, 'one'), at(4, 5, 'other')]
    expect(['one', 'other'].flatMap(value => unaccounted(operations, new Map([['x', value]])))).toEqual([])
    expect(unaccounted(operations, new Map([['x', 'first']]))).toHaveLength(1)
  })
})

describe('the plan', () => {
  const plan = (seed: number, count: number): Episode[] => {
    const drawn = episodes(new Random(seed), { nodes: 5, kinds: KINDS, shapes: SHAPES })
    return Array.from({ length: count }, () => drawn.next().value)
  }

  it('is the same for the same seed, and another for another', () => {
    expect(plan(7, 50)).toEqual(plan(7, 50))
    expect(plan(7, 50)).not.toEqual(plan(8, 50))
  })

  it('has every kind at first, then faults that overlap; and no fault takes more nodes than there are', () => {
    const all = plan(1, 300)
    expect(all.slice(0, KINDS.length).map(({ faults }) => faults[0].fault.kind).sort()).toEqual([...KINDS].sort())
    expect(all.some(({ faults }) => faults.length > 1)).toBe(true)
    for (const { fault } of all.flatMap(({ faults }) => faults)) {
      expect(fault.victims.count).toBeLessThanOrEqual(5)
      expect([...fault.victims.order].sort()).toEqual([0, 1, 2, 3, 4])
      expect(describeFault(fault)).not.toMatch(/undefined|NaN/)
    }
  })
})

describe('the options of a run', () => {
  it('are read', () => {
    expect(parseOptions(['--minutes', '0.5', '--seed', '9', '--nodes', '5', '--only', 'pause,kill', '--network', 'proxy'])).toEqual({ ms: 30_000, seed: 9, nodes: 5, kinds: ['kill', 'pause'], network: 'proxy' })
    expect(parseOptions([])).toMatchObject({ ms: 60_000, nodes: 3, kinds: KINDS, network: 'auto' })
    expect(parseOptions(['--help'])).toBeUndefined()
  })

  it.each([['--minutes', '0'], ['--minutes', 'x'], ['--seed', '1.5'], ['--seed', ''], ['--nodes', '4'], ['--only', 'flood'], ['--only', ''], ['--network', 'wifi'], ['--what'], ['extra']])('%s %s is refused', (...argv) => {
    expect(() => parseOptions(argv.filter(arg => arg !== undefined))).toThrow(UsageError)
  })
})
