import { describe, expect, it } from 'vitest'
import { trueHistory, type Load } from './arbitraries.js'
import { checkLinearizable } from './check.js'
import type { Operation } from './history.js'

const usual: Load = { clients: 6, operations: 300, keys: 4, unknown: 0.05, deletes: 0.1, batches: 0.1 }

function configurations (operations: readonly Operation[]): number {
  const verdict = checkLinearizable(operations)
  if (verdict.ok !== true) throw new Error(`a true history: ${verdict.ok}`)
  return verdict.configurations
}

describe('the search looks at about one configuration for each operation', () => {
  it.each<[string, Partial<Load>]>([
    ['of a simulated run', {}], ['of one key and many clients', { clients: 40, keys: 1 }], ['of batches', { batches: 0.5 }],
    ['with half of the outcomes unknown', { unknown: 0.5, batches: 0 }], ['with many deletes of unknown outcome', { unknown: 0.4, deletes: 0.6, batches: 0 }], ['with few values', { values: 3, batches: 0 }]
  ])('%s', (_, part) => {
    const load = { ...usual, ...part }
    const all = Array.from({ length: 30 }, (_, seed) => configurations(trueHistory(seed, load)))
    expect(all.reduce((sum, n) => sum + n)).toBeLessThan(30 * 2 * load.operations)
  })

  it('of a long run', () => {
    const load = { ...usual, clients: 20, operations: 20_000, unknown: 0.02 }
    expect(configurations(trueHistory(1, load))).toBeLessThan(2 * load.operations)
  })
})

it('unknown writes that nobody read cost nothing', () => {
  const unread = Array.from({ length: 2_000 }, (_, i): Operation => ({ client: `u${i}`, call: i, return: Infinity, action: { type: 'set', key: 'x', value: `unread ${i}` } }))
  const read = Array.from({ length: 100 }, (_, i): Operation[] => [
    { client: 'w', call: 20 * i, return: 20 * i + 1, action: { type: 'set', key: 'x', value: `${i}` } },
    { client: 'r', call: 20 * i + 2, return: 20 * i + 3, action: { type: 'get', key: 'x', value: `${i}` } }
  ]).flat()
  expect(configurations([...unread, ...read])).toBeLessThanOrEqual(200)
})

it('a history that is wrong is refused without trying everything', () => {
  const operations = trueHistory(3, usual)
  const read = operations.findLastIndex(({ action }) => action.type === 'get' && action.value !== undefined)
  const wrong = operations.with(read, { ...operations[read], action: { type: 'get', key: 'k1', value: 'never written' } })
  expect(checkLinearizable(wrong, { maxConfigurations: 2 * usual.operations })).toMatchObject({ ok: false, key: 'k1' })
})

it('gives up when it has looked at as many as it may', () => {
  expect(checkLinearizable(trueHistory(1, usual), { maxConfigurations: 3 })).toEqual({ ok: 'gave up', key: expect.any(String), configurations: 4 })
})
